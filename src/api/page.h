/* SPDX-License-Identifier: Apache-2.0
 *
 * One page of the inventory on its way into an answer: what devices and applications
 * have in common. */
#ifndef API_PAGE_H
#define API_PAGE_H

#include "api/cursor.h"
#include "api/query_read.h"
#include "api/select.h"

enum { PAGE_SOFT_MAX_BYTES = 24 * 1024 * 1024 }; /* over it a page ends early */

struct page {
    struct answer *x;
    struct list_query query;
    struct selection selection;
    struct json_writer writer;
    struct cursor last; /* the last row that was written */
    struct buffer last_values[CURSOR_VALUE_MAX_COUNT];
    size_t row_count;
    bool has_more;
    enum status status; /* of the rows' writing */
};

/* Writes one row as a value; gives false when it cannot. */
typedef bool page_row_write(struct page *page, const struct device_row *row);
/* Runs the query and writes the whole answer. `ask` is store_device_query() or
 * store_application_query(). */
MUST_CHECK enum status page_answer(
    struct answer *x, const struct list_kind *kind, bool (*is_known)(struct slice name),
    page_row_write *write,
    enum status (*ask)(struct store *store, const struct device_query *query,
                       struct arena *arena, device_row_each *each, void *ctx),
    void *ctx);
/* What was given to page_answer() as ctx. */
void *page_ctx(const struct page *page);

#endif
