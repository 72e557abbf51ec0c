/* SPDX-License-Identifier: Apache-2.0
 *
 * Rule 5: from tomorrow to one year ahead, by UTC days. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "rules/expiry.h"

static const struct date TODAY = {2026, 11, 23};

static enum status
reads(const char *text, struct date today, struct date *out)
{
    struct failure failure = {0};
    enum status status = expiry_read(slice_of(text), today, out, &failure);

    if (status != STATUS_OK) {
        assert_string_equal(failure.field, "expires");
        assert_true(failure.text[0] != '\0');
    }
    return status;
}

static void
test_today_is_too_early_and_tomorrow_is_not(void **state)
{
    struct date date = {0};

    (void)state;
    assert_int_equal(reads("2026-11-22", TODAY, &date), STATUS_MALFORMED);
    assert_int_equal(reads("2026-11-23", TODAY, &date), STATUS_MALFORMED);
    assert_int_equal(date.year, 0);
    assert_int_equal(reads("2026-11-24", TODAY, &date), STATUS_OK);
    assert_int_equal(date.day, 24);
}

static void
test_one_year_is_the_most(void **state)
{
    struct date date = {0};

    (void)state;
    assert_int_equal(reads("2027-11-23", TODAY, &date), STATUS_OK);
    assert_int_equal(reads("2027-11-24", TODAY, &date), STATUS_MALFORMED);
    assert_int_equal(reads("2036-11-23", TODAY, &date), STATUS_MALFORMED);
}

/* A year after 29 February is 28 February: the 29th is not there, and 1 March is late. */
static void
test_a_year_from_a_leap_day(void **state)
{
    struct date leap = {2028, 2, 29};
    struct date date = {0};

    (void)state;
    assert_int_equal(reads("2029-02-28", leap, &date), STATUS_OK);
    assert_int_equal(reads("2029-02-29", leap, &date), STATUS_MALFORMED);
    assert_int_equal(reads("2029-03-01", leap, &date), STATUS_MALFORMED);
    assert_int_equal(reads("2028-02-29", (struct date){2028, 2, 28}, &date), STATUS_OK);
    assert_int_equal(reads("2028-02-29", (struct date){2027, 2, 28}, &date),
                     STATUS_MALFORMED);
    assert_int_equal(reads("2028-02-29", (struct date){2027, 3, 1}, &date), STATUS_OK);
}

static void
test_nothing_typed_is_ninety_days(void **state)
{
    struct date date = {0};

    (void)state;
    assert_int_equal(reads("", TODAY, &date), STATUS_OK);
    assert_int_equal(date_compare(date, (struct date){2027, 2, 21}), 0);
    assert_int_equal(reads("  ", TODAY, &date), STATUS_OK);
}

static void
test_what_is_no_date_is_refused_with_the_range(void **state)
{
    static const char *const WRONG[] = {"2026-11-31", "2026-12-1", "20261201",
                                        "2026/12/01", "tomorrow",  "2026-12-01T00:00:00Z",
                                        "-1",         "0000-00-00"};
    struct failure failure = {0};
    struct date date = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(WRONG) / sizeof(WRONG[0]); i++)
        assert_int_equal(reads(WRONG[i], TODAY, &date), STATUS_MALFORMED);
    assert_int_equal(expiry_read(SLICE("soon"), TODAY, &date, &failure),
                     STATUS_MALFORMED);
    assert_non_null(strstr(failure.text, "'soon'"));
    assert_non_null(strstr(failure.text, "2026-11-24"));
    assert_non_null(strstr(failure.text, "2027-11-23"));
}

/* It works through 23:59:59 of its day. */
static void
test_the_end_is_the_first_second_of_the_next_day(void **state)
{
    (void)state;
    assert_int_equal(expiry_end_s((struct date){2026, 11, 24}), 1795564800);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_today_is_too_early_and_tomorrow_is_not),
        cmocka_unit_test(test_one_year_is_the_most),
        cmocka_unit_test(test_a_year_from_a_leap_day),
        cmocka_unit_test(test_nothing_typed_is_ninety_days),
        cmocka_unit_test(test_what_is_no_date_is_refused_with_the_range),
        cmocka_unit_test(test_the_end_is_the_first_second_of_the_next_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
