/* SPDX-License-Identifier: Apache-2.0
 *
 * SQL that is put together at run time: from constant texts only, values only bound. For
 * lists, whose filters and orders vary too much for THE STATEMENT TABLE. Nobody outside
 * the store includes this. */
#ifndef STORE_SQL_H
#define STORE_SQL_H

#include "base/arena.h"
#include "base/buffer.h"
#include "store/inside.h"

enum {
    SQL_MAX_BYTES = 64 * 1024,  /* far over 64 filters and 256 groups */
    SQL_VALUE_MAX_COUNT = 1024, /* far under both databases' limits */
    SQL_FOLD_MAX_BYTES = 1024,  /* longer than anything that is looked at */
};

/* One bound value. */
struct sql_value {
    struct slice text;
    int64_t number;
    bool is_number;
};

/* SQL in the making. Texts that are bound must live until it was asked. */
struct sql {
    struct buffer text;
    struct arena *arena; /* for what is made on the way */
    struct sql_value values[SQL_VALUE_MAX_COUNT];
    size_t value_count;
};

struct sql sql_make(struct arena *arena);
void sql_done(struct sql *sql);  /* for AUTO(sql_done) */
void sql_clear(struct sql *sql); /* begins anew */

void sql_add(struct sql *sql, const char *text); /* a constant of the program */
void sql_add_text(struct sql *sql, struct slice text);
void sql_add_int(struct sql *sql, int64_t number);
/* The text as columns hold it that are looked through, without capitals; what is longer
 * than anything there is cut. Lives in the arena. */
struct slice sql_fold(struct sql *sql, struct slice text);
/* A pattern for LIKE … ESCAPE '\': `head`, the text as it is, `tail`; lives in `arena`.
 */
struct slice sql_pattern(struct arena *arena, const char *head, struct slice text,
                         const char *tail);
/* "column LIKE $n ESCAPE '\'" */
void sql_add_like(struct sql *sql, const char *column, struct slice pattern);

/* "strpos(column, $n) > 0": does the column hold this text? */
void sql_add_holds(struct sql *sql, const char *column, struct slice text);

/* Takes it into use, values bound. STATUS_TOO_LARGE: it has grown too long. */
MUST_CHECK enum status sql_ask(struct store *store, struct sql *sql,
                               struct db_query **out);
/* Asks a question whose answer is one number. */
MUST_CHECK enum status sql_ask_number(struct store *store, struct sql *sql, int64_t *out);

#endif
