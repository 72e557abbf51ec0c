/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as what the admin API reads before it knows who asks: method, path, query,
 * Cookie and Origin, a line each. Whatever is accepted keeps its promises: names once and
 * in UTF-8, parameters that are not empty, a cookie of its only form. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/utf8.h"
#include "console/guard.h"
#include "console/visit.h"

static struct slice
next_line(struct slice *rest)
{
    struct slice line = *rest;

    if (!slice_cut(rest, '\n', &line))
        *rest = (struct slice){0};
    return line;
}

static void
try_query(struct slice query)
{
    struct arena arena AUTO(arena_done) = {0};
    struct visit *v = arena_new(&arena, sizeof(*v));

    v->arena = &arena;
    if (visit_query_split(v, query) != STATUS_OK)
        return;
    NEED(v->query_count <= VISIT_QUERY_MAX_COUNT);
    for (size_t i = 0; i < v->query_count; i++) {
        const struct visit_pair *pair = &v->query[i];
        NEED(utf8_is(pair->name) && utf8_is(pair->value));
        NEED(!pair->name.len || !memchr(pair->name.at, 0, pair->name.len));
        NEED(!pair->value.len || !memchr(pair->value.at, 0, pair->value.len));
        for (size_t k = 0; k < i; k++)
            NEED(!slice_equal(v->query[k].name, pair->name));
    }
}

static void
try_route(struct slice method, struct slice path)
{
    struct arena arena AUTO(arena_done) = {0};
    struct route_found found = {0};
    char allow[64];
    enum status status = route_find(method, path, &arena, &found, allow);

    NEED(strlen(allow) < sizeof(allow));
    NEED((status == STATUS_REFUSED) == (status != STATUS_OK && allow[0] != '\0'));
    if (status != STATUS_OK)
        return;
    NEED(found.parameter_count <= ROUTE_PARAMETER_MAX_COUNT);
    for (size_t i = 0; i < found.parameter_count; i++)
        NEED(found.parameters[i].len > 0 && found.parameters[i].len <= path.len);
}

static void
try_guard(struct slice cookie, struct slice origin)
{
    struct http_header headers[] = {{SLICE("Cookie"), cookie}, {SLICE("Origin"), origin}};
    struct http_request request = {
        .authority = SLICE("h:1"), .headers = headers, .header_count = 2};
    struct slice found = {0};

    if (guard_cookie(&request, &found)) {
        NEED(found.len == SESSION_COOKIE_CHARS);
        NEED(found.at >= cookie.at && found.at + found.len <= cookie.at + cookie.len);
    }
    if (!guard_is_foreign(&request))
        NEED(slice_equal_nocase(origin, SLICE("http://h:1")) ||
             slice_equal_nocase(origin, SLICE("https://h:1")));
}

int
LLVMFuzzerTestOneInput(const unsigned char *at, size_t len)
{
    struct slice rest = {at, len};
    struct slice method = next_line(&rest);
    struct slice path = next_line(&rest);
    struct slice query = next_line(&rest);
    struct slice cookie = next_line(&rest);

    try_route(method, path);
    try_query(query);
    try_guard(cookie, rest);
    return 0;
}
