/* SPDX-License-Identifier: Apache-2.0
 *
 * Hashes and signed heads of Event History. */
#include "store/store_event_tree.h"

#include "base/auto.h"
#include "store/inside.h"

enum { HASH_BYTES = 32, TILE_BYTES = 256 * HASH_BYTES };

enum status
store_event_tree_size(struct store *store, int64_t *out)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, EVENT_TREE_SIZE);

    return db_first_int(query, out);
}

enum status
store_event_leaf_add(struct store *store, int64_t id, struct slice hash)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, EVENT_LEAF_ADD);

    db_bind_int(query, 1, id);
    db_bind_blob(query, 2, hash);
    return db_run(query);
}

enum status
store_event_leaf_list(struct store *store, int64_t from_id, store_event_leaf_each *each,
                      void *ctx)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, EVENT_LEAF_LIST);
    enum status status = STATUS_OK;

    db_bind_int(query, 1, from_id);
    while (db_next(query, &status)) {
        struct slice hash = db_blob(query, 1);
        if (hash.len != HASH_BYTES)
            return store_damaged(store, "event_leaf");
        if (!each(ctx, db_int(query, 0), hash))
            return STATUS_OK;
    }
    return status;
}

enum status
store_event_leaf_drop(struct store *store, int64_t id)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, EVENT_LEAF_DROP);

    db_bind_int(query, 1, id);
    return db_run(query);
}

enum status
store_event_tile_add(struct store *store, int64_t level, int64_t place,
                     struct slice hashes, struct slice root)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, EVENT_TILE_ADD);

    db_bind_int(query, 1, level);
    db_bind_int(query, 2, place);
    db_bind_blob(query, 3, hashes);
    db_bind_blob(query, 4, root);
    return db_run(query);
}

enum status
store_event_tile(struct store *store, int64_t level, int64_t place, uint8_t *out)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, EVENT_TILE);

    db_bind_int(query, 1, level);
    db_bind_int(query, 2, place);
    enum status status = db_first(query);
    if (status != STATUS_OK)
        return status;

    struct slice hashes = db_blob(query, 0);
    if (hashes.len != TILE_BYTES)
        return store_damaged(store, "event_tile");
    memcpy(out, hashes.at, TILE_BYTES);
    return STATUS_OK;
}

enum status
store_event_tile_roots(struct store *store, int64_t level, int64_t place, int64_t count,
                       uint8_t *out, int64_t *out_count)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, EVENT_TILE_ROOTS);
    int64_t found = 0;
    enum status status = STATUS_OK;

    db_bind_int(query, 1, level);
    db_bind_int(query, 2, place);
    db_bind_int(query, 3, count);
    while (db_next(query, &status)) {
        struct slice root = db_blob(query, 1);
        if (root.len != HASH_BYTES)
            return store_damaged(store, "event_tile");
        if (db_int(query, 0) != place + found)
            break;
        memcpy(out + found * HASH_BYTES, root.at, HASH_BYTES);
        found++;
    }
    if (status == STATUS_OK)
        *out_count = found;
    return status;
}

enum status
store_event_head_add(struct store *store, const struct tree_head *head)
{
    struct db_query *query AUTO(db_query_end) = store_act(store, EVENT_HEAD_ADD);

    db_bind_int(query, 1, head->size);
    db_bind_int(query, 2, head->at_ms);
    db_bind_blob(query, 3, (struct slice){head->root, sizeof(head->root)});
    db_bind_blob(query, 4, (struct slice){head->signature, sizeof(head->signature)});
    return db_run(query);
}

static enum status
read_head(struct store *store, struct db_query *query, struct tree_head *out)
{
    struct row row = {.query = query};
    struct tree_head head = {0};

    head.size = row_int(&row);
    head.at_ms = row_int(&row);
    struct slice root = row_blob(&row);
    struct slice signature = row_blob(&row);
    if (row.is_bad || root.len != sizeof(head.root) ||
        signature.len != sizeof(head.signature))
        return store_damaged(store, "event_head");
    memcpy(head.root, root.at, root.len);
    memcpy(head.signature, signature.at, signature.len);
    *out = head;
    return STATUS_OK;
}

enum status
store_event_head_newest(struct store *store, struct tree_head *out)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, EVENT_HEAD_NEWEST);
    enum status status = db_first(query);

    return status == STATUS_OK ? read_head(store, query, out) : status;
}

enum status
store_event_head_list(struct store *store, int64_t from_size,
                      bool (*each)(void *ctx, const struct tree_head *), void *ctx)
{
    struct db_query *query AUTO(db_query_end) = store_ask(store, EVENT_HEAD_LIST);
    struct tree_head head;
    enum status status = STATUS_OK;

    db_bind_int(query, 1, from_size);
    while (db_next(query, &status)) {
        status = read_head(store, query, &head);
        if (status != STATUS_OK)
            return status;
        if (!each(ctx, &head))
            return STATUS_OK;
    }
    return status;
}
