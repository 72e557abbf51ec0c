/* SPDX-License-Identifier: Apache-2.0
 *
 * Any lines as operations, an empty line, any lines as requests: "GET /pets/{id}". Which
 * operation is found does not depend on the order in which they came, its template fits
 * the path by a plain reading, and of a path that nothing is found for none fits. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/percent.h"
#include "rules/route_map.h"

enum { OPERATION_MAX_COUNT = 24, TEMPLATE_BYTES = 256, METHOD_BYTES = 16 };

static struct operation operations[OPERATION_MAX_COUNT];
static char methods[OPERATION_MAX_COUNT][METHOD_BYTES];
static char paths[OPERATION_MAX_COUNT][TEMPLATE_BYTES];

/* Does a segment fit, from here on? '{…}' takes one byte at least. */
static bool
fits_segment(struct slice template, struct slice plain)
{
    struct slice name;

    if (template.len == 0)
        return plain.len == 0;
    if (template.at[0] != '{') {
        unsigned char byte;
        size_t width = template.at[0] == '%' && template.len >= 3 ? 3 : 1;
        if (plain.len == 0 || percent_decode(slice_head(template, width), &byte) != 1 ||
            byte != plain.at[0])
            return false;
        return fits_segment(slice_from(template, width), slice_from(plain, 1));
    }
    if (!slice_cut(&template, '}', &name))
        return false;
    for (size_t taken = 1; taken <= plain.len; taken++) {
        if (fits_segment(template, slice_from(plain, taken)))
            return true;
    }
    return false;
}

static bool
fits(const char *written, struct slice path)
{
    unsigned char plain[URI_MAX_BYTES];
    struct slice template = slice_of(written);
    struct slice left = {0};
    struct slice right = {0};

    for (;;) {
        bool is_left_more = slice_cut(&template, '/', &left);
        bool is_right_more = slice_cut(&path, '/', &right);
        if (is_left_more != is_right_more)
            return false;
        if (!is_left_more) {
            left = template;
            right = path;
        }
        struct slice decoded = {plain, percent_decode(right, plain)};
        if (!fits_segment(left, decoded))
            return false;
        if (!is_left_more)
            return true;
    }
}

/* Fills the operations that a map takes; gives how many. */
static size_t
take_operations(struct slice *text, struct route_map *map)
{
    const struct operation *rival = NULL;
    struct failure failure = {0};
    struct slice line = {0};
    size_t count = 0;

    while (slice_cut(text, '\n', &line) && line.len > 0 && count < OPERATION_MAX_COUNT) {
        struct slice method = {0};
        if (!slice_cut(&line, ' ', &method) ||
            !slice_to_text(method, methods[count], METHOD_BYTES) ||
            !slice_to_text(line, paths[count], TEMPLATE_BYTES))
            continue;
        operations[count] =
            (struct operation){.method = methods[count], .path = paths[count]};
        enum status status = route_map_add_one(map, &operations[count], &rival, &failure);
        NEED(status == STATUS_OK || status == STATUS_CONFLICT ||
             status == STATUS_MALFORMED);
        NEED(status == STATUS_OK || failure.text[0]);
        count += status == STATUS_OK;
    }
    return count;
}

static struct route_map *
map_backwards(size_t count)
{
    struct route_map *map = route_map_empty();
    const struct operation *rival = NULL;
    struct failure failure = {0};

    while (count-- > 0)
        NEED(route_map_add_one(map, &operations[count], &rival, &failure) == STATUS_OK);
    return map;
}

static void
check_found(const struct route_match *match, struct slice method, struct slice path)
{
    size_t braces = 0;

    NEED(slice_equal(slice_of(match->operation->method), method));
    NEED(fits(match->operation->path, path));
    for (const char *at = match->operation->path; *at; at++)
        braces += *at == '{';
    NEED(match->parameter_count <= braces);
    for (size_t i = 0; i < match->parameter_count; i++) {
        struct slice value = match->parameters[i];
        NEED(value.len > 0 && value.at >= path.at);
        NEED(value.at + value.len <= path.at + path.len);
        NEED(!memchr(value.at, '/', value.len));
    }
}

static void
try_request(const struct route_map *map, const struct route_map *backwards, size_t count,
            struct slice method, struct slice path)
{
    struct route_match match = {0};
    struct route_match other = {0};
    enum status status = route_map_find(map, method, path, &match);

    NEED(route_map_find(backwards, method, path, &other) == status);
    if (status == STATUS_OK) {
        NEED(match.operation == other.operation);
        NEED(match.parameter_count == other.parameter_count);
        check_found(&match, method, path);
        return;
    }
    NEED(status == STATUS_NOT_FOUND || status == STATUS_REFUSED ||
         status == STATUS_MALFORMED);
    for (size_t i = 0; status == STATUS_NOT_FOUND && i < count; i++)
        NEED(!fits(operations[i].path, path));
}

int
LLVMFuzzerTestOneInput(const unsigned char *at, size_t len)
{
    struct slice text = {at, len};
    struct slice line = {0};
    struct route_map *map = route_map_empty();
    size_t count = take_operations(&text, map);
    struct route_map *backwards = map_backwards(count);

    while (slice_cut(&text, '\n', &line)) {
        struct slice method = {0};
        if (line.len <= TEMPLATE_BYTES && slice_cut(&line, ' ', &method))
            try_request(map, backwards, count, method, line);
    }
    route_map_free(&map);
    route_map_free(&backwards);
    return 0;
}
