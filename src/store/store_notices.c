/* SPDX-License-Identifier: Apache-2.0
 *
 * Due tokens and the ledger of notices. */
#include "store/store_notices.h"

#include "base/auto.h"
#include "store/inside.h"

static void
row_due(struct row *row, struct due_token *out)
{
    *out = (struct due_token){0};
    row_text(row, out->line.token_id, sizeof(out->line.token_id));
    row_text(row, out->line.title, sizeof(out->line.title));
    row_date(row, &out->line.expires_on);
    row_text(row, out->line.user_email, sizeof(out->line.user_email));
    row_text(row, out->line.user_name, sizeof(out->line.user_name));
    out->user_id = row_int(row);
    out->is_user_suspended = row_truth(row);
    out->expires_at_s = row_int(row);
    row_text(row, out->replaced_by, sizeof(out->replaced_by));
    row_text(row, out->successor_title, sizeof(out->successor_title));
}

enum status
store_due_list(struct store *store, int64_t now_s, struct due_token *out, size_t max,
               size_t *out_count)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, TOKEN_DUE);
    size_t count = 0;
    enum status status = STATUS_OK;

    db_bind_int(query, 1, now_s);
    db_bind_int(query, 2, (int64_t)max);
    while (db_next(query, &status) && count < max) {
        struct row row = {.query = query};
        row_due(&row, &out[count++]);
        if (row.is_bad)
            return store_damaged(store, "token");
    }
    if (status == STATUS_OK)
        *out_count = count;
    return status;
}

enum status
store_due_set(struct store *store, const char *token_id, int64_t due_at_s)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, TOKEN_DUE_SET);

    db_bind_text(query, 1, slice_of(token_id));
    if (due_at_s == INT64_MAX)
        db_bind_null(query, 2);
    else
        db_bind_int(query, 2, due_at_s);
    return db_run(query);
}

enum status
store_notice_add(struct store *store, const char *token_id, enum notice_kind kind,
                 struct date expires_on, int64_t at_ms)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, NOTICE_ADD);
    char date[DATE_CHARS + 1];
    int64_t added = 0;

    date_write(expires_on, date);
    db_bind_text(query, 1, slice_of(token_id));
    db_bind_int(query, 2, kind);
    db_bind_text(query, 3, slice_of(date));
    db_bind_int(query, 4, at_ms);
    enum status status = store_run_returning(query, &added);
    return status == STATUS_NOT_FOUND ? STATUS_CONFLICT : status;
}

enum status
store_admin_list(struct store *store,
                 enum status (*each)(void *ctx, const char *email, const char *name),
                 void *ctx)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, USER_ADMINS);
    enum status status = STATUS_OK;

    while (db_next(query, &status)) {
        struct row row = {.query = query};
        char email[EMAIL_MAX_CHARS + 1] = "";
        char name[TEXT_NAME_BYTES] = "";

        row_text(&row, email, sizeof(email));
        row_text(&row, name, sizeof(name));
        status = row.is_bad ? store_damaged(store, "person") : each(ctx, email, name);
        if (status != STATUS_OK)
            return status;
    }
    return status;
}
