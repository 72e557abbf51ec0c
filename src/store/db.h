/* SPDX-License-Identifier: Apache-2.0
 *
 * One connection to a database: what a driver (db_sqlite.c) must be able to do. SQL is
 * given as a constant text, or one put together from constant texts only; values are
 * bound as $1, $2, …, which mean the same to every driver. */
#ifndef STORE_DB_H
#define STORE_DB_H

#include "base/slice.h"
#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

struct db;       /* one connection, for one thread at a time */
struct db_query; /* one statement in use */

enum db_use { DB_READ = 1, DB_WRITE };

/* Makes the file of a new, empty database (mode 0600) that is known as ours.
 * STATUS_CONFLICT: the file exists. */
MUST_CHECK enum status db_create(const char *path, struct failure *failure);
/* Opens an existing database of ours. STATUS_NOT_FOUND: no such file. STATUS_REFUSED:
 * it is not ours (and is not touched), or DB_WRITE and it cannot be written. */
MUST_CHECK enum status db_open(const char *path, enum db_use use, struct db **out,
                               struct failure *failure);
/* All queries must have ended. Accepts NULL, leaves NULL. */
void db_close(struct db **db);
/* Words for the last failure; never bound values. */
const char *db_failure(const struct db *db);

/* From here on db_check_room() says no (STATUS_FULL) while fewer bytes are free. */
void db_keep_free(struct db *db, int64_t bytes);
MUST_CHECK enum status db_check_room(struct db *db);
/* A transaction that writes. Waits up to 10 s for others: threads of this process in
 * line, other processes by polling. STATUS_UNAVAILABLE: still busy. */
MUST_CHECK enum status db_begin(struct db *db);
MUST_CHECK enum status db_commit(struct db *db); /* on disk when it returns OK */
void db_undo(struct db *db);                     /* harmless when nothing is begun */
bool db_is_begun(const struct db *db);
/* What is read until db_release() is all of one moment, and the database's locks are
 * taken once for it. Within an act both do nothing. */
void db_hold(struct db *db);
void db_release(struct db *db);
/* Many rows will be written from now on (or no longer): more memory makes that faster. */
void db_expect_many(struct db *db, bool is_many);

/* From here on the connection keeps at most 2 MiB of the database in memory. */
MUST_CHECK enum status db_keep_little(struct db *db);
/* Differs after another connection has committed. */
MUST_CHECK enum status db_version(struct db *db, int64_t *out);

/* The number of the last migration; 0 = none. Set within a transaction. */
MUST_CHECK enum status db_schema(struct db *db, int64_t *out);
MUST_CHECK enum status db_schema_set(struct db *db, int64_t number);
/* Runs several statements without values: migrations only. */
MUST_CHECK enum status db_run_script(struct db *db, struct slice script);
/* Which folder of migrations/ is this driver's: "sqlite". */
const char *db_dialect(const struct db *db);

/* Takes a statement into use: prepared once, then kept (the least used ones go). Never
 * NULL: a failure is remembered and comes out of the first db_step(). End it with
 * db_query_end(), best by AUTO(db_query_end). */
__attribute__((returns_nonnull)) struct db_query *db_ask(struct db *db, const char *text);
void db_query_end(struct db_query **query);

/* Values. Texts and blobs are borrowed until the query ends or is begun again; texts
 * must be UTF-8 without zero bytes. A number that the statement has not is our bug. */
void db_bind_int(struct db_query *query, int number, int64_t value);
void db_bind_text(struct db_query *query, int number, struct slice text);
void db_bind_blob(struct db_query *query, int number, struct slice bytes);
void db_bind_null(struct db_query *query, int number);

/* The next row, if there is one.
 * STATUS_CONFLICT     something that must be unique is there already
 * STATUS_REFUSED      a row is pointed at that is not there, or still is pointed at
 * STATUS_UNAVAILABLE  busy, disk full, unreadable, …
 * STATUS_BROKEN       anything else; db_failure() has the words */
MUST_CHECK enum status db_step(struct db_query *query, bool *out_has_row);
/* Is there a next row? For loops: *status is what db_step() gave, so that it is STATUS_OK
 * when all rows were seen. */
static inline bool
db_next(struct db_query *query, enum status *status)
{
    bool has_row = false;

    *status = db_step(query, &has_row);
    return *status == STATUS_OK && has_row;
}
/* The first row. STATUS_NOT_FOUND: there is none. */
MUST_CHECK enum status db_first(struct db_query *query);
/* Runs a statement whose rows nobody wants, to its end. */
MUST_CHECK enum status db_run(struct db_query *query);
/* Back to the start, values forgotten: for one statement over many rows. */
void db_again(struct db_query *query);

/* Columns of the row, from 0. Slices live until the next step. NULL is 0 or empty. */
int64_t db_int(struct db_query *query, int column);
struct slice db_text(struct db_query *query, int column);
struct slice db_blob(struct db_query *query, int column);

/* db_first() of a question whose answer is one number. */
MUST_CHECK static inline enum status
db_first_int(struct db_query *query, int64_t *out)
{
    enum status status = db_first(query);

    if (status == STATUS_OK)
        *out = db_int(query, 0);
    return status;
}

#endif
