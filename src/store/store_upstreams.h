/* SPDX-License-Identifier: Apache-2.0
 *
 * Upstreams and their descriptions in the store. */
#ifndef STORE_STORE_UPSTREAMS_H
#define STORE_STORE_UPSTREAMS_H

#include "base/arena.h"
#include "base/slice.h"
#include "model/upstream.h"
#include "store/store.h"

/* STATUS_NOT_FOUND leaves `out` untouched. */
MUST_CHECK enum status store_upstream_by_uid(struct store *store, struct slice uid,
                                             struct upstream *out);
/* Case of letters does not matter. */
MUST_CHECK enum status store_upstream_by_name(struct store *store, struct slice name,
                                              struct upstream *out);
/* In the order of their names. `each` gives false to end it. */
MUST_CHECK enum status store_upstream_list(
    struct store *store, bool (*each)(void *ctx, const struct upstream *), void *ctx);
/* STATUS_CONFLICT: the name is taken. */
MUST_CHECK enum status store_upstream_add(struct store *store,
                                          const struct upstream *upstream,
                                          int64_t *out_id);
/* All but the id. STATUS_NOT_FOUND: it is gone, or its version is another one.
 * STATUS_CONFLICT: the name is taken. */
MUST_CHECK enum status store_upstream_change(struct store *store,
                                             const struct upstream *upstream);
/* With its description. */
MUST_CHECK enum status store_upstream_remove(struct store *store, int64_t id);

/* Its OpenAPI document, JSON or YAML, and the overlay on it (empty = none), as they were
 * given; in `arena`. */
MUST_CHECK enum status store_upstream_description(struct store *store, int64_t id,
                                                  struct arena *arena,
                                                  struct slice *out_document,
                                                  struct slice *out_overlay);
/* Does not raise the version: store_upstream_change() in the same act does. */
MUST_CHECK enum status store_upstream_description_set(struct store *store, int64_t id,
                                                      struct slice document,
                                                      struct slice overlay);

#endif
