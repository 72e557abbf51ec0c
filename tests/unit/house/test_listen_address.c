/* SPDX-License-Identifier: Apache-2.0
 *
 * What can be listened on, and what only looks like it. */
#include "base/auto.h"
#include "house/listen_address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void
test_address_and_port_are_read_and_written_back(void **state)
{
    static const struct {
        const char *given, *written;
        uint16_t port;
    } CASES[] = {
        {"127.0.0.1:8480", "127.0.0.1:8480", 8480},
        {"0.0.0.0:0", "0.0.0.0:0", 0},
        {"[::1]:65535", "[::1]:65535", 65535},
        {"[2001:DB8:0::1]:80", "[2001:db8::1]:80", 80},
        {"localhost:1", "127.0.0.1:1", 1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        struct ip address = {0};
        uint16_t port = 9;
        char text[LISTEN_ADDRESS_TEXT_MAX + 1];
        struct failure failure = {0};

        assert_int_equal(
            listen_address_read(CASES[i].given, "listen", &address, &port, &failure),
            STATUS_OK);
        assert_int_equal(port, CASES[i].port);
        listen_address_write(&address, port, text);
        assert_string_equal(text, CASES[i].written);
        assert_string_equal(failure.text, "");
    }
}

static void
test_what_is_no_address_and_port_is_refused_by_name(void **state)
{
    static const char *const CASES[] = {
        "",
        "8480",
        ":8480",
        "127.0.0.1",
        "127.0.0.1:",
        "127.0.0.1:-1",
        "127.0.0.1:65536",
        "127.0.0.1:+1",
        "127.0.0.1: 1",
        "::1:8480",
        "[::1]8480",
        "[::1",
        "[::1:80",
        "[]:80",
        "example.com:80",
        "127.0.0.1:80:80",
        "127.1:80",
        "[127.0.0.1:80",
        "127.0.0.1:8x",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        struct ip address = {.at = {7}};
        uint16_t port = 9;
        struct failure failure = {0};

        if (listen_address_read(CASES[i], "health", &address, &port, &failure) !=
            STATUS_MALFORMED)
            fail_msg("'%s' was taken", CASES[i]);
        assert_int_equal(port, 9);
        assert_int_equal(address.at[0], 7);
        assert_string_equal(failure.field, "health");
        assert_non_null(strstr(failure.text, "health is '"));
        assert_non_null(strstr(failure.text, CASES[i]));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_address_and_port_are_read_and_written_back),
        cmocka_unit_test(test_what_is_no_address_and_port_is_refused_by_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
