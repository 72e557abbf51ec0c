/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as what a server answers, read by the client's own connection over a socket,
 * once in one piece and once in many: both must come to the same end, and whatever was
 * not exactly one answer must end the connection. The first byte says how the rest is
 * cut, and whether the request was HEAD. */
#include "fuzz.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "http/client_inside.h"

enum { INPUT_MAX_BYTES = 32 * 1024 };

/* What was told of a fetch. */
struct told {
    struct http_fetch fetch; /* first */
    int heads, ends, failures;
    int status;
    struct buffer body;
    bool has_length;
    uint64_t length;
};

static struct loop *loop;
static struct http_client *client;
static struct http_origin *origin;
static struct client_pool pool;

static void
note_head(struct http_fetch *fetch, const struct http_answer *answer)
{
    struct told *told = (struct told *)fetch;

    NEED(told->ends + told->failures == 0);
    NEED(answer->status >= 200 && answer->status <= 599);
    told->heads++;
    told->status = answer->status;
    told->has_length = answer->has_length;
    told->length = answer->length;
    buffer_add(&told->body, answer->body);
    told->ends += answer->is_whole;
}

static bool
note_body(struct http_fetch *fetch, struct slice bytes)
{
    struct told *told = (struct told *)fetch;

    NEED(told->heads == 1 && told->ends + told->failures == 0);
    buffer_add(&told->body, bytes);
    return true;
}

static void
note_end(struct http_fetch *fetch)
{
    struct told *told = (struct told *)fetch;

    NEED(told->heads == 1 && told->ends + told->failures == 0);
    told->ends++;
}

static void
note_failure(struct http_fetch *fetch, enum http_fetch_failure failure, const char *why)
{
    struct told *told = (struct told *)fetch;

    NEED(told->ends + told->failures == 0 && why && why[0]);
    NEED(failure == HTTP_FETCH_CUT || failure == HTTP_FETCH_BAD_ANSWER);
    told->failures++;
}

static void
note_room(struct http_fetch *fetch)
{
    (void)fetch;
    abort(); /* nothing was written */
}

static const struct http_fetch_events EVENTS = {note_head, note_body, note_end,
                                                note_failure, note_room};

static void
set_up(void)
{
    struct http_origin_settings settings = {.name = "fuzz", .host_header = "fuzz"};

    NEED(loop_open(&loop) == STATUS_OK);
    client = http_client_new(loop, 0);
    origin = http_origin_new(&settings);
    pool = (struct client_pool){.client = client, .origin = origin};
}

/* Frees what is closed, as the end of a round does. */
static void
bury(void)
{
    while (client->dead) {
        struct client_connection *dead = client->dead;
        client->dead = dead->next_dead;
        mem_free(&dead);
    }
    client->again = NULL;
}

/* Sends `bytes` in pieces of `piece`, and then ends. */
static void
answer_with(struct told *told, bool is_head, struct slice bytes, size_t piece)
{
    int ends[2];

    NEED(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
    struct client_connection *connection = client_connection_adopt(&pool, 0, ends[0]);
    NEED(connection);
    *told = (struct told){.fetch = {.events = &EVENTS,
                                    .pool = &pool,
                                    .is_head = is_head,
                                    .is_request_whole = true,
                                    .whole_until_ms = CLIENT_NO_DEADLINE},
                          .body = buffer_make(INPUT_MAX_BYTES)};
    connection->phase = CLIENT_HEAD;
    client_attach(connection, &told->fetch);
    while (bytes.len > 0 && connection->phase != CLIENT_CLOSED) {
        struct slice now = slice_head(bytes, piece);
        NEED(send(ends[1], now.at, now.len, MSG_NOSIGNAL) == (ssize_t)now.len);
        bytes = slice_from(bytes, now.len);
        connection->stream.is_readable = true;
        client_connection_read(connection);
    }
    close(ends[1]);
    connection->stream.is_readable = true;
    connection->stream.is_hung_up = true;
    client_connection_read(connection);
    NEED(connection->phase == CLIENT_CLOSED);
    NEED(told->ends + told->failures == 1);
    NEED(!told->fetch.connection);
    bury();
}

int
LLVMFuzzerTestOneInput(const unsigned char *at, size_t len)
{
    struct told whole;
    struct told cut;

    if (len < 1 || len > INPUT_MAX_BYTES)
        return 0;
    if (!loop)
        set_up();
    bool is_head = at[0] & 0x80;
    struct slice bytes = {at + 1, len - 1};
    answer_with(&whole, is_head, bytes, INPUT_MAX_BYTES);
    answer_with(&cut, is_head, bytes, 1 + (at[0] & 0x7f));

    /* What was told before a failure depends on the pieces; so does its kind, because a
     * line is not looked at before its end. */
    NEED(whole.failures == cut.failures);
    if (whole.ends) {
        NEED(whole.status == cut.status);
        NEED(slice_equal(buffer_slice(&whole.body), buffer_slice(&cut.body)));
        bool may_have_body = !is_head && whole.status != 204 && whole.status != 304;
        NEED(!whole.has_length || !may_have_body || whole.body.len == whole.length);
        NEED(may_have_body || whole.body.len == 0);
    }
    buffer_done(&whole.body);
    buffer_done(&cut.body);
    return 0;
}
