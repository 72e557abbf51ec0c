/* SPDX-License-Identifier: Apache-2.0
 *
 * HTTP/2 over TLS, spoken to by nghttp2's own client: what works, what is refused, and
 * what a hostile peer cannot make us do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <nghttp2/nghttp2.h>
#include <semaphore.h>
#include <unistd.h>

#include "base/clock.h"
#include "support.h"

enum { STREAM_MAX_COUNT = 1024, BODY_MAX_BYTES = 3 * 1024 * 1024 };

/* What came back on one stream. */
struct answer {
    int status; /* 0: no answer */
    bool is_closed;
    uint32_t error; /* when closed */
    char *body;
    size_t len;
};

struct peer {
    struct client client;
    nghttp2_session *session;
    struct answer answers[STREAM_MAX_COUNT]; /* by stream id / 2 */
    uint32_t max_streams, max_header_list;   /* what the server announced */
    bool has_goaway, has_ended;
    uint32_t goaway_error;
    const char *upload; /* the body of each request */
    size_t upload_len, upload_at;
    bool is_upload_held; /* do not end it yet */
};

/* ---- the client ---- */

static struct answer *
answer_of(struct peer *peer, int32_t id)
{
    assert_in_range(id, 1, 2 * STREAM_MAX_COUNT - 1);
    return &peer->answers[id / 2];
}

static ssize_t
on_send(nghttp2_session *session, const uint8_t *at, size_t len, int flags, void *user)
{
    struct peer *peer = user;

    (void)session;
    (void)flags;
    return client_send(&peer->client, at, len) ? (ssize_t)len
                                               : NGHTTP2_ERR_CALLBACK_FAILURE;
}

static int
on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
          size_t name_len, const uint8_t *value, size_t value_len, uint8_t flags,
          void *user)
{
    (void)session;
    (void)value_len;
    (void)flags;
    if (name_len == 7 && memcmp(name, ":status", 7) == 0)
        answer_of(user, frame->hd.stream_id)->status =
            (int)strtol((const char *)value, NULL, 10);
    return 0;
}

static int
on_data(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *at,
        size_t len, void *user)
{
    struct answer *answer = answer_of(user, id);

    (void)session;
    (void)flags;
    if (!answer->body)
        answer->body = calloc(1, BODY_MAX_BYTES);
    assert_true(answer->len + len < BODY_MAX_BYTES);
    memcpy(answer->body + answer->len, at, len);
    answer->len += len;
    return 0;
}

static int
on_close(nghttp2_session *session, int32_t id, uint32_t error, void *user)
{
    struct answer *answer = answer_of(user, id);

    (void)session;
    answer->is_closed = true;
    answer->error = error;
    return 0;
}

static int
on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *user)
{
    struct peer *peer = user;

    (void)session;
    if (frame->hd.type == NGHTTP2_GOAWAY) {
        peer->has_goaway = true;
        peer->goaway_error = frame->goaway.error_code;
    }
    for (size_t i = 0; frame->hd.type == NGHTTP2_SETTINGS && i < frame->settings.niv;
         i++) {
        const nghttp2_settings_entry *entry = &frame->settings.iv[i];
        if (entry->settings_id == NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS)
            peer->max_streams = entry->value;
        if (entry->settings_id == NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE)
            peer->max_header_list = entry->value;
    }
    return 0;
}

static struct peer *
peer_open_with(const struct house *house, const nghttp2_option *option)
{
    struct peer *peer = calloc(1, sizeof(*peer));
    nghttp2_session_callbacks *callbacks = NULL;

    peer->client = client_open_as(house->port, NULL, true, "\x02h2");
    assert_true(peer->client.fd >= 0);
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_send_callback(callbacks, on_send);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_client_new2(&peer->session, callbacks, peer, option);
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_submit_settings(peer->session, NGHTTP2_FLAG_NONE, NULL, 0);
    return peer;
}

static struct peer *
peer_open(const struct house *house)
{
    return peer_open_with(house, NULL);
}

static void
peer_close(struct peer **peer)
{
    for (int i = 0; i < STREAM_MAX_COUNT; i++)
        free((*peer)->answers[i].body);
    nghttp2_session_del((*peer)->session);
    client_close(&(*peer)->client);
    free(*peer);
    *peer = NULL;
}

/* Sends and receives until `id` is closed (0: for ever), the server ends, or nothing
 * comes for `wait_ms`. */
static void
peer_run(struct peer *peer, int32_t id, int wait_ms)
{
    static uint8_t bytes[65536];

    while (!(id && answer_of(peer, id)->is_closed)) {
        if (nghttp2_session_send(peer->session) != 0) {
            peer->has_ended = true;
            return;
        }
        long got = client_receive(&peer->client, bytes, sizeof(bytes), wait_ms);
        if (got < 0)
            return;
        peer->has_ended = got == 0;
        if (got == 0 || nghttp2_session_mem_recv(peer->session, bytes, (size_t)got) < 0)
            return;
    }
}

static ssize_t
read_upload(nghttp2_session *session, int32_t id, uint8_t *out, size_t room,
            uint32_t *flags, nghttp2_data_source *source, void *user)
{
    struct peer *peer = user;
    size_t left = peer->upload_len - peer->upload_at;
    size_t len = left < room ? left : room;

    (void)session;
    (void)id;
    (void)source;
    memcpy(out, peer->upload + peer->upload_at, len);
    peer->upload_at += len;
    if (len == left && !peer->is_upload_held)
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    if (len == 0 && peer->is_upload_held)
        return NGHTTP2_ERR_DEFERRED;
    return (ssize_t)len;
}

#define FIELD(name, value)                                                         \
    {                                                                              \
        (uint8_t *)(uintptr_t)(name), (uint8_t *)(uintptr_t)(value), strlen(name), \
            strlen(value), 0                                                       \
    }

/* A request with four pseudo fields (NULL: left out) and up to 4 more. */
static int32_t
submit(struct peer *peer, const char *method, const char *path, const char *authority,
       const nghttp2_nv *more, size_t more_count, bool has_body)
{
    nghttp2_nv fields[512];
    size_t count = 0;
    nghttp2_data_provider upload = {.read_callback = read_upload};

    if (method)
        fields[count++] = (nghttp2_nv)FIELD(":method", method);
    if (path)
        fields[count++] = (nghttp2_nv)FIELD(":path", path);
    fields[count++] = (nghttp2_nv)FIELD(":scheme", "https");
    if (authority)
        fields[count++] = (nghttp2_nv)FIELD(":authority", authority);
    for (size_t i = 0; i < more_count; i++)
        fields[count++] = more[i];
    peer->upload_at = 0;
    int32_t id = nghttp2_submit_request(peer->session, NULL, fields, count,
                                        has_body ? &upload : NULL, NULL);
    assert_true(id > 0);
    return id;
}

static struct answer *
fetch(struct peer *peer, const char *method, const char *path, bool has_body)
{
    int32_t id = submit(peer, method, path, "a", NULL, 0, has_body);

    peer_run(peer, id, 3000);
    assert_true(answer_of(peer, id)->is_closed);
    return answer_of(peer, id);
}

static void
h2_init(struct house *house)
{
    house_init(house);
    house->shared.tls = test_tls();
}

/* ---- what works ---- */

static void
test_requests_are_answered(void **state)
{
    struct house house;

    (void)state;
    h2_init(&house);
    house_open(&house);
    struct peer *peer = peer_open(&house);
    struct answer *answer = fetch(peer, "GET", "/x?q=1", false);
    assert_int_equal(answer->status, 200);
    assert_string_equal(answer->body, "GET /x q=1 127.0.0.1 ");
    assert_int_equal(answer->error, NGHTTP2_NO_ERROR);
    peer->upload = "hello";
    peer->upload_len = 5;
    assert_string_equal(fetch(peer, "POST", "/p", true)->body,
                        "POST /p  127.0.0.1 hello");
    answer = fetch(peer, "HEAD", "/h", false);
    assert_int_equal(answer->status, 200);
    assert_int_equal(answer->len, 0);
    assert_int_equal(fetch(peer, "GET", "/?204", false)->len, 0);
    assert_int_equal(peer->max_streams, 100);
    assert_int_equal(peer->max_header_list, 16384);
    peer_close(&peer);
    house_close(&house);
    assert_int_equal(house.shared.requests_total, 4);
}

static void
test_many_streams_run_side_by_side(void **state)
{
    struct house house;

    (void)state;
    h2_init(&house);
    house_open(&house);
    struct peer *peer = peer_open(&house);
    for (int i = 0; i < 500; i++)
        submit(peer, "GET", "/", "a", NULL, 0, false);
    peer_run(peer, 0, 500);
    for (int i = 0; i < 500; i++)
        assert_int_equal(peer->answers[i].status, 200);
    peer_close(&peer);
    house_close(&house);
}

static void
echo_long(void *ctx, struct http_call *call)
{
    struct slice body = http_call_request(call)->body;
    struct buffer whole = buffer_make(4 * 1024 * 1024);
    struct http_reply reply = {.status = 200};

    (void)ctx;
    buffer_add(&whole, body);
    buffer_add(&whole, body);
    http_call_answer_take(call, &reply, &whole);
}

/* Both directions are longer than any window. */
static void
test_long_bodies_flow_both_ways(void **state)
{
    enum { LEN = 1024 * 1024 };
    char *upload = malloc(LEN);
    struct house house;

    (void)state;
    for (size_t i = 0; i < LEN; i++)
        upload[i] = (char)('a' + i % 23);
    h2_init(&house);
    house.handler = echo_long;
    house_open(&house);
    struct peer *peer = peer_open(&house);
    peer->upload = upload;
    peer->upload_len = LEN;
    struct answer *answer = fetch(peer, "POST", "/", true);
    assert_int_equal(answer->status, 200);
    assert_int_equal(answer->len, 2 * LEN);
    assert_memory_equal(answer->body, upload, LEN);
    assert_memory_equal(answer->body + LEN, upload, LEN);
    peer_close(&peer);
    house_close(&house);
    free(upload);
}

static void
answer_cookie(void *ctx, struct http_call *call)
{
    struct http_reply reply = {.status = 200, .body = SLICE("none")};

    (void)ctx;
    http_call_header(call, SLICE("cookie"), &reply.body);
    http_call_answer(call, &reply);
}

static void
test_a_cookie_in_pieces_is_one_header(void **state)
{
    const nghttp2_nv more[] = {FIELD("cookie", "a=1"), FIELD("cookie", "b=2"),
                               FIELD("cookie", "c=3")};
    struct house house;

    (void)state;
    h2_init(&house);
    house.handler = answer_cookie;
    house_open(&house);
    struct peer *peer = peer_open(&house);
    int32_t id = submit(peer, "GET", "/", "a", more, 3, false);
    peer_run(peer, id, 3000);
    assert_string_equal(answer_of(peer, id)->body, "a=1; b=2; c=3");
    peer_close(&peer);
    house_close(&house);
}

static _Atomic size_t arena_bytes;

static void
answer_cookie_and_weigh(void *ctx, struct http_call *call)
{
    arena_bytes = http_call_arena(call)->used_bytes;
    answer_cookie(ctx, call);
}

/* One long cookie and hundreds of short ones are 16 KB at most, and cost no more. */
static void
test_a_cookie_in_many_pieces_costs_no_more_than_it_is_long(void **state)
{
    static char first[4001];
    static char wanted[4000 + 3 * 250 + 1];
    nghttp2_nv more[251];
    struct house house;

    (void)state;
    memset(first, 'a', sizeof(first) - 1);
    memcpy(wanted, first, sizeof(first));
    more[0] = (nghttp2_nv)FIELD("cookie", first);
    for (size_t i = 1; i < 251; i++) {
        more[i] = (nghttp2_nv)FIELD("cookie", "b");
        memcpy(wanted + 4000 + 3 * (i - 1), "; b", 4);
    }
    h2_init(&house);
    house.handler = answer_cookie_and_weigh;
    house_open(&house);
    struct peer *peer = peer_open(&house);
    int32_t id = submit(peer, "GET", "/", "a", more, 251, false);
    peer_run(peer, id, 3000);
    assert_string_equal(answer_of(peer, id)->body, wanted);
    assert_in_range(arena_bytes, 1, 64 * 1024);
    peer_close(&peer);
    house_close(&house);
}

static void
test_alpn_decides(void **state)
{
    struct house house;
    char answer[4096];

    (void)state;
    h2_init(&house);
    house_open(&house);
    struct client old = client_open_as(house.port, NULL, true, "\x08http/1.1");
    client_send_text(&old, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_int_equal(client_answer(&old, answer, sizeof(answer)), 200);
    client_close(&old);
    struct client both = client_open_as(house.port, NULL, true, "\x08http/1.1\x02h2");
    client_send_text(&both, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"); /* no preface */
    long got = client_receive(&both, answer, sizeof(answer), 3000);
    while (got > 0)
        got = client_receive(&both, answer, sizeof(answer), 3000);
    assert_int_equal(got, 0);
    client_close(&both);
    struct client foreign = client_open_as(house.port, NULL, true, "\x03xyz");
    assert_int_equal(foreign.fd, -1);
    house_close(&house);
    assert_int_equal(house.shared.requests_total, 1);
}

/* ---- what is refused ---- */

struct row {
    const char *method, *path, *authority, *name, *value;
    int status; /* 0: the stream is reset without an answer */
};

static const struct row ROWS[] = {
    {"GET", "/", "a", "x", "y", 200},
    {"GET", "/", NULL, "host", "a", 200},
    {"GET", "/", "a", "host", "a", 200},
    {"GET", "/", "A", "host", "a", 200},
    {"OPTIONS", "*", "a", "x", "y", 200},
    {"GET", "/", "a", "content-length", "0", 200},
    {"GET", "/", "a", "te", "trailers", 200},
    {"GET", "/", "a", "x", "\xc3\xa9", 200},
    /* who is meant */
    {"GET", "/", "a", "host", "b", 400},
    {"GET", "/", "u@a", "x", "y", 400},
    {"GET", "/", NULL, "x", "y", 0},
    /* the target */
    {"GET", "x", "a", "x", "y", 0},
    {"GET", "*", "a", "x", "y", 0},
    {"GET", "", "a", "x", "y", 0},
    {"GET", NULL, "a", "x", "y", 0},
    {"GET", "/\xc3\xa9", "a", "x", "y", 400},
    {"GET", "/a#b", "a", "x", "y", 400},
    {"GET", "/a b", "a", "x", "y", 0},
    {"GET", "http://a/", "a", "x", "y", 0},
    {"GE T", "/", "a", "x", "y", 0},
    {"", "/", "a", "x", "y", 0},
    {NULL, "/", "a", "x", "y", 0},
    /* fields */
    {"GET", "/", "a", "x y", "z", 400},
    {"GET", "/", "a", "x", "a\rb", 400},
    {"GET", "/", "a", "x", "a\nb", 400},
    {"GET", "/", "a", "x", "a\x01", 400},
    {"GET", "/", "a", ":foreign", "y", 0},
    {"GET", "/", "a", "connection", "close", 0},
    {"GET", "/", "a", "transfer-encoding", "chunked", 0},
    {"GET", "/", "a", "upgrade", "h2c", 0},
    {"GET", "/", "a", "te", "gzip", 0},
    /* a length that is not the body's, which nghttp2 refuses for us */
    {"GET", "/", "a", "content-length", "5", 0},
    {"GET", "/", "a", "content-length", "-1", 0},
    {"GET", "/", "a", "content-length", "+0", 0},
    {"GET", "/", "a", "content-length", "0,0", 0},
    {"POST", "/", "a", "content-length", "1048577", 0},
};

static void
test_malformed_requests_are_refused(void **state)
{
    struct house house;
    int wrong = 0;
    int64_t right = 0;

    (void)state;
    h2_init(&house);
    house_open(&house);
    for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
        const struct row *row = &ROWS[i];
        const nghttp2_nv more[] = {FIELD(row->name, row->value)};
        struct peer *peer = peer_open(&house);
        int32_t id = submit(peer, row->method, row->path, row->authority, more, 1, false);
        peer_run(peer, id, 500);
        right += row->status == 200;
        if (answer_of(peer, id)->status != row->status) {
            fprintf(stderr, "row %zu: %d, not %d\n", i, answer_of(peer, id)->status,
                    row->status);
            wrong++;
        }
        peer_close(&peer);
    }
    house_close(&house);
    assert_int_equal(wrong, 0);
    assert_int_equal(house.shared.requests_total, right);
}

static void
test_a_length_that_does_not_fit_the_body_is_refused(void **state)
{
    static const struct {
        const char *length;
        int status;
    } LENGTHS[] = {{"5", 200}, {"4", 0}, {"6", 0}};
    struct house house;

    (void)state;
    h2_init(&house);
    house_open(&house);
    for (size_t i = 0; i < sizeof(LENGTHS) / sizeof(LENGTHS[0]); i++) {
        const nghttp2_nv more[] = {FIELD("content-length", LENGTHS[i].length)};
        struct peer *peer = peer_open(&house);
        peer->upload = "hello";
        peer->upload_len = 5;
        int32_t id = submit(peer, "POST", "/", "a", more, 1, true);
        peer_run(peer, id, 500);
        assert_int_equal(answer_of(peer, id)->status, LENGTHS[i].status);
        peer_close(&peer);
    }
    house_close(&house);
    assert_int_equal(house.shared.requests_total, 1);
}

static int
ask_with_fields(struct peer *peer, size_t count, size_t value_len)
{
    nghttp2_nv more[300];
    char names[300][8];
    char *value = calloc(1, value_len + 1);

    memset(value, 'v', value_len);
    for (size_t i = 0; i < count; i++) {
        snprintf(names[i], sizeof(names[i]), "x%zu", i);
        more[i] = (nghttp2_nv)FIELD(names[i], value);
    }
    int32_t id = submit(peer, "GET", "/", "a", more, count, false);
    peer_run(peer, id, 3000);
    free(value);
    return answer_of(peer, id)->status;
}

static void
test_header_lists_are_limited(void **state)
{
    struct house house;

    (void)state;
    h2_init(&house);
    house_open(&house);
    struct peer *peer = peer_open(&house);
    assert_int_equal(ask_with_fields(peer, 100, 1), 200);
    assert_int_equal(ask_with_fields(peer, 101, 1), 431);
    assert_int_equal(ask_with_fields(peer, 1, 16000), 200);
    assert_int_equal(ask_with_fields(peer, 1, 16384), 431);
    assert_int_equal(ask_with_fields(peer, 20, 1000), 431);
    assert_int_equal(ask_with_fields(peer, 1, 1), 200); /* the connection lives on */
    peer_close(&peer);
    house_close(&house);
}

static void
test_bodies_are_limited(void **state)
{
    static char bytes[20000];
    const nghttp2_nv more[] = {FIELD("content-length", "20000")};
    struct house house;

    (void)state;
    h2_init(&house);
    house.shared.body_max_bytes = 10000;
    house_open(&house);
    struct peer *peer = peer_open(&house);
    peer->upload = bytes;
    peer->upload_len = 10000;
    assert_int_equal(fetch(peer, "POST", "/", true)->status, 200);
    peer->upload_len = 10001;
    assert_int_equal(fetch(peer, "POST", "/", true)->status, 413);
    peer->upload_len = 20000;
    int32_t id = submit(peer, "POST", "/", "a", more, 1, true);
    peer_run(peer, id, 3000);
    assert_int_equal(answer_of(peer, id)->status, 413);
    assert_int_equal(fetch(peer, "GET", "/", false)->status, 200);
    peer_close(&peer);
    house_close(&house);
}

static int64_t
long_max(void *ctx, const struct http_request *request)
{
    (void)ctx;
    return slice_equal(request->path, SLICE("/long")) ? 20000 : 0;
}

static void
test_some_bodies_may_be_longer(void **state)
{
    static char bytes[30000];
    const nghttp2_nv more[] = {FIELD("content-length", "20000")};
    struct house house;

    (void)state;
    h2_init(&house);
    house.shared.body_max_bytes = 10000;
    house.shared.body_max = long_max;
    house_open(&house);
    struct peer *peer = peer_open(&house);
    peer->upload = bytes;
    peer->upload_len = 20000;
    assert_int_equal(fetch(peer, "POST", "/long", true)->status, 200);
    assert_int_equal(fetch(peer, "POST", "/else", true)->status, 413);
    int32_t id = submit(peer, "POST", "/long", "a", more, 1, true);
    peer_run(peer, id, 3000);
    assert_int_equal(answer_of(peer, id)->status, 200);
    peer->upload_len = 20001;
    assert_int_equal(fetch(peer, "POST", "/long", true)->status, 413);
    peer_close(&peer);
    house_close(&house);
}

static void
test_the_common_budget_holds_for_streams_too(void **state)
{
    static char bytes[60000];
    struct house house;

    (void)state;
    h2_init(&house);
    house.shared.body_budget_bytes = 100000;
    house_open(&house);
    struct peer *peer = peer_open(&house);
    peer->upload = bytes;
    peer->upload_len = sizeof(bytes);
    peer->is_upload_held = true;
    submit(peer, "POST", "/", "a", NULL, 0, true);
    peer_run(peer, 0, 200);
    peer->is_upload_held = false;
    struct answer *answer = fetch(peer, "POST", "/", true);
    assert_int_equal(answer->status, 503);
    peer_close(&peer);
    peer = peer_open(&house);
    peer->upload = bytes;
    peer->upload_len = sizeof(bytes);
    assert_int_equal(fetch(peer, "POST", "/", true)->status, 200); /* free again */
    peer_close(&peer);
    house_close(&house);
}

/* ---- hostile peers ---- */

/* CVE-2025-8671: the peer makes us reset our own streams, again and again. */
static void
test_a_peer_that_makes_us_reset_is_sent_away(void **state)
{
    const nghttp2_nv more[] = {FIELD("content-length", "5")}; /* and no body */
    struct house house;

    (void)state;
    h2_init(&house);
    house_open(&house);
    struct peer *peer = peer_open(&house);
    for (int i = 0; i < 199; i++)
        submit(peer, "GET", "/", "a", more, 1, false);
    peer_run(peer, 0, 300);
    assert_false(peer->has_goaway);
    assert_int_equal(fetch(peer, "GET", "/", false)->status, 200);
    for (int i = 0; i < 10; i++)
        submit(peer, "GET", "/", "a", more, 1, false);
    peer_run(peer, 0, 3000);
    assert_true(peer->has_goaway);
    assert_int_equal(peer->goaway_error, NGHTTP2_ENHANCE_YOUR_CALM);
    assert_true(peer->has_ended);
    peer_close(&peer);
    house_close(&house);
}

/* CVE-2023-44487: requests that are taken back at once. */
static void
test_a_peer_that_resets_rapidly_is_sent_away(void **state)
{
    struct house house;

    (void)state;
    h2_init(&house);
    house_open(&house);
    struct peer *peer = peer_open(&house);
    peer->upload = "x";
    peer->is_upload_held = true;
    for (int i = 0; i < 300 && !peer->has_ended; i++) {
        int32_t id = submit(peer, "POST", "/", "a", NULL, 0, true);
        if (nghttp2_session_send(peer->session) != 0)
            break;
        nghttp2_submit_rst_stream(peer->session, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
        if (nghttp2_session_send(peer->session) != 0)
            break;
        if (i == 150) {
            peer_run(peer, 0, 100);
            assert_false(peer->has_goaway); /* some are forgiven */
        }
    }
    peer_run(peer, 0, 3000);
    assert_true(peer->has_ended);
    assert_true(!peer->has_goaway || peer->goaway_error == NGHTTP2_ENHANCE_YOUR_CALM);
    peer_close(&peer);
    house_close(&house);
}

static void
test_slow_streams_and_idle_connections_end(void **state)
{
    struct house house;

    (void)state;
    h2_init(&house);
    house.shared.body_timeout_ms = 300;
    house.shared.idle_timeout_ms = 500;
    house_open(&house);
    struct peer *peer = peer_open(&house);
    peer->upload = "x";
    peer->upload_len = 1;
    peer->is_upload_held = true;
    int32_t id = submit(peer, "POST", "/", "a", NULL, 0, true);
    peer_run(peer, 0, 1500);
    assert_int_equal(answer_of(peer, id)->status, 408);
    peer_run(peer, 0, 5000);
    assert_true(peer->has_ended);
    assert_true(peer->has_goaway);
    assert_int_equal(peer->goaway_error, NGHTTP2_NO_ERROR);
    peer_close(&peer);
    house_close(&house);
    assert_int_equal(house.shared.requests_total, 0);
}

/* A peer that opens no window for our answer does not hold it for ever. */
static void
test_a_window_that_stays_shut_ends_the_connection(void **state)
{
    static char bytes[500000];
    nghttp2_settings_entry none = {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 0};
    struct house house;

    (void)state;
    h2_init(&house);
    house.shared.idle_timeout_ms = 300;
    house_open(&house);
    struct peer *peer = peer_open(&house);
    nghttp2_submit_settings(peer->session, NGHTTP2_FLAG_NONE, &none, 1);
    peer->upload = bytes;
    peer->upload_len = 10;
    int32_t id = submit(peer, "POST", "/", "a", NULL, 0, true);
    peer_run(peer, 0, 5000);
    assert_true(peer->has_ended);
    assert_int_equal(answer_of(peer, id)->status, 200);
    assert_int_equal(answer_of(peer, id)->len, 0);
    peer_close(&peer);
    house_close(&house);
    assert_int_equal(house.shared.timeouts_total, 1);
}

/* Nor do other streams, on which all is well, make it wait for ever. */
static void
test_a_window_that_stays_shut_ends_its_stream(void **state)
{
    static char bytes[500000];
    nghttp2_settings_entry none = {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 0};
    struct house house;

    (void)state;
    h2_init(&house);
    house.shared.idle_timeout_ms = 1200;
    house_open(&house);
    struct peer *peer = peer_open(&house);
    nghttp2_submit_settings(peer->session, NGHTTP2_FLAG_NONE, &none, 1);
    peer->upload = bytes;
    peer->upload_len = 10;
    int32_t id = submit(peer, "POST", "/", "a", NULL, 0, true);
    for (int i = 0; i < 100 && !answer_of(peer, id)->is_closed; i++) {
        peer_run(peer, 0, 100);
        assert_int_equal(fetch(peer, "GET", "/?204", false)->status, 204);
    }
    assert_int_equal(answer_of(peer, id)->status, 200);
    assert_int_equal(answer_of(peer, id)->len, 0);
    assert_int_equal(answer_of(peer, id)->error, NGHTTP2_CANCEL);
    assert_int_equal(fetch(peer, "GET", "/?204", false)->status, 204);
    assert_false(peer->has_goaway);
    peer_close(&peer);
    house_close(&house);
    assert_int_equal(house.shared.timeouts_total, 1);
}

/* The window of the connection is for all of them. */
static void
test_a_connection_window_that_stays_shut_ends_the_connection(void **state)
{
    enum { LEN = 100000 }; /* more than the 65,535 bytes that it begins with */
    static char bytes[LEN];
    nghttp2_settings_entry wide = {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 1 << 20};
    nghttp2_option *option = NULL;
    struct house house;

    (void)state;
    h2_init(&house);
    house.shared.idle_timeout_ms = 1200;
    house_open(&house);
    nghttp2_option_new(&option);
    nghttp2_option_set_no_auto_window_update(option, 1);
    struct peer *peer = peer_open_with(&house, option);
    nghttp2_option_del(option);
    nghttp2_submit_settings(peer->session, NGHTTP2_FLAG_NONE, &wide, 1);
    peer->upload = bytes;
    peer->upload_len = LEN;
    submit(peer, "POST", "/", "a", NULL, 0, true);
    for (int i = 0; i < 100 && !peer->has_ended; i++) {
        submit(peer, "GET", "/?204", "a", NULL, 0, false);
        peer_run(peer, 0, 100);
    }
    assert_true(peer->has_ended);
    peer_close(&peer);
    house_close(&house);
    assert_int_equal(house.shared.timeouts_total, 1);
}

/* A slow reader is not a stuck one: what counts is that it takes something. */
static void
test_a_window_that_opens_slowly_is_waited_for(void **state)
{
    enum { LEN = 100000, STEP = 17000 };
    static char bytes[LEN];
    nghttp2_settings_entry none = {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 0};
    struct house house;

    (void)state;
    h2_init(&house);
    house.shared.idle_timeout_ms = 1200;
    house_open(&house);
    struct peer *peer = peer_open(&house);
    nghttp2_submit_settings(peer->session, NGHTTP2_FLAG_NONE, &none, 1);
    peer->upload = bytes;
    peer->upload_len = LEN;
    int32_t id = submit(peer, "POST", "/", "a", NULL, 0, true);
    peer_run(peer, 0, 100);
    for (int i = 0; i < 2 * LEN / STEP && !answer_of(peer, id)->is_closed; i++) {
        nghttp2_submit_window_update(peer->session, NGHTTP2_FLAG_NONE, id, STEP);
        peer_run(peer, id, 700);
    }
    assert_true(answer_of(peer, id)->is_closed);
    assert_int_equal(answer_of(peer, id)->error, NGHTTP2_NO_ERROR);
    assert_int_equal(answer_of(peer, id)->len, LEN + (int)strlen("POST /  127.0.0.1 "));
    peer_close(&peer);
    house_close(&house);
}

static size_t
count_errors(const struct peer *peer, uint32_t error)
{
    size_t count = 0;

    for (int i = 0; i < STREAM_MAX_COUNT; i++)
        count += peer->answers[i].is_closed && peer->answers[i].error == error;
    return count;
}

/* Streams that nobody ends cost their peer nothing: in a crowd they have less time. */
static void
test_in_a_crowd_nobody_waits_for_slow_streams(void **state)
{
    struct house house;

    (void)state;
    h2_init(&house);
    house.shared.crowd_count = 50;
    house_open(&house);
    struct peer *peer = peer_open(&house);
    peer->upload = "x";
    peer->is_upload_held = true;
    for (int i = 0; i < 49; i++)
        submit(peer, "POST", "/", "a", NULL, 0, true);
    peer_run(peer, 0, 2500);
    assert_int_equal(count_errors(peer, NGHTTP2_ENHANCE_YOUR_CALM), 0);
    for (int i = 0; i < 20; i++)
        submit(peer, "POST", "/", "a", NULL, 0, true);
    peer_run(peer, 0, 2500);
    assert_in_range(count_errors(peer, NGHTTP2_ENHANCE_YOUR_CALM), 49, 69);
    assert_int_equal(fetch(peer, "GET", "/?204", false)->status, 204);
    peer_close(&peer);
    house_close(&house);
}

static char page[300000];

static void
answer_page(void *ctx, struct http_call *call)
{
    struct http_reply reply = {
        .status = 200,
        .body = {(const unsigned char *)page, sizeof(page)},
        .is_lasting = slice_equal(http_call_request(call)->path, SLICE("/lasting")),
    };

    (void)ctx;
    http_call_answer(call, &reply);
}

/* A peer that opens no window makes us hold a hundred answers: those that live for ever
 * must not be held a hundred times. So it gets what they are when they are sent. */
static void
test_a_body_that_lives_for_ever_is_not_copied(void **state)
{
    nghttp2_settings_entry none = {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 0};
    nghttp2_settings_entry wide = {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 1 << 20};
    struct house house;

    (void)state;
    memset(page, 'a', sizeof(page));
    h2_init(&house);
    house.handler = answer_page;
    house_open(&house);
    struct peer *peer = peer_open(&house);
    nghttp2_session_set_local_window_size(peer->session, NGHTTP2_FLAG_NONE, 0, 1 << 20);
    nghttp2_submit_settings(peer->session, NGHTTP2_FLAG_NONE, &none, 1);
    int32_t lasting = submit(peer, "GET", "/lasting", "a", NULL, 0, false);
    int32_t passing = submit(peer, "GET", "/passing", "a", NULL, 0, false);
    peer_run(peer, 0, 200);
    assert_int_equal(answer_of(peer, lasting)->status, 200);
    assert_int_equal(answer_of(peer, passing)->status, 200);
    memset(page, 'b', sizeof(page));
    nghttp2_submit_settings(peer->session, NGHTTP2_FLAG_NONE, &wide, 1);
    peer_run(peer, lasting, 3000);
    peer_run(peer, passing, 3000);
    assert_int_equal(answer_of(peer, lasting)->len, sizeof(page));
    assert_int_equal(answer_of(peer, passing)->len, sizeof(page));
    assert_int_equal(answer_of(peer, lasting)->body[0], 'b');
    assert_int_equal(answer_of(peer, passing)->body[0], 'a');
    peer_close(&peer);
    house_close(&house);
}

/* ---- late answers and leaving ---- */

static struct http_call *kept[8];
static _Atomic size_t kept_count;
static sem_t kept_one;

static void
keep(void *ctx, struct http_call *call)
{
    (void)ctx;
    kept[kept_count++] = call;
    sem_post(&kept_one);
}

static void
answer_kept(struct house *house)
{
    for (size_t i = 0; i < kept_count; i++)
        echo(house, kept[i]);
    kept_count = 0;
}

static void
drain(struct house *house)
{
    http_server_drain(house->servers[0]);
}

static void
test_a_call_outlives_its_stream_and_its_connection(void **state)
{
    struct house house;

    (void)state;
    sem_init(&kept_one, 0, 0);
    h2_init(&house);
    house.handler = keep;
    house_open(&house);
    struct peer *peer = peer_open(&house);
    peer->upload = "abc";
    peer->upload_len = 3;
    int32_t id = submit(peer, "POST", "/reset", "a", NULL, 0, true);
    nghttp2_session_send(peer->session);
    sem_wait(&kept_one);
    submit(peer, "POST", "/gone", "a", NULL, 0, true);
    nghttp2_session_send(peer->session);
    sem_wait(&kept_one);
    nghttp2_submit_rst_stream(peer->session, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
    peer_run(peer, 0, 100);
    peer_close(&peer);
    for (int i = 0; i < 300 && house.shared.connections_open; i++)
        usleep(10 * 1000);
    assert_int_equal(house.shared.connections_open, 0);
    assert_true(slice_equal(http_call_request(kept[0])->body, SLICE("abc")));
    house_do(&house, answer_kept);
    house_close(&house);
}

static void
test_draining_says_goaway_and_answers_what_runs(void **state)
{
    struct house house;

    (void)state;
    sem_init(&kept_one, 0, 0);
    h2_init(&house);
    house.handler = keep;
    house_open(&house);
    struct peer *idle = peer_open(&house);
    peer_run(idle, 0, 100);
    struct peer *peer = peer_open(&house);
    int32_t id = submit(peer, "GET", "/", "a", NULL, 0, false);
    nghttp2_session_send(peer->session);
    sem_wait(&kept_one);
    house_do(&house, drain);
    peer_run(idle, 0, 3000);
    assert_true(idle->has_goaway && idle->has_ended);
    peer_run(peer, 0, 200);
    assert_true(peer->has_goaway);
    assert_false(peer->has_ended);
    house_do(&house, answer_kept);
    peer_run(peer, 0, 3000);
    assert_int_equal(answer_of(peer, id)->status, 200);
    assert_true(peer->has_ended);
    peer_close(&peer);
    peer_close(&idle);
    house_close(&house);
}

/* A load balancer speaks PROXY before TLS begins. */
static void
test_a_proxy_header_comes_before_tls(void **state)
{
    static const char header[] =
        "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc6\x33\x64\x07\x0a\0"
        "\0\x02\x1f\x90\0\x50";
    struct ip_range range;
    struct house house;
    char answer[4096];

    (void)state;
    assert_int_equal(ip_range_read(SLICE("127.0.0.2"), &range, NULL), STATUS_OK);
    h2_init(&house);
    house.shared.trusted_proxies = &range;
    house.shared.trusted_proxy_count = 1;
    house_open(&house);
    for (int has_header = 0; has_header < 2; has_header++) {
        struct client client = client_open_as(house.port, "127.0.0.2", false, NULL);
        if (has_header)
            client_send(&client, header, sizeof(header) - 1);
        client_start_tls(&client, NULL);
        assert_true(client.fd >= 0);
        client_send_text(&client, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_int_equal(client_answer(&client, answer, sizeof(answer)), 200);
        assert_string_equal(strstr(answer, "\r\n\r\n") + 4,
                            has_header ? "GET /  198.51.100.7 " : "GET /  127.0.0.2 ");
        client_close(&client);
    }
    house_close(&house);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests_are_answered),
        cmocka_unit_test(test_many_streams_run_side_by_side),
        cmocka_unit_test(test_long_bodies_flow_both_ways),
        cmocka_unit_test(test_a_cookie_in_pieces_is_one_header),
        cmocka_unit_test(test_a_cookie_in_many_pieces_costs_no_more_than_it_is_long),
        cmocka_unit_test(test_alpn_decides),
        cmocka_unit_test(test_malformed_requests_are_refused),
        cmocka_unit_test(test_a_length_that_does_not_fit_the_body_is_refused),
        cmocka_unit_test(test_header_lists_are_limited),
        cmocka_unit_test(test_bodies_are_limited),
        cmocka_unit_test(test_some_bodies_may_be_longer),
        cmocka_unit_test(test_the_common_budget_holds_for_streams_too),
        cmocka_unit_test(test_a_peer_that_makes_us_reset_is_sent_away),
        cmocka_unit_test(test_a_peer_that_resets_rapidly_is_sent_away),
        cmocka_unit_test(test_slow_streams_and_idle_connections_end),
        cmocka_unit_test(test_a_window_that_stays_shut_ends_the_connection),
        cmocka_unit_test(test_a_window_that_stays_shut_ends_its_stream),
        cmocka_unit_test(test_a_connection_window_that_stays_shut_ends_the_connection),
        cmocka_unit_test(test_a_window_that_opens_slowly_is_waited_for),
        cmocka_unit_test(test_in_a_crowd_nobody_waits_for_slow_streams),
        cmocka_unit_test(test_a_body_that_lives_for_ever_is_not_copied),
        cmocka_unit_test(test_a_call_outlives_its_stream_and_its_connection),
        cmocka_unit_test(test_draining_says_goaway_and_answers_what_runs),
        cmocka_unit_test(test_a_proxy_header_comes_before_tls),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
