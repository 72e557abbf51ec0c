/* SPDX-License-Identifier: Apache-2.0
 *
 * Which headers are written: none that could end its line, wherever in its value. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "http/reply.h"

enum { VALUE_MAX_BYTES = 40 };

static bool
is_valid(const char *name, const unsigned char *value, size_t len)
{
    struct http_header header = {slice_of(name), {value, len}};

    return reply_header_is_valid(&header);
}

static void
test_every_byte_at_every_place_of_values_of_every_length(void **state)
{
    unsigned char value[VALUE_MAX_BYTES];

    (void)state;
    for (size_t len = 0; len <= VALUE_MAX_BYTES; len++) {
        memset(value, 0x20, sizeof(value)); /* the lowest that may be there */
        assert_true(is_valid("Name", value, len));
        for (size_t at = 0; at < len; at++) {
            for (int c = 0; c <= 0xff; c++) {
                bool is_control = (c < 0x20 && c != '\t') || c == 0x7f;
                value[at] = (unsigned char)c;
                assert_int_equal(is_valid("Name", value, len), !is_control);
            }
            value[at] = at % 2 ? 0xff : 0x80; /* neighbours of all kinds */
        }
    }
}

static void
test_a_name_is_a_token(void **state)
{
    static const char *const NONE[] = {"", "A B", "A:", "A\r\nB", "\x7f", "A\t"};

    (void)state;
    assert_true(is_valid("X-Request-Id", (const unsigned char *)"1", 1));
    for (size_t i = 0; i < sizeof(NONE) / sizeof(NONE[0]); i++)
        assert_false(is_valid(NONE[i], (const unsigned char *)"1", 1));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_byte_at_every_place_of_values_of_every_length),
        cmocka_unit_test(test_a_name_is_a_token),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
