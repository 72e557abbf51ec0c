/* SPDX-License-Identifier: Apache-2.0
 *
 * How long a session lives, to the second, and what ends it before. */
#include "support.h"

#include "console/uses.h"
#include "store/store_sessions.h"

enum { IDLE_S = 900, MAX_S = 43200 };

static int
show(struct booth *booth, const char *cookie, int64_t now_s)
{
    return booth_ask(booth, "GET", "/console/api/session", (struct ask){.cookie = cookie},
                     now_s);
}

static void
test_a_session_is_dead_in_the_second_its_silence_is_over(void **state)
{
    struct booth *booth = *state;
    char cookie[SESSION_COOKIE_CHARS + 1];

    booth_begin(booth, &booth->house.admin, SESSION_ACTIVE, NOW_S, cookie);
    assert_int_equal(show(booth, cookie, NOW_S + IDLE_S - 1), 200);
    /* that was a use: the silence begins anew */
    assert_int_equal(show(booth, cookie, NOW_S + 2 * IDLE_S - 2), 200);
    assert_int_equal(show(booth, cookie, NOW_S + 3 * IDLE_S - 2), 401);
    /* and nothing wakes it */
    assert_int_equal(show(booth, cookie, NOW_S + 3 * IDLE_S - 3 + 1), 401);
}

static void
test_a_background_request_is_no_use(void **state)
{
    struct booth *booth = *state;
    struct ask background = {.background = "1"};
    char cookie[SESSION_COOKIE_CHARS + 1];

    booth_begin(booth, &booth->house.admin, SESSION_ACTIVE, NOW_S, cookie);
    background.cookie = cookie;
    assert_int_equal(
        booth_ask(booth, "GET", "/console/api/session", background, NOW_S + IDLE_S - 1),
        200);
    assert_int_equal(show(booth, cookie, NOW_S + IDLE_S), 401);
}

static void
test_a_busy_session_is_dead_when_its_time_is_over(void **state)
{
    struct booth *booth = *state;
    char cookie[SESSION_COOKIE_CHARS + 1];

    booth_begin(booth, &booth->house.admin, SESSION_ACTIVE, NOW_S, cookie);
    for (int64_t at = NOW_S; at < NOW_S + MAX_S; at += IDLE_S - 1)
        assert_int_equal(show(booth, cookie, at), 200);
    assert_int_equal(show(booth, cookie, NOW_S + MAX_S - 1), 200);
    assert_int_equal(show(booth, cookie, NOW_S + MAX_S), 401);
}

/* What one node has seen must be known to the others and after a restart. */
static void
test_uses_are_written_down(void **state)
{
    struct booth *booth = *state;
    struct console_setup setup = {.config = &booth->config,
                                  .master_key = booth->house.master_key,
                                  .routes = booth->routes};
    char cookie[SESSION_COOKIE_CHARS + 1];

    booth_begin(booth, &booth->house.admin, SESSION_ACTIVE, NOW_S, cookie);
    assert_int_equal(show(booth, cookie, NOW_S + 800), 200);
    OK(console_keep(booth->console, booth->house.store, (NOW_S + 800) * 1000));
    console_close(&booth->console);
    OK(console_open(&setup, &booth->console));
    assert_int_equal(show(booth, cookie, NOW_S + 800 + IDLE_S - 1), 200);
}

static bool
count_session(void *ctx, const struct session *session)
{
    (void)session;
    (*(int *)ctx)++;
    return true;
}

static int
session_count(struct booth *booth)
{
    int count = 0;

    OK(store_session_list(booth->house.store, booth->house.admin.id, count_session,
                          &count));
    return count;
}

static void
test_dead_sessions_are_dropped_a_minute_later(void **state)
{
    struct booth *booth = *state;
    char cookie[SESSION_COOKIE_CHARS + 1];

    booth_begin(booth, &booth->house.admin, SESSION_ACTIVE, NOW_S, cookie);
    booth_begin(booth, &booth->house.admin, SESSION_ACTIVE, NOW_S + 1, cookie);
    OK(console_keep(booth->console, booth->house.store, (NOW_S + IDLE_S + 60) * 1000));
    assert_int_equal(session_count(booth), 2);
    OK(console_keep(booth->console, booth->house.store, (NOW_S + IDLE_S + 61) * 1000));
    assert_int_equal(session_count(booth), 1);
}

static void
test_who_is_suspended_has_no_session(void **state)
{
    struct booth *booth = *state;
    struct user user = add_user(&booth->house, "ada@example.com", "Guest User");
    char cookie[SESSION_COOKIE_CHARS + 1];

    booth_begin(booth, &user, SESSION_ACTIVE, NOW_S, cookie);
    assert_int_equal(show(booth, cookie, NOW_S), 200);
    OK(user_suspend(&booth->house.act, SLICE("ada@example.com")));
    assert_int_equal(show(booth, cookie, NOW_S), 401);
    OK(user_resume(&booth->house.act, SLICE("ada@example.com")));
    assert_int_equal(show(booth, cookie, NOW_S), 401);
}

/* Even if a session were left (an older program, a restored database): who is suspended
 * is nobody. */
static void
test_a_suspended_user_is_nobody_whatever_sessions_there_are(void **state)
{
    struct booth *booth = *state;
    struct user user = add_user(&booth->house, "ada@example.com", "Guest User");
    char cookie[SESSION_COOKIE_CHARS + 1];

    booth_begin(booth, &user, SESSION_ACTIVE, NOW_S, cookie);
    user.is_suspended = true;
    OK(store_begin(booth->house.store));
    OK(store_user_change(booth->house.store, &user)); /* past all rules */
    OK(store_commit(booth->house.store));
    assert_int_equal(show(booth, cookie, NOW_S), 401);
}

/* What a role loses is lost at the next request. */
static void
test_rights_are_those_of_the_role_now(void **state)
{
    struct booth *booth = *state;
    struct user user = add_user(&booth->house, "ada@example.com", "Administrator");
    char cookie[SESSION_COOKIE_CHARS + 1];

    booth_begin(booth, &user, SESSION_ACTIVE, NOW_S, cookie);
    show(booth, cookie, NOW_S);
    SAYS(booth_text(booth), "Device import:Perform");
    OK(user_set_role(&booth->house.act, SLICE("ada@example.com"), SLICE("Guest User")));
    show(booth, cookie, NOW_S);
    assert_false(holds(booth_text(booth), "Device import:Perform"));
}

static void
test_uses_are_kept_until_they_are_written(void **state)
{
    struct booth *booth = *state;
    struct uses *uses AUTO(uses_free) = uses_new();

    for (int64_t id = 1; id <= 100; id++)
        uses_note(uses, id, 1000 + id);
    uses_note(uses, 50, 10); /* an earlier one, late */
    assert_int_equal(uses_find(uses, 50), 1050);
    assert_int_equal(uses_find(uses, 101), 0);
    OK(store_begin(booth->house.store));
    OK(uses_write(uses, booth->house.store));
    uses_note(uses, 7, 5000); /* while they are being written */
    OK(store_commit(booth->house.store));
    uses_written(uses);
    assert_int_equal(uses_count(uses), 1);
    assert_int_equal(uses_find(uses, 7), 5000);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOOTH(test_a_session_is_dead_in_the_second_its_silence_is_over),
        IN_BOOTH(test_a_background_request_is_no_use),
        IN_BOOTH(test_a_busy_session_is_dead_when_its_time_is_over),
        IN_BOOTH(test_uses_are_written_down),
        IN_BOOTH(test_dead_sessions_are_dropped_a_minute_later),
        IN_BOOTH(test_who_is_suspended_has_no_session),
        IN_BOOTH(test_a_suspended_user_is_nobody_whatever_sessions_there_are),
        IN_BOOTH(test_rights_are_those_of_the_role_now),
        IN_BOOTH(test_uses_are_kept_until_they_are_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
