/* SPDX-License-Identifier: Apache-2.0
 *
 * The client, and what comes back: an answer that is read in one way only is taken, all
 * else is refused; a long one comes no faster than it is taken. */
#include "http_other.h"

/* Every way an answer may be framed, and what becomes of it. */
static const struct framing {
    const char *answer;
    size_t len; /* 0: strlen() */
    const char *method;
    enum http_fetch_failure failure;
    int status;
    const char *body;
} FRAMINGS[] = {
#define YES(text, body)                             \
    {                                               \
        text, 0, "GET", HTTP_FETCH_BEGUN, 200, body \
    }
#define NO(text)                                                    \
    {                                                               \
        text, sizeof(text) - 1, "GET", HTTP_FETCH_BAD_ANSWER, 0, "" \
    }
#define CUT(text)                               \
    {                                           \
        text, 0, "GET", HTTP_FETCH_CUT, 0, NULL \
    }
    YES(OK "Content-Length: 5\r\n\r\nhello", "hello"),
    YES(OK "Content-Length: 0\r\n\r\n", ""),
    YES("HTTP/1.1 200\r\nContent-Length: 1\r\n\r\nx", "x"),
    YES("HTTP/1.1 200 \r\nContent-Length: 1\r\n\r\nx", "x"),
    YES(OK "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", "hello"),
    YES(OK
        "Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\nX-Sum: 1\r\n\r\n",
        "hello"),
    YES(OK "\r\nuntil the end", "until the end"),
    YES("HTTP/1.0 200 OK\r\n\r\nuntil the end", "until the end"),
    YES("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" OK
        "Content-Length: 1\r\n\r\nx",
        "x"),
    {"HTTP/1.1 204 No Content\r\n\r\n", 0, "GET", HTTP_FETCH_BEGUN, 204, ""},
    {"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", 0, "GET", HTTP_FETCH_BEGUN,
     204, ""},
    {"HTTP/1.1 304 Not Modified\r\nContent-Length: 50\r\n\r\n", 0, "GET",
     HTTP_FETCH_BEGUN, 304, ""},
    {OK "Content-Length: 50\r\n\r\n", 0, "HEAD", HTTP_FETCH_BEGUN, 200, ""},
    {OK "Transfer-Encoding: chunked\r\n\r\n", 0, "HEAD", HTTP_FETCH_BEGUN, 200, ""},
    {"HTTP/1.1 599 Odd\r\nContent-Length: 1\r\n\r\nx", 0, "GET", HTTP_FETCH_BEGUN, 599,
     "x"},

    NO(OK
       "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
    NO(OK "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"),
    NO(OK "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello"),
    NO(OK "Content-Length: 5, 5\r\n\r\nhello"),
    NO(OK "Content-Length: +5\r\n\r\nhello"),
    NO(OK "Content-Length: -1\r\n\r\nhello"),
    NO(OK "Content-Length: 0x5\r\n\r\nhello"),
    NO(OK "Content-Length: \r\n\r\nhello"),
    NO(OK "Content-Length: 18446744073709551621\r\n\r\nhello"),
    NO(OK "Content-Length: 9223372036854775808\r\n\r\nhello"),
    NO(OK "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
    NO(OK "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    NO(OK "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"),
    NO("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    NO("HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    NO("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello"),
    NO(OK "Transfer-Encoding: chunked\r\n\r\n+5\r\nhello\r\n0\r\n\r\n"),
    NO(OK "Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n"),
    NO(OK "Transfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\n\r\n"),
    NO(OK "Transfer-Encoding: chunked\r\n\r\n00000000000000005\r\nhello\r\n0\r\n\r\n"),
    NO(OK "Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n"),
    NO(OK "X-Long: a\r\n b\r\nContent-Length: 5\r\n\r\nhello"),
    NO(OK "X-Odd : a\r\nContent-Length: 5\r\n\r\nhello"),
    NO(OK " X-Odd: a\r\nContent-Length: 5\r\n\r\nhello"),
    NO(OK "X-Nul: a\0b\r\nContent-Length: 5\r\n\r\nhello"),
    NO(OK "X-Bare: a\rb\r\nContent-Length: 5\r\n\r\nhello"),
    NO(OK "X-Lf: a\nContent-Length: 5\r\n\r\nhello"),
    NO(OK "no colon\r\nContent-Length: 5\r\n\r\nhello"),
    NO("HTTP/1.1 200 OK\nContent-Length: 5\r\n\r\nhello"),
    NO("HTTP/1.2 200 OK\r\nContent-Length: 5\r\n\r\nhello"),
    NO("HTTP/2 200 OK\r\nContent-Length: 5\r\n\r\nhello"),
    NO("HTTP/1.1 099 Odd\r\nContent-Length: 5\r\n\r\nhello"),
    NO("HTTP/1.1 600 Odd\r\nContent-Length: 5\r\n\r\nhello"),
    NO("HTTP/1.1 2000 Odd\r\nContent-Length: 5\r\n\r\nhello"),
    NO("HTTP/1.1 20x Odd\r\nContent-Length: 5\r\n\r\nhello"),
    NO("HTTP/1.1  200 Odd\r\nContent-Length: 5\r\n\r\nhello"),
    NO("\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"),
    NO("ICY 200 OK\r\n\r\nhello"),
    NO("SSH-2.0-OpenSSH_9.2\r\n"),
    NO("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"),

    CUT(""),
    CUT("HTTP/1.1 200 O"),
    CUT(OK "Content-Length: 5\r\n"),
    CUT(OK "Content-Length: 5\r\n\r\nhell"),
    CUT(OK "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"),
    CUT(OK "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n"),
#undef YES
#undef NO
#undef CUT
};

static void
check_framing(const struct framing *row, bool is_byte_by_byte)
{
    const struct act act = {.answer = row->answer,
                            .answer_len = row->len,
                            .is_byte_by_byte = is_byte_by_byte,
                            .closes = true};
    struct other other;
    struct side side;
    struct asked asked;

    both_open(&other, &act, 1, &side);
    asked_init(&asked, &side, row->method);
    ask_it(&asked);
    if (asked.failure != row->failure)
        fail_msg("%d instead of %d (%s) for:\n%s", asked.failure, row->failure,
                 asked.why ? asked.why : "", row->answer);
    if (row->failure == HTTP_FETCH_BEGUN) {
        assert_int_equal(asked.status, row->status);
        assert_true(slice_equal(buffer_slice(&asked.body), slice_of(row->body)));
    }
    asked_done(&asked);
    both_close(&other, &side);
}

static void
test_an_answer_is_read_in_one_way_or_not_at_all(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(FRAMINGS); i++) {
        check_framing(&FRAMINGS[i], false);
        check_framing(&FRAMINGS[i], true);
    }
}

static void
test_a_head_without_end_is_given_up(void **state)
{
    static char endless[400 * 1024];
    const struct act acts[] = {{.answer = endless, .hangs = true}};
    struct other other;
    struct side side;
    struct asked asked;

    (void)state;
    for (int is_lines = 0; is_lines < 2; is_lines++) {
        memset(endless, 'a', sizeof(endless) - 1);
        memcpy(endless, OK "X: ", strlen(OK) + 3);
        for (size_t i = 100; is_lines && i + 8 < sizeof(endless); i += 2000)
            memcpy(endless + i, "\r\nX: a", 6);
        both_open(&other, acts, 1, &side);
        asked_init(&asked, &side, "GET");
        ask_it(&asked);
        assert_int_equal(asked.failure, HTTP_FETCH_BAD_ANSWER);
        asked_done(&asked);
        both_close(&other, &side);
    }
}

static void
test_interim_answers_are_passed_over_but_not_for_ever(void **state)
{
    char many[1024] = "";
    struct other other;
    struct side side;
    struct asked asked;

    (void)state;
    for (int count = 8; count <= 9; count++) {
        many[0] = '\0';
        for (int i = 0; i < count; i++)
            strcat(many, "HTTP/1.1 100 Continue\r\n\r\n");
        strcat(many, OK "Content-Length: 0\r\n\r\n");
        const struct act act = {.answer = many};
        both_open(&other, &act, 1, &side);
        asked_init(&asked, &side, "GET");
        ask_it(&asked);
        assert_int_equal(asked.failure,
                         count == 8 ? HTTP_FETCH_BEGUN : HTTP_FETCH_BAD_ANSWER);
        asked_done(&asked);
        both_close(&other, &side);
    }
}

/* ---- long bodies ---- */

static void
test_a_long_body_comes_no_faster_than_it_is_taken(void **state)
{
    enum { BODY_BYTES = 2 * 1024 * 1024 };
    char *answer = malloc(BODY_BYTES + 200);
    int head = sprintf(answer, OK "Content-Length: %d\r\n\r\n", BODY_BYTES);
    struct act act = {.answer = answer, .answer_len = (size_t)head + BODY_BYTES};
    struct other other;
    struct side side;
    struct asked asked;

    (void)state;
    for (int i = 0; i < BODY_BYTES; i++)
        answer[head + i] = (char)('a' + i % 23);
    both_open(&other, &act, 1, &side);
    asked_init(&asked, &side, "GET");
    asked.pauses = true;
    ask_it(&asked);
    assert_int_equal(asked.failure, HTTP_FETCH_BEGUN);
    assert_false(asked.was_whole_at_once);
    assert_true(slice_equal(buffer_slice(&asked.body),
                            (struct slice){(unsigned char *)answer + head, BODY_BYTES}));
    asked_done(&asked);
    ask_simply(&side, "GET", HTTP_FETCH_BEGUN);
    assert_int_equal(other.connection_count, 1);
    both_close(&other, &side);
    free(answer);
}

static void
test_a_streamed_body_is_framed(void **state)
{
    const struct act act = {.answer = OK "Content-Length: 0\r\n\r\n", .closes = true};
    struct other other;
    struct side side;
    struct asked asked;

    (void)state;
    for (int is_known = 0; is_known < 2; is_known++) {
        both_open(&other, &act, 1, &side);
        asked_init(&asked, &side, "PUT");
        asked.request.is_streamed = true;
        asked.request.streamed_length = is_known ? 3 : -1;
        asked.streamed = "abc";
        ask_it(&asked);
        assert_int_equal(asked.failure, HTTP_FETCH_BEGUN);
        const char *body = strstr(other.last_request, "\r\n\r\n") + 4;
        if (is_known)
            assert_string_equal(body, "abc");
        else
            assert_string_equal(body, "1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\n\r\n");
        asked_done(&asked);
        both_close(&other, &side);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_answer_is_read_in_one_way_or_not_at_all),
        cmocka_unit_test(test_a_head_without_end_is_given_up),
        cmocka_unit_test(test_interim_answers_are_passed_over_but_not_for_ever),
        cmocka_unit_test(test_a_long_body_comes_no_faster_than_it_is_taken),
        cmocka_unit_test(test_a_streamed_body_is_framed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
