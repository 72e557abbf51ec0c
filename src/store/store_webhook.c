/* SPDX-License-Identifier: Apache-2.0
 *
 * The webhook's queue in the store. */
#include "store/store_webhook.h"

#include "base/auto.h"
#include "store/inside.h"

enum status
store_webhook_add(struct store *store, enum notice_kind kind,
                  const struct notice_line *lines, size_t count, int64_t at_ms)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, WEBHOOK_ADD);
    enum status status = STATUS_OK;

    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        char date[DATE_CHARS + 1];

        date_write(lines[i].expires_on, date);
        db_bind_int(query, 1, kind);
        db_bind_text(query, 2, slice_of(lines[i].token_id));
        db_bind_text(query, 3, slice_of(lines[i].title));
        db_bind_text(query, 4, slice_of(lines[i].user_email));
        db_bind_text(query, 5, slice_of(lines[i].user_name));
        db_bind_text(query, 6, slice_of(date));
        db_bind_int(query, 7, lines[i].is_late);
        db_bind_int(query, 8, at_ms);
        db_bind_text(query, 9, slice_of(lines[i].note));
        status = db_run(query);
    }
    return status;
}

static void
row_notice(struct row *row, struct webhook_notice *out)
{
    *out = (struct webhook_notice){0};
    row_text(row, out->line.token_id, sizeof(out->line.token_id));
    row_text(row, out->line.title, sizeof(out->line.title));
    row_text(row, out->line.user_email, sizeof(out->line.user_email));
    row_text(row, out->line.user_name, sizeof(out->line.user_name));
    row_date(row, &out->line.expires_on);
    out->line.is_late = row_truth(row);
    out->id = row_int(row);
    out->kind = (enum notice_kind)row_int(row);
    out->at_ms = row_int(row);
    row_text(row, out->line.note, sizeof(out->line.note));
}

enum status
store_webhook_list(struct store *store, struct webhook_notice *out, size_t max,
                   size_t *out_count)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, WEBHOOK_LIST);
    size_t count = 0;
    enum status status = STATUS_OK;

    db_bind_int(query, 1, (int64_t)max);
    while (db_next(query, &status) && count < max) {
        struct row row = {.query = query};
        row_notice(&row, &out[count++]);
        if (row.is_bad)
            return store_damaged(store, "webhook_notice");
    }
    if (status == STATUS_OK)
        *out_count = count;
    return status;
}

enum status
store_webhook_drop(struct store *store, int64_t id)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, WEBHOOK_DROP);

    db_bind_int(query, 1, id);
    return db_run(query);
}

enum status
store_webhook_drop_old(struct store *store, int64_t before_ms)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, WEBHOOK_DROP_OLD);

    db_bind_int(query, 1, before_ms);
    return db_run(query);
}
