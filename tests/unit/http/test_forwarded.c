/* SPDX-License-Identifier: Apache-2.0
 *
 * Whose address counts: the peer's, or what a proxy says that we trust. A caller must
 * never be able to choose it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <unistd.h>

#include "http/forwarded.h"
#include "support.h"

static char answer[8192];

static struct ip
ip_of(const char *text)
{
    struct ip ip;

    assert_int_equal(ip_read(slice_of(text), &ip), STATUS_OK);
    return ip;
}

static size_t
read_ranges(const char *const texts[], struct ip_range *out)
{
    size_t count = 0;

    for (; texts[count]; count++)
        assert_int_equal(ip_range_read(slice_of(texts[count]), &out[count], NULL),
                         STATUS_OK);
    return count;
}

/* ---- X-Forwarded-For ---- */

static const struct {
    const char *lines[3]; /* as they stand in the head, top to bottom */
    const char *wanted;
} WALKS[] = {
    {{NULL}, "10.0.0.1"},
    {{"203.0.113.9"}, "203.0.113.9"},
    {{"2001:DB8::1"}, "2001:db8::1"},
    /* what stands left was written by the caller */
    {{"1.1.1.1, 203.0.113.9"}, "203.0.113.9"},
    {{"1.1.1.1", "203.0.113.9"}, "203.0.113.9"},
    {{"1.1.1.1, 203.0.113.9, 10.0.0.2"}, "203.0.113.9"},
    {{"1.1.1.1, 203.0.113.9", "10.0.0.3,10.0.0.2"}, "203.0.113.9"},
    {{"1.1.1.1", "203.0.113.9", "10.9.9.9"}, "203.0.113.9"},
    /* all are trusted: the one that is farthest away */
    {{"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
    /* an element that is no address ends the walk; nothing left of it is believed */
    {{"203.0.113.9, unknown"}, "10.0.0.1"},
    {{"203.0.113.9, unknown, 10.0.0.2"}, "10.0.0.2"},
    {{"203.0.113.9, "}, "10.0.0.1"},
    {{"203.0.113.9,,10.0.0.2"}, "10.0.0.2"},
    {{""}, "10.0.0.1"},
    {{"203.0.113.9", ""}, "10.0.0.1"},
    {{"010.1.1.1"}, "10.0.0.1"},
    {{"203.0.113.256"}, "10.0.0.1"},
    {{"203.0.113.9 203.0.113.10"}, "10.0.0.1"},
    {{"for=203.0.113.9"}, "10.0.0.1"},
    /* as some proxies write it */
    {{"203.0.113.9:4711"}, "203.0.113.9"},
    {{"[2001:db8::1]"}, "2001:db8::1"},
    {{"[2001:db8::1]:4711"}, "2001:db8::1"},
    {{"203.0.113.9:"}, "10.0.0.1"},
    {{"203.0.113.9:x"}, "10.0.0.1"},
    {{"[203.0.113.9]"}, "10.0.0.1"},
    {{"[2001:db8::1"}, "10.0.0.1"},
    {{"[2001:db8::1]4711"}, "10.0.0.1"},
    {{"  203.0.113.9  ,\t10.0.0.2 "}, "203.0.113.9"},
};

static void
test_the_last_untrusted_address_counts(void **state)
{
    static const char *const TRUSTED[] = {"10.0.0.0/8", NULL};
    struct ip_range trusted[4];
    size_t trusted_count = read_ranges(TRUSTED, trusted);
    struct ip peer = ip_of("10.0.0.1");

    (void)state;
    for (size_t i = 0; i < sizeof(WALKS) / sizeof(WALKS[0]); i++) {
        struct http_header headers[4] = {{SLICE("X-Forwarded-Host"), SLICE("1.1.1.1")}};
        struct http_request request = {.headers = headers, .header_count = 1};
        for (int k = 0; k < 3 && WALKS[i].lines[k]; k++)
            headers[request.header_count++] = (struct http_header){
                SLICE("x-forwarded-FOR"), slice_of(WALKS[i].lines[k])};
        struct ip found = forwarded_for(&request, &peer, trusted, trusted_count);
        char text[IP_TEXT_MAX + 1];
        ip_write(&found, text);
        if (strcmp(text, WALKS[i].wanted) != 0)
            fail_msg("walk %zu gives %s, not %s", i, text, WALKS[i].wanted);
    }
}

/* ---- over the wire ---- */

static void
check_address(struct client *client, const char *wanted)
{
    client_send_text(client, "GET / HTTP/1.1\r\nHost: a\r\n"
                             "X-Forwarded-For: 1.1.1.1, 203.0.113.9\r\n\r\n");
    assert_int_equal(client_answer(client, answer, sizeof(answer)), 200);
    const char *body = strstr(answer, "\r\n\r\n") + 4;
    assert_memory_equal(body, "GET /  ", 7);
    assert_memory_equal(body + 7, wanted, strlen(wanted));
    assert_string_equal(body + 7 + strlen(wanted), " ");
}

static void
open_with_proxies(struct house *house, const char *const texts[], struct ip_range *ranges,
                  bool is_tls)
{
    house_init(house);
    house->shared.trusted_proxies = ranges;
    house->shared.trusted_proxy_count = read_ranges(texts, ranges);
    house->shared.tls = is_tls ? test_tls() : NULL;
    house_open(house);
}

static void
test_only_a_trusted_peer_is_believed(void **state)
{
    static const char *const TRUSTED[] = {"127.0.0.2", NULL};
    struct ip_range ranges[1];
    struct house house;

    (void)state;
    open_with_proxies(&house, TRUSTED, ranges, false);
    struct client stranger = client_open_as(house.port, "127.0.0.3", false, NULL);
    check_address(&stranger, "127.0.0.3");
    client_close(&stranger);
    struct client proxy = client_open_as(house.port, "127.0.0.2", false, NULL);
    check_address(&proxy, "203.0.113.9");
    check_address(&proxy, "203.0.113.9");
    client_close(&proxy);
    house_close(&house);
}

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define V4        "\x21\x11\0\x0c\xc6\x33\x64\x07\x0a\0\0\x02\x1f\x90\0\x50" /* 198.51.100.7 */
#define V6                                                                         \
    "\x21\x21\0\x24\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07\x20\x01\x0d\xb8\0\0" \
    "\0\0\0\0\0\0\0\0\0\x08\x1f\x90\0\x50"
#define EXTENDED "\x21\x11\0\x10\xc6\x33\x64\x07\x0a\0\0\x02\x1f\x90\0\x50\x04\0\x01\0"

struct greeting {
    const char *text;
    size_t len;
    const char *wanted; /* NULL: the connection is closed */
};

#define GREETING(text, wanted)         \
    {                                  \
        text, sizeof(text) - 1, wanted \
    }

static const struct greeting GREETINGS[] = {
    GREETING("", "203.0.113.9"), /* no header: then X-Forwarded-For */
    GREETING(SIGNATURE V4, "198.51.100.7"), GREETING(SIGNATURE V6, "2001:db8::7"),
    GREETING(SIGNATURE EXTENDED, "198.51.100.7"),
    GREETING(SIGNATURE "\x20\0\0\0", "203.0.113.9"), /* LOCAL: the proxy itself */
    GREETING(SIGNATURE "\x20\x11\0\x0c\xc6\x33\x64\x07\x0a\0\0\x02\x1f\x90\0\x50",
             "203.0.113.9"),
    GREETING(SIGNATURE "\x21\0\0\0", "203.0.113.9"), /* somebody without an address */
    /* a proxy behind a proxy that is trusted too */
    GREETING(SIGNATURE "\x21\x11\0\x0c\x7f\0\0\x02\x0a\0\0\x02\x1f\x90\0\x50",
             "203.0.113.9"),
    GREETING(SIGNATURE "\x11\x11\0\x0c\xc6\x33\x64\x07\x0a\0\0\x02\x1f\x90\0\x50", NULL),
    GREETING(SIGNATURE "\x22\x11\0\x0c\xc6\x33\x64\x07\x0a\0\0\x02\x1f\x90\0\x50", NULL),
    GREETING(SIGNATURE "\x21\x12\0\x0c\xc6\x33\x64\x07\x0a\0\0\x02\x1f\x90\0\x50", NULL),
    GREETING(SIGNATURE "\x21\x41\0\x0c\xc6\x33\x64\x07\x0a\0\0\x02\x1f\x90\0\x50", NULL),
    GREETING(SIGNATURE "\x21\x11\0\x0b\xc6\x33\x64\x07\x0a\0\0\x02\x1f\x90\0", NULL),
    GREETING(SIGNATURE "\x21\x21\0\x0c\xc6\x33\x64\x07\x0a\0\0\x02\x1f\x90\0\x50", NULL),
    GREETING(SIGNATURE "\x21\x11\xff\xff", NULL), /* longer than allowed */
};

static void
check_greeting(const struct house *house, const struct greeting *greeting,
               bool is_in_pieces)
{
    struct client client = client_open_as(house->port, "127.0.0.2", false, NULL);

    for (size_t at = 0; is_in_pieces && at < greeting->len; at++) {
        client_send(&client, greeting->text + at, 1);
        usleep(200);
    }
    if (!is_in_pieces)
        client_send(&client, greeting->text, greeting->len);
    if (greeting->wanted)
        check_address(&client, greeting->wanted);
    else
        assert_true(client_is_closed(&client, 2000));
    client_close(&client);
}

static void
test_a_trusted_proxy_may_say_who_is_behind_it(void **state)
{
    static const char *const TRUSTED[] = {"127.0.0.2", NULL};
    struct ip_range ranges[1];
    struct house house;

    (void)state;
    open_with_proxies(&house, TRUSTED, ranges, false);
    for (size_t i = 0; i < sizeof(GREETINGS) / sizeof(GREETINGS[0]); i++) {
        check_greeting(&house, &GREETINGS[i], false);
        check_greeting(&house, &GREETINGS[i], true);
    }
    house_close(&house);
}

/* From anybody else the header is what it looks like: no request. */
static void
test_a_stranger_may_not(void **state)
{
    static const char *const TRUSTED[] = {"127.0.0.2", NULL};
    struct ip_range ranges[1];
    struct house house;

    (void)state;
    open_with_proxies(&house, TRUSTED, ranges, false);
    struct client client = client_open_as(house.port, "127.0.0.3", false, NULL);
    client_send(&client, SIGNATURE V4, sizeof(SIGNATURE V4) - 1);
    client_send_text(&client, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_int_equal(client_answer(&client, answer, sizeof(answer)), 400);
    client_close(&client);
    house_close(&house);
    assert_int_equal(house.shared.requests_total, 0);
}

/* Who comes through a proxy is counted by their own address, not by the proxy's. */
static void
test_callers_behind_a_proxy_are_limited_one_by_one(void **state)
{
    static const char *const TRUSTED[] = {"127.0.0.2", NULL};
    struct ip_range ranges[1];
    struct house house;
    struct client clients[4];

    (void)state;
    house_init(&house);
    house.shared.trusted_proxies = ranges;
    house.shared.trusted_proxy_count = read_ranges(TRUSTED, ranges);
    house.shared.connection_per_ip_max_count = 2;
    house_open(&house);
    for (int i = 0; i < 3; i++) {
        clients[i] = client_open_as(house.port, "127.0.0.2", false, NULL);
        client_send(&clients[i], SIGNATURE V4, sizeof(SIGNATURE V4) - 1);
        if (i < 2)
            check_address(&clients[i], "198.51.100.7");
        else
            assert_true(client_is_closed(&clients[i], 2000));
    }
    clients[3] = client_open_as(house.port, "127.0.0.2", false, NULL);
    client_send(&clients[3], SIGNATURE V6, sizeof(SIGNATURE V6) - 1);
    check_address(&clients[3], "2001:db8::7");
    for (int i = 0; i < 4; i++)
        client_close(&clients[i]);
    house_close(&house);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_last_untrusted_address_counts),
        cmocka_unit_test(test_only_a_trusted_peer_is_believed),
        cmocka_unit_test(test_a_trusted_proxy_may_say_who_is_behind_it),
        cmocka_unit_test(test_a_stranger_may_not),
        cmocka_unit_test(test_callers_behind_a_proxy_are_limited_one_by_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
