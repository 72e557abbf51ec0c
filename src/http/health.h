/* SPDX-License-Identifier: Apache-2.0
 *
 * Is somebody well who takes connections? Asks every address of an origin for a path, by
 * the client that requests go by, each address by itself, and tells the origin. */
#ifndef HTTP_HEALTH_H
#define HTTP_HEALTH_H

#include "http/origin.h"

enum { HTTP_HEALTH_TIMEOUT_MS = 2000 };

/* Everything is borrowed for the call. */
struct http_health {
    struct http_origin *origin;
    const char *path;    /* as it is asked for: "/healthz"; "": nothing is asked */
    int64_t status;      /* that says that it is well; all else says that it is not */
    int64_t interval_ms; /* asked no sooner after the last time */
};

/* Told when an address was taken out, or is taken back. */
typedef void http_health_told(void *ctx, const struct http_health *health,
                              const struct http_origin_address *address, bool is_well);

/* Asks all that are due, all addresses at the same time, and waits for their answers:
 * HTTP_HEALTH_TIMEOUT_MS for 64 of them. From one thread only, and not from a loop's. An
 * address is out after two bad answers in a row, and back with the first good one. */
void http_health_ask(const struct http_health *list, size_t count, http_health_told *told,
                     void *ctx);

#endif
