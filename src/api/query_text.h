/* SPDX-License-Identifier: Apache-2.0
 *
 * A query string as real clients write it: percent-encoded or not, led by '&' or '?',
 * with raw blanks and un-encoded base64. Pure. */
#ifndef API_QUERY_TEXT_H
#define API_QUERY_TEXT_H

#include "base/arena.h"
#include "base/slice.h"
#include "base/status.h"

#include <stdbool.h>

enum { QUERY_PAIR_MAX_COUNT = 256 }; /* people send about five */

/* Decoded once; '+' is a plus. */
struct query_pair {
    struct slice name, value;
};

struct query_pairs {
    struct query_pair at[QUERY_PAIR_MAX_COUNT];
    size_t count;
};

/* Cuts at '&' and at the first '='; empty pairs are left out.
 * STATUS_TOO_LARGE: more than QUERY_PAIR_MAX_COUNT, or longer than QUERY_MAX_BYTES. */
MUST_CHECK enum status query_text_split(struct slice query, struct arena *arena,
                                        struct query_pairs *out);
/* The value of this name. STATUS_NOT_FOUND: none, or it is empty. STATUS_CONFLICT: it
 * is there twice with different values. */
MUST_CHECK enum status query_text_find(const struct query_pairs *pairs, struct slice name,
                                       struct slice *out);
/* Cuts the next item off a comma list, without blanks around it; empty items are left
 * out. False when there is none. */
bool query_text_next_item(struct slice *rest, struct slice *out);

#endif
