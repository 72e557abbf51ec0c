/* SPDX-License-Identifier: Apache-2.0
 *
 * Growing the tree, finding hashes in it, and signing heads. */
#include "rules/history_tree.h"

#include "base/auto.h"
#include "base/base64url.h"
#include "base/date.h"
#include "crypto/sha256.h"
#include "rules/history_line.h"
#include "store/store_event_tree.h"
#include "store/store_events.h"

#include <string.h>

enum {
    TILE = MERKLE_TILE_COUNT,
    LINE_MAX_BYTES = 1024 * 1024,
    HEAD_TEXT_MAX_BYTES = 512,
    ACCOUNT_UID_ROOM = 64
};

static struct slice
bytes_of(const struct merkle_hash *hashes, size_t count)
{
    return (struct slice){hashes[0].at, count * MERKLE_HASH_BYTES};
}

/* ---- growing ---- */

/* A tile is whole; those of which it is the last make tiles above it. */
static enum status
add_tile(struct store *store, int64_t level, int64_t place,
         const struct merkle_hash hashes[TILE])
{
    struct merkle_hash above[TILE];
    struct merkle_hash root;
    int64_t count = 0;

    merkle_perfect(hashes, TILE, &root);
    enum status status = store_event_tile_add(store, level, place, bytes_of(hashes, TILE),
                                              bytes_of(&root, 1));
    if (status != STATUS_OK || (place + 1) % TILE != 0)
        return status;
    status =
        store_event_tile_roots(store, level, place + 1 - TILE, TILE, above[0].at, &count);
    if (status == STATUS_OK && count != TILE)
        status = STATUS_BROKEN;
    return status == STATUS_OK ? add_tile(store, level + 1, place / TILE, above) : status;
}

struct collected {
    struct merkle_hash hashes[TILE];
    int64_t first_id, count;
};

static bool
collect_leaf(void *ctx, int64_t id, struct slice hash)
{
    struct collected *c = ctx;

    if (id != c->first_id + c->count)
        return false; /* a gap: what follows is of no use */
    memcpy(c->hashes[c->count].at, hash.at, MERKLE_HASH_BYTES);
    return ++c->count < TILE;
}

/* 256 leaves lie side by side: they become a tile. */
static enum status
make_tile(struct store *store, int64_t last_id)
{
    struct collected c = {.first_id = last_id - TILE + 1};
    enum status status = store_event_leaf_list(store, c.first_id, collect_leaf, &c);

    if (status == STATUS_OK && c.count != TILE)
        status = STATUS_BROKEN;
    if (status == STATUS_OK)
        status = add_tile(store, 0, last_id / TILE - 1, c.hashes);
    return status == STATUS_OK ? store_event_leaf_drop(store, last_id) : status;
}

/* Events on their way into the tree. */
struct growing {
    struct store *store;
    struct buffer line;
    int64_t size; /* of the tree so far */
    enum status status;
};

static enum status
add_leaf(struct growing *g, const struct merkle_hash *hash)
{
    enum status status = store_event_leaf_add(g->store, g->size + 1, bytes_of(hash, 1));

    if (status == STATUS_OK)
        g->size++;
    if (status == STATUS_OK && g->size % TILE == 0)
        status = make_tile(g->store, g->size);
    return status;
}

static bool
grow_by(void *ctx, const struct event *event)
{
    struct growing *g = ctx;
    static const struct merkle_hash LOST = {{0}};
    struct merkle_hash hash;

    /* Events that went before there was a tree have a hash that nothing has. */
    while (g->status == STATUS_OK && g->size + 1 < event->id)
        g->status = add_leaf(g, &LOST);
    buffer_clear(&g->line);
    history_line_write(event, &g->line);
    if (g->status == STATUS_OK)
        g->status = buffer_check(&g->line);
    if (g->status != STATUS_OK)
        return false;
    history_line_hash(buffer_slice(&g->line), &hash);
    g->status = add_leaf(g, &hash);
    return g->status == STATUS_OK;
}

static void
growing_done(struct growing *g)
{
    buffer_done(&g->line);
}

enum status
history_tree_grow(struct store *store)
{
    struct growing g AUTO(growing_done) = {.store = store,
                                           .line = buffer_make(LINE_MAX_BYTES)};
    enum status status = store_event_tree_size(store, &g.size);

    if (status == STATUS_OK)
        status = store_event_walk(store, g.size + 1, grow_by, &g);
    return status == STATUS_OK ? g.status : status;
}

/* ---- finding ---- */

/* The hashes of a tile, or of the beginning of one that is not whole. */
static enum status
read_tile(struct store *store, int64_t level, int64_t place, struct collected *out)
{
    enum status status = store_event_tile(store, level, place, out->hashes[0].at);

    out->count = TILE;
    if (status != STATUS_NOT_FOUND)
        return status;
    out->count = 0;
    if (level > 0)
        return store_event_tile_roots(store, level - 1, place * TILE, TILE,
                                      out->hashes[0].at, &out->count);
    out->first_id = place * TILE + 1;
    return store_event_leaf_list(store, out->first_id, collect_leaf, out);
}

/* For merkle_prove() and its like: the hash of a perfect subtree. */
static enum status
find_subtree(void *store, unsigned level, uint64_t index, struct merkle_hash *out)
{
    struct collected tile;
    unsigned within = level % MERKLE_TILE_LEVELS; /* how far up inside a tile */
    uint64_t first = index << within;             /* in the hashes of that level */
    size_t count = (size_t)1 << within;
    size_t from = (size_t)(first % TILE);
    enum status status =
        read_tile(store, level / MERKLE_TILE_LEVELS, (int64_t)(first / TILE), &tile);

    if (status != STATUS_OK)
        return status;
    if (from + count > (size_t)tile.count)
        return STATUS_NOT_FOUND;
    merkle_perfect(&tile.hashes[from], count, out);
    return STATUS_OK;
}

enum status
history_tree_leaf(struct store *store, int64_t id, struct merkle_hash *out)
{
    return id > 0 ? find_subtree(store, 0, (uint64_t)id - 1, out) : STATUS_NOT_FOUND;
}

enum status
history_tree_root(struct store *store, int64_t size, struct merkle_hash *out)
{
    return merkle_root_at((uint64_t)size, find_subtree, store, out);
}

enum status
history_tree_range(struct store *store, int64_t size, struct merkle_range *out)
{
    uint64_t from = 0;
    size_t count = 0;

    for (unsigned level = MERKLE_LEVEL_MAX; level-- > 0;) {
        if (!((uint64_t)size >> level & 1))
            continue;
        enum status status = find_subtree(store, level, from >> level, &out->at[count++]);
        if (status != STATUS_OK)
            return status;
        from += UINT64_C(1) << level;
    }
    out->size = (uint64_t)size;
    return STATUS_OK;
}

enum status
history_tree_prove(struct store *store, int64_t id, int64_t size,
                   struct merkle_proof *out)
{
    if (id < 1 || id > size)
        return STATUS_NOT_FOUND;
    return merkle_prove((uint64_t)id - 1, (uint64_t)size, find_subtree, store, out);
}

/* ---- heads ---- */

void
tree_head_text(const struct tree_head *head, struct slice account_uid, struct buffer *out)
{
    char root[BASE64URL_MAX_CHARS(MERKLE_HASH_BYTES)];
    char at[DATE_TIME_CHARS + 1];
    size_t len = base64url_encode((struct slice){head->root, sizeof(head->root)}, root);

    date_time_write(head->at_ms, at);
    buffer_print(out, "tokenhouse tree head\n%.*s\n%lld\n%.*s\n%s\n",
                 SLICE_ARG(account_uid), (long long)head->size, (int)len, root, at);
}

enum status
tree_head_check(const struct tree_head *head, struct slice account_uid,
                struct es256_key *key, bool *out)
{
    struct buffer text AUTO(buffer_done) = buffer_make(HEAD_TEXT_MAX_BYTES);
    uint8_t digest[SHA256_BYTES];

    *out = false;
    tree_head_text(head, account_uid, &text);
    sha256(buffer_slice(&text), digest);
    return es256_verify(key, digest,
                        (struct slice){head->signature, sizeof(head->signature)}, out);
}

static bool
is_due(const struct tree_head *last, int64_t size, int64_t now_ms)
{
    return size > last->size && (size - last->size >= TREE_HEAD_EVENTS ||
                                 now_ms - last->at_ms >= TREE_HEAD_EVERY_MS ||
                                 now_ms < last->at_ms /* the clock was set back */);
}

static enum status
sign_size(struct store *store, const struct es256_private *key, struct tree_head *head)
{
    struct buffer text AUTO(buffer_done) = buffer_make(HEAD_TEXT_MAX_BYTES);
    char account_uid[ACCOUNT_UID_ROOM];
    struct merkle_hash root;
    size_t len = 0;
    enum status status =
        store_fact_get(store, "account_uid", account_uid, sizeof(account_uid), &len);

    if (status == STATUS_OK)
        status = history_tree_root(store, head->size, &root);
    if (status != STATUS_OK)
        return status;
    memcpy(head->root, root.at, sizeof(head->root));
    tree_head_text(head, slice_of(account_uid), &text);
    return es256_sign(key, buffer_slice(&text), head->signature);
}

enum status
history_tree_sign(struct store *store, const struct es256_private *key, int64_t now_ms,
                  bool is_forced, struct tree_head *out, bool *out_is_new)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    struct tree_head last = {0};
    struct tree_head head = {.at_ms = now_ms};
    enum status status = store_begin(store);

    if (status != STATUS_OK)
        return status;
    begun = store;
    status = history_tree_grow(begun); /* what an older program has written */
    if (status == STATUS_OK)
        status = store_event_tree_size(begun, &head.size);
    if (status == STATUS_OK && head.size == 0)
        return STATUS_NOT_FOUND;
    if (status == STATUS_OK)
        status = store_event_head_newest(begun, &last);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        return status;
    if (status == STATUS_OK && !is_due(&last, head.size, now_ms) &&
        !(is_forced && head.size > last.size)) {
        *out_is_new = false;
        *out = last;
        return STATUS_OK;
    }
    status = sign_size(begun, key, &head);
    if (status == STATUS_OK)
        status = store_event_head_add(begun, &head);
    if (status == STATUS_OK)
        status = store_commit(begun);
    if (status != STATUS_OK)
        return status;
    *out_is_new = true;
    *out = head;
    return STATUS_OK;
}
