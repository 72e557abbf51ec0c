/* SPDX-License-Identifier: Apache-2.0
 *
 * One HTTP/1.1 connection: many requests, one after another and on several loops. */
#include "answers.h"

#include <sys/socket.h>

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
        cmocka_unit_test(test_a_header_is_found_once_or_not_at_all),
        cmocka_unit_test(test_several_loops_share_a_port),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
