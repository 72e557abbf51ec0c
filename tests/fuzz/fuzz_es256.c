/* SPDX-License-Identifier: Apache-2.0
 *
 * Any key, digest and signature: every level says what OpenSSL says. Since no fuzzer
 * finds a signature that fits, half of the inputs are made into one: two of their numbers
 * are u1 and u2, OpenSSL computes u1·G + u2·Q, and what is left of the input spoils the
 * result byte by byte. (To ask is always right; the unit tests see that it is rare.)
 *
 *   how ‖ key, 32 bytes ‖ digest or u1, 32 ‖ r or u2, 32 ‖ s, 32 ‖ pairs (place, change)
 */
#include "fuzz.h"

#include "base/auto.h"
#include "crypto/es256_table.h"

#include <assert.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>
#include <string.h>

enum {
    NUMBER = 32,
    LONGEST = 80,
    KEPT = 64,         /* keys */
    HOW_MADE = 1,      /* make a signature that fits */
    HOW_LONG = 2,      /* of another length, too */
    HOW_ANY_KEY = 4,   /* the key's number is taken as it stands: a new table, slowly; */
    HOW_KEY_SHIFT = 3, /* else this says which of eight it is */
};

/* ±1, ±2, ±3, half of the order, and any. */
static const char *const KEYS[8] = {
    "01",
    "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550",
    "02",
    "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc63254f",
    "03",
    "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc63254e",
    "7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a9",
    "0b4e8f0d2b1f5c6a79e31d8847a26c90f5be1c3d6a7b90e2143f58c9d7a6b5e3",
};

/* d·G on all levels; a table takes longer than many signatures. */
static struct kept {
    uint8_t d[NUMBER];
    EC_POINT *point;
    struct es256_key *openssl;
    struct es256_table *tables[ES256_LEVEL_LANES + 1];
} kept[KEPT];

static struct es256_arena *arena;
static EC_GROUP *group;
static BN_CTX *ctx;
static const BIGNUM *n;

static void
open_once(void)
{
    if (arena)
        return;
    arena = es256_arena_new();
    group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    ctx = BN_CTX_new();
    n = EC_GROUP_get0_order(group);
}

/* The number modulo n, and 1 for 0. */
static BIGNUM *
scalar(const uint8_t *bytes)
{
    BIGNUM *out = BN_bin2bn(bytes, NUMBER, NULL);

    BN_nnmod(out, out, n, ctx);
    if (BN_is_zero(out))
        BN_one(out);
    return out;
}

static void
forget(struct kept *key)
{
    EC_POINT_free(key->point);
    es256_key_free(&key->openssl);
    for (size_t level = 0; level < COUNT_OF(key->tables); level++)
        es256_table_free(&key->tables[level]);
    *key = (struct kept){0};
}

static struct kept *
key_of(const uint8_t d[NUMBER])
{
    uint8_t text[1 + PUBLIC_KEY_BYTES];
    struct kept *key = &kept[(d[0] ^ d[15] ^ d[NUMBER - 1]) % KEPT];

    if (key->point && memcmp(key->d, d, NUMBER) == 0)
        return key;
    forget(key);
    memcpy(key->d, d, NUMBER);
    BIGNUM *number = scalar(d);
    key->point = EC_POINT_new(group);
    EC_POINT_mul(group, key->point, number, NULL, NULL, ctx);
    EC_POINT_point2oct(group, key->point, POINT_CONVERSION_UNCOMPRESSED, text,
                       sizeof(text), ctx);
    BN_free(number);
    enum status status = es256_key_new(text + 1, &key->openssl);
    assert(status == STATUS_OK);
    for (int level = ES256_LEVEL_TABLE; level <= (int)es256_level_best(); level++) {
        status = es256_table_new(arena, (enum es256_level)level, text + 1,
                                 &key->tables[level]);
        assert(status == STATUS_OK);
    }
    return key;
}

/* Puts a digest and a signature that fit in the place of u1 and u2. When the sum is
 * infinity there is no r, and what stands there must be refused. */
static void
make(const struct kept *key, uint8_t digest[NUMBER], uint8_t signature[2 * NUMBER])
{
    BIGNUM *u1 = scalar(digest), *u2 = scalar(signature), *x = BN_new();
    EC_POINT *sum = EC_POINT_new(group);

    EC_POINT_mul(group, sum, u1, key->point, u2, ctx);
    if (EC_POINT_is_at_infinity(group, sum))
        BN_one(x);
    else
        EC_POINT_get_affine_coordinates(group, sum, x, NULL, ctx);
    BN_nnmod(x, x, n, ctx);
    BN_bn2binpad(x, signature, NUMBER);
    BN_mod_inverse(u2, u2, n, ctx);
    BN_mod_mul(x, x, u2, n, ctx);
    BN_bn2binpad(x, signature + NUMBER, NUMBER);
    BN_mod_mul(x, x, u1, n, ctx);
    BN_bn2binpad(x, digest, NUMBER);
    EC_POINT_free(sum);
    BN_free(u1);
    BN_free(u2);
    BN_free(x);
}

static void
judge(struct kept *key, const uint8_t digest[NUMBER], struct slice signature)
{
    bool wanted = true;
    enum status status = es256_verify(key->openssl, digest, signature, &wanted);

    assert(status == STATUS_OK);
    for (int level = ES256_LEVEL_TABLE; level <= (int)es256_level_best(); level++) {
        enum es256_answer answer =
            es256_table_verify(key->tables[level], digest, signature);
        assert(answer == ES256_ASK || (answer == ES256_YES) == wanted);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t d[NUMBER], digest[NUMBER], signature[LONGEST] = {0};
    size_t len = 2 * NUMBER;

    if (size < 1 + 4 * NUMBER)
        return 0;
    open_once();
    memcpy(d, data + 1, NUMBER);
    if (!(data[0] & HOW_ANY_KEY)) {
        BIGNUM *number = NULL;
        BN_hex2bn(&number, KEYS[data[0] >> HOW_KEY_SHIFT & 7]);
        BN_bn2binpad(number, d, NUMBER);
        BN_free(number);
    }
    struct kept *key = key_of(d);
    memcpy(digest, data + 1 + NUMBER, NUMBER);
    memcpy(signature, data + 1 + 2 * NUMBER, 2 * NUMBER);
    if (data[0] & HOW_MADE)
        make(key, digest, signature);
    for (size_t i = 1 + 4 * NUMBER; i + 1 < size; i += 2) {
        size_t place = data[i] % (3 * NUMBER);
        if (place < NUMBER)
            digest[place] ^= data[i + 1];
        else
            signature[place - NUMBER] ^= data[i + 1];
    }
    if (data[0] & HOW_LONG)
        len = data[size - 1] % (LONGEST + 1);
    judge(key, digest, (struct slice){signature, len});
    return 0;
}
