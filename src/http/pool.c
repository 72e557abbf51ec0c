/* SPDX-License-Identifier: Apache-2.0
 *
 * A list of free things. */
#include "http/pool.h"

void *
pool_take(struct pool *pool)
{
    struct pool_item *item = pool->free;

    if (!item)
        return NULL;
    pool->free = item->next;
    pool->free_count--;
    return item;
}

bool
pool_give(struct pool *pool, void *item)
{
    struct pool_item *given = item;

    if (pool->free_count >= POOL_KEEP_MAX_COUNT)
        return false;
    given->next = pool->free;
    pool->free = given;
    pool->free_count++;
    return true;
}
