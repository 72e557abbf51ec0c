/* SPDX-License-Identifier: Apache-2.0
 *
 * Canary tokens: what they are, and that their use is told at once, counted, and never a
 * flood. */
#include "letters.h"

#include <sqlite3.h>

#include "rules/canaries.h"
#include "rules/token_roll.h"

static struct token
add_canary(struct house *house, const struct user *user)
{
    struct token_wish wish = {.title = SLICE("On the file server"), .is_canary = true};
    struct token token = {0};
    struct secret secret AUTO(secret_done) = {0};

    OK(token_make(&house->act, user->id, &wish, &token, &secret));
    assert_int_equal(secret.len, SECRET_KEY_CHARS);
    return token;
}

static bool
note(struct canaries *canaries, const struct token *token, int64_t at_ms)
{
    struct canary_use use = {.at_ms = at_ms,
                             .address = "203.0.113.9",
                             .agent = "curl/8.0",
                             .request_id = "01JDX"};

    memcpy(use.token_id, token->id, sizeof(use.token_id));
    return canaries_note(canaries, &use);
}

static struct act
act_at(const struct house *house, int64_t now_ms)
{
    struct act act = house->act;

    act.now_ms = now_ms;
    return act;
}

static struct seen
uses_of(struct house *house, const struct token *token)
{
    struct event_query query = {.kind = EVENT_CANARY_USED, .count = 1000};
    struct seen seen = {0};

    memcpy(query.object_id, token->id, sizeof(query.object_id));
    OK(store_event_list(house->store, &query, see_event, &seen));
    return seen;
}

/* ---- what it is ---- */

static void
test_a_canary_can_do_nothing_and_nothing_can_be_chosen_for_it(void **state)
{
    struct house *house = *state;
    struct token token = add_canary(house, &house->admin);
    struct token found = read_token(house, &token);
    struct secret secret AUTO(secret_done) = {0};
    struct permission_set some = {{0}};

    assert_true(found.is_canary);
    assert_true(permission_set_is_empty(&found.permissions));
    assert_int_equal(found.group_count + found.address_count, 0);
    SAYS(events_of(house, token.id).details, "\"isCanary\":true");

    permission_set_add(&some, PERMISSION_DEVICE_REPORTS_VIEW);
    struct token_wish wish = {
        .title = SLICE("x"), .is_canary = true, .permissions = &some};
    REFUSED(MALFORMED, token_make(&house->act, house->admin.id, &wish, &found, &secret));
    assert_string_equal(house->failure.field, "permissions");
    wish.permissions = NULL;
    wish.addresses = SLICE("10.0.0.1");
    REFUSED(MALFORMED, token_make(&house->act, house->admin.id, &wish, &found, &secret));
    assert_string_equal(house->failure.field, "addresses");
    struct slice address = SLICE("10.0.0.1");
    struct token_edit edit = {.addresses = &address};
    REFUSED(MALFORMED, token_edit(&house->act, slice_of(token.id), &edit, &found));
    struct token_roll roll = {.overlap_days = 1};
    struct token_rolled rolled = {0};
    REFUSED(REFUSED, token_roll(&house->act, slice_of(token.id), &roll, &rolled));
    SAYS(house->failure.text, "a canary token has no successor");
    /* and an ordinary one is none */
    struct token other = add_token(house, &house->admin, "x");
    assert_false(read_token(house, &other).is_canary);
}

/* It is there to be unused. */
static void
test_a_canary_is_never_called_unused(void **state)
{
    struct token token = {.is_canary = true, .expires_at_s = INT64_MAX / 2};

    (void)state;
    assert_false(token_is_unused_at(&token, 90, 1000 * DAY_S));
    token.is_canary = false;
    assert_true(token_is_unused_at(&token, 90, 1000 * DAY_S));
}

static void
test_what_a_program_calls_itself_is_cut_and_cleaned(void **state)
{
    char out[CANARY_AGENT_BYTES];
    char long_one[3 * CANARY_AGENT_BYTES];

    (void)state;
    canary_clean_agent(SLICE("curl/8.0 (x; \"y\")"), out);
    assert_string_equal(out, "curl/8.0 (x; \"y\")");
    canary_clean_agent(SLICE("a\r\nBcc: \x01\x7f\xc3\xa9"), out);
    assert_string_equal(out, "a??Bcc: ????");
    memset(long_one, 'x', sizeof(long_one));
    canary_clean_agent((struct slice){(const unsigned char *)long_one, sizeof(long_one)},
                       out);
    assert_int_equal(strlen(out), CANARY_AGENT_BYTES - 1);
    canary_clean_agent((struct slice){0}, out);
    assert_string_equal(out, "");
}

/* ---- that it is told ---- */

static void
test_a_use_is_told_at_once_to_its_user_and_the_administrators(void **state)
{
    struct house *house = *state;
    struct user grace = add_user(house, GRACE, "Security Administrator");
    struct token token = add_canary(house, &grace);
    struct canaries *canaries AUTO(canaries_free) = canaries_new();
    struct act act = act_at(house, NOW_S * 1000 + 5);

    assert_true(note(canaries, &token, act.now_ms));
    OK(canaries_write(canaries, &act, token.id));
    struct seen seen = uses_of(house, &token);
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.newest.actor_kind, ACTOR_TOKEN);
    assert_string_equal(seen.newest.actor_id, token.id);
    assert_string_equal(seen.newest.address, "203.0.113.9");
    assert_string_equal(seen.newest.request_id, "01JDX");
    assert_string_equal(seen.newest.object_name, "On the file server");
    SAYS(seen.details, "\"userAgent\":\"curl/8.0\"");
    SAYS(seen.details, "\"count\":1");
    struct told told = told_of(house, GRACE, NOTICE_CANARY, "");
    assert_int_equal(told.token_count, 1);
    SAYS(told.newest.note,
         "It was used at 2026-11-23T12:00:00.005Z from 203.0.113.9 by a program "
         "that calls itself curl/8.0.");
    assert_int_equal(told_of(house, ADMIN, NOTICE_CANARY, "").token_count, 1);
    /* nothing more is known: nothing more is told */
    act.now_ms += 10 * CANARY_EVENT_GAP_MS;
    OK(canaries_write(canaries, &act, token.id));
    OK(canaries_write_all(canaries, &act, true));
    assert_int_equal(uses_of(house, &token).count, 1);
}

static void
test_ten_thousand_uses_are_a_few_events_with_a_count_and_one_letter(void **state)
{
    struct house *house = *state;
    struct token token = add_canary(house, &house->admin);
    struct canaries *canaries AUTO(canaries_free) = canaries_new();
    struct act act = act_at(house, NOW_S * 1000);
    int now_count = 0;

    for (int i = 0; i < 10000; i++) { /* over ten seconds */
        act.now_ms = NOW_S * 1000 + i;
        if (note(canaries, &token, act.now_ms)) {
            now_count++;
            OK(canaries_write(canaries, &act, token.id));
        }
        if (i % 1000 == 0)
            OK(canaries_write_all(canaries, &act, false));
    }
    assert_int_equal(now_count, 1);
    assert_int_equal(uses_of(house, &token).count, 1);
    act.now_ms = NOW_S * 1000 + CANARY_EVENT_GAP_MS - 1;
    OK(canaries_write_all(canaries, &act, false));
    assert_int_equal(uses_of(house, &token).count, 1);
    act.now_ms++;
    OK(canaries_write_all(canaries, &act, false));
    struct seen seen = uses_of(house, &token);
    assert_int_equal(seen.count, 2);
    SAYS(seen.details, "\"count\":9999");
    SAYS(seen.details, "\"firstAt\":\"2026-11-23T12:00:00.001Z\"");
    SAYS(seen.details, "\"lastAt\":\"2026-11-23T12:00:09.999Z\"");
    assert_int_equal(told_of(house, ADMIN, NOTICE_CANARY, "").token_count, 1);

    /* a day of it: an event a minute, a letter an hour */
    for (int minute = 2; minute < 24 * 60; minute++) {
        act.now_ms = NOW_S * 1000 + minute * (int64_t)CANARY_EVENT_GAP_MS + 1;
        if (note(canaries, &token, act.now_ms))
            OK(canaries_write(canaries, &act, token.id));
    }
    assert_in_range(uses_of(house, &token).count, 900, 1000); /* as many as are listed */
    assert_in_range(told_of(house, ADMIN, NOTICE_CANARY, "").token_count, 23, 24);
}

/* Each canary has a minute of its own. */
static void
test_two_canaries_do_not_silence_each_other(void **state)
{
    struct house *house = *state;
    struct token one = add_canary(house, &house->admin);
    struct token two = add_canary(house, &house->admin);
    struct canaries *canaries AUTO(canaries_free) = canaries_new();
    struct act act = act_at(house, NOW_S * 1000);

    assert_true(note(canaries, &one, act.now_ms));
    OK(canaries_write(canaries, &act, one.id));
    assert_true(note(canaries, &two, act.now_ms));
    OK(canaries_write(canaries, &act, two.id));
    assert_false(note(canaries, &two, act.now_ms));
    assert_int_equal(uses_of(house, &one).count, 1);
    assert_int_equal(uses_of(house, &two).count, 1);
    assert_int_equal(told_of(house, ADMIN, NOTICE_CANARY, "").token_count, 2);
}

/* No worker came: the housekeeper writes it, but lets the worker go first. */
static void
test_what_no_worker_writes_the_housekeeper_writes(void **state)
{
    struct house *house = *state;
    struct token token = add_canary(house, &house->admin);
    struct canaries *canaries AUTO(canaries_free) = canaries_new();
    struct act act = act_at(house, NOW_S * 1000);

    assert_true(note(canaries, &token, act.now_ms));
    OK(canaries_write_all(canaries, &act, false));
    assert_int_equal(uses_of(house, &token).count, 0);
    act.now_ms += 2000;
    OK(canaries_write_all(canaries, &act, false));
    assert_int_equal(uses_of(house, &token).count, 1);
    /* at a stop, whatever has passed */
    assert_false(note(canaries, &token, act.now_ms));
    OK(canaries_write_all(canaries, &act, true));
    assert_int_equal(uses_of(house, &token).count, 2);
}

static void
run_sql(const struct house *house, const char *sql)
{
    char path[128];
    sqlite3 *db = NULL;

    snprintf(path, sizeof(path), "%s/tokenhouse.db", house->data);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void
test_what_cannot_be_written_stays_noted(void **state)
{
    struct house *house = *state;
    struct token token = add_canary(house, &house->admin);
    struct canaries *canaries AUTO(canaries_free) = canaries_new();
    struct act act = act_at(house, NOW_S * 1000);

    run_sql(house, "CREATE TRIGGER full BEFORE INSERT ON event BEGIN SELECT RAISE(ABORT, "
                   "'the disk is full'); END");
    assert_true(note(canaries, &token, act.now_ms));
    assert_int_not_equal(canaries_write(canaries, &act, token.id), STATUS_OK);
    assert_int_equal(told_of(house, ADMIN, NOTICE_CANARY, "").token_count,
                     0);                                 /* all or nothing */
    assert_true(note(canaries, &token, act.now_ms + 1)); /* the next one tries again */
    run_sql(house, "DROP TRIGGER full");
    OK(canaries_write(canaries, &act, token.id));
    SAYS(uses_of(house, &token).details, "\"count\":2");
    assert_int_equal(told_of(house, ADMIN, NOTICE_CANARY, "").token_count, 1);
}

static void
test_who_is_suspended_is_not_told_and_of_a_deleted_one_nobody(void **state)
{
    struct house *house = *state;
    struct user grace = add_user(house, GRACE, "Security Administrator");
    struct token token = add_canary(house, &grace);
    struct token gone = add_canary(house, &grace);
    struct canaries *canaries AUTO(canaries_free) = canaries_new();
    struct act act = act_at(house, NOW_S * 1000);

    OK(user_suspend(&house->act, SLICE(GRACE)));
    assert_true(note(canaries, &token, act.now_ms));
    OK(canaries_write(canaries, &act, token.id));
    assert_int_equal(told_of(house, GRACE, NOTICE_CANARY, "").token_count, 0);
    assert_int_equal(told_of(house, ADMIN, NOTICE_CANARY, "").token_count, 1);
    assert_true(note(canaries, &gone, act.now_ms));
    OK(token_delete(&house->act, slice_of(gone.id)));
    OK(canaries_write(canaries, &act, gone.id));
    assert_int_equal(uses_of(house, &gone).count, 0);
    assert_int_equal(told_of(house, ADMIN, NOTICE_CANARY, "").token_count, 1);
}

/* More tokens than there are places: the newest are told, and nothing breaks. */
static void
test_a_full_table_forgets_who_was_quiet_for_longest(void **state)
{
    struct canaries *canaries AUTO(canaries_free) = canaries_new();
    struct token token = {0};

    (void)state;
    for (int i = 0; i < 3 * CANARY_MAX_COUNT; i++) {
        snprintf(token.id, sizeof(token.id), "canary-%d", i);
        assert_true(note(canaries, &token, 1000 + i));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        IN_HOUSE(test_a_canary_can_do_nothing_and_nothing_can_be_chosen_for_it),
        cmocka_unit_test(test_a_canary_is_never_called_unused),
        cmocka_unit_test(test_what_a_program_calls_itself_is_cut_and_cleaned),
        IN_HOUSE(test_a_use_is_told_at_once_to_its_user_and_the_administrators),
        IN_HOUSE(test_ten_thousand_uses_are_a_few_events_with_a_count_and_one_letter),
        IN_HOUSE(test_two_canaries_do_not_silence_each_other),
        IN_HOUSE(test_what_no_worker_writes_the_housekeeper_writes),
        IN_HOUSE(test_what_cannot_be_written_stays_noted),
        IN_HOUSE(test_who_is_suspended_is_not_told_and_of_a_deleted_one_nobody),
        cmocka_unit_test(test_a_full_table_forgets_who_was_quiet_for_longest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
