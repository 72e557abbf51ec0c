/* SPDX-License-Identifier: Apache-2.0
 *
 * THE ROUTE TABLE of the admin API, and finding a request's row in it. */
#ifndef CONSOLE_ROUTES_H
#define CONSOLE_ROUTES_H

#include "base/arena.h"
#include "base/slice.h"
#include "base/status.h"
#include "model/permission.h"

#include <stddef.h>

struct visit;

enum { ROUTE_PARAMETER_MAX_COUNT = 3 };

/* What a route needs beside a permission's number (1..255). Zero is nobody's: a row that
 * says nothing opens to nobody. */
enum route_need {
    NEED_FORGOTTEN = 0,
    NEED_SESSION = PERMISSION_MAX_COUNT, /* any user who is logged in */
    NEED_ANY_STATE,                      /* also one whose log-in is not finished */
    NEED_NOBODY,                         /* open to all */
};

enum route_flag {
    ROUTE_READS = 1,   /* gets no store to write with */
    ROUTE_CHANGES = 2, /* acts; v->act.store is there */
    ROUTE_HASHES = 4,  /* a password: only a few of these run at once */
    ROUTE_LONG = 16,   /* the body may hold a description: DESCRIPTION_BODY_MAX_BYTES */
    ROUTE_RAW = 8,     /* the body is bytes, not JSON: v->request->http->body */
};

struct route {
    const char *method; /* GET answers HEAD too */
    const char *path;   /* below /console/api: "/tokens/{id}" */
    int need;           /* PERMISSION_… or NEED_… */
    int also;           /* a further permission; 0 = none */
    int flags;          /* enum route_flag */
    enum status (*serve)(struct visit *v);
};

extern const struct route ROUTES[];
extern const size_t ROUTE_COUNT;

struct route_found {
    const struct route *route;
    struct slice parameters[ROUTE_PARAMETER_MAX_COUNT]; /* decoded, never empty */
    size_t parameter_count;
};

/* The row for this request; `path` is the whole one, as it came.
 * STATUS_NOT_FOUND  no row has this path
 * STATUS_REFUSED    some have, but not with this method; `out_allow` (64 bytes) lists the
 *                   methods: "GET, HEAD, POST"
 * Parameters are in `arena`; NULL: only the row is wanted. */
MUST_CHECK enum status route_find(struct slice method, struct slice path,
                                  struct arena *arena, struct route_found *out,
                                  char out_allow[64]);

#endif
