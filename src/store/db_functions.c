/* SPDX-License-Identifier: Apache-2.0
 *
 * Functions for SQL. They look at nothing but their arguments. */
#include "store/db_functions.h"

#include "base/auto.h"
#include "base/mem.h"
#include "store/fold.h"

enum { FOLD_SMALL_BYTES = 2048 }; /* titles, names and most descriptions */

/* fold(text): case folded as names are, so that SQL can compare what it reads. */
static void
fold_in_sql(sqlite3_context *context, int count, sqlite3_value **values)
{
    char small[FOLD_SMALL_BYTES];
    char *large AUTO(mem_done) = NULL;
    const unsigned char *at = sqlite3_value_text(values[0]);
    size_t len = (size_t)sqlite3_value_bytes(values[0]);
    char *out = small;

    (void)count;
    if (!at)
        return; /* NULL stays NULL */
    if (len >= sizeof(small))
        out = large = mem_new(len + 1);
    if (fold_case((struct slice){at, len}, out, len + 1))
        sqlite3_result_text64(context, out, len, SQLITE_TRANSIENT, SQLITE_UTF8);
    else
        sqlite3_result_value(context, values[0]); /* a zero byte in it: as it is */
}

/* strpos(text, part): where the part begins, from 1; 0 = it is not in there. Counts
 * bytes, where PostgreSQL counts characters; we only ask whether it is more than 0. Many
 * times faster than LIKE. */
static void
find_in_sql(sqlite3_context *context, int count, sqlite3_value **values)
{
    const void *text = sqlite3_value_text(values[0]);
    const void *part = sqlite3_value_text(values[1]);
    const char *at = NULL;

    (void)count;
    if (!text || !part)
        return; /* NULL stays NULL */
    at = memmem(text, (size_t)sqlite3_value_bytes(values[0]), part,
                (size_t)sqlite3_value_bytes(values[1]));
    sqlite3_result_int64(context, at ? at - (const char *)text + 1 : 0);
}

static const struct function {
    const char *name;
    int argument_count;
    void (*run)(sqlite3_context *context, int count, sqlite3_value **values);
} FUNCTIONS[] = {
    {"fold", 1, fold_in_sql},
    {"strpos", 2, find_in_sql},
};

int
db_functions_add(sqlite3 *sqlite)
{
    int code = SQLITE_OK;

    for (size_t i = 0; code == SQLITE_OK && i < COUNT_OF(FUNCTIONS); i++)
        code = sqlite3_create_function_v2(
            sqlite, FUNCTIONS[i].name, FUNCTIONS[i].argument_count,
            SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY, NULL,
            FUNCTIONS[i].run, NULL, NULL, NULL);
    return code;
}
