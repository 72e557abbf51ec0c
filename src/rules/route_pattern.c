/* SPDX-License-Identifier: Apache-2.0
 *
 * Parameters among text. */
#include "rules/route_pattern.h"

#include "base/percent.h"

#include <string.h>

/* The next literal, decoded to `room`, which moves behind it. */
static struct slice
literal_read(struct slice raw, unsigned char **room)
{
    struct slice literal = {*room, percent_decode(raw, *room)};

    *room += literal.len;
    return literal;
}

enum status
route_pattern_read(struct slice segment, unsigned char *room, struct route_pattern *out)
{
    struct route_pattern pattern = {0};
    struct slice rest = segment;
    struct slice literal;
    struct slice name;

    while (slice_cut(&rest, '{', &literal)) {
        if (pattern.parameter_count == ROUTE_PATTERN_PARAMETER_MAX_COUNT ||
            (literal.len > 0 && memchr(literal.at, '}', literal.len)) ||
            !slice_cut(&rest, '}', &name) || name.len == 0 ||
            memchr(name.at, '{', name.len))
            return STATUS_MALFORMED;
        pattern.literals[pattern.parameter_count++] = literal_read(literal, &room);
    }
    if (rest.len > 0 && memchr(rest.at, '}', rest.len))
        return STATUS_MALFORMED;
    pattern.literals[pattern.parameter_count] = literal_read(rest, &room);
    *out = pattern;
    return STATUS_OK;
}

bool
route_pattern_fits(const struct route_pattern *pattern, struct slice segment)
{
    size_t last = pattern->parameter_count;
    struct slice head = pattern->literals[0];
    struct slice tail = pattern->literals[last];

    if (segment.len < head.len + tail.len || !slice_starts(segment, head) ||
        !slice_ends(segment, tail))
        return false;

    struct slice rest = slice_from(slice_head(segment, segment.len - tail.len), head.len);
    for (size_t i = 1; i < last; i++) {
        struct slice literal = pattern->literals[i];
        if (rest.len < 1 + literal.len)
            return false;
        rest = slice_from(rest, 1);
        if (literal.len == 0)
            continue;
        const unsigned char *found = memmem(rest.at, rest.len, literal.at, literal.len);
        if (!found)
            return false;
        rest = slice_from(rest, (size_t)(found - rest.at) + literal.len);
    }
    return rest.len > 0;
}

bool
route_pattern_equal(const struct route_pattern *a, const struct route_pattern *b)
{
    if (a->parameter_count != b->parameter_count)
        return false;
    for (size_t i = 0; i <= a->parameter_count; i++) {
        if (!slice_equal(a->literals[i], b->literals[i]))
            return false;
    }
    return true;
}

static size_t
literal_bytes(const struct route_pattern *pattern)
{
    size_t count = 0;

    for (size_t i = 0; i <= pattern->parameter_count; i++)
        count += pattern->literals[i].len;
    return count;
}

int
route_pattern_compare(const struct route_pattern *a, const struct route_pattern *b)
{
    size_t a_bytes = literal_bytes(a);
    size_t b_bytes = literal_bytes(b);

    if (a_bytes != b_bytes)
        return a_bytes > b_bytes ? 1 : -1;
    return (a->parameter_count > b->parameter_count) -
           (a->parameter_count < b->parameter_count);
}

bool
route_pattern_may_overlap(const struct route_pattern *a, const struct route_pattern *b)
{
    struct slice a_head = a->literals[0];
    struct slice b_head = b->literals[0];
    struct slice a_tail = a->literals[a->parameter_count];
    struct slice b_tail = b->literals[b->parameter_count];

    return (slice_starts(a_head, b_head) || slice_starts(b_head, a_head)) &&
           (slice_ends(a_tail, b_tail) || slice_ends(b_tail, a_tail));
}
