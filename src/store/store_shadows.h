/* SPDX-License-Identifier: Apache-2.0
 *
 * Shadows of tokens in the store, and what they would have refused. */
#ifndef STORE_STORE_SHADOWS_H
#define STORE_STORE_SHADOWS_H

#include "base/slice.h"
#include "model/shadow.h"
#include "store/store.h"

/* The shadow of this token, running or over. STATUS_NOT_FOUND: it has none. */
MUST_CHECK enum status store_shadow_of(struct store *store, struct slice token_id,
                                       struct shadow *out);
/* Calls `each` for all that run. `each` gives false to stop. */
MUST_CHECK enum status store_shadow_running(
    struct store *store, bool (*each)(void *ctx, const struct shadow *), void *ctx);
/* The first that runs and whose time has come. STATUS_NOT_FOUND: there is none. */
MUST_CHECK enum status store_shadow_due(struct store *store, int64_t now_s,
                                        struct shadow *out);

/* Takes the place of what the token had. Sets shadow->id. */
MUST_CHECK enum status store_shadow_put(struct store *store, struct shadow *shadow);
/* STATUS_NOT_FOUND: it does not run. */
MUST_CHECK enum status store_shadow_over(struct store *store, int64_t id, int64_t at_s,
                                         bool is_stopped);

/* Adds to what is counted, in the running transaction; to none that is gone. */
MUST_CHECK enum status store_shadow_count(struct store *store, int64_t id,
                                          const struct shadow_counts *more);
/* The same for one reason. STATUS_NOT_FOUND: it is new, and there is no room for it. */
MUST_CHECK enum status store_shadow_miss_add(struct store *store, int64_t id,
                                             const struct shadow_miss *miss);
/* The most frequent first. */
MUST_CHECK enum status store_shadow_misses(struct store *store, int64_t id,
                                           void (*each)(void *ctx,
                                                        const struct shadow_miss *),
                                           void *ctx);

#endif
