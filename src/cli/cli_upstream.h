/* SPDX-License-Identifier: Apache-2.0
 *
 * How the command line shows an upstream, its operations, and what a change means. */
#ifndef CLI_CLI_UPSTREAM_H
#define CLI_CLI_UPSTREAM_H

#include "rules/upstream_use.h"
#include "rules/upstreams.h"

void cli_upstream_show(const struct upstream *upstream, size_t operation_count);
/* The table of operations, then what to know about them. */
void cli_upstream_show_operations(const struct route_source *source,
                                  const struct description *description);
void cli_upstream_show_check(const struct upstream_check *check);
/* Which tokens lose or gain what. */
void cli_upstream_show_diff(const struct upstream_diff *diff);

/* Which tokens would miss it. */
void cli_upstream_show_use(const struct upstream *upstream,
                           const struct upstream_use *use);

#endif
