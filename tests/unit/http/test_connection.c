/* SPDX-License-Identifier: Apache-2.0
 *
 * One HTTP/1.1 connection: many requests, long bodies, answers that come late. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <semaphore.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"
#include "support.h"

static char answer[3 * 1024 * 1024];

static const char *
body_of(const char *text)
{
    const char *end = strstr(text, "\r\n\r\n");

    assert_non_null(end);
    return end + 4;
}

static void
check_answer(struct client *client, int status, const char *body)
{
    assert_int_equal(client_answer(client, answer, sizeof(answer)), status);
    assert_string_equal(body_of(answer), body);
}

/* ---- several requests ---- */

static void
test_pipelined_requests_are_answered_in_order(void **state)
{
    struct house house;

    (void)state;
    for (int is_tls = 0; is_tls < 2; is_tls++) {
        house_init(&house);
        house.shared.tls = is_tls ? test_tls() : NULL;
        house_open(&house);
        struct client client = client_open(house.port, is_tls);
        client_send_text(&client, "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n"
                                  "POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n"
                                  "\r\nabc"
                                  "POST /3?q HTTP/1.1\r\nHost: a\r\n"
                                  "Transfer-Encoding: chunked\r\n\r\n"
                                  "2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"
                                  "GET /4 HTTP/1.1\r\nHost: a\r\n\r\n");
        check_answer(&client, 200, "GET /1  127.0.0.1 ");
        check_answer(&client, 200, "POST /2  127.0.0.1 abc");
        check_answer(&client, 200, "POST /3 q 127.0.0.1 abc");
        check_answer(&client, 200, "GET /4  127.0.0.1 ");
        client_close(&client);
        house_close(&house);
        assert_int_equal(house.shared.requests_total, 4);
    }
}

static void
test_hundreds_of_pipelined_requests_are_all_answered(void **state)
{
    static const char one[] = "POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx";
    struct house house;

    (void)state;
    house_init(&house);
    house_open(&house);
    struct client client = client_open(house.port, false);
    for (int i = 0; i < 500; i++)
        client_send(&client, one, sizeof(one) - 1);
    for (int i = 0; i < 500; i++)
        check_answer(&client, 200, "POST /p  127.0.0.1 x");
    client_close(&client);
    house_close(&house);
}

static void
test_close_is_said_and_done(void **state)
{
    static const struct {
        const char *text, *said;
        bool is_closed;
    } ROWS[] = {
        {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", NULL, false},
        {"GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\n", NULL, false},
        {"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "close", true},
        {"GET / HTTP/1.1\r\nHost: a\r\nConnection: TE, Close\r\n\r\n", "close", true},
        {"GET / HTTP/1.0\r\nHost: a\r\n\r\n", "close", true},
        {"GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n", "keep-alive",
         false},
    };
    struct house house;

    (void)state;
    house_init(&house);
    house_open(&house);
    for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
        struct client client = client_open(house.port, false);
        client_send_text(&client, ROWS[i].text);
        assert_int_equal(client_answer(&client, answer, sizeof(answer)), 200);
        const char *said = strstr(answer, "\r\nConnection: ");
        if (!ROWS[i].said)
            assert_null(said);
        else
            assert_memory_equal(said + 14, ROWS[i].said, strlen(ROWS[i].said));
        assert_int_equal(client_is_closed(&client, ROWS[i].is_closed ? 3000 : 50),
                         ROWS[i].is_closed);
        client_close(&client);
    }
    house_close(&house);
}

/* What a client sends after "close" was agreed is no request, and does not cost it the
 * answer (a reset would). */
static void
test_bytes_after_the_last_request_do_not_spoil_its_answer(void **state)
{
    static char waste[40000];
    struct house house;

    (void)state;
    house_init(&house);
    house_open(&house);
    struct client client = client_open(house.port, false);
    client_send_text(&client, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
                              "GET /next HTTP/1.1\r\nHost: a\r\n\r\n");
    client_send(&client, waste, sizeof(waste));
    usleep(50 * 1000);
    check_answer(&client, 200, "GET /  127.0.0.1 ");
    assert_true(client_is_closed(&client, 3000));
    client_close(&client);
    house_close(&house);
    assert_int_equal(house.shared.requests_total, 1);
}

/* A client that has said all and ended its side still hears the answer. */
static void
test_a_half_closed_connection_is_answered(void **state)
{
    struct house house;

    (void)state;
    house_init(&house);
    house_open(&house);
    struct client client = client_open(house.port, false);
    client_send_text(&client, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    shutdown(client.fd, SHUT_WR);
    check_answer(&client, 200, "GET /  127.0.0.1 ");
    assert_true(client_is_closed(&client, 3000));
    client_close(&client);
    house_close(&house);
}

/* ---- bodies ---- */

/* Sends a body of `len` bytes, in chunks of `chunk` or with a length (chunk 0), in writes
 * of `step` bytes, and compares what comes back. */
static void
check_body(const struct house *house, bool is_tls, size_t len, size_t chunk, size_t step)
{
    static char text[2 * 1024 * 1024];
    size_t at = 0;

    if (chunk == 0)
        at += (size_t)snprintf(text, sizeof(text),
                               "POST /b HTTP/1.1\r\nHost: a\r\n"
                               "Content-Length: %zu\r\n\r\n",
                               len);
    else
        at += (size_t)snprintf(text, sizeof(text),
                               "POST /b HTTP/1.1\r\nHost: a\r\n"
                               "Transfer-Encoding: chunked\r\n\r\n");
    for (size_t i = 0; i < len; i++) {
        if (chunk && i % chunk == 0)
            at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%zx\r\n",
                                   i ? "\r\n" : "", len - i < chunk ? len - i : chunk);
        text[at++] = (char)('a' + i % 23);
    }
    if (chunk)
        at += (size_t)snprintf(text + at, sizeof(text) - at, "%s0\r\n\r\n",
                               len ? "\r\n" : "");
    at += (size_t)snprintf(text + at, sizeof(text) - at,
                           "GET /after HTTP/1.1\r\nHost: a\r\n\r\n");

    struct client client = client_open(house->port, is_tls);
    for (size_t from = 0; from < at; from += step)
        assert_true(
            client_send(&client, text + from, at - from < step ? at - from : step));
    assert_int_equal(client_answer(&client, answer, sizeof(answer)), 200);
    const char *body = body_of(answer);
    const char start[] = "POST /b  127.0.0.1 ";
    assert_memory_equal(body, start, strlen(start));
    body += strlen(start);
    assert_int_equal(strlen(body), len);
    for (size_t i = 0; i < len; i++)
        assert_int_equal(body[i], 'a' + i % 23);
    check_answer(&client, 200, "GET /after  127.0.0.1 ");
    client_close(&client);
}

static void
test_bodies_of_every_size_arrive_whole(void **state)
{
    struct house house;

    (void)state;
    for (int is_tls = 0; is_tls < 2; is_tls++) {
        house_init(&house);
        house.shared.tls = is_tls ? test_tls() : NULL;
        house_open(&house);
        const size_t lens[] = {0, 1, 1200, 16000, 16300, 16384, 20000, 70000, 1048576};
        for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
            check_body(&house, is_tls, lens[i], 0, 1 << 20);
            check_body(&house, is_tls, lens[i], 0, 5000);
            check_body(&house, is_tls, lens[i], 1000, 1 << 20);
            check_body(&house, is_tls, lens[i], 1 << 20, 7777);
        }
        check_body(&house, is_tls, 40, 7, 1);
        check_body(&house, is_tls, 3000, 1, 100);
        house_close(&house);
    }
}

/* A request with a head of `head_len` bytes behind another of `before_len` (0 = none). */
static void
check_head_len(const struct house *house, size_t before_len, size_t head_len)
{
    static char text[64 * 1024];
    static const char BEFORE[] = "GET /before HTTP/1.1\r\nHost: a\r\nX: ";
    static const char HEAD[] =
        "POST /b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nX: ";
    size_t at = 0;

    memset(text, 'x', sizeof(text));
    if (before_len > 0) {
        memcpy(text, BEFORE, strlen(BEFORE));
        at = before_len;
        memcpy(text + at - 4, "\r\n\r\n", 4);
    }
    memcpy(text + at, HEAD, strlen(HEAD));
    at += head_len;
    memcpy(text + at - 4, "\r\n\r\n", 4);
    memcpy(text + at, "5\r\nhello\r\n0\r\n\r\n", 15);
    struct client client = client_open(house->port, false);
    assert_true(client_send(&client, text, at + 15));
    if (before_len > 0)
        check_answer(&client, 200, "GET /before  127.0.0.1 ");
    check_answer(&client, 200, "POST /b  127.0.0.1 hello");
    client_close(&client);
}

/* Chunks need room behind the head, wherever it ends in the memory for it. */
static void
test_chunks_behind_a_head_of_every_length_arrive(void **state)
{
    struct house house;

    (void)state;
    house_init(&house);
    house_open(&house);
    check_head_len(&house, 0, HTTP_HEAD_MAX_BYTES - 1);
    check_head_len(&house, 0, HTTP_HEAD_MAX_BYTES);
    for (size_t room = HTTP_HEAD_MAX_BYTES; room <= HTTP_HEAD_MAX_BYTES + 1024;
         room += 1024) {
        for (size_t less = 0; less < 20; less++)
            check_head_len(&house, 2000, room - 2000 - less);
    }
    house_close(&house);
}

static void
test_a_body_over_its_limit_is_refused(void **state)
{
    struct house house;

    (void)state;
    house_init(&house);
    house.shared.body_max_bytes = 10;
    house_open(&house);
    check_body(&house, false, 10, 0, 100);
    check_body(&house, false, 10, 3, 100);
#define SEND(text) ask(&house, false, text, sizeof(text) - 1)
    assert_int_equal(SEND("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n"),
                     413);
    assert_int_equal(SEND("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n"
                          "Expect: 100-continue\r\n\r\n"),
                     413);
    assert_int_equal(
        SEND("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
             "b\r\n"),
        413);
    assert_int_equal(
        SEND("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
             "6\r\nabcdef\r\n5\r\n"),
        413);
    house_close(&house);
}

/* Whoever asks for /long may send more. */
static int64_t
long_max(void *ctx, const struct http_request *request)
{
    ++*(int *)ctx;
    return slice_equal(request->path, SLICE("/long")) ? 1000 : 0;
}

static void
test_some_bodies_may_be_longer(void **state)
{
    static char text[4096];
    struct house house;
    int asked = 0;

    (void)state;
    house_init(&house);
    house.shared.body_max_bytes = 10;
    house.shared.body_max = long_max;
    house.shared.body_max_ctx = &asked;
    house_open(&house);
#define POST(path, len)                                                                  \
    ((size_t)snprintf(text, sizeof(text),                                                \
                      "POST " path " HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n", \
                      len) +                                                             \
     (len))
    memset(text, 'x', sizeof(text));
    size_t len = POST("/long", 10);
    assert_int_equal(ask(&house, false, text, len), 200);
    assert_int_equal(asked, 0); /* it is short enough for anybody */
    len = POST("/long", 1000);
    text[strlen(text)] = 'x'; /* the zero of snprintf() */
    assert_int_equal(ask(&house, false, text, len), 200);
    assert_int_equal(asked, 1);
    len = POST("/long", 1001);
    text[strlen(text)] = 'x';
    assert_int_equal(ask(&house, false, text, len), 413);
    len = POST("/else", 11);
    text[strlen(text)] = 'x';
    assert_int_equal(ask(&house, false, text, len), 413);
#undef POST
    assert_int_equal(SEND("POST /long HTTP/1.1\r\nHost: a\r\n"
                          "Transfer-Encoding: chunked\r\n\r\n"
                          "b\r\nabcdefghijk\r\n0\r\n\r\n"),
                     200);
    assert_int_equal(SEND("POST /else HTTP/1.1\r\nHost: a\r\n"
                          "Transfer-Encoding: chunked\r\n\r\n"
                          "b\r\nabcdefghijk\r\n0\r\n\r\n"),
                     413);
    house_close(&house);
}

/* The refusal must reach a client that is still sending. */
static void
test_a_refusal_is_read_by_a_client_that_still_sends(void **state)
{
    static char waste[60000];
    struct house house;

    (void)state;
    house_init(&house);
    house_open(&house);
    struct client client = client_open(house.port, false);
    client_send_text(&client, "POST / HTTP/1.1\r\nHost: a\r\n"
                              "Content-Length: 99999999\r\n\r\n");
    for (int i = 0; i < 6; i++) {
        client_send(&client, waste, sizeof(waste) / 6);
        usleep(10 * 1000);
    }
    assert_int_equal(client_answer(&client, answer, sizeof(answer)), 413);
    client_close(&client);
    house_close(&house);
}

/* All connections together may not fill the memory with half-sent bodies. */
static void
test_bodies_over_the_common_budget_are_refused(void **state)
{
    static char bytes[100000];
    struct house house;

    (void)state;
    house_init(&house);
    house.shared.body_budget_bytes = 150000;
    house_open(&house);
    struct client first = client_open(house.port, false);
    client_send_text(&first,
                     "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100001\r\n\r\n");
    client_send(&first, bytes, sizeof(bytes));
    usleep(50 * 1000);
    struct client second = client_open(house.port, false);
    client_send_text(&second,
                     "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n");
    client_send(&second, bytes, sizeof(bytes));
    assert_int_equal(client_answer(&second, answer, sizeof(answer)), 503);
    client_send_text(&first, "x");
    assert_int_equal(client_answer(&first, answer, sizeof(answer)), 200);
    client_close(&first);
    client_close(&second);
    check_body(&house, false, 100000, 0, 1 << 20); /* the budget is free again */
    house_close(&house);
}

static int64_t
longer_max(void *ctx, const struct http_request *request)
{
    (void)ctx;
    return slice_equal(request->path, SLICE("/long")) ? 150000 : 0;
}

/* Begins a body of a byte more than `len`, and sends all but that byte. */
static struct client
begin_body(const struct house *house, const char *path, int len)
{
    static char bytes[100000];
    char head[128];
    struct client client = client_open(house->port, false);

    snprintf(head, sizeof(head),
             "POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n", path, len + 1);
    client_send_text(&client, head);
    client_send(&client, bytes, (size_t)len);
    return client;
}

static void
test_longer_bodies_leave_room_for_all_others(void **state)
{
    struct house house;

    (void)state;
    house_init(&house);
    house.shared.body_max_bytes = 60000;
    house.shared.body_budget_bytes = 200000;
    house.shared.body_max = longer_max;
    house_open(&house);
    struct client first = begin_body(&house, "/long", 90000);
    usleep(50 * 1000);
    struct client second = begin_body(&house, "/long", 60000);
    assert_int_equal(client_answer(&second, answer, sizeof(answer)), 503);
    struct client ordinary = begin_body(&house, "/", 50000);
    client_send_text(&ordinary, "x");
    assert_int_equal(client_answer(&ordinary, answer, sizeof(answer)), 200);
    client_send_text(&first, "x");
    assert_int_equal(client_answer(&first, answer, sizeof(answer)), 200);
    client_close(&first);
    client_close(&second);
    client_close(&ordinary);
    house_close(&house);
}

static void
test_continue_is_said_when_the_body_is_waited_for(void **state)
{
    struct house house;
    char early[64] = {0};

    (void)state;
    house_init(&house);
    house_open(&house);
    struct client client = client_open(house.port, false);
    client_send_text(&client, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n"
                              "Expect: 100-Continue\r\n\r\n");
    assert_int_equal(client_receive(&client, early, sizeof(early), 3000), 25);
    assert_string_equal(early, "HTTP/1.1 100 Continue\r\n\r\n");
    client_send_text(&client, "hi");
    check_answer(&client, 200, "POST /  127.0.0.1 hi");
    /* Not when the body is there already, nor to a client that cannot know it. */
    client_send_text(&client, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n"
                              "Expect: 100-continue\r\n\r\nho");
    check_answer(&client, 200, "POST /  127.0.0.1 ho");
    client_send_text(&client, "POST / HTTP/1.0\r\nContent-Length: 2\r\n"
                              "Expect: 100-continue\r\n\r\n");
    assert_int_equal(client_receive(&client, early, sizeof(early), 50), -1);
    client_send_text(&client, "hu");
    check_answer(&client, 200, "POST /  127.0.0.1 hu");
    client_close(&client);
    house_close(&house);
}

/* ---- answers ---- */

static void
test_head_and_empty_statuses_have_no_body(void **state)
{
    struct house house;
    char bytes[1024];

    (void)state;
    house_init(&house);
    house_open(&house);
    struct client client = client_open(house.port, false);
    client_send_text(&client, "HEAD /h HTTP/1.1\r\nHost: a\r\n\r\n");
    usleep(50 * 1000);
    long len = client_receive(&client, bytes, sizeof(bytes) - 1, 3000);
    assert_true(len > 4);
    bytes[len] = '\0';
    assert_string_equal(bytes + len - 4, "\r\n\r\n");
    assert_non_null(strstr(bytes, "Content-Length: 19\r\n"));
    client_send_text(&client, "GET /?204 HTTP/1.1\r\nHost: a\r\n\r\n");
    check_answer(&client, 204, "");
    assert_null(strstr(answer, "Content-Length"));
    client_send_text(&client, "GET /?304 HTTP/1.1\r\nHost: a\r\n\r\n");
    check_answer(&client, 304, "");
    client_send_text(&client, "GET /?299 HTTP/1.1\r\nHost: a\r\n\r\n");
    check_answer(&client, 299, "GET / 299 127.0.0.1 ");
    assert_memory_equal(answer, "HTTP/1.1 299 \r\n", 15);
    client_close(&client);
    house_close(&house);
}

static void
test_an_answer_has_date_type_and_a_request_id_of_its_own(void **state)
{
    struct house house;
    char first[27] = {0};

    (void)state;
    house_init(&house);
    house_open(&house);
    struct client client = client_open(house.port, false);
    for (int i = 0; i < 2; i++) {
        client_send_text(&client, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_int_equal(client_answer(&client, answer, sizeof(answer)), 200);
        const char *date = strstr(answer, "\r\nDate: ");
        assert_non_null(date);
        assert_memory_equal(date + 33, " GMT\r\n", 6);
        assert_non_null(strstr(answer, "\r\nContent-Type: text/plain\r\n"));
        const char *id = strstr(answer, "\r\nX-Request-Id: ");
        assert_non_null(id);
        id += 16;
        assert_int_equal(strspn(id, "0123456789ABCDEFGHJKMNPQRSTVWXYZ"), 26);
        assert_memory_not_equal(id, first, 26);
        memcpy(first, id, 26);
    }
    client_close(&client);
    house_close(&house);
}

static void
answer_with_bad_headers(void *ctx, struct http_call *call)
{
    struct http_reply reply = {.status = 200,
                               .headers = {{SLICE("X-Good"), SLICE("yes")},
                                           {SLICE("X-Bad"), SLICE("a\r\nSet-Cookie: b")},
                                           {SLICE("X Bad"), SLICE("a")}},
                               .header_count = 3};

    (void)ctx;
    http_call_answer(call, &reply);
}

static void
test_a_header_value_cannot_write_headers(void **state)
{
    struct house house;

    (void)state;
    house_init(&house);
    house.handler = answer_with_bad_headers;
    house_open(&house);
    struct client client = client_open(house.port, false);
    client_send_text(&client, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_int_equal(client_answer(&client, answer, sizeof(answer)), 200);
    assert_non_null(strstr(answer, "\r\nX-Good: yes\r\n"));
    assert_null(strstr(answer, "Bad"));
    assert_null(strstr(answer, "Set-Cookie"));
    client_close(&client);
    house_close(&house);
}

enum { LONG_BYTES = 2 * 1024 * 1024 };

static void
answer_long(void *ctx, struct http_call *call)
{
    struct http_reply reply = {.status = 200};
    struct buffer body = buffer_make(LONG_BYTES);
    unsigned char *at = buffer_reserve(&body, LONG_BYTES);

    (void)ctx;
    assert_non_null(at);
    for (size_t i = 0; i < LONG_BYTES; i++)
        at[i] = (unsigned char)('a' + i % 23);
    body.len = LONG_BYTES;
    if (slice_equal(http_call_request(call)->path, SLICE("/lend"))) {
        static unsigned char lasting[LONG_BYTES];
        memcpy(lasting, body.at, LONG_BYTES);
        reply.body = (struct slice){lasting, LONG_BYTES};
        reply.is_lasting = true;
        buffer_done(&body);
        http_call_answer(call, &reply);
    } else if (http_call_request(call)->query.len) {
        http_call_answer_take(call, &reply, &body);
        assert_null(body.at);
    } else {
        reply.body = buffer_slice(&body);
        http_call_answer(call, &reply);
        buffer_done(&body);
    }
}

/* The socket cannot take 2 MB at once: the rest follows as the peer reads, and the next
 * request waits for it. */
static void
test_long_answers_arrive_whole(void **state)
{
    struct house house;

    (void)state;
    for (int is_tls = 0; is_tls < 2; is_tls++) {
        house_init(&house);
        house.handler = answer_long;
        house.shared.tls = is_tls ? test_tls() : NULL;
        house_open(&house);
        struct client client = client_open(house.port, is_tls);
        client_send_text(&client, "GET /?take HTTP/1.1\r\nHost: a\r\n\r\n"
                                  "GET /copy HTTP/1.1\r\nHost: a\r\n\r\n"
                                  "GET /lend HTTP/1.1\r\nHost: a\r\n\r\n"
                                  "GET /?take HTTP/1.1\r\nHost: a\r\n\r\n");
        usleep(100 * 1000);
        for (int i = 0; i < 4; i++) {
            assert_int_equal(client_answer(&client, answer, sizeof(answer)), 200);
            const char *body = body_of(answer);
            for (size_t at = 0; at < LONG_BYTES; at++)
                if (body[at] != (char)('a' + at % 23))
                    fail_msg("byte %zu of answer %d is wrong", at, i);
        }
        client_close(&client);
        /* nor is a lent one freed when its reader has gone */
        client = client_open(house.port, is_tls);
        client_send_text(&client, "GET /lend HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_true(client_receive(&client, answer, 100, 3000) > 0);
        client_close(&client);
        house_close(&house);
    }
}

/* ---- late answers ---- */

enum { LATE_MAX_COUNT = 64 };

/* Calls that wait until the test answers them. */
struct late {
    sem_t came;
    struct http_call *calls[LATE_MAX_COUNT];
    _Atomic size_t count;
};

struct late_answer {
    struct loop_message message;
    struct http_call *call;
};

static void
keep(void *ctx, struct http_call *call)
{
    struct late *late = ctx;

    if (slice_equal(http_call_request(call)->path, SLICE("/now"))) {
        echo(NULL, call);
        return;
    }
    late->calls[late->count++] = call;
    sem_post(&late->came);
}

static void
run_late(struct loop_message *message)
{
    struct late_answer *answered = (struct late_answer *)message;

    echo(NULL, answered->call);
    free(answered);
}

static void
answer_late(struct late *late, size_t i)
{
    struct late_answer *message = calloc(1, sizeof(*message));

    message->message.run = run_late;
    message->call = late->calls[i];
    loop_post(http_call_loop(message->call), &message->message);
}

static void
late_open(struct house *house, struct late *late)
{
    memset(late, 0, sizeof(*late));
    sem_init(&late->came, 0, 0);
    house_init(house);
    house->handler = keep;
    house->ctx = late;
    house_open(house);
}

static void
test_an_open_call_keeps_its_request_and_the_ones_behind_it(void **state)
{
    struct house house;
    struct late late;

    (void)state;
    late_open(&house, &late);
    struct client client = client_open(house.port, false);
    client_send_text(&client,
                     "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
                     "GET /now HTTP/1.1\r\nHost: a\r\n\r\n"
                     "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
    sem_wait(&late.came);
    assert_int_equal(client_receive(&client, answer, 1, 50), -1);
    answer_late(&late, 0);
    check_answer(&client, 200, "POST /1  127.0.0.1 abc");
    check_answer(&client, 200, "GET /now  127.0.0.1 ");
    sem_wait(&late.came);
    assert_int_equal(client_receive(&client, answer, 1, 50), -1);
    answer_late(&late, 1);
    check_answer(&client, 200, "GET /2  127.0.0.1 ");
    client_close(&client);
    house_close(&house);
}

/* The peer goes away while a worker is at it: the call's memory stays, nothing is sent.
 */
static void
test_a_call_outlives_its_connection(void **state)
{
    struct linger reset = {.l_onoff = 1, .l_linger = 0};
    struct house house;
    struct late late;

    (void)state;
    late_open(&house, &late);
    for (size_t i = 0; i < 3; i++) {
        struct client client = client_open(house.port, false);
        client_send_text(&client, "POST /gone HTTP/1.1\r\nHost: a\r\n"
                                  "Content-Length: 20000\r\n\r\n");
        static char body[20000];
        client_send(&client, body, sizeof(body));
        sem_wait(&late.came);
        setsockopt(client.fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
        client_close(&client);
    }
    for (int i = 0; i < 300 && house.shared.connections_open; i++)
        usleep(10 * 1000);
    assert_int_equal(house.shared.connections_open, 0);
    const struct http_request *request = http_call_request(late.calls[0]);
    assert_true(slice_equal(request->path, SLICE("/gone")));
    assert_int_equal(request->body.len, 20000);
    answer_late(&late, 0);
    answer_late(&late, 1);
    usleep(50 * 1000);
    answer_late(&late, 2); /* perhaps after the server, in loop_close() */
    house_close(&house);
}

static void
test_a_call_may_be_answered_after_its_server_is_closed(void **state)
{
    struct house house;
    struct late late;

    (void)state;
    late_open(&house, &late);
    struct client client = client_open(house.port, false);
    client_send_text(&client, "GET /late HTTP/1.1\r\nHost: a\r\n\r\n");
    sem_wait(&late.came);
    loop_stop(house.loops[0]);
    pthread_join(house.threads[0], NULL);
    http_server_close(&house.servers[0]);
    answer_late(&late, 0);
    loop_close(&house.loops[0]); /* runs what waits */
    client_close(&client);
}

/* ---- what a handler sees ---- */

static void
answer_header(void *ctx, struct http_call *call)
{
    struct slice value = SLICE("none");
    struct http_reply reply = {.status = 200};

    (void)ctx;
    if (http_call_header(call, SLICE("x-thing"), &value) && value.len == 0)
        value = SLICE("empty");
    reply.body = value;
    http_call_answer(call, &reply);
}

static void
test_a_header_is_found_once_or_not_at_all(void **state)
{
    struct house house;

    (void)state;
    house_init(&house);
    house.handler = answer_header;
    house_open(&house);
    struct client client = client_open(house.port, false);
#define ASK(lines) client_send_text(&client, "GET / HTTP/1.1\r\nHost: a\r\n" lines "\r\n")
    ASK("X-THING:  a b \r\n");
    check_answer(&client, 200, "a b");
    ASK("X-Thing: a\r\nx-thing: b\r\n");
    check_answer(&client, 200, "none");
    ASK("X-Things: a\r\n");
    check_answer(&client, 200, "none");
    ASK("X-Thing:\r\n");
    check_answer(&client, 200, "empty");
    client_close(&client);
    house_close(&house);
}

static void
test_several_loops_share_a_port(void **state)
{
    struct house house;

    (void)state;
    house_init(&house);
    house.loop_count = 3;
    house_open(&house);
    for (int i = 0; i < 60; i++)
        assert_int_equal(ask(&house, false, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", 27),
                         200);
    house_close(&house);
    assert_int_equal(house.shared.requests_total, 60);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pipelined_requests_are_answered_in_order),
        cmocka_unit_test(test_hundreds_of_pipelined_requests_are_all_answered),
        cmocka_unit_test(test_close_is_said_and_done),
        cmocka_unit_test(test_bytes_after_the_last_request_do_not_spoil_its_answer),
        cmocka_unit_test(test_a_half_closed_connection_is_answered),
        cmocka_unit_test(test_bodies_of_every_size_arrive_whole),
        cmocka_unit_test(test_chunks_behind_a_head_of_every_length_arrive),
        cmocka_unit_test(test_a_body_over_its_limit_is_refused),
        cmocka_unit_test(test_some_bodies_may_be_longer),
        cmocka_unit_test(test_a_refusal_is_read_by_a_client_that_still_sends),
        cmocka_unit_test(test_bodies_over_the_common_budget_are_refused),
        cmocka_unit_test(test_longer_bodies_leave_room_for_all_others),
        cmocka_unit_test(test_continue_is_said_when_the_body_is_waited_for),
        cmocka_unit_test(test_head_and_empty_statuses_have_no_body),
        cmocka_unit_test(test_an_answer_has_date_type_and_a_request_id_of_its_own),
        cmocka_unit_test(test_a_header_value_cannot_write_headers),
        cmocka_unit_test(test_long_answers_arrive_whole),
        cmocka_unit_test(test_an_open_call_keeps_its_request_and_the_ones_behind_it),
        cmocka_unit_test(test_a_call_outlives_its_connection),
        cmocka_unit_test(test_a_call_may_be_answered_after_its_server_is_closed),
        cmocka_unit_test(test_a_header_is_found_once_or_not_at_all),
        cmocka_unit_test(test_several_loops_share_a_port),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
