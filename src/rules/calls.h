/* SPDX-License-Identifier: Apache-2.0
 *
 * Pick calls, get permissions: which operations the lines of an access log are calls of,
 * and the least that a token must have for all of them. Pure.
 *
 * A line is read as: the common or combined log format (the request in quotes), a JSON
 * object ({"method","uri" or "path","query" or "query-string","body"}, or {"request":
 * "GET /… HTTP/1.1"}), or METHOD /path?query. Blank lines and those that begin with '#'
 * are passed over. */
#ifndef RULES_CALLS_H
#define RULES_CALLS_H

#include "base/arena.h"
#include "rules/needs.h"
#include "rules/route_map.h"
#include "json/write.h"

#include <stddef.h>
#include <stdint.h>

enum {
    CALLS_TEXT_MAX_BYTES = 4 * 1024 * 1024, /* some ten thousand lines */
    CALLS_UNMATCHED_MAX_COUNT = 100,        /* that are listed; all are counted */
    CALLS_LINE_SHOWN_BYTES = 200,
};

struct calls_how {
    const struct route_map *map;
    needs_select_names *select_names;
    struct slice prefix; /* put before each path: where the logged API stands here */
};

struct calls_operation {
    const struct operation *operation; /* borrowed from the map */
    int64_t count;
    struct permission_set needs; /* of all its calls */
};

struct calls_unmatched {
    int64_t line; /* from 1 */
    struct slice text;
    const char *why;
};

struct calls {
    struct calls_operation *operations; /* in the order in which they came up */
    size_t operation_count;
    struct calls_unmatched unmatched[CALLS_UNMATCHED_MAX_COUNT];
    int64_t matched_count, unmatched_count; /* lines */
    struct permission_set permissions;      /* the least set, with what Manage implies */
};

/* Reads all lines of `text`, which must outlive *out. Its lists are in `arena`. */
void calls_read(struct slice text, const struct calls_how *how, struct arena *arena,
                struct calls *out);

/* Writes all as one object (docs/admin-api.md, "Explain"). `held`: what the asker's role
 * has; NULL = nobody asks. */
void calls_write(const struct calls *calls, const struct permission_set *held,
                 struct json_writer *writer);

#endif
