/* SPDX-License-Identifier: Apache-2.0
 *
 * What a description (OpenAPI 3.0 or 3.1) says, as far as deciding needs it: operations,
 * and by x-tokenhouse what each of them needs. */
#ifndef OPENAPI_DESCRIPTION_H
#define OPENAPI_DESCRIPTION_H

#include "base/arena.h"
#include "base/slice.h"
#include "base/status.h"
#include "model/operation.h"

#include <stdbool.h>
#include <stddef.h>

/* How it is to be read. */
struct description_wish {
    struct slice document; /* JSON or YAML, see tree.h */
    struct slice overlay;  /* an OpenAPI Overlay on it, see overlay.h; empty = none */
    /* Whose operations these are: callers ask for them below its prefix. NULL: our own,
     * below the path of the document's first server. It outlives the description. */
    const struct upstream *upstream;
    /* Permissions that the catalogue does not have: they get a number for now, which
     * nobody has. false: they are refused. */
    bool may_introduce;
};

/* Something about an operation that its owner should know. */
struct description_note {
    const struct operation *operation; /* NULL: it was left out */
    const char *pointer;               /* "/paths/~1pets/get" */
    const char *words;
};

struct description {
    const char *title, *version; /* of info; "" = not said */
    const char *server_base;     /* the path of the first server, without '/' at its end;
                                    NULL: it cannot be told, see server_words */
    const char *server_words;
    const struct operation *operations;
    const char *const *tags; /* the first of each operation; "" = none */
    size_t operation_count;
    const struct description_note *notes;
    size_t note_count;
    const struct permission_name *introduced;
    const uint16_t *introduced_numbers; /* for now */
    size_t introduced_count;
};

/* Reads; everything in *out lives in `arena`.
 *
 * STATUS_MALFORMED: failure says by a JSON pointer where, and what is wrong. What cannot
 * be matched, or does not go to this upstream, is left out with a note, for a large API
 * should not wait for a detail; but what x-tokenhouse says is read strictly: a word that
 * we do not know could be a condition that somebody relies on. */
MUST_CHECK enum status description_read(const struct description_wish *wish,
                                        struct arena *arena, struct description *out,
                                        struct failure *failure);
/* How many more permissions the catalogue has room for, beside those that it introduces.
 */
size_t description_room(const struct description *description);

#endif
