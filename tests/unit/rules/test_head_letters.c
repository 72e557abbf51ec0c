/* SPDX-License-Identifier: Apache-2.0
 *
 * Signed heads by letter: to whom, when, and that each comes once. */
#include "letters.h"

#include <signal.h>
#include <sys/wait.h>

#include "rules/head_letters.h"
#include "store/store_event_tree.h"

enum { EVERY_DAYS = 7 };

static int
head_count(struct house *house)
{
    return told_of(house, ADMIN, NOTICE_HEAD, "").line_count;
}

static void
carry_out(struct house *house, int64_t now_s)
{
    OK(head_letters_carry_out(house->store, now_s * 1000, EVERY_DAYS));
}

/* The server has signed so many events. */
static void
add_head(struct house *house, int64_t size, int64_t now_s)
{
    struct tree_head head = {.size = size, .at_ms = now_s * 1000};

    OK(store_begin(house->store));
    OK(store_event_head_add(house->store, &head));
    OK(store_commit(house->store));
}

static void
test_administrators_get_the_newest_head_when_the_days_are_over(void **state)
{
    struct house *house = *state;
    int64_t week_s = EVERY_DAYS * DAY_S;

    add_user(house, GRACE, "System Administrator");
    add_user(house, "linus@example.com", "Administrator");
    add_user(house, "gone@example.com", "System Administrator");
    OK(user_suspend(&house->act, SLICE("gone@example.com")));
    carry_out(house, NOW_S - week_s); /* nothing is signed: it does not begin */
    add_head(house, 5, NOW_S);
    carry_out(house, NOW_S);
    add_head(house, 9, NOW_S + 60);
    carry_out(house, NOW_S + week_s - 1);
    assert_int_equal(head_count(house), 0);
    carry_out(house, NOW_S + week_s);
    carry_out(house, NOW_S + week_s);
    struct told told = told_of(house, GRACE, NOTICE_HEAD, "");
    assert_int_equal(told.letter_count, 1);
    assert_int_equal(told.line_count, 1);
    assert_string_equal(told.newest.title, "9");
    assert_non_null(strstr(told.newest.note, "{\"size\":9,\"root\":\"AAAA"));
    assert_int_equal(head_count(house), 1);
    assert_int_equal(told_of(house, "linus@example.com", NOTICE_HEAD, "").letter_count,
                     0);
    assert_int_equal(told_of(house, "gone@example.com", NOTICE_HEAD, "").letter_count, 0);
}

static void
test_a_head_that_was_told_of_is_not_told_again(void **state)
{
    struct house *house = *state;
    int64_t week_s = EVERY_DAYS * DAY_S;

    add_head(house, 5, NOW_S);
    carry_out(house, NOW_S);
    for (int week = 1; week < 9; week++)
        carry_out(house, NOW_S + week * week_s);
    assert_int_equal(head_count(house), 1);
    add_head(house, 6, NOW_S + 9 * week_s);
    carry_out(house, NOW_S + 9 * week_s);
    assert_int_equal(head_count(house), 2);
    assert_int_equal(told_of(house, ADMIN, NOTICE_HEAD, "").letter_count,
                     1); /* it has not left yet */
}

/* Ahead by a month, back, and an hour back: the next comes a week later at the latest. */
static void
test_a_clock_that_jumps_doubles_none_and_ends_none(void **state)
{
    struct house *house = *state;
    int64_t week_s = EVERY_DAYS * DAY_S;
    int64_t now_s = NOW_S;
    int64_t size = 1;

    add_head(house, size, now_s);
    carry_out(house, now_s);
    add_head(house, ++size, now_s);
    carry_out(house, now_s + 30 * DAY_S);
    assert_int_equal(head_count(house), 1);
    add_head(house, ++size, now_s);
    carry_out(house, now_s + 30 * DAY_S - 3600);
    assert_int_equal(head_count(house), 1);
    carry_out(house, now_s); /* 30 days ahead of it: as if so many had passed */
    assert_int_equal(head_count(house), 2);
    add_head(house, ++size, now_s);
    carry_out(house, now_s + week_s - 3600);
    assert_int_equal(head_count(house), 2);
    carry_out(house, now_s + week_s);
    assert_int_equal(head_count(house), 3);
}

static pid_t
start_keeper(const struct house *house, int64_t now_s)
{
    struct failure failure = {0};
    struct store *store = NULL;
    pid_t pid = fork();

    if (pid != 0)
        return pid;
    if (store_open(house->data, STORE_WRITE, &store, &failure) != STATUS_OK)
        _exit(1);
    _exit(head_letters_carry_out(store, now_s * 1000, EVERY_DAYS) == STATUS_OK ? 0 : 2);
}

static void
test_housekeepers_side_by_side_or_killed_tell_once(void **state)
{
    enum { KEEPER_COUNT = 4, ROUND_COUNT = 10 };
    struct house *house = *state;
    pid_t pids[KEEPER_COUNT];
    int64_t now_s = NOW_S;

    add_head(house, 1, now_s);
    carry_out(house, now_s);
    for (int round = 1; round <= ROUND_COUNT; round++) {
        now_s += EVERY_DAYS * DAY_S;
        add_head(house, 1 + round, now_s);
        for (int i = 0; i < KEEPER_COUNT; i++)
            pids[i] = start_keeper(house, now_s);
        usleep((useconds_t)(500 * round));
        kill(pids[0], SIGKILL);
        for (int i = 0; i < KEEPER_COUNT; i++) {
            int status = -1;
            assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
            assert_true(status == 0 || (i == 0 && WIFSIGNALED(status)));
        }
        assert_int_equal(head_count(house), round);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        IN_HOUSE(test_administrators_get_the_newest_head_when_the_days_are_over),
        IN_HOUSE(test_a_head_that_was_told_of_is_not_told_again),
        IN_HOUSE(test_a_clock_that_jumps_doubles_none_and_ends_none),
        IN_HOUSE(test_housekeepers_side_by_side_or_killed_tell_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
