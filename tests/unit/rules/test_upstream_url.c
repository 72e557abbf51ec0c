/* SPDX-License-Identifier: Apache-2.0
 *
 * URLs of upstreams: what is taken means one server and one path; what could mean two
 * things, or hides something, is refused in words. */
#include "rules/upstream_url.h"

#include "base/auto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static struct upstream got;
static struct failure failure;
static bool has_path;

static enum status
read_url(struct slice url)
{
    got = (struct upstream){0};
    failure = (struct failure){0};
    return upstream_url_read(&url, 1, &got, &has_path, &failure);
}

static void
assert_read(const char *url, const char *written, const char *host, int port,
            const char *base)
{
    struct buffer text AUTO(buffer_done) = buffer_make(4096);

    if (read_url(slice_of(url)) != STATUS_OK)
        fail_msg("%s: %s", url, failure.text);
    assert_int_equal(got.address_count, 1);
    assert_string_equal(got.addresses[0].host, host);
    assert_int_equal(got.addresses[0].port, port);
    assert_string_equal(got.base_path, base);
    upstream_url_write(&got, 0, &text);
    assert_true(slice_equal(buffer_slice(&text), slice_of(written)));
}

static void
test_a_url_is_a_server_and_what_its_paths_begin_with(void **state)
{
    (void)state;
    assert_read("https://API.example.com", "https://api.example.com", "api.example.com",
                443, "");
    assert_false(has_path);
    assert_read("http://a:8080/", "http://a:8080", "a", 8080, "");
    assert_true(has_path);
    assert_read(" http://a:80/api/v2// ", "http://a/api/v2", "a", 80, "/api/v2");
    assert_read("https://[2001:DB8::7]:8443/x", "https://[2001:db8::7]:8443/x",
                "2001:db8::7", 8443, "/x");
    assert_read("http://[::1]", "http://[::1]", "::1", 80, "");
    assert_read("http://10.0.0.1:65535", "http://10.0.0.1:65535", "10.0.0.1", 65535, "");
}

static void
test_what_is_no_such_url_is_refused(void **state)
{
    static const char *const BAD[] = {
        "",
        "api.example.com",
        "ftp://a",
        "HTTPS://a",
        "http://",
        "http:///x",
        "http://user:pass@a",
        "http://user@a/x",
        "http://a:0",
        "http://a:65536",
        "http://a:",
        "http://a:8o",
        "http://a:-1",
        "http://:80",
        "http://a b",
        "http://[::1",
        "http://[::1]x",
        "http://[::1]:",
        "http://[]",
        "http://[zz]",
        "http://[10.0.0.1]",
        "http://a/%2e%2e",
        "http://a/../b",
        "http://a/.",
        "http://a//b",
        "http://a/x?y",
        "http://a/x#y",
        "http://a?x",
        "http://a/{x}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
        if (read_url(slice_of(BAD[i])) != STATUS_MALFORMED)
            fail_msg("'%s' was taken as %s", BAD[i], got.addresses[0].host);
        assert_true(failure.text[0]);
        assert_int_equal(got.address_count, 0);
    }
    assert_int_equal(read_url(SLICE("http://a\0b")), STATUS_MALFORMED);
    assert_int_equal(read_url(SLICE("http://a/x\0y")), STATUS_MALFORMED);
}

static void
test_servers_of_one_upstream_answer_the_same(void **state)
{
    const struct slice good[] = {SLICE("https://a/x"), SLICE("https://b:1/x/")};
    const struct slice scheme[] = {SLICE("https://a"), SLICE("http://b")};
    const struct slice path[] = {SLICE("https://a/x"), SLICE("https://b/y")};
    struct slice many[UPSTREAM_ADDRESS_MAX_COUNT + 1];

    (void)state;
    got = (struct upstream){0};
    assert_int_equal(upstream_url_read(good, 2, &got, &has_path, &failure), STATUS_OK);
    assert_int_equal(got.address_count, 2);
    assert_int_equal(upstream_url_read(scheme, 2, &got, &has_path, &failure),
                     STATUS_MALFORMED);
    assert_int_equal(upstream_url_read(path, 2, &got, &has_path, &failure),
                     STATUS_MALFORMED);
    assert_int_equal(got.address_count, 2); /* as it was */
    for (size_t i = 0; i < sizeof(many) / sizeof(many[0]); i++)
        many[i] = SLICE("http://a");
    assert_int_equal(
        upstream_url_read(many, UPSTREAM_ADDRESS_MAX_COUNT, &got, &has_path, &failure),
        STATUS_OK);
    assert_int_equal(upstream_url_read(many, UPSTREAM_ADDRESS_MAX_COUNT + 1, &got,
                                       &has_path, &failure),
                     STATUS_MALFORMED);
    assert_int_equal(upstream_url_read(many, 0, &got, &has_path, &failure),
                     STATUS_MALFORMED);
}

static void
test_a_prefix_is_plain_segments_or_nothing(void **state)
{
    char out[UPSTREAM_PATH_MAX_CHARS + 1];
    static const char *const BAD[] = {"orders", "/a//b", "/../a", "/a/..",
                                      "/a%20b", "/{a}",  "/a b",  "/a?"};

    (void)state;
    assert_int_equal(upstream_prefix_read(SLICE(" /orders/ "), out, &failure), STATUS_OK);
    assert_string_equal(out, "/orders");
    assert_int_equal(upstream_prefix_read(SLICE("/"), out, &failure), STATUS_OK);
    assert_string_equal(out, "");
    assert_int_equal(upstream_prefix_read(SLICE(""), out, &failure), STATUS_OK);
    assert_string_equal(out, "");
    for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
        if (upstream_prefix_read(slice_of(BAD[i]), out, &failure) != STATUS_MALFORMED)
            fail_msg("'%s' was taken", BAD[i]);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_url_is_a_server_and_what_its_paths_begin_with),
        cmocka_unit_test(test_what_is_no_such_url_is_refused),
        cmocka_unit_test(test_servers_of_one_upstream_answer_the_same),
        cmocka_unit_test(test_a_prefix_is_plain_segments_or_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
