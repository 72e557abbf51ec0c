/* SPDX-License-Identifier: Apache-2.0
 *
 * The change feed. */
#include "base/auto.h"
#include "base/number.h"
#include "store/inside.h"

#include <stdio.h>

enum status
store_change_add(struct store *store, enum change_kind kind, const char *key)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, CHANGE_ADD);

    db_bind_int(query, 1, kind);
    db_bind_text(query, 2, slice_of(key));
    return db_run(query);
}

enum status
store_change_add_id(struct store *store, enum change_kind kind, int64_t id)
{
    char key[24];

    snprintf(key, sizeof(key), "%lld", (long long)id);
    return store_change_add(store, kind, key);
}

/* The ids of the oldest and the newest change; 0 when there is none. */
static enum status
find_ends(struct store *store, int64_t *out_first, int64_t *out_last)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, CHANGE_ENDS);
    enum status status = db_first(query);

    if (status != STATUS_OK)
        return status;
    *out_first = db_int(query, 0);
    *out_last = db_int(query, 1);
    return STATUS_OK;
}

static enum status
read_change(struct store *store, struct db_query *query, struct change *out)
{
    struct row row = {.query = query};
    struct change change = {.id = row_int(&row)};
    int64_t kind = row_int(&row);

    row_text(&row, change.key, sizeof(change.key));
    if (row.is_bad || kind < CHANGE_TOKEN || kind > CHANGE_KIND_LAST)
        return store_damaged(store, "change");
    change.kind = (enum change_kind)kind;
    *out = change;
    return STATUS_OK;
}

enum status
store_change_list(struct store *store, int64_t after,
                  void (*each)(void *ctx, const struct change *), void *ctx,
                  int64_t *out_last)
{
    int64_t first = 0;
    int64_t last = 0;
    int64_t seen = after;
    enum status status = find_ends(store, &first, &last);

    if (status != STATUS_OK)
        return status;
    /* Past the end: the database is an older one than that which the caller has read. */
    if (after > last || (first > 0 && after < first - 1))
        return STATUS_NOT_FOUND;

    struct db_query *query AUTO(db_query_end) = store_ask(store, CHANGE_LIST);
    db_bind_int(query, 1, after);
    while (db_next(query, &status)) {
        struct change change;
        status = read_change(store, query, &change);
        if (status != STATUS_OK)
            return status;
        each(ctx, &change);
        seen = change.id;
    }
    if (status == STATUS_OK)
        *out_last = seen;
    return status;
}

enum status
store_change_last(struct store *store, int64_t *out)
{
    int64_t first = 0;

    return find_ends(store, &first, out);
}

enum status
store_change_prune(struct store *store)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, CHANGE_PRUNE);

    return db_run(query);
}
