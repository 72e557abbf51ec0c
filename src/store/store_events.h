/* SPDX-License-Identifier: Apache-2.0
 *
 * Event History in the store: append-only. */
#ifndef STORE_STORE_EVENTS_H
#define STORE_STORE_EVENTS_H

#include "model/records.h"
#include "store/store.h"

/* Adds one event in the running transaction; its id is one more than the newest. */
MUST_CHECK enum status store_event_add(struct store *store, const struct event *event,
                                       int64_t *out_id);

/* Drops, in the running transaction, at most `count` of the oldest events that are older
 * than `before_ms`; the newest event stays in any case. */
MUST_CHECK enum status store_event_prune(struct store *store, int64_t before_ms,
                                         int64_t count);

/* Zeroed = the newest 100. */
struct event_query {
    int64_t before_id;                      /* older than this one; 0 = from the newest */
    int64_t from_ms, to_ms;                 /* to_ms exclusive; 0 = open */
    int64_t kind;                           /* enum event_kind; 0 = all */
    char object_id[TOKEN_ID_MAX_CHARS + 1]; /* "" = all */
    int64_t count;                          /* at most so many; 0 = 100 */
};
/* Newest first. `each` gives false to stop. */
MUST_CHECK enum status store_event_list(struct store *store,
                                        const struct event_query *query,
                                        bool (*each)(void *ctx, const struct event *),
                                        void *ctx);

#endif
