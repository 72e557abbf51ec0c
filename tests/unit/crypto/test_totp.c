/* SPDX-License-Identifier: Apache-2.0
 *
 * One-time codes: the values of RFC 4226 Appendix D and RFC 6238 Appendix B, and how far
 * a clock may be off. */
#include "support.h"

#include "base/auto.h"
#include "crypto/totp.h"

#include <stdio.h>

static const struct slice SECRET = SLICE("12345678901234567890");

static void
test_counters_give_the_values_of_rfc_4226(void **state)
{
    static const uint32_t WANTED[] = {755224, 287082, 359152, 969429, 338314,
                                      254676, 287922, 162583, 399871, 520489};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(WANTED); i++)
        assert_int_equal(totp_value(SECRET, i, 6), WANTED[i]);
}

static void
test_moments_give_the_values_of_rfc_6238(void **state)
{
    static const struct {
        int64_t at_s;
        uint32_t wanted;
    } ROWS[] = {{59, 94287082},         {1111111109, 7081804},  {1111111111, 14050471},
                {1234567890, 89005924}, {2000000000, 69279037}, {20000000000, 65353130}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(ROWS); i++)
        assert_int_equal(totp_value(SECRET, (uint64_t)ROWS[i].at_s / TOTP_STEP_S, 8),
                         ROWS[i].wanted);
}

static bool
fits_at(const char *code, int64_t now_s, int64_t *out_step)
{
    *out_step = -1;
    return totp_fits(SECRET, slice_of(code), now_s, out_step);
}

/* 287082 is the code of step 1: 30 s to 59 s. */
static void
test_one_step_of_tolerance_and_not_a_second_more(void **state)
{
    int64_t step = 0;

    (void)state;
    assert_false(fits_at("969429", 59, &step)); /* step 3, two too late */
    assert_int_equal(step, -1);
    assert_true(fits_at("287082", 30, &step));
    assert_int_equal(step, 1);
    assert_true(fits_at("287082", 0, &step));
    assert_true(fits_at("287082", 89, &step));
    assert_int_equal(step, 1);
    assert_false(fits_at("287082", 90, &step));
    assert_int_equal(step, -1);
}

static void
test_a_code_is_six_digits(void **state)
{
    static const char *const WRONG[] = {"",       "28708",  "2870820", "94287082",
                                        "287083", "287081", "28708 ",  " 87082",
                                        "028708", "+87082", "28708x"};
    int64_t step = 0;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(WRONG); i++)
        assert_false(fits_at(WRONG[i], 59, &step));
}

/* The first step whose code begins with a zero: a lost one would
 * show. */
static void
test_a_leading_zero_counts(void **state)
{
    char code[16];
    int64_t step = 0;
    int64_t at = 0;

    (void)state;
    while (totp_value(SECRET, (uint64_t)at, 6) >= 100000)
        at++;
    snprintf(code, sizeof(code), "%06u", totp_value(SECRET, (uint64_t)at, 6));
    assert_int_equal(code[0], '0');
    assert_true(fits_at(code, at * TOTP_STEP_S, &step));
    assert_int_equal(step, at);
    assert_false(fits_at(code + 1, at * TOTP_STEP_S, &step));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counters_give_the_values_of_rfc_4226),
        cmocka_unit_test(test_moments_give_the_values_of_rfc_6238),
        cmocka_unit_test(test_one_step_of_tolerance_and_not_a_second_more),
        cmocka_unit_test(test_a_code_is_six_digits),
        cmocka_unit_test(test_a_leading_zero_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
