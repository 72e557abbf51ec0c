/* SPDX-License-Identifier: Apache-2.0
 *
 * ONE ROUTE TABLE for the house: our own operations and those of all active upstreams. A
 * table is made as a whole and never changed; a new one takes its place. Whoever needs an
 * operation for longer than a look holds its table. */
#ifndef RULES_ROUTE_TABLE_H
#define RULES_ROUTE_TABLE_H

#include "base/arena.h"
#include "base/status.h"
#include "model/operation.h"
#include "model/upstream.h"
#include "rules/route_map.h"

/* The operations of one description, with the memory that they lie in. Filled by whoever
 * makes it, then never changed. Counted, for tables share sources. */
struct route_source {
    struct arena arena;              /* operations, their texts, the upstream */
    const struct upstream *upstream; /* NULL: ourselves */
    const struct operation *operations;
    size_t operation_count;
    _Atomic size_t holder_count; /* route_source_hold() and _drop() */
};

/* Empty, with one holder: the caller. */
struct route_source *route_source_new(void);
struct route_source *route_source_hold(struct route_source *source);
/* Accepts NULL, leaves NULL. Frees it when it was the last holder. */
void route_source_drop(struct route_source **source);

struct route_table;

/* Makes a table that holds its sources. STATUS_CONFLICT: operations of two sources answer
 * the same requests; failure names both. STATUS_MALFORMED: as route_map_add(). */
MUST_CHECK enum status route_table_new(struct route_source *const *sources, size_t count,
                                       struct route_table **out, struct failure *failure);
/* From any thread. The one that is held must not be going away meanwhile. */
const struct route_table *route_table_hold(const struct route_table *table);
void route_table_drop(const struct route_table **table);
const struct route_map *route_table_map(const struct route_table *table);
/* Our own operations; NULL: there are none. Borrowed from the table. */
struct route_source *route_table_own(const struct route_table *table);
/* All operations, source by source, each in the order of its description. */
size_t route_table_count(const struct route_table *table);
const struct operation *route_table_at(const struct route_table *table, size_t index);

/* Does the path lie below the prefix of an upstream, however it is encoded? Whether there
 * is an operation is not asked. */
bool route_table_covers(const struct route_table *table, struct slice path);

/* The place where the table in force stands. */
struct routes;

struct routes *routes_new(void);
void routes_free(struct routes **routes);
/* Puts a table in force and takes it over; gives what was in force before (NULL: none),
 * which the caller drops when nobody can be looking at it any more. */
MUST_CHECK const struct route_table *routes_put(struct routes *routes,
                                                struct route_table *table);
/* The table in force, for a look: without a lock, good for as long as whoever calls
 * routes_put() waits with dropping (the gate: within keyring_enter()/leave()). */
const struct route_table *routes_now(const struct routes *routes);
/* The table in force, held: for everybody else. */
const struct route_table *routes_hold(struct routes *routes);

#endif
