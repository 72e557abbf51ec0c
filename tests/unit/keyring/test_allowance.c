/* SPDX-License-Identifier: Apache-2.0
 *
 * What is limited is never given out once too often: not across blocks, days, or a crash.
 */
#include "keyring/allowance.h"

#include "in_place.h"

#include "base/date.h"

enum { NOON_S = 20000 * DAY_S + DAY_S / 2 };

static void
reserve(int64_t now_s)
{
    OK(keyring_reserve(place.keyring, place.writer, now_s));
}

static enum keyring_taken
take(bool is_of_day, int64_t now_s)
{
    keyring_enter();
    const struct keyring_entry *entry = keyring_find(place.keyring, SLICE("few"));
    enum keyring_taken taken = is_of_day
                                   ? keyring_take_of_day(place.keyring, entry, now_s)
                                   : keyring_take_use(place.keyring, entry);
    keyring_leave();
    return taken;
}

/* Takes until there is no more; gives how many there were. */
static int
use_up(bool is_of_day, int64_t now_s)
{
    int count = 0;

    for (int tries = 0; tries < 1000; tries++) {
        enum keyring_taken taken = take(is_of_day, now_s);
        if (taken == KEYRING_OVER)
            return count;
        count += taken == KEYRING_TAKEN;
        if (taken == KEYRING_NOT_YET)
            reserve(now_s);
    }
    fail_msg("it is never used up");
    return count;
}

static void
add_limited(struct token_limits limits)
{
    struct token token = place_token(&place, "few");

    token.limits = limits;
    place_add(&place, &token);
    place_open_keyring(&place);
}

static void
test_uses_in_all_are_exact_across_blocks(void **state)
{
    (void)state;
    add_limited((struct token_limits){.max_uses = 25});
    assert_int_equal(take(false, NOON_S), KEYRING_NOT_YET); /* nothing is reserved */
    assert_int_equal(use_up(false, NOON_S), 25);
    assert_int_equal(take(false, NOON_S + DAY_S), KEYRING_OVER);
    keyring_enter();
    assert_true(keyring_is_used_up(keyring_find(place.keyring, SLICE("few"))));
    keyring_leave();
    /* what it is not limited to is not counted */
    assert_int_equal(take(true, NOON_S), KEYRING_TAKEN);
}

static void
test_a_crash_loses_uses_and_gains_none(void **state)
{
    int count = 0;

    (void)state;
    add_limited((struct token_limits){.max_uses = 25});
    reserve(NOON_S);
    for (int i = 0; i < 3; i++)
        count += take(false, NOON_S) == KEYRING_TAKEN;
    keyring_close(&place.keyring); /* nothing is given back */
    place_open_keyring(&place);
    count += use_up(false, NOON_S);
    assert_true(count < 25);
    assert_true(count >= 3);
}

static void
test_a_clean_stop_loses_none(void **state)
{
    int count = 0;

    (void)state;
    add_limited((struct token_limits){.max_uses = 25});
    reserve(NOON_S);
    for (int i = 0; i < 3; i++)
        count += take(false, NOON_S) == KEYRING_TAKEN;
    OK(keyring_give_back(place.keyring, place.writer));
    keyring_close(&place.keyring);
    place_open_keyring(&place);
    assert_int_equal(count + use_up(false, NOON_S), 25);
}

/* What was left of a day is not there on the next. */
static void
test_a_day_has_its_quota_and_no_more(void **state)
{
    (void)state;
    add_limited((struct token_limits){.quota_per_day = 12});
    reserve(NOON_S);
    assert_int_equal(take(true, NOON_S), KEYRING_TAKEN);
    int64_t last_second = NOON_S + DAY_S / 2 - 1;
    assert_int_equal(take(true, last_second), KEYRING_TAKEN);
    assert_int_equal(take(true, last_second + 1), KEYRING_NOT_YET);
    assert_int_equal(use_up(true, last_second + 1), 12);
    assert_int_equal(use_up(true, NOON_S + DAY_S), 0);
    assert_int_equal(use_up(true, NOON_S + 2 * DAY_S), 12);
}

static void
test_what_was_taken_for_nothing_is_there_again(void **state)
{
    (void)state;
    add_limited((struct token_limits){.max_uses = 10});
    assert_int_equal(use_up(false, NOON_S), 10);
    keyring_enter();
    keyring_return_use(keyring_find(place.keyring, SLICE("few")));
    keyring_leave();
    assert_int_equal(use_up(false, NOON_S), 1);
}

/* A place is held by a request, which may end after its token is gone. */
static void
test_so_many_have_a_place_and_each_gives_it_back(void **state)
{
    struct keyring_allowance *places[3] = {NULL};

    (void)state;
    add_limited((struct token_limits){.concurrent_max = 2});
    keyring_enter();
    const struct keyring_entry *entry = keyring_find(place.keyring, SLICE("few"));
    assert_true(keyring_enter_place(entry, &places[0]));
    assert_true(keyring_enter_place(entry, &places[1]));
    assert_false(keyring_enter_place(entry, &places[2]));
    assert_null(places[2]);
    keyring_leave_place(&places[2]); /* nothing was taken */
    keyring_leave_place(&places[0]);
    assert_true(keyring_enter_place(entry, &places[2]));
    assert_false(keyring_enter_place(entry, &places[0]));
    keyring_leave();
    place_remove(&place, "few");
    keyring_leave_place(&places[1]);
    keyring_leave_place(&places[2]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        IN_PLACE(test_uses_in_all_are_exact_across_blocks),
        IN_PLACE(test_a_crash_loses_uses_and_gains_none),
        IN_PLACE(test_a_clean_stop_loses_none),
        IN_PLACE(test_a_day_has_its_quota_and_no_more),
        IN_PLACE(test_what_was_taken_for_nothing_is_there_again),
        IN_PLACE(test_so_many_have_a_place_and_each_gives_it_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
