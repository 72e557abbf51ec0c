/* SPDX-License-Identifier: Apache-2.0
 *
 * The hashes and signed heads of Event History in the store. What they mean is known in
 * rules/history_tree.h; here they are bytes. All hashes have 32 bytes. */
#ifndef STORE_STORE_EVENT_TREE_H
#define STORE_STORE_EVENT_TREE_H

#include "base/slice.h"
#include "model/records.h"
#include "store/store.h"

/* How many events have their hash in the tree. */
MUST_CHECK enum status store_event_tree_size(struct store *store, int64_t *out);

/* Hashes of events that are in no tile yet. */
MUST_CHECK enum status store_event_leaf_add(struct store *store, int64_t id,
                                            struct slice hash);
/* Calls `each` in the order of the ids, from `from_id` on. */
typedef bool store_event_leaf_each(void *ctx, int64_t id, struct slice hash);
MUST_CHECK enum status store_event_leaf_list(struct store *store, int64_t from_id,
                                             store_event_leaf_each *each, void *ctx);
/* Drops those up to `id`: they are in a tile now. */
MUST_CHECK enum status store_event_leaf_drop(struct store *store, int64_t id);

/* `hashes` are 256, one behind the other. */
MUST_CHECK enum status store_event_tile_add(struct store *store, int64_t level,
                                            int64_t place, struct slice hashes,
                                            struct slice root);
/* Copies the hashes of a tile to `out` (8,192 bytes). STATUS_NOT_FOUND: no such tile. */
MUST_CHECK enum status store_event_tile(struct store *store, int64_t level, int64_t place,
                                        uint8_t *out);
/* Copies the roots of at most `count` tiles from `place` on to `out`, 32 bytes each;
 * *out_count is how many there were without a gap. */
MUST_CHECK enum status store_event_tile_roots(struct store *store, int64_t level,
                                              int64_t place, int64_t count, uint8_t *out,
                                              int64_t *out_count);

MUST_CHECK enum status store_event_head_add(struct store *store,
                                            const struct tree_head *head);
/* The one over the most events, and of these the newest. STATUS_NOT_FOUND: none. */
MUST_CHECK enum status store_event_head_newest(struct store *store,
                                               struct tree_head *out);
/* Calls `each` for heads over at least `from_size` events, in the order of their sizes
 * and times. */
MUST_CHECK enum status store_event_head_list(struct store *store, int64_t from_size,
                                             bool (*each)(void *ctx,
                                                          const struct tree_head *),
                                             void *ctx);

#endif
