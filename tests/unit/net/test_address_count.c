/* SPDX-License-Identifier: Apache-2.0
 *
 * Connections per address: the limit holds exactly, and nothing is forgotten when rows
 * come and go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "net/address_count.h"

static struct ip
ip_of(const char *text)
{
    struct ip ip;

    assert_int_equal(ip_read(slice_of(text), &ip), STATUS_OK);
    return ip;
}

static void
test_the_limit_holds_for_each_address(void **state)
{
    struct address_count *count = address_count_new();
    struct ip one = ip_of("192.0.2.1");
    struct ip two = ip_of("192.0.2.2");

    (void)state;
    assert_true(address_count_take(count, &one, 2));
    assert_true(address_count_take(count, &one, 2));
    assert_false(address_count_take(count, &one, 2));
    assert_true(address_count_take(count, &two, 2));
    address_count_give(count, &one);
    assert_true(address_count_take(count, &one, 2));
    assert_false(address_count_take(count, &one, 2));
    assert_int_equal(address_count_of(count, &one), 2);
    address_count_give(count, &two);
    address_count_give(count, &two); /* one too many changes nothing */
    assert_int_equal(address_count_of(count, &two), 0);
    address_count_free(&count);
    assert_null(count);
}

/* An IPv6 client may use any address of its /64; it is still one client. */
static void
test_a_whole_ipv6_network_is_one_caller(void **state)
{
    struct address_count *count = address_count_new();
    struct ip first = ip_of("2001:db8:0:1::1");
    struct ip same = ip_of("2001:db8:0:1:ffff::2");
    struct ip other = ip_of("2001:db8:0:2::1");

    (void)state;
    assert_true(address_count_take(count, &first, 1));
    assert_false(address_count_take(count, &same, 1));
    assert_true(address_count_take(count, &other, 1));
    address_count_free(&count);
}

/* Beside a plain array that cannot be wrong. */
static void
test_it_agrees_with_a_plain_array(void **state)
{
    enum { ADDRESS_COUNT = 2000, STEPS = 200000 };
    static int64_t plain[ADDRESS_COUNT];
    struct address_count *count = address_count_new();
    uint64_t seed = 1;

    (void)state;
    for (int i = 0; i < STEPS; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        unsigned which = (unsigned)(seed >> 33) % ADDRESS_COUNT;
        struct ip ip = ip_of("10.0.0.0");
        ip.at[14] = (uint8_t)(which >> 8);
        ip.at[15] = (uint8_t)which;
        if (seed >> 62) {
            address_count_give(count, &ip);
            plain[which] -= plain[which] > 0;
        } else {
            bool may = address_count_take(count, &ip, 3);
            assert_int_equal(may, plain[which] < 3);
            plain[which] += may;
        }
        assert_int_equal(address_count_of(count, &ip), plain[which]);
    }
    address_count_free(&count);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_limit_holds_for_each_address),
        cmocka_unit_test(test_a_whole_ipv6_network_is_one_caller),
        cmocka_unit_test(test_it_agrees_with_a_plain_array),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
