/* SPDX-License-Identifier: Apache-2.0
 *
 * User roles in the store. */
#include "base/auto.h"
#include "store/fold.h"
#include "store/inside.h"
#include "store/store_people.h"

static enum status
read_role(struct store *store, struct db_query *query, struct role *out)
{
    struct row row = {.query = query};
    struct role role = {.id = row_int(&row)};

    row_text(&row, role.name, sizeof(role.name));
    role.is_default = row_truth(&row);
    role.is_system_admin = row_truth(&row);
    row_permissions(&row, &role.permissions);
    role.created_at_s = row_int(&row);
    role.changed_at_s = row_int(&row);
    role.version = row_int(&row);
    if (row.is_bad)
        return store_damaged(store, "role");
    *out = role;
    return STATUS_OK;
}

enum status
store_role_by_id(struct store *store, int64_t id, struct role *out)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, ROLE_BY_ID);

    db_bind_int(query, 1, id);
    enum status status = db_first(query);
    return status == STATUS_OK ? read_role(store, query, out) : status;
}

enum status
store_role_by_name(struct store *store, struct slice name, struct role *out)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, ROLE_BY_NAME);
    char folded[TEXT_NAME_BYTES];

    if (!text_can_be_stored(name) || !fold_case(name, folded, sizeof(folded)))
        return STATUS_NOT_FOUND;
    db_bind_text(query, 1, slice_of(folded));
    enum status status = db_first(query);
    return status == STATUS_OK ? read_role(store, query, out) : status;
}

enum status
store_role_add(struct store *store, const struct role *role, int64_t *out_id)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, ROLE_ADD);
    char folded[TEXT_NAME_BYTES];
    uint8_t packed[PERMISSION_SET_BYTES];

    if (!fold_case(slice_of(role->name), folded, sizeof(folded)))
        return STATUS_MALFORMED;
    size_t packed_len = permission_set_pack(&role->permissions, packed);
    db_bind_text(query, 1, slice_of(role->name));
    db_bind_text(query, 2, slice_of(folded));
    db_bind_int(query, 3, role->is_default);
    db_bind_int(query, 4, role->is_system_admin);
    db_bind_blob(query, 5, (struct slice){packed, packed_len});
    db_bind_int(query, 6, role->created_at_s);
    db_bind_int(query, 7, role->changed_at_s);
    return store_run_returning(query, out_id);
}

enum status
store_role_change(struct store *store, const struct role *role)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, ROLE_CHANGE);
    char folded[TEXT_NAME_BYTES];
    uint8_t packed[PERMISSION_SET_BYTES];
    int64_t id;

    if (!fold_case(slice_of(role->name), folded, sizeof(folded)))
        return STATUS_MALFORMED;
    size_t packed_len = permission_set_pack(&role->permissions, packed);
    db_bind_int(query, 1, role->id);
    db_bind_text(query, 2, slice_of(role->name));
    db_bind_text(query, 3, slice_of(folded));
    db_bind_blob(query, 4, (struct slice){packed, packed_len});
    db_bind_int(query, 5, role->changed_at_s);
    return store_run_returning(query, &id);
}

enum status
store_role_remove(struct store *store, int64_t id)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, ROLE_REMOVE);

    db_bind_int(query, 1, id);
    enum status status = store_run_returning(query, &id);
    return status == STATUS_REFUSED ? STATUS_CONFLICT : status; /* users point at it */
}

enum status
store_role_list(struct store *store, bool (*each)(void *ctx, const struct role *),
                void *ctx)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, ROLE_LIST);
    enum status status = STATUS_OK;

    while (db_next(query, &status)) {
        struct role role;
        status = read_role(store, query, &role);
        if (status != STATUS_OK)
            return status;
        if (!each(ctx, &role))
            return STATUS_OK;
    }
    return status;
}
