/* SPDX-License-Identifier: Apache-2.0
 *
 * How a page is found. Rows are ordered by the sort keys and then by their number, and
 * a page goes on after the last row of the one before. "After" is asked in parts, each of
 * which an index can seek to: first the rows that are equal in all keys and have a higher
 * number, then those equal in all keys but the last, …, at last those beyond in the first
 * key. A part that is not needed is not asked. */
#include "store/store_device_query.h"

#include "base/auto.h"
#include "base/utf8.h"
#include "store/sql.h"

#include <assert.h>

enum {
    ANY_OF_MAX_COUNT = 256,
    /* Up to so many members, a group is read whole and sorted; over it, rows are read in
     * order and asked for their groups. Both cost about 10 ms where they meet. */
    GROUP_SMALL_MAX_MEMBERS = 5000,
    /* Up to so many rows that pass a filter are found by its index and sorted; over it,
     * rows are read in order until enough have passed. */
    FEW_MAX_ROWS = 2000,
};

/* SQL in the making. */
struct compiled {
    struct sql sql;
    bool is_few[DEVICE_FILTER_MAX_COUNT]; /* may this filter's index be used? */
    bool is_small;                        /* are the groups read whole? */
    bool is_applications_first;           /* else devices lead, or are all there is */
};

/* Which of the two things is asked for. */
struct subject {
    const char *columns;     /* id, device id */
    const char *row;         /* doc, beside, guarded of the row with the id $1 */
    const char *from;        /* devices first */
    const char *from_other;  /* applications first; NULL for devices */
    const char *from_groups; /* devices of small groups first; the groups follow */
    const char *from_groups_end;
    const char *id; /* the row's number */
};

static const struct subject DEVICES = {
    .columns = "d.id, d.id",
    .row = "SELECT doc, custom_fields, guarded FROM device WHERE id = $1",
    .from = " FROM device d WHERE 1 = 1",
    .from_groups = " FROM (SELECT DISTINCT device_id FROM device_group_member"
                   " WHERE group_id IN (",
    .from_groups_end = ")) g CROSS JOIN device d WHERE d.id = g.device_id",
    .id = "d.id",
};

static const struct subject APPLICATIONS = {
    .columns = "a.id, d.id",
    .row = "SELECT a.doc, d.app_head, 0 FROM application a"
           " JOIN device d ON d.id = a.device_id WHERE a.id = $1",
    .from = " FROM device d CROSS JOIN application a WHERE a.device_id = d.id",
    .from_other = " FROM application a CROSS JOIN device d WHERE d.id = a.device_id",
    .from_groups = " FROM (SELECT DISTINCT device_id FROM device_group_member"
                   " WHERE group_id IN (",
    .from_groups_end = ")) g CROSS JOIN device d CROSS JOIN application a"
                       " WHERE d.id = g.device_id AND a.device_id = d.id",
    .id = "a.id",
};

static void
add(struct compiled *c, const char *text)
{
    sql_add(&c->sql, text);
}

static void
add_text(struct compiled *c, struct slice text)
{
    sql_add_text(&c->sql, text);
}

static void
add_number(struct compiled *c, int64_t number)
{
    sql_add_int(&c->sql, number);
}

/* The least text that is greater than all that begin with `prefix`: its last letter
 * goes one up. False when there is none. */
static bool
prefix_end(struct slice prefix, struct arena *arena, struct slice *out)
{
    struct slice rest = prefix;

    while (rest.len > 0) {
        size_t start = rest.len - 1;
        while (start > 0 && (rest.at[start] & 0xC0) == 0x80)
            start--;
        uint32_t letter = 0;
        for (size_t i = start; i < rest.len; i++)
            letter = i == start && rest.len - start > 1
                         ? rest.at[i] & (0xFFu >> (rest.len - start + 1))
                         : letter << 6 | (rest.at[i] & (i == start ? 0x7Fu : 0x3Fu));
        letter++;
        if (letter == 0xD800)
            letter = 0xE000;
        if (letter <= 0x10FFFF) {
            unsigned char *end = arena_new(arena, start + 4);
            if (start > 0)
                memcpy(end, rest.at, start);
            *out = (struct slice){end, start + utf8_write(letter, end + start)};
            return true;
        }
        rest.len = start;
    }
    return false;
}

static void
add_like(struct compiled *c, const char *column, const char *head, struct slice text,
         const char *tail)
{
    sql_add_like(&c->sql, column, sql_pattern(c->sql.arena, head, text, tail));
}

static bool
is_of_application(const struct device_field *field)
{
    return field->column[0] == 'a';
}

static void
add_column(struct compiled *c, const struct device_field *field, bool may_use_index)
{
    bool leads = is_of_application(field) == c->is_applications_first;

    add(c, field->column);
    /* An index that most rows pass would give them in a wrong order, to be sorted for
     * each page; without statistics the database cannot know that. And what does not
     * lead is found by the device's number: by any other index it would be searched
     * through once for each row that leads. */
    if (field->is_indexed && (!may_use_index || !leads))
        add(c, " || ''");
}

/* column >= prefix AND column < its end: an index can serve it. */
static void
add_starts(struct compiled *c, const struct device_filter *filter, bool may_use_index)
{
    struct slice end;

    add_column(c, filter->field, may_use_index);
    add(c, " >= ");
    add_text(c, filter->value);
    if (!prefix_end(filter->value, c->sql.arena, &end))
        return;
    add(c, " AND ");
    add_column(c, filter->field, may_use_index);
    add(c, " < ");
    add_text(c, end);
}

static void
add_compare(struct compiled *c, const struct device_filter *filter, const char *sign,
            bool may_use_index)
{
    add_column(c, filter->field, may_use_index);
    add(c, sign);
    add_text(c, filter->value);
}

/* Lists hold their values between line feeds. */
static void
add_list_match(struct compiled *c, const struct device_filter *filter)
{
    const char *column = filter->field->column;

    switch (filter->match) {
    case MATCH_IS:
    case MATCH_CONTAINS:
        add_like(c, column, "%\n", filter->value, "\n%");
        return;
    case MATCH_IS_NOT:
    case MATCH_NOT_CONTAINS:
        add(c, "NOT ");
        add_like(c, column, "%\n", filter->value, "\n%");
        return;
    case MATCH_STARTS:
        add_like(c, column, "%\n", filter->value, "%");
        return;
    case MATCH_NOT_STARTS:
        add(c, "NOT ");
        add_like(c, column, "%\n", filter->value, "%");
        return;
    case MATCH_ENDS:
        add_like(c, column, "%", filter->value, "\n%");
        return;
    case MATCH_NOT_ENDS:
        add(c, "NOT ");
        add_like(c, column, "%", filter->value, "\n%");
        return;
    case MATCH_EMPTY:
        add(c, column);
        add(c, " = ''");
        return;
    case MATCH_NOT_EMPTY:
        add(c, column);
        add(c, " <> ''");
        return;
    case MATCH_AFTER:
    case MATCH_FROM:
    case MATCH_BEFORE:
    case MATCH_TO:
    case MATCH_COUNT:
        break;
    }
    assert(false); /* no list has these: test_every_field_is_whole */
}

static void
add_any_of(struct compiled *c, const struct device_filter *filter, bool may_use_index)
{
    assert(filter->any_count <= ANY_OF_MAX_COUNT);
    add_column(c, filter->field, may_use_index);
    add(c, " IN (");
    for (size_t i = 0; i < filter->any_count; i++) {
        if (i > 0)
            add(c, ", ");
        add_text(c, filter->any_of[i]);
    }
    add(c, ")");
}

static void
add_match(struct compiled *c, const struct device_filter *filter, bool may_use_index)
{
    const char *column = filter->field->column;

    switch (filter->match) {
    case MATCH_IS:
        if (filter->any_of)
            add_any_of(c, filter, may_use_index);
        else
            add_compare(c, filter, " = ", may_use_index);
        return;
    case MATCH_IS_NOT:
        add_compare(c, filter, " <> ", false);
        return;
    case MATCH_CONTAINS:
        add_like(c, column, "%", filter->value, "%");
        return;
    case MATCH_NOT_CONTAINS:
        add(c, "NOT ");
        add_like(c, column, "%", filter->value, "%");
        return;
    case MATCH_STARTS:
        add_starts(c, filter, may_use_index);
        return;
    case MATCH_NOT_STARTS:
        add(c, "NOT (");
        add_starts(c, filter, false);
        add(c, ")");
        return;
    case MATCH_ENDS:
        add_like(c, column, "%", filter->value, "");
        return;
    case MATCH_NOT_ENDS:
        add(c, "NOT ");
        add_like(c, column, "%", filter->value, "");
        return;
    case MATCH_EMPTY:
        add_column(c, filter->field, may_use_index);
        add(c, " = ''");
        return;
    case MATCH_NOT_EMPTY:
        add(c, column);
        add(c, " <> ''");
        return;
    case MATCH_AFTER:
        add_compare(c, filter, " > ", may_use_index);
        return;
    case MATCH_FROM:
        add_compare(c, filter, " >= ", may_use_index);
        return;
    case MATCH_BEFORE:
        add_compare(c, filter, " < ", may_use_index);
        add(c, " AND ");
        add(c, column);
        add(c, " <> ''");
        return;
    case MATCH_TO:
        add_compare(c, filter, " <= ", may_use_index);
        add(c, " AND ");
        add(c, column);
        add(c, " <> ''");
        return;
    case MATCH_COUNT:
        break;
    }
    assert(false);
}

static void
add_filters(struct compiled *c, const struct device_query *query)
{
    const struct device_field *first = query->sort_count ? query->sorts[0].field : NULL;

    for (size_t i = 0; i < query->filter_count; i++) {
        const struct device_filter *filter = &query->filters[i];
        add(c, " AND (");
        if (filter->field->kind == FIELD_LIST)
            add_list_match(c, filter);
        else
            add_match(c, filter, c->is_few[i] || filter->field == first);
        add(c, ")");
    }
}

/* What people look for when they look for a device. */
static void
add_text_filter(struct compiled *c, struct slice text)
{
    static const char *const COLUMNS[] = {"d.device_name", "d.device_uid",
                                          "d.esn",         "d.serial_number",
                                          "d.username",    "d.current_username"};

    for (size_t i = 0; i < COUNT_OF(COLUMNS); i++) {
        add(c, i == 0 ? " AND (" : " OR ");
        sql_add_holds(&c->sql, COLUMNS[i], text);
    }
    add(c, ")");
}

static void
add_group_list(struct compiled *c, const struct device_query *query)
{
    for (size_t i = 0; i < query->group_count; i++) {
        if (i > 0)
            add(c, ", ");
        add_number(c, query->group_ids[i]);
    }
}

/* The rows after query->after that are equal to it in the first `equal` keys, and beyond
 * it in the next one (the row's number, when all are equal). */
static void
add_part(struct compiled *c, const struct subject *subject,
         const struct device_query *query, size_t equal)
{
    bool is_last_descending =
        query->sort_count > 0 && query->sorts[query->sort_count - 1].is_descending;

    for (size_t i = 0; i < equal; i++) {
        add(c, " AND ");
        add_column(c, query->sorts[i].field, true);
        add(c, " = ");
        add_text(c, query->after[i]);
    }
    add(c, " AND ");
    if (equal == query->sort_count) {
        add(c, subject->id);
        add(c, is_last_descending ? " < " : " > ");
        add_number(c, query->after_id);
    } else {
        add_column(c, query->sorts[equal].field, true);
        add(c, query->sorts[equal].is_descending ? " < " : " > ");
        add_text(c, query->after[equal]);
    }
}

/* Keys that are known to be equal are left out: what is left, an index can follow. The
 * row's number goes the way of the last key, as an index does. */
static void
add_order(struct compiled *c, const struct subject *subject,
          const struct device_query *query, size_t equal)
{
    bool is_descending = false;

    add(c, " ORDER BY ");
    for (size_t i = 0; i < query->sort_count; i++) {
        is_descending = query->sorts[i].is_descending;
        if (i < equal)
            continue;
        add(c, query->sorts[i].field->column);
        add(c, is_descending ? " DESC, " : ", ");
    }
    add(c, subject->id);
    if (is_descending)
        add(c, " DESC");
}

/* Do applications lead? A filter that few rows pass decides; else the first sort key,
 * whose index then gives the rows in order. */
static bool
applications_lead(const struct compiled *c, const struct subject *subject,
                  const struct device_query *query)
{
    bool has_application = false;

    if (!subject->from_other || c->is_small)
        return false;
    for (size_t i = 0; i < query->filter_count; i++) {
        if (!c->is_few[i])
            continue;
        if (!is_of_application(query->filters[i].field))
            return false;
        has_application = true;
    }
    return has_application || query->sort_count == 0 ||
           is_of_application(query->sorts[0].field);
}

static void
compile(struct compiled *c, const struct subject *subject,
        const struct device_query *query, size_t equal, size_t count)
{
    sql_clear(&c->sql);
    c->is_applications_first = applications_lead(c, subject, query);
    add(c, "SELECT ");
    add(c, subject->columns);
    for (size_t i = 0; i < query->sort_count; i++) {
        add(c, ", ");
        add(c, query->sorts[i].field->column);
    }
    if (c->is_small) {
        add(c, subject->from_groups);
        add_group_list(c, query);
        add(c, subject->from_groups_end);
    } else {
        add(c, c->is_applications_first ? subject->from_other : subject->from);
    }
    if (query->group_count > 0 && !c->is_small) {
        add(c, " AND EXISTS (SELECT 1 FROM device_group_member m"
               " WHERE m.device_id = d.id AND m.group_id IN (");
        add_group_list(c, query);
        add(c, "))");
    }
    add_filters(c, query);
    if (query->text.len > 0)
        add_text_filter(c, query->text);
    if (query->after)
        add_part(c, subject, query, equal);
    add_order(c, subject, query, query->after ? equal : 0);
    add(c, " LIMIT ");
    add_number(c, (int64_t)count);
}

/* A row that was found. Documents are read afterwards, each by its number: sorting must
 * not carry them along. */
struct found {
    int64_t id, device_id;
    struct slice *sorted_by;
    struct found *next;
};

/* Finds the rows of one part; `end` is where the next one is hung in. */
static enum status
find_part(struct store *store, struct compiled *c, const struct device_query *query,
          struct found ***end, size_t *seen)
{
    struct db_query *ask AUTO(db_query_end) = NULL;
    enum status status = sql_ask(store, &c->sql, &ask);

    if (status != STATUS_OK)
        return status;
    while (db_next(ask, &status)) {
        struct found *found = arena_new(c->sql.arena, sizeof(*found));
        found->id = db_int(ask, 0);
        found->device_id = db_int(ask, 1);
        found->sorted_by =
            arena_new(c->sql.arena, (query->sort_count + 1) * sizeof(struct slice));
        for (size_t i = 0; i < query->sort_count; i++)
            found->sorted_by[i] = arena_copy(c->sql.arena, db_text(ask, (int)i + 2));
        **end = found;
        *end = &found->next;
        (*seen)++;
    }
    return status;
}

/* Reads the documents of what was found, and gives them out. One that has gone meanwhile
 * is left out. */
static enum status
give_out(struct store *store, const struct subject *subject, const struct found *first,
         device_row_each *each, void *ctx)
{
    struct db_query *ask AUTO(db_query_end) = db_ask(store->db, subject->row);

    for (const struct found *found = first; found; found = found->next) {
        db_bind_int(ask, 1, found->id);
        enum status status = db_first(ask);
        if (status != STATUS_OK && status != STATUS_NOT_FOUND)
            return status;
        struct device_row row = {.id = found->id,
                                 .device_id = found->device_id,
                                 .sorted_by = found->sorted_by};
        if (status == STATUS_OK) {
            row.doc = db_text(ask, 0);
            row.beside = db_text(ask, 1);
            row.guarded = db_int(ask, 2);
        }
        if (status == STATUS_OK && !each(ctx, &row))
            return STATUS_OK;
        db_again(ask);
    }
    return STATUS_OK;
}

static void
start_counting(struct compiled *c, const char *text)
{
    sql_clear(&c->sql);
    add(c, "SELECT count(*) FROM (SELECT 1 FROM ");
    add(c, text);
}

static void
end_counting(struct compiled *c, int64_t most)
{
    add(c, " LIMIT ");
    add_number(c, most + 1);
    add(c, ") x");
}

/* Have the groups so few members that they are better read whole? */
static enum status
look_at_groups(struct store *store, struct compiled *c, const struct device_query *query)
{
    int64_t count = 0;

    if (query->group_count == 0)
        return STATUS_OK;
    start_counting(c, "device_group_member WHERE group_id IN (");
    add_group_list(c, query);
    add(c, ")");
    end_counting(c, GROUP_SMALL_MAX_MEMBERS);
    enum status status = sql_ask_number(store, &c->sql, &count);
    if (status == STATUS_OK)
        c->is_small = count <= GROUP_SMALL_MAX_MEMBERS;
    return status;
}

/* Which filters do so few rows pass that their index is the way to them? */
static enum status
look_at_filters(struct store *store, struct compiled *c, const struct device_query *query)
{
    for (size_t i = 0; i < query->filter_count; i++) {
        const struct device_filter *filter = &query->filters[i];
        int64_t count = 0;
        if (!filter->field->is_telling ||
            (filter->match != MATCH_IS && filter->match != MATCH_STARTS))
            continue;
        c->is_applications_first = is_of_application(filter->field);
        start_counting(c, c->is_applications_first ? "application a WHERE "
                                                   : "device d WHERE ");
        add_match(c, filter, true);
        end_counting(c, FEW_MAX_ROWS);
        enum status status = sql_ask_number(store, &c->sql, &count);
        if (status != STATUS_OK)
            return status;
        c->is_few[i] = count <= FEW_MAX_ROWS;
    }
    return STATUS_OK;
}

static void
compiled_done(struct compiled *c)
{
    sql_done(&c->sql);
}

static enum status
query_held(struct store *store, const struct subject *subject,
           const struct device_query *query, struct arena *arena, device_row_each *each,
           void *ctx)
{
    struct compiled c AUTO(compiled_done) = {.sql = sql_make(arena)};
    size_t equal = query->after ? query->sort_count : 0;
    size_t seen = 0;
    struct found *first = NULL;
    struct found **end = &first;
    bool is_more = true;

    assert(query->sort_count <= DEVICE_SORT_MAX_COUNT);
    assert(query->filter_count <= DEVICE_FILTER_MAX_COUNT);
    enum status status = look_at_groups(store, &c, query);
    if (status == STATUS_OK)
        status = look_at_filters(store, &c, query);
    if (status != STATUS_OK)
        return status;
    while (is_more && seen < query->count) {
        compile(&c, subject, query, equal, query->count - seen);
        status = find_part(store, &c, query, &end, &seen);
        if (status != STATUS_OK)
            return status;
        is_more = equal > 0;
        equal--;
    }
    return give_out(store, subject, first, each, ctx);
}

static enum status
query_run(struct store *store, const struct subject *subject,
          const struct device_query *query, struct arena *arena, device_row_each *each,
          void *ctx)
{
    db_hold(store->db);
    enum status status = query_held(store, subject, query, arena, each, ctx);
    db_release(store->db);
    return status;
}

enum status
store_device_query(struct store *store, const struct device_query *query,
                   struct arena *arena, device_row_each *each, void *ctx)
{
    return query_run(store, &DEVICES, query, arena, each, ctx);
}

enum status
store_application_query(struct store *store, const struct device_query *query,
                        struct arena *arena, device_row_each *each, void *ctx)
{
    return query_run(store, &APPLICATIONS, query, arena, each, ctx);
}
