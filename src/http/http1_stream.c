/* SPDX-License-Identifier: Apache-2.0
 *
 * Bodies of HTTP/1.1 requests that go to their taker in pieces, while the call is open
 * already. Nothing of them is kept; what is not taken stays in the socket. */
#include "http/http1_inside.h"

#include "base/mem.h"
#include "http/connection.h"

void
http1_say_continue(struct connection *connection)
{
    struct slice go_on = SLICE("HTTP/1.1 100 Continue\r\n\r\n");

    memcpy(server_reserve(connection, go_on.len), go_on.at, go_on.len);
    server_reserved(connection, go_on.len);
    connection_dirty(connection);
}

/* Whoever sends has time again. */
static void
start_timing(struct connection *connection)
{
    struct http_server *server = connection->server;

    connection->piece_bytes = 0;
    if (!connection->is_blocked)
        connection_deadline(connection,
                            loop_now_ms(server->loop) + server->shared->body_timeout_ms);
}

enum step
http1_begin_stream(struct connection *connection, const struct head *head)
{
    struct http_call *call = connection->call;

    connection->is_chunked = head->is_chunked;
    connection->chunked = (struct chunked){
        .max_bytes = (uint64_t)connection->server->shared->streamed_max_bytes};
    connection->body_bytes = (size_t)head->content_length;
    connection->start = connection->body_at;
    connection->phase = PHASE_STREAM;
    connection->is_timing_request = false;
    connection_deadline(connection, NO_DEADLINE);
    call->is_streamed = true;
    call->body_flow = BODY_WAITS;
    call->body_length =
        head->is_chunked ? HTTP_LENGTH_UNKNOWN : (int64_t)head->content_length;
    call->wants_continue = head->wants_continue && !head->is_http10 &&
                           connection->start == connection->filled;
    connection->is_dispatching = true;
    call_dispatch(call);
    connection->is_dispatching = false;
    return STEP_ON;
}

void
http1_body_begin(struct http_call *call)
{
    if (call->wants_continue)
        http1_say_continue(call->connection);
    http1_body_resume(call);
}

void
http1_body_resume(struct http_call *call)
{
    start_timing(call->connection);
    if (!call->connection->is_dispatching)
        connection_again(call->connection);
}

void
http1_body_fail(struct connection *connection, int status, const char *wrong)
{
    struct http_call *call = connection->call;

    call_fail_body(call);
    if (call->flow != CALL_PIECES) {
        http1_refuse(connection, status, wrong);
        return;
    }
    call->flow = CALL_ANSWERED;
    http1_answer_cut(call);
}

/* What came behind the body is the next request, if there is room for it. */
static void
keep_rest(struct connection *connection, struct slice rest)
{
    unsigned char *at = connection->input + connection->body_at;

    connection->start = connection->body_at;
    connection->filled = connection->body_at;
    if (rest.len > connection->server->input_bytes - connection->body_at) {
        connection->call->wants_close = true;
        return;
    }
    if (rest.len > 0)
        memmove(at, rest.at, rest.len);
    connection->filled += (uint32_t)rest.len;
}

static void
whole_body(struct connection *connection)
{
    struct http_call *call = connection->call;

    call->body_flow = BODY_IS_HERE;
    connection->phase = PHASE_CALL;
    connection->parsed = 0;
    if (!connection->is_blocked)
        connection_deadline(connection, NO_DEADLINE);
    call->events->body_end(call->events_ctx);
}

/* How much of the piece is body: *data of its bytes, after *used of them have been looked
 * at. An outcome of chunked_read(). */
static int
measure(struct connection *connection, unsigned char *at, size_t len, size_t *data,
        size_t *used)
{
    if (connection->is_chunked)
        return chunked_read(&connection->chunked, at, len, data, used);
    *data = *used = len < connection->body_bytes ? len : connection->body_bytes;
    connection->body_bytes -= *data;
    return connection->body_bytes > 0 ? CHUNKED_MORE : CHUNKED_WHOLE;
}

static void
note_progress(struct connection *connection, size_t len)
{
    connection->piece_bytes += len;
    if (connection->piece_bytes >= STREAM_PIECE_BYTES)
        start_timing(connection);
}

static void
take_piece(struct connection *connection, unsigned char *at, size_t len)
{
    struct http_call *call = connection->call;
    size_t data = 0;
    size_t used = 0;
    int outcome = measure(connection, at, len, &data, &used);
    bool has_room = true;

    if (outcome != CHUNKED_MORE && outcome != CHUNKED_WHOLE) {
        http1_body_fail(connection, outcome, connection->chunked.wrong);
        return;
    }
    note_progress(connection, len);
    if (data > 0)
        has_room = call->events->body(call->events_ctx, (struct slice){at, data});
    if (connection->phase != PHASE_STREAM || connection->call != call)
        return; /* it was answered meanwhile */
    keep_rest(connection,
              (struct slice){at + used, outcome == CHUNKED_WHOLE ? len - used : 0});
    if (outcome == CHUNKED_WHOLE) {
        whole_body(connection);
    } else if (!has_room) {
        call->body_flow = BODY_PAUSED;
        if (!connection->is_blocked)
            connection_deadline(connection, NO_DEADLINE);
    }
}

enum step
http1_stream(struct connection *connection)
{
    size_t here = connection->filled - connection->start;

    if (connection->call->body_flow != BODY_FLOWS)
        return STEP_STOP;
    if (here == 0)
        return STEP_MORE;
    connection->is_dispatching = true;
    take_piece(connection, connection->input + connection->start, here);
    connection->is_dispatching = false;
    return STEP_ON;
}

enum stream_outcome
http1_receive_piece(struct connection *connection)
{
    struct http_server *server = connection->server;
    size_t room = SCRATCH_BYTES;
    size_t len = 0;

    if (!server->scratch)
        server->scratch = mem_resize(NULL, SCRATCH_BYTES);
    if (!connection->is_chunked && connection->body_bytes < room)
        room = connection->body_bytes; /* its end is never read past */
    enum stream_outcome outcome =
        stream_read(&connection->stream, server->scratch, room, &len);
    if (outcome != STREAM_DONE)
        return outcome;
    connection->is_dispatching = true;
    take_piece(connection, server->scratch, len);
    connection->is_dispatching = false;
    return STREAM_DONE;
}
