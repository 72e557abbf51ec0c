/* SPDX-License-Identifier: Apache-2.0
 *
 * The console's server side: the admin API below /console/api (docs/admin-api.md) and the
 * pages themselves. This is all that the house sees of it. */
#ifndef CONSOLE_CONSOLE_H
#define CONSOLE_CONSOLE_H

#include "api/resource.h"
#include "base/ip.h"
#include "config/config.h"
#include "http/call.h"
#include "rules/route_table.h"

#include <stdbool.h>
#include <stdint.h>

enum { CONSOLE_SETUP_CODE_CHARS = 19 };

struct console;
struct explain_request;
struct explanation;
struct master_key;
struct refusals;
struct upstream_health;

/* What the console works with; all borrowed for its life. */
struct console_setup {
    const struct config *config;
    const struct master_key *master_key;
    struct routes *routes;     /* the operations of the signed API */
    struct refusals *refusals; /* of the gate */
    /* what the gate would say (gate/explain.h), on any thread */
    void (*explain)(void *ctx, const struct explain_request *request,
                    struct explanation *out);
    void *explain_ctx;
    /* how an upstream (by its uid) does, on any worker; false: nobody is sent to it */
    bool (*health)(void *ctx, const char *uid, struct upstream_health *out);
    void *health_ctx;
};

MUST_CHECK enum status console_open(const struct console_setup *setup,
                                    struct console **out);
void console_close(struct console **console);

/* Does the way of this request hash a password? Only a few of those may run at once. */
bool console_hashes(struct slice method, struct slice path);

/* How long may the body of this request be? 0: as any other. Only one that may hold a
 * description may be longer, and only of somebody who has been logged in: the CSRF mark,
 * which is ours, fits the cookie. Whether the session still lives is asked later. On any
 * thread; does not wait. */
int64_t console_body_max(const struct console *console,
                         const struct http_request *request);

/* One request to the admin API. Everything is borrowed until it is answered. */
struct console_request {
    const struct http_request *http;
    const struct ip *address; /* who asks */
    bool is_https;            /* to our door, or to a trusted proxy's */
    const char *request_id;
    int64_t now_ms;
};

/* Its answer. Texts lie in the worker's arena; the body is on the heap. */
struct console_reply {
    struct http_reply http; /* its `body` is not used */
    struct buffer *body;    /* given; grows to its maximum */
};

/* Answers on a worker thread. Always fills `reply`. */
void console_answer(struct console *console, const struct api_worker *worker,
                    const struct console_request *request, struct console_reply *reply);

/* A page or one of its files, on any thread, from memory. `path` is below /console. */
void console_page(const struct http_request *request, bool is_https,
                  struct http_reply *out);

/* What comes round: writes down which sessions were used, and drops dead ones. */
MUST_CHECK enum status console_keep(struct console *console, struct store *writer,
                                    int64_t now_ms);

/* If there is no user yet: makes the code with which the first one may be made, good
 * until the program ends. *out_is_needed tells. It is for the operator's eyes. */
MUST_CHECK enum status console_make_setup_code(struct console *console,
                                               struct store *store,
                                               char out[CONSOLE_SETUP_CODE_CHARS + 1],
                                               bool *out_is_needed);

#endif
