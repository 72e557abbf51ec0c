/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads operations and what they need out of an OpenAPI document with x-tokenhouse. */
#ifndef UPSTREAM_OPENAPI_READ_H
#define UPSTREAM_OPENAPI_READ_H

#include "base/arena.h"
#include "base/status.h"
#include "model/operation.h"

/* Reads a JSON document of OpenAPI 3. Everything in *out lives in `arena`.
 * STATUS_MALFORMED: failure names path and method (JSON pointer) and what is wrong: an
 * unknown permission, a bad x-tokenhouse, … */
MUST_CHECK enum status openapi_read(struct slice document, struct arena *arena,
                                    const struct operation **out, size_t *out_count,
                                    struct failure *failure);

#endif
