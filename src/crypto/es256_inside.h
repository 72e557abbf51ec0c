/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of this folder know of each other's keys. Not for other folders. */
#ifndef CRYPTO_ES256_INSIDE_H
#define CRYPTO_ES256_INSIDE_H

#include "crypto/es256.h"

#include <openssl/evp.h>

enum { ES256_DER_MAX_BYTES = 72 }; /* 2 + 2 × (2 + 33) */

/* Writes R ‖ S as DER. False, and nothing is touched, unless 0 < r < n and 0 < s < n. */
bool es256_der_from_raw(const uint8_t raw[ES256_SIGNATURE_BYTES],
                        uint8_t out[ES256_DER_MAX_BYTES], size_t *out_len);

/* Takes `pkey`, a whole P-256 key pair. */
struct es256_private *es256_private_take(EVP_PKEY *pkey);
/* Borrowed; lives as long as `key`. */
EVP_PKEY *es256_private_pkey(const struct es256_private *key);

#endif
