/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory that lives as long as one request or one job, and goes all at once. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/slice.h"

#include <stddef.h>

struct arena_block;

/* Zeroed = empty and ready. Not for threads. */
struct arena {
    struct arena_block *blocks; /* newest first; owned */
    size_t used_bytes;          /* handed out since the last reset */
};

/* `size` zeroed bytes, aligned for any type; never NULL (see base/mem.h). */
__attribute__((returns_nonnull)) void *arena_new(struct arena *arena, size_t size);
/* A copy of `bytes` that lives as long as the arena. */
struct slice arena_copy(struct arena *arena, struct slice bytes);
/* The same as a closed text. */
__attribute__((returns_nonnull)) char *arena_text(struct arena *arena,
                                                  struct slice bytes);
void arena_reset(struct arena *arena); /* keeps one block for the next user */
void arena_done(struct arena *arena);  /* frees all */

#endif
