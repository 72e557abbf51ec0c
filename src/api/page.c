/* SPDX-License-Identifier: Apache-2.0
 *
 * A page is asked for with one row more than it holds: that row tells whether there is a
 * next page, and is not written. */
#include "api/page.h"

#include "base/auto.h"

enum { SORT_VALUE_MAX_BYTES = 4096 };

/* What each() needs beside the page. */
struct running {
    struct page page; /* first: page_ctx() relies on it */
    page_row_write *write;
    void *ctx;
};

void *
page_ctx(const struct page *page)
{
    return ((const struct running *)(const void *)page)->ctx;
}

static void
remember(struct page *page, const struct device_row *row)
{
    page->last.is_there = true;
    page->last.id = row->id;
    page->last.value_count = page->query.sort_count;
    for (size_t i = 0; i < page->query.sort_count; i++) {
        buffer_clear(&page->last_values[i]);
        buffer_add(&page->last_values[i], row->sorted_by[i]);
    }
}

static bool
each_row(void *ctx, const struct device_row *row)
{
    struct running *running = ctx;
    struct page *page = &running->page;

    if (page->row_count == page->query.page_size ||
        page->x->reply->body->len > PAGE_SOFT_MAX_BYTES) {
        page->has_more = true;
        return false;
    }
    if (!running->write(page, row)) {
        page->status = STATUS_BROKEN;
        return false;
    }
    page->row_count++;
    remember(page, row);
    return true;
}

static struct slice
next_page(struct page *page)
{
    if (!page->has_more)
        return (struct slice){0};
    for (size_t i = 0; i < page->last.value_count; i++)
        page->last.values[i] = buffer_slice(&page->last_values[i]);
    return cursor_write(page->x, &page->last);
}

static enum status
run(struct running *running,
    enum status (*ask)(struct store *store, const struct device_query *query,
                       struct arena *arena, device_row_each *each, void *ctx))
{
    struct page *page = &running->page;
    struct answer *x = page->x;
    struct cursor from;
    enum status status = cursor_read(x, page->query.sort_count, &from);

    if (status != STATUS_OK)
        return status;
    struct device_query query = {.filters = page->query.filters,
                                 .filter_count = page->query.filter_count,
                                 .sorts = page->query.sorts,
                                 .sort_count = page->query.sort_count,
                                 .after = from.is_there ? from.values : NULL,
                                 .after_id = from.id,
                                 .group_ids = x->request->group_ids,
                                 .group_count = x->request->group_count,
                                 .count = page->query.page_size + 1};
    page->writer = answer_begin(x);
    json_write_array(&page->writer);
    status = ask(x->worker->reader, &query, x->arena, each_row, running);
    if (status == STATUS_OK)
        status = page->status;
    if (status != STATUS_OK)
        return status;
    json_write_end(&page->writer);
    status = answer_end(&page->writer, next_page(page));
    /* too large for the reply is our failure, not the caller's */
    return status == STATUS_TOO_LARGE ? STATUS_BROKEN : status;
}

enum status
page_answer(struct answer *x, const struct list_kind *kind,
            bool (*is_known)(struct slice name), page_row_write *write,
            enum status (*ask)(struct store *store, const struct device_query *query,
                               struct arena *arena, device_row_each *each, void *ctx),
            void *ctx)
{
    struct running *running = arena_new(x->arena, sizeof(*running));
    struct page *page = &running->page;

    *running = (struct running){.page = {.x = x}, .write = write, .ctx = ctx};
    enum status status = query_read(x, kind, &page->query);
    if (status == STATUS_OK)
        status = select_read(x, is_known, &page->selection);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < CURSOR_VALUE_MAX_COUNT; i++)
        page->last_values[i] = buffer_make(SORT_VALUE_MAX_BYTES);
    status = run(running, ask);
    for (size_t i = 0; i < CURSOR_VALUE_MAX_COUNT; i++)
        buffer_done(&page->last_values[i]);
    return status;
}
