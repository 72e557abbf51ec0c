/* SPDX-License-Identifier: Apache-2.0
 *
 * Devices one by one: found by name, put into groups, given custom fields. */
#include "store/store_devices.h"

#include "base/auto.h"
#include "store/inside.h"

#include <assert.h>

/* The questions about single devices, as in THE STATEMENT TABLE. */
static const char DEVICE_ID_BY_UID[] = "SELECT id, custom_fields FROM device"
                                       " WHERE device_uid = $1";
static const char DEVICE_ID_BY_ESN[] = "SELECT id, device_uid FROM device WHERE esn = $1"
                                       " AND esn <> '' ORDER BY id LIMIT 1";
static const char DEVICE_COUNT[] = "SELECT count(*) FROM device";
static const char DEVICE_APPLICATIONS[] = "SELECT count(*) FROM application"
                                          " WHERE device_id = $1";
static const char DEVICE_GROUPS[] = "SELECT group_id FROM device_group_member"
                                    " WHERE device_id = $1 ORDER BY group_id";
static const char DEVICE_HAS_GROUPS[] =
    "SELECT EXISTS (SELECT 1 FROM device_group_member)";
static const char DEVICE_GROUP_ADD[] =
    "INSERT INTO device_group_member (group_id, device_id) VALUES ($1, $2)"
    " ON CONFLICT (group_id, device_id) DO NOTHING";
static const char DEVICE_GROUP_REMOVE[] =
    "DELETE FROM device_group_member WHERE group_id = $1 AND device_id = $2";
static const char DEVICE_CUSTOM_FIELDS[] = "UPDATE device SET custom_fields = $2"
                                           " WHERE id = $1 RETURNING id";

enum { NAME_MAX_BYTES = 1024 }; /* far over any uid or esn */

/* The row that `text` gives for a folded name; `out_second` is its second column. */
static enum status
find_by_name(struct store *store, const char *text, struct slice name, int64_t *out_id,
             struct buffer *out_second)
{
    struct buffer folded AUTO(buffer_done) = buffer_make(NAME_MAX_BYTES);

    if (name.len == 0 || device_field_fold(FIELD_TEXT, name, &folded) != STATUS_OK)
        return STATUS_NOT_FOUND; /* no such name was ever stored */

    struct db_query *query AUTO(db_query_end) = db_ask(store->db, text);
    db_bind_text(query, 1, buffer_slice(&folded));
    enum status status = db_first(query);
    if (status != STATUS_OK)
        return status;
    *out_id = db_int(query, 0);
    if (out_second)
        buffer_add(out_second, db_text(query, 1));
    return STATUS_OK;
}

enum status
store_device_id_by_name(struct store *store, struct slice uid_or_esn, int64_t *out_id)
{
    enum status status = find_by_name(store, DEVICE_ID_BY_UID, uid_or_esn, out_id, NULL);

    if (status == STATUS_NOT_FOUND)
        status = find_by_name(store, DEVICE_ID_BY_ESN, uid_or_esn, out_id, NULL);
    return status;
}

/* Is the device in any of these groups? */
static enum status
check_groups(struct store *store, int64_t device_id, const int64_t *group_ids,
             size_t group_count)
{
    struct db_query *query AUTO(db_query_end) = db_ask(store->db, DEVICE_GROUPS);
    bool has_row = false;

    db_bind_int(query, 1, device_id);
    for (;;) {
        enum status status = db_step(query, &has_row);
        if (status != STATUS_OK)
            return status;
        if (!has_row)
            return STATUS_NOT_FOUND;
        for (size_t i = 0; i < group_count; i++) {
            if (db_int(query, 0) == group_ids[i])
                return STATUS_OK;
        }
    }
}

enum status
store_device_by_uid(struct store *store, struct slice uid, const int64_t *group_ids,
                    size_t group_count, int64_t *out_id, struct buffer *out_custom_fields)
{
    int64_t id = 0;
    enum status status =
        find_by_name(store, DEVICE_ID_BY_UID, uid, &id, out_custom_fields);

    if (status == STATUS_OK && group_count > 0)
        status = check_groups(store, id, group_ids, group_count);
    if (status == STATUS_OK)
        *out_id = id;
    return status;
}

enum status
store_device_uid_by_esn(struct store *store, struct slice esn, struct buffer *out)
{
    int64_t id = 0;

    return find_by_name(store, DEVICE_ID_BY_ESN, esn, &id, out);
}

enum status
store_device_count(struct store *store, int64_t *out)
{
    struct db_query *query AUTO(db_query_end) = db_ask(store->db, DEVICE_COUNT);
    return db_first_int(query, out);
}

enum status
store_device_count_applications(struct store *store, int64_t device_id, int64_t *out)
{
    struct db_query *query AUTO(db_query_end) = db_ask(store->db, DEVICE_APPLICATIONS);

    db_bind_int(query, 1, device_id);
    return db_first_int(query, out);
}

enum status
store_device_group_set(struct store *store, int64_t device_id, int64_t group_id,
                       bool is_member)
{
    assert(db_is_begun(store->db));

    struct db_query *query AUTO(db_query_end) =
        db_ask(store->db, is_member ? DEVICE_GROUP_ADD : DEVICE_GROUP_REMOVE);
    db_bind_int(query, 1, group_id);
    db_bind_int(query, 2, device_id);
    return db_run(query);
}

enum status
store_device_groups(struct store *store, int64_t device_id,
                    void (*each)(void *ctx, int64_t group_id), void *ctx)
{
    struct db_query *query AUTO(db_query_end) = db_ask(store->db, DEVICE_GROUPS);
    enum status status = STATUS_OK;

    db_bind_int(query, 1, device_id);
    while (db_next(query, &status))
        each(ctx, db_int(query, 0));
    return status;
}

enum status
store_device_has_groups(struct store *store, bool *out)
{
    struct db_query *query AUTO(db_query_end) = db_ask(store->db, DEVICE_HAS_GROUPS);
    enum status status = db_first(query);

    if (status == STATUS_OK)
        *out = db_int(query, 0) != 0;
    return status;
}

enum status
store_device_custom_fields_set(struct store *store, int64_t id,
                               struct slice custom_fields)
{
    int64_t changed = 0;

    assert(db_is_begun(store->db));
    struct db_query *query AUTO(db_query_end) = db_ask(store->db, DEVICE_CUSTOM_FIELDS);
    db_bind_int(query, 1, id);
    db_bind_text(query, 2, custom_fields);
    return store_run_returning(query, &changed);
}
