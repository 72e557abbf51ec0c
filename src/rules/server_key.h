/* SPDX-License-Identifier: Apache-2.0
 *
 * The server's own P-256 key: what it signs tree heads, webhooks and identities with.
 * It is made once for a data folder; its private half is sealed under the master key,
 * its public half stands beside it for those who verify. */
#ifndef RULES_SERVER_KEY_H
#define RULES_SERVER_KEY_H

#include "crypto/es256.h"
#include "crypto/seal.h"
#include "store/store.h"

/* The private key, made at the first call for a data folder (the store must be open for
 * writing and have no act begun). STATUS_CONFLICT: sealed under another master key. */
MUST_CHECK enum status server_key_open(struct store *store,
                                       const struct master_key *master_key,
                                       struct es256_private **out,
                                       struct failure *failure);
/* The public half. STATUS_NOT_FOUND: none was made yet. */
MUST_CHECK enum status server_key_public(struct store *store,
                                         uint8_t out[PUBLIC_KEY_BYTES]);

#endif
