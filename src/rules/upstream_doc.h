/* SPDX-License-Identifier: Apache-2.0
 *
 * Upstreams as JSON, for the command and the admin API alike (docs/admin-api.md). */
#ifndef RULES_UPSTREAM_DOC_H
#define RULES_UPSTREAM_DOC_H

#include "rules/upstream_use.h"
#include "rules/upstreams.h"

#include <jansson.h>

/* All are the caller's to free; NULL without memory. */
json_t *upstream_doc(const struct upstream *upstream);
/* With its operations and what they need. */
json_t *upstream_whole_doc(const struct upstream *upstream,
                           const struct route_source *source,
                           const struct description *description);
/* Who would miss it. */
json_t *upstream_use_doc(const struct upstream_use *use);
/* A check: operations with their needs, clashes, new permissions, the difference. */
json_t *upstream_check_doc(const struct upstream_check *check);

#endif
