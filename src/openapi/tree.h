/* SPDX-License-Identifier: Apache-2.0
 *
 * Descriptions and overlays as trees: JSON or YAML, each in one strict form, so that
 * nobody reads anything else in them than we do. A description may have millions of
 * values, of which few are asked for (docs/decisions/0006): so a value is 24 bytes, its
 * text stays where it was read, and all of a tree goes at once. */
#ifndef OPENAPI_TREE_H
#define OPENAPI_TREE_H

#include "base/arena.h"
#include "base/slice.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    TREE_TEXT_MAX_BYTES = 64 * 1024 * 1024, /* the largest we know has 47 MB */
    TREE_DEPTH_MAX = 256,
    TREE_NODE_MAX_COUNT = 8 * 1000 * 1000, /* aliases of YAML count where they stand */
    TREE_POINTER_BYTES = 256,
};

enum tree_kind {
    TREE_NOTHING = 0, /* there is no value; or it was taken out of its object */
    TREE_NULL,
    TREE_FALSE,
    TREE_TRUE,
    TREE_WHOLE,
    TREE_REAL,
    TREE_TEXT,
    TREE_LIST,
    TREE_OBJECT,
};

/* A value. It stays at its place in memory as long as its tree lives. */
struct tree_value {
    enum tree_kind kind;
    uint32_t name_len;
    const char *name; /* of a member of an object: closed, no zero within */
    union {
        const char *text; /* closed, no zero within */
        int64_t whole;
        double real;
        struct tree_members *members; /* of an object or list; NULL: it never had any */
    };
};

/* Zeroed = empty and ready. */
struct tree {
    struct tree_value *root;
    struct arena arena;       /* all that hangs in it */
    unsigned char *plain;     /* a JSON text, made plain in its place; owned */
    struct tree_value *spare; /* values that are still free */
    size_t spare_count;
};

void tree_done(struct tree *tree);

/* Reads a text that begins with '{' as JSON, any other as YAML, into an empty tree. No
 * name twice in an object, no zero bytes in texts; whole numbers beyond 64 bits become
 * reals. YAML: one document, the core schema of YAML 1.2 (`on`, `yes` and dates are
 * texts), names of objects are scalars and count as they are spelled, an alias is a copy,
 * no merge keys, no tags but those of the core schema. STATUS_MALFORMED: failure has the
 * line and why. STATUS_TOO_LARGE. Unless OK the tree is empty. */
MUST_CHECK enum status tree_read(struct slice text, struct tree *out,
                                 struct failure *failure);
/* Its halves. */
MUST_CHECK enum status tree_read_json(struct slice text, struct tree *out,
                                      struct failure *failure);
MUST_CHECK enum status tree_read_yaml(struct slice text, struct tree *out,
                                      struct failure *failure);

/* ---- looking; a NULL value is TREE_NOTHING ---- */

static inline bool
tree_is(const struct tree_value *value, enum tree_kind kind)
{
    return value && value->kind == kind;
}

static inline bool
tree_is_number(const struct tree_value *value)
{
    return tree_is(value, TREE_WHOLE) || tree_is(value, TREE_REAL);
}

/* A text, closed; NULL: it is none. */
static inline const char *
tree_text(const struct tree_value *value)
{
    return tree_is(value, TREE_TEXT) ? value->text : NULL;
}

/* Of an object, by its name; NULL: there is none, or it is no object. */
struct tree_value *tree_member(const struct tree_value *object, const char *name);
struct tree_value *tree_member_named(const struct tree_value *object, struct slice name);
/* Of a list, from 0; NULL: there is none, or it is no list. */
struct tree_value *tree_element(const struct tree_value *list, size_t index);
/* How many members or elements. */
size_t tree_count(const struct tree_value *value);
/* The member or element from *place on, which begins at 0; NULL at the end. */
struct tree_value *tree_next(const struct tree_value *value, size_t *place);
/* How deep objects and lists are nested in it; 0 = it is neither. */
size_t tree_depth(const struct tree_value *value);
/* How many values hang in it, itself counted; no more than `most` are. */
size_t tree_size(const struct tree_value *value, size_t most);
/* Are both the same, whatever the order of members? 1 and 1.0 are not. */
bool tree_equal(const struct tree_value *a, const struct tree_value *b);

/* ---- making and changing ---- */

struct tree_value *tree_new_value(struct tree *tree, enum tree_kind kind);
/* A copy of `text`, which holds no zero. */
struct tree_value *tree_new_text(struct tree *tree, struct slice text);
/* A copy of a name, closed, that lives as long as the tree. */
struct slice tree_keep(struct tree *tree, struct slice text);
/* A copy of a value of any tree, and of all below it. */
struct tree_value *tree_copy(struct tree *tree, const struct tree_value *value);
/* Hangs `value` into an object, in the place of one of that name if there is one, which
 * is left as it is, outside. `name` must live as long as the tree and be closed. */
void tree_set(struct tree *tree, struct tree_value *object, struct slice name,
              struct tree_value *value);
void tree_append(struct tree *tree, struct tree_value *list, struct tree_value *value);
/* Gives an object or list that is empty its members at once; those of an object have
 * their names. False: *out_twice has the name of one before it, and nothing was done. */
bool tree_fill(struct tree *tree, struct tree_value *value,
               struct tree_value *const *members, size_t count,
               const struct tree_value **out_twice);
/* Takes a member out of its object: it becomes TREE_NOTHING. */
void tree_take_member(struct tree_value *object, struct tree_value *member);
void tree_take_element(struct tree_value *list, size_t index);

/* ---- pointers ---- */

/* The value that "#/a/b" (RFC 6901 in a URI fragment) points at; NULL when there is none.
 */
struct tree_value *tree_at(struct tree_value *root, struct slice fragment);

/* Follows the "$ref" of a value, if it has one, until there is none. *out is borrowed.
 * STATUS_MALFORMED: another file, nothing there, or a circle; failure names `pointer`,
 * the place of the value. */
MUST_CHECK enum status tree_follow(struct tree_value *root, struct tree_value *value,
                                   const char *pointer, struct tree_value **out,
                                   struct failure *failure);

/* Writes `base` and one more name behind it, escaped: "/paths/~1pets". Cut when it is too
 * long: it is for people. */
void tree_pointer(const char *base, const char *name, char out[TREE_POINTER_BYTES]);

#endif
