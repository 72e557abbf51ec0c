/* SPDX-License-Identifier: Apache-2.0
 *
 * SHA-256 (FIPS 180-4), by OpenSSL. */
#ifndef CRYPTO_SHA256_H
#define CRYPTO_SHA256_H

#include "base/slice.h"

#include <stdint.h>

enum { SHA256_BYTES = 32 };

void sha256(struct slice bytes, uint8_t out[SHA256_BYTES]);

#endif
