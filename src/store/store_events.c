/* SPDX-License-Identifier: Apache-2.0
 *
 * Event History. */
#include "store/store_events.h"

#include "base/auto.h"
#include "base/clock.h"
#include "store/sql.h"

enum { EVENT_LIST_USUAL_COUNT = 100 };

/* A search looks at so many events, then at the clock. */
enum { WINDOW_COUNT = 8 * 1024, SPAN_MAX_COUNT = 50 * 1000 };

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
    enum status status = STATUS_OK;

    db_bind_int(query, 1, wanted->before_id > 0 ? wanted->before_id : INT64_MAX);
    db_bind_int(query, 2, wanted->from_ms);
    db_bind_int(query, 3, wanted->to_ms > 0 ? wanted->to_ms : INT64_MAX);
    db_bind_int(query, 4, wanted->kind);
    db_bind_int(query, 5, wanted->kind > 0 ? wanted->kind : INT64_MAX);
    db_bind_int(query, 6, wanted->count > 0 ? wanted->count : EVENT_LIST_USUAL_COUNT);
    if (is_of_object)
        db_bind_text(query, 7, slice_of(wanted->object_id));
    while (db_next(query, &status)) {
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
        sql_add_holds(sql, "fold(actor_name)", sql_fold(sql, filter->actor));
        sql_add(sql, " OR actor_id = ");
        sql_add_text(sql, filter->actor);
        sql_add(sql, ")");
    }
    if (filter->object_id.len > 0) {
        sql_add(sql, " AND object_id = ");
        sql_add_text(sql, filter->object_id);
    }
    if (filter->text.len > 0) {
        struct slice text = sql_fold(sql, filter->text);
        sql_add(sql, " AND (");
        sql_add_holds(sql, "fold(object_name)", text);
        sql_add(sql, " OR ");
        sql_add_holds(sql, "fold(actor_name)", text);
        sql_add(sql, " OR ");
        sql_add_holds(sql, "fold(details)", text);
        sql_add(sql, ")");
    }
}

/* Ids on their way out. */
struct found_ids {
    struct arena *arena;
    int64_t *ids;
    size_t count, room;
};

/* Events from `low` on and before `top`. */
struct window {
    int64_t low, top;
};

/* By the ids, whatever else could be looked up: a plus keeps an index out of it. */
static void
add_filter(struct sql *sql, const struct event_filter *filter,
           const struct window *window)
{
    add_int(sql, " FROM event WHERE id >= ", window->low);
    add_int(sql, " AND id < ", window->top);
    if (filter->from_ms > 0)
        add_int(sql, " AND +at_ms >= ", filter->from_ms);
    if (filter->to_ms > 0)
        add_int(sql, " AND +at_ms < ", filter->to_ms);
    if (filter->kinds != 0)
        add_kinds(sql, filter->kinds);
    add_texts(sql, filter);
    if (filter->seen_by)
        add_sight(sql, filter->seen_by);
}

/* A short time, which is the usual one to ask for, is a few ids by the index. */
static enum status
narrow_by_time(struct store *store, const struct event_filter *filter,
               struct window *window)
{
    struct db_query *query AUTO(db_query_end) = NULL;

    if (filter->from_ms <= 0 && filter->to_ms <= 0)
        return STATUS_OK;
    query = store_ask(store, EVENT_SPAN_SHORT);
    db_bind_int(query, 1, filter->from_ms);
    db_bind_int(query, 2, filter->to_ms > 0 ? filter->to_ms : INT64_MAX);
    db_bind_int(query, 3, SPAN_MAX_COUNT);
    enum status status = db_first(query);
    if (status != STATUS_OK || db_int(query, 2) == SPAN_MAX_COUNT)
        return status;
    if (window->low < db_int(query, 0))
        window->low = db_int(query, 0);
    if (window->top > db_int(query, 1) + 1)
        window->top = db_int(query, 1) + 1;
    return STATUS_OK;
}

/* All events that the filter may find. */
static enum status
find_bounds(struct store *store, const struct event_filter *filter, struct window *out)
{
    int64_t first = 0, last = 0;
    enum status status = store_event_ends(store, &first, &last);

    if (status != STATUS_OK)
        return status;
    *out = (struct window){.low = first, .top = last + 1};
    if (filter->newer_than_id >= out->low)
        out->low = filter->newer_than_id < last ? filter->newer_than_id + 1 : out->top;
    if (filter->before_id > 0 && filter->before_id < out->top)
        out->top = filter->before_id;
    return narrow_by_time(store, filter, out);
}

/* The newest part of what is left. Events of one object are found by its index. */
static struct window
newest_window(const struct event_filter *filter, const struct window *left)
{
    bool is_whole = filter->object_id.len > 0 || left->top - left->low <= WINDOW_COUNT;

    return (struct window){.low = is_whole ? left->low : left->top - WINDOW_COUNT,
                           .top = left->top};
}

static bool
is_time_over(const struct event_filter *filter)
{
    return filter->until_ms > 0 && clock_monotonic_ms() >= filter->until_ms;
}

/* The ids first: sorting must not carry the details along. */
static enum status
find_in_window(struct store *store, const struct event_filter *filter,
               const struct window *window, struct found_ids *found)
{
    struct sql sql AUTO(sql_done) = sql_make(found->arena);
    struct db_query *ask AUTO(db_query_end) = NULL;

    sql_add(&sql, "SELECT id");
    add_filter(&sql, filter, window);
    add_int(&sql, " ORDER BY id DESC LIMIT ", (int64_t)(found->room - found->count));
    enum status status = sql_ask(store, &sql, &ask);
    if (status != STATUS_OK)
        return status;
    while (db_next(ask, &status))
        found->ids[found->count++] = db_int(ask, 0);
    return status;
}

/* Goes back through the events until there are enough, or the time is over. */
static enum status
find_ids(struct store *store, const struct event_filter *filter, struct found_ids *found,
         int64_t *out_reached)
{
    struct window left = {0};
    enum status status = find_bounds(store, filter, &left);

    *out_reached = 0;
    while (status == STATUS_OK && left.low < left.top) {
        struct window window = newest_window(filter, &left);
        status = find_in_window(store, filter, &window, found);
        left.top = window.low;
        if (status == STATUS_OK && found->count == found->room) {
            *out_reached = found->count > 0 ? found->ids[found->count - 1] : window.top;
            return STATUS_OK;
        }
        if (left.low < left.top && is_time_over(filter)) {
            *out_reached = left.top;
            return status;
        }
    }
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
                 void *ctx, int64_t *out_reached)
{
    struct found_ids found = {
        .arena = arena,
        .ids = arena_new(arena, (count + 1) * sizeof(*found.ids)),
        .room = count,
    };

    *out_reached = 0;
    if (!text_can_be_stored(filter->actor) || !text_can_be_stored(filter->object_id))
        return STATUS_OK;
    db_hold(store->db);
    enum status status = find_ids(store, filter, &found, out_reached);
    if (status == STATUS_OK)
        status = give_events(store, found.ids, found.count, each, ctx);
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

static enum status
count_window(struct store *store, const struct event_filter *filter,
             const struct window *window, int64_t most, struct arena *arena, int64_t *out)
{
    struct sql sql AUTO(sql_done) = sql_make(arena);

    sql_add(&sql, "SELECT count(*) FROM (SELECT 1");
    add_filter(&sql, filter, window);
    add_int(&sql, " LIMIT ", most);
    sql_add(&sql, ") x");
    return sql_ask_number(store, &sql, out);
}

enum status
store_event_count(struct store *store, const struct event_filter *wanted, int64_t most,
                  struct arena *arena, int64_t *out)
{
    struct event_filter filter = *wanted;
    struct window left = {0};
    int64_t count = 0;

    if (is_for_all(wanted))
        return count_all(store, out);
    *out = 0;
    if (!text_can_be_stored(filter.actor) || !text_can_be_stored(filter.object_id))
        return STATUS_OK;
    filter.before_id = 0; /* wherever the list goes on */
    enum status status = find_bounds(store, &filter, &left);
    while (status == STATUS_OK && left.low < left.top && count <= most) {
        struct window window = newest_window(&filter, &left);
        int64_t more = 0;
        status = count_window(store, &filter, &window, most + 1 - count, arena, &more);
        count += more;
        left.top = window.low;
        if (left.low < left.top && is_time_over(&filter))
            count = most + 1;
    }
    if (status == STATUS_OK)
        *out = count > most ? -1 : count;
    return status;
}

enum status
store_event_walk(struct store *store, int64_t from_id,
                 bool (*each)(void *ctx, const struct event *), void *ctx)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, EVENT_WALK);
    struct event event;
    enum status status = STATUS_OK;

    db_bind_int(query, 1, from_id);
    while (db_next(query, &status)) {
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
    return db_first_int(query, out_id);
}
