/* SPDX-License-Identifier: Apache-2.0
 *
 * What the parts of the store share among themselves. Nobody else includes this. */
#ifndef STORE_INSIDE_H
#define STORE_INSIDE_H

#include "base/date.h"
#include "base/slice.h"
#include "base/status.h"
#include "model/permission.h"
#include "store/db.h"
#include "store/statements.h"
#include "store/store.h"

#include <stdbool.h>
#include <stdint.h>

struct store {
    struct db *db;
    char damage[128]; /* words of store_damaged(); "" = the driver's words count */
};

/* Takes a statement of the table into use; db_query_end() ends it. */
__attribute__((returns_nonnull)) struct db_query *store_ask(struct store *store,
                                                            enum statement statement);
/* For the acts: the same, but a transaction must be running. */
__attribute__((returns_nonnull)) struct db_query *store_act(struct store *store,
                                                            enum statement statement);
/* Runs an act that gives one number back (RETURNING), to its very end: foreign keys are
 * looked at last. STATUS_NOT_FOUND: it changed nothing. */
MUST_CHECK enum status store_run_returning(struct db_query *query, int64_t *out);
/* A row that we cannot have written. */
MUST_CHECK enum status store_damaged(struct store *store, const char *table);

/* Reads the columns of one row from the left to the right, and remembers what does not
 * fit, so that a row is checked once at its end. */
struct row {
    struct db_query *query;
    int column;
    bool is_bad;
};

int64_t row_int(struct row *row);
bool row_truth(struct row *row);
/* Into `out` as a closed text of at most size - 1 bytes. */
void row_text(struct row *row, char *out, size_t size);
struct slice row_blob(struct row *row);
void row_date(struct row *row, struct date *out); /* YYYY-MM-DD */
void row_permissions(struct row *row, struct permission_set *out);

/* May these bytes stand in a column of text? Then a question about them is worth
 * asking: no other bytes were ever stored. */
bool text_can_be_stored(struct slice text);

#endif
