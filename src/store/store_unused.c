/* SPDX-License-Identifier: Apache-2.0
 *
 * Unused tokens in the store. */
#include "store/store_unused.h"

#include "base/auto.h"
#include "store/inside.h"

enum status
store_unused_user(struct store *store, const struct unused_query *wanted, int64_t after,
                  int64_t *out)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, UNUSED_USER);

    db_bind_text(query, 1, slice_of(wanted->month));
    db_bind_int(query, 2, wanted->now_s);
    db_bind_int(query, 3, wanted->idle_s);
    db_bind_int(query, 4, after);
    return db_first_int(query, out);
}

enum status
store_unused_told(struct store *store, int64_t user_id, const char *month, int64_t at_ms)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, UNUSED_TOLD);
    int64_t added = 0;

    db_bind_int(query, 1, user_id);
    db_bind_text(query, 2, slice_of(month));
    db_bind_int(query, 3, at_ms);
    enum status status = store_run_returning(query, &added);
    return status == STATUS_NOT_FOUND ? STATUS_CONFLICT : status;
}

static void
row_unused(struct row *row, struct unused_token *out)
{
    *out = (struct unused_token){0};
    row_text(row, out->line.token_id, sizeof(out->line.token_id));
    row_text(row, out->line.title, sizeof(out->line.title));
    row_date(row, &out->line.expires_on);
    row_text(row, out->line.user_email, sizeof(out->line.user_email));
    row_text(row, out->line.user_name, sizeof(out->line.user_name));
    out->created_at_s = row_int(row);
    out->last_used_at_s = row_int(row);
}

enum status
store_unused_list(struct store *store, int64_t user_id, const struct unused_query *wanted,
                  const char *after, struct unused_token *out, size_t max,
                  size_t *out_count)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, UNUSED_LIST);
    size_t count = 0;
    enum status status = STATUS_OK;

    db_bind_int(query, 1, user_id);
    db_bind_int(query, 2, wanted->now_s);
    db_bind_int(query, 3, wanted->idle_s);
    db_bind_text(query, 4, slice_of(after));
    db_bind_int(query, 5, (int64_t)max);
    while (db_next(query, &status) && count < max) {
        struct row row = {.query = query};
        row_unused(&row, &out[count++]);
        if (row.is_bad)
            return store_damaged(store, "token");
    }
    if (status == STATUS_OK)
        *out_count = count;
    return status;
}
