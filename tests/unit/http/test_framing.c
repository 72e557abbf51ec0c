/* SPDX-License-Identifier: Apache-2.0
 *
 * Every way we know of writing one request so that two programs read it differently, sent
 * to a real server over plain TCP and over TLS; beside each the nearest request that is
 * right. RFC 9112. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "http/head.h"
#include "support.h"

struct row {
    int status;
    const char *text;
    size_t len;
};

#define ROW(status, text)              \
    {                                  \
        status, text, sizeof(text) - 1 \
    }
#define POST    "POST /x HTTP/1.1\r\nHost: a\r\n"
#define GET     "GET / HTTP/1.1\r\nHost: a\r\n"
#define CHUNKED POST "Transfer-Encoding: chunked\r\n\r\n"
#define NEXT    "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"

static const struct row ROWS[] = {
    /* what is right */
    ROW(200, GET "\r\n"),
    ROW(200, POST "Content-Length: 5\r\n\r\nhello"),
    ROW(200, CHUNKED "5\r\nhello\r\n0\r\n\r\n"),

    /* two lengths */
    ROW(400, POST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ROW(400, POST "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"),
    ROW(400, POST "Content-Length: 5\r\nTransfer-Encoding: gzip\r\n\r\nhello"),
    ROW(400, POST "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"),
    ROW(400, POST "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!"),
    ROW(400, POST "Content-Length: 0\r\ncontent-length: 0\r\n\r\n"),

    /* Content-Length that is no number */
    ROW(400, POST "Content-Length: +5\r\n\r\nhello"),
    ROW(400, POST "Content-Length: -1\r\n\r\nhello"),
    ROW(400, POST "Content-Length: 0x5\r\n\r\nhello"),
    ROW(400, POST "Content-Length: 5,5\r\n\r\nhello"),
    ROW(400, POST "Content-Length: 5, 5\r\n\r\nhello"),
    ROW(400, POST "Content-Length: 5 x\r\n\r\nhello"),
    ROW(400, POST "Content-Length: 5 5\r\n\r\nhello"),
    ROW(400, POST "Content-Length:\r\n\r\nhello"),
    ROW(400, POST "Content-Length:  \r\n\r\nhello"),
    ROW(400, POST "Content-Length: \"5\"\r\n\r\nhello"),
    ROW(413, POST "Content-Length: 18446744073709551621\r\n\r\nhello"), /* 2^64 + 5 */
    ROW(413, POST "Content-Length: 18446744073709551615\r\n\r\nhello"),
    ROW(413, POST "Content-Length: 1048577\r\n\r\nhello"),
    ROW(200, POST "Content-Length:5\r\n\r\nhello"),
    ROW(200, POST "Content-Length: \t5 \t\r\n\r\nhello"),
    ROW(200, POST "cOnTeNt-LeNgTh: 0000000000000000000000000005\r\n\r\nhello"),
    ROW(200, POST "X-Content-Length: +5\r\n\r\n"),

    /* Transfer-Encoding */
    ROW(501, POST "Transfer-Encoding: gzip\r\n\r\n0\r\n\r\n"),
    ROW(501, POST "Transfer-Encoding: identity\r\n\r\n0\r\n\r\n"),
    ROW(501, POST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
    ROW(501, POST "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
    ROW(501, POST "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n"),
    ROW(501, POST "Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n"),
    ROW(501, POST "Transfer-Encoding:\r\n\r\n0\r\n\r\n"),
    ROW(400, POST "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"),
    ROW(400, POST "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n"),
    ROW(400, POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
                  "\r\n"),
    ROW(400, POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n"
                  "\r\n"),
    ROW(400, POST "Transfer-Encoding: \x0b"
                  "chunked\r\n\r\n0\r\n\r\n"),
    ROW(400, "POST /x HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
             "\r\n"),
    ROW(200, POST "transfer-encoding: chunked\r\n\r\n0\r\n\r\n"),
    ROW(200, POST "TE: trailers, gzip\r\nContent-Length: 0\r\n\r\n"),

    /* chunks */
    ROW(400, CHUNKED "+5\r\nhello\r\n0\r\n\r\n"),
    ROW(400, CHUNKED "-5\r\nhello\r\n0\r\n\r\n"),
    ROW(400, CHUNKED "0x5\r\nhello\r\n0\r\n\r\n"),
    ROW(400, CHUNKED " 5\r\nhello\r\n0\r\n\r\n"),
    ROW(400, CHUNKED "5 \r\nhello\r\n0\r\n\r\n"),
    ROW(400, CHUNKED "5;a=b\r\nhello\r\n0\r\n\r\n"),
    ROW(400, CHUNKED "5;\r\nhello\r\n0\r\n\r\n"),
    ROW(400, CHUNKED "5\nhello\r\n0\r\n\r\n"),
    ROW(400, CHUNKED "5\rXhello\r\n0\r\n\r\n"),
    ROW(400, CHUNKED "5\r\nhelloXX0\r\n\r\n"),
    ROW(400, CHUNKED "5\r\nhello\n0\r\n\r\n"),
    ROW(400, CHUNKED "5\r\nhello0\r\n\r\n"),
    ROW(400, CHUNKED "5\r\nhello!\r\n0\r\n\r\n"),
    ROW(400, CHUNKED "\r\n5\r\nhello\r\n0\r\n\r\n"),
    ROW(400, CHUNKED "5\r\nhello\r\n\r\n0\r\n\r\n"),
    ROW(400, CHUNKED "5\r\nhello\r\n0\n\r\n"),
    ROW(400, CHUNKED "5\r\nhello\r\n0\r\n\n"),
    ROW(400, CHUNKED "5\r\nhello\r\n0\r\n\rX"),
    ROW(400, CHUNKED "g\r\nhello\r\n0\r\n\r\n"),
    ROW(400, CHUNKED "00000000000000005\r\nhello\r\n0\r\n\r\n"), /* 17 digits */
    ROW(413, CHUNKED "ffffffffffffffff\r\nhello\r\n0\r\n\r\n"),
    ROW(413, CHUNKED "5\r\nhello\r\nfffffffffffffffb\r\nx"),
    ROW(413, CHUNKED "100001\r\nhello"),
    ROW(400, CHUNKED "0\r\nno colon\r\n\r\n"),
    ROW(400, CHUNKED "0\r\n folded: x\r\n\r\n"),
    ROW(400, CHUNKED "0\r\nX: a\nY: b\r\n\r\n"),
    ROW(200, CHUNKED "0000000000000005\r\nhello\r\n0\r\n\r\n"), /* 16 digits */
    ROW(200, CHUNKED "a\r\n0123456789\r\nA\r\n0123456789\r\n000\r\n\r\n"),
    ROW(200, CHUNKED "0\r\nX-Trailer: \ta\r\n\r\n"),

    /* line ends */
    ROW(400, "GET / HTTP/1.1\nHost: a\r\n\r\n"),
    ROW(400, "GET / HTTP/1.1\r\nHost: a\n\r\n"),
    ROW(400, GET "X: y\n\r\n"),
    ROW(400, GET "\n"),
    ROW(400, "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    ROW(400, "GET / HTTP/1.1\nHost: a\n\n"),
    ROW(400, GET "X: a\rb\r\n\r\n"),
    ROW(400, GET "X: a\r\r\n\r\n"),
    ROW(400, GET "X:\rTransfer-Encoding: chunked\r\n\r\n"), /* CVE-2023-30589 */
    ROW(400, GET "\rXTransfer-Encoding: chunked\r\n\r\n"),  /* CVE-2025-23167 */
    ROW(400, GET "\rX"),
    ROW(400, "GET / HTTP/1.1\r\n\rX"),
    ROW(400, "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    ROW(200, "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), /* RFC 9112 §2.2: SHOULD */

    /* header lines */
    ROW(400, POST "Content-Length : 5\r\n\r\nhello"),
    ROW(400, POST "Content-Length\t: 5\r\n\r\nhello"),
    ROW(400, "GET / HTTP/1.1\r\n Host: a\r\n\r\n"),
    ROW(400, "GET / HTTP/1.1\r\n\tX: y\r\nHost: a\r\n\r\n"),
    ROW(400, "GET / HTTP/1.1\r\n \r\nHost: a\r\n\r\n"),
    ROW(400, GET "X: a\r\n b\r\n\r\n"),
    ROW(400, GET "X: a\r\n\tb\r\n\r\n"),
    ROW(400, GET "X: a\r\n \r\n\r\n"),
    ROW(400, GET "no colon\r\n\r\n"),
    ROW(400, GET "nocolon\r\n\r\n"),
    ROW(400, GET ": nameless\r\n\r\n"),
    ROW(400, GET "X: a\0b\r\n\r\n"),
    ROW(400, GET "X\0: ab\r\n\r\n"),
    ROW(400, GET "X: a\x01"
                 "b\r\n\r\n"),
    ROW(400, GET "X: a\x0b\r\n\r\n"),
    ROW(400, GET "X: a\x1f\r\n\r\n"),
    ROW(400, GET "X: 0123456789\x7f"
                 "0123456789\r\n\r\n"),
    ROW(400, GET "X(: a\r\n\r\n"),
    ROW(400, GET "X\xc3\xa9: a\r\n\r\n"),
    ROW(400, GET "\"X\": a\r\n\r\n"),
    ROW(200, GET "X:\r\n\r\n"),
    ROW(200, GET "X: a b\tc\xc3\xa9\r\n\r\n"),
    ROW(200, GET "!#$%&'*+-.^_`|~1: a:b\r\n\r\n"),

    /* Host */
    ROW(400, "GET / HTTP/1.1\r\n\r\n"),
    ROW(400, "GET / HTTP/1.1\r\nX: y\r\n\r\n"),
    ROW(400, GET "Host: a\r\n\r\n"),
    ROW(400, GET "host: b\r\n\r\n"),
    ROW(400, "GET / HTTP/1.1\r\nHost:\r\n\r\n"),
    ROW(400, "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"),
    ROW(400, "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
    ROW(400, "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"),
    ROW(200, "GET / HTTP/1.1\r\nHost: [::1]:8480\r\n\r\n"),
    ROW(200, "GET / HTTP/1.0\r\n\r\n"),

    /* versions */
    ROW(505, "GET /\r\n\r\n"),
    ROW(505, "GET /\r\n"),
    ROW(505, "GET / HTTP/0.9\r\nHost: a\r\n\r\n"),
    ROW(505, "GET / HTTP/1.2\r\nHost: a\r\n\r\n"),
    ROW(505, "GET / HTTP/2.0\r\nHost: a\r\n\r\n"),
    ROW(505, "GET / HTTP/3.7\r\nHost: a\r\n\r\n"),
    ROW(505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    ROW(400, "GET / http/1.1\r\nHost: a\r\n\r\n"),
    ROW(400, "GET / HTTP/1.1 \r\nHost: a\r\n\r\n"),
    ROW(400, "GET / HTTP/1.10\r\nHost: a\r\n\r\n"),
    ROW(400, "GET / HTTP/11\r\nHost: a\r\n\r\n"),
    ROW(400, "GET / HTTP/1,1\r\nHost: a\r\n\r\n"),
    ROW(400, "GET / HTTPS/1.1\r\nHost: a\r\n\r\n"),

    /* the request line */
    ROW(400, "GE(T / HTTP/1.1\r\nHost: a\r\n\r\n"),
    ROW(400, "GET\xc3\xa9 / HTTP/1.1\r\nHost: a\r\n\r\n"),
    ROW(400, "GE\0T / HTTP/1.1\r\nHost: a\r\n\r\n"),
    ROW(400, " GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    ROW(400, "\x16\x03\x01\x02"),
    ROW(400, "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"),
    ROW(400, "GET /  HTTP/1.1\r\nHost: a\r\n\r\n"),
    ROW(400, "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n"),
    ROW(400, "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"),
    ROW(400, "GET /a\tb HTTP/1.1\r\nHost: a\r\n\r\n"),
    ROW(400, "GET /a\0b HTTP/1.1\r\nHost: a\r\n\r\n"),
    ROW(400, "GET /a\x01 HTTP/1.1\r\nHost: a\r\n\r\n"),
    ROW(400, "GET /a\x7f HTTP/1.1\r\nHost: a\r\n\r\n"),
    ROW(400, "GET /\x80 HTTP/1.1\r\nHost: a\r\n\r\n"),
    ROW(400, "GET /\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n"),
    ROW(400, "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n"),
    ROW(400, "GET a HTTP/1.1\r\nHost: a\r\n\r\n"),
    ROW(400, "GET * HTTP/1.1\r\nHost: a\r\n\r\n"),
    ROW(400, "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n"),
    ROW(400, "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n"),
    ROW(400, "GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n"),
    ROW(400, "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n"),
    ROW(200, "GET http://a/x HTTP/1.1\r\nHost: a\r\n\r\n"),
    ROW(200, "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"),
    ROW(200, "M-SEARCH /%20?a=%c3%a9|^ HTTP/1.1\r\nHost: a\r\n\r\n"),

    /* a PROXY header from somebody who is no trusted proxy */
    ROW(400,
        "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\x0a\0\0\x01\x0a\0\0\x02\x1f\x90\0\x50" GET
        "\r\n"),
    ROW(400, "PROXY TCP4 10.0.0.1 10.0.0.2 8080 80\r\n" GET "\r\n"),

    /* what is asked for besides */
    ROW(417, POST "Expect: 200-ok\r\nContent-Length: 0\r\n\r\n"),
    ROW(200, GET "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                 "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n\r\n"),
    ROW(200, GET "Connection: close\r\n\r\n"),
};

static void
check_rows(bool is_tls)
{
    struct house house;
    int wrong = 0;

    house_init(&house);
    house.shared.tls = is_tls ? test_tls() : NULL;
    house_open(&house);
    for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
        int status = ask(&house, is_tls, ROWS[i].text, ROWS[i].len);
        if (status == ROWS[i].status)
            continue;
        fprintf(stderr, "row %zu: %d, not %d: %.80s\n", i, status, ROWS[i].status,
                ROWS[i].text);
        wrong++;
    }
    house_close(&house);
    assert_int_equal(wrong, 0);
}

static void
test_every_ambiguous_request_is_refused(void **state)
{
    (void)state;
    check_rows(false);
}

static void
test_the_same_over_tls(void **state)
{
    (void)state;
    check_rows(true);
}

/* A refused request is the last one: what follows it is never read as a request. */
static void
test_nothing_after_a_refused_request_is_served(void **state)
{
    struct house house;
    char answer[4096];

    (void)state;
    house_init(&house);
    house_open(&house);
    for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
        if (ROWS[i].status == 200)
            continue;
        struct client client = client_open(house.port, false);
        client_send(&client, ROWS[i].text, ROWS[i].len);
        client_send_text(&client, NEXT);
        assert_int_equal(client_answer(&client, answer, sizeof(answer)), ROWS[i].status);
        assert_non_null(strstr(answer, "Connection: close\r\n"));
        assert_non_null(strstr(answer, "{\"code\":\"INVALID_REQUEST\",\"message\":\""));
        assert_true(client_is_closed(&client, 3000));
        client_close(&client);
    }
    house_close(&house);
    assert_int_equal(house.shared.requests_total, 0);
    assert_true(house.shared.bad_framing_total > 100);
}

/* However a request is cut into packets, it is read the same. */
static void
test_pieces_are_read_like_the_whole(void **state)
{
    struct house house;
    char answer[4096];
    int wrong = 0;

    (void)state;
    house_init(&house);
    house_open(&house);
    for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
        struct client client = client_open(house.port, false);
        for (size_t at = 0; at < ROWS[i].len; at++)
            client_send(&client, ROWS[i].text + at, 1);
        int status = client_answer(&client, answer, sizeof(answer));
        if (status != ROWS[i].status) {
            fprintf(stderr, "row %zu in pieces: %d, not %d\n", i, status, ROWS[i].status);
            wrong++;
        }
        client_close(&client);
    }
    house_close(&house);
    assert_int_equal(wrong, 0);
}

/* The same without a network, where no two pieces melt into one. */
static void
test_more_bytes_never_change_what_was_said_of_a_head(void **state)
{
    struct http_header headers[HTTP_HEADER_MAX_COUNT];
    struct head head = {.headers = headers, .header_max_count = HTTP_HEADER_MAX_COUNT};

    (void)state;
    for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
        const unsigned char *at = (const unsigned char *)ROWS[i].text;
        int whole = head_read(&head, (struct slice){at, ROWS[i].len});
        for (size_t cut = 0; cut < ROWS[i].len; cut++) {
            int early = head_read(&head, (struct slice){at, cut});
            if (early != HEAD_MORE && early != whole)
                fail_msg("row %zu: %d after %zu bytes, %d at last", i, early, cut, whole);
        }
    }
}

/* ---- limits ---- */

/* A request of exactly `len` bytes whose line or header fills it up. */
static char *
long_request(size_t len, bool is_line)
{
    const char *before = is_line ? "GET /" : GET "X: ";
    const char *after = is_line ? " HTTP/1.1\r\nHost: a\r\n\r\n" : "\r\n\r\n";
    char *text = malloc(len + 1);

    memset(text, 'x', len);
    memcpy(text, before, strlen(before));
    memcpy(text + len - strlen(after), after, strlen(after) + 1);
    return text;
}

static void
check_long(const struct house *house, size_t len, bool is_line, int status)
{
    char *text = long_request(len, is_line);
    int got = ask(house, false, text, len);

    free(text);
    assert_int_equal(got, status);
}

static void
test_a_head_over_its_limit_is_refused(void **state)
{
    struct house house;

    (void)state;
    house_init(&house);
    house_open(&house);
    check_long(&house, 16384, false, 200);
    check_long(&house, 16385, false, 431);
    check_long(&house, 40000, false, 431);
    check_long(&house, 16384, true, 200);
    check_long(&house, 40000, true, 414);
    house_close(&house);
}

static void
check_header_count(const struct house *house, int count, int status)
{
    char text[8192] = GET; /* one header */

    for (int i = 1; i < count; i++)
        snprintf(text + strlen(text), 32, "X-%d: y\r\n", i);
    snprintf(text + strlen(text), 3, "\r\n");
    assert_int_equal(ask(house, false, text, strlen(text)), status);
}

static void
test_too_many_header_lines_are_refused(void **state)
{
    struct house house;

    (void)state;
    house_init(&house);
    house_open(&house);
    check_header_count(&house, 100, 200);
    check_header_count(&house, 101, 431);
    house_close(&house);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_ambiguous_request_is_refused),
        cmocka_unit_test(test_the_same_over_tls),
        cmocka_unit_test(test_nothing_after_a_refused_request_is_served),
        cmocka_unit_test(test_pieces_are_read_like_the_whole),
        cmocka_unit_test(test_more_bytes_never_change_what_was_said_of_a_head),
        cmocka_unit_test(test_a_head_over_its_limit_is_refused),
        cmocka_unit_test(test_too_many_header_lines_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
