/* SPDX-License-Identifier: Apache-2.0
 *
 * Shadows in the store. */
#include "store/store_shadows.h"

#include "base/auto.h"
#include "store/pack.h"

/* The SHADOW_COLUMNS. */
static enum status
read_shadow(struct store *store, struct db_query *query, struct shadow *out)
{
    struct row row = {.query = query};

    out->id = row_int(&row);
    row_text(&row, out->token_id, sizeof(out->token_id));
    row_permissions(&row, &out->set.permissions);
    row_groups(&row, out->set.group_ids, &out->set.group_count);
    row_addresses(&row, out->set.addresses, &out->set.address_count);
    row_text(&row, out->started_by, sizeof(out->started_by));
    out->started_at_s = row_int(&row);
    out->ends_at_s = row_int(&row);
    out->over_at_s = row_int(&row);
    out->is_stopped = row_truth(&row);
    out->counts.calls = row_int(&row);
    out->counts.failed = row_int(&row);
    out->counts.less = row_int(&row);
    out->counts.unlisted = row_int(&row);
    return row.is_bad ? store_damaged(store, "token_shadow") : STATUS_OK;
}

static enum status
read_first(struct store *store, struct db_query *query, struct shadow *out)
{
    struct shadow shadow = {0};
    enum status status = db_first(query);

    if (status == STATUS_OK)
        status = read_shadow(store, query, &shadow);
    if (status == STATUS_OK)
        *out = shadow;
    return status;
}

enum status
store_shadow_of(struct store *store, struct slice token_id, struct shadow *out)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, SHADOW_OF);

    if (!text_can_be_stored(token_id))
        return STATUS_NOT_FOUND;
    db_bind_text(query, 1, token_id);
    return read_first(store, query, out);
}

enum status
store_shadow_due(struct store *store, int64_t now_s, struct shadow *out)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, SHADOW_DUE);

    db_bind_int(query, 1, now_s);
    return read_first(store, query, out);
}

enum status
store_shadow_running(struct store *store, bool (*each)(void *ctx, const struct shadow *),
                     void *ctx)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, SHADOW_RUNNING);
    enum status status = STATUS_OK;

    while (db_next(query, &status)) {
        struct shadow shadow = {0};
        status = read_shadow(store, query, &shadow);
        if (status != STATUS_OK || !each(ctx, &shadow))
            return status;
    }
    return status;
}

static enum status
remove_of(struct store *store, const char *token_id)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, SHADOW_REMOVE);

    db_bind_text(query, 1, slice_of(token_id));
    return db_run(query);
}

enum status
store_shadow_put(struct store *store, struct shadow *shadow)
{
    const struct rights_set *set = &shadow->set;
    uint8_t permissions[PERMISSION_SET_BYTES];
    uint8_t groups[PACKED_GROUPS_MAX_BYTES];
    uint8_t addresses[PACKED_ADDRESSES_MAX_BYTES];

    if (set->group_count > TOKEN_GROUP_MAX_COUNT ||
        set->address_count > TOKEN_ADDRESS_MAX_COUNT)
        return STATUS_TOO_LARGE;
    enum status status = remove_of(store, shadow->token_id);
    if (status != STATUS_OK)
        return status;
    struct db_query *query AUTO(db_query_end) = store_act(store, SHADOW_ADD);
    size_t permissions_len = permission_set_pack(&set->permissions, permissions);
    size_t groups_len = pack_groups(set->group_ids, set->group_count, groups);
    size_t addresses_len = pack_addresses(set->addresses, set->address_count, addresses);
    db_bind_text(query, 1, slice_of(shadow->token_id));
    db_bind_blob(query, 2, (struct slice){permissions, permissions_len});
    db_bind_blob(query, 3, (struct slice){groups, groups_len});
    db_bind_blob(query, 4, (struct slice){addresses, addresses_len});
    db_bind_text(query, 5, slice_of(shadow->started_by));
    db_bind_int(query, 6, shadow->started_at_s);
    db_bind_int(query, 7, shadow->ends_at_s);
    return store_run_returning(query, &shadow->id);
}

enum status
store_shadow_over(struct store *store, int64_t id, int64_t at_s, bool is_stopped)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, SHADOW_OVER);
    int64_t found = 0;

    db_bind_int(query, 1, id);
    db_bind_int(query, 2, at_s);
    db_bind_int(query, 3, is_stopped);
    return store_run_returning(query, &found);
}

enum status
store_shadow_count(struct store *store, int64_t id, const struct shadow_counts *more)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, SHADOW_COUNT);

    db_bind_int(query, 1, id);
    db_bind_int(query, 2, more->calls);
    db_bind_int(query, 3, more->failed);
    db_bind_int(query, 4, more->less);
    db_bind_int(query, 5, more->unlisted);
    return db_run(query);
}

enum status
store_shadow_miss_add(struct store *store, int64_t id, const struct shadow_miss *miss)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, SHADOW_MISS_ADD);
    int64_t count = 0;

    db_bind_int(query, 1, id);
    db_bind_int(query, 2, miss->kind);
    db_bind_text(query, 3, slice_of(miss->method));
    db_bind_text(query, 4, slice_of(miss->path));
    db_bind_text(query, 5, slice_of(miss->item));
    db_bind_int(query, 6, miss->count);
    db_bind_int(query, 7, miss->first_at_s);
    db_bind_int(query, 8, miss->last_at_s);
    db_bind_int(query, 9, SHADOW_MISS_MAX_COUNT);
    return store_run_returning(query, &count);
}

static void
row_miss(struct row *row, struct shadow_miss *out)
{
    out->kind = (enum shadow_miss_kind)row_int(row);
    row_text(row, out->method, sizeof(out->method));
    row_text(row, out->path, sizeof(out->path));
    row_text(row, out->item, sizeof(out->item));
    out->count = row_int(row);
    out->first_at_s = row_int(row);
    out->last_at_s = row_int(row);
}

enum status
store_shadow_misses(struct store *store, int64_t id,
                    void (*each)(void *ctx, const struct shadow_miss *), void *ctx)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, SHADOW_MISSES);
    enum status status = STATUS_OK;

    db_bind_int(query, 1, id);
    while (db_next(query, &status)) {
        struct row row = {.query = query};
        struct shadow_miss miss = {0};
        row_miss(&row, &miss);
        if (row.is_bad)
            return store_damaged(store, "token_shadow_miss");
        each(ctx, &miss);
    }
    return status;
}
