/* SPDX-License-Identifier: Apache-2.0
 *
 * Bodies of requests: of every size, framed in every way, within their limits. */
#include "answers.h"

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

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bodies_of_every_size_arrive_whole),
        cmocka_unit_test(test_chunks_behind_a_head_of_every_length_arrive),
        cmocka_unit_test(test_a_body_over_its_limit_is_refused),
        cmocka_unit_test(test_some_bodies_may_be_longer),
        cmocka_unit_test(test_a_refusal_is_read_by_a_client_that_still_sends),
        cmocka_unit_test(test_bodies_over_the_common_budget_are_refused),
        cmocka_unit_test(test_longer_bodies_leave_room_for_all_others),
        cmocka_unit_test(test_continue_is_said_when_the_body_is_waited_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
