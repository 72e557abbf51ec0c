/* SPDX-License-Identifier: Apache-2.0
 *
 * The admin API without sockets: a real account in a real database (rules/support.h), and
 * requests that are asked at a chosen moment. */
#ifndef TESTS_UNIT_CONSOLE_SUPPORT_H
#define TESTS_UNIT_CONSOLE_SUPPORT_H

#include "../rules/support.h"

#include "console/console.h"
#include "rules/sessions.h"

enum { BOOTH_HEADER_MAX_COUNT = 8, BOOTH_BODY_MAX_BYTES = 64 * 1024 };

/* The house's console, and what was answered last. */
struct booth {
    struct house house; /* first: IN_HOUSE's own */
    struct config config;
    struct console *console;
    struct routes *routes; /* without an operation */
    struct store *reader;
    struct arena arena;
    struct console_reply reply;
    struct buffer body;
};

static inline struct booth *
booth_open(void)
{
    struct booth *booth = calloc(1, sizeof(*booth));

    house_open(&booth->house);
    config_usual(&booth->config);
    booth->routes = routes_new();
    struct route_table *table = NULL;
    OK(route_table_new(NULL, 0, &table, NULL));
    const struct route_table *none = routes_put(booth->routes, table);
    assert_null(none);
    struct console_setup setup = {.config = &booth->config,
                                  .master_key = booth->house.master_key,
                                  .routes = booth->routes};
    OK(console_open(&setup, &booth->console));
    OK(store_open(booth->house.data, STORE_READ, &booth->reader, &booth->house.failure));
    booth->body = buffer_make(BOOTH_BODY_MAX_BYTES);
    return booth;
}

static inline void
booth_close(struct booth *booth)
{
    console_close(&booth->console);
    routes_free(&booth->routes);
    store_close(&booth->reader);
    arena_done(&booth->arena);
    buffer_done(&booth->body);
    house_close(&booth->house);
    free(booth);
}

static inline int
setup_booth(void **state)
{
    *state = booth_open();
    return 0;
}

static inline int
teardown_booth(void **state)
{
    booth_close(*state);
    return 0;
}

#define IN_BOOTH(test) cmocka_unit_test_setup_teardown(test, setup_booth, teardown_booth)

/* What a request says beside its method and path. NULL: not said. */
struct ask {
    const char *cookie; /* the session's */
    const char *csrf, *background, *body;
};

/* Asks at this moment; gives the status. The answer's text is booth_text(). */
static inline int
booth_ask(struct booth *booth, const char *method, const char *path, struct ask ask,
          int64_t now_s)
{
    char cookie[256] = "";
    struct http_header headers[BOOTH_HEADER_MAX_COUNT];
    struct http_request http = {.method = slice_of(method),
                                .path = slice_of(path),
                                .authority = SLICE("localhost"),
                                .headers = headers,
                                .body = ask.body ? slice_of(ask.body) : SLICE("")};
    struct ip address = {.at = {[10] = 0xff, 0xff, 192, 0, 2, 7}};
    struct console_request request = {.http = &http,
                                      .address = &address,
                                      .request_id = "01TEST",
                                      .now_ms = now_s * 1000};
    struct api_worker worker = {booth->reader, booth->house.store, &booth->arena};

    snprintf(cookie, sizeof(cookie), "tokenhouse-session=%s",
             ask.cookie ? ask.cookie : "");
    if (ask.cookie)
        headers[http.header_count++] =
            (struct http_header){SLICE("cookie"), slice_of(cookie)};
    if (ask.csrf)
        headers[http.header_count++] =
            (struct http_header){SLICE("x-csrf-token"), slice_of(ask.csrf)};
    if (ask.background)
        headers[http.header_count++] =
            (struct http_header){SLICE("x-background"), slice_of(ask.background)};
    if (ask.body)
        headers[http.header_count++] =
            (struct http_header){SLICE("content-type"), SLICE("application/json")};
    booth->reply = (struct console_reply){.body = &booth->body};
    buffer_clear(&booth->body);
    console_answer(booth->console, &worker, &request, &booth->reply);
    buffer_add_byte(&booth->body, 0); /* a closed text for the tests */
    return booth->reply.http.status;
}

static inline const char *
booth_text(const struct booth *booth)
{
    return (const char *)booth->body.at;
}

/* The text of a member `"name":"…"` of the last answer. */
static inline void
booth_member(const struct booth *booth, const char *name, char *out, size_t size)
{
    char wanted[64];
    snprintf(wanted, sizeof(wanted), "\"%s\":\"", name);
    const char *at = strstr(booth_text(booth), wanted);

    assert_non_null(at);
    at += strlen(wanted);
    snprintf(out, size, "%.*s", (int)strcspn(at, "\""), at);
}

/* Begins a session of this user; gives its cookie. */
static inline void
booth_begin(struct booth *booth, const struct user *user, enum session_state session,
            int64_t now_s, char out_cookie[SESSION_COOKIE_CHARS + 1])
{
    struct act act = as_user(&booth->house, user);
    struct session_wish wish = {.user = user, .state = session, .is_log_in = true};
    struct secret cookie AUTO(secret_done) = {0};
    struct session made = {0};

    act.now_ms = now_s * 1000;
    OK(session_start(&act, &wish, &cookie, &made));
    assert_true(
        slice_to_text(secret_slice(&cookie), out_cookie, SESSION_COOKIE_CHARS + 1));
}

#endif
