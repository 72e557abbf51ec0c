/* SPDX-License-Identifier: Apache-2.0
 *
 * The master key and what is sealed under it (libsodium, XChaCha20-Poly1305). The only
 * door to the master key. */
#ifndef CRYPTO_SEAL_H
#define CRYPTO_SEAL_H

#include "base/buffer.h"
#include "base/secret.h"
#include "base/slice.h"
#include "base/status.h"

#include <stdint.h>

enum { MASTER_KEY_BYTES = 32, SEAL_EXTRA_BYTES = 40, SEAL_CHECK_BYTES = 16 };

/* 32 bytes in locked memory that stays out of core dumps; each use has a key of its own,
 * derived from it. */
struct master_key;

/* Makes a new key file (mode 0600, raw 32 bytes); never overwrites (STATUS_CONFLICT). */
MUST_CHECK enum status master_key_make(const char *path, struct failure *failure);
/* Reads it. STATUS_REFUSED: others may read the file. `failure` names file and reason. */
MUST_CHECK enum status master_key_open(const char *path, struct master_key **out,
                                       struct failure *failure);
void master_key_close(struct master_key **key);
/* What tells one key from another without giving it away; kept beside the data. */
void master_key_check(const struct master_key *key, uint8_t out[SEAL_CHECK_BYTES]);

/* Seals `plain` for `label` (associated data, not kept): nonce ‖ ciphertext ‖ tag,
 * plain.len + SEAL_EXTRA_BYTES bytes in `out`. */
void seal_close(const struct master_key *key, struct slice label, struct slice plain,
                uint8_t *out);
/* Opens it into `out` (sealed.len - SEAL_EXTRA_BYTES bytes). STATUS_MALFORMED: another
 * key, another label, or altered; `out` is then undefined, and holds nothing sealed. */
MUST_CHECK enum status seal_open(const struct master_key *key, struct slice label,
                                 struct slice sealed, uint8_t *out);

/* A key for one use, derived from the master key: `use` is e.g. "cursor". */
void master_key_derive(const struct master_key *key, struct slice use,
                       struct secret *out);

#endif
