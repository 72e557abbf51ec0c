/* SPDX-License-Identifier: Apache-2.0
 *
 * Suspending or deleting many tokens: exactly those that somebody has looked at, or none.
 * In one transaction: 10,000 tokens hold the writer for a second or two, and there is
 * never half of it. */
#ifndef RULES_TOKEN_BULK_H
#define RULES_TOKEN_BULK_H

#include "base/arena.h"
#include "rules/act.h"
#include "store/store_lists.h"

enum { BULK_MAX_COUNT = 10 * 1000 };

enum bulk_act { BULK_SUSPEND = 1, BULK_DELETE };

/* A token as it was looked at. */
struct token_ref {
    char id[TOKEN_ID_MAX_CHARS + 1];
    int64_t version;
};

struct token_set {
    struct token_ref *refs; /* in the arena; ascending by id */
    size_t count;
};

/* The tokens that the filter finds, of those that the actor may manage (rule 13; the
 * filter's seen_by is set here), as far as the act does anything to them: what is expired
 * or suspended is not suspended. `each` (or NULL) sees every one. STATUS_TOO_LARGE: more
 * than BULK_MAX_COUNT. */
MUST_CHECK enum status token_bulk_find(
    const struct act *act, enum bulk_act what, const struct token_filter *filter,
    struct arena *arena, enum status (*each)(void *ctx, const struct token *), void *ctx,
    struct token_set *out);

/* Does it to exactly these. STATUS_CONFLICT, and nothing is done: one of them is gone,
 * has been changed, cannot be suspended any more or, with a filter, the filter finds
 * others by now; the words count and name them. Each token's change is its own event. */
MUST_CHECK enum status token_bulk(const struct act *act, enum bulk_act what,
                                  const struct token_set *set,
                                  const struct token_filter *filter, struct arena *arena);

#endif
