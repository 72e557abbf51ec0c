/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads operations and what they need out of an OpenAPI document with x-tokenhouse. */
#ifndef OPENAPI_OPENAPI_READ_H
#define OPENAPI_OPENAPI_READ_H

#include "base/arena.h"
#include "base/status.h"
#include "model/operation.h"

/* Reads a JSON document of OpenAPI 3. Everything in *out lives in `arena`.
 *
 *   upstream   whose operations these are; callers ask for them below its prefix. NULL:
 *              our own, below the path of the document's first server
 *
 * STATUS_MALFORMED: failure names path and method (JSON pointer) and what is wrong: an
 * unknown permission, a bad x-tokenhouse, … */
MUST_CHECK enum status openapi_read(struct slice document,
                                    const struct upstream *upstream, struct arena *arena,
                                    const struct operation **out, size_t *out_count,
                                    struct failure *failure);

#endif
