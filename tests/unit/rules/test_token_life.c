/* SPDX-License-Identifier: Apache-2.0
 *
 * Rules 5, 10, 12 and 13: what may happen to a token after its making. */
#include "support.h"

/* The house's act, `days` later. */
static struct act
later(const struct house *house, int days)
{
    struct act act = house->act;

    act.now_ms += (int64_t)days * DAY_S * 1000;
    return act;
}

static enum status
edit_title(const struct act *act, const struct token *token, const char *title)
{
    struct slice text = slice_of(title);
    struct token_edit edit = {.title = &text};
    struct token out = {0};

    return token_edit(act, slice_of(token->id), &edit, &out);
}

static enum status
edit_expiry(const struct act *act, const struct token *token, const char *date)
{
    struct slice text = slice_of(date);
    struct token_edit edit = {.expires_on = &text};
    struct token out = {0};

    return token_edit(act, slice_of(token->id), &edit, &out);
}

/* ---- states ---- */

static void
test_states_at_their_borders(void **state)
{
    struct token token = {.expires_on = {1970, 1, 10}, .expires_at_s = 10 * DAY_S};

    (void)state;
    assert_int_equal(token_state_at(&token, 6 * DAY_S - 1), TOKEN_ACTIVE);
    assert_int_equal(token_state_at(&token, 6 * DAY_S), TOKEN_EXPIRES_SOON);
    assert_int_equal(token_state_at(&token, 10 * DAY_S - 1), TOKEN_EXPIRES_SOON);
    assert_int_equal(token_state_at(&token, 10 * DAY_S), TOKEN_EXPIRED);
    token.is_suspended = true;
    assert_int_equal(token_state_at(&token, 1), TOKEN_SUSPENDED);
    assert_int_equal(token_state_at(&token, 10 * DAY_S), TOKEN_EXPIRED);
    assert_string_equal(token_state_label(TOKEN_EXPIRED), "Expired");
    assert_string_equal(token_state_label(TOKEN_EXPIRES_SOON), "Expires soon");
}

/* ---- editing ---- */

static void
test_an_active_token_can_be_edited_and_the_event_tells_what_differs(void **state)
{
    struct house *house = *state;
    struct token token = add_token(house, &house->admin, "Old title");
    struct slice title = SLICE(" New title ");
    struct slice description = SLICE("why");
    struct slice expires = SLICE("2027-11-23");
    struct slice addresses = SLICE("192.0.2.0/24; 192.0.2.0/24");
    struct token_edit edit = {.title = &title,
                              .description = &description,
                              .expires_on = &expires,
                              .addresses = &addresses};
    struct token out = {0};

    OK(token_edit(&house->act, slice_of(token.id), &edit, &out));
    assert_string_equal(out.title, "New title");
    assert_string_equal(out.description, "why");
    assert_int_equal(out.address_count, 1);
    assert_int_equal(out.expires_at_s, date_start_s((struct date){2027, 11, 24}));
    assert_int_equal(out.version, token.version + 1);
    struct token kept = read_token(house, &token);
    assert_memory_equal(&kept.permissions, &token.permissions, sizeof(token.permissions));
    assert_memory_equal(kept.sealed, token.sealed, sizeof(token.sealed));

    struct seen seen = events_of(house, token.id);
    assert_int_equal(seen.count, 2);
    SAYS(seen.details, "\"action\":\"edited\"");
    SAYS(seen.details, "\"title\":\"Old title\"");
    SAYS(seen.details, "\"title\":\"New title\"");
    SAYS(seen.details, "192.0.2.0/24");
    assert_false(holds(seen.details, "permissions"));
    assert_string_equal(newest_change(house).key, token.id);
}

static void
test_an_edit_that_changes_nothing_writes_nothing(void **state)
{
    struct house *house = *state;
    struct token token = add_token(house, &house->admin, "Title");
    int64_t last = last_change(house);

    OK(edit_title(&house->act, &token, "Title"));
    OK(edit_title(&house->act, &token, "  Title"));
    OK(edit_expiry(&house->act, &token, "2027-02-21"));
    assert_int_equal(events_of(house, token.id).count, 1);
    assert_int_equal(last_change(house), last);
    assert_int_equal(read_token(house, &token).version, token.version);
}

static void
test_expiry_is_extended_a_year_from_the_day_of_the_edit(void **state)
{
    struct house *house = *state;
    struct token token = add_token(house, &house->admin, "Title");
    struct act act = later(house, 30); /* 2026-12-23 */

    REFUSED(MALFORMED, edit_expiry(&house->act, &token, "2027-12-23"));
    OK(edit_expiry(&act, &token, "2027-12-23"));
    REFUSED(MALFORMED, edit_expiry(&act, &token, "2027-12-24"));
    REFUSED(MALFORMED, edit_expiry(&act, &token, "2026-12-23"));
    REFUSED(MALFORMED, edit_expiry(&act, &token, ""));
    OK(edit_expiry(&act, &token, "2026-12-24"));
    /* on its last day, the date it has may stay while the title changes */
    act = later(house, 31);
    OK(edit_expiry(&act, &token, "2026-12-24"));
}

static void
test_a_wrong_edit_changes_nothing(void **state)
{
    struct house *house = *state;
    struct token token = add_token(house, &house->admin, "Title");
    struct slice title = SLICE("Other");
    struct slice addresses = SLICE("nowhere");
    struct token_edit edit = {.title = &title, .addresses = &addresses};
    struct token out = {0};

    REFUSED(MALFORMED, token_edit(&house->act, slice_of(token.id), &edit, &out));
    assert_string_equal(house->failure.field, "addresses");
    assert_string_equal(read_token(house, &token).title, "Title");
    assert_int_equal(events_of(house, token.id).count, 1);
}

static void
test_an_edit_of_an_older_version_is_a_conflict(void **state)
{
    struct house *house = *state;
    struct token token = add_token(house, &house->admin, "Title");
    struct slice title = SLICE("Mine");
    struct token_edit edit = {.title = &title, .if_version = token.version};
    struct token out = {0};

    OK(edit_title(&house->act, &token, "Theirs"));
    REFUSED(CONFLICT, token_edit(&house->act, slice_of(token.id), &edit, &out));
    assert_string_equal(read_token(house, &token).title, "Theirs");
    edit.if_version++;
    OK(token_edit(&house->act, slice_of(token.id), &edit, &out));
}

/* ---- expired, suspended ---- */

static void
test_an_expired_token_can_only_be_deleted(void **state)
{
    struct house *house = *state;
    struct token token = add_token(house, &house->admin, "Title");
    struct act last_day = later(house, 90);
    struct act after = later(house, 91);

    OK(edit_title(&last_day, &token, "On its last day"));
    REFUSED(REFUSED, edit_title(&after, &token, "Too late"));
    SAYS(house->failure.text, "2027-02-21");
    REFUSED(REFUSED, edit_expiry(&after, &token, "2027-06-01"));
    REFUSED(REFUSED, token_suspend(&after, slice_of(token.id)));
    REFUSED(REFUSED, token_resume(&after, slice_of(token.id)));
    OK(token_delete(&after, slice_of(token.id)));
}

static void
test_a_suspended_token_can_only_be_resumed_or_deleted(void **state)
{
    struct house *house = *state;
    struct token token = add_token(house, &house->admin, "Title");
    struct token other = add_token(house, &house->admin, "Other");

    OK(token_suspend(&house->act, slice_of(token.id)));
    assert_true(read_token(house, &token).is_suspended);
    assert_false(read_token(house, &other).is_suspended);
    REFUSED(REFUSED, edit_title(&house->act, &token, "Edited"));
    OK(token_resume(&house->act, slice_of(token.id)));
    assert_false(read_token(house, &token).is_suspended);
    OK(edit_title(&house->act, &token, "Edited"));
    OK(token_suspend(&house->act, slice_of(token.id)));
    OK(token_delete(&house->act, slice_of(token.id)));
}

static void
test_suspending_twice_is_one_event(void **state)
{
    struct house *house = *state;
    struct token token = add_token(house, &house->admin, "Title");

    OK(token_resume(&house->act, slice_of(token.id)));
    assert_int_equal(events_of(house, token.id).count, 1);
    OK(token_suspend(&house->act, slice_of(token.id)));
    int64_t last = last_change(house);
    OK(token_suspend(&house->act, slice_of(token.id)));
    assert_int_equal(last_change(house), last);
    struct seen seen = events_of(house, token.id);
    assert_int_equal(seen.count, 2);
    SAYS(seen.details, "\"action\":\"suspended\"");
    SAYS(seen.details, "\"before\":{\"isSuspended\":false}");
    SAYS(seen.details, "\"after\":{\"isSuspended\":true,\"suspendedBy\":\"a command\"}");
}

/* Who took a token away from its user would not want the user to take it back. */
static void
test_what_somebody_else_suspended_its_user_cannot_resume(void **state)
{
    struct house *house = *state;
    struct user mine = add_user(house, "mine@example.com", "Power User");
    struct token token = add_token(house, &mine, "Title");
    struct act as_mine = as_user(house, &mine);
    struct act as_admin = as_user(house, &house->admin);
    struct slice id = slice_of(token.id);

    OK(token_suspend(&as_mine, id));
    OK(token_resume(&as_mine, id));
    OK(token_suspend(&as_admin, id));
    REFUSED(REFUSED, token_resume(&as_mine, id));
    SAYS(house->failure.text, "suspended by " ADMIN " at 2026-11-23T12:00:00.000Z");
    SAYS(house->failure.text, "only a System Administrator can resume it");
    assert_true(read_token(house, &token).is_suspended);
    OK(token_suspend(&as_mine, id)); /* changes nothing, and takes nothing over */
    REFUSED(REFUSED, token_resume(&as_mine, id));
    OK(token_resume(&as_admin, id));
    token = read_token(house, &token);
    assert_true(!token.is_suspended && token.suspended_by == 0);
    assert_int_equal(token.suspended_at_s, 0);
    OK(token_suspend(&house->act, id));
    REFUSED(REFUSED, token_resume(&as_mine, id));
    SAYS(house->failure.text, "suspended by a command at");
    OK(token_delete(&as_mine, id)); /* takes nothing back */
}

static void
test_somebody_elses_suspension_takes_the_place_of_its_users(void **state)
{
    struct house *house = *state;
    struct user mine = add_user(house, "mine@example.com", "Power User");
    struct user second = add_user(house, "second@example.com", "System Administrator");
    struct token token = add_token(house, &mine, "Title");
    struct act as_mine = as_user(house, &mine);
    struct act as_second = as_user(house, &second);
    struct act as_admin = as_user(house, &house->admin);
    struct slice id = slice_of(token.id);

    OK(token_suspend(&as_mine, id));
    OK(token_suspend(&as_second, id));
    struct seen seen = events_of(house, token.id);
    assert_int_equal(seen.count, 3);
    SAYS(seen.details, "\"before\":{\"suspendedBy\":\"mine@example.com\"}");
    SAYS(seen.details, "\"after\":{\"suspendedBy\":\"second@example.com\"}");
    OK(token_suspend(&as_admin, id)); /* it is held already */
    assert_int_equal(events_of(house, token.id).count, 3);
    OK(user_delete(&as_admin, SLICE("second@example.com")));
    REFUSED(REFUSED, token_resume(&as_mine, id));
    SAYS(house->failure.text, "by a user who was deleted since at");
    OK(token_resume(&as_admin, id));
}

/* The right is over others' tokens: who has it has it over their own, too. */
static void
test_a_system_administrator_resumes_their_own_whoever_suspended_it(void **state)
{
    struct house *house = *state;
    struct token token = add_token(house, &house->admin, "Title");
    struct act as_admin = as_user(house, &house->admin);

    OK(token_suspend(&house->act, slice_of(token.id)));
    assert_true(token_is_held(&(struct token){.is_suspended = true, .user_id = 1}));
    OK(token_resume(&as_admin, slice_of(token.id)));
    assert_false(read_token(house, &token).is_suspended);
}

static void
test_a_deleted_token_is_gone_and_its_history_stays(void **state)
{
    struct house *house = *state;
    struct token token = add_token(house, &house->admin, "Title");
    struct token found = {0};

    OK(token_delete(&house->act, slice_of(token.id)));
    REFUSED(NOT_FOUND, store_token_by_id(house->store, slice_of(token.id), &found));
    struct seen seen = events_of(house, token.id);
    assert_int_equal(seen.count, 2);
    SAYS(seen.details, "\"action\":\"deleted\"");
    SAYS(seen.details, "\"title\":\"Title\"");
    assert_int_equal(newest_change(house).kind, CHANGE_TOKEN);
    assert_string_equal(newest_change(house).key, token.id);
    REFUSED(NOT_FOUND, token_delete(&house->act, slice_of(token.id)));
    REFUSED(NOT_FOUND, token_suspend(&house->act, SLICE("no such token")));
    SAYS(house->failure.text, "'no such token'");
}

/* ---- rule 12: the user ---- */

static void
test_a_suspended_users_token_can_be_deleted_but_not_edited(void **state)
{
    struct house *house = *state;
    struct user power = add_user(house, "power@example.com", "Power User");
    struct token token = add_token(house, &power, "Title");

    OK(user_suspend(&house->act, SLICE("power@example.com")));
    REFUSED(REFUSED, edit_title(&house->act, &token, "Edited"));
    SAYS(house->failure.text, "power@example.com");
    OK(token_delete(&house->act, slice_of(token.id)));
}

/* ---- rule 13: whose ---- */

static void
test_everybody_manages_their_own_and_system_administrators_all(void **state)
{
    struct house *house = *state;
    struct user mine = add_user(house, "mine@example.com", "Power User");
    struct user other = add_user(house, "other@example.com", "Security Administrator");
    struct token token = add_token(house, &mine, "Title");
    struct act as_mine = as_user(house, &mine);
    struct act as_other = as_user(house, &other);
    struct act as_admin = as_user(house, &house->admin);

    OK(edit_title(&as_mine, &token, "Mine"));
    assert_int_equal(read_token(house, &token).changed_by, mine.id);
    REFUSED(NOT_FOUND, edit_title(&as_other, &token, "Not mine"));
    REFUSED(NOT_FOUND, token_suspend(&as_other, slice_of(token.id)));
    REFUSED(NOT_FOUND, token_delete(&as_other, slice_of(token.id)));
    OK(edit_title(&as_admin, &token, "The admin's"));
    assert_int_equal(read_token(house, &token).changed_by, house->admin.id);
    OK(token_delete(&as_admin, slice_of(token.id)));
}

static void
test_without_api_credentials_not_even_ones_own(void **state)
{
    struct house *house = *state;
    struct user mine = add_user(house, "mine@example.com", "Power User");
    struct token token = add_token(house, &mine, "Title");
    struct act act = as_user(house, &mine);

    OK(user_set_role(&house->act, SLICE("mine@example.com"), SLICE("Guest User")));
    REFUSED(REFUSED, edit_title(&act, &token, "Mine"));
    REFUSED(REFUSED, token_delete(&act, slice_of(token.id)));
    OK(user_set_role(&house->act, SLICE("mine@example.com"), SLICE("Power User")));
    OK(edit_title(&act, &token, "Mine"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_states_at_their_borders),
        IN_HOUSE(test_an_active_token_can_be_edited_and_the_event_tells_what_differs),
        IN_HOUSE(test_an_edit_that_changes_nothing_writes_nothing),
        IN_HOUSE(test_expiry_is_extended_a_year_from_the_day_of_the_edit),
        IN_HOUSE(test_a_wrong_edit_changes_nothing),
        IN_HOUSE(test_an_edit_of_an_older_version_is_a_conflict),
        IN_HOUSE(test_an_expired_token_can_only_be_deleted),
        IN_HOUSE(test_a_suspended_token_can_only_be_resumed_or_deleted),
        IN_HOUSE(test_suspending_twice_is_one_event),
        IN_HOUSE(test_what_somebody_else_suspended_its_user_cannot_resume),
        IN_HOUSE(test_somebody_elses_suspension_takes_the_place_of_its_users),
        IN_HOUSE(test_a_system_administrator_resumes_their_own_whoever_suspended_it),
        IN_HOUSE(test_a_deleted_token_is_gone_and_its_history_stays),
        IN_HOUSE(test_a_suspended_users_token_can_be_deleted_but_not_edited),
        IN_HOUSE(test_everybody_manages_their_own_and_system_administrators_all),
        IN_HOUSE(test_without_api_credentials_not_even_ones_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
