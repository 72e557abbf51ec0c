/* SPDX-License-Identifier: Apache-2.0
 *
 * nextPage: where a list goes on. A cursor holds the sort values and the number of the
 * last row, and a MAC over them, the operation, the rest of the query and the token's
 * device groups: it serves for that list only, and an altered one is refused. */
#ifndef API_CURSOR_H
#define API_CURSOR_H

#include "api/answer.h"

enum { CURSOR_VALUE_MAX_COUNT = 21 };

struct cursor {
    struct slice values[CURSOR_VALUE_MAX_COUNT];
    size_t value_count;
    int64_t id;
    bool is_there; /* false: from the start */
};

/* Reads nextPage of the request, if there is one. Anything but a cursor of this very
 * list with `value_count` values is refused (INVALID_VALUE nextPage). */
MUST_CHECK enum status cursor_read(struct answer *x, size_t value_count,
                                   struct cursor *out);
/* The text of a cursor, in the request's arena. */
struct slice cursor_write(struct answer *x, const struct cursor *cursor);

#endif
