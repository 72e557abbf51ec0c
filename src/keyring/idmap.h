/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers of the store to things in memory, for the one thread that writes the keyring.
 * Nothing is ever taken out; the things are the caller's. */
#ifndef KEYRING_IDMAP_H
#define KEYRING_IDMAP_H

#include <stddef.h>
#include <stdint.h>

struct idmap_row {
    int64_t id;
    void *thing; /* NULL = an empty row */
};

/* Zeroed = empty. */
struct idmap {
    struct idmap_row *rows; /* linear probing; at most half full */
    size_t room, count;     /* room is a power of two */
};

void idmap_done(struct idmap *map);
/* NULL when there is none. */
void *idmap_find(const struct idmap *map, int64_t id);
/* `id` must not be in it yet; `thing` is not NULL. */
void idmap_add(struct idmap *map, int64_t id, void *thing);
/* Walks in no order: `*at` starts at 0; NULL at the end. */
void *idmap_next(const struct idmap *map, size_t *at);

#endif
