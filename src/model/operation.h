/* SPDX-License-Identifier: Apache-2.0
 *
 * One operation of an API: a method on a path template, and what it needs. Made from an
 * OpenAPI document with x-tokenhouse (DESIGN section 8), never changed after that. */
#ifndef MODEL_OPERATION_H
#define MODEL_OPERATION_H

#include "base/slice.h"
#include "model/limit.h"
#include "model/permission.h"
#include "model/upstream.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    OPERATION_WHEN_MAX_COUNT = 32,
    OPERATION_LICENCE_MAX_COUNT = 8,
    OPERATION_PARAMETER_MAX_COUNT = 16
};

/* Why the value is not simply a set: zeroed memory must open no door. */
enum operation_need {
    OPERATION_CLOSED = 0,  /* no x-tokenhouse: refused, deny by default */
    OPERATION_OPEN_TO_ALL, /* "permissions": []: any good token will do */
    OPERATION_NEEDS,       /* all of `permissions` */
};

/* More permissions for some parameters. */
struct operation_when {
    enum { WHEN_FIELD = 1, WHEN_QUERY, WHEN_BODY } kind;
    const char *name; /* select path, query name, or JSON pointer into the body */
    const char
        *equals; /* WHEN_QUERY, WHEN_BODY: this value (true = "true"); NULL = any */
    struct permission_set permissions;
};

struct operation {
    const struct upstream *upstream; /* who answers; NULL = we do */
    const char *id;                  /* operationId */
    const char *method;              /* upper case */
    const char *path;                /* template, as callers ask: "/v3/…/{deviceUid}" */
    const char *summary;             /* one line for people; "" = none */
    enum operation_need need;
    struct permission_set permissions;
    const char
        *licences[OPERATION_LICENCE_MAX_COUNT]; /* any one of them; none = no need */
    size_t licence_count;
    const struct operation_when *whens;
    size_t when_count;
    struct rate rate;         /* of all tokens together; count 0 = no limit */
    _Atomic int64_t *rate_ns; /* how far that is used, see gate/rate.h; NULL = no limit */
};

#endif
