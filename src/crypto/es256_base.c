/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of G for signing: the points that es256_build() makes, one window after the
 * other, laid so that a row's windows are side by side. */
#include "crypto/es256_base.h"

#include "base/auto.h"
#include "base/mem.h"
#include "crypto/es256_arena.h"
#include "crypto/es256_build.h"

#include <pthread.h>
#include <sys/mman.h>

enum {
    WINDOWS = BASE_ROWS * BASE_LANES,
    POINTS = WINDOWS * BASE_ENTRIES,
    TABLE_BYTES = sizeof(struct base_table)
};

static const struct windows SIGN_WINDOWS = {WINDOWS, 4};

_Static_assert(WINDOWS * 4 == SCALAR_BITS, "64 windows of four bits, none wider");
_Static_assert(sizeof(struct table_point) == BASE_WORDS * sizeof(uint64_t),
               "two by four");

static void
lay_out(const struct table_point *points, struct base_table *out)
{
    for (int i = 0; i < POINTS; i++) {
        int window = i / BASE_ENTRIES;
        uint64_t(*words)[BASE_LANES] = out->word[window / BASE_LANES][i % BASE_ENTRIES];
        int lane = window % BASE_LANES;
        for (int w = 0; w < BASE_WORDS / 2; w++) {
            words[w][lane] = points[i].x[w];
            words[BASE_WORDS / 2 + w][lane] = points[i].y[w];
        }
    }
}

static const struct base_table *
make_table(void)
{
    struct table_point *points AUTO(mem_done) = mem_new_array(POINTS, sizeof(*points));

    if (!es256_build(&SIGN_WINDOWS, ES256_G, ES256_LEVEL_LANES, points))
        return NULL;
    struct base_table *table = es256_pages_take(TABLE_BYTES);
    if (!table)
        return NULL;
    lay_out(points, table);
    if (mprotect(table, TABLE_BYTES, PROT_READ) != 0) {
        munmap(table, TABLE_BYTES);
        return NULL;
    }
    return table;
}

const struct base_table *
es256_base_table(void)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static const struct base_table *table;

    pthread_mutex_lock(&lock);
    if (!table)
        table = make_table();
    const struct base_table *made = table;
    pthread_mutex_unlock(&lock);
    return made;
}
