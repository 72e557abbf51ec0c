/* SPDX-License-Identifier: Apache-2.0
 *
 * Prepared keys of ONE thread: built on a token's first use, kept while there is room,
 * the one least recently used goes first. So an idle token costs nothing here, and no
 * lock is needed. */
#ifndef KEYRING_KEYCACHE_H
#define KEYRING_KEYCACHE_H

#include "base/status.h"
#include "crypto/es256.h"
#include "crypto/hmac.h"
#include "crypto/seal.h"
#include "keyring/keyring.h"

#include <stddef.h>

struct keycache;

/* `master_key` (borrowed) opens sealed secrets. At least one key is kept, whatever
 * `max_bytes` says. */
struct keycache *keycache_new(const struct master_key *master_key, size_t max_bytes);
void keycache_free(struct keycache **cache);

/* One of the two, by the token's algorithm; good until the next call. */
struct prepared_key {
    const struct hmac_key *hs256;
    struct es256_key *es256;
};

/* The key of `entry`, inside keyring_enter()/keyring_leave().
 * STATUS_MALFORMED: what is kept of the key is not one (sealed under another master key,
 * or altered). */
MUST_CHECK enum status keycache_get(struct keycache *cache,
                                    const struct keyring_entry *entry,
                                    struct prepared_key *out);

size_t keycache_count(const struct keycache *cache);
size_t keycache_bytes(const struct keycache *cache);

#endif
