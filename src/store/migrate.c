/* SPDX-License-Identifier: Apache-2.0
 *
 * Migrations are named NNNN_what.sql, common ones in migrations/, those of one database
 * in its own folder there; together they are numbered from 1 without gaps. */
#include "store/migrate.h"

#include "base/embedded.h"
#include "base/slice.h"

#include <assert.h>
#include <stdio.h>

enum { NUMBER_DIGITS = 4 };

/* All files of migrations/, written by tools/embed.py. */
extern const struct embedded MIGRATIONS[];

/* The number of this file, if it is for this database; 0 when not. */
static int64_t
number_of(const char *name, const char *dialect)
{
    const char *slash = strrchr(name, '/');
    const char *file = slash ? slash + 1 : name;
    int64_t number = 0;

    if (slash &&
        (strncmp(name, dialect, strlen(dialect)) != 0 || slash != name + strlen(dialect)))
        return 0;
    for (int i = 0; i < NUMBER_DIGITS; i++) {
        assert(file[i] >= '0' && file[i] <= '9');
        number = number * 10 + (file[i] - '0');
    }
    return number;
}

static const struct embedded *
find_file(const char *dialect, int64_t number)
{
    for (const struct embedded *file = MIGRATIONS; file->name; file++) {
        if (number_of(file->name, dialect) == number)
            return file;
    }
    return NULL;
}

/* The number of the last migration that this program has. */
static int64_t
newest_of(const struct db *db)
{
    int64_t number = 0;

    while (find_file(db_dialect(db), number + 1))
        number++;
    return number;
}

enum status
migrate_check(struct db *db, const char *path, struct failure *failure)
{
    int64_t schema = 0;
    int64_t newest = newest_of(db);
    enum status status = db_schema(db, &schema);

    if (status != STATUS_OK)
        return failure_set(failure, status, NULL, "cannot read '%s': %s", path,
                           db_failure(db));
    if (schema > newest)
        return failure_set(
            failure, STATUS_REFUSED, NULL,
            "'%s' has form %lld, but this program (" TOKENHOUSE_VERSION
            ") knows forms up to %lld; use the newer program that wrote it",
            path, (long long)schema, (long long)newest);
    if (schema < newest)
        return failure_set(failure, STATUS_CONFLICT, NULL,
                           "'%s' has form %lld and must be brought to form %lld first; "
                           "'tokenhouse serve' does that",
                           path, (long long)schema, (long long)newest);
    return STATUS_OK;
}

/* Does the next migration. *out_is_done when there is none. Asks for the number again
 * inside the transaction: another process may have been faster. */
static enum status
do_next(struct db *db, bool *out_is_done)
{
    int64_t schema = 0;
    enum status status = db_begin(db);

    if (status == STATUS_OK)
        status = db_schema(db, &schema);
    if (status != STATUS_OK)
        return status;

    const struct embedded *file = find_file(db_dialect(db), schema + 1);
    if (!file) {
        *out_is_done = true;
        db_undo(db);
        return STATUS_OK;
    }
    status = db_run_script(db, file->bytes);
    if (status == STATUS_OK)
        status = db_schema_set(db, schema + 1);
    return status == STATUS_OK ? db_commit(db) : status;
}

enum status
migrate_run(struct db *db, const char *path, struct failure *failure)
{
    bool is_done = false;

    while (!is_done) {
        enum status status = do_next(db, &is_done);
        if (status != STATUS_OK) {
            db_undo(db);
            return failure_set(failure, status, NULL,
                               "cannot bring '%s' to the form of this program: %s", path,
                               db_failure(db));
        }
    }
    return STATUS_OK;
}
