/* SPDX-License-Identifier: Apache-2.0
 *
 * A block has 64 tables in five large pages. It is read-only but for the moment in which
 * a table is copied in; its protection is always changed as a whole, because changing it
 * for a part would split the large pages. Blocks stay until the arena is freed: tables
 * come and go, and their number is bounded by whoever keeps them. */
#include "crypto/es256_arena.h"

#include "base/mem.h"
#include "crypto/es256_build.h"

#include <assert.h>
#include <pthread.h>
#include <sys/mman.h>

enum {
    BLOCK_TABLES = 64,
    BLOCK_BYTES = BLOCK_TABLES * ES256_TABLE_BYTES,
};

_Static_assert(ES256_TABLE_BYTES == KEY_POINTS * sizeof(struct table_point),
               "the header tells the size");
_Static_assert(BLOCK_BYTES % ARENA_HUGE_PAGE == 0, "a block is whole large pages");

struct block {
    uint8_t *at;
    uint64_t used; /* bit i: table i */
};

struct es256_arena {
    pthread_mutex_t lock;
    struct block *blocks;
    size_t count;
};

void *
es256_pages_take(size_t bytes)
{
    size_t more = bytes + ARENA_HUGE_PAGE;
    uint8_t *at =
        mmap(NULL, more, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (at == MAP_FAILED)
        return NULL;
    size_t skip = -(uintptr_t)at % ARENA_HUGE_PAGE;
    if (skip > 0)
        munmap(at, skip);
    munmap(at + skip + bytes, more - skip - bytes);
    madvise(at + skip, bytes, MADV_HUGEPAGE); /* where there are none, small ones do */
    return at + skip;
}

struct es256_arena *
es256_arena_new(void)
{
    struct es256_arena *arena = mem_new(sizeof(*arena));

    pthread_mutex_init(&arena->lock, NULL);
    return arena;
}

void
es256_arena_free(struct es256_arena **arena)
{
    if (!*arena)
        return;
    for (size_t i = 0; i < (*arena)->count; i++) {
        assert((*arena)->blocks[i].used == 0); /* a table would outlive its points */
        munmap((*arena)->blocks[i].at, BLOCK_BYTES);
    }
    pthread_mutex_destroy(&(*arena)->lock);
    mem_free(&(*arena)->blocks);
    mem_free(arena);
}

/* One with room; NULL when there is no memory for another. Under the lock. */
static struct block *
find_block(struct es256_arena *arena)
{
    for (size_t i = 0; i < arena->count; i++) {
        if (arena->blocks[i].used != UINT64_MAX)
            return &arena->blocks[i];
    }
    uint8_t *at = es256_pages_take(BLOCK_BYTES);
    if (!at)
        return NULL;
    arena->blocks =
        mem_resize(arena->blocks, (arena->count + 1) * sizeof(*arena->blocks));
    arena->blocks[arena->count] = (struct block){.at = at};
    return &arena->blocks[arena->count++];
}

/* Under the lock. */
static uint8_t *
copy_in(struct es256_arena *arena, const struct table_point *points)
{
    struct block *block = find_block(arena);

    if (!block || mprotect(block->at, BLOCK_BYTES, PROT_READ | PROT_WRITE) != 0)
        return NULL;
    int place = __builtin_ctzll(~block->used);
    uint8_t *at = block->at + (size_t)place * ES256_TABLE_BYTES;
    __builtin_memcpy(at, points, ES256_TABLE_BYTES);
    if (mprotect(block->at, BLOCK_BYTES, PROT_READ) != 0)
        return NULL; /* what can be written is not used */
    block->used |= UINT64_C(1) << place;
    return at;
}

const struct table_point *
es256_arena_put(struct es256_arena *arena, const struct table_point *points)
{
    pthread_mutex_lock(&arena->lock);
    void *at = copy_in(arena, points);
    pthread_mutex_unlock(&arena->lock);
    return at;
}

void
es256_arena_remove(struct es256_arena *arena, const struct table_point *points)
{
    const uint8_t *at = (const uint8_t *)points;

    pthread_mutex_lock(&arena->lock);
    for (size_t i = 0; i < arena->count; i++) {
        struct block *block = &arena->blocks[i];
        if (at >= block->at && at < block->at + BLOCK_BYTES)
            block->used &=
                ~(UINT64_C(1) << ((size_t)(at - block->at) / ES256_TABLE_BYTES));
    }
    pthread_mutex_unlock(&arena->lock);
}
