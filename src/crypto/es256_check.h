/* SPDX-License-Identifier: Apache-2.0
 *
 * A new table is held against OpenSSL before it is used. Not for other folders. */
#ifndef CRYPTO_ES256_CHECK_H
#define CRYPTO_ES256_CHECK_H

#include "crypto/es256_table.h"

#include <stdbool.h>

/* Makes signatures for random u1 and u2 (OpenSSL computes u1·G + u2·Q) and asks the
 * table: yes for each, and no for each with one bit of the digest changed. */
bool es256_check_table(const struct es256_table *table,
                       const uint8_t point[PUBLIC_KEY_BYTES]);

#endif
