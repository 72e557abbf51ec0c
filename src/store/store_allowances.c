/* SPDX-License-Identifier: Apache-2.0
 *
 * Reservations in the store. */
#include "store/store_allowances.h"

#include "base/auto.h"
#include "store/inside.h"

enum status
store_allowance_get(struct store *store, struct slice token_id, struct allowance *out)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, ALLOWANCE_GET);

    db_bind_text(query, 1, token_id);
    enum status status = db_first(query);
    if (status == STATUS_NOT_FOUND) {
        *out = (struct allowance){0};
        return STATUS_OK;
    }
    if (status == STATUS_OK)
        *out = (struct allowance){db_int(query, 0), db_int(query, 1), db_int(query, 2)};
    return status;
}

enum status
store_allowance_set(struct store *store, struct slice token_id,
                    const struct allowance *allowance)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, ALLOWANCE_SET);

    db_bind_text(query, 1, token_id);
    db_bind_int(query, 2, allowance->uses_reserved);
    db_bind_int(query, 3, allowance->day);
    db_bind_int(query, 4, allowance->day_reserved);
    return db_run(query);
}
