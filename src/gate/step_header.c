/* SPDX-License-Identifier: Apache-2.0
 *
 * Who asks for what, and since when? The door reads it; what may be asked for is the same
 * at all of them. */
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
    if (x->door->header(x) == ANSWERED)
        return ANSWERED;
    if (!is_method(x->header.method))
        return refuse(x, REFUSED_BAD_HEADER, "method",
                      "method is \"%.*s\"; wanted is one of GET, HEAD, POST, PUT, DELETE "
                      "and PATCH, in capitals",
                      SHOWN(x->header.method));
    return GO_ON;
}
