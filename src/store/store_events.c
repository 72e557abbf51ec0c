/* SPDX-License-Identifier: Apache-2.0
 *
 * Event History. */
#include "store/store_events.h"

#include "base/auto.h"
#include "store/fold.h"
#include "store/sql.h"

enum { EVENT_LIST_USUAL_COUNT = 100, FILTER_TEXT_MAX_BYTES = 1024 };

enum status
store_event_add(struct store *store, const struct event *event, int64_t *out_id)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, EVENT_ADD);

    db_bind_int(query, 1, event->at_ms);
    db_bind_int(query, 2, event->kind);
    db_bind_int(query, 3, event->actor_kind);
    db_bind_text(query, 4, slice_of(event->actor_id));
    db_bind_text(query, 5, slice_of(event->actor_name));
    db_bind_text(query, 6, slice_of(event->address));
    db_bind_text(query, 7, slice_of(event->object_kind));
    db_bind_text(query, 8, slice_of(event->object_id));
    db_bind_text(query, 9, slice_of(event->object_name));
    db_bind_text(query, 10, slice_of(event->request_id));
    db_bind_text(query, 11, event->details);
    return store_run_returning(query, out_id);
}

enum status
store_event_old(struct store *store, const struct event_keep *keep, int64_t count,
                int64_t *out_first, int64_t *out_last)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, EVENT_OLD);

    db_bind_int(query, 1, keep->before_ms);
    db_bind_int(query, 2, count);
    enum status status = db_first(query);
    if (status != STATUS_OK)
        return status;
    int64_t first = db_int(query, 0);
    int64_t newest = db_int(query, 1);
    int64_t young = db_int(query, 2);
    int64_t last = young > 0 && young < newest ? young - 1 : newest - 1;
    if (keep->keep_count > 0 && newest - keep->keep_count > last)
        last = newest - keep->keep_count;
    if (last > first + count - 1)
        last = first + count - 1;
    *out_first = first;
    *out_last = last >= first ? last : 0;
    return STATUS_OK;
}

enum status
store_event_remove(struct store *store, int64_t id)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, EVENT_REMOVE);

    db_bind_int(query, 1, id);
    return db_run(query);
}

static enum status
read_event(struct store *store, struct db_query *query, struct event *out)
{
    struct row row = {.query = query};

    out->id = row_int(&row);
    out->at_ms = row_int(&row);
    out->kind = (enum event_kind)row_int(&row);
    out->actor_kind = (enum actor_kind)row_int(&row);
    row_text(&row, out->actor_id, sizeof(out->actor_id));
    row_text(&row, out->actor_name, sizeof(out->actor_name));
    row_text(&row, out->address, sizeof(out->address));
    row_text(&row, out->object_kind, sizeof(out->object_kind));
    row_text(&row, out->object_id, sizeof(out->object_id));
    row_text(&row, out->object_name, sizeof(out->object_name));
    row_text(&row, out->request_id, sizeof(out->request_id));
    out->details = db_text(query, row.column);
    return row.is_bad ? store_damaged(store, "event") : STATUS_OK;
}

enum status
store_event_list(struct store *store, const struct event_query *wanted,
                 bool (*each)(void *ctx, const struct event *), void *ctx)
{
    bool is_of_object = wanted->object_id[0] != '\0';
    struct db_query *query AUTO(db_query_end) =
        store_ask(store, is_of_object ? EVENT_LIST_OF_OBJECT : EVENT_LIST_ALL);
    bool has_row = true;
    enum status status = STATUS_OK;

    db_bind_int(query, 1, wanted->before_id > 0 ? wanted->before_id : INT64_MAX);
    db_bind_int(query, 2, wanted->from_ms);
    db_bind_int(query, 3, wanted->to_ms > 0 ? wanted->to_ms : INT64_MAX);
    db_bind_int(query, 4, wanted->kind);
    db_bind_int(query, 5, wanted->kind > 0 ? wanted->kind : INT64_MAX);
    db_bind_int(query, 6, wanted->count > 0 ? wanted->count : EVENT_LIST_USUAL_COUNT);
    if (is_of_object)
        db_bind_text(query, 7, slice_of(wanted->object_id));
    while ((status = db_step(query, &has_row)) == STATUS_OK && has_row) {
        struct event event = {0};
        status = read_event(store, query, &event);
        if (status != STATUS_OK)
            return status;
        if (!each(ctx, &event))
            return STATUS_OK;
    }
    return status;
}

/* ---- what people look for ---- */

/* The text folded; what is too long to be anywhere is cut. */
static struct slice
fold_text(struct sql *sql, struct slice text)
{
    char folded[FILTER_TEXT_MAX_BYTES];

    if (!fold_case(slice_head(text, sizeof(folded) - 1), folded, sizeof(folded)))
        return (struct slice){0};
    return arena_copy(sql->arena, slice_of(folded));
}

static void
add_int(struct sql *sql, const char *condition, int64_t number)
{
    sql_add(sql, condition);
    sql_add_int(sql, number);
}

static void
add_kinds(struct sql *sql, uint64_t kinds)
{
    bool is_first = true;

    sql_add(sql, " AND kind IN (");
    for (int kind = 1; kind < 64; kind++) {
        if ((kinds >> kind & 1) == 0)
            continue;
        if (!is_first)
            sql_add(sql, ", ");
        sql_add_int(sql, kind);
        is_first = false;
    }
    if (is_first)
        sql_add_int(sql, 0); /* bits that are no kind: nothing */
    sql_add(sql, ")");
}

static void
add_sight(struct sql *sql, const struct user *user)
{
    sql_add(sql, " AND (actor_id = ");
    sql_add_text(sql, slice_of(user->uid));
    sql_add(sql, " OR object_id = ");
    sql_add_text(sql, slice_of(user->uid));
    add_int(sql, " OR object_id IN (SELECT id FROM token WHERE person_id = ", user->id);
    sql_add(sql, "))");
}

static void
add_texts(struct sql *sql, const struct event_filter *filter)
{
    if (filter->actor.len > 0) {
        sql_add(sql, " AND (");
        sql_add_holds(sql, "fold(actor_name)", fold_text(sql, filter->actor));
        sql_add(sql, " OR actor_id = ");
        sql_add_text(sql, filter->actor);
        sql_add(sql, ")");
    }
    if (filter->object_id.len > 0) {
        sql_add(sql, " AND object_id = ");
        sql_add_text(sql, filter->object_id);
    }
    if (filter->text.len > 0) {
        struct slice text = fold_text(sql, filter->text);
        sql_add(sql, " AND (");
        sql_add_holds(sql, "fold(object_name)", text);
        sql_add(sql, " OR ");
        sql_add_holds(sql, "fold(actor_name)", text);
        sql_add(sql, " OR ");
        sql_add_holds(sql, "fold(details)", text);
        sql_add(sql, ")");
    }
}

static void
add_filter(struct sql *sql, const struct event_filter *filter)
{
    sql_add(sql, " FROM event WHERE 1 = 1");
    if (filter->newer_than_id > 0)
        add_int(sql, " AND id > ", filter->newer_than_id);
    if (filter->from_ms > 0)
        add_int(sql, " AND at_ms >= ", filter->from_ms);
    if (filter->to_ms > 0)
        add_int(sql, " AND at_ms < ", filter->to_ms);
    if (filter->kinds != 0)
        add_kinds(sql, filter->kinds);
    add_texts(sql, filter);
    if (filter->seen_by)
        add_sight(sql, filter->seen_by);
}

/* The ids first: sorting must not carry the details along. */
static enum status
find_ids(struct store *store, const struct event_filter *filter, size_t count,
         struct sql *sql, int64_t *ids, size_t *out_count)
{
    struct db_query *ask AUTO(db_query_end) = NULL;
    bool has_row = false;

    sql_add(sql, "SELECT id");
    add_filter(sql, filter);
    if (filter->before_id > 0)
        add_int(sql, " AND id < ", filter->before_id);
    add_int(sql, " ORDER BY id DESC LIMIT ", (int64_t)count);
    enum status status = sql_ask(store, sql, &ask);
    if (status != STATUS_OK)
        return status;
    while ((status = db_step(ask, &has_row)) == STATUS_OK && has_row)
        ids[(*out_count)++] = db_int(ask, 0);
    return status;
}

static enum status
give_events(struct store *store, const int64_t *ids, size_t count,
            bool (*each)(void *ctx, const struct event *), void *ctx)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, EVENT_BY_ID);

    for (size_t i = 0; i < count; i++) {
        struct event event = {0};
        db_bind_int(query, 1, ids[i]);
        enum status status = db_first(query);
        if (status == STATUS_OK)
            status = read_event(store, query, &event);
        if (status != STATUS_OK)
            return status;
        if (!each(ctx, &event))
            return STATUS_OK;
        db_again(query);
    }
    return STATUS_OK;
}

enum status
store_event_find(struct store *store, const struct event_filter *filter, size_t count,
                 struct arena *arena, bool (*each)(void *ctx, const struct event *),
                 void *ctx)
{
    struct sql sql AUTO(sql_done) = sql_make(arena);
    int64_t *ids = arena_new(arena, (count + 1) * sizeof(*ids));
    size_t found = 0;

    if (!text_can_be_stored(filter->actor) || !text_can_be_stored(filter->object_id))
        return STATUS_OK;
    db_hold(store->db);
    enum status status = find_ids(store, filter, count, &sql, ids, &found);
    if (status == STATUS_OK)
        status = give_events(store, ids, found, each, ctx);
    db_release(store->db);
    return status;
}

static bool
is_for_all(const struct event_filter *filter)
{
    return filter->newer_than_id <= 0 && filter->from_ms <= 0 && filter->to_ms <= 0 &&
           filter->kinds == 0 && filter->actor.len == 0 && filter->object_id.len == 0 &&
           filter->text.len == 0 && !filter->seen_by;
}

/* Ids have no gaps. */
static enum status
count_all(struct store *store, int64_t *out)
{
    int64_t first = 0, last = 0;
    enum status status = store_event_ends(store, &first, &last);

    if (status == STATUS_OK)
        *out = last - first + 1;
    return status;
}

enum status
store_event_count(struct store *store, const struct event_filter *filter, int64_t most,
                  struct arena *arena, int64_t *out)
{
    struct sql sql AUTO(sql_done) = sql_make(arena);
    int64_t count = 0;

    if (is_for_all(filter))
        return count_all(store, out);
    if (!text_can_be_stored(filter->actor) || !text_can_be_stored(filter->object_id)) {
        *out = 0;
        return STATUS_OK;
    }
    sql_add(&sql, "SELECT count(*) FROM (SELECT 1");
    add_filter(&sql, filter);
    add_int(&sql, " LIMIT ", most + 1);
    sql_add(&sql, ") x");
    enum status status = sql_ask_number(store, &sql, &count);
    if (status == STATUS_OK)
        *out = count > most ? -1 : count;
    return status;
}

enum status
store_event_walk(struct store *store, int64_t from_id,
                 bool (*each)(void *ctx, const struct event *), void *ctx)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, EVENT_WALK);
    bool has_row = true;
    struct event event;
    enum status status = STATUS_OK;

    db_bind_int(query, 1, from_id);
    while ((status = db_step(query, &has_row)) == STATUS_OK && has_row) {
        status = read_event(store, query, &event);
        if (status != STATUS_OK)
            return status;
        if (!each(ctx, &event))
            return STATUS_OK;
    }
    return status;
}

enum status
store_event_ends(struct store *store, int64_t *out_first, int64_t *out_last)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, EVENT_ENDS);
    enum status status = db_first(query);

    if (status == STATUS_OK && out_first)
        *out_first = db_int(query, 0);
    if (status == STATUS_OK && out_last)
        *out_last = db_int(query, 1);
    return status;
}

enum status
store_event_span(struct store *store, int64_t from_ms, int64_t to_ms, int64_t *out_first,
                 int64_t *out_last)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, EVENT_SPAN);

    db_bind_int(query, 1, from_ms);
    db_bind_int(query, 2, to_ms);
    enum status status = db_first(query);
    if (status == STATUS_OK) {
        *out_first = db_int(query, 0);
        *out_last = db_int(query, 1);
    }
    return status;
}

enum status
store_event_first_since(struct store *store, int64_t from_ms, int64_t *out_id)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, EVENT_FIRST_SINCE);

    db_bind_int(query, 1, from_ms);
    enum status status = db_first(query);
    if (status == STATUS_OK)
        *out_id = db_int(query, 0);
    return status;
}
