/* SPDX-License-Identifier: Apache-2.0
 *
 * The HTTP/1.1 machine. A request lies in the connection's input, which is lent while
 * one is incomplete or open; only a body that does not fit gets memory of its own. What
 * is streamed is in http1_stream.c. */
#include "http/http1.h"

#include <assert.h>

#include "base/auto.h"
#include "base/mem.h"
#include "http/connection.h"
#include "http/head.h"
#include "http/http1_inside.h"

enum { BODY_READ_BYTES = 64 * 1024 };

/* The input is lent only while there is something in it, or a request points to it. */
static void
give_input_back(struct connection *connection)
{
    if (!connection->input || connection->call || connection->start != connection->filled)
        return;
    if (!pool_give(&connection->server->inputs, connection->input))
        mem_free(&connection->input);
    connection->input = NULL;
    connection->start = 0;
    connection->filled = 0;
    connection->parsed = 0;
}

static enum step
refuse(struct connection *connection, int status, const char *wrong)
{
    http1_refuse(connection, status, wrong);
    return STEP_STOP;
}

/* ---- a whole request ---- */

static enum step
dispatch(struct connection *connection, struct slice body, uint32_t end)
{
    struct http_call *call = connection->call;

    call->request.body = body;
    connection->start = end;
    connection->parsed = 0;
    connection->phase = PHASE_CALL;
    connection->is_timing_request = false;
    connection_deadline(connection, NO_DEADLINE);
    connection->is_dispatching = true;
    call_dispatch(call);
    connection->is_dispatching = false;
    return STEP_ON;
}

static void
start_timing(struct connection *connection, int64_t timeout_ms)
{
    connection->is_timing_request = true;
    connection_deadline(connection, loop_now_ms(connection->server->loop) + timeout_ms);
}

/* ---- the body ---- */

/* Moves what is there of a body that will not fit into memory of its own. */
static bool
spill(struct connection *connection, size_t len)
{
    struct http_call *call = connection->call;

    buffer_add(&call->body, (struct slice){connection->input + connection->body_at, len});
    return call_charge(call, len) && buffer_check(&call->body) == STATUS_OK;
}

static int64_t
length_of(const struct head *head)
{
    return head->content_length > INT64_MAX ? INT64_MAX : (int64_t)head->content_length;
}

static enum step
begin_body(struct connection *connection, const struct head *head)
{
    uint64_t here = connection->filled - connection->body_at;
    int64_t length = head->is_chunked ? HTTP_LENGTH_UNKNOWN : length_of(head);
    bool is_streamed = length != 0 && call_wants_stream(connection->call);
    uint64_t max = is_streamed ? (uint64_t)connection->server->shared->streamed_max_bytes
                               : call_body_max(connection->call, length);

    if (head->has_length && head->content_length > max)
        return refuse(connection, 413, "The body is larger than allowed.");
    if (is_streamed)
        return http1_begin_stream(connection, head);
    if (!head->is_chunked && head->content_length <= here)
        return dispatch(connection,
                        (struct slice){connection->input + connection->body_at,
                                       (size_t)head->content_length},
                        connection->body_at + (uint32_t)head->content_length);

    connection->phase = PHASE_BODY;
    connection->is_chunked = head->is_chunked;
    connection->chunked = (struct chunked){.max_bytes = max};
    connection->parsed = connection->body_at;
    start_timing(connection, call_body_timeout_ms(connection->call));
    if (head->wants_continue && !head->is_http10 && here == 0)
        http1_say_continue(connection);
    if (head->is_chunked)
        return STEP_ON;
    connection->body_bytes = (size_t)head->content_length;
    connection->is_spilled =
        connection->body_at + connection->body_bytes > connection->server->input_bytes;
    if (connection->is_spilled) {
        if (!spill(connection, (size_t)here))
            return refuse(connection, 503, "Too many bodies arrive at once.");
        connection->filled = connection->body_at;
    }
    return STEP_MORE;
}

static enum step
read_length_body(struct connection *connection)
{
    struct slice body = {connection->input + connection->body_at,
                         connection->filled - connection->body_at};

    if (connection->is_spilled)
        body = buffer_slice(&connection->call->body);
    if (body.len < connection->body_bytes)
        return STEP_MORE;
    body.len = connection->body_bytes; /* what follows is the next request */
    return dispatch(connection, body,
                    connection->is_spilled
                        ? connection->filled
                        : connection->body_at + (uint32_t)connection->body_bytes);
}

static enum step
read_chunks(struct connection *connection)
{
    struct http_call *call = connection->call;
    unsigned char *raw = connection->input + connection->parsed;
    size_t kept = 0;
    size_t used = 0;
    int outcome = chunked_read(&connection->chunked, raw,
                               connection->filled - connection->parsed, &kept, &used);
    size_t here = connection->parsed - connection->body_at + kept;

    if (outcome != CHUNKED_WHOLE && outcome != CHUNKED_MORE)
        return refuse(connection, outcome, connection->chunked.wrong);
    if (outcome == CHUNKED_WHOLE) {
        uint32_t end = connection->parsed + (uint32_t)used;
        if (call->body.len == 0)
            return dispatch(connection,
                            (struct slice){connection->input + connection->body_at, here},
                            end);
        if (!spill(connection, here))
            return refuse(connection, 503, "Too many bodies arrive at once.");
        return dispatch(connection, buffer_slice(&call->body), end);
    }
    connection->filled = connection->parsed + (uint32_t)kept;
    connection->parsed = connection->filled;
    if (connection->filled == connection->server->input_bytes) {
        if (!spill(connection, here))
            return refuse(connection, 503, "Too many bodies arrive at once.");
        connection->filled = connection->body_at;
        connection->parsed = connection->body_at;
    }
    return STEP_MORE;
}

/* ---- the head ---- */

/* Is it worth to read the head again? Only when a line may have ended since: else one
 * byte a packet would cost the square of their number. */
static bool
may_be_whole(const struct connection *connection)
{
    const unsigned char *fresh = connection->input + connection->parsed;
    size_t len = connection->filled - connection->parsed;

    if (connection->parsed == 0 || connection->filled == connection->server->input_bytes)
        return true;
    return fresh[-1] == '\r' || memchr(fresh, '\n', len) || memchr(fresh, '\r', len);
}

static void
fill_request(struct http_call *call, const struct head *head)
{
    call->request = (struct http_request){.method = head->method,
                                          .target = head->target,
                                          .authority = head->host,
                                          .headers = head->headers,
                                          .header_count = head->header_count};
    call->is_head = slice_equal(head->method, SLICE("HEAD"));
    call->is_http10 = head->is_http10;
    call->wants_close = head->wants_close;
    call->wants_keep_alive = head->wants_keep_alive;
}

/* A head that ends near the end of the input leaves no room for chunks. Moved to the
 * beginning it does, and is read again. */
static bool
move_to_begin(struct connection *connection, const struct head *head)
{
    size_t end = connection->start + head->len;

    if (!head->is_chunked || connection->start == 0 ||
        end + BODY_ROOM_BYTES <= connection->server->input_bytes)
        return false;
    connection->filled -= connection->start;
    memmove(connection->input, connection->input + connection->start, connection->filled);
    connection->start = 0;
    connection->parsed = 0;
    return true;
}

static enum step
whole_head(struct connection *connection, const struct head *head)
{
    struct http_call *call = connection->call;
    struct slice authority = {0};

    fill_request(call, head);
    if (!target_read(head->method, head->target, &authority, &call->request.path,
                     &call->request.query))
        return refuse(connection, 400, "The target must be a path that begins with '/'.");
    if (authority.len && head->host.len && !slice_equal_nocase(authority, head->host))
        return refuse(connection, 400, "The target names another host than Host does.");
    if (authority.len)
        call->request.authority = authority;
    connection->body_at = connection->start + (uint32_t)head->len;
    return begin_body(connection, head);
}

/* The head is not whole: makes room and starts its clock. */
static enum step
wait_for_head(struct connection *connection)
{
    struct http_server *server = connection->server;
    size_t len = connection->filled - connection->start;
    const unsigned char *from = connection->input + connection->start;

    if (len >= (size_t)server->shared->head_max_bytes) {
        if (!memchr(from + 2, '\n', len - 2)) /* an empty line may come first */
            return refuse(connection, 414, "The request line is longer than allowed.");
        return refuse(connection, 431, "The request head is larger than allowed.");
    }
    if (connection->filled == server->input_bytes) {
        memmove(connection->input, from, len);
        connection->start = 0;
        connection->filled = (uint32_t)len;
    }
    connection->parsed = connection->filled;
    if (!connection->is_timing_request)
        start_timing(connection, server->shared->head_timeout_ms);
    return STEP_MORE;
}

static enum step
read_head(struct connection *connection)
{
    struct http_server *server = connection->server;

    if (connection->start == connection->filled)
        return STEP_MORE;
    if (!may_be_whole(connection))
        return wait_for_head(connection);
    if (!connection->call)
        connection->call = call_new(server, connection);

    struct head head = {.headers = connection->call->headers,
                        .header_max_count = (size_t)server->shared->header_max_count};
    int outcome =
        head_read(&head, (struct slice){connection->input + connection->start,
                                        connection->filled - connection->start});
    if (outcome == HEAD_MORE)
        return wait_for_head(connection);
    if (outcome != HEAD_WHOLE)
        return refuse(connection, outcome, head.wrong);
    if (head.len > (size_t)server->shared->head_max_bytes)
        return refuse(connection, 431, "The request head is larger than allowed.");
    if (move_to_begin(connection, &head))
        return STEP_ON;
    return whole_head(connection, &head);
}

/* ---- the connection ---- */

/* Reads on in a body that has memory of its own; its end is never read past. */
static enum stream_outcome
receive_body(struct connection *connection)
{
    struct buffer *body = &connection->call->body;
    size_t left = connection->body_bytes - body->len;
    size_t room = left < BODY_READ_BYTES ? left : BODY_READ_BYTES;
    size_t len = 0;
    unsigned char *at = buffer_reserve(body, room);

    assert(at); /* body_bytes was held against the limit */
    enum stream_outcome outcome = stream_read(&connection->stream, at, room, &len);
    if (outcome != STREAM_DONE)
        return outcome;
    body->len += len;
    if (!call_charge(connection->call, len))
        http1_refuse(connection, 503, "Too many bodies arrive at once.");
    return STREAM_DONE;
}

static enum stream_outcome
receive_input(struct connection *connection)
{
    struct http_server *server = connection->server;
    size_t len = 0;

    if (!connection->input)
        connection->input = pool_take(&server->inputs);
    if (!connection->input)
        connection->input = mem_resize(NULL, server->input_bytes);
    enum stream_outcome outcome =
        stream_read(&connection->stream, connection->input + connection->filled,
                    server->input_bytes - connection->filled, &len);
    connection->filled += (uint32_t)len;
    return outcome;
}

/* Reads once; false when there is nothing to read now, or ever. */
static bool
receive(struct connection *connection)
{
    bool is_streamed = connection->phase == PHASE_STREAM;
    bool is_body = connection->phase == PHASE_BODY && !connection->is_chunked &&
                   connection->is_spilled;
    enum stream_outcome outcome = is_streamed ? http1_receive_piece(connection)
                                  : is_body   ? receive_body(connection)
                                              : receive_input(connection);

    switch (outcome) {
    case STREAM_DONE:
        return true;
    case STREAM_WAIT:
        return false;
    case STREAM_END:
        if (is_streamed) /* whoever takes the body hears that its sender has gone */
            connection_close(connection);
        else
            connection_end(connection, false);
        return false;
    case STREAM_BROKEN:
        connection_close(connection);
        return false;
    }
    return false;
}

static enum step
step(struct connection *connection)
{
    if (connection->phase == PHASE_BODY)
        return connection->is_chunked ? read_chunks(connection)
                                      : read_length_body(connection);
    if (connection->phase == PHASE_STREAM)
        return http1_stream(connection);
    if (connection->phase != PHASE_HEAD)
        return STEP_STOP;
    if (connection->is_blocked || connection->tail.len > 0 ||
        connection->round_len > ROUND_MAX_BYTES) {
        connection->is_stalled = true;
        return STEP_STOP;
    }
    return read_head(connection);
}

void
http1_serve(struct connection *connection)
{
    int64_t requests = connection->server->requests;
    int reads = 0;

    for (;;) {
        enum step outcome = step(connection);
        if (outcome == STEP_STOP)
            break;
        if (outcome == STEP_MORE) {
            if (!stream_may_read(&connection->stream) || ++reads > SERVE_MAX_READS ||
                !receive(connection))
                break;
        }
        if (connection->server->requests - requests >= SERVE_MAX_REQUESTS)
            break;
    }
    bool is_reading =
        connection->phase == PHASE_STREAM ||
        ((connection->phase == PHASE_HEAD || connection->phase == PHASE_BODY) &&
         !connection->is_stalled);
    if (is_reading && (reads > SERVE_MAX_READS ||
                       connection->server->requests - requests >= SERVE_MAX_REQUESTS))
        connection_again(connection);
    give_input_back(connection);
}
