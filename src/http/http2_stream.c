/* SPDX-License-Identifier: Apache-2.0
 *
 * Bodies of HTTP/2 requests that go to their taker in pieces, while the call is open
 * already. The window of a stream grows by what was taken, so no more of a body waits
 * here than fits one window; other streams are not held up by it. */
#include "http/http2_inside.h"

#include "http/connection.h"

enum { WAITING_MAX_BYTES = 256 * 1024 }; /* more than the window of a stream */

bool
http2_is_streaming(const struct http_call *call)
{
    return call->is_streamed && call->body_flow != BODY_IS_HERE &&
           (call->flow == CALL_OPEN || call->flow == CALL_PIECES);
}

/* Whoever sends has time again. */
static void
start_timing(struct http_call *call)
{
    call->piece_bytes = 0;
    call->deadline_ms =
        loop_now_ms(call->server->loop) + call->server->shared->body_timeout_ms;
}

void
http2_begin_stream(struct http_call *call)
{
    call->body_flow = BODY_WAITS;
    call->body = buffer_make(WAITING_MAX_BYTES);
    call_dispatch(call);
}

/* Those who take it are not called from within what begins or resumes it. */
static void
go_on_soon(struct http_call *call)
{
    start_timing(call);
    call->connection->http2->has_begun_body = true;
    connection_again(call->connection);
}

void
http2_body_begin(struct http_call *call)
{
    go_on_soon(call);
}

void
http2_body_resume(struct http_call *call)
{
    go_on_soon(call);
}

static void
fail(struct http_call *call, int status, const char *wrong)
{
    call_fail_body(call);
    if (call->flow != CALL_PIECES) {
        http2_refuse(call, status, wrong);
        return;
    }
    call->flow = CALL_ANSWERED;
    http2_answer_cut(call);
}

void
http2_time_out_body(struct http_call *call)
{
    if (call->body_flow == BODY_FLOWS)
        fail(call, 408, "The request body did not come in time.");
}

static void
give(struct http_call *call, struct slice bytes)
{
    struct connection *connection = call->connection;

    call->piece_bytes += bytes.len;
    if (call->piece_bytes >= STREAM_PIECE_BYTES)
        start_timing(call);
    if (!call->events->body(call->events_ctx, bytes) && http2_is_streaming(call))
        call->body_flow = BODY_PAUSED;
    nghttp2_session_consume_stream(connection->http2->session, call->stream_id,
                                   bytes.len);
    connection_dirty(connection);
}

static void
end_if_all_given(struct http_call *call)
{
    if (!http2_is_streaming(call) || !call->is_body_ended || call->body.len > 0 ||
        call->body_flow == BODY_WAITS)
        return;
    call->body_flow = BODY_IS_HERE;
    call->events->body_end(call->events_ctx);
}

void
http2_take_piece(struct http_call *call, struct slice bytes)
{
    call->streamed_bytes += bytes.len;
    if (call->streamed_bytes > (uint64_t)call->server->shared->streamed_max_bytes)
        fail(call, 413, "The body is larger than allowed.");
    else if (call->body_flow == BODY_FLOWS && call->body.len == 0)
        give(call, bytes);
    else
        buffer_add(&call->body, bytes);
}

void
http2_end_body(struct http_call *call)
{
    call->is_body_ended = true;
    end_if_all_given(call);
}

void
http2_stream_on(struct connection *connection)
{
    struct http_call *next = NULL;

    connection->http2->has_begun_body = false;
    for (struct http_call *call = connection->http2->calls; call; call = next) {
        next = call->next;
        if (!http2_is_streaming(call) || call->body_flow != BODY_FLOWS)
            continue;
        struct buffer waiting = call->body;
        call->body = buffer_make(WAITING_MAX_BYTES);
        if (waiting.len > 0)
            give(call, buffer_slice(&waiting));
        buffer_done(&waiting);
        end_if_all_given(call);
    }
}
