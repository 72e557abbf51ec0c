/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs on valgrind's memcheck, where private key, nonce and blinding factors are marked
 * undefined: it tells of every branch and every address that depends on one of them
 * (Langley's ctgrind). Compiled as shipped (-O2, no sanitizers), the lanes in plain C.
 * With an argument it does in the end what must not be: then memcheck has to complain,
 * or its silence would mean nothing. */
#include "crypto/es256_quick.h"
#include "crypto/p256_order.h"
#include "crypto/secret_mark.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIGNATURES = 12, TOGETHER = BASE_TOGETHER };

/* The lanes are there in plain C. */
bool
es256_lanes_are_there(void)
{
    return true;
}

static void
must(bool is_so, const char *what)
{
    if (is_so)
        return;
    fprintf(stderr, "%s\n", what);
    exit(2);
}

static void
must_fit(struct es256_key *key, const uint8_t digest[ES256_DIGEST_BYTES],
         const uint8_t signature[ES256_SIGNATURE_BYTES])
{
    bool fits = false;

    must(es256_verify(key, digest, (struct slice){signature, ES256_SIGNATURE_BYTES},
                      &fits) == STATUS_OK &&
             fits,
         "a signature is wrong");
}

static void
sign_together(struct es256_quick *quick, struct es256_key *key)
{
    uint8_t digests[TOGETHER][ES256_DIGEST_BYTES];
    uint8_t signatures[TOGETHER][ES256_SIGNATURE_BYTES];

    for (int i = 0; i < TOGETHER; i++)
        memset(digests[i], i, sizeof(digests[i]));
    for (size_t count = 1; count <= TOGETHER; count += TOGETHER / 2 - 1) { /* 1, 8, 15 */
        must(es256_quick_sign_all(quick, count, digests, signatures), "not signed");
        for (size_t i = 0; i < count; i++)
            must_fit(key, digests[i], signatures[i]);
    }
}

int
main(int count, char **arguments)
{
    static const uint8_t D[32] = {0xc9, 0xaf, 0xa9, 0xd8, 0x45, 0xba, 0x75, 0x16,
                                  0x6b, 0x5c, 0x21, 0x57, 0x67, 0xb1, 0xd6, 0x93,
                                  0x4e, 0x50, 0xc3, 0xdb, 0x36, 0xe8, 0x9b, 0x12,
                                  0x7b, 0x8a, 0x62, 0x2b, 0x12, 0x0f, 0x67, 0x21};
    static const uint8_t POINT[64] = {
        0x60, 0xfe, 0xd4, 0xba, 0x25, 0x5a, 0x9d, 0x31, 0xc9, 0x61, 0xeb, 0x74, 0xc6,
        0x35, 0x6d, 0x68, 0xc0, 0x49, 0xb8, 0x92, 0x3b, 0x61, 0xfa, 0x6c, 0xe6, 0x69,
        0x62, 0x2e, 0x60, 0xf2, 0x9f, 0xb6, 0x79, 0x03, 0xfe, 0x10, 0x08, 0xb8, 0xbc,
        0x99, 0xa4, 0x1a, 0xe9, 0xe9, 0x56, 0x28, 0xbc, 0x64, 0xf2, 0xf1, 0xb2, 0x0c,
        0x2d, 0x7e, 0x9f, 0x51, 0x77, 0xa3, 0xc2, 0x94, 0xd4, 0x46, 0x22, 0x99};
    uint8_t digest[ES256_DIGEST_BYTES], random[ES256_QUICK_RANDOM_BYTES] = {0};
    uint8_t signature[ES256_SIGNATURE_BYTES], d[sizeof(D)];
    struct es256_quick *quick = NULL;
    struct es256_key *key = NULL;
    uint64_t k[4];

    memcpy(d, D, sizeof(D));
    must(es256_key_new(POINT, &key) == STATUS_OK, "the point is not one");
    must(es256_quick_new(d, POINT, &quick) == STATUS_OK, "the first signature is wrong");
    for (int i = 0; i < SIGNATURES; i++) {
        memset(digest, i, sizeof(digest));
        must(es256_quick_sign(quick, digest, signature), "not signed");
        must_fit(key, digest, signature);
    }
    sign_together(quick, key);
    es256_quick_nonce(quick, digest, random, k);
    if (count > 1 && strcmp(arguments[1], "branch") == 0)
        must(order_less(k, ORDER_N), "a nonce above n");
    if (count > 1 && strcmp(arguments[1], "address") == 0)
        must(arguments[0][k[0] & 1] != 1, "a strange name");
    es256_quick_free(&quick);
    es256_key_free(&key);
    return 0;
}
