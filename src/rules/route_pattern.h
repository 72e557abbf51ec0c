/* SPDX-License-Identifier: Apache-2.0
 *
 * Path segments that hold parameters among text: "{id}.json", "{base}...{head}". Pure. */
#ifndef RULES_ROUTE_PATTERN_H
#define RULES_ROUTE_PATTERN_H

#include "base/slice.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

enum { ROUTE_PATTERN_PARAMETER_MAX_COUNT = 8 };

/* literals[0] {} literals[1] {} … literals[count], each decoded; any may be empty. */
struct route_pattern {
    struct slice literals[ROUTE_PATTERN_PARAMETER_MAX_COUNT + 1];
    size_t parameter_count;
};

/* Reads a segment of a template, as it is written. The literals are percent-decoded and
 * lie in `room`, which has segment.len bytes and lives as long as *out. STATUS_MALFORMED:
 * braces that do not fit, a parameter without a name, or too many. */
MUST_CHECK enum status route_pattern_read(struct slice segment, unsigned char *room,
                                          struct route_pattern *out);
/* Could this decoded segment of a path be meant? Each parameter takes one byte at least.
 */
bool route_pattern_fits(const struct route_pattern *pattern, struct slice segment);
/* Is it the same but for the names of its parameters? */
bool route_pattern_equal(const struct route_pattern *a, const struct route_pattern *b);

/* Which says more of a segment: longest literal first, then most parameters. > 0: `a`
 * does. Who fits only what another one fits says more than that one. */
int route_pattern_compare(const struct route_pattern *a, const struct route_pattern *b);
/* May a segment fit both? Judged by how they begin and end, on the safe side. */
bool route_pattern_may_overlap(const struct route_pattern *a,
                               const struct route_pattern *b);

#endif
