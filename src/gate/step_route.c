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

enum go
step_route(struct exchange *x)
{
    return find_operation(x) == ANSWERED ? ANSWERED : x->door->payload(x);
}
