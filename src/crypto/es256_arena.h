/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the tables of keys are: blocks of large pages, so that a verification, which
 * touches 36 places of a table, does not wait for page tables as well; and read-only,
 * so that no stray write changes a point. Not for other folders. */
#ifndef CRYPTO_ES256_ARENA_H
#define CRYPTO_ES256_ARENA_H

#include "crypto/es256_sum.h"

enum { ARENA_HUGE_PAGE = 2 * 1024 * 1024 };

/* Memory that begins where a large page does. NULL: there is none. */
void *es256_pages_take(size_t bytes);

/* Copies a table of KEY_POINTS into the arena; any thread. NULL: there is no memory. */
const struct table_point *es256_arena_put(struct es256_arena *arena,
                                          const struct table_point *points);
/* Nobody may be reading it any more. */
void es256_arena_remove(struct es256_arena *arena, const struct table_point *points);

#endif
