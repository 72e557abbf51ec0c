/* SPDX-License-Identifier: Apache-2.0
 *
 * Passwords by Argon2id (RFC 9106), by libsodium. Takes about 12 ms and 19 MiB: on
 * workers and in commands only. */
#ifndef CRYPTO_PASSWORD_H
#define CRYPTO_PASSWORD_H

#include "base/slice.h"
#include "base/status.h"

#include <stdbool.h>

enum { PASSWORD_HASH_CHARS = 127 };

/* Gives the text "$argon2id$…". STATUS_UNAVAILABLE: no memory for it. */
MUST_CHECK enum status password_hash(struct slice password,
                                     char out[PASSWORD_HASH_CHARS + 1]);
/* Does `password` belong to `hash`? An empty hash belongs to nobody, but takes the same
 * time. */
bool password_fits(struct slice password, const char *hash);

#endif
