/* SPDX-License-Identifier: Apache-2.0
 *
 * Is the header what RFC 7515 and docs/protocol.md say? */
#include "gate/inside.h"

#include "base/auto.h"

/* THE METHODS that a signed request may name. */
static const struct slice METHODS[] = {
    SLICE("GET"), SLICE("HEAD"),   SLICE("POST"),
    SLICE("PUT"), SLICE("DELETE"), SLICE("PATCH"),
};

static bool
is_method(struct slice method)
{
    for (size_t i = 0; i < COUNT_OF(METHODS); i++) {
        if (slice_equal(METHODS[i], method))
            return true;
    }
    return false;
}

enum go
step_header(struct exchange *x)
{
    struct jws_fault fault = {NULL};
    enum status status =
        jws_header_read(x->header_json, x->header_len, &x->header, &fault);

    if (status != STATUS_OK)
        return refuse(x, REFUSED_BAD_HEADER, "header", "the header cannot be taken: %s",
                      fault.text ? fault.text : status_text(status));
    if (!x->header.has_method)
        return refuse(x, REFUSED_BAD_HEADER, "method",
                      "the header has no \"method\"; wanted is for example \"GET\"");
    if (!is_method(x->header.method))
        return refuse(x, REFUSED_BAD_HEADER, "method",
                      "method is \"%.*s\"; wanted is one of GET, HEAD, POST, PUT, DELETE "
                      "and PATCH, in capitals",
                      SHOWN(x->header.method));
    if (!x->header.has_uri)
        return refuse(x, REFUSED_BAD_HEADER, "uri",
                      "the header has no \"uri\"; wanted is a path, for example "
                      "\"/v3/whoami\"");
    if (!x->header.has_issued_at)
        return refuse(
            x, REFUSED_BAD_HEADER, "issuedAt",
            "the header has no \"issuedAt\"; wanted are milliseconds since 1970");
    return GO_ON;
}
