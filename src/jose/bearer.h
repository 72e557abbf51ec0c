/* SPDX-License-Identifier: Apache-2.0
 *
 * The text of a bearer token: th_<token ID>_<secret><checksum>. Whoever has it may use
 * it, so it is made to be found where it must not be (docs/secret-scanning.md): a prefix
 * of its own, one word, and a checksum that tells it from what only looks like it. */
#ifndef JOSE_BEARER_H
#define JOSE_BEARER_H

#include "base/secret.h"
#include "base/slice.h"
#include "base/status.h"
#include "base/uuid.h"
#include "crypto/sha256.h"

#include <stdint.h>

enum {
    BEARER_ID_CHARS = 32,      /* the UUID without its dashes */
    BEARER_SECRET_CHARS = 43,  /* of base62: 256 bits */
    BEARER_CHECKSUM_CHARS = 6, /* CRC-32 of all before it, in base62 */
    BEARER_CHARS = 3 + BEARER_ID_CHARS + 1 + BEARER_SECRET_CHARS + BEARER_CHECKSUM_CHARS,
};

#define BEARER_PREFIX "th_"

/* A new one for a token ID that is a UUID in lower case. */
void bearer_make(const char token_id[UUID_CHARS + 1], struct secret *out);

/* Whose it is. STATUS_MALFORMED: another shape, or the checksum is wrong. */
MUST_CHECK enum status bearer_read(struct slice text, char out_token_id[UUID_CHARS + 1]);

/* What is kept of it. Enough: its secret has 256 random bits. */
void bearer_hash(struct slice text, uint8_t out[SHA256_BYTES]);

#endif
