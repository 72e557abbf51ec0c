/* SPDX-License-Identifier: Apache-2.0
 *
 * Tokens that nobody uses: which are called so, and the letter about them, once for a
 * user and month. */
#include "letters.h"

#include <signal.h>
#include <sys/wait.h>

#include "rules/notices.h"
#include "rules/unused.h"

enum { DAYS = 90 };

/* ---- which ---- */

static void
test_a_token_is_unused_from_the_90th_day_on(void **state)
{
    struct token token = {.created_at_s = 1000, .expires_at_s = INT64_MAX / 2};

    (void)state;
    assert_false(token_is_unused_at(&token, DAYS, 1000 + DAYS * DAY_S - 1));
    assert_true(token_is_unused_at(&token, DAYS, 1000 + DAYS * DAY_S));
    assert_int_equal(token_idle_days(&token, 1000 + DAYS * DAY_S), DAYS);
    /* from its last use on, when it has one */
    token.last_used_at_s = 5 * DAY_S;
    assert_false(token_is_unused_at(&token, DAYS, 95 * DAY_S - 1));
    assert_true(token_is_unused_at(&token, DAYS, 95 * DAY_S));
    /* what is dead is not unused, it is dead; what is suspended still lies around */
    token.is_suspended = true;
    assert_true(token_is_unused_at(&token, DAYS, 95 * DAY_S));
    token.expires_at_s = 95 * DAY_S;
    assert_true(token_is_unused_at(&token, DAYS - 1, 95 * DAY_S - 1));
    assert_false(token_is_unused_at(&token, DAYS, 95 * DAY_S));
}

static void
test_zero_days_is_never_and_a_clock_that_goes_back_is_no_use(void **state)
{
    struct token token = {.created_at_s = 1000, .expires_at_s = INT64_MAX / 2};

    (void)state;
    assert_false(token_is_unused_at(&token, 0, 1000 + 10000 * DAY_S));
    assert_int_equal(token_idle_days(&token, 0), 0);
    assert_false(token_is_unused_at(&token, 1, 0));
}

/* ---- the letter ---- */

static void
carry_out(struct house *house, struct date day)
{
    bool is_more = true;

    while (is_more)
        OK(unused_carry_out(house->store, date_start_s(day) * 1000, DAYS, &is_more));
}

/* One that was made on NOW_S (2026-11-23) and lives for a year. */
static struct token
add_long_token(struct house *house, const struct user *user, const char *title)
{
    struct token_wish wish = {.title = slice_of(title),
                              .expires_on = SLICE("2027-11-23")};
    struct token token = {0};
    struct secret secret AUTO(secret_done) = {0};

    OK(token_make(&house->act, user->id, &wish, &token, &secret));
    return token;
}

static void
use_token(struct house *house, const struct token *token, struct date day)
{
    struct token_use use = {.last_used_at_s = date_start_s(day) + 3600, .more = 1};

    memcpy(use.id, token->id, sizeof(use.id));
    OK(ip_read(SLICE("192.0.2.1"), &use.last_used_from));
    OK(store_begin(house->store));
    OK(store_token_add_uses(house->store, &use, 1));
    OK(store_commit(house->store));
}

static void
test_users_hear_of_their_own_once_a_month(void **state)
{
    struct house *house = *state;
    struct user linus = add_user(house, LINUS, "Security Administrator");
    struct token his = add_long_token(house, &linus, "His");
    struct token used = add_long_token(house, &linus, "Used");
    struct token hers = add_long_token(house, &house->admin, "Hers");

    /* made on 23 November: on 1 February 70 days ago, on 1 March 98 */
    carry_out(house, (struct date){2027, 2, 1});
    carry_out(house, (struct date){2027, 2, 28});
    assert_int_equal(told_of(house, LINUS, NOTICE_UNUSED, "").letter_count, 0);
    use_token(house, &used, (struct date){2027, 1, 20});

    for (int day = 1; day <= 31; day++)
        carry_out(house, (struct date){2027, 3, day});
    struct told told = told_of(house, LINUS, NOTICE_UNUSED, "");
    assert_int_equal(told.letter_count, 1);
    assert_int_equal(told.token_count, 1);
    SAYS(told.newest.note,
         "never used since it was made on 2026-11-23 (UTC), 97 days ago");
    assert_int_equal(told_of(house, LINUS, NOTICE_UNUSED, his.id).line_count, 1);
    assert_int_equal(told_of(house, LINUS, NOTICE_UNUSED, used.id).line_count, 0);
    /* an administrator is told of their own only */
    assert_int_equal(told_of(house, ADMIN, NOTICE_UNUSED, "").token_count, 1);
    assert_int_equal(told_of(house, ADMIN, NOTICE_UNUSED, hers.id).line_count, 1);

    /* sent; in the next month another one, with the second token too by May */
    send_all(house, date_start_s((struct date){2027, 3, 31}) + 1);
    carry_out(house, (struct date){2027, 4, 1});
    assert_int_equal(told_of(house, LINUS, NOTICE_UNUSED, "").letter_count, 2);
    assert_int_equal(told_of(house, LINUS, NOTICE_UNUSED, used.id).line_count, 0);
    send_all(house, date_start_s((struct date){2027, 4, 1}) + 1);
    carry_out(house, (struct date){2027, 5, 1});
    assert_int_equal(told_of(house, LINUS, NOTICE_UNUSED, "").letter_count, 3);
    told = told_of(house, LINUS, NOTICE_UNUSED, used.id);
    assert_int_equal(told.line_count, 1);
    SAYS(told.newest.note, "last used on 2027-01-20 (UTC), 100 days ago");
}

/* What has been used, or has died, since the month began is left out. */
static void
test_what_is_used_again_is_not_told(void **state)
{
    struct house *house = *state;
    struct user linus = add_user(house, LINUS, "Security Administrator");
    struct token again = add_long_token(house, &linus, "Again");

    use_token(house, &again, (struct date){2027, 3, 2});
    carry_out(house, (struct date){2027, 3, 3});
    assert_int_equal(told_of(house, LINUS, NOTICE_UNUSED, "").letter_count, 0);
    carry_out(house, (struct date){2027, 11, 24}); /* dead since midnight */
    assert_int_equal(told_of(house, LINUS, NOTICE_UNUSED, "").letter_count, 0);
    carry_out(house, (struct date){2027, 12, 24});
    assert_int_equal(told_of(house, LINUS, NOTICE_UNUSED, "").letter_count, 0);
}

/* A month is one letter: what becomes unused in its middle waits for the next. */
static void
test_what_becomes_unused_in_a_month_is_told_in_the_next(void **state)
{
    struct house *house = *state;
    struct user linus = add_user(house, LINUS, "Security Administrator");
    struct token token = add_long_token(house, &linus, "Middle");

    carry_out(house, (struct date){2027, 2, 22}); /* idle for 91 days */
    assert_int_equal(told_of(house, LINUS, NOTICE_UNUSED, token.id).line_count, 0);
    carry_out(house, (struct date){2027, 3, 1});
    assert_int_equal(told_of(house, LINUS, NOTICE_UNUSED, token.id).line_count, 1);
}

static void
test_who_is_suspended_hears_nothing_and_hears_when_resumed_next_month(void **state)
{
    struct house *house = *state;
    struct user linus = add_user(house, LINUS, "Security Administrator");

    add_long_token(house, &linus, "His");
    OK(user_suspend(&house->act, SLICE(LINUS)));
    carry_out(house, (struct date){2027, 3, 1});
    assert_int_equal(told_of(house, LINUS, NOTICE_UNUSED, "").letter_count, 0);
    OK(user_resume(&house->act, SLICE(LINUS)));
    carry_out(house, (struct date){2027, 4, 1});
    assert_int_equal(told_of(house, LINUS, NOTICE_UNUSED, "").letter_count, 1);
}

/* Forward a month, back an hour over the month's border, and forward again. */
static void
test_a_clock_that_jumps_tells_nobody_twice(void **state)
{
    static const struct date DAYS_SEEN[] = {
        {2027, 3, 31}, {2027, 4, 1}, {2027, 3, 31}, {2027, 4, 1},
        {2027, 8, 1},  {2027, 4, 2}, {2027, 5, 1},  {2027, 8, 2},
    };
    struct house *house = *state;
    struct user linus = add_user(house, LINUS, "Security Administrator");

    add_long_token(house, &linus, "His");
    for (size_t i = 0; i < COUNT_OF(DAYS_SEEN); i++) {
        carry_out(house, DAYS_SEEN[i]);
        send_all(house, date_start_s(DAYS_SEEN[i]) + 1);
    }
    assert_int_equal(told_of(house, LINUS, NOTICE_UNUSED, "").token_count,
                     4); /* Mar Apr May Aug */
}

static void
test_many_tokens_are_one_letter_that_counts_them(void **state)
{
    enum { TOKEN_COUNT = 450 }; /* more than two pages */
    struct house *house = *state;
    struct user linus = add_user(house, LINUS, "Security Administrator");

    for (int i = 0; i < TOKEN_COUNT; i++)
        add_long_token(house, &linus, "One of many");
    carry_out(house, (struct date){2027, 3, 1});
    struct told told = told_of(house, LINUS, NOTICE_UNUSED, "");
    assert_int_equal(told.letter_count, 1);
    assert_int_equal(told.token_count, TOKEN_COUNT);
    assert_int_equal(told.line_count, LETTER_LINE_MAX_COUNT);
}

/* ---- whatever happens ---- */

enum { PEOPLE_COUNT = 120 };

static void
add_people(struct house *house)
{
    for (int i = 0; i < PEOPLE_COUNT; i++) {
        char email[64];
        snprintf(email, sizeof(email), "user%d@example.com", i);
        struct user user = add_user(house, email, "Security Administrator");
        add_long_token(house, &user, "One");
    }
}

/* A housekeeper as a process of its own. */
static pid_t
start_keeper(const struct house *house, struct date day)
{
    pid_t pid = fork();

    if (pid != 0)
        return pid;
    struct failure failure = {0};
    struct store *store = NULL;
    bool is_more = true;
    if (store_open(house->data, STORE_WRITE, &store, &failure) != STATUS_OK)
        _exit(1);
    while (is_more) {
        if (unused_carry_out(store, date_start_s(day) * 1000, DAYS, &is_more) !=
            STATUS_OK)
            _exit(2);
    }
    store_close(&store);
    _exit(0);
}

static void
assert_all_told_once(struct house *house)
{
    for (int i = 0; i < PEOPLE_COUNT; i++) {
        char email[64];
        snprintf(email, sizeof(email), "user%d@example.com", i);
        struct told told = told_of(house, email, NOTICE_UNUSED, "");
        assert_int_equal(told.letter_count, 1);
        assert_int_equal(told.token_count, 1);
        assert_int_equal(told.line_count, 1);
    }
}

static void
test_a_housekeeper_that_is_killed_forgets_nobody_and_repeats_nothing(void **state)
{
    struct house *house = *state;
    int kill_count = 0;

    add_people(house);
    for (int i = 0; i < 30; i++) {
        int status = 0;
        pid_t pid = start_keeper(house, (struct date){2027, 3, 1});

        usleep((useconds_t)(1000 + 1500 * i));
        kill(pid, SIGKILL);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        kill_count += WIFSIGNALED(status);
    }
    assert_true(kill_count > 0);
    carry_out(house, (struct date){2027, 3, 1});
    assert_all_told_once(house);
}

static void
test_two_housekeepers_tell_nobody_twice(void **state)
{
    struct house *house = *state;
    pid_t pids[3];

    add_people(house);
    for (size_t i = 0; i < COUNT_OF(pids); i++)
        pids[i] = start_keeper(house, (struct date){2027, 3, 1});
    for (size_t i = 0; i < COUNT_OF(pids); i++) {
        int status = -1;
        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_int_equal(status, 0);
    }
    assert_all_told_once(house);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_token_is_unused_from_the_90th_day_on),
        cmocka_unit_test(test_zero_days_is_never_and_a_clock_that_goes_back_is_no_use),
        IN_HOUSE(test_users_hear_of_their_own_once_a_month),
        IN_HOUSE(test_what_is_used_again_is_not_told),
        IN_HOUSE(test_what_becomes_unused_in_a_month_is_told_in_the_next),
        IN_HOUSE(test_who_is_suspended_hears_nothing_and_hears_when_resumed_next_month),
        IN_HOUSE(test_a_clock_that_jumps_tells_nobody_twice),
        IN_HOUSE(test_many_tokens_are_one_letter_that_counts_them),
        IN_HOUSE(test_a_housekeeper_that_is_killed_forgets_nobody_and_repeats_nothing),
        IN_HOUSE(test_two_housekeepers_tell_nobody_twice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
