/* SPDX-License-Identifier: Apache-2.0
 *
 * Is there such an operation, and what is it given? The payload is looked at here, when
 * it is known who sent it. */
#include "gate/inside.h"

#include <string.h>

static enum go
find_operation(struct exchange *x)
{
    struct slice uri = x->header.uri;

    if (uri.len > URI_MAX_BYTES)
        return refuse(x, REFUSED_BAD_REQUEST, "uri", "uri has %zu bytes; it may have %d",
                      uri.len, URI_MAX_BYTES);
    if (memchr(uri.at, '?', uri.len))
        return refuse(x, REFUSED_BAD_REQUEST, "uri",
                      "uri holds a '?'; what comes after it belongs in query-string");

    x->table = routes_now(x->lane->gate->routes);
    enum status status =
        route_map_find(route_table_map(x->table), x->header.method, uri, &x->match);
    if (status == STATUS_REFUSED && x->door->is_request_itself &&
        slice_equal(x->header.method, SLICE("HEAD"))) /* as GET, RFC 9110 §9.3.2 */
        status = route_map_find(route_table_map(x->table), SLICE("GET"), uri, &x->match);
    if (status == STATUS_MALFORMED)
        return refuse(
            x, REFUSED_BAD_REQUEST, "uri",
            "uri is \"%.*s\"; wanted is a plain path from its first / on, without host, "
            "empty or dot segments, encoded slashes or control characters",
            SHOWN(uri));
    if (status == STATUS_REFUSED)
        return refuse(x, REFUSED_NO_ROUTE, "method",
                      "there is no operation %.*s %.*s; the path has others",
                      SHOWN(x->header.method), SHOWN(uri));
    if (status != STATUS_OK)
        return refuse(x, REFUSED_NO_ROUTE, "uri", "there is no operation %.*s %.*s",
                      SHOWN(x->header.method), SHOWN(uri));
    x->operation = x->match.operation;
    return GO_ON;
}

/* What an upstream would read as a form, and we as JSON, could say two things. Where the
 * body decides what is needed it must be what we take it for. */
static enum go
check_type(struct exchange *x)
{
    bool has_body =
        x->door->is_request_itself ? x->message.len > 0 : x->data.kind != JSON_KIND_NONE;
    struct slice type = x->header.content_type;

    if (!x->operation->upstream || !has_body || !looks_into_body(x->operation) ||
        is_json_type(type))
        return GO_ON;
    if (!x->door->is_request_itself && type.len == 0)
        return GO_ON; /* then it is sent on as JSON */
    return refuse(x, REFUSED_BAD_REQUEST, "content-type",
                  "what this operation needs depends on its body, which must be JSON; "
                  "wanted is one content type, application/json");
}

enum go
step_route(struct exchange *x)
{
    if (find_operation(x) == ANSWERED || x->door->payload(x) == ANSWERED)
        return ANSWERED;
    return check_type(x);
}
