/* SPDX-License-Identifier: Apache-2.0
 *
 * Calendars in the store. */
#include "store/store_calendars.h"

#include "base/auto.h"
#include "store/inside.h"

enum status
store_calendar_set(struct store *store, int64_t user_id, struct slice secret_hash,
                   int64_t at_s)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, CALENDAR_SET);

    db_bind_int(query, 1, user_id);
    db_bind_blob(query, 2, secret_hash);
    db_bind_int(query, 3, at_s);
    enum status status = db_run(query);
    return status == STATUS_REFUSED ? STATUS_NOT_FOUND : status; /* no such user */
}

enum status
store_calendar_remove(struct store *store, int64_t user_id)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, CALENDAR_REMOVE);

    db_bind_int(query, 1, user_id);
    return store_run_returning(query, &user_id);
}

enum status
store_calendar_made(struct store *store, int64_t user_id, int64_t *out_at_s)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, CALENDAR_MADE);

    db_bind_int(query, 1, user_id);
    return db_first_int(query, out_at_s);
}

enum status
store_calendar_user(struct store *store, struct slice secret_hash, int64_t *out_user_id)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, CALENDAR_USER);

    db_bind_blob(query, 1, secret_hash);
    return db_first_int(query, out_user_id);
}
