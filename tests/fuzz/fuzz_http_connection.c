/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes to a connection of a real server, in pieces, as HTTP/1.1 or HTTP/2, before
 * handlers that answer at once, late, in pieces, or not to the end. Whatever comes, what
 * goes out by HTTP/1.1 is one whole answer after the other, in the order of the requests,
 * and at the end nothing is held. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/auto.h"
#include "http/connection.h"
#include "http/head.h"
#include "http/http2.h"

enum { CALL_MAX_COUNT = 256, OUT_MAX_BYTES = 4 * 1024 * 1024, PIECE_BYTES = 700 };

static struct http_shared shared = {
    .head_max_bytes = 2000,
    .header_max_count = 20,
    .body_max_bytes = 30000,
    .head_timeout_ms = 60000,
    .body_timeout_ms = 60000,
    .idle_timeout_ms = 60000,
    .connection_max_count = 100,
    .connection_per_ip_max_count = 100,
};
static struct loop *loop;
static struct http_server *server;
static struct loop_message stop;

/* ---- the handler ---- */

/* A call that is answered later, and how much of that was done. */
static struct late {
    struct http_call *call;
    bool has_begun, is_gone;
} lates[CALL_MAX_COUNT];
static size_t late_count;
static bool is_head[CALL_MAX_COUNT]; /* of the calls, in their order */
static size_t call_count;
static unsigned char bytes[20000];

static void
note_gone(void *ctx)
{
    ((struct late *)ctx)->is_gone = true;
}

static void
note_room(void *ctx)
{
    (void)ctx;
}

static const struct http_call_events EVENTS = {note_room, note_gone};

static void
answer(struct http_call *call, const struct http_request *request)
{
    struct buffer body = buffer_make(sizeof(bytes));
    struct http_reply reply = {.status = 200, .body = request->body};

    if (slice_equal(request->path, SLICE("/lasting"))) {
        reply.body = (struct slice){bytes, sizeof(bytes)};
        reply.is_lasting = true;
    } else if (slice_equal(request->path, SLICE("/long"))) {
        reply.body = (struct slice){bytes, sizeof(bytes)};
    } else if (slice_equal(request->path, SLICE("/none"))) {
        reply.status = 204;
    } else if (slice_equal(request->path, SLICE("/last"))) {
        reply.is_last = true;
    } else if (slice_equal(request->path, SLICE("/take"))) {
        buffer_add(&body, (struct slice){bytes, sizeof(bytes)});
        http_call_answer_take(call, &reply, &body);
        return;
    }
    http_call_answer(call, &reply);
}

/* Every byte that a handler may look at is there. */
static size_t
sum_of(struct slice text)
{
    size_t sum = 0;

    for (size_t i = 0; i < text.len; i++)
        sum += text.at[i];
    return sum;
}

static void
handle(void *ctx, struct http_call *call)
{
    const struct http_request *request = http_call_request(call);
    size_t sum = sum_of(request->target) + sum_of(request->authority) +
                 sum_of(request->body) + sum_of(request->query);

    (void)ctx;
    for (size_t i = 0; i < request->header_count; i++)
        sum += sum_of(request->headers[i].name) + sum_of(request->headers[i].value);
    bytes[0] = (unsigned char)sum;
    NEED(request->path.len > 0 && token_is_valid(request->method));
    NEED(request->body.len <= (size_t)shared.body_max_bytes);
    if (call_count < CALL_MAX_COUNT)
        is_head[call_count] = slice_equal(request->method, SLICE("HEAD"));
    call_count++;
    if (!slice_starts(request->path, SLICE("/late")) || late_count == CALL_MAX_COUNT) {
        answer(call, request);
        return;
    }
    lates[late_count] = (struct late){.call = call};
    http_call_watch(call, &EVENTS, &lates[late_count++]);
}

static void
begin_late(struct late *late, struct slice path)
{
    struct http_reply reply = {.status = 200};
    bool is_known = slice_equal(path, SLICE("/late/length"));

    http_call_answer_begin(late->call, &reply,
                           is_known ? 2 * PIECE_BYTES : HTTP_LENGTH_UNKNOWN);
    http_call_answer_write(late->call, (struct slice){bytes, PIECE_BYTES});
    late->has_begun = true;
}

static void
end_late(struct late *late, struct slice path)
{
    bool is_cut = slice_equal(path, SLICE("/late/cut"));

    if (slice_equal(path, SLICE("/late/length")))
        http_call_answer_write(late->call, (struct slice){bytes, PIECE_BYTES});
    if (is_cut)
        http_call_answer_cut(late->call);
    else
        http_call_answer_end(late->call);
    late->call = NULL;
}

/* Goes on with one; with `is_end` to its end. */
static void
go_on(struct late *late, bool is_end)
{
    struct slice path = http_call_request(late->call)->path;
    struct http_reply reply = {.status = 200, .body = SLICE("late")};
    bool is_whole = slice_equal(path, SLICE("/late"));

    if (is_whole && (is_end || late->is_gone)) {
        http_call_answer(late->call, &reply);
        late->call = NULL;
    } else if (late->is_gone) {
        http_call_answer_cut(late->call);
        late->call = NULL;
    } else if (!is_whole && !late->has_begun) {
        begin_late(late, path);
    } else if (is_end) {
        end_late(late, path);
    }
}

static void
answer_late(bool is_end)
{
    size_t kept = 0;

    for (size_t i = 0; i < late_count; i++) {
        if (lates[i].call)
            go_on(&lates[i], is_end);
        kept += lates[i].call != NULL; /* stays where it is: its events point there */
    }
    if (kept == 0)
        late_count = 0;
}

/* ---- what comes out ---- */

static unsigned char out[OUT_MAX_BYTES];
static size_t out_len;

static void
drain(int fd)
{
    ssize_t got;

    while (out_len < sizeof(out) &&
           (got = recv(fd, out + out_len, sizeof(out) - out_len, MSG_DONTWAIT)) > 0)
        out_len += (size_t)got;
}

/* The length of a body at the beginning of `rest`; SIZE_MAX: not whole. */
static size_t
body_len(const struct head *head, bool has_none, struct slice rest)
{
    struct chunked chunked = {.max_bytes = UINT64_MAX};
    size_t data = 0;
    size_t used = 0;

    if (has_none)
        return 0;
    if (head->has_length)
        return head->content_length <= rest.len ? (size_t)head->content_length : SIZE_MAX;
    if (!head->is_chunked)
        return rest.len; /* to the end */
    int outcome = chunked_read(&chunked, (unsigned char *)(uintptr_t)rest.at, rest.len,
                               &data, &used);
    NEED(outcome == CHUNKED_WHOLE || outcome == CHUNKED_MORE);
    return outcome == CHUNKED_WHOLE ? used : SIZE_MAX;
}

static void
check_out(void)
{
    struct http_header headers[32];
    struct slice rest = {out, out_len};
    size_t answer_count = 0;

    while (rest.len > 0) {
        struct head head = {.headers = headers, .header_max_count = COUNT_OF(headers)};
        int outcome = head_read_answer(&head, rest);
        NEED(outcome == HEAD_WHOLE || outcome == HEAD_MORE);
        if (outcome == HEAD_MORE)
            return;
        rest = slice_from(rest, head.len);
        if (head.status < 200)
            continue;
        bool has_none = head.status == 204 || head.status == 304 ||
                        (answer_count < call_count && is_head[answer_count]);
        size_t len = body_len(&head, has_none, rest);
        if (len == SIZE_MAX)
            return; /* the connection ended before */
        rest = slice_from(rest, len);
        answer_count++;
    }
    NEED(answer_count <= call_count + 1); /* one refusal at most, the last */
}

/* ---- one connection ---- */

static void
run_stop(struct loop_message *message)
{
    (void)message;
    loop_stop(loop);
}

static void
turn(void)
{
    stop.run = run_stop;
    loop_post(loop, &stop);
    loop_run(loop);
}

static void
open_server(void)
{
    struct ip address = {0};
    struct failure failure;

    if (server)
        return;
    memset(bytes, 'b', sizeof(bytes));
    NEED(ip_read(SLICE("127.0.0.1"), &address) == STATUS_OK);
    NEED(loop_open(&loop) == STATUS_OK);
    NEED(http_server_open(loop, &shared, &address, 0, handle, NULL, &server, &failure) ==
         STATUS_OK);
}

/* The first byte says how: bit 0: HTTP/2; bit 1: from a trusted proxy; bits 2 to 7: bytes
 * of a piece. */
int
LLVMFuzzerTestOneInput(const unsigned char *at, size_t len)
{
    struct ip peer = {{[10] = 0xff, [11] = 0xff, [12] = 127, [15] = 1}};
    int pair[2];

    if (len < 2)
        return 0;
    open_server();
    call_count = late_count = out_len = 0;
    bool is_h2 = at[0] & 1;
    bool is_trusted = (at[0] & 2) && !is_h2;
    size_t step = at[0] >> 2 ? (size_t)(at[0] >> 2) * 16 : 1;
    NEED(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) == 0);
    atomic_fetch_add(&shared.connections_open, 1);
    connection_open(server, pair[0], &peer, is_trusted, false);
    if (is_h2)
        http2_open(server->connections);
    for (size_t from = 1; from < len && server->connections; from += step) {
        size_t part = len - from < step ? len - from : step;
        if (send(pair[1], at + from, part, MSG_NOSIGNAL) != (ssize_t)part)
            break;
        turn();
        answer_late(false);
        drain(pair[1]);
    }
    answer_late(true);
    for (int i = 0; i < 3; i++) {
        turn();
        drain(pair[1]);
    }
    shutdown(pair[1], SHUT_WR);
    turn();
    answer_late(true);
    drain(pair[1]);
    close(pair[1]);
    for (int i = 0; i < 20 && (server->connections || late_count > 0); i++) {
        turn();
        answer_late(true);
    }
    while (server->connections)
        connection_close(server->connections);
    answer_late(true);
    turn();
    turn();
    if (!is_h2 && call_count <= CALL_MAX_COUNT)
        check_out();
    NEED(server->call_count == 0 && atomic_load(&shared.body_bytes) == 0);
    NEED(atomic_load(&shared.connections_open) == 0);
    return 0;
}
