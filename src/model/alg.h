/* SPDX-License-Identifier: Apache-2.0
 *
 * The algorithms we accept. The list is closed: a name that is not on it is refused
 * where it is read, and no text with an algorithm goes any further. */
#ifndef MODEL_ALG_H
#define MODEL_ALG_H

#include "base/slice.h"
#include "base/status.h"

enum alg {
    ALG_HS256 = 1,
    ALG_ES256,
    ALG_BEARER, /* none: whoever shows the token may use it */
};

/* Reads the "alg" of a header (RFC 7518 §3.1). "none" is not on the list, and neither is
 * what signs nothing. */
MUST_CHECK static inline enum status
alg_read(struct slice name, enum alg *out)
{
    if (slice_equal(name, SLICE("HS256")))
        *out = ALG_HS256;
    else if (slice_equal(name, SLICE("ES256")))
        *out = ALG_ES256;
    else
        return STATUS_MALFORMED;
    return STATUS_OK;
}

/* The same and "bearer": kinds of tokens, as lists show them and filters name them. */
MUST_CHECK static inline enum status
alg_read_kind(struct slice name, enum alg *out)
{
    if (!slice_equal(name, SLICE("bearer")))
        return alg_read(name, out);
    *out = ALG_BEARER;
    return STATUS_OK;
}

static inline const char *
alg_name(enum alg alg)
{
    switch (alg) {
    case ALG_HS256:
        return "HS256";
    case ALG_ES256:
        return "ES256";
    case ALG_BEARER:
        return "bearer";
    }
    return "?";
}

#endif
