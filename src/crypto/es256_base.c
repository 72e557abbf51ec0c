/* SPDX-License-Identifier: Apache-2.0
 *
 * The tables of G for signing: the points that es256_build() makes, one window after the
 * other, laid as they are read. */
#include "crypto/es256_base.h"

#include "base/auto.h"
#include "base/mem.h"
#include "crypto/es256_arena.h"
#include "crypto/es256_build.h"

#include <assert.h>
#include <pthread.h>
#include <sys/mman.h>

enum { WINDOWS = BASE_ROWS * BASE_LANES };

static const struct windows SIGN_WINDOWS = {WINDOWS, 4};
static const struct windows EIGHT_SIGN_WINDOWS = {EIGHT_WINDOWS, 6};

_Static_assert(WINDOWS * 4 == SCALAR_BITS, "64 windows of four bits, none wider");
_Static_assert(sizeof(struct table_point) == BASE_WORDS * sizeof(uint64_t),
               "two by four");

/* Lays the points of the windows into a table. */
typedef void lay(const struct windows *windows, const struct table_point *points,
                 void *out);

/* A row's windows are side by side. */
static void
lay_out(const struct windows *windows, const struct table_point *points, void *out)
{
    struct base_table *table = out;

    for (int i = 0; i < windows->count * BASE_ENTRIES; i++) {
        int window = i / BASE_ENTRIES;
        uint64_t words[BASE_WORDS];
        __builtin_memcpy(words, &points[i], sizeof(words));
        for (int w = 0; w < BASE_WORDS; w++)
            table->word[window / BASE_LANES][i % BASE_ENTRIES][w][window % BASE_LANES] =
                words[w];
    }
}

/* A window's entries are side by side; where there are fewer, zeros are left. */
static void
lay_out_eight(const struct windows *windows, const struct table_point *points, void *out)
{
    struct eight_table *table = out;

    for (int window = 0; window < windows->count; window++) {
        int count = 1 << (window_width(windows, window) - 1);
        for (int i = 0; i < count; i++) {
            uint64_t words[BASE_WORDS];
            __builtin_memcpy(words, &points[i], sizeof(words));
            for (int w = 0; w < BASE_WORDS; w++)
                table->word[window][w][i] = words[w];
        }
        points += count;
    }
}

static size_t
count_points(const struct windows *windows)
{
    size_t count = 0;

    for (int i = 0; i < windows->count; i++)
        count += (size_t)1 << (window_width(windows, i) - 1);
    return count;
}

static void *
make_table(const struct windows *windows, size_t bytes, lay *lay_it)
{
    struct table_point *points AUTO(mem_done) =
        mem_new_array(count_points(windows), sizeof(*points));

    if (!es256_build(windows, ES256_G, ES256_LEVEL_LANES, points))
        return NULL;
    void *table = es256_pages_take(bytes);
    if (!table)
        return NULL;
    lay_it(windows, points, table);
    if (mprotect(table, bytes, PROT_READ) != 0) {
        munmap(table, bytes);
        return NULL;
    }
    return table;
}

/* Makes it when it is first asked for. */
static const void *
table_once(const void **table, const struct windows *windows, size_t bytes, lay *lay_it)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

    pthread_mutex_lock(&lock);
    if (!*table)
        *table = make_table(windows, bytes, lay_it);
    const void *made = *table;
    pthread_mutex_unlock(&lock);
    return made;
}

const struct base_table *
es256_base_table(void)
{
    static const void *table;

    return table_once(&table, &SIGN_WINDOWS, sizeof(struct base_table), lay_out);
}

const struct eight_table *
es256_eight_table(void)
{
    static const void *table;

    return table_once(&table, &EIGHT_SIGN_WINDOWS, sizeof(struct eight_table),
                      lay_out_eight);
}
