/* SPDX-License-Identifier: Apache-2.0
 *
 * Who would miss an upstream: the living tokens that have lately used a permission that
 * its operations ask for. For those who suspend or delete it. */
#ifndef RULES_UPSTREAM_USE_H
#define RULES_UPSTREAM_USE_H

#include "model/upstream.h"
#include "store/store_token_used.h"

enum { UPSTREAM_USE_DAYS = 30, UPSTREAM_USE_SHOWN = 10 };

struct upstream_use {
    struct used_by tokens[UPSTREAM_USE_SHOWN]; /* those who used it last */
    size_t count;
    int64_t total;
    int64_t since_day; /* it is known from this day on, at most UPSTREAM_USE_DAYS back */
    bool is_whole;     /* of all these days */
    size_t open_count; /* operations that any token may call: such calls are not seen */
};

/* Changes nothing, and asks for no right. */
MUST_CHECK enum status upstream_use_read(struct store *store,
                                         const struct upstream *upstream, int64_t now_s,
                                         struct upstream_use *out,
                                         struct failure *failure);

#endif
