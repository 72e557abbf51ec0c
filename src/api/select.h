/* SPDX-License-Identifier: Apache-2.0
 *
 * Which fields of a row are given: those that `select` asks for, without those that the
 * token has no right to. */
#ifndef API_SELECT_H
#define API_SELECT_H

#include "api/answer.h"
#include "json/scan.h"

/* A field and what is said about those within it. Lives in the request's arena. */
struct select_node {
    struct slice name;
    struct select_node *first, *next; /* of those within; beside it */
    bool is_wanted;                   /* with all that is within */
    bool is_hidden;                   /* in any case */
};

struct selection {
    struct select_node root;
    bool has_hidden; /* something is hidden from this token */
};

/* Reads `select`, and hides what the operation's conditions (WHEN_FIELD) ask rights for
 * that the token lacks. `is_known` tells names; deviceUid is always wanted.
 * STATUS_MALFORMED: an unknown name, or a field together with one within it. */
MUST_CHECK enum status select_read(struct answer *x, bool (*is_known)(struct slice name),
                                   struct selection *out);

/* Is all of every row given, but for what is hidden? */
static inline bool
select_is_all(const struct selection *selection)
{
    return selection->root.is_wanted;
}

/* Is this top-level field given, whole? */
bool select_wants(const struct selection *selection, struct slice name);
/* Writes the members of `object` that are given, as members of what is open. */
void select_write(const struct selection *selection, const struct json_value *object,
                  struct json_writer *writer);
/* The same for a field that stands apart from its document. */
void select_write_member(const struct selection *selection, struct slice name,
                         const struct json_value *value, struct json_writer *writer);

#endif
