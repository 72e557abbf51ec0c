/* SPDX-License-Identifier: Apache-2.0
 *
 * What stays behind: whatever is for one connection, whatever says who is calling, and
 * whatever would make another request of it than was permitted; in any spelling. */
#include "upstream/forward_headers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { HEADERS = 8 };

static struct http_header
header(const char *name, const char *value)
{
    return (struct http_header){.name = slice_of(name), .value = slice_of(value)};
}

static bool
goes_through(bool is_request, const char *name)
{
    struct http_header given = header(name, "x");
    struct http_header out[1];

    return (is_request ? forward_request_headers(&given, 1, out)
                       : forward_answer_headers(&given, 1, out)) == 1;
}

static void
test_nobody_says_who_calls_but_we(void **state)
{
    static const char *const NEVER[] = {
        "Tokenhouse-Identity", "TOKENHOUSE-IDENTITY", "Tokenhouse_Identity",
        "tokenhouse-anything", "X-Forwarded-For",     "x_forwarded_for",
        "X-Forwarded-Proto",   "Forwarded",           "X-Real-IP",
        "X_Real_Ip",           "True-Client-IP",      "X-Request-Id",
    };
    static const char *const ALWAYS[] = {"Tokenhouse", "X-Forwarded", "X-Real",
                                         "Identity", "X-Tokenhouse-Identity-Not"};

    (void)state;
    for (size_t i = 0; i < sizeof(NEVER) / sizeof(NEVER[0]); i++) {
        if (goes_through(true, NEVER[i]))
            fail_msg("%s goes through", NEVER[i]);
    }
    for (size_t i = 0; i < sizeof(ALWAYS) / sizeof(ALWAYS[0]); i++) {
        if (!goes_through(true, ALWAYS[i]))
            fail_msg("%s stays behind", ALWAYS[i]);
    }
    assert_false(goes_through(false, "tokenhouse-identity"));
}

static void
test_a_header_does_not_make_another_request_of_it(void **state)
{
    static const char *const NEVER[] = {
        "X-HTTP-Method-Override",
        "x_http_method_override",
        "X-Original-URL",
        "X-Rewrite-Url",
        "Host",
        "X-Host",
        "Authorization",
        "Signature",
        "Signature-Input",
        "Expect",
        "Content-Length",
        "Transfer-Encoding",
        "TE",
        "Trailer",
        "Upgrade",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(NEVER) / sizeof(NEVER[0]); i++) {
        if (goes_through(true, NEVER[i]))
            fail_msg("%s goes through", NEVER[i]);
    }
    assert_true(goes_through(true, "X-HTTP-Method-Overrides"));
    assert_true(goes_through(true, "Accept"));
    assert_true(goes_through(true, "Content-Type"));
    assert_true(goes_through(true, "Content-Digest"));
    /* an answer may say these */
    assert_true(goes_through(false, "Signature"));
    assert_true(goes_through(false, "Forwarded"));
    assert_false(goes_through(false, "Date"));
    assert_false(goes_through(false, "Connection"));
}

/* RFC 9110 §7.6.1: what Connection names is for this connection only. */
static void
test_what_connection_names_stays_behind(void **state)
{
    const struct http_header given[HEADERS] = {
        header("X-One", "1"),     header("Connection", "close, x-ONE ,X-Two"),
        header("X-Two", "2"),     header("connection", "x-three"),
        header("X-Three", "3"),   header("X-Four", "4"),
        header("X-Onerous", "5"), header("Accept", "x-four"),
    };
    struct http_header out[HEADERS];
    size_t count = forward_request_headers(given, HEADERS, out);

    (void)state;
    assert_int_equal(count, 3);
    assert_true(slice_equal(out[0].name, SLICE("X-Four")));
    assert_true(slice_equal(out[1].name, SLICE("X-Onerous")));
    assert_true(slice_equal(out[2].name, SLICE("Accept")));
    assert_true(slice_equal(out[2].value, SLICE("x-four")));
    assert_int_equal(forward_answer_headers(given, HEADERS, out), 3);
    assert_int_equal(forward_answer_headers(given, 0, out), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nobody_says_who_calls_but_we),
        cmocka_unit_test(test_a_header_does_not_make_another_request_of_it),
        cmocka_unit_test(test_what_connection_names_stays_behind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
