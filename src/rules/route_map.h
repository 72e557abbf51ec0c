/* SPDX-License-Identifier: Apache-2.0
 *
 * Which operation is meant by a method and a path? Built once, then read-only; matching
 * allocates nothing (≤ 1 µs with 2,000 operations). Pure. */
#ifndef RULES_ROUTE_MAP_H
#define RULES_ROUTE_MAP_H

#include "base/slice.h"
#include "base/status.h"
#include "model/operation.h"

struct route_map;

/* The operations are borrowed for the map's life. STATUS_CONFLICT: two operations answer
 * the same method and path, or some of the same paths; failure names both. */
MUST_CHECK enum status route_map_new(const struct operation *operations, size_t count,
                                     struct route_map **out, struct failure *failure);
void route_map_free(struct route_map **map);
/* A map bit by bit: the operations of several lists. */
struct route_map *route_map_empty(void);
MUST_CHECK enum status route_map_add(struct route_map *map,
                                     const struct operation *operations, size_t count,
                                     struct failure *failure);
/* Adds one, or leaves the map as it was. STATUS_CONFLICT: *out_rival is the operation
 * that answers the same requests; NULL: the templates of two fit some of the same paths,
 * and nobody can say which is meant. STATUS_MALFORMED: this is no template of ours. */
MUST_CHECK enum status route_map_add_one(struct route_map *map,
                                         const struct operation *operation,
                                         const struct operation **out_rival,
                                         struct failure *failure);

struct route_match {
    const struct operation *operation;
    struct slice parameters[OPERATION_PARAMETER_MAX_COUNT]; /* still encoded */
    size_t parameter_count;
};

/* STATUS_MALFORMED: a path that can be read in two ways, which is never matched: not
 * starting with '/', an empty segment ("//"), "." or ".." in any spelling (%2e), encoded
 * '/', '\\' or NUL, a backslash, control characters, '?' or '#', a broken % sequence.
 * STATUS_NOT_FOUND: no such path; STATUS_REFUSED: the path exists, but not with this
 * method. Literals win over templates, "{id}.json" over "{id}":
 * segment by segment, longest literal first. */
MUST_CHECK enum status route_map_find(const struct route_map *map, struct slice method,
                                      struct slice path, struct route_match *out);

/* The path that the operation's upstream is asked for, when callers ask for `uri`, a path
 * that leads to this operation: without the prefix, behind the base path; all else as it
 * came. STATUS_TOO_LARGE: it does not fit `out`, which is closed. */
MUST_CHECK enum status route_upstream_path(const struct operation *operation,
                                           struct slice uri, char *out, size_t size);

#endif
