/* SPDX-License-Identifier: Apache-2.0
 *
 * Putting SQL together. */
#include "store/sql.h"

#include "base/auto.h"
#include "store/fold.h"

#include <assert.h>

struct sql
sql_make(struct arena *arena)
{
    return (struct sql){.text = buffer_make(SQL_MAX_BYTES), .arena = arena};
}

void
sql_done(struct sql *sql)
{
    buffer_done(&sql->text);
}

void
sql_clear(struct sql *sql)
{
    buffer_clear(&sql->text);
    sql->value_count = 0;
}

void
sql_add(struct sql *sql, const char *text)
{
    buffer_add_text(&sql->text, text);
}

/* Appends the mark of a new value. */
static void
add_value(struct sql *sql, struct sql_value value)
{
    assert(sql->value_count < SQL_VALUE_MAX_COUNT);
    sql->values[sql->value_count++] = value;
    buffer_add_byte(&sql->text, '$');
    buffer_add_int(&sql->text, (int64_t)sql->value_count);
}

void
sql_add_text(struct sql *sql, struct slice text)
{
    add_value(sql, (struct sql_value){.text = text});
}

void
sql_add_int(struct sql *sql, int64_t number)
{
    add_value(sql, (struct sql_value){.number = number, .is_number = true});
}

struct slice
sql_fold(struct sql *sql, struct slice text)
{
    char folded[SQL_FOLD_MAX_BYTES];

    if (!fold_case(slice_head(text, sizeof(folded) - 1), folded, sizeof(folded)))
        return (struct slice){0};
    return arena_copy(sql->arena, slice_of(folded));
}

struct slice
sql_pattern(struct arena *arena, const char *head, struct slice text, const char *tail)
{
    unsigned char *at = arena_new(arena, strlen(head) + 2 * text.len + strlen(tail) + 1);
    size_t len = strlen(head);

    memcpy(at, head, len);
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '%' || text.at[i] == '_' || text.at[i] == '\\')
            at[len++] = '\\';
        at[len++] = text.at[i];
    }
    memcpy(at + len, tail, strlen(tail));
    return (struct slice){at, len + strlen(tail)};
}

void
sql_add_like(struct sql *sql, const char *column, struct slice pattern)
{
    sql_add(sql, column);
    sql_add(sql, " LIKE ");
    sql_add_text(sql, pattern);
    sql_add(sql, " ESCAPE '\\'");
}

void
sql_add_holds(struct sql *sql, const char *column, struct slice text)
{
    sql_add(sql, "strpos(");
    sql_add(sql, column);
    sql_add(sql, ", ");
    sql_add_text(sql, text);
    sql_add(sql, ") > 0");
}

enum status
sql_ask(struct store *store, struct sql *sql, struct db_query **out)
{
    buffer_add_byte(&sql->text, '\0');
    if (buffer_check(&sql->text) != STATUS_OK)
        return STATUS_TOO_LARGE;

    struct db_query *ask = db_ask(store->db, (const char *)sql->text.at);
    for (size_t i = 0; i < sql->value_count; i++) {
        if (sql->values[i].is_number)
            db_bind_int(ask, (int)i + 1, sql->values[i].number);
        else
            db_bind_text(ask, (int)i + 1, sql->values[i].text);
    }
    *out = ask;
    return STATUS_OK;
}

enum status
sql_ask_number(struct store *store, struct sql *sql, int64_t *out)
{
    struct db_query *ask AUTO(db_query_end) = NULL;
    enum status status = sql_ask(store, sql, &ask);

    if (status == STATUS_OK)
        status = db_first(ask);
    if (status == STATUS_OK)
        *out = db_int(ask, 0);
    return status;
}
