/* SPDX-License-Identifier: Apache-2.0
 *
 * An upstream's description as operations that can stand in the route table. The server
 * and the acts read it by this one function, so that what was checked is what counts. */
#ifndef RULES_UPSTREAM_SOURCE_H
#define RULES_UPSTREAM_SOURCE_H

#include "model/upstream.h"
#include "openapi/description.h"
#include "rules/route_table.h"

/* Makes a source of `upstream` (copied) out of its texts. What is left out, or let in to
 * nobody, has a note in `out_description` (may be NULL; it lives as long as the source):
 * templates that cannot be matched, and two operations that answer the same requests.
 * STATUS_MALFORMED: failure says why it cannot be taken. */
MUST_CHECK enum status upstream_source_read(const struct upstream *upstream,
                                            struct slice document, struct slice overlay,
                                            bool may_introduce, struct route_source **out,
                                            struct description *out_description,
                                            struct failure *failure);

/* Does the house itself answer below this path ("/console/x")? Gives what it is, or NULL.
 */
const char *upstream_path_is_ours(const char *path);

#endif
