/* SPDX-License-Identifier: Apache-2.0
 *
 * Descriptions and overlays as trees: JSON or YAML, each in one strict form, so that
 * nobody reads anything else in them than we do. */
#ifndef OPENAPI_TREE_H
#define OPENAPI_TREE_H

#include "base/slice.h"
#include "base/status.h"

#include <jansson.h>
#include <stddef.h>

enum {
    TREE_TEXT_MAX_BYTES = 64 * 1024 * 1024, /* the largest we know has 47 MB */
    TREE_DEPTH_MAX = 256,
    TREE_NODE_MAX_COUNT = 8 * 1000 * 1000, /* aliases of YAML count where they stand */
    TREE_POINTER_BYTES = 256,
};

/* Reads a text that begins with '{' as JSON, any other as YAML. No name twice in an
 * object, no zero bytes in texts; whole numbers beyond 64 bits become reals. YAML: one
 * document, the core schema of YAML 1.2 (`on`, `yes` and dates are texts), names of
 * objects are scalars and count as they are spelled, an alias is a copy, no merge keys,
 * no tags but those of the core schema. STATUS_MALFORMED: failure has the line and why.
 * STATUS_TOO_LARGE. */
MUST_CHECK enum status tree_read(struct slice text, json_t **out,
                                 struct failure *failure);
/* The YAML half. */
MUST_CHECK enum status tree_read_yaml(struct slice text, json_t **out,
                                      struct failure *failure);

/* How deep objects and lists are nested in it; 0 = it is neither. */
size_t tree_depth(const json_t *value);
/* How many values hang in it, itself counted; no more than `most` are. */
size_t tree_size(const json_t *value, size_t most);

static inline void
tree_done(json_t **tree)
{
    json_decref(*tree);
    *tree = NULL;
}

/* The value that "#/a/b" (RFC 6901 in a URI fragment) points at; NULL when there is none.
 */
json_t *tree_at(json_t *root, struct slice fragment);

/* Follows the "$ref" of a value, if it has one, until there is none. *out is borrowed.
 * STATUS_MALFORMED: another file, nothing there, or a circle; failure names `pointer`,
 * the place of the value. */
MUST_CHECK enum status tree_follow(json_t *root, json_t *value, const char *pointer,
                                   json_t **out, struct failure *failure);

/* Writes `base` and one more name behind it, escaped: "/paths/~1pets". Cut when it is too
 * long: it is for people. */
void tree_pointer(const char *base, const char *name, char out[TREE_POINTER_BYTES]);

#endif
