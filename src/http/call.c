/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls from their making to their end, whichever protocol they came by. */
#include "http/call.h"

#include <assert.h>

#include "base/limits.h"
#include "base/mem.h"
#include "http/forwarded.h"
#include "http/http1.h"
#include "http/http2.h"
#include "http/inside.h"
#include "http/reply.h"

enum { BODY_BUDGET_BYTES = 256 * 1024 * 1024 }; /* when nothing else is set */

/* ---- making and ending ---- */

struct http_call *
call_new(struct http_server *server, struct connection *connection)
{
    struct http_call *call = pool_take(&server->calls);

    if (!call) {
        call = mem_new(sizeof(*call));
        call->headers = mem_new_array((size_t)server->shared->header_max_count,
                                      sizeof(*call->headers));
    }
    *call = (struct http_call){
        .server = server,
        .connection = connection,
        .flow = CALL_READING,
        .is_tls = connection->stream.tls != NULL,
        .headers = call->headers,
        .arena = call->arena,
        .address = connection->peer,
        .body = buffer_make((size_t)server->shared->body_max_bytes),
    };
    request_id_make(&server->ids, loop_wall_ms(server->loop), call->id);
    server->call_count++;
    return call;
}

static void
uncharge(struct http_call *call)
{
    if (call->charged_bytes && !call->server->is_closed)
        atomic_fetch_sub(&call->server->shared->body_bytes, call->charged_bytes);
    call->charged_bytes = 0;
}

bool
call_charge(struct http_call *call, size_t bytes)
{
    struct http_shared *shared = call->server->shared;
    int64_t budget =
        shared->body_budget_bytes ? shared->body_budget_bytes : BODY_BUDGET_BYTES;

    /* those that may be longer have half of it: eight of them must not shut out all
     * others for as long as they may take */
    if ((int64_t)call->body.max_bytes > shared->body_max_bytes)
        budget /= 2;
    call->charged_bytes += (int64_t)bytes;
    return atomic_fetch_add(&shared->body_bytes, (int64_t)bytes) + (int64_t)bytes <=
           budget;
}

uint64_t
call_body_max(struct http_call *call, int64_t length)
{
    const struct http_shared *shared = call->server->shared;
    int64_t max = shared->body_max_bytes;

    /* asked only where it matters: most bodies are short and say so */
    if (shared->body_max && (length == HTTP_LENGTH_UNKNOWN || length > max)) {
        int64_t wider = shared->body_max(shared->body_max_ctx, &call->request);
        max = wider > max ? wider : max;
    }
    call->body.max_bytes = (size_t)max;
    return (uint64_t)max;
}

int64_t
call_body_timeout_ms(const struct http_call *call)
{
    const struct http_shared *shared = call->server->shared;
    int64_t max = (int64_t)call->body.max_bytes;
    int64_t times = max > shared->body_max_bytes ? max / HTTP_BODY_MAX_BYTES : 1;

    return shared->body_timeout_ms * (times > 1 ? times : 1);
}

void
call_drop_body(struct http_call *call)
{
    uncharge(call);
    buffer_done(&call->body);
}

void
call_free(struct http_call **call)
{
    struct http_call *gone = *call;
    struct http_server *server = gone->server;

    *call = NULL;
    call_drop_body(gone);
    buffer_done(&gone->reply_body);
    if (gone->input && !pool_give(&server->inputs, gone->input))
        mem_free(&gone->input);
    server->call_count--;
    if (server->is_closed || !pool_give(&server->calls, gone)) {
        arena_done(&gone->arena);
        mem_free(&gone->headers);
        mem_free(&gone);
    } else if (gone->arena.blocks) {
        arena_reset(&gone->arena);
    }
    if (server->is_closed && server->call_count == 0)
        server_free(&server);
}

void
call_lose(struct http_call *call)
{
    call->connection = NULL;
    if (call->events)
        call->events->gone(call->events_ctx);
}

void
call_tell_room(struct http_call *call)
{
    call->wants_room = false;
    if (call->events)
        call->events->room(call->events_ctx);
}

void
call_dispatch(struct http_call *call)
{
    struct http_server *server = call->server;
    const struct http_shared *shared = server->shared;

    if (call->connection->is_trusted) {
        struct slice scheme = {0};
        call->address =
            forwarded_for(&call->request, &call->connection->peer,
                          shared->trusted_proxies, shared->trusted_proxy_count);
        call->is_proxy_tls =
            http_call_header(call, SLICE("X-Forwarded-Proto"), &scheme) &&
            slice_equal_nocase(scheme, SLICE("https"));
    }
    server->requests++;
    call->flow = CALL_OPEN;
    server->handler(server->ctx, call);
}

bool
call_wants_stream(const struct http_call *call)
{
    const struct http_server *server = call->server;

    return server->shared->streams && server->shared->streams(server->ctx, call);
}

void
call_fail_body(struct http_call *call)
{
    const struct http_call_events *events = call->events;

    call->events = NULL;
    call->body_flow = BODY_WAITS;
    if (events)
        events->body_failed(call->events_ctx);
}

/* ---- what a handler sees ---- */

const struct http_request *
http_call_request(const struct http_call *call)
{
    return &call->request;
}

bool
http_request_header(const struct http_request *request, struct slice name,
                    struct slice *out)
{
    const struct http_header *found = NULL;

    for (size_t i = 0; i < request->header_count; i++) {
        const struct http_header *header = &request->headers[i];
        if (header->name.len != name.len || !slice_equal_nocase(header->name, name))
            continue;
        if (found)
            return false;
        found = header;
    }
    if (!found)
        return false;
    *out = found->value;
    return true;
}

bool
http_call_header(const struct http_call *call, struct slice name, struct slice *out)
{
    return http_request_header(&call->request, name, out);
}

const struct ip *
http_call_address(const struct http_call *call)
{
    return &call->address;
}

bool
http_call_is_tls(const struct http_call *call)
{
    return call->is_tls;
}

bool
http_call_is_https(const struct http_call *call)
{
    return call->is_tls || call->is_proxy_tls;
}

const char *
http_call_id(const struct http_call *call)
{
    return call->id;
}

struct arena *
http_call_arena(struct http_call *call)
{
    return &call->arena;
}

struct loop *
http_call_loop(struct http_call *call)
{
    return call->server->loop;
}

static void
answer(struct http_call *call, const struct http_reply *reply, struct buffer *body)
{
    assert(call->flow == CALL_OPEN); /* each call is answered once */
    call->flow = CALL_ANSWERED;
    if (!call->connection)
        call_free(&call); /* the caller has gone */
    else if (call->stream_id)
        http2_answer(call, reply, body);
    else
        http1_answer(call, reply, body);
    if (body)
        buffer_done(body);
}

void
http_call_answer(struct http_call *call, const struct http_reply *reply)
{
    answer(call, reply, NULL);
}

void
http_call_answer_take(struct http_call *call, const struct http_reply *reply,
                      struct buffer *body)
{
    answer(call, reply, body);
}

/* ---- a body in pieces ---- */

bool
http_call_is_streamed(const struct http_call *call)
{
    return call->is_streamed;
}

int64_t
http_call_body_length(const struct http_call *call)
{
    return call->body_length;
}

void
http_call_body_begin(struct http_call *call)
{
    assert(call->is_streamed && call->body_flow == BODY_WAITS && call->events);
    if (!call->connection)
        return;
    call->body_flow = BODY_FLOWS;
    if (call->stream_id)
        http2_body_begin(call);
    else
        http1_body_begin(call);
}

void
http_call_body_resume(struct http_call *call)
{
    if (!call->connection || call->body_flow != BODY_PAUSED)
        return;
    call->body_flow = BODY_FLOWS;
    if (call->stream_id)
        http2_body_resume(call);
    else
        http1_body_resume(call);
}

/* ---- an answer in pieces ---- */

void
http_call_watch(struct http_call *call, const struct http_call_events *events, void *ctx)
{
    call->events = events;
    call->events_ctx = ctx;
}

void
http_call_answer_begin(struct http_call *call, const struct http_reply *reply,
                       int64_t length)
{
    assert(call->flow == CALL_OPEN);
    call->flow = CALL_PIECES;
    call->is_bare = call->is_head || !reply_may_have_body(reply->status);
    call->answer_left = length;
    if (!call->connection)
        return;
    if (call->stream_id)
        http2_answer_begin(call, reply, length);
    else
        http1_answer_begin(call, reply, length);
}

bool
http_call_answer_write(struct http_call *call, struct slice bytes)
{
    assert(call->flow == CALL_PIECES);
    if (!call->connection || call->is_bare || bytes.len == 0)
        return true;
    if (call->answer_left >= 0) {
        assert((int64_t)bytes.len <= call->answer_left);
        call->answer_left -= (int64_t)bytes.len;
    }
    call->wants_room = !(call->stream_id ? http2_answer_write(call, bytes)
                                         : http1_answer_write(call, bytes));
    return !call->wants_room;
}

void
http_call_answer_end(struct http_call *call)
{
    assert(call->flow == CALL_PIECES);
    if (call->answer_left > 0 && !call->is_bare) {
        http_call_answer_cut(call); /* less than was promised is no end */
        return;
    }
    call->flow = CALL_ANSWERED;
    call->events = NULL;
    if (!call->connection)
        call_free(&call);
    else if (call->stream_id)
        http2_answer_end(call);
    else
        http1_answer_end(call);
}

void
http_call_answer_cut(struct http_call *call)
{
    assert(call->flow == CALL_PIECES || !call->connection);
    call->flow = CALL_ANSWERED;
    call->events = NULL;
    if (!call->connection)
        call_free(&call);
    else if (call->stream_id)
        http2_answer_cut(call);
    else
        http1_answer_cut(call);
}
