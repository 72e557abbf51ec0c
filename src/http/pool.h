/* SPDX-License-Identifier: Apache-2.0
 *
 * Things of one size that are lent and given back on one thread; the last one given back
 * is lent first, because it is still in the cache. */
#ifndef HTTP_POOL_H
#define HTTP_POOL_H

#include <stdbool.h>
#include <stddef.h>

enum { POOL_KEEP_MAX_COUNT = 64 }; /* what is given back beyond is freed */

/* The first bytes of a thing while it is not lent. */
struct pool_item {
    struct pool_item *next;
};

struct pool {
    struct pool_item *free;
    size_t free_count;
};

/* The next free thing, or NULL: then the caller makes one. */
void *pool_take(struct pool *pool);
/* True: kept. False: there are enough, the caller frees it. */
bool pool_give(struct pool *pool, void *item);

#endif
