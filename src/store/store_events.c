/* SPDX-License-Identifier: Apache-2.0
 *
 * Event History. */
#include "store/store_events.h"

#include "base/auto.h"
#include "store/inside.h"

enum { EVENT_LIST_USUAL_COUNT = 100 };

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
store_event_prune(struct store *store, int64_t before_ms, int64_t count)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, EVENT_PRUNE);

    db_bind_int(query, 1, before_ms);
    db_bind_int(query, 2, count);
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
