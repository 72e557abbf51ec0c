/* SPDX-License-Identifier: Apache-2.0
 *
 * Pages of the inventory: filtered, sorted, limited to device groups, and at the same
 * cost however deep the page is. SQL is put together at run time (store/sql.h) from
 * constant texts and the column names of THE FIELD TABLE. */
#ifndef STORE_STORE_DEVICE_QUERY_H
#define STORE_STORE_DEVICE_QUERY_H

#include "base/arena.h"
#include "store/store.h"
#include "store/store_device_fields.h"

#include <stddef.h>

enum {
    DEVICE_FILTER_MAX_COUNT = 64, /* people use about five */
    DEVICE_SORT_MAX_COUNT = APPLICATION_FIELD_COUNT,
};

/* A row must pass all filters. */
struct device_filter {
    const struct device_field *field;
    enum field_match match;
    struct slice value; /* folded, see device_field_fold() */
    /* MATCH_IS with several values: any of them; then `value` is not looked at */
    const struct slice *any_of;
    size_t any_count;
};

struct device_sort {
    const struct device_field *field; /* one with a column */
    bool is_descending;
};

/* What somebody asks the inventory. Borrowed for the time of the call. */
struct device_query {
    const struct device_filter *filters;
    size_t filter_count;
    const struct device_sort *sorts; /* the row's number comes after them */
    size_t sort_count;
    /* go on after the row with these folded values, one for each sort, and this number;
     * NULL = from the start */
    const struct slice *after;
    int64_t after_id;
    /* devices: folded; found in name, uid, ESN, serial number or user's name; "" = all */
    struct slice text;
    const int64_t *group_ids; /* only devices in any of these; none = all devices */
    size_t group_count;
    size_t count; /* rows at most */
};

/* One row; all slices live until `each` returns. */
struct device_row {
    int64_t id; /* of the device, or of the application */
    int64_t device_id;
    struct slice doc;    /* the device's document, or the application's */
    struct slice beside; /* custom fields, or what is said about the device; "" = none */
    int64_t guarded;     /* devices: which guarded parts the document has */
    const struct slice *sorted_by; /* one value for each sort */
};

/* Calls `each` in order, until it gives false or query->count rows were seen. What is
 * needed on the way is taken from `arena`: about 100 bytes a row. */
typedef bool device_row_each(void *ctx, const struct device_row *row);
MUST_CHECK enum status store_device_query(struct store *store,
                                          const struct device_query *query,
                                          struct arena *arena, device_row_each *each,
                                          void *ctx);
MUST_CHECK enum status store_application_query(struct store *store,
                                               const struct device_query *query,
                                               struct arena *arena, device_row_each *each,
                                               void *ctx);

#endif
