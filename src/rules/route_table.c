/* SPDX-License-Identifier: Apache-2.0
 *
 * Making, counting and publishing the route table. */
#include "rules/route_table.h"

#include "base/auto.h"
#include "base/mem.h"
#include "base/percent.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

struct route_table {
    struct route_map *map;
    struct route_source **sources; /* held */
    size_t source_count;
    const struct operation **operations; /* borrowed from the sources */
    size_t operation_count;
    _Atomic size_t holder_count;
};

struct routes {
    pthread_mutex_t lock; /* of those who hold, and of those who put */
    _Atomic(struct route_table *) now;
};

/* ---- sources ---- */

struct route_source *
route_source_new(void)
{
    struct route_source *source = mem_new(sizeof(*source));

    atomic_init(&source->holder_count, 1);
    return source;
}

struct route_source *
route_source_hold(struct route_source *source)
{
    size_t before = atomic_fetch_add(&source->holder_count, 1);

    assert(before > 0);
    (void)before;
    return source;
}

void
route_source_drop(struct route_source **source)
{
    struct route_source *gone = *source;

    *source = NULL;
    if (!gone || atomic_fetch_sub(&gone->holder_count, 1) > 1)
        return;
    arena_done(&gone->arena);
    mem_free(&gone);
}

/* ---- tables ---- */

static void
table_free(struct route_table **table)
{
    struct route_table *gone = *table;

    if (!gone)
        return;
    route_map_free(&gone->map);
    for (size_t i = 0; i < gone->source_count; i++)
        route_source_drop(&gone->sources[i]);
    mem_free(&gone->sources);
    mem_free(&gone->operations);
    mem_free(table);
}

static void
list_operations(struct route_table *table)
{
    size_t count = 0;

    for (size_t i = 0; i < table->source_count; i++)
        count += table->sources[i]->operation_count;
    table->operations = mem_new_array(count + 1, sizeof(table->operations[0]));
    for (size_t i = 0; i < table->source_count; i++) {
        const struct route_source *source = table->sources[i];
        for (size_t k = 0; k < source->operation_count; k++)
            table->operations[table->operation_count++] = &source->operations[k];
    }
}

enum status
route_table_new(struct route_source *const *sources, size_t count,
                struct route_table **out, struct failure *failure)
{
    struct route_table *table AUTO(table_free) = mem_new(sizeof(*table));

    atomic_init(&table->holder_count, 1);
    table->map = route_map_empty();
    table->sources = mem_new_array(count + 1, sizeof(table->sources[0]));
    for (size_t i = 0; i < count; i++) {
        enum status status = route_map_add(table->map, sources[i]->operations,
                                           sources[i]->operation_count, failure);
        if (status != STATUS_OK)
            return status;
        table->sources[table->source_count++] = route_source_hold(sources[i]);
    }
    list_operations(table);
    *out = TAKE(table);
    return STATUS_OK;
}

/* Only its count is ever written. */
static struct route_table *
counted(const struct route_table *table)
{
    return (struct route_table *)(uintptr_t)table;
}

const struct route_table *
route_table_hold(const struct route_table *table)
{
    size_t before = atomic_fetch_add(&counted(table)->holder_count, 1);

    assert(before > 0);
    (void)before;
    return table;
}

void
route_table_drop(const struct route_table **table)
{
    struct route_table *gone = counted(*table);

    *table = NULL;
    if (gone && atomic_fetch_sub(&gone->holder_count, 1) == 1)
        table_free(&gone);
}

const struct route_map *
route_table_map(const struct route_table *table)
{
    return table->map;
}

/* The prefix, and then the end or a segment. */
static bool
is_below(struct slice path, struct slice prefix)
{
    size_t at = 0;

    for (size_t i = 0; i < prefix.len; i++) {
        size_t taken = at < path.len && path.at[at] == '%' ? 3 : 1;
        struct slice one = slice_head(slice_from(path, at), taken);
        unsigned char plain[3];
        if (percent_decode(one, plain) != 1 || plain[0] != prefix.at[i] ||
            (taken > 1 && plain[0] == '/'))
            return false;
        at += taken;
    }
    return at == path.len || path.at[at] == '/';
}

bool
route_table_covers(const struct route_table *table, struct slice path)
{
    for (size_t i = 0; i < table->source_count; i++) {
        const struct upstream *upstream = table->sources[i]->upstream;
        if (upstream && is_below(path, slice_of(upstream->prefix)))
            return true;
    }
    return false;
}

struct route_source *
route_table_own(const struct route_table *table)
{
    for (size_t i = 0; i < table->source_count; i++) {
        if (!table->sources[i]->upstream)
            return table->sources[i];
    }
    return NULL;
}

size_t
route_table_count(const struct route_table *table)
{
    return table->operation_count;
}

const struct operation *
route_table_at(const struct route_table *table, size_t index)
{
    return table->operations[index];
}

/* ---- the one in force ---- */

struct routes *
routes_new(void)
{
    struct routes *routes = mem_new(sizeof(*routes));

    pthread_mutex_init(&routes->lock, NULL);
    return routes;
}

void
routes_free(struct routes **routes)
{
    if (!*routes)
        return;
    const struct route_table *last = atomic_load(&(*routes)->now);
    route_table_drop(&last);
    pthread_mutex_destroy(&(*routes)->lock);
    mem_free(routes);
}

const struct route_table *
routes_put(struct routes *routes, struct route_table *table)
{
    pthread_mutex_lock(&routes->lock);
    const struct route_table *old = atomic_exchange(&routes->now, table);
    pthread_mutex_unlock(&routes->lock);
    return old;
}

const struct route_table *
routes_now(const struct routes *routes)
{
    return atomic_load_explicit(&routes->now, memory_order_acquire);
}

const struct route_table *
routes_hold(struct routes *routes)
{
    pthread_mutex_lock(&routes->lock);
    const struct route_table *table = route_table_hold(atomic_load(&routes->now));
    pthread_mutex_unlock(&routes->lock);
    return table;
}
