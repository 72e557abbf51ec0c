/* SPDX-License-Identifier: Apache-2.0
 *
 * SHA-256 (FIPS 180-4), by OpenSSL. */
#ifndef CRYPTO_SHA256_H
#define CRYPTO_SHA256_H

#include "base/slice.h"

#include <stdint.h>

enum { SHA256_BYTES = 32 };

void sha256(struct slice bytes, uint8_t out[SHA256_BYTES]);

/* The hash of a beginning that many messages share. Copied like any struct; as secret as
 * the beginning is, and to be wiped then. */
struct sha256_begun {
    uint64_t state[14];
};

void sha256_begin(struct slice beginning, struct sha256_begun *out);
/* The hash of the beginning and `rest` in one; `begun` stays as it is. */
void sha256_end(const struct sha256_begun *begun, struct slice rest,
                uint8_t out[SHA256_BYTES]);

#endif
