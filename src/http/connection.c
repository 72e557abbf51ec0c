/* SPDX-License-Identifier: Apache-2.0
 *
 * A connection outside its requests. Sending happens at the end of a round; what the
 * socket does not take is kept, and reading stops until it was sent. */
#include "http/connection.h"

#include <stddef.h>

#include "base/auto.h"
#include "base/mem.h"
#include "http/forwarded.h"
#include "http/http1.h"
#include "http/http2.h"
#include "net/address_count.h"
#include "net/proxy_protocol.h"

enum {
    PROGRESS_BYTES = 16 * 1024,  /* that a slow reader must take to get more time */
    FLUSH_MAX_BYTES = 256 * 1024 /* of one HTTP/2 connection in a row */
};

/* ---- time ---- */

void
connection_deadline(struct connection *connection, int64_t at_ms)
{
    connection->deadline_ms = at_ms;
    /* A timer that is set too early finds the later deadline when it is due. */
    if (at_ms != NO_DEADLINE &&
        (!connection->timer.prev || connection->timer.at_ms > at_ms))
        loop_timer_set(connection->server->loop, &connection->timer, at_ms);
}

static void
time_out(struct connection *connection)
{
    struct http_server *server = connection->server;
    bool is_idle = connection->phase == PHASE_HEAD && !connection->is_timing_request;

    server->timeouts +=
        !is_idle && connection->phase != PHASE_LINGER && connection->phase != PHASE_HTTP2;
    if (connection->is_blocked || connection->phase == PHASE_LINGER ||
        connection->phase == PHASE_ENDING || connection->phase == PHASE_PROXY ||
        connection->phase == PHASE_HANDSHAKE)
        connection_close(connection);
    else if (is_idle)
        connection_end(connection, false);
    else if (connection->phase == PHASE_HTTP2)
        http2_time_out(connection);
    else if (connection->phase == PHASE_HEAD)
        http1_refuse(connection, 408, "The request head did not come in time.");
    else if (connection->phase == PHASE_BODY)
        http1_refuse(connection, 408, "The request body did not come in time.");
    else if (connection->phase == PHASE_STREAM)
        http1_body_fail(connection, 408, "The request body did not come in time.");
}

static void
timer_due(struct loop_timer *timer)
{
    struct connection *connection =
        (struct connection *)((char *)timer - offsetof(struct connection, timer));
    struct loop *loop = connection->server->loop;

    if (connection->deadline_ms == NO_DEADLINE)
        return;
    if (connection->deadline_ms > loop_now_ms(loop))
        loop_timer_set(loop, timer, connection->deadline_ms);
    else
        time_out(connection);
}

/* ---- the end ---- */

static void
drop_tail(struct connection *connection)
{
    if (connection->is_tail_lent)
        connection->tail = buffer_make(0);
    buffer_done(&connection->tail);
    connection->is_tail_lent = false;
    connection->tail_sent = 0;
}

/* The handler may still be at work: its call goes on alone, with what it points to. */
static void
orphan_call(struct connection *connection)
{
    struct http_call *call = connection->call;

    if (!call)
        return;
    connection->call = NULL;
    if (call->flow == CALL_READING) {
        call_free(&call);
        return;
    }
    call->input = TAKE(connection->input);
    call_lose(call);
}

void
connection_close(struct connection *connection)
{
    struct http_server *server = connection->server;

    if (connection->phase == PHASE_CLOSED)
        return;
    connection->phase = PHASE_CLOSED;
    if (connection->http2)
        http2_close(connection);
    orphan_call(connection);
    if (connection->input && !pool_give(&server->inputs, connection->input))
        mem_free(&connection->input);
    connection->input = NULL;
    buffer_done(&connection->out);
    drop_tail(connection);
    loop_timer_clear(server->loop, &connection->timer);
    stream_close(&connection->stream, server->loop);
    if (connection->is_counted)
        address_count_give(server->shared->per_ip, &connection->peer);
    atomic_fetch_sub(&server->shared->connections_open, 1);

    server->connection_count--;
    *connection->prev = connection->next;
    if (connection->next)
        connection->next->prev = connection->prev;
    connection->next_dead = server->dead;
    server->dead = connection;
}

void
connection_end(struct connection *connection, bool is_linger)
{
    if (connection->phase == PHASE_CLOSED || connection->phase == PHASE_LINGER)
        return;
    connection->phase = PHASE_ENDING;
    connection->is_linger = is_linger;
    connection->is_timing_request = false;
    connection_deadline(connection, loop_now_ms(connection->server->loop) +
                                        connection->server->shared->idle_timeout_ms);
    connection_dirty(connection);
}

static void
linger(struct connection *connection)
{
    size_t len = 0;

    if (connection->phase == PHASE_ENDING) {
        connection->phase = PHASE_LINGER;
        connection->progress_bytes = 0;
        connection_deadline(connection,
                            loop_now_ms(connection->server->loop) + LINGER_MS);
        stream_end(&connection->stream);
    }
    enum stream_outcome outcome = stream_discard(
        &connection->stream, LINGER_MAX_BYTES - connection->progress_bytes, &len);
    connection->progress_bytes += len;
    if (outcome != STREAM_WAIT)
        connection_close(connection);
}

void
connection_drain(struct connection *connection)
{
    if (connection->phase == PHASE_PROXY || connection->phase == PHASE_HANDSHAKE)
        connection_close(connection); /* nothing was asked yet */
    else if (connection->phase == PHASE_HTTP2)
        http2_drain(connection);
    else if (connection->phase == PHASE_HEAD && connection->start == connection->filled &&
             !connection->call && !connection_has_output(connection))
        connection_end(connection, false);
}

/* ---- the beginning ---- */

static void
begin_http(struct connection *connection)
{
    connection_deadline(connection, loop_now_ms(connection->server->loop) +
                                        connection->server->shared->idle_timeout_ms);
    connection->phase = PHASE_HEAD;
    if (stream_is_h2(&connection->stream))
        http2_open(connection);
}

static void
begin_tls(struct connection *connection)
{
    struct tls_server *tls = connection->server->shared->tls;

    if (!tls)
        begin_http(connection);
    else if (stream_start_tls(&connection->stream, tls) == STATUS_OK)
        connection->phase = PHASE_HANDSHAKE;
    else
        connection_close(connection);
}

static void
shake_hands(struct connection *connection)
{
    if (connection->server->handshake_count >= HANDSHAKE_MAX_COUNT) {
        connection_again(connection);
        return;
    }
    connection->server->handshake_count++;
    switch (stream_handshake(&connection->stream)) {
    case STREAM_DONE:
        begin_http(connection);
        return;
    case STREAM_WAIT:
        return;
    case STREAM_END:
    case STREAM_BROKEN:
        connection_close(connection);
        return;
    }
}

/* The proxy told us who is behind it; that is whom the limit per address is for. */
static void
believe_proxy(struct connection *connection, const struct ip *source)
{
    struct http_shared *shared = connection->server->shared;

    connection->peer = *source;
    connection->is_trusted = forwarded_is_trusted(shared->trusted_proxies,
                                                  shared->trusted_proxy_count, source);
    if (connection->is_trusted)
        return;
    connection->is_counted =
        address_count_take(shared->per_ip, source, shared->connection_per_ip_max_count);
    if (connection->is_counted)
        return;
    atomic_fetch_add(&shared->connections_refused, 1);
    connection_close(connection);
}

static void
read_proxy(struct connection *connection)
{
    unsigned char bytes[PROXY_HEADER_MAX_BYTES];
    struct ip source = connection->peer;
    size_t len = 0;
    enum stream_outcome outcome =
        stream_peek(&connection->stream, bytes, sizeof(bytes), &len);

    if (outcome == STREAM_WAIT)
        return;
    if (outcome != STREAM_DONE) {
        connection_close(connection);
        return;
    }
    switch (proxy_protocol_read((struct slice){bytes, len}, &len, &source)) {
    case PROXY_MORE:
        if (connection->stream.is_hung_up)
            connection_close(connection);
        return;
    case PROXY_NONE:
        break;
    case PROXY_WHOLE:
        if (stream_discard(&connection->stream, len, &len) != STREAM_DONE) {
            connection_close(connection);
            return;
        }
        believe_proxy(connection, &source);
        break;
    case PROXY_BAD:
        connection->server->bad_framing++;
        connection_close(connection);
        return;
    }
    if (connection->phase == PHASE_PROXY)
        begin_tls(connection);
}

static void
connection_ready(struct loop_source *source, uint32_t events)
{
    struct connection *connection = (struct connection *)source;

    if (!stream_note(&connection->stream, events)) {
        connection_close(connection);
        return;
    }
    if (events & EPOLLOUT && connection->is_blocked) {
        connection->is_blocked = false;
        connection_dirty(connection);
    }
    connection_serve(connection);
}

void
connection_open(struct http_server *server, int fd, const struct ip *peer,
                bool is_trusted, bool is_counted)
{
    struct connection *connection = mem_new(sizeof(*connection));

    connection->server = server;
    connection->peer = *peer;
    connection->is_trusted = is_trusted;
    connection->is_counted = is_counted;
    connection->timer.due = timer_due;
    connection->out = buffer_make(SIZE_MAX / 2); /* our own words; held by is_stalled */
    connection->phase = is_trusted ? PHASE_PROXY : PHASE_HEAD;
    connection->next = server->connections;
    connection->prev = &server->connections;
    if (connection->next)
        connection->next->prev = &connection->next;
    server->connections = connection;
    server->connection_count++;

    if (stream_open(&connection->stream, server->loop, fd, connection_ready) !=
        STATUS_OK) {
        connection_close(connection);
        return;
    }
    connection_deadline(connection,
                        loop_now_ms(server->loop) + server->shared->head_timeout_ms);
    if (!is_trusted)
        begin_tls(connection);
}

/* ---- in a round ---- */

/* A caller who has gone waits for no answer: whoever gives it may stop. One who has only
 * ended his side, with more requests behind this one, is still there. */
static void
look_whether_gone(struct connection *connection)
{
    unsigned char byte;
    size_t len = 0;

    if (!connection->stream.is_hung_up || !connection->call->events)
        return;
    if (connection->stream.tls ||
        stream_peek(&connection->stream, &byte, 1, &len) == STREAM_END)
        connection_close(connection);
}

void
connection_serve(struct connection *connection)
{
    if (connection->is_broken)
        connection_close(connection);
    if (connection->phase == PHASE_PROXY)
        read_proxy(connection);
    if (connection->phase == PHASE_HANDSHAKE)
        shake_hands(connection);
    if (connection->phase == PHASE_HEAD || connection->phase == PHASE_BODY ||
        connection->phase == PHASE_STREAM)
        http1_serve(connection);
    else if (connection->phase == PHASE_HTTP2)
        http2_serve(connection);
    else if (connection->phase == PHASE_LINGER)
        linger(connection);
    else if (connection->phase == PHASE_CALL)
        look_whether_gone(connection);
    if (connection->phase == PHASE_STREAM && connection->call->body_flow != BODY_FLOWS)
        look_whether_gone(connection);
}

void
connection_again(struct connection *connection)
{
    struct http_server *server = connection->server;

    if (connection->is_again)
        return;
    connection->is_again = true;
    connection->next_again = server->again;
    server->again = connection;
    loop_hurry(server->loop);
}

void
connection_dirty(struct connection *connection)
{
    struct http_server *server = connection->server;

    if (connection->is_dirty)
        return;
    connection->is_dirty = true;
    connection->next_dirty = server->dirty;
    server->dirty = connection;
    loop_hurry(server->loop);
}

/* ---- the way out ---- */

bool
connection_has_output(const struct connection *connection)
{
    return connection->out.len > connection->out_sent || connection->round_len > 0 ||
           connection->tail.len > connection->tail_sent;
}

static struct slice
round_bytes(const struct connection *connection)
{
    if (connection->round_len == 0)
        return (struct slice){0};
    return (struct slice){connection->server->round + connection->round_at,
                          connection->round_len};
}

/* Copies what is left of the round's bytes, which are gone when the round is over. */
static void
keep_round_bytes(struct connection *connection, size_t sent)
{
    buffer_add(&connection->out, slice_from(round_bytes(connection), sent));
    connection->round_len = 0;
}

static void
note_sent(struct connection *connection, struct slice first, size_t sent)
{
    size_t sent_first = sent < first.len ? sent : first.len;

    connection->progress_bytes += sent;
    if (connection->out.len > 0)
        connection->out_sent += sent_first;
    else
        keep_round_bytes(connection, sent_first);
    if (connection->out_sent == connection->out.len) {
        buffer_done(&connection->out);
        connection->out_sent = 0;
    }
    connection->tail_sent += sent - sent_first;
    if (connection->tail_sent == connection->tail.len)
        drop_tail(connection);
}

/* Sends what there is; false when the socket is full or broken. */
static bool
send_output(struct connection *connection)
{
    size_t sent = 0;

    if (connection->out.len > 0)
        keep_round_bytes(connection, 0); /* behind what waits already */

    struct slice first =
        connection->out.len > 0
            ? slice_from(buffer_slice(&connection->out), connection->out_sent)
            : round_bytes(connection);
    struct slice tail =
        slice_from(buffer_slice(&connection->tail), connection->tail_sent);
    enum stream_outcome outcome = stream_write(&connection->stream, first, tail, &sent);
    if (outcome != STREAM_DONE && outcome != STREAM_WAIT) {
        connection_close(connection);
        return false;
    }
    note_sent(connection, first, sent);
    return outcome == STREAM_DONE;
}

/* The peer reads slowly or not at all: it gets more time for real progress only. */
static void
block(struct connection *connection, bool was_blocked)
{
    connection->is_blocked = true;
    connection->is_stalled = true;
    connection->is_timing_request = false;
    if (was_blocked && connection->progress_bytes < PROGRESS_BYTES)
        return;
    connection->progress_bytes = 0;
    connection_deadline(connection, loop_now_ms(connection->server->loop) +
                                        connection->server->shared->idle_timeout_ms);
}

static void
all_sent(struct connection *connection)
{
    if (connection->phase == PHASE_ENDING) {
        if (connection->is_linger)
            linger(connection);
        else
            connection_close(connection);
        return;
    }
    if (connection->is_stalled)
        connection_again(connection);
    connection->is_stalled = false;
    if (connection->phase != PHASE_CALL && connection->phase != PHASE_STREAM)
        return;
    if (connection->phase == PHASE_STREAM && connection->call->body_flow == BODY_FLOWS)
        http1_body_resume(connection->call);
    else /* whoever answers has time again */
        connection_deadline(connection, NO_DEADLINE);
    if (connection->call->wants_room)
        call_tell_room(connection->call);
}

void
connection_send(struct connection *connection, struct slice first, struct slice second)
{
    size_t sent = 0;
    enum stream_outcome outcome = stream_write(&connection->stream, first, second, &sent);

    if (outcome != STREAM_DONE && outcome != STREAM_WAIT) {
        connection->is_broken = true;
        connection_again(connection);
        return;
    }
    if (outcome == STREAM_DONE)
        return;
    connection->progress_bytes += sent;
    buffer_add(&connection->out, slice_from(first, sent));
    buffer_add(&connection->out,
               slice_from(second, sent > first.len ? sent - first.len : 0));
    block(connection, false);
}

void
connection_flush(struct connection *connection)
{
    size_t collected = 0;
    bool was_waiting = connection->out.len > 0 || connection->tail_sent > 0;

    if (connection->phase == PHASE_CLOSED)
        return;
    if (connection->is_blocked) {
        keep_round_bytes(connection, 0);
        return;
    }
    do {
        if (connection->http2)
            collected += http2_collect(connection);
        if (!connection_has_output(connection))
            break;
        if (!send_output(connection)) {
            if (connection->phase != PHASE_CLOSED)
                block(connection, was_waiting);
            return;
        }
    } while (connection->http2 && collected < FLUSH_MAX_BYTES);
    if (collected >= FLUSH_MAX_BYTES)
        connection_again(connection);
    all_sent(connection);
}
