/* SPDX-License-Identifier: Apache-2.0
 *
 * What the tests of signing in lanes share: the key of RFC 6979, chosen numbers, OpenSSL
 * beside us, and tables that are spoilt. */
#ifndef TEST_CRYPTO_QUICK_SUPPORT_H
#define TEST_CRYPTO_QUICK_SUPPORT_H

#include "support.h"

#include "base/random.h"
#include "crypto/es256_quick.h"
#include "crypto/p256_order.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>
#include <sys/mman.h>

/* RFC 6979, A.2.5 */
static const char D_HEX[] =
    "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721";
static const char POINT_HEX[] =
    "60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6"
    "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299";

static struct {
    struct es256_quick *quick;
    struct es256_key *key;
    uint8_t random[ES256_QUICK_RANDOM_BYTES];
} all;

static struct es256_quick *
make_quick(const char *point_hex, enum status wanted)
{
    struct es256_quick *quick = NULL;
    uint8_t d[32], point[PUBLIC_KEY_BYTES];

    from_hex(D_HEX, d, sizeof(d));
    from_hex(point_hex, point, sizeof(point));
    assert_int_equal(es256_quick_new(d, point, &quick), wanted);
    return quick;
}

static int
open_all(void **state)
{
    uint8_t point[PUBLIC_KEY_BYTES];

    (void)state;
    if (!es256_lanes_are_there())
        return 0;
    all.quick = make_quick(POINT_HEX, STATUS_OK);
    from_hex(POINT_HEX, point, sizeof(point));
    assert_int_equal(es256_key_new(point, &all.key), STATUS_OK);
    random_fill(all.random, sizeof(all.random));
    return 0;
}

static int
close_all(void **state)
{
    (void)state;
    es256_quick_free(&all.quick);
    es256_quick_free(&all.quick); /* NULL is accepted */
    es256_key_free(&all.key);
    return 0;
}

static void
read_number(const char *hex, uint64_t out[4])
{
    uint8_t bytes[32];

    assert_int_equal(from_hex(hex, bytes, sizeof(bytes)), 32);
    order_read(bytes, out);
}

static bool
fits(const uint8_t digest[ES256_DIGEST_BYTES], const uint8_t signature[64])
{
    bool is_right = false;

    assert_int_equal(
        es256_verify(all.key, digest, (struct slice){signature, 64}, &is_right),
        STATUS_OK);
    return is_right;
}

/* x of k·G by OpenSSL. */
static void
x_by_openssl(const uint64_t k[4], uint64_t out[4])
{
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    EC_POINT *point = EC_POINT_new(group);
    uint8_t bytes[32];
    BIGNUM *x = BN_new();

    order_write(k, bytes);
    BIGNUM *number = BN_bin2bn(bytes, 32, NULL);
    assert_int_equal(EC_POINT_mul(group, point, number, NULL, NULL, NULL), 1);
    assert_int_equal(EC_POINT_get_affine_coordinates(group, point, x, NULL, NULL), 1);
    assert_int_equal(BN_bn2binpad(x, bytes, 32), 32);
    order_read(bytes, out);
    BN_free(number);
    BN_free(x);
    EC_POINT_free(point);
    EC_GROUP_free(group);
}

/* The n-th of the chosen odd numbers below n: small ones, powers of two with what is
 * beside them, runs of ones, near n, and random ones. */
static void
choose_k(int n, uint64_t k[4])
{
    int bit = n % 256;

    memset(k, 0, 4 * sizeof(*k));
    switch (n / 256) {
    case 0: /* 2^i + 1; 1 for i = 0 */
        k[bit / 64] = UINT64_C(1) << (bit % 64);
        k[0] |= 1;
        break;
    case 1: /* 2^i - 1 */
        for (int i = 0; i <= bit && i < 255; i++)
            k[i / 64] |= UINT64_C(1) << (i % 64);
        break;
    case 2: /* n - 2, n - 4, … */
        k[0] = 2 * (uint64_t)bit + 2;
        order_sub(ORDER_N, k, k);
        break;
    case 3: /* 1, 3, … */
        k[0] = 2 * (uint64_t)bit + 1;
        break;
    case 4: /* nibbles of one kind: digits that are all alike */
        memset(k, bit % 16 * 0x11, 4 * sizeof(*k));
        k[0] |= 1;
        break;
    default:
        random_fill(k, 4 * sizeof(*k));
        k[0] |= 1;
    }
    if (!order_less(k, ORDER_N))
        k[3] >>= 1;
}

#endif
