/* SPDX-License-Identifier: Apache-2.0
 *
 * Blocks that are filled from their beginning; what does not fit opens a new one. */
#include "base/arena.h"

#include "base/mem.h"

#include <assert.h>
#include <stdint.h>

enum {
    ARENA_ALIGN = 16,
    ARENA_BLOCK_BYTES = 16 * 1024 - 64, /* most requests need one */
    ARENA_KEEP_MAX_BYTES = 256 * 1024,  /* one large request must not hold on to memory */
};

struct arena_block {
    struct arena_block *older;
    size_t used, room; /* of bytes[], in bytes */
    _Alignas(ARENA_ALIGN) unsigned char bytes[];
};

static struct arena_block *
arena_block_new(struct arena *arena, size_t least)
{
    size_t room = least > ARENA_BLOCK_BYTES ? least : ARENA_BLOCK_BYTES;
    struct arena_block *block = mem_resize(NULL, sizeof(*block) + room);

    block->older = arena->blocks;
    block->used = 0;
    block->room = room;
    arena->blocks = block;
    return block;
}

void *
arena_new(struct arena *arena, size_t size)
{
    struct arena_block *block = arena->blocks;
    size_t whole;
    void *made;

    assert(size < SIZE_MAX / 2);
    whole = (size + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
    if (whole == 0)
        whole = ARENA_ALIGN;
    if (!block || whole > block->room - block->used)
        block = arena_block_new(arena, whole);
    made = block->bytes + block->used;
    block->used += whole;
    arena->used_bytes += whole;
    return memset(made, 0, size);
}

struct slice
arena_copy(struct arena *arena, struct slice bytes)
{
    unsigned char *copy = arena_new(arena, bytes.len);

    if (bytes.len)
        memcpy(copy, bytes.at, bytes.len);
    return (struct slice){copy, bytes.len};
}

char *
arena_text(struct arena *arena, struct slice bytes)
{
    char *copy = arena_new(arena, bytes.len + 1);

    if (bytes.len)
        memcpy(copy, bytes.at, bytes.len);
    return copy;
}

void
arena_reset(struct arena *arena)
{
    struct arena_block *kept = NULL;

    while (arena->blocks) {
        struct arena_block *block = arena->blocks;
        arena->blocks = block->older;
        if (!kept && block->room <= ARENA_KEEP_MAX_BYTES)
            kept = block;
        else
            mem_free(&block);
    }
    if (kept) {
        kept->older = NULL;
        kept->used = 0;
    }
    arena->blocks = kept;
    arena->used_bytes = 0;
}

void
arena_done(struct arena *arena)
{
    while (arena->blocks) {
        struct arena_block *block = arena->blocks;
        arena->blocks = block->older;
        mem_free(&block);
    }
    arena->used_bytes = 0;
}
