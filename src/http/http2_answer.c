/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers by HTTP/2, whole or in pieces: nghttp2 asks for the bytes of a body when the
 * peer's windows let them go. */
#include "http/http2.h"

#include <string.h>

#include "base/auto.h"
#include "http/connection.h"
#include "http/http2_inside.h"
#include "http/reply.h"

enum { FIXED_COUNT = 5 }; /* headers that we add */

/* ---- whole answers ---- */

static ssize_t
read_reply(nghttp2_session *session, int32_t stream_id, uint8_t *out, size_t room,
           uint32_t *flags, nghttp2_data_source *source, void *user)
{
    struct connection *connection = user;
    struct http_call *call = source->ptr;
    struct slice body = call->lent.len > 0 ? call->lent : buffer_slice(&call->reply_body);
    size_t left = body.len - call->reply_sent;
    size_t len = left < room ? left : room;

    (void)session;
    (void)stream_id;
    if (len == 0 && call->flow == CALL_PIECES)
        return NGHTTP2_ERR_DEFERRED;
    if (len > 0)
        memcpy(out, body.at + call->reply_sent, len);
    call->reply_sent += len;
    call->sent_bytes += len;
    if (len == left && call->flow != CALL_PIECES)
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    connection->http2->sent_bytes += len;
    connection->http2->has_room |= call->wants_room;
    return (ssize_t)len;
}

static void
add_header(nghttp2_nv *headers, size_t *count, struct slice name, struct slice value)
{
    headers[(*count)++] = (nghttp2_nv){.name = (uint8_t *)(uintptr_t)name.at,
                                       .namelen = name.len,
                                       .value = (uint8_t *)(uintptr_t)value.at,
                                       .valuelen = value.len};
}

/* RFC 9113 §8.2.1: names in lower case. */
static struct slice
lower(struct arena *arena, struct slice name)
{
    unsigned char *copy = arena_new(arena, name.len);

    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = name.at[i];
        copy[i] = c >= 'A' && c <= 'Z' ? (unsigned char)(c | 0x20) : c;
    }
    return (struct slice){copy, name.len};
}

static struct slice
number_text(struct arena *arena, size_t number)
{
    unsigned char *digits = arena_new(arena, 20);
    size_t from = 20;

    do {
        digits[--from] = (unsigned char)('0' + number % 10);
        number /= 10;
    } while (number);
    return (struct slice){digits + from, 20 - from};
}

static void
add_headers(struct http_call *call, const struct http_header *from, size_t from_count,
            nghttp2_nv *headers, size_t *count)
{
    for (size_t i = 0; i < from_count; i++) {
        if (reply_header_is_valid(&from[i]))
            add_header(headers, count, lower(&call->arena, from[i].name), from[i].value);
    }
}

/* `length`: of the body, or HTTP_LENGTH_UNKNOWN. The headers live in the call's arena. */
static nghttp2_nv *
write_headers(struct http_call *call, const struct http_reply *reply, int64_t length,
              size_t *out_count)
{
    const char *date = server_date(call->server);
    nghttp2_nv *headers =
        arena_new(&call->arena, (reply->header_count + reply->more_count + FIXED_COUNT) *
                                    sizeof(headers[0]));
    size_t count = 0;

    add_header(headers, &count, SLICE(":status"),
               number_text(&call->arena, (size_t)reply->status));
    add_header(headers, &count, SLICE("date"),
               (struct slice){(const unsigned char *)date + 6, REPLY_DATE_CHARS - 8});
    if (reply->content_type.len)
        add_header(headers, &count, SLICE("content-type"), reply->content_type);
    if (length >= 0 && reply_may_have_body(reply->status))
        add_header(headers, &count, SLICE("content-length"),
                   number_text(&call->arena, (size_t)length));
    add_header(headers, &count, SLICE("x-request-id"), slice_of(call->id));
    /* Never the same twice: in HPACK's table it would only be in the way (20 % of a
     * request). */
    headers[count - 1].flags = NGHTTP2_NV_FLAG_NO_INDEX;
    add_headers(call, reply->headers, reply->header_count, headers, &count);
    add_headers(call, reply->more, reply->more_count, headers, &count);
    *out_count = count;
    return headers;
}

static void
submit(struct http_call *call, const struct http_reply *reply, int64_t length,
       bool has_body)
{
    struct connection *connection = call->connection;
    nghttp2_session *session = connection->http2->session;
    nghttp2_data_provider provider = {.source.ptr = call, .read_callback = read_reply};
    size_t count = 0;
    const nghttp2_nv *headers = write_headers(call, reply, length, &count);
    int result = nghttp2_submit_response(session, call->stream_id, headers, count,
                                         has_body ? &provider : NULL);

    if (result != 0)
        nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, call->stream_id,
                                  NGHTTP2_INTERNAL_ERROR);
    if (reply->is_last)
        http2_drain(connection);
    if (connection->http2->call_count == 1)
        connection->http2->progress_ms = loop_now_ms(connection->server->loop);
    connection_dirty(connection);
}

void
http2_answer(struct http_call *call, const struct http_reply *reply, struct buffer *body)
{
    struct slice bytes = body ? buffer_slice(body) : reply->body;
    bool has_body = bytes.len > 0 && !call->is_head && reply_may_have_body(reply->status);

    call->flow = CALL_ANSWERED;
    if (has_body && body) {
        call->reply_body = *body;
        *body = buffer_make(body->max_bytes);
    } else if (has_body && reply->is_lasting) {
        call->lent = bytes;
    } else if (has_body) {
        call->reply_body = buffer_make(bytes.len);
        buffer_add(&call->reply_body, bytes);
    }
    submit(call, reply, (int64_t)bytes.len, has_body);
    call_drop_body(call);
}

/* ---- answers in pieces ---- */

void
http2_answer_begin(struct http_call *call, const struct http_reply *reply, int64_t length)
{
    call->reply_body = buffer_make(SIZE_MAX / 2); /* held by PIECES_MAX_BYTES */
    submit(call, reply, length, !call->is_bare && length != 0);
    if (!call->is_streamed) /* its body may still be on its way */
        call_drop_body(call);
}

static size_t
waiting_bytes(const struct http_call *call)
{
    return call->reply_body.len - call->reply_sent;
}

static void
go_on(struct http_call *call)
{
    /* fails when the stream is not deferred, or gone: then there is nothing to do */
    nghttp2_session_resume_data(call->connection->http2->session, call->stream_id);
    connection_dirty(call->connection);
}

bool
http2_answer_write(struct http_call *call, struct slice bytes)
{
    struct connection *connection = call->connection;

    if (waiting_bytes(call) == 0) { /* the caller is not behind: his time begins */
        buffer_clear(&call->reply_body);
        call->reply_sent = 0;
        connection->http2->progress_ms = loop_now_ms(connection->server->loop);
    }
    buffer_add(&call->reply_body, bytes);
    go_on(call);
    return waiting_bytes(call) < PIECES_MAX_BYTES;
}

void
http2_answer_end(struct http_call *call)
{
    go_on(call); /* by its flow it is whole */
}

void
http2_answer_cut(struct http_call *call)
{
    nghttp2_submit_rst_stream(call->connection->http2->session, NGHTTP2_FLAG_NONE,
                              call->stream_id, NGHTTP2_INTERNAL_ERROR);
    connection_dirty(call->connection);
}

void
http2_tell_room(struct connection *connection)
{
    struct http_call *next;

    if (!connection->http2->has_room)
        return;
    connection->http2->has_room = false;
    for (struct http_call *call = connection->http2->calls; call; call = next) {
        next = call->next;
        if (call->flow == CALL_PIECES && call->wants_room &&
            waiting_bytes(call) < PIECES_MAX_BYTES / 2)
            call_tell_room(call);
    }
}
