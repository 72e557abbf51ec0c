/* SPDX-License-Identifier: Apache-2.0
 *
 * HMAC-SHA-256 (RFC 2104) with prepared keys: the two inner states are computed once. */
#ifndef CRYPTO_HMAC_H
#define CRYPTO_HMAC_H

#include "base/slice.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HMAC_BYTES = 32 };

/* A key ready for use. Secret: hmac_key_free() wipes it. Read-only after the making, so
 * several threads may use one. */
struct hmac_key;

struct hmac_key *hmac_key_new(struct slice secret);
void hmac_key_free(struct hmac_key **key);
size_t hmac_key_bytes(void); /* what one costs in memory */

void hmac_sign(const struct hmac_key *key, struct slice message, uint8_t out[HMAC_BYTES]);

/* Is `mac` that of `message`? Anything but 32 bytes is no. The same time for every
 * wrong one of the right length. Source: RFC 7518 §3.2. */
bool hmac_fits(const struct hmac_key *key, struct slice message, struct slice mac);

#endif
