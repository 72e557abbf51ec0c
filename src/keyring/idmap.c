/* SPDX-License-Identifier: Apache-2.0
 *
 * Open addressing over ids that the store gives out one after the other. */
#include "keyring/idmap.h"

#include "base/mem.h"

enum { IDMAP_FIRST_ROOM = 64 };

void
idmap_done(struct idmap *map)
{
    mem_free(&map->rows);
    *map = (struct idmap){0};
}

static struct idmap_row *
row_of(const struct idmap *map, int64_t id)
{
    /* Fibonacci hashing; ids come from our own store, so no key is needed */
    size_t i = (size_t)(((uint64_t)id * 0x9E3779B97F4A7C15u) >> 20) & (map->room - 1);

    while (map->rows[i].thing && map->rows[i].id != id)
        i = (i + 1) & (map->room - 1);
    return &map->rows[i];
}

void *
idmap_find(const struct idmap *map, int64_t id)
{
    return map->room == 0 ? NULL : row_of(map, id)->thing;
}

static void
grow(struct idmap *map)
{
    struct idmap bigger = {.room = map->room ? map->room * 2 : IDMAP_FIRST_ROOM,
                           .count = map->count};

    bigger.rows = mem_new_array(bigger.room, sizeof(bigger.rows[0]));
    for (size_t i = 0; i < map->room; i++) {
        if (map->rows[i].thing)
            *row_of(&bigger, map->rows[i].id) = map->rows[i];
    }
    mem_free(&map->rows);
    *map = bigger;
}

void
idmap_add(struct idmap *map, int64_t id, void *thing)
{
    if (map->count * 2 >= map->room)
        grow(map);
    *row_of(map, id) = (struct idmap_row){id, thing};
    map->count++;
}

void *
idmap_next(const struct idmap *map, size_t *at)
{
    while (*at < map->room) {
        void *thing = map->rows[(*at)++].thing;
        if (thing)
            return thing;
    }
    return NULL;
}
