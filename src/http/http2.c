/* SPDX-License-Identifier: Apache-2.0
 *
 * HTTP/2 (RFC 9113). nghttp2 reads and writes frames and refuses what breaks the
 * protocol; here are the requests, the limits that it leaves to us, and the clock. */
#include "http/http2.h"

#include <string.h>

#include "base/auto.h"
#include "base/limits.h"
#include "base/mem.h"
#include "http/connection.h"
#include "http/head.h"
#include "http/http2_inside.h"
#include "http/reply.h"

enum {
    HEADER_LIST_MAX_BYTES = 16 * 1024,
    HEADER_EXTRA_BYTES = 32,          /* of each, as RFC 9113 §6.5.2 counts */
    WINDOW_BYTES = 1024 * 1024,       /* of a connection; each stream keeps 64 KB */
    RESET_PER_S = 20,                 /* a peer may reset streams so often, … */
    RESET_BURST = H2_RESET_MAX_COUNT, /* … after so many (CVE-2023-44487) */
    CHECK_MS = 1000,                  /* how often running streams are looked at */
    PROGRESS_BYTES = 16 * 1024,       /* what a slow reader must take to get more time */
    READ_BYTES = 16 * 1024,
    CROWD_COUNT = 8192,       /* a stream holds 20 KB: 160 MB; when nothing else is set */
    CROWD_PATIENCE_MS = 1000, /* with streams that wait for their peer, in a crowd */
};

static struct http_call *
call_of(nghttp2_session *session, int32_t stream_id)
{
    return nghttp2_session_get_stream_user_data(session, stream_id);
}

static void
unlink_call(struct http2 *http2, struct http_call *call)
{
    *call->prev = call->next;
    if (call->next)
        call->next->prev = call->prev;
    call->next = NULL;
    call->prev = NULL;
    http2->call_count--;
}

void
http2_refuse(struct http_call *call, int status, const char *wrong)
{
    char text[REPLY_ERROR_MAX_BYTES];
    struct http_reply reply = {.status = status,
                               .content_type = SLICE("application/json"),
                               .body = reply_error_write(status, wrong, text)};

    if (status == 408)
        call->server->timeouts++;
    else if (status != 503)
        call->server->bad_framing++;
    http2_answer(call, &reply, NULL);
}

/* ---- the request ---- */

static int
begin_headers(nghttp2_session *session, const nghttp2_frame *frame, void *user)
{
    struct connection *connection = user;
    struct http2 *http2 = connection->http2;

    if (frame->hd.type != NGHTTP2_HEADERS || frame->headers.cat != NGHTTP2_HCAT_REQUEST)
        return 0;

    struct http_call *call = call_new(connection->server, connection);
    call->stream_id = frame->hd.stream_id;
    call->deadline_ms = loop_now_ms(connection->server->loop) +
                        connection->server->shared->body_timeout_ms;
    call->request.headers = call->headers;
    call->body_length = HTTP_LENGTH_UNKNOWN;
    call->next = http2->calls;
    call->prev = &http2->calls;
    if (call->next)
        call->next->prev = &call->next;
    http2->calls = call;
    http2->call_count++;
    return nghttp2_session_set_stream_user_data(session, call->stream_id, call);
}

/* RFC 9113 §8.2.3: a cookie that came in pieces is put together again. In one place for
 * all of them: a copy for each piece would be the square of what came. */
static bool
join_cookie(struct http_call *call, struct slice value)
{
    for (size_t i = 0; i < call->request.header_count; i++) {
        struct http_header *header = &call->headers[i];
        if (!slice_equal(header->name, SLICE("cookie")))
            continue;
        if (!call->cookie) { /* "; " is less than HEADER_EXTRA_BYTES: all have room */
            call->cookie = arena_new(&call->arena, HEADER_LIST_MAX_BYTES);
            memcpy(call->cookie, header->value.at, header->value.len);
            header->value.at = call->cookie;
        }
        memcpy(call->cookie + header->value.len, "; ", 2);
        memcpy(call->cookie + header->value.len + 2, value.at, value.len);
        header->value.len += 2 + value.len;
        return true;
    }
    return false;
}

static void
add_field(struct http_call *call, struct slice name, struct slice value)
{
    struct http_request *request = &call->request;

    if (slice_equal(name, SLICE("cookie")) && join_cookie(call, value))
        return;
    if (request->header_count >= (size_t)call->server->shared->header_max_count) {
        call->refused_status = 431;
        return;
    }
    call->headers[request->header_count++] = (struct http_header){
        arena_copy(&call->arena, name), arena_copy(&call->arena, value)};
}

static int
on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name_at,
          size_t name_len, const uint8_t *value_at, size_t value_len, uint8_t flags,
          void *user)
{
    struct http_call *call = call_of(session, frame->hd.stream_id);
    struct slice name = {name_at, name_len};
    struct slice value = {value_at, value_len};

    (void)flags;
    (void)user;
    if (!call || frame->headers.cat != NGHTTP2_HCAT_REQUEST || call->refused_status)
        return 0; /* trailers are read past */
    call->header_bytes += name_len + value_len + HEADER_EXTRA_BYTES;
    if (call->header_bytes > HEADER_LIST_MAX_BYTES)
        call->refused_status = 431;
    else if (slice_equal(name, SLICE(":method")))
        call->request.method = arena_copy(&call->arena, value);
    else if (slice_equal(name, SLICE(":path")))
        call->request.target = arena_copy(&call->arena, value);
    else if (slice_equal(name, SLICE(":authority")))
        call->request.authority = arena_copy(&call->arena, value);
    else if (name_len && name_at[0] != ':')
        add_field(call, name, value);
    return 0;
}

/* A field with foreign characters: nghttp2 would leave it out, we refuse the whole. */
static int
on_invalid_header(nghttp2_session *session, const nghttp2_frame *frame,
                  const uint8_t *name, size_t name_len, const uint8_t *value,
                  size_t value_len, uint8_t flags, void *user)
{
    struct http_call *call = call_of(session, frame->hd.stream_id);

    (void)name;
    (void)name_len;
    (void)value;
    (void)value_len;
    (void)flags;
    (void)user;
    if (call && !call->refused_status)
        call->refused_status = 400;
    return 0;
}

/* What HTTP/1.1 asks of a head too. NULL: nothing is wrong. */
static const char *
check_request(struct http_call *call)
{
    struct http_request *request = &call->request;
    struct slice authority = request->authority;
    struct slice host = {0};
    bool has_host = false;

    for (size_t i = 0; i < request->header_count; i++) {
        if (!slice_equal(request->headers[i].name, SLICE("host")))
            continue;
        if (has_host)
            return "There are two Host fields; there must be one.";
        has_host = true;
        host = request->headers[i].value;
    }
    if (!token_is_valid(request->method))
        return "The method holds a character it may not hold.";
    if (authority.len && has_host && !slice_equal_nocase(authority, host))
        return "The :authority names another host than Host does.";
    if (!authority.len)
        request->authority = host;
    if (!authority_is_valid(request->authority))
        return "There is no host, or not one that can be.";
    if (request->target.len == 0 ||
        (request->target.at[0] != '/' && request->target.at[0] != '*') ||
        !target_read(request->method, request->target, &authority, &request->path,
                     &request->query))
        return "The target must be a path that begins with '/'.";
    return NULL;
}

/* Shall its handler have it at once? And says its head of a body that is longer than it
 * may be? */
static bool
is_too_long(struct http_call *call, bool is_end)
{
    const struct http_shared *shared = call->server->shared;
    struct slice value = {0};
    uint64_t length = 0;
    bool is_known =
        http_request_header(&call->request, SLICE("content-length"), &value) &&
        content_length_read(value, &length) && length <= INT64_MAX;

    if (is_known)
        call->body_length = (int64_t)length;
    call->is_streamed = !is_end && call->body_length != 0 && call_wants_stream(call);
    if (call->is_streamed)
        return length > (uint64_t)shared->streamed_max_bytes;
    uint64_t max = call_body_max(call, call->body_length);
    call->deadline_ms += call_body_timeout_ms(call) - shared->body_timeout_ms;
    return length > max;
}

static void
whole_headers(struct http_call *call, bool is_end)
{
    const char *wrong = NULL;

    call->is_head = slice_equal(call->request.method, SLICE("HEAD"));
    if (call->refused_status == 431)
        wrong = "The request head is larger than allowed.";
    else if (call->refused_status)
        wrong = "A header field holds a character it may not hold.";
    else
        wrong = check_request(call);
    if (!wrong && is_too_long(call, is_end)) {
        call->refused_status = 413;
        wrong = "The body is larger than allowed.";
    }
    if (wrong)
        http2_refuse(call, call->refused_status ? call->refused_status : 400, wrong);
    else if (call->is_streamed)
        http2_begin_stream(call);
}

static int
on_data(nghttp2_session *session, uint8_t flags, int32_t stream_id, const uint8_t *at,
        size_t len, void *user)
{
    struct http_call *call = call_of(session, stream_id);

    (void)flags;
    (void)user;
    nghttp2_session_consume_connection(session, len);
    if (call && http2_is_streaming(call)) {
        http2_take_piece(call, (struct slice){at, len});
        return 0;
    }
    nghttp2_session_consume_stream(session, stream_id, len);
    if (!call || call->flow != CALL_READING)
        return 0;
    buffer_add(&call->body, (struct slice){at, len});
    if (buffer_check(&call->body) != STATUS_OK)
        http2_refuse(call, 413, "The body is larger than allowed.");
    else if (!call_charge(call, len))
        http2_refuse(call, 503, "Too many bodies arrive at once.");
    return 0;
}

/* May the peer reset one more stream? A bucket of RESET_BURST that fills slowly. */
static bool
may_reset(struct http2 *http2, int64_t now_ms)
{
    const int64_t EACH_MS = 1000 / RESET_PER_S;

    if (http2->peer_reset_ms < now_ms - RESET_BURST * EACH_MS)
        http2->peer_reset_ms = now_ms - RESET_BURST * EACH_MS;
    http2->peer_reset_ms += EACH_MS;
    return http2->peer_reset_ms <= now_ms;
}

static void
calm_down(struct connection *connection)
{
    connection->server->bad_framing++;
    connection->http2->is_leaving = true;
    nghttp2_session_terminate_session(connection->http2->session,
                                      NGHTTP2_ENHANCE_YOUR_CALM);
    connection_dirty(connection);
}

static int
on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *user)
{
    struct connection *connection = user;
    int64_t now_ms = loop_now_ms(connection->server->loop);

    if (frame->hd.type == NGHTTP2_RST_STREAM && !may_reset(connection->http2, now_ms))
        calm_down(connection);
    if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA)
        return 0;

    struct http_call *call = call_of(session, frame->hd.stream_id);
    bool is_end = frame->hd.flags & NGHTTP2_FLAG_END_STREAM;
    if (call && is_end && http2_is_streaming(call))
        http2_end_body(call);
    if (!call || call->flow != CALL_READING)
        return 0;
    if (frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST)
        whole_headers(call, is_end);
    if (call->flow == CALL_READING && is_end) {
        call->request.body = buffer_slice(&call->body);
        call_dispatch(call);
    }
    return 0;
}

/* Resets of our own are counted: a peer that makes us send many is up to no good. */
static int
on_sent(nghttp2_session *session, const nghttp2_frame *frame, void *user)
{
    struct connection *connection = user;
    bool is_answer = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;

    if (frame->hd.type == NGHTTP2_RST_STREAM &&
        ++connection->http2->own_reset_count == H2_RESET_MAX_COUNT)
        calm_down(connection);
    if (!is_answer || !(frame->hd.flags & NGHTTP2_FLAG_END_STREAM))
        return 0;

    struct http_call *call = call_of(session, frame->hd.stream_id);
    if (call)
        call->is_sent = true;
    return 0;
}

static int
on_stream_close(nghttp2_session *session, int32_t stream_id, uint32_t error, void *user)
{
    struct connection *connection = user;
    struct http_call *call = call_of(session, stream_id);

    (void)error;
    if (!call)
        return 0;
    nghttp2_session_set_stream_user_data(session, stream_id, NULL);
    unlink_call(connection->http2, call);
    connection->http2->progress_ms = loop_now_ms(connection->server->loop);
    if (call->flow == CALL_OPEN || call->flow == CALL_PIECES)
        call_lose(call); /* its handler is still at work */
    else
        call_free(&call);
    return 0;
}

/* ---- the session ---- */

static void
set_callbacks(nghttp2_session_callbacks *callbacks)
{
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_invalid_header_callback(callbacks,
                                                             on_invalid_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, on_sent);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_stream_close);
}

static nghttp2_session *
session_new(struct connection *connection)
{
    nghttp2_session *session = NULL;
    nghttp2_session_callbacks *callbacks = NULL;
    nghttp2_option *option = NULL;

    if (nghttp2_session_callbacks_new(&callbacks) != 0)
        return NULL;
    if (nghttp2_option_new(&option) == 0) {
        set_callbacks(callbacks);
        nghttp2_option_set_no_closed_streams(option, 1);
        /* on_data says what it took */
        nghttp2_option_set_no_auto_window_update(option, 1);
        nghttp2_option_set_max_send_header_block_length(option, 64 * 1024);
        if (nghttp2_session_server_new2(&session, callbacks, connection, option) != 0)
            session = NULL;
        nghttp2_option_del(option);
    }
    nghttp2_session_callbacks_del(callbacks);
    return session;
}

void
http2_open(struct connection *connection)
{
    const nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, H2_STREAM_MAX_COUNT},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, HEADER_LIST_MAX_BYTES},
        {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
    };
    struct http2 *http2 = mem_new(sizeof(*http2));

    connection->http2 = http2;
    connection->phase = PHASE_HTTP2;
    http2->progress_ms = loop_now_ms(connection->server->loop);
    http2->session = session_new(connection);
    if (!http2->session ||
        nghttp2_submit_settings(http2->session, NGHTTP2_FLAG_NONE, settings,
                                COUNT_OF(settings)) != 0 ||
        nghttp2_session_set_local_window_size(http2->session, NGHTTP2_FLAG_NONE, 0,
                                              WINDOW_BYTES) != 0) {
        connection_close(connection);
        return;
    }
    if (connection->server->is_draining)
        http2_drain(connection);
    connection_dirty(connection);
}

void
http2_close(struct connection *connection)
{
    struct http2 *http2 = connection->http2;

    connection->http2 = NULL;
    while (http2->calls) {
        struct http_call *call = http2->calls;
        unlink_call(http2, call);
        if (call->flow == CALL_OPEN || call->flow == CALL_PIECES)
            call_lose(call);
        else
            call_free(&call);
    }
    nghttp2_session_del(http2->session);
    mem_free(&http2);
}

/* ---- reading and writing ---- */

/* Reads once into `room`; false when there is no more, for now or for ever. */
static bool
receive(struct connection *connection, unsigned char *room, size_t size)
{
    size_t len = 0;

    switch (stream_read(&connection->stream, room, size, &len)) {
    case STREAM_DONE:
        break;
    case STREAM_WAIT:
        return false;
    case STREAM_END:
        connection_end(connection, false);
        return false;
    case STREAM_BROKEN:
        connection_close(connection);
        return false;
    }
    if (nghttp2_session_mem_recv(connection->http2->session, room, len) < 0) {
        connection->server->bad_framing++;
        connection_end(connection, true);
        return false;
    }
    return true;
}

/* While streams run they are looked at from time to time; an idle connection has one
 * deadline, counted from its last answer. */
static void
set_deadline(struct connection *connection)
{
    int64_t now_ms = loop_now_ms(connection->server->loop);

    if (connection->phase != PHASE_HTTP2 || connection->is_timing_request ||
        connection->is_blocked || connection->http2->call_count == 0)
        return;
    connection->is_timing_request = true;
    connection_deadline(connection, now_ms + CHECK_MS);
}

void
http2_serve(struct connection *connection)
{
    struct http_server *server = connection->server;
    unsigned char *room = pool_take(&server->inputs);
    int reads = 0;

    if (!room)
        room = mem_resize(NULL, server->input_bytes);
    if (connection->http2->has_begun_body)
        http2_stream_on(connection);
    while (connection->phase == PHASE_HTTP2 && stream_may_read(&connection->stream)) {
        connection->is_stalled = connection->is_blocked;
        if (connection->is_stalled)
            break;
        if (++reads > SERVE_MAX_READS) {
            connection_again(connection);
            break;
        }
        if (!receive(connection, room, READ_BYTES))
            break;
    }
    if (!pool_give(&server->inputs, room))
        mem_free(&room);
    if (connection->phase == PHASE_CLOSED)
        return;
    set_deadline(connection);
    connection_dirty(connection);
}

size_t
http2_collect(struct connection *connection)
{
    nghttp2_session *session = connection->http2->session;
    size_t collected = 0;

    while (connection->round_len < ROUND_MAX_BYTES) {
        const uint8_t *at = NULL;
        ssize_t len = nghttp2_session_mem_send(session, &at);
        if (len <= 0)
            break;
        memcpy(server_reserve(connection, (size_t)len), at, (size_t)len);
        server_reserved(connection, (size_t)len);
        collected += (size_t)len;
    }
    http2_tell_room(connection);
    if (connection->phase == PHASE_HTTP2 && !nghttp2_session_want_read(session) &&
        !nghttp2_session_want_write(session))
        connection_end(connection, true);
    return collected;
}

/* ---- time and the end ---- */

static bool
is_sending_call(const struct http_call *call)
{
    return (call->flow == CALL_ANSWERED && !call->is_sent) ||
           (call->flow == CALL_PIECES && call->reply_sent < call->reply_body.len);
}

static bool
is_sending(const struct http2 *http2)
{
    for (const struct http_call *call = http2->calls; call; call = call->next) {
        if (is_sending_call(call))
            return true;
    }
    return false;
}

/* Has the peer kept the window for all answers shut for `idle_ms`? */
static bool
is_shut(struct http2 *http2, int64_t now_ms, int64_t idle_ms)
{
    if (nghttp2_session_get_remote_window_size(http2->session) > 0)
        http2->shut_since_ms = 0;
    else if (http2->shut_since_ms == 0)
        http2->shut_since_ms = now_ms;
    return http2->shut_since_ms != 0 && now_ms >= http2->shut_since_ms + idle_ms;
}

/* Has the peer kept the window for this answer shut for `idle_ms`? One that waits for
 * its turn behind others is not to blame. */
static bool
is_stuck(nghttp2_session *session, struct http_call *call, int64_t now_ms,
         int64_t idle_ms)
{
    int32_t window =
        nghttp2_session_get_stream_remote_window_size(session, call->stream_id);
    bool waits = is_sending_call(call) && window <= 0;

    if (!waits || call->stuck_since_ms == 0 ||
        call->sent_bytes - call->stuck_bytes >= PROGRESS_BYTES) {
        call->stuck_since_ms = waits ? now_ms : 0;
        call->stuck_bytes = call->sent_bytes;
        return false;
    }
    return now_ms >= call->stuck_since_ms + idle_ms;
}

/* So many requests at once that those of hostile peers must be among them? Each of 100
 * streams of a connection costs its peer some twenty bytes, and us a thousand times that.
 */
static bool
is_crowded(const struct http_server *server)
{
    int64_t most =
        server->shared->crowd_count ? server->shared->crowd_count : CROWD_COUNT;

    return server->call_count > (size_t)most;
}

/* A peer that keeps others of its streams busy does not hold these for ever. */
static void
end_stuck_answers(struct connection *connection, int64_t now_ms)
{
    nghttp2_session *session = connection->http2->session;
    int64_t idle_ms = connection->server->shared->idle_timeout_ms;

    if (is_crowded(connection->server) && idle_ms > CROWD_PATIENCE_MS)
        idle_ms = CROWD_PATIENCE_MS;
    for (struct http_call *call = connection->http2->calls; call; call = call->next) {
        if (!is_stuck(session, call, now_ms, idle_ms))
            continue;
        connection->server->timeouts++;
        call->stuck_since_ms = now_ms; /* not twice */
        nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, call->stream_id,
                                  NGHTTP2_CANCEL);
    }
}

/* A request that was answered before it was whole is read past until its time is over:
 * curl throws an answer away when a reset follows on its heels. */
static void
end_slow_requests(struct connection *connection, int64_t now_ms)
{
    struct http2 *http2 = connection->http2;
    int64_t patience_ms = connection->server->shared->body_timeout_ms;
    bool is_hurried = is_crowded(connection->server) && patience_ms > CROWD_PATIENCE_MS;
    int64_t sooner_ms = is_hurried ? patience_ms - CROWD_PATIENCE_MS : 0;

    for (struct http_call *call = http2->calls; call; call = call->next) {
        if (now_ms < call->deadline_ms - sooner_ms)
            continue;
        if (call->flow == CALL_READING && is_hurried)
            nghttp2_submit_rst_stream(http2->session, NGHTTP2_FLAG_NONE, call->stream_id,
                                      NGHTTP2_ENHANCE_YOUR_CALM);
        else if (call->flow == CALL_READING)
            http2_refuse(call, 408, "The request did not come in time.");
        else if (http2_is_streaming(call))
            http2_time_out_body(call);
        else if (call->is_sent)
            nghttp2_submit_rst_stream(http2->session, NGHTTP2_FLAG_NONE, call->stream_id,
                                      NGHTTP2_NO_ERROR);
    }
}

void
http2_time_out(struct connection *connection)
{
    struct http2 *http2 = connection->http2;
    int64_t now_ms = loop_now_ms(connection->server->loop);
    int64_t idle_ms = connection->server->shared->idle_timeout_ms;

    connection->is_timing_request = false;
    if (http2->sent_bytes >= PROGRESS_BYTES) {
        http2->sent_bytes = 0;
        http2->progress_ms = now_ms;
        http2->shut_since_ms = 0;
    }
    bool is_late = now_ms >= http2->progress_ms + idle_ms;
    if ((is_shut(http2, now_ms, idle_ms) || is_late) && is_sending(http2)) {
        connection->server->timeouts++;
        connection_close(connection); /* who does not read what we send */
        return;
    }
    if (is_late && http2->call_count == 0) {
        http2_drain(connection); /* says GOAWAY */
        connection_end(connection, false);
        return;
    }
    end_slow_requests(connection, now_ms);
    end_stuck_answers(connection, now_ms);
    connection_dirty(connection);
    set_deadline(connection);
    if (http2->call_count == 0)
        connection_deadline(connection, http2->progress_ms + idle_ms);
}

void
http2_drain(struct connection *connection)
{
    struct http2 *http2 = connection->http2;

    if (http2->is_leaving)
        return;
    http2->is_leaving = true;
    nghttp2_submit_goaway(http2->session, NGHTTP2_FLAG_NONE,
                          nghttp2_session_get_last_proc_stream_id(http2->session),
                          NGHTTP2_NO_ERROR, NULL, 0);
    connection_dirty(connection);
}
