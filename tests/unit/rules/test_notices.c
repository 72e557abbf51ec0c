/* SPDX-License-Identifier: Apache-2.0
 *
 * Rule 11: what time does to a token, who is told, and that everything happens once. */
#include "letters.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "rules/notices.h"
#include "store/store_notices.h"

/* How often this reader was told this of this token. */
static int
times(struct house *house, const char *email, enum notice_kind kind,
      const struct token *token)
{
    return told_of(house, email, kind, token->id).line_count;
}

static int
expired_events(struct house *house, const char *token_id)
{
    struct event_query query = {.kind = EVENT_TOKEN_EXPIRED, .count = 1000 * 1000};
    struct seen seen = {0};

    snprintf(query.object_id, sizeof(query.object_id), "%s", token_id);
    OK(store_event_list(house->store, &query, see_event, &seen));
    return seen.count;
}

/* The housekeeper's turn at this moment. */
static void
carry_out(struct house *house, int64_t now_s)
{
    bool is_more = true;

    while (is_more)
        OK(notices_carry_out(house->store, now_s * 1000, &is_more));
}

static struct token
add_token_until(struct house *house, const struct user *user, int64_t now_s,
                struct date expires_on)
{
    char text[DATE_CHARS + 1];
    struct act act = house->act;
    struct token token = {0};
    struct secret secret AUTO(secret_done) = {0};

    date_write(expires_on, text);
    act.now_ms = now_s * 1000;
    struct token_wish wish = {.title = SLICE("Nightly"), .expires_on = slice_of(text)};
    OK(token_make(&act, user->id, &wish, &token, &secret));
    return token;
}

static void
extend(struct house *house, const struct token *token, int64_t now_s, struct date to)
{
    char text[DATE_CHARS + 1];
    struct act act = house->act;
    struct token out = {0};

    date_write(to, text);
    act.now_ms = now_s * 1000;
    struct slice date = slice_of(text);
    struct token_edit edit = {.expires_on = &date};
    OK(token_edit(&act, slice_of(token->id), &edit, &out));
}

/* ---- when ---- */

static void
test_the_plan_changes_at_two_seconds_of_a_life(void **state)
{
    static const struct date DAYS[] = {
        {2026, 12, 31}, {2027, 1, 1}, {2027, 3, 1}, {2028, 2, 29}, {2028, 3, 2},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(DAYS); i++) {
        int64_t day_s = date_start_s(DAYS[i]);
        int64_t soon_s = day_s - 3 * DAY_S;
        int64_t end_s = day_s + DAY_S;

        struct notice_plan plan = notice_plan_at(DAYS[i], soon_s - 1);
        assert_false(plan.is_soon_due || plan.is_expired_due);
        assert_int_equal(plan.next_at_s, soon_s);
        plan = notice_plan_at(DAYS[i], soon_s);
        assert_true(plan.is_soon_due && !plan.is_expired_due);
        assert_int_equal(plan.next_at_s, end_s);
        plan = notice_plan_at(DAYS[i], end_s - 1);
        assert_true(plan.is_soon_due && !plan.is_expired_due);
        plan = notice_plan_at(DAYS[i], end_s);
        assert_true(plan.is_soon_due && plan.is_expired_due);
        assert_true(plan.next_at_s == INT64_MAX);
    }
}

static void
test_notices_come_in_their_second_and_once(void **state)
{
    struct house *house = *state;
    struct user grace = add_user(house, GRACE, "System Administrator");
    struct token token =
        add_token_until(house, &house->admin, NOW_S, (struct date){2026, 12, 24});
    int64_t soon_s = date_start_s((struct date){2026, 12, 21});
    int64_t end_s = date_start_s((struct date){2026, 12, 25});
    const char *const readers[] = {ADMIN, grace.email};

    for (size_t i = 0; i < COUNT_OF(readers); i++)
        assert_int_equal(times(house, readers[i], NOTICE_CREATED, &token), 1);
    carry_out(house, NOW_S);
    carry_out(house, soon_s - 1);
    for (size_t i = 0; i < COUNT_OF(readers); i++)
        assert_int_equal(times(house, readers[i], NOTICE_SOON, &token), 0);
    for (int turn = 0; turn < 3; turn++)
        carry_out(house, soon_s + turn);
    carry_out(house, end_s - 1);
    assert_int_equal(expired_events(house, token.id), 0);
    for (size_t i = 0; i < COUNT_OF(readers); i++) {
        assert_int_equal(times(house, readers[i], NOTICE_SOON, &token), 1);
        assert_int_equal(times(house, readers[i], NOTICE_EXPIRED, &token), 0);
    }
    for (int turn = 0; turn < 3; turn++)
        carry_out(house, end_s + turn);
    carry_out(house, end_s - 3600); /* an hour back */
    carry_out(house, end_s + 400 * DAY_S);
    assert_int_equal(expired_events(house, token.id), 1);
    for (size_t i = 0; i < COUNT_OF(readers); i++) {
        struct told told = told_of(house, readers[i], NOTICE_EXPIRED, token.id);
        assert_int_equal(told.line_count, 1);
        assert_int_equal(told.late_count, 0);
        assert_int_equal(times(house, readers[i], NOTICE_SOON, &token), 1);
        assert_int_equal(times(house, readers[i], NOTICE_CREATED, &token), 1);
    }
    struct seen seen = events_of(house, token.id);
    assert_int_equal(seen.newest.kind, EVENT_TOKEN_EXPIRED);
    assert_int_equal(seen.newest.actor_kind, ACTOR_SYSTEM);
    assert_int_equal(seen.newest.at_ms, end_s * 1000);
    SAYS(seen.details, "\"expires\":\"2026-12-24\"");
    SAYS(seen.details, "\"user\":\"" ADMIN "\"");
}

static void
test_a_token_made_within_the_three_days_is_told_of_at_once(void **state)
{
    struct house *house = *state;
    int64_t now_s = date_start_s((struct date){2026, 12, 22}) + 5000;
    struct token token =
        add_token_until(house, &house->admin, now_s, (struct date){2026, 12, 24});

    carry_out(house, now_s);
    assert_int_equal(times(house, ADMIN, NOTICE_SOON, &token), 1);
    carry_out(house, now_s + 3600);
    assert_int_equal(times(house, ADMIN, NOTICE_SOON, &token), 1);
}

static void
test_who_slept_through_the_days_before_says_so_in_the_letter_of_the_end(void **state)
{
    struct house *house = *state;
    struct token token =
        add_token_until(house, &house->admin, NOW_S, (struct date){2026, 12, 24});

    carry_out(house, NOW_S);
    carry_out(house, date_start_s((struct date){2027, 1, 24})); /* a month later */
    struct told told = told_of(house, ADMIN, NOTICE_EXPIRED, token.id);
    assert_int_equal(told.line_count, 1);
    assert_int_equal(told.late_count, 1);
    assert_int_equal(expired_events(house, token.id), 1);
    /* it was a clock that had jumped; it comes back */
    for (int64_t at_s = NOW_S; at_s < NOW_S + 60 * DAY_S; at_s += DAY_S / 2)
        carry_out(house, at_s);
    assert_int_equal(times(house, ADMIN, NOTICE_SOON, &token), 0);
    assert_int_equal(times(house, ADMIN, NOTICE_EXPIRED, &token), 1);
    assert_int_equal(expired_events(house, token.id), 1);
}

static void
test_another_date_arms_the_notices_again_but_each_date_once(void **state)
{
    struct house *house = *state;
    struct date first = {2026, 12, 24};
    struct date second = {2027, 1, 24};
    int64_t now_s = date_start_s((struct date){2026, 12, 21});
    struct token token = add_token_until(house, &house->admin, NOW_S, first);

    carry_out(house, now_s);
    assert_int_equal(times(house, ADMIN, NOTICE_SOON, &token), 1);
    extend(house, &token, now_s, second);
    carry_out(house, now_s);
    carry_out(house, date_start_s((struct date){2026, 12, 25}));
    assert_int_equal(times(house, ADMIN, NOTICE_SOON, &token), 1);
    assert_int_equal(expired_events(house, token.id), 0);
    carry_out(house, date_start_s((struct date){2027, 1, 21}));
    assert_int_equal(times(house, ADMIN, NOTICE_SOON, &token), 2);
    /* away and back: of this date people know */
    now_s = date_start_s((struct date){2027, 1, 22});
    extend(house, &token, now_s, (struct date){2027, 6, 1});
    carry_out(house, now_s);
    extend(house, &token, now_s, second);
    carry_out(house, now_s);
    assert_int_equal(times(house, ADMIN, NOTICE_SOON, &token), 2);
    carry_out(house, date_start_s((struct date){2027, 1, 25}));
    assert_int_equal(times(house, ADMIN, NOTICE_EXPIRED, &token), 1);
    assert_int_equal(expired_events(house, token.id), 1);
}

/* An edit of something else leaves the notices alone. */
static void
test_a_new_title_arms_nothing(void **state)
{
    struct house *house = *state;
    struct token token =
        add_token_until(house, &house->admin, NOW_S, (struct date){2026, 12, 24});
    struct slice title = SLICE("Weekly");
    struct token_edit edit = {.title = &title};
    struct token out = {0};
    struct due_token due = {0};
    size_t count = 0;

    carry_out(house, NOW_S);
    OK(token_edit(&house->act, slice_of(token.id), &edit, &out));
    OK(store_due_list(house->store, NOW_S, &due, 1, &count));
    assert_int_equal(count, 0);
}

/* ---- who ---- */

static void
test_everybody_is_told_once_and_nobody_who_is_suspended(void **state)
{
    struct house *house = *state;
    struct user grace = add_user(house, GRACE, "System Administrator");
    struct user linus = add_user(house, LINUS, "Security Administrator");
    struct date date = {2026, 12, 24};
    struct token his = add_token_until(house, &linus, NOW_S, date);
    struct token hers = add_token_until(house, &grace, NOW_S, date);

    assert_int_equal(times(house, LINUS, NOTICE_CREATED, &his), 1);
    assert_int_equal(times(house, LINUS, NOTICE_CREATED, &hers), 0);
    OK(user_suspend(&house->act, SLICE(LINUS)));
    OK(user_suspend(&house->act, SLICE(GRACE)));
    carry_out(house, date_start_s(date) + DAY_S);
    assert_int_equal(expired_events(house, his.id), 1);
    assert_int_equal(told_of(house, LINUS, NOTICE_EXPIRED, "").letter_count, 0);
    assert_int_equal(told_of(house, GRACE, NOTICE_EXPIRED, "").letter_count, 0);
    assert_int_equal(times(house, ADMIN, NOTICE_EXPIRED, &his), 1);
    assert_int_equal(times(house, ADMIN, NOTICE_EXPIRED, &hers), 1);
}

static void
test_a_deleted_token_is_not_told_of(void **state)
{
    struct house *house = *state;
    struct token token =
        add_token_until(house, &house->admin, NOW_S, (struct date){2026, 12, 24});

    carry_out(house, NOW_S);
    OK(token_delete(&house->act, slice_of(token.id)));
    carry_out(house, NOW_S + 400 * DAY_S);
    assert_int_equal(told_of(house, ADMIN, NOTICE_SOON, "").letter_count, 0);
    assert_int_equal(told_of(house, ADMIN, NOTICE_EXPIRED, "").letter_count, 0);
    assert_int_equal(expired_events(house, token.id), 0);
}

/* ---- how many letters ---- */

static void
test_a_storm_is_one_letter_to_each(void **state)
{
    enum { STORM_COUNT = 2 * NOTICE_ACT_MAX_COUNT + 1 };
    struct house *house = *state;
    struct user grace = add_user(house, GRACE, "System Administrator");
    struct user linus = add_user(house, LINUS, "Security Administrator");
    struct date date = {2026, 12, 24};
    int64_t end_s = date_start_s(date) + DAY_S;
    bool is_more = false;

    (void)grace;
    for (int i = 0; i < STORM_COUNT; i++)
        add_token_until(house, i % 3 ? &house->admin : &linus, NOW_S, date);
    send_all(house, NOW_S + 3600);
    /* the sender looks in between: it waits for the rest */
    OK(notices_carry_out(house->store, end_s * 1000, &is_more));
    assert_true(is_more);
    assert_int_equal(send_all(house, end_s), 0);
    carry_out(house, end_s);
    assert_int_equal(expired_events(house, ""), STORM_COUNT);

    const char *const admins[] = {ADMIN, GRACE};
    for (size_t i = 0; i < COUNT_OF(admins); i++) {
        struct told told = told_of(house, admins[i], NOTICE_EXPIRED, "");
        assert_int_equal(told.letter_count, 1);
        assert_int_equal(told.token_count, STORM_COUNT);
        assert_int_equal(told.line_count, LETTER_LINE_MAX_COUNT);
    }
    struct told his = told_of(house, LINUS, NOTICE_EXPIRED, "");
    assert_int_equal(his.letter_count, 1);
    assert_int_equal(his.token_count, (STORM_COUNT + 2) / 3);
    assert_int_equal(send_all(house, end_s), 3);
    assert_int_equal(send_all(house, end_s + 3600), 0);
}

static void
test_new_tokens_in_a_row_are_gathered(void **state)
{
    struct house *house = *state;
    struct date date = {2027, 6, 1};

    add_token_until(house, &house->admin, NOW_S, date);
    assert_int_equal(send_all(house, NOW_S), 1);
    for (int i = 0; i < 30; i++) {
        add_token_until(house, &house->admin, NOW_S + i, date);
        assert_int_equal(send_all(house, NOW_S + i), 0);
    }
    assert_int_equal(send_all(house, NOW_S + NOTICE_GAP_S - 1), 0);
    assert_int_equal(send_all(house, NOW_S + NOTICE_GAP_S), 1);
    struct told told = told_of(house, ADMIN, NOTICE_CREATED, "");
    assert_int_equal(told.letter_count, 2);
    assert_int_equal(told.token_count, 31);
}

/* ---- whatever happens ---- */

/* A housekeeper in a process of its own. */
static pid_t
start_keeper(const struct house *house, int64_t now_s)
{
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid > 0)
        return pid;

    struct store *store = NULL;
    struct failure failure = {0};
    bool is_more = true;
    if (store_open(house->data, STORE_WRITE, &store, &failure) != STATUS_OK)
        _exit(1);
    while (is_more) {
        if (notices_carry_out(store, now_s * 1000, &is_more) != STATUS_OK)
            _exit(1);
    }
    _exit(0);
}

static void
assert_all_expired_once(struct house *house, const struct token *tokens, int count)
{
    struct told told = told_of(house, ADMIN, NOTICE_EXPIRED, "");

    assert_int_equal(told.token_count, count);
    assert_int_equal(told_of(house, LINUS, NOTICE_EXPIRED, "").token_count, count);
    assert_int_equal(expired_events(house, ""), count);
    for (int i = 0; i < count; i += 97)
        assert_int_equal(expired_events(house, tokens[i].id), 1);
}

enum { KILL_TOKEN_COUNT = 300 };

static void
add_many(struct house *house, struct token *tokens, struct date date)
{
    struct user linus = add_user(house, LINUS, "Security Administrator");

    for (int i = 0; i < KILL_TOKEN_COUNT; i++)
        tokens[i] = add_token_until(house, &linus, NOW_S, date);
}

static void
test_a_housekeeper_that_is_killed_loses_nothing_and_repeats_nothing(void **state)
{
    struct house *house = *state;
    struct token *tokens AUTO(mem_done) = mem_new(KILL_TOKEN_COUNT * sizeof(*tokens));
    struct date date = {2026, 12, 24};
    int64_t end_s = date_start_s(date) + DAY_S;
    int kill_count = 0;

    add_many(house, tokens, date);
    for (int i = 0; i < 40; i++) {
        int status = 0;
        pid_t pid = start_keeper(house, end_s);

        usleep((useconds_t)(1000 + 1500 * i));
        kill(pid, SIGKILL);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        kill_count += WIFSIGNALED(status);
    }
    assert_true(kill_count > 0);
    carry_out(house, end_s);
    assert_all_expired_once(house, tokens, KILL_TOKEN_COUNT);
}

static void
test_two_housekeepers_share_the_work(void **state)
{
    struct house *house = *state;
    struct token *tokens AUTO(mem_done) = mem_new(KILL_TOKEN_COUNT * sizeof(*tokens));
    struct date date = {2026, 12, 24};
    int64_t end_s = date_start_s(date) + DAY_S;
    pid_t pids[3];

    add_many(house, tokens, date);
    for (size_t i = 0; i < COUNT_OF(pids); i++)
        pids[i] = start_keeper(house, end_s);
    for (size_t i = 0; i < COUNT_OF(pids); i++) {
        int status = -1;
        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_int_equal(status, 0);
    }
    assert_all_expired_once(house, tokens, KILL_TOKEN_COUNT);
}

/* ---- 400 days ---- */

enum { LIFE_TOKEN_MAX = 40, LIFE_DAYS = 400 };

/* What should have happened, kept by the test itself. */
struct life {
    struct token token;
    bool is_soon_told, is_dead; /* of its present date */
    int soon_count;
    bool is_late;
};

static void
expect_turn(struct life *lives, int count, int64_t now_s)
{
    for (int i = 0; i < count; i++) {
        struct life *life = &lives[i];
        int64_t day_s = date_start_s(life->token.expires_on);

        if (!life->is_dead && now_s >= day_s + DAY_S) {
            life->is_dead = true;
            life->is_late = !life->is_soon_told;
        } else if (!life->is_dead && !life->is_soon_told && now_s >= day_s - 3 * DAY_S) {
            life->is_soon_told = true;
            life->soon_count++;
        }
    }
}

/* Somebody extends a token now and then. */
static void
maybe_extend(struct house *house, struct life *life, int64_t now_s, long die)
{
    struct date today = date_of(now_s);

    if (life->is_dead || now_s >= life->token.expires_at_s || die % 40 != 0)
        return;
    struct date to = date_add_days(today, 1 + (int)(die / 40 % 60));
    if (date_compare(to, life->token.expires_on) <= 0)
        return;
    extend(house, &life->token, now_s, to);
    life->token = read_token(house, &life->token);
    life->is_soon_told = false;
}

static void
assert_life(struct house *house, const struct life *life)
{
    const char *const readers[] = {ADMIN, GRACE, LINUS};

    assert_true(life->is_dead);
    assert_int_equal(expired_events(house, life->token.id), 1);
    for (size_t i = 0; i < COUNT_OF(readers); i++) {
        struct told end = told_of(house, readers[i], NOTICE_EXPIRED, life->token.id);
        assert_int_equal(end.line_count, 1);
        assert_int_equal(end.late_count, life->is_late);
        assert_int_equal(times(house, readers[i], NOTICE_CREATED, &life->token), 1);
        assert_int_equal(times(house, readers[i], NOTICE_SOON, &life->token),
                         life->soon_count);
    }
}

/* A clock that limps: from a second to seven days at a time, and now and then an hour
 * back. All is counted at the end. */
static void
test_400_days_pass_and_everything_happens_once(void **state)
{
    struct house *house = *state;
    struct user linus = add_user(house, LINUS, "Security Administrator");
    struct life *lives AUTO(mem_done) = mem_new(LIFE_TOKEN_MAX * sizeof(*lives));
    int64_t now_s = NOW_S;
    int count = 0;
    int turn_count = 0;

    add_user(house, GRACE, "System Administrator");
    srandom(20261123);
    for (; now_s < NOW_S + LIFE_DAYS * DAY_S; turn_count++) {
        long die = random();

        if (count < LIFE_TOKEN_MAX && die % 2 == 0 && now_s < NOW_S + 330 * DAY_S) {
            struct date date = date_add_days(date_of(now_s), 1 + (int)(die % 50));
            lives[count++] =
                (struct life){.token = add_token_until(house, &linus, now_s, date)};
        }
        for (int i = 0; i < count; i++)
            maybe_extend(house, &lives[i], now_s, random());
        carry_out(house, now_s);
        expect_turn(lives, count, now_s);
        if (die % 3 == 0)
            send_all(house, now_s);
        now_s += die % 11 == 0 ? -3600 : random() % (7 * DAY_S) + 1;
    }
    assert_int_equal(count, LIFE_TOKEN_MAX);
    assert_true(turn_count > 100);
    for (int i = 0; i < count; i++)
        assert_life(house, &lives[i]);
    assert_int_equal(expired_events(house, ""), count);
    int late_count = 0;
    int soon_count = 0;
    for (int i = 0; i < count; i++) {
        late_count += lives[i].is_late;
        soon_count += lives[i].soon_count;
    }
    assert_true(late_count > 0 && soon_count > count / 2);
}

/* A disk that is full anywhere in an act: nothing of it is there, and all of it comes,
 * once, when there is room. */
static void
test_a_full_disk_loses_and_doubles_no_notice(void **state)
{
    enum { TOKEN_COUNT = 60, STEP_BYTES = 8 * 1024 };
    struct house *house = *state;
    struct date day = {2026, 12, 24};
    int64_t end_s = date_start_s((struct date){2026, 12, 25});
    struct token tokens[TOKEN_COUNT];
    struct rlimit limit;
    bool is_more = true;
    int full_count = 0;

    for (int i = 0; i < TOKEN_COUNT; i++)
        tokens[i] = add_token_until(house, &house->admin, NOW_S, day);
    carry_out(house, NOW_S);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    struct rlimit tight = limit;
    for (tight.rlim_cur = STEP_BYTES; is_more; tight.rlim_cur += STEP_BYTES) {
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
        enum status status = notices_carry_out(house->store, end_s * 1000, &is_more);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
        if (status == STATUS_OK)
            continue;
        if (status != STATUS_FULL)
            fail_msg("%s: %s", status_name(status), store_failure(house->store));
        is_more = true;
        full_count++;
    }
    assert_true(full_count > 3);
    for (int i = 0; i < TOKEN_COUNT; i++)
        assert_int_equal(expired_events(house, tokens[i].id), 1);
    assert_int_equal(told_of(house, ADMIN, NOTICE_EXPIRED, "").token_count, TOKEN_COUNT);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_plan_changes_at_two_seconds_of_a_life),
        IN_HOUSE(test_notices_come_in_their_second_and_once),
        IN_HOUSE(test_a_token_made_within_the_three_days_is_told_of_at_once),
        IN_HOUSE(test_who_slept_through_the_days_before_says_so_in_the_letter_of_the_end),
        IN_HOUSE(test_another_date_arms_the_notices_again_but_each_date_once),
        IN_HOUSE(test_a_new_title_arms_nothing),
        IN_HOUSE(test_everybody_is_told_once_and_nobody_who_is_suspended),
        IN_HOUSE(test_a_deleted_token_is_not_told_of),
        IN_HOUSE(test_a_storm_is_one_letter_to_each),
        IN_HOUSE(test_new_tokens_in_a_row_are_gathered),
        IN_HOUSE(test_a_housekeeper_that_is_killed_loses_nothing_and_repeats_nothing),
        IN_HOUSE(test_two_housekeepers_share_the_work),
        IN_HOUSE(test_a_full_disk_loses_and_doubles_no_notice),
        IN_HOUSE(test_400_days_pass_and_everything_happens_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
