/* SPDX-License-Identifier: Apache-2.0
 *
 * The client against a server on a real socket that does whatever a test wants: how it
 * asks; connections are used again, and a request is never sent twice that must not be;
 * nobody is waited for for ever. */
#include "http_other.h"

#include <unistd.h>

/* ---- the request ---- */

static void
test_the_request_is_written_as_it_is_given(void **state)
{
    static const struct http_header headers[] = {
        {SLICE("Accept"), SLICE("a/b")},
        {SLICE("X-Evil"), SLICE("a\r\nX-More: b")},
    };
    const struct act act = {.answer = OK "Content-Length: 0\r\n\r\n"};
    struct other other;
    struct side side;
    struct asked asked;

    (void)state;
    both_open(&other, &act, 1, &side);
    asked_init(&asked, &side, "POST");
    asked.request.headers = headers;
    asked.request.header_count = 2;
    ask_it(&asked);
    assert_string_equal(other.last_request,
                        "POST /there?x=1 HTTP/1.1\r\nHost: other.example\r\n"
                        "Accept: a/b\r\nContent-Length: 0\r\n\r\n");
    asked_done(&asked);

    static const struct slice BAD[] = {SLICE("/a b"), SLICE("/a\r\nX: y"),
                                       SLICE(""),     SLICE("a"),
                                       SLICE("/a#b"), SLICE("/\x80")};
    for (size_t i = 0; i < COUNT_OF(BAD); i++) {
        asked_init(&asked, &side, "GET");
        asked.request.target = BAD[i];
        ask_it(&asked);
        assert_int_equal(asked.failure, HTTP_FETCH_BAD_REQUEST);
        asked_done(&asked);
    }
    asked_init(&asked, &side, "GE T");
    ask_it(&asked);
    assert_int_equal(asked.failure, HTTP_FETCH_BAD_REQUEST);
    asked_done(&asked);
    assert_int_equal(other.request_count, 1);
    both_close(&other, &side);
}

/* ---- connections ---- */

static void
test_a_connection_serves_many_requests(void **state)
{
    const struct act act = {.answer = OK "Content-Length: 2\r\n\r\nok"};
    struct other other;
    struct side side;

    (void)state;
    both_open(&other, &act, 1, &side);
    for (int i = 0; i < 20; i++)
        ask_simply(&side, i % 2 ? "POST" : "GET", HTTP_FETCH_BEGUN);
    assert_int_equal(other.connection_count, 1);
    assert_int_equal(other.request_count, 20);
    both_close(&other, &side);
}

static void
test_a_connection_with_more_than_its_answer_is_not_used_again(void **state)
{
    static const char *const ANSWERS[] = {
        OK "Content-Length: 2\r\n\r\nok" OK "Content-Length: 4\r\n\r\nevil",
        OK "Connection: close\r\nContent-Length: 2\r\n\r\nok",
        OK "Connection: x, CLOSE\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 304 Not Modified\r\n\r\nevil",
    };
    struct other other;
    struct side side;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(ANSWERS); i++) {
        const struct act act = {.answer = ANSWERS[i]};
        both_open(&other, &act, 1, &side);
        ask_simply(&side, "GET", HTTP_FETCH_BEGUN);
        ask_simply(&side, "GET", HTTP_FETCH_BEGUN);
        assert_int_equal(other.connection_count, 2);
        both_close(&other, &side);
    }
}

/* The other side ends a kept connection as the next request arrives. */
static void
test_only_what_is_safe_is_sent_again(void **state)
{
    const struct act acts[] = {{.answer = OK "Content-Length: 2\r\n\r\nok"},
                               {.closes = true},
                               {.answer = OK "Content-Length: 2\r\n\r\nok"}};
    struct other other;
    struct side side;

    (void)state;
    both_open(&other, acts, 3, &side);
    ask_simply(&side, "GET", HTTP_FETCH_BEGUN);
    ask_simply(&side, "GET", HTTP_FETCH_BEGUN);
    assert_int_equal(other.request_count, 3);
    both_close(&other, &side);

    both_open(&other, acts, 3, &side);
    ask_simply(&side, "POST", HTTP_FETCH_BEGUN);
    ask_simply(&side, "POST", HTTP_FETCH_CUT);
    assert_int_equal(other.request_count, 2);
    both_close(&other, &side);
}

static void
test_a_request_is_sent_again_once(void **state)
{
    const struct act acts[] = {{.answer = OK "Content-Length: 2\r\n\r\nok"},
                               {.closes = true},
                               {.closes = true},
                               {.answer = OK "Content-Length: 2\r\n\r\nok"}};
    struct other other;
    struct side side;

    (void)state;
    both_open(&other, acts, 4, &side);
    ask_simply(&side, "GET", HTTP_FETCH_BEGUN);
    ask_simply(&side, "GET", HTTP_FETCH_CUT);
    assert_int_equal(other.request_count, 3);
    both_close(&other, &side);
}

static void
test_after_the_first_byte_nothing_is_sent_again(void **state)
{
    const struct act acts[] = {{.answer = OK "Content-Length: 2\r\n\r\nok"},
                               {.answer = "H", .closes = true},
                               {.answer = OK "Content-Length: 2\r\n\r\nok"}};
    struct other other;
    struct side side;

    (void)state;
    both_open(&other, acts, 3, &side);
    ask_simply(&side, "GET", HTTP_FETCH_BEGUN);
    ask_simply(&side, "GET", HTTP_FETCH_CUT);
    assert_int_equal(other.request_count, 2);
    both_close(&other, &side);
}

static void
test_a_reset_in_the_middle_is_no_end(void **state)
{
    const struct act act = {.answer = OK "\r\nuntil the", .resets = true};
    struct other other;
    struct side side;

    (void)state;
    both_open(&other, &act, 1, &side);
    ask_simply(&side, "GET", HTTP_FETCH_CUT);
    both_close(&other, &side);
}

/* ---- time and trouble ---- */

static void
test_nobody_is_waited_for_for_ever(void **state)
{
    static const struct act ACTS[] = {
        {.hangs = true},
        {.answer = "HTTP/1.1 200 O", .hangs = true},
        {.answer = "HTTP/1.1 100 Continue\r\n\r\n", .hangs = true},
        {.answer = OK "Content-Length: 5\r\n\r\nhell", .hangs = true},
        {.answer = OK "Transfer-Encoding: chunked\r\n\r\n5\r\n", .hangs = true},
    };
    struct http_origin_settings settings = usual_settings();
    struct other other;
    struct side side;

    (void)state;
    settings.first_byte_timeout_ms = 100;
    settings.idle_timeout_ms = 100;
    for (size_t i = 0; i < COUNT_OF(ACTS); i++) {
        other_open(&other, &ACTS[i], 1);
        side_open_as(&side, &other.port, 1, &settings);
        ask_simply(&side, "GET", HTTP_FETCH_TIMEOUT);
        both_close(&other, &side);
    }
}

static void
test_a_slow_drip_ends_with_the_time_for_the_whole(void **state)
{
    static char drip[4000];
    const struct act act = {.answer = drip, .is_byte_by_byte = true};
    struct http_origin_settings settings = usual_settings();
    struct other other;
    struct side side;

    (void)state;
    memset(drip, 'a', sizeof(drip) - 1);
    memcpy(drip, OK "\r\n", strlen(OK) + 2);
    settings.whole_timeout_ms = 150;
    other_open(&other, &act, 1);
    side_open_as(&side, &other.port, 1, &settings);
    ask_simply(&side, "GET", HTTP_FETCH_TIMEOUT);
    both_close(&other, &side);
}

/* A port where nobody listens. */
static uint16_t
dead_port(void)
{
    struct other other;
    const struct act act = {.closes = true};

    other_open(&other, &act, 1);
    other_close(&other);
    return other.port;
}

static void
test_another_address_takes_over(void **state)
{
    const struct act act = {.answer = OK "Content-Length: 2\r\n\r\nok"};
    struct http_origin_settings settings = usual_settings();
    struct other other;
    struct side side;

    (void)state;
    other_open(&other, &act, 1);
    uint16_t ports[] = {dead_port(), other.port};
    side_open_as(&side, ports, 2, &settings);
    for (int i = 0; i < 12; i++)
        ask_simply(&side, "POST", HTTP_FETCH_BEGUN);
    assert_int_equal(http_origin_figures(side.origin).address_down_count, 1);
    both_close(&other, &side);
}

static void
test_nobody_is_sent_where_all_fail_until_somebody_listens(void **state)
{
    const struct act act = {.answer = OK "Content-Length: 2\r\n\r\nok"};
    const struct act bad = {.answer = "rubbish", .closes = true};
    struct other other;
    struct side side;

    (void)state;
    both_open(&other, &bad, 1, &side);
    for (int i = 0; i < 5; i++)
        ask_simply(&side, "GET", HTTP_FETCH_BAD_ANSWER);
    ask_simply(&side, "GET", HTTP_FETCH_REFUSED);
    assert_int_equal(other.request_count, 5);
    struct http_origin_figures figures = http_origin_figures(side.origin);
    assert_int_equal(figures.failures, 5);
    assert_int_equal(figures.refused, 1);
    assert_int_equal(figures.running, 0);

    /* it listens, so one request may try; as it is still bad, the next may not */
    assert_int_equal(http_origin_check(side.origin), 1);
    usleep(120 * 1000); /* the loop's clock goes by rounds */
    ask_simply(&side, "GET", HTTP_FETCH_BAD_ANSWER);
    ask_simply(&side, "GET", HTTP_FETCH_REFUSED);

    other.acts = &act;
    assert_int_equal(http_origin_check(side.origin), 1);
    usleep(120 * 1000);
    for (int i = 0; i < 3; i++)
        ask_simply(&side, "GET", HTTP_FETCH_BEGUN);
    assert_int_equal(http_origin_figures(side.origin).address_down_count, 0);
    both_close(&other, &side);
}

static void
test_no_more_connections_than_allowed(void **state)
{
    const struct act act = {.hangs = true};
    struct http_origin_settings settings = usual_settings();
    struct other other;
    struct side side;
    struct asked first;

    (void)state;
    settings.connection_max_count = 1;
    settings.first_byte_timeout_ms = 300;
    other_open(&other, &act, 1);
    side_open_as(&side, &other.port, 1, &settings);
    asked_init(&first, &side, "GET");
    first.message.run = begin_in_mailbox;
    loop_post(side.loop, &first.message);
    ask_simply(&side, "GET", HTTP_FETCH_REFUSED);
    sem_wait(&first.done);
    assert_int_equal(first.failure, HTTP_FETCH_TIMEOUT);
    asked_done(&first);
    both_close(&other, &side);
}

/* ---- TLS ---- */

static void
check_tls(const char *ca, const char *name, bool is_good)
{
    const char *const names[] = {name};
    struct http_origin_settings settings = usual_settings();
    struct house house;
    struct side side;
    struct failure failure = {0};

    house_init(&house);
    house.shared.tls = test_tls();
    house_open(&house);
    settings.tls_names = names;
    settings.host_count = 1;
    assert_int_equal(
        tls_client_open(&(struct tls_client_files){.ca = ca}, &settings.tls, &failure),
        STATUS_OK);
    side_open_as(&side, &house.port, 1, &settings);
    for (int i = 0; i < 3; i++)
        ask_simply(&side, "GET", is_good ? HTTP_FETCH_BEGUN : HTTP_FETCH_UNREACHABLE);
    side_close(&side);
    house_close(&house); /* the last round is counted at its end */
    assert_int_equal(house.shared.requests_total, is_good ? 3 : 0);
}

static void
test_tls_is_spoken_only_with_whom_we_wanted(void **state)
{
    (void)state;
    check_tls(test_tls_ca(), "localhost", true);
    check_tls(test_tls_ca(), "localhost.example", false);
    check_tls(test_tls_ca(), "127.0.0.9", false);
    check_tls(NULL, "localhost", false); /* the system trusts others */
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_request_is_written_as_it_is_given),
        cmocka_unit_test(test_a_connection_serves_many_requests),
        cmocka_unit_test(test_a_connection_with_more_than_its_answer_is_not_used_again),
        cmocka_unit_test(test_only_what_is_safe_is_sent_again),
        cmocka_unit_test(test_a_request_is_sent_again_once),
        cmocka_unit_test(test_after_the_first_byte_nothing_is_sent_again),
        cmocka_unit_test(test_a_reset_in_the_middle_is_no_end),
        cmocka_unit_test(test_nobody_is_waited_for_for_ever),
        cmocka_unit_test(test_a_slow_drip_ends_with_the_time_for_the_whole),
        cmocka_unit_test(test_another_address_takes_over),
        cmocka_unit_test(test_nobody_is_sent_where_all_fail_until_somebody_listens),
        cmocka_unit_test(test_no_more_connections_than_allowed),
        cmocka_unit_test(test_tls_is_spoken_only_with_whom_we_wanted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
