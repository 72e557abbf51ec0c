/* SPDX-License-Identifier: Apache-2.0
 *
 * SHA-256 or SHA-512 (FIPS 180-4) over bytes that come in pieces, by OpenSSL. */
#ifndef CRYPTO_HASH_RUN_H
#define CRYPTO_HASH_RUN_H

#include "base/slice.h"

#include <stdint.h>

enum hash_kind { HASH_SHA256 = 1, HASH_SHA512 };
enum { HASH_MAX_BYTES = 64 };

struct hash_run;

struct hash_run *hash_run_new(enum hash_kind kind);
/* Accepts NULL, leaves NULL. */
void hash_run_free(struct hash_run **run);
void hash_run_add(struct hash_run *run, struct slice bytes);
/* The hash of all of them; its length. Nothing may be added any more. */
size_t hash_run_end(struct hash_run *run, uint8_t out[HASH_MAX_BYTES]);

#endif
