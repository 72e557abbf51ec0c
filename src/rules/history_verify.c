/* SPDX-License-Identifier: Apache-2.0
 *
 * Walking a store's history. */
#include "rules/history_verify.h"

#include "base/auto.h"
#include "base/mem.h"
#include "rules/details.h"
#include "rules/history.h"
#include "rules/history_line.h"
#include "rules/history_tree.h"
#include "store/store_event_tree.h"
#include "store/store_events.h"

#include <string.h>

enum { TILE = MERKLE_TILE_COUNT, LINE_MAX_BYTES = 1024 * 1024, ACCOUNT_UID_ROOM = 64 };

/* Heads of all kinds, one behind the other. */
struct head_list {
    struct tree_head *at;
    size_t count, room;
};

static bool
add_head(void *ctx, const struct tree_head *head)
{
    struct head_list *list = ctx;

    if (list->count == list->room) {
        list->room = list->room ? list->room * 2 : 64;
        list->at = mem_resize(list->at, list->room * sizeof(*list->at));
    }
    list->at[list->count++] = *head;
    return true;
}

static void
head_list_done(struct head_list *list)
{
    mem_free(&list->at);
}

struct walking {
    struct store *store;
    struct history_check check;
    struct buffer line;
    struct merkle_hash kept[TILE]; /* of the tile in which we are */
    int64_t kept_from, kept_count; /* event kept_from + 1 is the first */
    int64_t size;                  /* so many events have a hash, as far as hashes tell */
    struct merkle_range tiles;     /* of the roots of tiles */
    enum status status;
};

static bool
keep_leaf(void *ctx, int64_t id, struct slice hash)
{
    struct walking *w = ctx;

    if (id != w->kept_from + w->kept_count + 1)
        return false;
    memcpy(w->kept[w->kept_count].at, hash.at, MERKLE_HASH_BYTES);
    return ++w->kept_count < TILE;
}

/* The hash that was written down with an event; NULL when there is none. */
static const struct merkle_hash *
kept_hash(struct walking *w, int64_t id)
{
    int64_t from = (id - 1) / TILE * TILE;

    if (id < 1)
        return NULL;
    if (from != w->kept_from || w->kept_count == 0) {
        w->kept_from = from;
        w->kept_count = TILE;
        w->status = store_event_tile(w->store, 0, from / TILE, w->kept[0].at);
        if (w->status == STATUS_NOT_FOUND) {
            w->kept_count = 0;
            w->status = store_event_leaf_list(w->store, from + 1, keep_leaf, w);
        }
    }
    return w->status == STATUS_OK && id - 1 - from < w->kept_count
               ? &w->kept[id - 1 - from]
               : NULL;
}

/* What an event of a removal says in its details. */
static void
read_removal(struct walking *w, const struct event *event)
{
    json_t *details AUTO(details_done) =
        json_loadb((const char *)event->details.at, event->details.len, 0, NULL);
    history_check_removal(&w->check,
                          json_integer_value(json_object_get(details, "upTo")));
}

/* The root of a tile that has just been walked. A tree over these roots has the subtrees
 * of the tree over the events, so it is enough to compare the smallest. */
static void
check_root(struct walking *w)
{
    const struct merkle_range *events = &w->check.range;
    int64_t place = (int64_t)events->size / TILE - 1;
    struct merkle_hash root;
    int64_t count = 0;

    if (w->check.is_over || w->status != STATUS_OK || events->size == 0 ||
        events->size % TILE != 0)
        return;
    w->status = store_event_tile_roots(w->store, 0, place, 1, root.at, &count);
    if (w->status != STATUS_OK)
        return;
    if (count == 1)
        merkle_add(&w->tiles, &root);
    size_t last = (size_t)__builtin_popcountll(events->size) - 1;
    if (count != 1 || !merkle_equal(&w->tiles.at[last], &events->at[last]))
        history_check_wrong(&w->check, place * TILE + 1,
                            "the root of the hashes from event %lld on is not as it was "
                            "written",
                            (long long)(place * TILE + 1));
}

/* What is not there any more, before the first event that is. */
static void
pass_removed(struct walking *w, int64_t first_id)
{
    for (int64_t id = 1; id < first_id && !w->check.is_over; id++) {
        const struct merkle_hash *hash = kept_hash(w, id);
        if (!hash)
            return; /* the first event then is out of its place */
        history_check_removed(&w->check, hash);
        check_root(w);
    }
}

static bool
walk_event(void *ctx, const struct event *event)
{
    struct walking *w = ctx;
    struct merkle_hash found;

    if (w->check.report.event_count == 0)
        pass_removed(w, event->id);
    buffer_clear(&w->line);
    history_line_write(event, &w->line);
    if (w->status == STATUS_OK)
        w->status = buffer_check(&w->line);
    if (w->status != STATUS_OK)
        return false;
    history_line_hash(buffer_slice(&w->line), &found);
    if (event->kind == EVENT_EVENTS_REMOVED)
        read_removal(w, event);
    const struct merkle_hash *kept = kept_hash(w, event->id);
    if (w->status != STATUS_OK ||
        !history_check_event(&w->check, event->id, &found, kept))
        return false;
    if (kept)
        check_root(w);
    /* each is written with its event, in one transaction */
    return kept || history_check_wrong(&w->check, event->id,
                                       "event %lld has no hash: it was inserted, or its "
                                       "hash was removed",
                                       (long long)event->id);
}

/* Old events are gone because of their age: then one of the events that are there says
 * so. */
static void
check_removal(struct walking *w)
{
    int64_t removed = w->check.report.removed_count;

    if (removed > 0 && w->check.removal_up_to != removed)
        history_check_wrong(&w->check, 1,
                            "events 1 to %lld are missing, and no event says that they "
                            "were removed because of their age",
                            (long long)removed);
}

/* ---- hashes of hashes ---- */

/* Above level 0 a tile has the roots of the tiles below it. Those of level 0 were checked
 * on the way. */
static enum status
check_tile(struct walking *w, int64_t level, int64_t place)
{
    struct merkle_hash *hashes = w->kept;
    struct merkle_hash below[TILE], root, found;
    int64_t first = (place << MERKLE_TILE_LEVELS * (level + 1)) + 1;
    int64_t count = 0;
    int64_t root_count = 0;
    enum status status = store_event_tile(w->store, level, place, hashes[0].at);

    if (status == STATUS_OK)
        status = store_event_tile_roots(w->store, level, place, 1, root.at, &root_count);
    if (status == STATUS_OK)
        status = store_event_tile_roots(w->store, level - 1, place * TILE, TILE,
                                        below[0].at, &count);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        return status;
    bool fits = status == STATUS_OK && root_count == 1 && count == TILE;
    if (fits) {
        merkle_perfect(hashes, TILE, &found);
        fits = merkle_equal(&root, &found);
    }
    for (int64_t i = 0; fits && i < TILE; i++)
        fits = merkle_equal(&hashes[i], &below[i]);
    if (!fits)
        history_check_wrong(&w->check, first,
                            "the hashes of level %lld over the events from %lld on are "
                            "missing, or not as they were written",
                            (long long)level, (long long)first);
    return STATUS_OK;
}

static enum status
check_tiles(struct walking *w)
{
    int64_t count = w->size / TILE / TILE;
    enum status status = STATUS_OK;

    for (int64_t level = 1; count > 0; level++, count /= TILE) {
        for (int64_t i = 0; i < count && status == STATUS_OK && !w->check.is_over; i++)
            status = check_tile(w, level, i);
    }
    return status;
}

/* A row that cannot be read is the first event that is wrong. */
static void
tell_unreadable(struct walking *w)
{
    int64_t id = (int64_t)w->check.range.size + 1;
    int64_t first = 0, last = 0;

    if (w->check.report.event_count == 0 &&
        store_event_ends(w->store, &first, &last) == STATUS_OK)
        id = first;
    history_check_wrong(&w->check, id, "event %lld cannot be read: its row is damaged",
                        (long long)id);
}

static void
walking_done(struct walking *w)
{
    buffer_done(&w->line);
}

static enum status
walk_all(struct walking *w)
{
    enum status status = store_event_tree_size(w->store, &w->size);

    if (status == STATUS_OK && !w->check.is_over)
        status = store_event_walk(w->store, 0, walk_event, w);
    if (status == STATUS_BROKEN && w->status == STATUS_OK) {
        tell_unreadable(w);
        status = STATUS_OK;
    }
    if (status == STATUS_OK)
        status = w->status;
    if (status == STATUS_OK && !w->check.is_over)
        status = check_tiles(w);
    if (status != STATUS_OK)
        return status;
    check_removal(w);
    history_check_end(&w->check, w->size);
    return STATUS_OK;
}

enum status
history_verify(struct store *store, struct es256_key *key, const struct tree_head *known,
               size_t known_count, struct history_report *out)
{
    struct walking w AUTO(walking_done) = {.store = store,
                                           .line = buffer_make(LINE_MAX_BYTES)};
    struct head_list heads AUTO(head_list_done) = {0};
    char account_uid[ACCOUNT_UID_ROOM];
    size_t len = 0;
    enum status status =
        store_fact_get(store, "account_uid", account_uid, sizeof(account_uid), &len);

    if (status == STATUS_OK)
        status = store_event_head_list(store, 0, add_head, &heads);
    for (size_t i = 0; i < known_count; i++)
        add_head(&heads, &known[i]);
    if (status == STATUS_OK)
        status = history_check_begin(&w.check, heads.at, heads.count,
                                     slice_of(account_uid), key);
    if (status == STATUS_OK)
        status = walk_all(&w);
    if (status == STATUS_OK)
        *out = w.check.report;
    return status;
}
