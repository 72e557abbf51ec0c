/* SPDX-License-Identifier: Apache-2.0
 *
 * How tokens were used and refused, day by day. */
#include "base/auto.h"
#include "store/inside.h"
#include "store/store_tokens.h"

enum status
store_token_add_use_days(struct store *store, const struct token_use_day *days,
                         size_t count)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, TOKEN_USE_DAY_ADD);
    enum status status = STATUS_OK;

    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        db_bind_text(query, 1, slice_of(days[i].id));
        db_bind_int(query, 2, days[i].day);
        db_bind_text(query, 3, slice_of(days[i].outcome));
        db_bind_int(query, 4, days[i].count);
        status = db_run(query);
    }
    return status;
}

enum status
store_token_list_use_days(struct store *store, struct slice id, int64_t first_day,
                          int64_t last_day,
                          void (*each)(void *ctx, const struct token_use_day *),
                          void *ctx)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, TOKEN_USE_DAY_LIST);
    enum status status = STATUS_OK;

    if (!text_can_be_stored(id))
        return STATUS_OK;
    db_bind_text(query, 1, id);
    db_bind_int(query, 2, first_day);
    db_bind_int(query, 3, last_day);
    while (db_next(query, &status)) {
        struct row row = {.query = query};
        struct token_use_day day = {.day = row_int(&row)};
        char outcome[64];

        row_text(&row, outcome, sizeof(outcome));
        day.outcome = outcome;
        day.count = row_int(&row);
        if (row.is_bad || !slice_to_text(id, day.id, sizeof(day.id)))
            return store_damaged(store, "token_use_day");
        each(ctx, &day);
    }
    return status;
}

enum status
store_token_prune_use_days(struct store *store, int64_t before_day, int64_t count)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, TOKEN_USE_DAY_PRUNE);

    db_bind_int(query, 1, before_day);
    db_bind_int(query, 2, count);
    return db_run(query);
}

enum status
store_token_list_sums(struct store *store, int64_t user_id, int64_t first_day,
                      struct token_sum *out, size_t max, size_t *out_count)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, TOKEN_SUMS);
    size_t count = 0;
    enum status status = STATUS_OK;

    db_bind_int(query, 1, user_id);
    db_bind_int(query, 2, first_day);
    db_bind_int(query, 3, (int64_t)max);
    while (db_next(query, &status) && count < max) {
        struct row row = {.query = query};

        row_text(&row, out[count].id, sizeof(out[count].id));
        out[count].permitted = row_int(&row);
        out[count].refused = row_int(&row);
        count++;
        if (row.is_bad)
            return store_damaged(store, "token_use_day");
    }
    if (status == STATUS_OK)
        *out_count = count;
    return status;
}

enum status
store_token_sum_all(struct store *store, int64_t user_id, int64_t first_day,
                    int64_t now_s, struct token_totals *out)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, TOKEN_SUM_ALL);

    db_bind_int(query, 1, user_id);
    db_bind_int(query, 2, first_day);
    db_bind_int(query, 3, now_s);
    enum status status = db_first(query);
    if (status == STATUS_OK)
        *out = (struct token_totals){
            .tokens = db_int(query, 0),
            .living = db_int(query, 1),
            .last_used_at_s = db_int(query, 2),
            .permitted = db_int(query, 3),
            .refused = db_int(query, 4),
        };
    return status;
}
