/* SPDX-License-Identifier: Apache-2.0
 *
 * Which part of the house answers a call? THE PATH TABLE is below; the way of a signed
 * request is the gate's. */
#include "house/house_inside.h"

#include "base/auto.h"

enum { ERROR_MAX_BYTES = 4096 };

static void serve_gate(struct house_loop *loop, struct http_call *call);
static void serve_document(struct house_loop *loop, struct http_call *call);
static void serve_console_root(struct house_loop *loop, struct http_call *call);
static void serve_name(struct house_loop *loop, struct http_call *call);

/* THE PATH TABLE: what can be asked for without knowing a token. The first that fits
 * counts. */
static const struct path {
    struct slice path;
    bool is_prefix;    /* everything below it: "/console/api/" */
    const char *allow; /* the methods; for 405. NULL: whoever serves it says */
    void (*serve)(struct house_loop *loop, struct http_call *call);
} PATHS[] = {
    {SLICE("/jws/validate"), false, "POST", serve_gate},
    {SLICE("/api-doc/spec/openapi.full.json"), false, "GET, HEAD", serve_document},
    {SLICE("/api-doc/spec/openapi.json"), false, "GET, HEAD", serve_document},
    {SLICE("/.well-known/jwks.json"), false, "GET, HEAD", identity_stage_keys},
    {SLICE("/console/api"), false, NULL, console_job_api},
    {SLICE("/console/api/"), true, NULL, console_job_api},
    {SLICE("/console"), false, "GET, HEAD", serve_console_root},
    {SLICE("/console/"), true, "GET, HEAD", console_job_page},
    {SLICE("/calendar/"), true, "GET, HEAD", calendar_job},
    {SLICE("/"), false, "GET, HEAD", serve_name},
};

/* Answers with an error and one more header; `header` NULL = none. */
static void
answer_error(struct http_call *call, int status, struct slice body,
             const struct http_header *header)
{
    struct http_reply reply = {
        .status = status,
        .content_type = SLICE("application/json"),
        .body = body,
    };

    if (header)
        reply.headers[reply.header_count++] = *header;
    http_call_answer(call, &reply);
}

void
dispatch_refuse(struct http_call *call, int status, const char *code, const char *message,
                const char *detail_code, const char *detail_message)
{
    struct buffer body AUTO(buffer_done) = buffer_make(ERROR_MAX_BYTES);

    api_error_write(&body, code, message, detail_code, detail_message, NULL);
    answer_error(call, status, buffer_slice(&body), NULL);
}

void
dispatch_refuse_method(struct http_call *call, const char *allow)
{
    struct buffer body AUTO(buffer_done) = buffer_make(ERROR_MAX_BYTES);
    struct http_header header = {SLICE("Allow"), slice_of(allow)};

    api_error_write(&body, "INVALID_REQUEST", "this path does not take this method",
                    "METHOD_NOT_ALLOWED", "see the header Allow", NULL);
    answer_error(call, 405, buffer_slice(&body), &header);
}

static void
refuse_unsigned(const struct house_loop *loop, struct http_call *call)
{
    struct buffer body AUTO(buffer_done) = buffer_make(ERROR_MAX_BYTES);
    struct http_reply reply = {.status = 401, .content_type = SLICE("application/json")};

    api_error_write(&body, "NOT_AUTHENTICATED", "not authenticated", "NOT_SIGNED",
                    "this API takes signed requests: send the request as a compact "
                    "JWS with POST /jws/validate",
                    NULL);
    reply.body = buffer_slice(&body);
    gate_add_challenge(loop->lane, http_call_request(call)->method, &reply);
    http_call_answer(call, &reply);
}

/* What may be asked of a path of an API is told to nobody who is not known. */
static void
answer_options(struct http_call *call)
{
    struct http_reply reply = {
        .status = 204,
        .headers = {{SLICE("Allow"),
                     SLICE("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")}},
        .header_count = 1,
    };

    http_call_answer(call, &reply);
}

/* An ordinary request, of our own resources or of an API behind us. */
static void
serve_request(struct house_loop *loop, struct http_call *call)
{
    const struct http_request *request = http_call_request(call);

    if (gate_is_signed(call))
        gate_serve_signed(loop->lane, call);
    else if (!gate_has_api(loop->lane, request->path))
        dispatch_refuse(call, 404, "RESOURCE_NOT_FOUND", "resource not found", NULL,
                        NULL);
    else if (slice_equal(request->method, SLICE("OPTIONS")))
        answer_options(call);
    else
        refuse_unsigned(loop, call);
}

static void
serve_gate(struct house_loop *loop, struct http_call *call)
{
    gate_serve(loop->lane, call);
}

/* Does the caller hold these very bytes already? */
static bool
has_current(const struct http_call *call, struct slice etag)
{
    struct slice held = {0};

    if (!http_call_header(call, SLICE("If-None-Match"), &held) || held.len == 0)
        return false;
    return slice_equal(held, SLICE("*")) ||
           memmem(held.at, held.len, etag.at, etag.len) != NULL;
}

static void
serve_document(struct house_loop *loop, struct http_call *call)
{
    struct slice etag = slice_of(loop->house->openapi_etag);
    struct http_reply reply = {
        .status = 200,
        .content_type = SLICE("application/json"),
        .headers = {{SLICE("ETag"), etag}, {SLICE("Cache-Control"), SLICE("no-cache")}},
        .header_count = 2,
        .body = api_openapi_document(),
        .is_lasting = true,
    };

    if (has_current(call, etag)) {
        reply.status = 304;
        reply.content_type = (struct slice){0};
        reply.body = (struct slice){0};
    }
    http_call_answer(call, &reply);
}

static void
redirect(struct http_call *call, int status)
{
    struct http_reply reply = {
        .status = status,
        .headers = {{SLICE("Location"), SLICE("/console/")},
                    {SLICE("Vary"), SLICE("Accept")}},
        .header_count = 2,
    };

    http_call_answer(call, &reply);
}

static void
serve_console_root(struct house_loop *loop, struct http_call *call)
{
    (void)loop;
    redirect(call, 308);
}

/* Does a person look, through a browser? */
static bool
wants_pages(const struct http_call *call)
{
    struct slice accept = {0};

    return http_call_header(call, SLICE("Accept"), &accept) && accept.len > 0 &&
           memmem(accept.at, accept.len, "text/html", 9) != NULL;
}

static void
serve_name(struct house_loop *loop, struct http_call *call)
{
    struct http_reply reply = {
        .status = 200,
        .content_type = SLICE("application/json"),
        .headers = {{SLICE("Vary"), SLICE("Accept")}},
        .header_count = 1,
        .body = SLICE("{\"name\":\"Tokenhouse\",\"version\":\"" TOKENHOUSE_VERSION "\","
                      "\"signedRequests\":\"POST /jws/validate\","
                      "\"openapi\":\"/api-doc/spec/openapi.full.json\"}\n"),
    };

    (void)loop;
    if (wants_pages(call))
        redirect(call, 303);
    else
        http_call_answer(call, &reply);
}

/* Is `method` one of the names in "GET, HEAD"? Methods hold no commas or blanks. */
static bool
is_allowed(const char *allow, struct slice method)
{
    struct slice rest = slice_of(allow);
    struct slice one = {0};

    while (slice_cut(&rest, ',', &one)) {
        if (slice_equal(slice_trim(one), method))
            return true;
    }
    return slice_equal(slice_trim(rest), method);
}

static bool
is_path(const struct path *row, struct slice path)
{
    return row->is_prefix ? slice_starts(path, row->path) : slice_equal(path, row->path);
}

bool
dispatch_streams(void *ctx, const struct http_call *call)
{
    const struct house_loop *loop = ctx;
    const struct http_request *request = http_call_request(call);

    for (size_t i = 0; i < COUNT_OF(PATHS); i++) {
        if (is_path(&PATHS[i], request->path))
            return false; /* whoever answers there wants all of a body */
    }
    return gate_streams(loop->lane, call);
}

void
dispatch_call(void *ctx, struct http_call *call)
{
    struct house_loop *loop = ctx;
    const struct http_request *request = http_call_request(call);

    for (size_t i = 0; i < COUNT_OF(PATHS); i++) {
        if (!is_path(&PATHS[i], request->path))
            continue;
        if (!PATHS[i].allow || is_allowed(PATHS[i].allow, request->method))
            PATHS[i].serve(loop, call);
        else
            dispatch_refuse_method(call, PATHS[i].allow);
        return;
    }
    serve_request(loop, call);
}
