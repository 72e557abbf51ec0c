/* SPDX-License-Identifier: Apache-2.0
 *
 * Lists of the admin API: which page is asked for, and the frame of its answer. `next` is
 * sealed: altered, or taken to another list, query or person, it is refused. */
#ifndef CONSOLE_LIST_H
#define CONSOLE_LIST_H

#include "console/visit.h"
#include "store/store_lists.h"

/* A page ends before it has its rows when its answer has grown to this. */
enum { LIST_BODY_BYTES = 4 * 1024 * 1024 };

/* Which page is asked for. */
struct list_ask {
    struct list_page page; /* for the store; page.count is the pageSize */
    int64_t moment_s;      /* of the first page: labels do not change in between */
};

/* Reads pageSize, after and sort. `has_sort` says which names may be sorted by; NULL:
 * none. INVALID names what is wrong. */
MUST_CHECK enum status list_read(struct visit *v, bool (*has_sort)(struct slice name),
                                 struct list_ask *out);

/* {"data": [ is written; the rows come next. */
struct json_writer list_begin(struct visit *v);
/* Writes next (NULL: this was the last page) and total (-1: null), and the end. */
MUST_CHECK enum status list_end(struct visit *v, struct json_writer *writer,
                                const struct list_ask *ask, const struct list_mark *next,
                                int64_t total);
/* The same after rows that store_…_find() has given. */
MUST_CHECK enum status list_end_found(struct visit *v, struct json_writer *writer,
                                      const struct list_ask *ask,
                                      const struct list_found *found);

/* A whole answer of rows that have an id: `show` writes the row of that id, or says
 * NOT_FOUND before it has written anything: deleted a moment ago, and left out. Ends the
 * page early when it has grown long. */
MUST_CHECK enum status list_answer(struct visit *v, const struct list_ask *ask,
                                   struct list_found *found,
                                   enum status (*show)(struct visit *,
                                                       struct json_writer *, int64_t id));

/* To be asked after each row: has the answer grown so long that the page ends here?
 * Then `found` ends with row `at`. */
bool list_is_long(const struct visit *v, struct list_found *found, size_t at);

#endif
