/* SPDX-License-Identifier: Apache-2.0
 *
 * What a request says about where it comes from: cookies, origins, marks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/auto.h"
#include "console/guard.h"
#include "crypto/hmac.h"

#define VALUE "0123456789012345678901234567890123456789-_A"
#define NAME  "tokenhouse-session"

_Static_assert(sizeof(VALUE) - 1 == SESSION_COOKIE_CHARS, "a cookie of the right length");

/* A request with these headers, given as name and value in turn, ended by NULL. */
static struct http_request
request_of(struct http_header headers[4], const char *const *texts)
{
    struct http_request request = {.authority = SLICE("console.example:8480"),
                                   .headers = headers};

    for (; *texts; texts += 2)
        headers[request.header_count++] =
            (struct http_header){slice_of(texts[0]), slice_of(texts[1])};
    return request;
}

static bool
has_cookie(const char *const *texts)
{
    struct http_header headers[4];
    struct http_request request = request_of(headers, texts);
    struct slice out = {0};
    bool is_there = guard_cookie(&request, &out);

    if (is_there)
        assert_true(slice_equal(out, SLICE(VALUE)));
    return is_there;
}

#define TEXTS(...)                      \
    (const char *const[])               \
    {                                   \
        __VA_ARGS__ __VA_OPT__(, ) NULL \
    }

static void
test_the_cookie_is_found_among_others(void **state)
{
    (void)state;
    assert_true(has_cookie(TEXTS("Cookie", NAME "=" VALUE)));
    assert_true(has_cookie(TEXTS("cookie", "a=b;" NAME "=" VALUE ";c")));
    assert_true(has_cookie(TEXTS("Cookie", " ; x=\"" NAME "=y\" ; " NAME "=" VALUE " ")));
    /* HTTP/2 may send a line for each (RFC 9113 §8.2.3) */
    assert_true(has_cookie(TEXTS("cookie", "a=b", "cookie", NAME "=" VALUE)));
}

static void
test_a_cookie_of_another_form_is_none(void **state)
{
    static const char *const WRONG[] = {
        "",
        "=",
        NAME,
        NAME "=",
        NAME "=" VALUE "A",
        NAME "==" VALUE,
        NAME "=\"" VALUE "\"",
        "x" NAME "=" VALUE,
        NAME "x=" VALUE,
        NAME " =" VALUE,
        "Tokenhouse-Session=" VALUE,
        NAME "=012345678901234567890123456789012345678-_A",
        NAME "=0123456789012345678901234567890123456789-_+",
        NAME "=0123456789012345678901234567890123456789-_.",
    };

    (void)state;
    assert_false(has_cookie(TEXTS("X", "y")));
    for (size_t i = 0; i < COUNT_OF(WRONG); i++)
        assert_false(has_cookie(TEXTS("Cookie", WRONG[i])));
}

/* Somebody may have planted the other one, from a neighbouring host or path. */
static void
test_two_of_them_are_none(void **state)
{
    (void)state;
    assert_false(has_cookie(TEXTS("Cookie", NAME "=" VALUE "; " NAME "=" VALUE)));
    assert_false(has_cookie(TEXTS("Cookie", NAME "=" VALUE "; " NAME "=")));
    assert_false(has_cookie(TEXTS("Cookie", NAME "=x", "Cookie", NAME "=" VALUE)));
}

static bool
is_foreign(const char *const *texts)
{
    struct http_header headers[4];
    struct http_request request = request_of(headers, texts);

    return guard_is_foreign(&request);
}

static void
test_what_the_browser_says_of_the_site_decides(void **state)
{
    (void)state;
    assert_false(is_foreign(TEXTS("Sec-Fetch-Site", "same-origin")));
    assert_false(
        is_foreign(TEXTS("Sec-Fetch-Site", "same-origin", "Origin", "https://a")));
    assert_true(is_foreign(TEXTS("Sec-Fetch-Site", "same-site")));
    assert_true(is_foreign(TEXTS("Sec-Fetch-Site", "cross-site")));
    assert_true(is_foreign(TEXTS("Sec-Fetch-Site", "none")));
    assert_true(is_foreign(TEXTS("Sec-Fetch-Site", "")));
    assert_true(is_foreign(TEXTS("Sec-Fetch-Site", "Same-Origin")));
    assert_true(is_foreign(
        TEXTS("Sec-Fetch-Site", "cross-site", "Origin", "http://console.example:8480")));
    assert_true(is_foreign(
        TEXTS("Sec-Fetch-Site", "same-origin", "Sec-Fetch-Site", "same-origin")));
}

static void
test_else_the_origins_host_must_be_ours(void **state)
{
    (void)state;
    assert_false(is_foreign(TEXTS("X", "no browser")));
    assert_false(is_foreign(TEXTS("Origin", "http://console.example:8480")));
    assert_false(is_foreign(TEXTS("Origin", "https://CONSOLE.example:8480")));
    assert_true(is_foreign(TEXTS("Origin", "http://console.example")));
    assert_true(is_foreign(TEXTS("Origin", "http://console.example:8481")));
    assert_true(is_foreign(TEXTS("Origin", "http://console.example:8480.evil")));
    assert_true(is_foreign(TEXTS("Origin", "http://x@console.example:8480")));
    assert_true(is_foreign(TEXTS("Origin", "null")));
    assert_true(is_foreign(TEXTS("Origin", "")));
    assert_true(is_foreign(TEXTS("Origin", "console.example:8480")));
    assert_true(is_foreign(TEXTS("Origin", "ftp://console.example:8480")));
    assert_true(is_foreign(TEXTS("Origin", "http://console.example:8480", "Origin",
                                 "http://console.example:8480")));
}

static bool
has_mark(const struct hmac_key *key, const uint8_t *hash, const char *mark)
{
    struct http_header headers[4];
    struct http_request request = request_of(headers, TEXTS("X-CSRF-Token", mark));

    return guard_csrf_fits(key, hash, &request);
}

static void
test_a_mark_belongs_to_one_session_and_one_key(void **state)
{
    struct hmac_key *key AUTO(hmac_key_free) = hmac_key_new(SLICE("one"));
    struct hmac_key *other AUTO(hmac_key_free) = hmac_key_new(SLICE("two"));
    uint8_t hash[SESSION_HASH_BYTES] = {1};
    uint8_t hash_2[SESSION_HASH_BYTES] = {2};
    char mark[GUARD_CSRF_CHARS + 1];
    struct http_request bare = {0};

    (void)state;
    guard_csrf_write(key, hash, mark);
    assert_int_equal(strlen(mark), GUARD_CSRF_CHARS);
    assert_true(has_mark(key, hash, mark));
    assert_false(has_mark(key, hash_2, mark));
    assert_false(has_mark(other, hash, mark));
    assert_false(has_mark(key, hash, mark + 1));
    assert_false(has_mark(key, hash, ""));
    assert_false(guard_csrf_fits(key, hash, &bare));
    mark[0] ^= 1;
    assert_false(has_mark(key, hash, mark));
}

static void
test_the_cookie_says_what_may_be_done_with_it(void **state)
{
    char text[GUARD_COOKIE_MAX_CHARS + 1];

    (void)state;
    guard_cookie_write(SLICE(VALUE), false, text);
    assert_string_equal(text,
                        NAME "=" VALUE "; Path=/console; HttpOnly; SameSite=Strict");
    guard_cookie_write(SLICE(VALUE), true, text);
    assert_string_equal(text, NAME "=" VALUE
                                   "; Path=/console; HttpOnly; SameSite=Strict; Secure");
    guard_cookie_write((struct slice){0}, true, text);
    assert_string_equal(text, NAME
                        "=; Path=/console; HttpOnly; SameSite=Strict; Secure; Max-Age=0");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_cookie_is_found_among_others),
        cmocka_unit_test(test_a_cookie_of_another_form_is_none),
        cmocka_unit_test(test_two_of_them_are_none),
        cmocka_unit_test(test_what_the_browser_says_of_the_site_decides),
        cmocka_unit_test(test_else_the_origins_host_must_be_ours),
        cmocka_unit_test(test_a_mark_belongs_to_one_session_and_one_key),
        cmocka_unit_test(test_the_cookie_says_what_may_be_done_with_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
