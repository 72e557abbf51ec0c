/* SPDX-License-Identifier: Apache-2.0
 *
 * One connection to an origin: it connects, sends a request, reads its answer, and is
 * free for the next. Whatever is not exactly one answer ends it: bytes that come when
 * nothing was asked, or after an answer's end, would be taken for the next one's.
 * Source: RFC 9112 §6, §9. */
#include "http/client_inside.h"

#include <string.h>

#include "base/auto.h"
#include "base/mem.h"
#include "http/head.h"
#include "net/connect.h"

static struct http_origin *
origin_of(const struct client_connection *connection)
{
    return connection->pool->origin;
}

static struct origin_slot *
slot_of(const struct client_connection *connection)
{
    return &connection->pool->origin->slots[connection->slot];
}

static int64_t
now_of(const struct client_connection *connection)
{
    return loop_now_ms(connection->pool->client->loop);
}

/* ---- the end ---- */

void
client_connection_unlink(struct client_connection *connection)
{
    if (!connection->prev)
        return;
    *connection->prev = connection->next;
    if (connection->next)
        connection->next->prev = connection->prev;
    connection->next = NULL;
    connection->prev = NULL;
    connection->pool->idle_count -= connection->phase == CLIENT_IDLE;
}

void
client_connection_close(struct client_connection *connection)
{
    struct client_pool *pool = connection->pool;
    struct http_client *client = pool->client;

    if (connection->phase == CLIENT_CLOSED)
        return;
    client_connection_unlink(connection);
    connection->phase = CLIENT_CLOSED;
    loop_timer_clear(client->loop, &connection->timer);
    stream_close(&connection->stream, client->loop);
    buffer_done(&connection->out);
    buffer_done(&connection->in);
    atomic_fetch_sub_explicit(&pool->origin->connections, 1, memory_order_relaxed);
    connection->next_dead = client->dead;
    client->dead = connection;
    loop_hurry(client->loop);
}

/* The fetch is over, badly. `is_fault`: it counts against the address. */
static void
fail(struct client_connection *connection, enum http_fetch_failure failure,
     const char *why, bool is_fault)
{
    struct http_fetch *fetch = connection->fetch;

    if (is_fault)
        origin_note_failure(origin_of(connection), slot_of(connection),
                            now_of(connection));
    else
        origin_note_neither(slot_of(connection));
    client_detach(connection);
    connection->is_last = true;
    client_recycle(connection);
    fetch->events->fail(fetch, failure, why);
}

static void
fail_answer(struct client_connection *connection, const char *why)
{
    fail(connection, HTTP_FETCH_BAD_ANSWER, why, true);
}

/* ---- time ---- */

void
client_connection_deadline(struct client_connection *connection, int64_t at_ms)
{
    int64_t whole_ms =
        connection->fetch ? connection->fetch->whole_until_ms : CLIENT_NO_DEADLINE;

    connection->deadline_ms = at_ms < whole_ms ? at_ms : whole_ms;
    at_ms = connection->deadline_ms;
    /* A timer that is set too early finds the later deadline when it is due. */
    if (at_ms != CLIENT_NO_DEADLINE &&
        (!connection->timer.prev || connection->timer.at_ms > at_ms))
        loop_timer_set(connection->pool->client->loop, &connection->timer, at_ms);
}

static void unreachable(struct client_connection *connection,
                        enum http_fetch_failure failure, const char *why);

static void
time_out(struct client_connection *connection)
{
    switch (connection->phase) {
    case CLIENT_CONNECTING:
        unreachable(connection, HTTP_FETCH_TIMEOUT,
                    "it did not take the connection in time");
        return;
    case CLIENT_HANDSHAKE:
        unreachable(connection, HTTP_FETCH_TIMEOUT,
                    "it did not finish the TLS handshake in time");
        return;
    case CLIENT_HEAD:
        fail(connection, HTTP_FETCH_TIMEOUT, "it did not answer in time", true);
        return;
    case CLIENT_BODY:
        fail(connection, HTTP_FETCH_TIMEOUT, "it did not go on with its answer in time",
             true);
        return;
    case CLIENT_IDLE:
        connection->is_last = true;
        client_connection_close(connection);
        return;
    case CLIENT_CLOSED:
        return;
    }
}

static void
timer_due(struct loop_timer *timer)
{
    struct client_connection *connection =
        (struct client_connection *)((char *)timer -
                                     offsetof(struct client_connection, timer));

    if (connection->deadline_ms == CLIENT_NO_DEADLINE)
        return;
    if (connection->deadline_ms > now_of(connection))
        loop_timer_set(connection->pool->client->loop, timer, connection->deadline_ms);
    else
        time_out(connection);
}

/* ---- the answer ---- */

static void
finish(struct client_connection *connection, size_t extra_bytes)
{
    struct http_fetch *fetch = connection->fetch;

    connection->is_last |= extra_bytes > 0;
    client_detach(connection);
    fetch->events->end(fetch);
    client_recycle(connection);
}

/* False: the fetch has left this connection. */
static bool
deliver(struct client_connection *connection, struct slice bytes)
{
    struct http_fetch *fetch = connection->fetch;

    if (bytes.len == 0)
        return true;
    bool has_room = fetch->events->body(fetch, bytes);
    if (connection->fetch != fetch)
        return false;
    fetch->is_paused |= !has_room;
    client_connection_deadline(
        connection, fetch->is_paused
                        ? CLIENT_NO_DEADLINE
                        : now_of(connection) + origin_of(connection)->idle_timeout_ms);
    return true;
}

static void
take_body(struct client_connection *connection, unsigned char *at, size_t len)
{
    size_t data = len;
    size_t used = len;
    int outcome = CHUNKED_MORE;

    if (connection->framing == CLIENT_CHUNKS) {
        outcome = chunked_read(&connection->chunked, at, len, &data, &used);
        if (outcome != CHUNKED_MORE && outcome != CHUNKED_WHOLE) {
            fail_answer(connection, connection->chunked.wrong);
            return;
        }
    } else if (connection->framing == CLIENT_LENGTH) {
        if (data > connection->body_left)
            data = used = (size_t)connection->body_left;
        connection->body_left -= data;
        outcome = connection->body_left ? CHUNKED_MORE : CHUNKED_WHOLE;
    }
    if (deliver(connection, (struct slice){at, data}) && outcome == CHUNKED_WHOLE)
        finish(connection, len - used);
}

/* RFC 9112 §6.3: how long is the body? */
static void
set_framing(struct client_connection *connection, const struct head *head)
{
    connection->body_left = head->content_length;
    if (connection->fetch->is_head || head->status == 204 || head->status == 304)
        connection->framing = CLIENT_NO_BODY;
    else if (head->is_chunked)
        connection->framing = CLIENT_CHUNKS;
    else if (head->has_length)
        connection->framing = CLIENT_LENGTH;
    else
        connection->framing = CLIENT_UNTIL_END;
    connection->chunked = (struct chunked){.max_bytes = UINT64_MAX};
}

static bool
is_request_sent(const struct client_connection *connection)
{
    return connection->out_sent == connection->out.len &&
           connection->fetch->is_request_whole;
}

/* An answer that is here to its last byte goes out in one piece: the usual case. */
static void
whole_answer(struct client_connection *connection, struct http_answer *answer,
             struct slice body, size_t extra_bytes)
{
    struct http_fetch *fetch = connection->fetch;

    answer->is_whole = true;
    answer->body = body;
    connection->is_last |= extra_bytes > 0;
    client_detach(connection);
    fetch->events->head(fetch, answer);
    client_recycle(connection);
}

static void
begin_answer(struct client_connection *connection, const struct head *head,
             unsigned char *rest, size_t len)
{
    struct http_fetch *fetch = connection->fetch;
    struct http_answer answer = {.status = head->status,
                                 .headers = head->headers,
                                 .header_count = head->header_count,
                                 .has_length = head->has_length,
                                 .length = head->content_length};
    size_t data = 0;
    size_t used = 0;
    int outcome = CHUNKED_MORE;

    origin_note_success(slot_of(connection));
    set_framing(connection, head);
    connection->is_last = head->wants_close || connection->is_deaf ||
                          (head->is_http10 && !head->wants_keep_alive) ||
                          connection->framing == CLIENT_UNTIL_END ||
                          !is_request_sent(connection);
    if (connection->framing == CLIENT_CHUNKS)
        outcome = chunked_read(&connection->chunked, rest, len, &data, &used);
    if (outcome != CHUNKED_MORE && outcome != CHUNKED_WHOLE)
        fail_answer(connection, connection->chunked.wrong);
    else if (outcome == CHUNKED_WHOLE)
        whole_answer(connection, &answer, (struct slice){rest, data}, len - used);
    else if (connection->framing == CLIENT_NO_BODY)
        whole_answer(connection, &answer, (struct slice){0}, len);
    else if (connection->framing == CLIENT_LENGTH && len >= head->content_length)
        whole_answer(connection, &answer,
                     (struct slice){rest, (size_t)head->content_length},
                     len - (size_t)head->content_length);
    else {
        connection->phase = CLIENT_BODY;
        client_connection_deadline(
            connection, now_of(connection) + origin_of(connection)->idle_timeout_ms);
        fetch->events->head(fetch, &answer);
        if (connection->fetch != fetch)
            return;
        if (connection->framing == CLIENT_CHUNKS)
            deliver(connection, (struct slice){rest, data});
        else
            take_body(connection, rest, len);
    }
}

/* Is it worth to read the head again? Only when a line may have ended since: else one
 * byte a packet would cost the square of their number. */
static bool
may_be_whole(const struct client_connection *connection, const unsigned char *fresh,
             size_t len)
{
    return connection->in.len >= CLIENT_HEAD_MAX_BYTES || memchr(fresh, '\n', len);
}

static void
keep_head(struct client_connection *connection, struct slice bytes)
{
    if (bytes.len > CLIENT_HEAD_MAX_BYTES)
        fail_answer(connection, "the head of its answer is larger than allowed");
    else if (connection->in.len > 0)
        buffer_drop(&connection->in, connection->in.len - bytes.len);
    else
        buffer_add(&connection->in, bytes);
}

static void
take_head(struct client_connection *connection, unsigned char *at, size_t len)
{
    struct http_client *client = connection->pool->client;
    bool is_first = connection->in.len == 0;

    if (!is_first) {
        buffer_add(&connection->in, (struct slice){at, len});
        if (!may_be_whole(connection, at, len))
            return;
        at = connection->in.at;
        len = connection->in.len;
    }
    for (;;) {
        struct head head = {.headers = client->headers,
                            .header_max_count = CLIENT_HEADER_MAX_COUNT};
        int outcome = head_read_answer(&head, (struct slice){at, len});
        if (outcome == HEAD_MORE) {
            keep_head(connection, (struct slice){at, len});
            return;
        }
        if (outcome != HEAD_WHOLE || head.len > CLIENT_HEAD_MAX_BYTES) {
            fail_answer(connection, outcome == HEAD_WHOLE
                                        ? "the head of its answer is larger than allowed"
                                        : head.wrong);
            return;
        }
        if (head.status >= 200) {
            begin_answer(connection, &head, at + head.len, len - head.len);
            return;
        }
        if (head.status == 101 ||
            ++connection->interim_count > CLIENT_INTERIM_MAX_COUNT) {
            fail_answer(connection, head.status == 101
                                        ? "it changed the protocol without being asked"
                                        : "it gave too many interim answers");
            return;
        }
        at += head.len;
        len -= head.len;
    }
}

/* ---- reading ---- */

static void
ended(struct client_connection *connection, enum stream_outcome outcome)
{
    struct http_fetch *fetch = connection->fetch;
    bool has_begun = connection->in.len > 0 || connection->interim_count > 0;

    if (!fetch) {
        client_connection_close(connection);
        return;
    }
    if (connection->phase == CLIENT_BODY) {
        if (connection->framing == CLIENT_UNTIL_END && outcome == STREAM_END)
            finish(connection, 0);
        else
            fail(connection, HTTP_FETCH_CUT, "its answer ended in the middle", true);
        return;
    }
    /* One that was kept may have ended as we began: nothing was read, nothing is lost. */
    if (!has_begun && connection->is_kept && fetch->is_safe && !fetch->is_sent_again &&
        client_try_again(connection, true))
        return;
    fail(connection, HTTP_FETCH_CUT,
         has_begun ? "the connection ended in the head of its answer"
                   : "the connection ended before it answered",
         has_begun || !connection->is_kept);
}

static bool
may_read_on(const struct client_connection *connection)
{
    bool is_open = connection->phase == CLIENT_HEAD || connection->phase == CLIENT_BODY ||
                   connection->phase == CLIENT_IDLE;

    return is_open && stream_may_read(&connection->stream) &&
           !(connection->fetch && connection->fetch->is_paused);
}

void
client_connection_read(struct client_connection *connection)
{
    size_t len = 0;

    /* A closed one may still be on a list when its pool has gone. */
    for (int reads = 0; may_read_on(connection); reads++) {
        unsigned char *scratch = connection->pool->client->scratch;
        if (reads == CLIENT_READ_MAX_COUNT) {
            client_connection_again(connection);
            return;
        }
        enum stream_outcome outcome =
            stream_read(&connection->stream, scratch, CLIENT_SCRATCH_BYTES, &len);
        if (outcome == STREAM_WAIT)
            break;
        if (outcome != STREAM_DONE)
            ended(connection, outcome);
        else if (connection->phase == CLIENT_HEAD)
            take_head(connection, scratch, len);
        else if (connection->phase == CLIENT_BODY)
            take_body(connection, scratch, len);
        else
            client_connection_close(connection); /* an answer to nothing */
    }
}

bool
client_connection_is_alive(struct client_connection *connection)
{
    unsigned char byte;
    size_t len = 0;

    connection->stream.is_readable = true;
    enum stream_outcome outcome = stream_peek(&connection->stream, &byte, 1, &len);
    if (outcome == STREAM_WAIT)
        connection->stream.is_readable = false;
    /* under TLS the bytes may be no answer */
    return outcome == STREAM_WAIT || (outcome == STREAM_DONE && connection->stream.tls);
}

/* ---- sending ---- */

void
client_connection_dirty(struct client_connection *connection)
{
    struct http_client *client = connection->pool->client;

    loop_hurry(client->loop);
    if (connection->is_dirty)
        return;
    connection->is_dirty = true;
    connection->next_dirty = client->dirty;
    client->dirty = connection;
}

void
client_connection_again(struct client_connection *connection)
{
    struct http_client *client = connection->pool->client;

    loop_hurry(client->loop);
    if (connection->is_again)
        return;
    connection->is_again = true;
    connection->next_again = client->again;
    client->again = connection;
}

/* What the deadline is for while the request is on its way. */
static void
set_request_deadline(struct client_connection *connection)
{
    const struct http_origin *origin = origin_of(connection);
    int64_t now_ms = now_of(connection);

    if (connection->phase != CLIENT_HEAD)
        return;
    if (is_request_sent(connection))
        client_connection_deadline(connection, now_ms + origin->first_byte_timeout_ms);
    else if (connection->out_sent < connection->out.len)
        client_connection_deadline(connection, now_ms + origin->idle_timeout_ms);
    else /* whoever gives us the body has a deadline of his own */
        client_connection_deadline(connection, CLIENT_NO_DEADLINE);
}

/* The peer takes no more. It may have answered before: that counts. */
static void
became_deaf(struct client_connection *connection)
{
    connection->is_deaf = true;
    connection->stream.is_readable = true;
    client_connection_read(connection);
    if (connection->phase == CLIENT_HEAD)
        ended(connection, STREAM_BROKEN);
}

static void
tell_room(struct client_connection *connection)
{
    struct http_fetch *fetch = connection->fetch;

    if (connection->out_sent == connection->out.len) {
        buffer_clear(&connection->out);
        connection->out_sent = 0;
    }
    if (!fetch->wants_room ||
        connection->out.len - connection->out_sent > CLIENT_OUT_HIGH_BYTES / 2)
        return;
    fetch->wants_room = false;
    fetch->events->room(fetch);
}

void
client_connection_flush(struct client_connection *connection)
{
    struct slice bytes;
    size_t sent = 0;

    if ((connection->phase != CLIENT_HEAD && connection->phase != CLIENT_BODY) ||
        connection->is_blocked || connection->is_deaf)
        return;
    bytes = slice_from(buffer_slice(&connection->out), connection->out_sent);
    if (bytes.len > 0) {
        enum stream_outcome outcome =
            stream_write(&connection->stream, bytes, (struct slice){0}, &sent);
        connection->out_sent += sent;
        if (outcome != STREAM_DONE && outcome != STREAM_WAIT) {
            became_deaf(connection);
            return;
        }
        connection->is_blocked = outcome == STREAM_WAIT;
    }
    set_request_deadline(connection);
    if (connection->fetch->is_streamed)
        tell_room(connection);
}

/* ---- the beginning ---- */

static void
unreachable(struct client_connection *connection, enum http_fetch_failure failure,
            const char *why)
{
    origin_note_failure(origin_of(connection), slot_of(connection), now_of(connection));
    if (!client_try_again(connection, false))
        fail(connection, failure, why, false);
}

static void
begin_request(struct client_connection *connection)
{
    connection->phase = CLIENT_HEAD;
    client_connection_dirty(connection);
}

static void
shake_hands(struct client_connection *connection)
{
    const char *wrong;

    switch (stream_handshake(&connection->stream)) {
    case STREAM_DONE:
        begin_request(connection);
        return;
    case STREAM_WAIT:
        return;
    case STREAM_END:
    case STREAM_BROKEN:
        wrong = stream_tls_wrong(&connection->stream);
        unreachable(connection, HTTP_FETCH_UNREACHABLE,
                    wrong ? wrong : "the TLS handshake failed");
        return;
    }
}

static void
connected(struct client_connection *connection)
{
    struct http_origin *origin = origin_of(connection);
    uint16_t host = connection->pool->view.addresses[connection->slot].host;

    if (!origin->tls) {
        begin_request(connection);
        return;
    }
    if (stream_start_tls_client(&connection->stream, origin->tls,
                                origin->tls_names[host]) != STATUS_OK) {
        unreachable(connection, HTTP_FETCH_UNREACHABLE, "TLS cannot begin");
        return;
    }
    connection->phase = CLIENT_HANDSHAKE;
    shake_hands(connection);
}

static void
connection_ready(struct loop_source *source, uint32_t events)
{
    struct client_connection *connection = (struct client_connection *)source;
    bool is_sound = stream_note(&connection->stream, events);

    if (connection->phase == CLIENT_CONNECTING) {
        int error = connect_result(source->fd);
        if (error)
            unreachable(connection, HTTP_FETCH_UNREACHABLE, strerror(error));
        else if (events & EPOLLOUT)
            connected(connection);
        return;
    }
    if (!is_sound) { /* what came before may still be read */
        connection->is_deaf = true;
        connection->stream.is_readable = true;
        connection->stream.is_hung_up = true;
    }
    if (events & EPOLLOUT && connection->is_blocked) {
        connection->is_blocked = false;
        client_connection_dirty(connection);
    }
    if (connection->phase == CLIENT_HANDSHAKE)
        shake_hands(connection);
    client_connection_read(connection);
}

struct client_connection *
client_connection_adopt(struct client_pool *pool, int slot, int fd)
{
    struct client_connection *connection = mem_new(sizeof(*connection));

    connection->pool = pool;
    connection->slot = slot;
    connection->slot_turn = pool->slot_turns[slot];
    connection->timer.due = timer_due;
    connection->deadline_ms = CLIENT_NO_DEADLINE;
    connection->phase = CLIENT_CONNECTING;
    connection->out = buffer_make(SIZE_MAX / 2); /* held by whoever fills it */
    connection->in = buffer_make(CLIENT_HEAD_MAX_BYTES + CLIENT_SCRATCH_BYTES);
    if (stream_open(&connection->stream, pool->client->loop, fd, connection_ready) !=
        STATUS_OK) {
        mem_free(&connection);
        return NULL;
    }
    atomic_fetch_add_explicit(&pool->origin->connections, 1, memory_order_relaxed);
    return connection;
}

struct client_connection *
client_connection_open(struct client_pool *pool, int slot)
{
    const struct http_origin_address *address = &pool->view.addresses[slot];
    int fd = connect_begin(&address->ip, address->port);
    struct client_connection *connection =
        fd < 0 ? NULL : client_connection_adopt(pool, slot, fd);

    if (!connection)
        origin_note_failure(pool->origin, &pool->origin->slots[slot],
                            loop_now_ms(pool->client->loop));
    return connection;
}

void
client_connection_go(struct client_connection *connection)
{
    connection->is_last = false;
    if (connection->phase == CLIENT_CONNECTING)
        client_connection_deadline(
            connection, now_of(connection) + origin_of(connection)->connect_timeout_ms);
    else
        begin_request(connection);
}
