/* SPDX-License-Identifier: Apache-2.0
 *
 * A rate holds over time, and a second's worth may come at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gate/rate.h"

/* So many a second; 0 = no limit. */
static bool
take(_Atomic int64_t *arrival, int64_t per_s, int64_t now_ns, int64_t *out_wait_s)
{
    struct rate_answer answer = {0};

    if (per_s == 0)
        return true;
    bool is_taken = rate_ask(arrival, (struct rate){per_s, 1}, now_ns, &answer);
    if (!is_taken)
        *out_wait_s = answer.wait_s;
    return is_taken;
}

static const int64_t S = 1000000000;

static void
test_so_many_at_once_and_not_one_more(void **state)
{
    _Atomic int64_t arrival = 0;
    int64_t wait_s = 0;

    (void)state;
    for (int i = 0; i < 20; i++)
        assert_true(take(&arrival, 20, 100 * S, &wait_s));
    assert_false(take(&arrival, 20, 100 * S, &wait_s));
    assert_int_equal(wait_s, 1);
    /* after a twentieth of a second exactly one more */
    assert_false(take(&arrival, 20, 100 * S + S / 20 - 1, &wait_s));
    assert_true(take(&arrival, 20, 100 * S + S / 20, &wait_s));
    assert_false(take(&arrival, 20, 100 * S + S / 20, &wait_s));
}

static void
test_a_refused_request_uses_nothing(void **state)
{
    _Atomic int64_t arrival = 0;
    int64_t wait_s = 0;

    (void)state;
    assert_true(take(&arrival, 1, S, &wait_s));
    for (int i = 0; i < 1000; i++)
        assert_false(take(&arrival, 1, S + i, &wait_s));
    assert_true(take(&arrival, 1, 2 * S, &wait_s));
}

static void
test_a_quiet_hour_is_not_saved_up(void **state)
{
    _Atomic int64_t arrival = 0;
    int64_t wait_s = 0;

    (void)state;
    assert_true(take(&arrival, 2, S, &wait_s));
    assert_true(take(&arrival, 2, 3600 * S, &wait_s));
    assert_true(take(&arrival, 2, 3600 * S, &wait_s));
    assert_false(take(&arrival, 2, 3600 * S, &wait_s));
}

static void
test_over_ten_seconds_the_rate_holds(void **state)
{
    _Atomic int64_t arrival = 0;
    int64_t wait_s = 0;
    int count = 0;

    (void)state;
    for (int64_t ns = 0; ns < 10 * S; ns += S / 1000)
        count += take(&arrival, 50, S + ns, &wait_s);
    assert_in_range(count, 500, 550);
}

static void
test_zero_is_no_limit(void **state)
{
    _Atomic int64_t arrival = 0;
    int64_t wait_s = 0;

    (void)state;
    for (int i = 0; i < 1000; i++)
        assert_true(take(&arrival, 0, S, &wait_s));
    assert_int_equal(arrival, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_so_many_at_once_and_not_one_more),
        cmocka_unit_test(test_a_refused_request_uses_nothing),
        cmocka_unit_test(test_a_quiet_hour_is_not_saved_up),
        cmocka_unit_test(test_over_ten_seconds_the_rate_holds),
        cmocka_unit_test(test_zero_is_no_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
