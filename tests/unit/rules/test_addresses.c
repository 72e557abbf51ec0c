/* SPDX-License-Identifier: Apache-2.0
 *
 * Rule 8: approved addresses as they are typed or pasted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "rules/addresses.h"

static struct ip_range ranges[TOKEN_ADDRESS_MAX_COUNT];
static size_t count;
static struct failure failure;

static enum status
reads(const char *text)
{
    memset(&failure, 0, sizeof(failure));
    return addresses_read(slice_of(text), ranges, &count, &failure);
}

/* What is written reads as the same again. */
static void
test_a_written_list_reads_as_the_same(void **state)
{
    struct buffer text = buffer_make(4096);
    struct ip_range before[TOKEN_ADDRESS_MAX_COUNT];

    (void)state;
    assert_int_equal(reads("192.0.2.1 10.0.0.0/8 2001:db8::/32"), STATUS_OK);
    memcpy(before, ranges, sizeof(before));
    addresses_write(before, count, &text);
    buffer_add_byte(&text, 0);
    assert_int_equal(reads((const char *)text.at), STATUS_OK);
    assert_int_equal(count, 3);
    assert_memory_equal(ranges, before, 3 * sizeof(before[0]));
    buffer_done(&text);
}

static void
test_every_separator_separates(void **state)
{
    char text[IP_RANGE_TEXT_MAX + 1];

    (void)state;
    assert_int_equal(reads(" 192.0.2.1,192.0.2.2;192.0.2.3 192.0.2.4\n192.0.2.5\r\n"
                           "2001:db8::/32\t,;, 10.0.0.0/8\n"),
                     STATUS_OK);
    assert_int_equal(count, 7);
    ip_range_write(&ranges[5], text);
    assert_string_equal(text, "2001:db8::/32");
    assert_int_equal(reads(""), STATUS_OK);
    assert_int_equal(count, 0);
    assert_int_equal(reads(" ,;\n"), STATUS_OK);
    assert_int_equal(count, 0);
    assert_int_equal(reads("192.0.2.1|192.0.2.2"), STATUS_MALFORMED);
}

static void
test_the_same_in_another_spelling_is_ignored(void **state)
{
    (void)state;
    assert_int_equal(reads("10.0.0.1 10.0.0.1/32 10.0.0.1"), STATUS_OK);
    assert_int_equal(count, 1);
    assert_int_equal(reads("2001:db8::1 2001:0DB8:0:0:0:0:0:1 2001:db8::1/128"),
                     STATUS_OK);
    assert_int_equal(count, 1);
    assert_int_equal(reads("10.0.0.0/8 10.0.0.0/9 10.0.0.1"), STATUS_OK);
    assert_int_equal(count, 3);
}

static void
test_host_bits_are_refused_with_the_corrected_range(void **state)
{
    (void)state;
    assert_int_equal(reads("10.0.0.1/24"), STATUS_MALFORMED);
    assert_string_equal(failure.field, "addresses");
    assert_non_null(strstr(failure.text, "Invalid IP address: '10.0.0.1/24'"));
    assert_non_null(strstr(failure.text, "10.0.0.0/24"));
    assert_int_equal(reads("2001:db8::1/64"), STATUS_MALFORMED);
    assert_non_null(strstr(failure.text, "2001:db8::/64"));
    assert_int_equal(reads("10.0.0.0/24"), STATUS_OK);
}

static void
test_one_invalid_entry_refuses_the_list_and_is_named(void **state)
{
    static const char *const WRONG[] = {
        "300.1.1.1", "10.0.0",       "10.0.0.0/33", "2001:db8::g",
        "::/129",    "localhost",    "010.0.0.1",   "10.0.0.1:80",
        "[::1]",     "fe80::1%eth0", "10.0.0.0/-1", "10.0.0.0/",
        "-"};

    (void)state;
    count = 77;
    for (size_t i = 0; i < sizeof(WRONG) / sizeof(WRONG[0]); i++) {
        char list[80];
        snprintf(list, sizeof(list), "192.0.2.1, %s", WRONG[i]);
        assert_int_equal(reads(list), STATUS_MALFORMED);
        assert_non_null(strstr(failure.text, WRONG[i]));
        assert_non_null(strstr(failure.text, "Invalid IP address"));
    }
    assert_int_equal(count, 77);
}

static void
test_256_are_the_most(void **state)
{
    static char list[300 * 16];
    size_t len = 0;

    (void)state;
    for (int i = 0; i < 256; i++)
        len += (size_t)snprintf(list + len, sizeof(list) - len, "10.0.0.%d ", i);
    assert_int_equal(reads(list), STATUS_OK);
    assert_int_equal(count, 256);
    snprintf(list + len, sizeof(list) - len, "10.0.0.1"); /* there already */
    assert_int_equal(reads(list), STATUS_OK);
    snprintf(list + len, sizeof(list) - len, "10.0.1.0");
    assert_int_equal(reads(list), STATUS_TOO_LARGE);
}

static void
test_who_is_let_in(void **state)
{
    struct ip inside = {{0}};
    struct ip outside = {{0}};

    (void)state;
    assert_int_equal(ip_read(SLICE("10.0.0.255"), &inside), STATUS_OK);
    assert_int_equal(ip_read(SLICE("10.0.1.0"), &outside), STATUS_OK);
    assert_int_equal(reads("192.0.2.1 10.0.0.0/24"), STATUS_OK);
    assert_true(addresses_hold(ranges, count, &inside));
    assert_false(addresses_hold(ranges, count, &outside));
    assert_true(addresses_hold(ranges, 0, &outside)); /* an empty list means any */
    assert_int_equal(ip_read(SLICE("::10.0.0.255"), &outside), STATUS_OK);
    assert_false(addresses_hold(ranges, count, &outside));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_written_list_reads_as_the_same),
        cmocka_unit_test(test_every_separator_separates),
        cmocka_unit_test(test_the_same_in_another_spelling_is_ignored),
        cmocka_unit_test(test_host_bits_are_refused_with_the_corrected_range),
        cmocka_unit_test(test_one_invalid_entry_refuses_the_list_and_is_named),
        cmocka_unit_test(test_256_are_the_most),
        cmocka_unit_test(test_who_is_let_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
