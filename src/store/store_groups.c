/* SPDX-License-Identifier: Apache-2.0
 *
 * Device groups in the store. */
#include "base/auto.h"
#include "base/clock.h"
#include "store/fold.h"
#include "store/inside.h"
#include "store/store_people.h"

static enum status
read_group(struct store *store, struct row *row, struct device_group *out)
{
    struct device_group group = {.id = row_int(row)};

    row_text(row, group.uid, sizeof(group.uid));
    row_text(row, group.name, sizeof(group.name));
    row_text(row, group.description, sizeof(group.description));
    row_text(row, group.folder, sizeof(group.folder));
    group.created_at_s = row_int(row);
    group.changed_at_s = row_int(row);
    group.version = row_int(row);
    if (row->is_bad)
        return store_damaged(store, "device_group");
    *out = group;
    return STATUS_OK;
}

static enum status
first_group(struct store *store, struct db_query *query, struct device_group *out)
{
    struct row row = {.query = query};
    enum status status = db_first(query);

    return status == STATUS_OK ? read_group(store, &row, out) : status;
}

enum status
store_group_by_id(struct store *store, int64_t id, struct device_group *out)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, GROUP_BY_ID);

    db_bind_int(query, 1, id);
    return first_group(store, query, out);
}

enum status
store_group_by_name(struct store *store, struct slice name, struct device_group *out)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, GROUP_BY_NAME);
    char folded[TEXT_NAME_BYTES];

    if (!text_can_be_stored(name) || !fold_case(name, folded, sizeof(folded)))
        return STATUS_NOT_FOUND;
    db_bind_text(query, 1, slice_of(folded));
    return first_group(store, query, out);
}

enum status
store_group_by_uid(struct store *store, struct slice uid, struct device_group *out)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, GROUP_BY_UID);

    if (!text_can_be_stored(uid))
        return STATUS_NOT_FOUND;
    db_bind_text(query, 1, uid);
    return first_group(store, query, out);
}

enum status
store_group_add(struct store *store, const struct device_group *group, int64_t *out_id)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, GROUP_ADD);
    char folded[TEXT_NAME_BYTES];

    if (!fold_case(slice_of(group->name), folded, sizeof(folded)))
        return STATUS_MALFORMED;
    db_bind_text(query, 1, slice_of(group->uid));
    db_bind_text(query, 2, slice_of(group->name));
    db_bind_text(query, 3, slice_of(folded));
    db_bind_text(query, 4, slice_of(group->description));
    db_bind_int(query, 5, group->created_at_s);
    db_bind_int(query, 6, group->changed_at_s);
    db_bind_text(query, 7, slice_of(group->folder));
    return store_run_returning(query, out_id);
}

enum status
store_group_change(struct store *store, const struct device_group *group)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, GROUP_CHANGE);
    char folded[TEXT_NAME_BYTES];
    int64_t version;

    if (!fold_case(slice_of(group->name), folded, sizeof(folded)))
        return STATUS_MALFORMED;
    db_bind_int(query, 1, group->id);
    db_bind_text(query, 2, slice_of(group->name));
    db_bind_text(query, 3, slice_of(folded));
    db_bind_text(query, 4, slice_of(group->description));
    db_bind_int(query, 5, group->changed_at_s);
    db_bind_text(query, 6, slice_of(group->folder));
    return store_run_returning(query, &version);
}

/* Is a token that is not dead yet limited to this group? A suspended one lives. */
static enum status
check_no_living_token(struct store *store, int64_t id)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, GROUP_LIVING_TOKEN);

    db_bind_int(query, 1, id);
    db_bind_int(query, 2, clock_now_s());
    enum status status = db_first(query);
    if (status == STATUS_OK)
        return STATUS_CONFLICT;
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

/* A dead token keeps the id in its list, so that it never becomes one for all devices;
 * the id is not used again. */
enum status
store_group_remove(struct store *store, int64_t id)
{
    enum status status = check_no_living_token(store, id);

    if (status != STATUS_OK)
        return status;
    struct db_query *query AUTO(db_query_end) = store_act(store, GROUP_REMOVE);
    db_bind_int(query, 1, id);
    status = store_run_returning(query, &id);
    return status == STATUS_REFUSED ? STATUS_CONFLICT : status; /* users point at it */
}

enum status
store_group_list(struct store *store,
                 bool (*each)(void *ctx, const struct device_group *,
                              int64_t device_count),
                 void *ctx)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, GROUP_LIST);
    enum status status = STATUS_OK;

    while (db_next(query, &status)) {
        struct row row = {.query = query};
        struct device_group group;
        status = read_group(store, &row, &group);
        if (status != STATUS_OK)
            return status;
        if (!each(ctx, &group, row_int(&row)))
            return STATUS_OK;
    }
    return status;
}
