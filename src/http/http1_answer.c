/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers by HTTP/1.1: whole ones, which leave with all others at the end of the round,
 * and those that come in pieces, which go straight to the socket. */
#include "http/http1.h"

#include <stdio.h>

#include "base/auto.h"
#include "http/connection.h"
#include "http/reply.h"

/* ---- whole answers ---- */

static void
write_reply(struct connection *connection, const struct http_call *call,
            const struct http_reply *reply, struct slice body, const char *said)
{
    bool has_body = !call->is_head && reply_may_have_body(reply->status);
    size_t copied = has_body && body.len <= COPY_MAX_BYTES ? body.len : 0;
    struct reply_head head = {.reply = reply,
                              .date = server_date(connection->server),
                              .id = call->id,
                              .body_len = (int64_t)body.len,
                              .connection = said};
    unsigned char *at = server_reserve(connection, reply_head_room(reply) + copied);
    size_t len = reply_head_write(&head, at);

    if (copied)
        memcpy(at + len, body.at, copied);
    server_reserved(connection, len + copied);
}

/* A long body goes from where it lies; a borrowed one has to be copied, unless it lives
 * for ever. */
static void
set_tail(struct connection *connection, const struct http_reply *reply,
         struct slice bytes, struct buffer *body)
{
    connection->is_tail_lent = !body && reply->is_lasting;
    if (connection->is_tail_lent) {
        connection->tail =
            (struct buffer){.at = (unsigned char *)(uintptr_t)bytes.at, .len = bytes.len};
        return;
    }
    if (body) {
        connection->tail = *body;
        *body = buffer_make(body->max_bytes);
        return;
    }
    connection->tail = buffer_make(bytes.len);
    buffer_add(&connection->tail, bytes);
}

/* Is this the last answer of its connection? */
static bool
is_last_answer(const struct http_call *call, const struct http_reply *reply)
{
    return reply->is_last || call->server->is_draining || call->wants_close ||
           call->body_flow != BODY_IS_HERE || /* what comes of it is no request */
           (call->is_http10 && !call->wants_keep_alive);
}

static const char *
connection_option(const struct http_call *call, bool is_last)
{
    return is_last ? "close" : call->is_http10 ? "keep-alive" : NULL;
}

/* The answer is written, or waits to be sent, to its last byte. */
static void
end_call(struct http_call *call, bool is_last)
{
    struct connection *connection = call->connection;
    struct http_server *server = connection->server;

    is_last |= call->body_flow != BODY_IS_HERE;
    call_free(&connection->call);
    if (is_last) {
        connection_end(connection, true);
        return;
    }
    connection->phase = PHASE_HEAD;
    connection_deadline(connection,
                        loop_now_ms(server->loop) + server->shared->idle_timeout_ms);
    if (!connection->is_dispatching)
        connection_again(connection);
}

void
http1_answer(struct http_call *call, const struct http_reply *reply, struct buffer *body)
{
    struct connection *connection = call->connection;
    struct slice bytes = body ? buffer_slice(body) : reply->body;
    bool is_last = is_last_answer(call, reply);

    write_reply(connection, call, reply, bytes, connection_option(call, is_last));
    if (bytes.len > COPY_MAX_BYTES && !call->is_head &&
        reply_may_have_body(reply->status))
        set_tail(connection, reply, bytes, body);
    end_call(call, is_last);
}

void
http1_refuse(struct connection *connection, int status, const char *wrong)
{
    char text[REPLY_ERROR_MAX_BYTES];
    struct http_reply reply = {.status = status,
                               .content_type = SLICE("application/json"),
                               .body = reply_error_write(status, wrong, text)};

    if (!connection->call)
        connection->call = call_new(connection->server, connection);
    write_reply(connection, connection->call, &reply, reply.body, "close");
    call_free(&connection->call);
    if (status != 408 && status != 503)
        connection->server->bad_framing++;
    connection_end(connection, true);
}

/* ---- answers in pieces ---- */

void
http1_answer_begin(struct http_call *call, const struct http_reply *reply, int64_t length)
{
    struct connection *connection = call->connection;
    struct reply_head head = {.reply = reply,
                              .date = server_date(connection->server),
                              .id = call->id,
                              .body_len = length};

    /* To HTTP/1.0 a body of unknown length ends with the connection. */
    call->is_chunked = length < 0 && !call->is_bare && !call->is_http10;
    call->is_last =
        is_last_answer(call, reply) || (length < 0 && !call->is_bare && call->is_http10);
    head.is_chunked = call->is_chunked;
    head.connection = connection_option(call, call->is_last);
    unsigned char *at = server_reserve(connection, reply_head_room(reply));
    server_reserved(connection, reply_head_write(&head, at));
}

/* Straight to the socket when nothing waits before it: a long body is not copied. */
static void
send_piece(struct connection *connection, struct slice head, struct slice bytes)
{
    unsigned char *at;

    if (!connection->is_blocked && !connection_has_output(connection)) {
        connection_send(connection, head, bytes);
        return;
    }
    at = server_reserve(connection, head.len + bytes.len);
    memcpy(at, head.at, head.len);
    memcpy(at + head.len, bytes.at, bytes.len);
    server_reserved(connection, head.len + bytes.len);
}

bool
http1_answer_write(struct http_call *call, struct slice bytes)
{
    struct connection *connection = call->connection;
    char size[32];
    int len = 0;

    if (connection->is_broken)
        return true; /* nobody reads any more; its next turn tells */
    if (call->is_chunked)
        len = snprintf(size, sizeof(size), "%s%zx\r\n",
                       call->is_after_chunk ? "\r\n" : "", bytes.len);
    call->is_after_chunk = true;
    send_piece(connection,
               (struct slice){(const unsigned char *)(len ? size : ""), (size_t)len},
               bytes);
    return connection->out.len - connection->out_sent + connection->round_len <
           PIECES_MAX_BYTES;
}

void
http1_answer_end(struct http_call *call)
{
    struct slice last =
        call->is_after_chunk ? SLICE("\r\n0\r\n\r\n") : SLICE("0\r\n\r\n");

    if (call->is_chunked) {
        memcpy(server_reserve(call->connection, last.len), last.at, last.len);
        server_reserved(call->connection, last.len);
    }
    end_call(call, call->is_last);
}

void
http1_answer_cut(struct http_call *call)
{
    struct connection *connection = call->connection;

    call_free(&connection->call);
    stream_reset(&connection->stream);
    connection_close(connection);
}
