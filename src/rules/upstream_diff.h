/* SPDX-License-Identifier: Apache-2.0
 *
 * What a change of an upstream's operations means: which of them come, go or need
 * something else, and which tokens could call what before or afterwards. */
#ifndef RULES_UPSTREAM_DIFF_H
#define RULES_UPSTREAM_DIFF_H

#include "base/arena.h"
#include "base/buffer.h"
#include "openapi/description.h"
#include "rules/route_table.h"
#include "store/store.h"

enum {
    DIFF_TOKEN_MAX_COUNT = 500, /* that are listed; all are counted */
    DIFF_NAMED_MAX_COUNT = 20,  /* operations that are named for each token */
};

enum diff_kind { DIFF_ADDED = 1, DIFF_REMOVED, DIFF_CHANGED };

struct diff_operation {
    enum diff_kind kind;
    const char *method, *path;
    const char *before, *after; /* needs in words; "" where there is no such operation */
};

struct diff_token {
    const char *id, *title, *user_email;
    size_t lost_count, gained_count;
    /* "GET /orders/{id}", the first of them; NULL-ended */
    const char *const *lost, *const *gained;
};

/* All texts lie in the arena that it was made in. */
struct upstream_diff {
    const struct diff_operation *operations;
    size_t operation_count;
    const struct diff_token *tokens; /* those that lose first */
    size_t token_count;
    size_t losing_count, gaining_count; /* of all tokens that are alive */
};

/* Compares; NULL = none. Suspended and expired tokens do not count. `after` may name
 * permissions of `description` that nobody has. */
MUST_CHECK enum status upstream_diff_make(struct store *store,
                                          const struct route_source *before,
                                          const struct route_source *after,
                                          const struct description *description,
                                          int64_t now_s, struct arena *arena,
                                          struct upstream_diff *out);

/* What an operation needs, for people: "Orders:View, Orders:Manage if query all", "any
 * token", "nobody: no x-tokenhouse". `description` (may be NULL) knows the names of
 * permissions that are new. */
void upstream_needs_write(const struct operation *operation,
                          const struct description *description, struct buffer *out);

#endif
