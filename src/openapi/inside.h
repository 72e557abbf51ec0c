/* SPDX-License-Identifier: Apache-2.0
 *
 * What the readers of a description share. */
#ifndef OPENAPI_INSIDE_H
#define OPENAPI_INSIDE_H

#include "openapi/description.h"
#include "openapi/tree.h"

/* What is being read, and what came of it so far. */
struct reading {
    const struct description_wish *wish;
    struct arena *arena;
    struct failure *failure;
    struct tree_value *root;

    /* where we are, for words */
    const char *base; /* before each path, as callers ask */
    const char *path;
    const char *method;
    char pointer[TREE_POINTER_BYTES];

    struct operation *operations; /* room for all that there may be */
    const char **tags;
    size_t operation_count;
    struct description_note *notes;
    size_t note_count, note_room;
    struct permission_name *introduced;
    uint16_t *introduced_numbers;
    size_t introduced_count;
};

/* Refuses the description: "/paths/~1pets/get: …". */
__attribute__((format(printf, 2, 3))) MUST_CHECK enum status reading_refuse(
    const struct reading *reading, const char *format, ...);
/* Adds a note about `operation` (NULL: what is here was left out). */
__attribute__((format(printf, 3, 4))) void reading_note(struct reading *reading,
                                                        const struct operation *operation,
                                                        const char *format, ...);
/* A copy that lives as long as the description. */
const char *reading_keep(const struct reading *reading, const char *text);

/* needs_read.c: x-tokenhouse into `out`. NULL, and what says no "permissions", leaves the
 * operation closed. */
MUST_CHECK enum status needs_read(struct reading *reading, struct tree_value *needs,
                                  struct operation *out);

#endif
