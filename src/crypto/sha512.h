/* SPDX-License-Identifier: Apache-2.0
 *
 * SHA-512 (FIPS 180-4), by OpenSSL. */
#ifndef CRYPTO_SHA512_H
#define CRYPTO_SHA512_H

#include "base/slice.h"

#include <stdint.h>

enum { SHA512_BYTES = 64 };

void sha512(struct slice bytes, uint8_t out[SHA512_BYTES]);

#endif
