/* SPDX-License-Identifier: Apache-2.0
 *
 * Second factors and recovery codes in the store. */
#include "base/auto.h"
#include "store/inside.h"
#include "store/store_sessions.h"

static enum status
read_factor(struct store *store, struct db_query *query, struct second_factor *out)
{
    struct row row = {.query = query};
    struct second_factor factor = {.user_id = row_int(&row)};
    struct slice sealed = row_blob(&row);

    factor.is_in_force = row_truth(&row);
    factor.last_step = row_int(&row);
    factor.created_at_s = row_int(&row);
    if (row.is_bad || sealed.len == 0 || sealed.len > sizeof(factor.sealed))
        return store_damaged(store, "second_factor");
    memcpy(factor.sealed, sealed.at, sealed.len);
    factor.sealed_len = sealed.len;
    *out = factor;
    return STATUS_OK;
}

enum status
store_second_factor(struct store *store, int64_t user_id, struct second_factor *out)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, FACTOR_BY_USER);

    db_bind_int(query, 1, user_id);
    enum status status = db_first(query);
    return status == STATUS_OK ? read_factor(store, query, out) : status;
}

enum status
store_second_factor_set(struct store *store, const struct second_factor *factor)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, FACTOR_SET);

    db_bind_int(query, 1, factor->user_id);
    db_bind_blob(query, 2, (struct slice){factor->sealed, factor->sealed_len});
    db_bind_int(query, 3, factor->is_in_force);
    db_bind_int(query, 4, factor->last_step);
    db_bind_int(query, 5, factor->created_at_s);
    enum status status = db_run(query);
    return status == STATUS_REFUSED ? STATUS_NOT_FOUND : status; /* no such user */
}

enum status
store_second_factor_use(struct store *store, int64_t user_id, int64_t step)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, FACTOR_USE);

    db_bind_int(query, 1, user_id);
    db_bind_int(query, 2, step);
    return store_run_returning(query, &user_id);
}

enum status
store_second_factor_remove(struct store *store, int64_t user_id)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, FACTOR_REMOVE);
    int64_t id = 0;

    db_bind_int(query, 1, user_id);
    enum status status = store_run_returning(query, &id);
    return status == STATUS_OK ? store_recovery_clear(store, user_id) : status;
}

enum status
store_recovery_clear(struct store *store, int64_t user_id)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, RECOVERY_CLEAR);

    db_bind_int(query, 1, user_id);
    return db_run(query);
}

enum status
store_recovery_add(struct store *store, int64_t user_id, const uint8_t *hash)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, RECOVERY_ADD);

    db_bind_int(query, 1, user_id);
    db_bind_blob(query, 2, (struct slice){hash, SESSION_HASH_BYTES});
    return db_run(query);
}

enum status
store_recovery_use(struct store *store, int64_t user_id, const uint8_t *hash)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, RECOVERY_USE);

    db_bind_int(query, 1, user_id);
    db_bind_blob(query, 2, (struct slice){hash, SESSION_HASH_BYTES});
    return store_run_returning(query, &user_id);
}

enum status
store_recovery_count(struct store *store, int64_t user_id, int64_t *out)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, RECOVERY_COUNT);

    db_bind_int(query, 1, user_id);
    return db_first_int(query, out);
}
