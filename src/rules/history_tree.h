/* SPDX-License-Identifier: Apache-2.0
 *
 * Event History as a Merkle tree (docs/events.md): event n is leaf n - 1, its bytes are
 * its line (history_line.h). Every event's hash is written in the event's own
 * transaction; 256 hashes make a tile, 256 tiles a tile of the next level. The server
 * signs heads: so many events have this root. */
#ifndef RULES_HISTORY_TREE_H
#define RULES_HISTORY_TREE_H

#include "base/buffer.h"
#include "crypto/es256.h"
#include "crypto/merkle.h"
#include "model/records.h"
#include "store/store.h"

/* A head is due when so many events came, or so much time went by, since the last. */
enum { TREE_HEAD_EVENTS = 1000, TREE_HEAD_EVERY_MS = 3600 * 1000 };

/* Takes all events that are in no tree yet into it, within the act that is begun. */
MUST_CHECK enum status history_tree_grow(struct store *store);
/* The root over the first `size` events. STATUS_NOT_FOUND: there are not so many. */
MUST_CHECK enum status history_tree_root(struct store *store, int64_t size,
                                         struct merkle_hash *out);
/* The same as its perfect subtrees: a tree that goes on from there. */
MUST_CHECK enum status history_tree_range(struct store *store, int64_t size,
                                          struct merkle_range *out);
/* The proof that event `id` is in the tree over the first `size` events. */
MUST_CHECK enum status history_tree_prove(struct store *store, int64_t id, int64_t size,
                                          struct merkle_proof *out);
/* The hash of an event as it was taken into the tree. */
MUST_CHECK enum status history_tree_leaf(struct store *store, int64_t id,
                                         struct merkle_hash *out);

/* The text that a head's signature is over, five lines:
 *   tokenhouse tree head
 *   <account uid>
 *   <size>
 *   <root, base64url>
 *   <YYYY-MM-DDThh:mm:ss.mmmZ> */
void tree_head_text(const struct tree_head *head, struct slice account_uid,
                    struct buffer *out);
/* Signs all that is in the tree now, and keeps the head. `is_forced`: also when none is
 * due. *out_is_new false: the last one still holds (*out). The store must be open for
 * writing and have no act begun; with no events there is nothing to sign
 * (STATUS_NOT_FOUND). */
MUST_CHECK enum status history_tree_sign(struct store *store,
                                         const struct es256_private *key, int64_t now_ms,
                                         bool is_forced, struct tree_head *out,
                                         bool *out_is_new);
/* Is the signature the server's? */
MUST_CHECK enum status tree_head_check(const struct tree_head *head,
                                       struct slice account_uid, struct es256_key *key,
                                       bool *out);

#endif
