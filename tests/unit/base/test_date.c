/* SPDX-License-Identifier: Apache-2.0
 *
 * The calendar against an independent count, and the clock that tests stop. */
#include "base/auto.h"
#include "base/clock.h"
#include "base/date.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Every day of 400 years, counted on by hand: the whole cycle of leap years. */
static void
test_date_knows_every_day_of_400_years(void **state)
{
    static const int LENGTHS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t day_number = 0;

    (void)state;
    for (int year = 1970; year < 2370; year++) {
        bool is_leap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0);
        for (int month = 1; month <= 12; month++) {
            int length = LENGTHS[month - 1] + (is_leap && month == 2);
            for (int day = 1; day <= length; day++, day_number++) {
                struct date date = {year, month, day};
                struct date last = date_of(day_number * 86400 + 86399);
                assert_true(date_start_s(date) == day_number * 86400);
                assert_int_equal(date_compare(date_of(day_number * 86400), date), 0);
                assert_int_equal(date_compare(last, date), 0);
            }
        }
    }
    assert_true(day_number == 146097);
}

static void
test_date_reads_back_what_it_writes(void **state)
{
    char text[DATE_CHARS + 1];

    (void)state;
    for (int64_t day = 0; day < 2932897; day += 13) { /* up to 9999-12-31 */
        struct date read = {0};
        date_write(date_of(day * DAY_S), text);
        assert_int_equal(date_read(slice_of(text), &read), STATUS_OK);
        assert_true(date_start_s(read) == day * DAY_S);
    }
}

static void
test_date_refuses_days_that_are_not(void **state)
{
    static const char *const WRONG[] = {
        "2026-02-29", "2100-02-29", "2026-04-31",  "2026-13-01",  "2026-00-10",
        "2026-01-00", "2026-01-32", "1969-12-31",  "2026-1-01",   "2026-01-1",
        "2026/01/01", "20260101",   "2026-01-011", " 2026-01-01", "2026-01-0x",
        "-026-01-01", "",           "2026-01-01T",
    };
    struct date date = {1, 2, 3};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(WRONG); i++)
        assert_int_equal(date_read(slice_of(WRONG[i]), &date), STATUS_MALFORMED);
    assert_int_equal(date.year, 1);
    assert_int_equal(date_read(SLICE("2024-02-29"), &date), STATUS_OK);
    assert_int_equal(date_read(SLICE("2000-02-29"), &date), STATUS_OK);
    assert_int_equal(date_read(SLICE("1970-01-01"), &date), STATUS_OK);
    assert_int_equal(date_read(SLICE("9999-12-31"), &date), STATUS_OK);
}

static void
test_a_year_after_29_february_is_28_february(void **state)
{
    struct date leap = {2024, 2, 29};
    struct date usual = {2026, 2, 28};

    (void)state;
    assert_int_equal(date_compare(date_add_year(leap), (struct date){2025, 2, 28}), 0);
    assert_int_equal(date_compare(date_add_year(usual), (struct date){2027, 2, 28}), 0);
    assert_int_equal(date_compare(date_add_year((struct date){2026, 12, 31}),
                                  (struct date){2027, 12, 31}),
                     0);
}

static void
test_date_add_days_crosses_months_years_and_leap_days(void **state)
{
    struct date date = {2026, 12, 31};

    (void)state;
    assert_int_equal(date_compare(date_add_days(date, 1), (struct date){2027, 1, 1}), 0);
    assert_int_equal(date_compare(date_add_days(date, 90), (struct date){2027, 3, 31}),
                     0);
    assert_int_equal(date_compare(date_add_days(date, -365), (struct date){2025, 12, 31}),
                     0);
    assert_int_equal(date_compare(date_add_days((struct date){2024, 2, 28}, 1),
                                  (struct date){2024, 2, 29}),
                     0);
}

static void
test_date_compare_orders_by_year_then_month_then_day(void **state)
{
    (void)state;
    assert_true(date_compare((struct date){2026, 1, 31}, (struct date){2026, 2, 1}) < 0);
    assert_true(date_compare((struct date){2027, 1, 1}, (struct date){2026, 12, 31}) > 0);
    assert_true(date_compare((struct date){2026, 5, 4}, (struct date){2026, 5, 5}) < 0);
}

static void
test_moment_is_written_to_the_millisecond(void **state)
{
    char text[DATE_TIME_CHARS + 1];

    (void)state;
    date_time_write(0, text);
    assert_string_equal(text, "1970-01-01T00:00:00.000Z");
    date_time_write(1795461688007, text);
    assert_string_equal(text, "2026-11-23T19:21:28.007Z");
    date_time_write(-1, text);
    assert_string_equal(text, "1969-12-31T23:59:59.999Z");
    date_time_write(INT64_MAX, text);
    assert_string_equal(text, "9999-12-31T23:59:59.999Z");
    date_time_write(INT64_MIN, text);
    assert_string_equal(text, "0000-01-01T00:00:00.000Z");
}

static void
test_moment_is_read_with_fraction_and_offset(void **state)
{
    static const struct {
        const char *text;
        int64_t wanted_ms;
    } CASES[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"2026-11-23T19:21:28.007Z", 1795461688007},
        {"2026-11-23T19:21:28.0079999Z", 1795461688007},
        {"2026-11-23T19:21:28.007999999Z", 1795461688007},
        {"2026-11-23T19:21:28.1Z", 1795461688100},
        {"2026-11-23T21:21:28+02:00", 1795461688000},
        {"2026-11-23T13:51:28-05:30", 1795461688000},
        {"1970-01-01T00:00:00+01:00", -3600000},
        {"2026-11-23t19:21:28z", 1795461688000},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        int64_t at_ms = 1;
        assert_int_equal(date_time_read(slice_of(CASES[i].text), &at_ms), STATUS_OK);
        assert_true(at_ms == CASES[i].wanted_ms);
    }
}

static void
test_moment_refuses_what_is_almost_one(void **state)
{
    static const char *const WRONG[] = {
        "2026-11-23T19:21:28",       "2026-11-23",
        "2026-11-23 19:21:28Z",      "2026-11-23T24:00:00Z",
        "2026-11-23T19:60:00Z",      "2026-11-23T19:21:60Z",
        "2026-11-23T19:21:28.Z",     "2026-11-23T19:21:28.0123456789Z",
        "2026-11-23T19:21:28+0200",  "2026-11-23T19:21:28+24:00",
        "2026-11-23T19:21:28+02:60", "2026-11-23T19:21:28ZZ",
        "2026-02-30T19:21:28Z",      "2026-11-23T19:21Z",
        "2026-11-23T19:21:28,5Z",    "2026-11-23T1:21:28Z",
    };
    int64_t at_ms = 1;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(WRONG); i++)
        assert_int_equal(date_time_read(slice_of(WRONG[i]), &at_ms), STATUS_MALFORMED);
    assert_true(at_ms == 1);
}

static void
test_clock_stands_where_it_is_put_and_runs_again(void **state)
{
    (void)state;
    clock_stand_at(1999);
    assert_true(clock_now_ms() == 1999);
    assert_true(clock_now_s() == 1);
    clock_stand_at(-1);
    assert_true(clock_now_s() > 1600000000);
    assert_true(clock_monotonic_ns() / 1000000 <= clock_monotonic_ms());
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_date_knows_every_day_of_400_years),
        cmocka_unit_test(test_date_reads_back_what_it_writes),
        cmocka_unit_test(test_date_refuses_days_that_are_not),
        cmocka_unit_test(test_a_year_after_29_february_is_28_february),
        cmocka_unit_test(test_date_add_days_crosses_months_years_and_leap_days),
        cmocka_unit_test(test_date_compare_orders_by_year_then_month_then_day),
        cmocka_unit_test(test_moment_is_written_to_the_millisecond),
        cmocka_unit_test(test_moment_is_read_with_fraction_and_offset),
        cmocka_unit_test(test_moment_refuses_what_is_almost_one),
        cmocka_unit_test(test_clock_stands_where_it_is_put_and_runs_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
