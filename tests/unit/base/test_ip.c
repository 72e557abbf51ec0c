/* SPDX-License-Identifier: Apache-2.0
 *
 * Addresses and ranges, as approved addresses need them. */
#include "base/auto.h"
#include "base/ip.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct ip
ip_of(const char *text)
{
    struct ip ip = {0};

    assert_int_equal(ip_read(slice_of(text), &ip), STATUS_OK);
    return ip;
}

static struct ip_range
range_of(const char *text)
{
    struct ip_range range = {0};

    assert_int_equal(ip_range_read(slice_of(text), &range, NULL), STATUS_OK);
    return range;
}

static void
test_address_is_written_in_its_one_short_form(void **state)
{
    static const char *const CASES[][2] = {
        {"10.0.0.1", "10.0.0.1"},
        {"255.255.255.255", "255.255.255.255"},
        {"::", "::"},
        {"2001:DB8:0:0:0:0:0:1", "2001:db8::1"},
        {"2001:0db8:0000:0000:0001:0000:0000:0001", "2001:db8::1:0:0:1"},
        {"::ffff:10.0.0.1", "10.0.0.1"},
        {"::ffff:a00:1", "10.0.0.1"},
        {"1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        char text[IP_TEXT_MAX + 1];
        struct ip ip = ip_of(CASES[i][0]);
        ip_write(&ip, text);
        assert_string_equal(text, CASES[i][1]);
    }
}

static void
test_address_refuses_what_could_be_read_in_two_ways(void **state)
{
    static const struct slice WRONG[] = {
        SLICE(""),
        SLICE("10.0.0"),
        SLICE("10.0.0.256"),
        SLICE("010.0.0.1"),
        SLICE("10.0.0.01"),
        SLICE("0x0a.0.0.1"),
        SLICE("167772161"),
        SLICE("10.0.0.1 "),
        SLICE(" 10.0.0.1"),
        SLICE("10.0.0.1."),
        SLICE("10.0.0.1:80"),
        SLICE("[::1]"),
        SLICE("fe80::1%lo"),
        SLICE(":::"),
        SLICE("1::2::3"),
        SLICE("12345::"),
        SLICE("10.0.0.1\0"),
        SLICE("::ffff:010.0.0.1"),
        SLICE("1:2:3:4:5:6:7"),
        SLICE("example.org"),
    };
    struct ip ip = {{7}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(WRONG); i++)
        assert_int_equal(ip_read(WRONG[i], &ip), STATUS_MALFORMED);
    assert_int_equal(ip.at[0], 7);
}

static void
test_v4_range_is_a_mapped_range_96_bits_deeper(void **state)
{
    struct ip_range range = range_of("10.0.0.0/8");

    (void)state;
    assert_int_equal(range.bits, 104);
    assert_true(ip_is_v4(&range.from));
    assert_int_equal(range_of("10.0.0.1").bits, 128);
    assert_int_equal(range_of("0.0.0.0/0").bits, 96);
    assert_int_equal(range_of("2001:db8::/32").bits, 32);
}

static void
test_range_holds_its_first_and_last_address_and_no_neighbour(void **state)
{
    static const struct {
        const char *range, *first, *last, *before, *after;
    } CASES[] = {
        {"10.1.2.0/24", "10.1.2.0", "10.1.2.255", "10.1.1.255", "10.1.3.0"},
        {"10.1.2.128/25", "10.1.2.128", "10.1.2.255", "10.1.2.127", "10.1.3.0"},
        {"10.1.2.4/30", "10.1.2.4", "10.1.2.7", "10.1.2.3", "10.1.2.8"},
        {"10.1.2.4", "10.1.2.4", "10.1.2.4", "10.1.2.3", "10.1.2.5"},
        {"0.0.0.0/0", "0.0.0.0", "255.255.255.255", "::fffe:ffff:ffff", "::1:0:0:0"},
        {"2001:db8::/33", "2001:db8::", "2001:db8:7fff:ffff:ffff:ffff:ffff:ffff",
         "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db8:8000::"},
        {"::1", "::1", "::1", "::", "::2"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        struct ip_range range = range_of(CASES[i].range);
        struct ip first = ip_of(CASES[i].first);
        struct ip last = ip_of(CASES[i].last);
        struct ip before = ip_of(CASES[i].before);
        struct ip after = ip_of(CASES[i].after);
        assert_true(ip_range_holds(&range, &first));
        assert_true(ip_range_holds(&range, &last));
        assert_false(ip_range_holds(&range, &before));
        assert_false(ip_range_holds(&range, &after));
    }
}

/* All IPv6 addresses include the mapped ones; "0.0.0.0/0" holds no IPv6 address. */
static void
test_v4_addresses_are_in_the_range_of_everything(void **state)
{
    struct ip_range all = range_of("::/0");
    struct ip_range all_v4 = range_of("0.0.0.0/0");
    struct ip v4 = ip_of("10.0.0.1");
    struct ip v6 = ip_of("2001:db8::1");

    (void)state;
    assert_true(ip_range_holds(&all, &v4) && ip_range_holds(&all, &v6));
    assert_true(ip_range_holds(&all_v4, &v4));
    assert_false(ip_range_holds(&all_v4, &v6));
}

static void
test_host_bits_are_refused_with_the_range_that_was_meant(void **state)
{
    static const char *const CASES[][2] = {
        {"10.1.2.3/24", "10.1.2.0/24"},
        {"10.1.2.3/31", "10.1.2.2/31"},
        {"10.1.2.3/0", "0.0.0.0/0"},
        {"2001:db8::1/64", "2001:db8::/64"},
        {"2001:db8:8000::/32", "2001:db8::/32"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        struct ip_range range = {.bits = 99};
        struct ip_range corrected = {0};
        char text[IP_RANGE_TEXT_MAX + 1];
        assert_int_equal(ip_range_read(slice_of(CASES[i][0]), &range, &corrected),
                         STATUS_CONFLICT);
        assert_int_equal(range.bits, 99);
        ip_range_write(&corrected, text);
        assert_string_equal(text, CASES[i][1]);
        assert_int_equal(ip_range_read(slice_of(CASES[i][0]), &range, NULL),
                         STATUS_CONFLICT);
        assert_int_equal(ip_range_read(slice_of(text), &range, NULL), STATUS_OK);
    }
}

static void
test_range_refuses_bits_out_of_range_and_odd_spellings(void **state)
{
    static const char *const WRONG[] = {
        "10.0.0.0/33",
        "::/129",
        "10.0.0.0/",
        "10.0.0.0/-1",
        "10.0.0.0/08",
        "10.0.0.0/+8",
        "10.0.0.0/8/8",
        "10.0.0.0/ 8",
        "10.0.0.0/0x8",
        "/8",
        "10.0.0.0/999",
        "10.0.0.0/00",
        "",
        "10.0.0.0/8888",
        "10.0.0/8",
    };
    struct ip_range range = {.bits = 99};
    struct ip_range corrected = {.bits = 98};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(WRONG); i++)
        assert_int_equal(ip_range_read(slice_of(WRONG[i]), &range, &corrected),
                         STATUS_MALFORMED);
    assert_int_equal(range.bits, 99);
    assert_int_equal(corrected.bits, 98);
    assert_int_equal(ip_range_read(SLICE("10.0.0.0/32"), &range, NULL), STATUS_OK);
    assert_int_equal(ip_range_read(SLICE("::/128"), &range, NULL), STATUS_OK);
}

static void
test_ranges_are_equal_however_they_are_spelled(void **state)
{
    struct ip_range one = range_of("10.0.0.1");
    struct ip_range same = range_of("10.0.0.1/32");
    struct ip_range mapped = range_of("::ffff:10.0.0.1/128");
    struct ip_range wider = range_of("10.0.0.0/31");
    struct ip_range v6 = range_of("2001:db8::/32");
    struct ip_range v6_long = range_of("2001:0DB8:0::0/32");

    (void)state;
    assert_true(ip_range_equal(&one, &same) && ip_range_equal(&one, &mapped));
    assert_true(ip_range_equal(&v6, &v6_long));
    assert_false(ip_range_equal(&one, &wider));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_address_is_written_in_its_one_short_form),
        cmocka_unit_test(test_address_refuses_what_could_be_read_in_two_ways),
        cmocka_unit_test(test_v4_range_is_a_mapped_range_96_bits_deeper),
        cmocka_unit_test(test_range_holds_its_first_and_last_address_and_no_neighbour),
        cmocka_unit_test(test_v4_addresses_are_in_the_range_of_everything),
        cmocka_unit_test(test_host_bits_are_refused_with_the_range_that_was_meant),
        cmocka_unit_test(test_range_refuses_bits_out_of_range_and_odd_spellings),
        cmocka_unit_test(test_ranges_are_equal_however_they_are_spelled),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
