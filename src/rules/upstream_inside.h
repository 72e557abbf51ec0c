/* SPDX-License-Identifier: Apache-2.0
 *
 * What upstreams.c and upstream_check.c share. */
#ifndef RULES_UPSTREAM_INSIDE_H
#define RULES_UPSTREAM_INSIDE_H

#include "rules/upstreams.h"

/* Fills `check` (zeroed; the caller's to end, also after a failure). */
MUST_CHECK enum status upstream_check_make(struct store *store, struct route_source *own,
                                           struct which which,
                                           const struct upstream_wish *wish,
                                           int64_t now_s, struct upstream_check *check,
                                           struct failure *failure);
/* The texts that count: those that are wanted, or those that the store has. */
MUST_CHECK enum status upstream_find_texts(struct store *store,
                                           const struct upstream_wish *wish,
                                           const struct upstream_check *check,
                                           struct arena *arena,
                                           struct slice *out_document,
                                           struct slice *out_overlay);

#endif
