/* SPDX-License-Identifier: Apache-2.0
 *
 * Event History in the store: append-only. */
#ifndef STORE_STORE_EVENTS_H
#define STORE_STORE_EVENTS_H

#include "base/arena.h"
#include "model/records.h"
#include "store/store.h"

/* Adds one event in the running transaction; its id is one more than the newest. */
MUST_CHECK enum status store_event_add(struct store *store, const struct event *event,
                                       int64_t *out_id);

/* The first and the last event that are there (either may be NULL); 1 and 0: none. */
MUST_CHECK enum status store_event_ends(struct store *store, int64_t *out_first,
                                        int64_t *out_last);

/* The first and the last event of a time, to_ms exclusive; 0 and 0: none. */
MUST_CHECK enum status store_event_span(struct store *store, int64_t from_ms,
                                        int64_t to_ms, int64_t *out_first,
                                        int64_t *out_last);

/* The first event that is not older than `from_ms`; 0 = none. */
MUST_CHECK enum status store_event_first_since(struct store *store, int64_t from_ms,
                                               int64_t *out_id);
/* Calls `each` for all events from `from_id` on, the oldest first. */
MUST_CHECK enum status store_event_walk(struct store *store, int64_t from_id,
                                        bool (*each)(void *ctx, const struct event *),
                                        void *ctx);

/* What is kept: an event that is older than `before_ms`, or that has `keep_count` newer
 * ones (0 = however many), may go. */
struct event_keep {
    int64_t before_ms, keep_count;
};
/* The first event that is there, and the last of at most `count` that may go; 0 = none.
 * The newest is never among them. */
MUST_CHECK enum status store_event_old(struct store *store, const struct event_keep *keep,
                                       int64_t count, int64_t *out_first,
                                       int64_t *out_last);
/* Removes, in the running transaction, all events up to `id`. Their hashes stay. */
MUST_CHECK enum status store_event_remove(struct store *store, int64_t id);

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

/* What people look for in Event History. Texts are as typed: case is folded here; ""
 * (and 0) = no filter. */
struct event_filter {
    int64_t before_id;      /* older than this one; 0 = from the newest */
    int64_t newer_than_id;  /* newer than this one */
    int64_t from_ms, to_ms; /* to_ms exclusive; 0 = open */
    uint64_t kinds;         /* bits: 1 << enum event_kind */
    struct slice actor;     /* in the actor's name; or their id */
    struct slice object_id; /* exactly */
    struct slice text;      /* in names and details */
    /* limits whose events are seen: their own acts, what happened to them, and to the
     * tokens that they have; NULL = all */
    const struct user *seen_by;
    /* Most filters have to look at each event, and there may be ten millions: not longer
     * than to this moment of the monotonic clock; 0 = to the end. Some are always looked
     * at. */
    int64_t until_ms;
};
/* Newest first, at most `count`. `each` gives false to stop. Takes memory from `arena`.
 * *out_reached: events from this one on were looked at, and the search can go on before
 * it; 0 = there is nothing more. */
MUST_CHECK enum status store_event_find(struct store *store,
                                        const struct event_filter *filter, size_t count,
                                        struct arena *arena,
                                        bool (*each)(void *ctx, const struct event *),
                                        void *ctx, int64_t *out_reached);
/* How many pass the filter, wherever the list goes on; -1: more than `most`, or there was
 * no time to count them. */
MUST_CHECK enum status store_event_count(struct store *store,
                                         const struct event_filter *filter, int64_t most,
                                         struct arena *arena, int64_t *out);

#endif
