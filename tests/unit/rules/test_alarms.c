/* SPDX-License-Identifier: Apache-2.0
 *
 * Alarms wait in memory, bounded; the first of a token and day is kept. */
#include "support.h"

#include "rules/alarms.h"

static struct alarm
alarm_of(int number, int64_t at_s)
{
    struct alarm alarm = {
        .kind = ALARM_USED_LATE, .at_ms = at_s * 1000, .address = "192.0.2.1"};

    snprintf(alarm.token_id, sizeof(alarm.token_id), "token-%d", number);
    return alarm;
}

static int
take_all(struct alarms *alarms)
{
    struct alarm alarm;
    int count = 0;

    while (alarms_take(alarms, &alarm) == STATUS_OK)
        count++;
    return count;
}

static void
test_the_first_of_a_token_and_a_day_is_kept(void **state)
{
    struct alarms *alarms AUTO(alarms_free) = alarms_new();
    struct alarm first = alarm_of(1, NOW_S);
    struct alarm taken;

    (void)state;
    alarms_add(alarms, &first);
    for (int i = 1; i < 1000; i++) {
        struct alarm again = alarm_of(1, NOW_S + i);
        alarms_add(alarms, &again);
    }
    OK(alarms_take(alarms, &taken));
    assert_int_equal(taken.at_ms, first.at_ms);
    alarms_add(alarms, &first); /* taken, and still the same day */
    assert_int_equal(take_all(alarms), 0);
    struct alarm tomorrow = alarm_of(1, NOW_S + DAY_S);
    struct alarm other = alarm_of(2, NOW_S);
    alarms_add(alarms, &tomorrow);
    alarms_add(alarms, &other);
    assert_int_equal(take_all(alarms), 2);
}

static void
test_what_could_not_be_written_waits_again(void **state)
{
    struct alarms *alarms AUTO(alarms_free) = alarms_new();
    struct alarm alarm = alarm_of(1, NOW_S);
    struct alarm taken;

    (void)state;
    alarms_add(alarms, &alarm);
    OK(alarms_take(alarms, &taken));
    alarms_give_back(alarms, &taken);
    OK(alarms_take(alarms, &taken));
    assert_string_equal(taken.token_id, "token-1");
    assert_int_equal(take_all(alarms), 0);
}

/* 256 tokens wait; the next is dropped. What was taken gives its place away. */
static void
test_the_board_is_bounded(void **state)
{
    struct alarms *alarms AUTO(alarms_free) = alarms_new();

    (void)state;
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 300; i++) {
            struct alarm alarm = alarm_of(round * 1000 + i, NOW_S + i);
            alarms_add(alarms, &alarm);
        }
        assert_int_equal(take_all(alarms), 256);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_first_of_a_token_and_a_day_is_kept),
        cmocka_unit_test(test_what_could_not_be_written_waits_again),
        cmocka_unit_test(test_the_board_is_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
