/* SPDX-License-Identifier: Apache-2.0
 *
 * The query language: sortBy, pageSize and the simple filters. What cannot be is refused
 * with the name of the field and what is wanted; names that nobody knows are ignored. */
#ifndef API_QUERY_READ_H
#define API_QUERY_READ_H

#include "api/answer.h"
#include "store/store_device_query.h"

/* A list as one resource has it. */
struct list_kind {
    const struct device_field *fields;
    size_t field_count;
    size_t page_usual, page_max;
    size_t sort_max;        /* how many sort keys may be given; 0 = no sorting */
    const char *sort_usual; /* as a client would write it */
};

struct list_query {
    struct device_filter filters[DEVICE_FILTER_MAX_COUNT];
    size_t filter_count;
    struct device_sort sorts[DEVICE_SORT_MAX_COUNT];
    size_t sort_count;
    size_t page_size;
};

/* Reads all of it from x->pairs. */
MUST_CHECK enum status query_read(struct answer *x, const struct list_kind *kind,
                                  struct list_query *out);

/* Does a folded value pass a filter? For short lists that need no SQL. Pure. */
bool query_value_passes(struct slice value, const struct device_filter *filter);

#endif
