/* SPDX-License-Identifier: Apache-2.0
 *
 * Licences in the store. */
#include "base/auto.h"
#include "store/inside.h"
#include "store/store_people.h"

static enum status
read_licence(struct store *store, struct db_query *query, struct licence *out)
{
    struct row row = {.query = query};
    struct licence licence = {.id = row_int(&row)};

    row_text(&row, licence.uid, sizeof(licence.uid));
    row_text(&row, licence.name, sizeof(licence.name));
    row_text(&row, licence.order_no, sizeof(licence.order_no));
    licence.starts_at_s = row_int(&row);
    licence.ends_at_s = row_int(&row);
    licence.seat_count = row_int(&row);
    licence.version = row_int(&row);
    if (row.is_bad)
        return store_damaged(store, "licence");
    *out = licence;
    return STATUS_OK;
}

enum status
store_licence_add(struct store *store, const struct licence *licence, int64_t *out_id)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, LICENCE_ADD);

    db_bind_text(query, 1, slice_of(licence->uid));
    db_bind_text(query, 2, slice_of(licence->name));
    db_bind_text(query, 3, slice_of(licence->order_no));
    db_bind_int(query, 4, licence->starts_at_s);
    db_bind_int(query, 5, licence->ends_at_s);
    db_bind_int(query, 6, licence->seat_count);
    return store_run_returning(query, out_id);
}

enum status
store_licence_by_uid(struct store *store, struct slice uid, struct licence *out)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, LICENCE_BY_UID);

    if (!text_can_be_stored(uid))
        return STATUS_NOT_FOUND;
    db_bind_text(query, 1, uid);
    enum status status = db_first(query);
    return status == STATUS_OK ? read_licence(store, query, out) : status;
}

enum status
store_licence_change(struct store *store, const struct licence *licence)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, LICENCE_CHANGE);
    int64_t version;

    db_bind_int(query, 1, licence->id);
    db_bind_text(query, 2, slice_of(licence->name));
    db_bind_text(query, 3, slice_of(licence->order_no));
    db_bind_int(query, 4, licence->starts_at_s);
    db_bind_int(query, 5, licence->ends_at_s);
    db_bind_int(query, 6, licence->seat_count);
    return store_run_returning(query, &version);
}

enum status
store_licence_remove(struct store *store, int64_t id)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, LICENCE_REMOVE);

    db_bind_int(query, 1, id);
    return store_run_returning(query, &id);
}

enum status
store_licence_list(struct store *store, bool (*each)(void *ctx, const struct licence *),
                   void *ctx)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, LICENCE_LIST);
    enum status status = STATUS_OK;

    while (db_next(query, &status)) {
        struct licence licence;
        status = read_licence(store, query, &licence);
        if (status != STATUS_OK)
            return status;
        if (!each(ctx, &licence))
            return STATUS_OK;
    }
    return status;
}
