/* SPDX-License-Identifier: Apache-2.0
 *
 * Forwarding. An answer that is here at once goes on at once, in one piece; a longer one
 * streams, no faster than the caller reads. So does a request's body, no faster than the
 * upstream reads; its last piece waits until all of it was found right, so that a wrong
 * one never becomes a whole request. Who goes away ends it on both sides. */
#include "upstream/forward.h"

#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "base/limits.h"
#include "upstream/forward_headers.h"
#include "json/write.h"

enum {
    OWN_HEADER_COUNT = 5,
    ANSWER_HEADER_MAX_COUNT = 128, /* as the client reads at most */
    ERROR_MAX_BYTES = 2048,
};

/* One that is on its way; in its call's arena. */
struct forward {
    struct http_fetch fetch; /* first */
    struct http_call *call;
    const char *upstream; /* its name */

    /* until it is sent */
    struct forward **place; /* NULL: it is */
    struct http_fetch_request request;
    struct http_header *headers; /* of the request; the last is to be the identity */
    bool has_begun;              /* the answer's head is sent */
    bool is_head;
    forward_told *told;
    void *told_ctx;
    const struct forward_after *after; /* NULL: nobody wants to know */
    void *after_ctx;

    struct buffer held; /* of a streamed body: the last piece that came */

    /* an answer that is kept until it is whole */
    size_t collect_max_bytes; /* 0: none is */
    bool is_collecting;
    struct http_reply reply;
    struct buffer collected;
};

static void
dress(struct forward *forward, struct http_reply *reply, const struct slice *body)
{
    if (forward->after)
        forward->after->dress(forward->after_ctx, reply, body);
}

/* The last before the call ends. */
static void
leave(struct forward *forward)
{
    buffer_done(&forward->collected);
    buffer_done(&forward->held);
    if (forward->after)
        forward->after->over(forward->after_ctx);
    forward->after = NULL;
}

/* ---- what went wrong ---- */

/* How it is said, by enum http_fetch_failure. */
static const struct failing {
    int status;
    const char *code, *detail, *message;
} FAILINGS[] = {
    [HTTP_FETCH_REFUSED] = {503, "SERVICE_UNAVAILABLE", "UPSTREAM_UNAVAILABLE",
                            "takes no requests at the moment; try again later"},
    [HTTP_FETCH_UNREACHABLE] = {502, "BAD_GATEWAY", "UPSTREAM_UNREACHABLE",
                                "cannot be reached"},
    [HTTP_FETCH_TIMEOUT] = {504, "GATEWAY_TIMEOUT", "UPSTREAM_TIMEOUT",
                            "did not answer in time"},
    [HTTP_FETCH_CUT] = {502, "BAD_GATEWAY", "UPSTREAM_CUT_OFF",
                        "ended the connection before it had answered"},
    [HTTP_FETCH_BAD_ANSWER] = {502, "BAD_GATEWAY", "UPSTREAM_BAD_ANSWER",
                               "gave an answer that cannot be read"},
    [HTTP_FETCH_BAD_REQUEST] = {400, "INVALID_REQUEST", "BAD_INNER_REQUEST",
                                "cannot be sent a request with this path"},
};

static void
write_error(struct buffer *out, const struct failing *failing, const char *upstream)
{
    struct json_writer w = json_write_into(out);
    char message[UPSTREAM_NAME_BYTES + 128];

    snprintf(message, sizeof(message), "the API '%s' behind this server %s", upstream,
             failing->message);
    json_write_object(&w);
    json_write_member_text(&w, "code", failing->code);
    json_write_member_text(&w, "message", message);
    json_write_key(&w, "details");
    json_write_array(&w);
    json_write_object(&w);
    json_write_member_text(&w, "code", failing->detail);
    json_write_member_text(&w, "message", message);
    json_write_end(&w);
    json_write_end(&w);
    json_write_end(&w);
}

static void
refuse(struct forward *forward, enum http_fetch_failure failure, const char *why)
{
    const struct failing *failing = &FAILINGS[failure];
    struct buffer body AUTO(buffer_done) = buffer_make(ERROR_MAX_BYTES);
    struct http_reply reply = {.status = failing->status,
                               .content_type = SLICE("application/json")};

    if (forward->told)
        forward->told(forward->told_ctx, forward->upstream, http_call_id(forward->call),
                      failure, why);
    if (failing->status == 503)
        reply.headers[reply.header_count++] =
            (struct http_header){SLICE("Retry-After"), SLICE("5")};
    write_error(&body, failing, forward->upstream);
    reply.body = buffer_slice(&body);
    dress(forward, &reply, &reply.body);
    leave(forward);
    http_call_answer(forward->call, &reply);
}

/* ---- the answer ---- */

static void
begin_answer(struct forward *forward, struct http_reply *reply, int64_t length)
{
    dress(forward, reply, NULL);
    forward->has_begun = true;
    http_call_answer_begin(forward->call, reply, length);
}

/* Short enough to be kept, as far as it says? */
static bool
may_collect(const struct forward *forward, const struct http_answer *answer)
{
    return forward->collect_max_bytes > 0 && !forward->is_head &&
           (!answer->has_length || answer->length <= forward->collect_max_bytes);
}

static void
begin_collecting(struct forward *forward, const struct http_reply *reply)
{
    struct arena *arena = http_call_arena(forward->call);
    struct http_header *headers =
        arena_new(arena, (reply->more_count + 1) * sizeof(headers[0]));

    for (size_t i = 0; i < reply->more_count; i++)
        headers[i] = (struct http_header){arena_copy(arena, reply->more[i].name),
                                          arena_copy(arena, reply->more[i].value)};
    forward->reply = *reply;
    forward->reply.more = headers;
    forward->collected = buffer_make(forward->collect_max_bytes);
    forward->is_collecting = true;
}

static void
take_head(struct http_fetch *fetch, const struct http_answer *answer)
{
    struct forward *forward = (struct forward *)fetch;
    struct http_header headers[ANSWER_HEADER_MAX_COUNT];
    struct http_reply reply = {.status = answer->status, .more = headers};
    int64_t length = answer->has_length ? (int64_t)answer->length : HTTP_LENGTH_UNKNOWN;

    reply.more_count =
        forward_answer_headers(answer->headers, answer->header_count, headers);
    if (answer->is_whole && !forward->is_head) {
        reply.body = answer->body;
        dress(forward, &reply, &reply.body);
        leave(forward);
        http_call_answer(forward->call, &reply);
        return;
    }
    if (!answer->is_whole && may_collect(forward, answer)) {
        begin_collecting(forward, &reply);
        return;
    }
    begin_answer(forward, &reply, length);
    if (answer->is_whole) {
        leave(forward);
        http_call_answer_end(forward->call);
    }
}

/* It grows too long to be kept: it goes on in pieces. */
static bool
stop_collecting(struct forward *forward, struct slice bytes)
{
    forward->is_collecting = false;
    begin_answer(forward, &forward->reply, HTTP_LENGTH_UNKNOWN);
    http_call_answer_write(forward->call, buffer_slice(&forward->collected));
    buffer_done(&forward->collected);
    return http_call_answer_write(forward->call, bytes);
}

static bool
take_body(struct http_fetch *fetch, struct slice bytes)
{
    struct forward *forward = (struct forward *)fetch;

    if (!forward->is_collecting)
        return http_call_answer_write(forward->call, bytes);
    if (forward->collected.len + bytes.len > forward->collect_max_bytes)
        return stop_collecting(forward, bytes);
    buffer_add(&forward->collected, bytes);
    return true;
}

static void
take_end(struct http_fetch *fetch)
{
    struct forward *forward = (struct forward *)fetch;
    struct buffer body AUTO(buffer_done) = forward->collected;
    struct slice bytes = buffer_slice(&body);

    forward->collected = buffer_make(0);
    if (forward->is_collecting)
        dress(forward, &forward->reply, &bytes);
    leave(forward);
    if (forward->is_collecting)
        http_call_answer_take(forward->call, &forward->reply, &body);
    else
        http_call_answer_end(forward->call);
}

static void
take_failure(struct http_fetch *fetch, enum http_fetch_failure failure, const char *why)
{
    struct forward *forward = (struct forward *)fetch;

    if (!forward->has_begun) {
        refuse(forward, failure, why);
        return;
    }
    if (forward->told)
        forward->told(forward->told_ctx, forward->upstream, http_call_id(forward->call),
                      failure, why);
    leave(forward);
    http_call_answer_cut(forward->call);
}

static void
take_room(struct http_fetch *fetch)
{
    http_call_body_resume(((struct forward *)fetch)->call);
}

static const struct http_fetch_events FETCH_EVENTS = {take_head, take_body, take_end,
                                                      take_failure, take_room};

/* ---- the caller ---- */

/* From here on nobody but the client holds it. */
static void
leave_place(struct forward *forward)
{
    if (forward->place)
        *forward->place = NULL;
    forward->place = NULL;
}

static void
caller_has_room(void *ctx)
{
    http_fetch_resume(&((struct forward *)ctx)->fetch);
}

static void
caller_has_gone(void *ctx)
{
    struct forward *forward = ctx;

    leave_place(forward);
    http_fetch_cancel(&forward->fetch);
    leave(forward);
    http_call_answer_cut(forward->call);
}

/* The piece before goes on, this one is held: it may be the last. */
static bool
caller_sends(void *ctx, struct slice bytes)
{
    struct forward *forward = ctx;

    if (!forward->after)
        return http_fetch_write(&forward->fetch, bytes);
    forward->after->body(forward->after_ctx, bytes);
    bool has_room = http_fetch_write(&forward->fetch, buffer_slice(&forward->held));
    buffer_clear(&forward->held);
    buffer_add(&forward->held, bytes);
    return has_room;
}

static void
call_off(struct forward *forward)
{
    const struct forward_after *after = forward->after;
    struct http_call *call = forward->call;
    bool has_begun = forward->has_begun;

    http_fetch_cancel(&forward->fetch);
    forward->after = NULL;
    leave(forward);
    after->refuse_body(forward->after_ctx, has_begun);
    if (has_begun)
        http_call_answer_cut(call);
}

static void
caller_has_sent(void *ctx)
{
    struct forward *forward = ctx;

    if (forward->after && !forward->after->body_is_right(forward->after_ctx)) {
        call_off(forward);
        return;
    }
    http_fetch_write(&forward->fetch, buffer_slice(&forward->held));
    buffer_done(&forward->held);
    http_fetch_write_end(&forward->fetch);
}

static void
caller_sends_no_more(void *ctx)
{
    struct forward *forward = ctx;

    leave_place(forward);
    http_fetch_cancel(&forward->fetch);
    leave(forward);
}

static const struct http_call_events CALL_EVENTS = {caller_has_room, caller_has_gone,
                                                    caller_sends, caller_has_sent,
                                                    caller_sends_no_more};

/* ---- the request ---- */

/* What a query may hold as it is (RFC 3986 §3.4); of ours '+' is a plus, which others
 * would take for a blank. */
static bool
is_plain(unsigned char c)
{
    return c > 0x20 && c < 0x7f && c != '#' && c != '+' && c != '"' && c != '<' &&
           c != '>';
}

static void
add_query(struct buffer *out, struct slice query, bool is_loose)
{
    static const char HEX[] = "0123456789ABCDEF";

    while (is_loose && query.len && (query.at[0] == '&' || query.at[0] == '?'))
        query = slice_from(query, 1);
    if (query.len == 0)
        return;
    buffer_add_byte(out, '?');
    if (!is_loose) {
        buffer_add(out, query);
        return;
    }
    for (size_t i = 0; i < query.len; i++) {
        unsigned char c = query.at[i];
        if (is_plain(c)) {
            buffer_add_byte(out, c);
            continue;
        }
        buffer_add_byte(out, '%');
        buffer_add_byte(out, (unsigned char)HEX[c >> 4]);
        buffer_add_byte(out, (unsigned char)HEX[c & 15]);
    }
}

/* The path after the prefix. It may be encoded in other ways than the prefix is, but has
 * the same segments: the route was found by it. */
static struct slice
cut_prefix(struct slice path, const char *prefix)
{
    for (; *prefix; prefix++) {
        if (*prefix != '/')
            continue;
        const unsigned char *next =
            path.len > 1 ? memchr(path.at + 1, '/', path.len - 1) : NULL;
        path = slice_from(path, next ? (size_t)(next - path.at) : path.len);
    }
    return path;
}

/* The path as the upstream knows it: without our prefix, with its own. */
static struct slice
write_target(struct arena *arena, const struct forward_request *request)
{
    const struct upstream *upstream = request->upstream;
    size_t max =
        strlen(upstream->base_path) + request->path.len + 3 * request->query.len + 2;
    struct buffer out = buffer_make(max);
    struct slice path = cut_prefix(request->path, upstream->prefix);

    out.at = arena_new(arena, max);
    out.room = max; /* all that it may ever hold: it never grows */
    buffer_add_text(&out, upstream->base_path);
    if (path.len == 0)
        path = SLICE("/");
    buffer_add(&out, path);
    add_query(&out, request->query, request->is_query_loose);
    return buffer_slice(&out);
}

/* All headers of the request but those for its framing; the last lacks its value. */
static size_t
write_headers(struct arena *arena, const struct forward_request *request,
              struct http_header *out)
{
    size_t count = 0;

    if (request->headers)
        count = forward_request_headers(request->headers, request->header_count, out);
    else if (request->content_type.len > 0)
        out[count++] = (struct http_header){SLICE("Content-Type"),
                                            arena_copy(arena, request->content_type)};
    out[count++] = (struct http_header){SLICE("X-Request-Id"),
                                        arena_copy(arena, request->request_id)};
    out[count++] = (struct http_header){SLICE("X-Forwarded-For"),
                                        arena_copy(arena, request->address)};
    out[count++] = (struct http_header){
        SLICE("X-Forwarded-Proto"),
        http_call_is_https(request->call) ? SLICE("https") : SLICE("http")};
    out[count++] = (struct http_header){.name = SLICE("Tokenhouse-Identity")};
    return count;
}

void
forward_prepare(const struct forward_request *request, struct forward **place)
{
    struct arena *arena = http_call_arena(request->call);
    struct forward *forward = arena_new(arena, sizeof(*forward));

    forward->call = request->call;
    forward->upstream = arena_text(arena, slice_of(request->upstream->name));
    forward->is_head = slice_equal(request->method, SLICE("HEAD"));
    forward->told = request->told;
    forward->told_ctx = request->told_ctx;
    forward->after = request->after;
    forward->after_ctx = request->after_ctx;
    forward->collect_max_bytes = request->collect_max_bytes;
    forward->held = buffer_make(SIZE_MAX / 2); /* a piece of HTTP's at a time */
    forward->headers = arena_new(arena, (request->header_count + OWN_HEADER_COUNT) *
                                            sizeof(forward->headers[0]));
    forward->request = (struct http_fetch_request){
        .method = arena_copy(arena, request->method),
        .target = write_target(arena, request),
        .headers = forward->headers,
        .header_count = write_headers(arena, request, forward->headers),
        .body = request->headers ? request->body : arena_copy(arena, request->body),
        .is_streamed = http_call_is_streamed(request->call),
        .streamed_length = http_call_body_length(request->call)};
    forward->place = place;
    *place = forward;
    http_call_watch(request->call, &CALL_EVENTS, forward);
}

void
forward_fail(struct forward *forward, const char *why)
{
    leave_place(forward);
    refuse(forward, HTTP_FETCH_REFUSED, why);
}

void
forward_send(struct forward *forward, struct http_client *client,
             struct http_origin *origin, struct slice identity)
{
    if (!origin) {
        forward_fail(forward, "nobody knows where it is");
        return;
    }
    leave_place(forward);
    forward->headers[forward->request.header_count - 1].value = identity;
    enum http_fetch_failure failure = http_fetch_begin(client, origin, &forward->fetch,
                                                       &FETCH_EVENTS, &forward->request);
    if (failure != HTTP_FETCH_BEGUN)
        refuse(forward, failure, "it was not begun");
    else if (forward->request.is_streamed)
        http_call_body_begin(forward->call);
}
