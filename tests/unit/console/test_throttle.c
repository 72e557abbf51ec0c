/* SPDX-License-Identifier: Apache-2.0
 *
 * Pauses for those who guess. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/auto.h"
#include "console/throttle.h"

enum { HOUR_MS = 3600 * 1000 };

static const struct slice ADA = SLICE("ada@example.com");
static const struct slice EVE = SLICE("eve@example.com");

static int64_t
try_user(struct throttle *throttle, struct slice who, int64_t now_ms)
{
    return throttle_try(throttle, THROTTLE_USER, who, now_ms);
}

/* Uses up the free attempts. */
static void
spend(struct throttle *throttle, enum throttle_kind kind, struct slice who, int count,
      int64_t now_ms)
{
    for (int i = 0; i < count; i++)
        assert_int_equal(throttle_try(throttle, kind, who, now_ms), 0);
}

static void
test_pauses_double_up_to_their_most(void **state)
{
    struct throttle *throttle AUTO(throttle_free) = throttle_new();
    int64_t now_ms = 1000;

    (void)state;
    spend(throttle, THROTTLE_USER, ADA, 5, now_ms);
    for (int64_t pause_s = 1; pause_s < 60; pause_s *= 2) {
        assert_int_equal(try_user(throttle, ADA, now_ms), pause_s);
        assert_int_equal(try_user(throttle, ADA, now_ms + pause_s * 1000 - 1), 1);
        now_ms += pause_s * 1000;
        assert_int_equal(try_user(throttle, ADA, now_ms), 0);
    }
    for (int i = 0; i < 5; i++) {
        assert_int_equal(try_user(throttle, ADA, now_ms), 60);
        now_ms += 60 * 1000;
        assert_int_equal(try_user(throttle, ADA, now_ms), 0);
    }
}

static void
test_who_waits_does_not_make_it_longer(void **state)
{
    struct throttle *throttle AUTO(throttle_free) = throttle_new();

    (void)state;
    spend(throttle, THROTTLE_USER, ADA, 5, 1000);
    for (int i = 0; i < 100; i++)
        assert_int_equal(try_user(throttle, ADA, 1500), 1);
    assert_int_equal(try_user(throttle, ADA, 2000), 0);
}

static void
test_others_do_not_wait(void **state)
{
    struct throttle *throttle AUTO(throttle_free) = throttle_new();

    (void)state;
    spend(throttle, THROTTLE_USER, ADA, 5, 1000);
    assert_int_equal(try_user(throttle, EVE, 1000), 0);
    assert_int_equal(throttle_try(throttle, THROTTLE_CODE, ADA, 1000), 0);
    assert_int_equal(throttle_try(throttle, THROTTLE_ADDRESS, ADA, 1000), 0);
    assert_true(try_user(throttle, ADA, 1000) > 0);
}

static void
test_a_good_one_forgives_a_user_all(void **state)
{
    struct throttle *throttle AUTO(throttle_free) = throttle_new();

    (void)state;
    spend(throttle, THROTTLE_USER, ADA, 5, 1000);
    throttle_good(throttle, THROTTLE_USER, ADA);
    spend(throttle, THROTTLE_USER, ADA, 5, 1000);
    assert_int_equal(try_user(throttle, ADA, 1000), 1);
}

/* Whoever has one account of their own must not be able to guess at others' for ever. */
static void
test_a_good_one_forgives_an_address_just_that_one(void **state)
{
    struct throttle *throttle AUTO(throttle_free) = throttle_new();
    struct slice who = SLICE("address");
    int64_t now_ms = 1000;

    (void)state;
    spend(throttle, THROTTLE_ADDRESS, who, 19, now_ms);
    for (int i = 0; i < 50; i++) { /* good ones only */
        assert_int_equal(throttle_try(throttle, THROTTLE_ADDRESS, who, now_ms), 0);
        throttle_good(throttle, THROTTLE_ADDRESS, who);
    }
    assert_int_equal(throttle_try(throttle, THROTTLE_ADDRESS, who, now_ms), 0);
    assert_int_equal(throttle_try(throttle, THROTTLE_ADDRESS, who, now_ms), 1);
}

static void
test_after_an_hour_of_peace_all_is_forgotten(void **state)
{
    struct throttle *throttle AUTO(throttle_free) = throttle_new();

    (void)state;
    spend(throttle, THROTTLE_USER, ADA, 5, 1000);
    assert_int_equal(try_user(throttle, ADA, 1000 + HOUR_MS), 0);
    assert_int_equal(try_user(throttle, ADA, 1000 + HOUR_MS), 2);
    spend(throttle, THROTTLE_USER, ADA, 5, 1000 + 2 * HOUR_MS + 1);
}

/* A flood of names takes no memory, and who guesses while it runs is not forgotten before
 * those of the flood that are older. */
static void
test_a_flood_of_names_is_bounded(void **state)
{
    struct throttle *throttle AUTO(throttle_free) = throttle_new();
    char name[32];

    (void)state;
    for (int i = 0; i < 200000; i++) {
        int len = snprintf(name, sizeof(name), "user-%d@example.com", i);
        struct slice who = {(const unsigned char *)name, (size_t)len};
        assert_int_equal(try_user(throttle, who, 1000 + i), 0);
    }
    spend(throttle, THROTTLE_USER, ADA, 5, 300000);
    assert_int_equal(try_user(throttle, ADA, 300000), 1);
}

static void
test_an_ipv6_network_counts_as_one(void **state)
{
    struct ip one = {0};
    struct ip two = {0};
    struct ip far = {0};
    struct ip v4 = {0};
    struct ip next_v4 = {0};

    (void)state;
    assert_int_equal(ip_read(SLICE("2001:db8:0:1::1"), &one), STATUS_OK);
    assert_int_equal(ip_read(SLICE("2001:db8:0:1:ffff::2"), &two), STATUS_OK);
    assert_int_equal(ip_read(SLICE("2001:db8:0:2::1"), &far), STATUS_OK);
    assert_int_equal(ip_read(SLICE("192.0.2.1"), &v4), STATUS_OK);
    assert_int_equal(ip_read(SLICE("192.0.2.2"), &next_v4), STATUS_OK);
    assert_true(slice_equal(throttle_address(&one), throttle_address(&two)));
    assert_false(slice_equal(throttle_address(&one), throttle_address(&far)));
    assert_false(slice_equal(throttle_address(&v4), throttle_address(&next_v4)));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pauses_double_up_to_their_most),
        cmocka_unit_test(test_who_waits_does_not_make_it_longer),
        cmocka_unit_test(test_others_do_not_wait),
        cmocka_unit_test(test_a_good_one_forgives_a_user_all),
        cmocka_unit_test(test_a_good_one_forgives_an_address_just_that_one),
        cmocka_unit_test(test_after_an_hour_of_peace_all_is_forgotten),
        cmocka_unit_test(test_a_flood_of_names_is_bounded),
        cmocka_unit_test(test_an_ipv6_network_counts_as_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
