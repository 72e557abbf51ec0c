/* SPDX-License-Identifier: Apache-2.0
 *
 * The filter of the list of tokens, as its query gives it; acts on many tokens take the
 * same. */
#ifndef CONSOLE_TOKEN_FILTER_H
#define CONSOLE_TOKEN_FILTER_H

#include "console/visit.h"
#include "store/store_lists.h"

/* For the names that visit_query_names() takes. */
#define TOKEN_FILTER_NAMES \
    "q", "label", "kind", "creator", "isUnused", "group", "unusedDays", "madeBefore"

/* What is not there filters nothing; only what the visitor may see is found (rule 13).
 *   moment_s  whose labels are meant, and since when idle days count */
MUST_CHECK enum status token_filter_read(struct visit *v, int64_t moment_s,
                                         struct token_filter *out);

#endif
