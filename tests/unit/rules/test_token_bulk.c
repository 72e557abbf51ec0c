/* SPDX-License-Identifier: Apache-2.0
 *
 * Many tokens at once: exactly those that were looked at, or none. */
#include "support.h"

#include "rules/token_bulk.h"

#define GRACE "grace@example.com"

static struct token_set
find(const struct act *act, enum bulk_act what, struct token_filter filter,
     struct arena *arena)
{
    struct token_set set = {0};

    filter.now_s = filter.now_s != 0 ? filter.now_s : act->now_ms / 1000;
    OK(token_bulk_find(act, what, &filter, arena, NULL, NULL, &set));
    return set;
}
#define FIND(act, what, ...) \
    find((act), (what), (struct token_filter){__VA_ARGS__}, &arena)

static bool
is_suspended(struct house *house, const struct token *token)
{
    return read_token(house, token).is_suspended;
}

static bool
is_there(struct house *house, const struct token *token)
{
    static struct token found;

    return store_token_by_id(house->store, slice_of(token->id), &found) == STATUS_OK;
}

static void
test_filters_find_what_they_say(void **state)
{
    struct house *house = *state;
    struct arena arena AUTO(arena_done) = {0};
    struct user grace = add_user(house, GRACE, "System Administrator");
    struct device_group lyon = add_group(house, "Lyon");
    struct slice email = SLICE(GRACE);
    struct token ours = add_token(house, &house->admin, "ours");
    OK(assign(&house->act, SLICE("Lyon"), &email, 1, NULL, 0, false));
    struct token hers = add_token(house, &grace, "hers");
    struct token_use use = {.last_used_at_s = NOW_S + 50 * DAY_S, .more = 1};
    struct act later = house->act;

    memcpy(use.id, ours.id, sizeof(use.id));
    assert_int_equal(ip_read(SLICE("192.0.2.1"), &use.last_used_from), STATUS_OK);
    OK(store_begin(house->store));
    OK(store_token_add_uses(house->store, &use, 1));
    OK(store_commit(house->store));
    later.now_ms += 60 * (int64_t)DAY_S * 1000;
    int64_t now_s = later.now_ms / 1000;

    assert_int_equal(FIND(&later, BULK_DELETE, .now_s = now_s).count, 2);
    struct token_set by_creator = FIND(&later, BULK_DELETE, .creator_id = grace.id);
    assert_int_equal(by_creator.count, 1);
    assert_string_equal(by_creator.refs[0].id, hers.id);
    assert_int_equal(by_creator.refs[0].version, hers.version);
    struct token_set by_group = FIND(&later, BULK_DELETE, .group_id = lyon.id);
    assert_int_equal(by_group.count, 1);
    assert_string_equal(by_group.refs[0].id, hers.id);
    struct token_set idle = FIND(&later, BULK_DELETE, .is_by_idle = true, .is_idle = true,
                                 .idle_since_s = now_s - 30 * DAY_S);
    assert_int_equal(idle.count, 1);
    assert_string_equal(idle.refs[0].id, hers.id);
    assert_int_equal(FIND(&later, BULK_DELETE, .made_before_s = NOW_S).count, 0);
    assert_int_equal(FIND(&later, BULK_DELETE, .made_before_s = NOW_S + 1).count, 2);
}

static void
test_only_what_the_act_does_something_to_is_found(void **state)
{
    struct house *house = *state;
    struct arena arena AUTO(arena_done) = {0};
    struct token active = add_token(house, &house->admin, "active");
    struct token suspended = add_token(house, &house->admin, "suspended");
    struct act dead = house->act;

    dead.now_ms = active.expires_at_s * 1000;
    OK(token_suspend(&house->act, slice_of(suspended.id)));
    assert_int_equal(FIND(&house->act, BULK_SUSPEND, .now_s = NOW_S).count, 1);
    assert_int_equal(FIND(&house->act, BULK_DELETE, .now_s = NOW_S).count, 2);
    assert_int_equal(
        FIND(&house->act, BULK_SUSPEND, .labels = 1u << TOKEN_SUSPENDED).count, 0);
    assert_int_equal(
        FIND(&house->act, BULK_DELETE, .labels = 1u << TOKEN_SUSPENDED).count, 1);
    assert_int_equal(FIND(&dead, BULK_SUSPEND, .creator_id = 0).count, 0);
}

/* An administrator who suspends all of somebody's tokens means those too that they could
 * resume themselves; they do not mean those that others hold. */
static void
test_what_its_user_has_suspended_is_held_by_the_act_of_another(void **state)
{
    struct house *house = *state;
    struct arena arena AUTO(arena_done) = {0};
    struct user grace = add_user(house, GRACE, "Power User");
    struct token own = add_token(house, &grace, "own");
    struct token held = add_token(house, &grace, "held");
    struct act by_grace = as_user(house, &grace);
    struct act by_admin = as_user(house, &house->admin);
    struct token_filter filter = {.now_s = NOW_S};

    OK(token_suspend(&by_grace, slice_of(own.id)));
    OK(token_suspend(&house->act, slice_of(held.id)));
    assert_int_equal(FIND(&by_grace, BULK_SUSPEND, .now_s = NOW_S).count, 0);
    struct token_set set = FIND(&by_admin, BULK_SUSPEND, .now_s = NOW_S);
    assert_int_equal(set.count, 1);
    assert_string_equal(set.refs[0].id, own.id);
    OK(token_bulk(&by_admin, BULK_SUSPEND, &set, &filter, &arena));
    REFUSED(REFUSED, token_resume(&by_grace, slice_of(own.id)));
    OK(token_resume(&by_admin, slice_of(own.id)));
}

/* Rule 13. */
static void
test_one_finds_and_changes_ones_own_tokens_only(void **state)
{
    struct house *house = *state;
    struct arena arena AUTO(arena_done) = {0};
    struct permission_set manage = {{0}};
    struct role role = {0};
    permission_set_add(&manage, PERMISSION_API_CREDENTIALS_MANAGE);
    OK(role_add(&house->act, SLICE("Callers"), &manage, &role));
    struct user grace = add_user(house, GRACE, "Callers");
    struct user guest = add_user(house, "guest@example.com", "Guest User");
    struct token ours = add_token(house, &house->admin, "ours");
    struct token hers = add_token(house, &grace, "hers");
    struct act by_grace = as_user(house, &grace);
    struct act by_guest = as_user(house, &guest);
    struct token_filter filter = {.now_s = NOW_S};
    struct token_set set = FIND(&by_grace, BULK_DELETE, .now_s = NOW_S);

    assert_int_equal(set.count, 1);
    assert_string_equal(set.refs[0].id, hers.id);
    struct token_set all = FIND(&house->act, BULK_DELETE, .now_s = NOW_S);
    REFUSED(CONFLICT, token_bulk(&by_grace, BULK_DELETE, &all, NULL, &arena));
    REFUSED(CONFLICT, token_bulk(&by_grace, BULK_DELETE, &all, &filter, &arena));
    assert_true(is_there(house, &ours) && is_there(house, &hers));
    REFUSED(REFUSED, token_bulk(&by_guest, BULK_DELETE, &set, NULL, &arena));
    OK(token_bulk(&by_grace, BULK_DELETE, &set, &filter, &arena));
    assert_true(is_there(house, &ours) && !is_there(house, &hers));
}

static void
test_each_change_is_its_own_event_in_one_act(void **state)
{
    struct house *house = *state;
    struct arena arena AUTO(arena_done) = {0};
    struct token_filter filter = {.now_s = NOW_S};
    struct token tokens[3];

    for (size_t i = 0; i < COUNT_OF(tokens); i++)
        tokens[i] = add_token(house, &house->admin, "x");
    struct token_set set = FIND(&house->act, BULK_SUSPEND, .now_s = NOW_S);
    OK(token_bulk(&house->act, BULK_SUSPEND, &set, &filter, &arena));
    for (size_t i = 0; i < COUNT_OF(tokens); i++) {
        assert_true(is_suspended(house, &tokens[i]));
        assert_int_equal(events_of(house, tokens[i].id).count, 2);
        SAYS(events_of(house, tokens[i].id).details, "\"action\":\"suspended\"");
    }
    assert_int_equal(FIND(&house->act, BULK_SUSPEND, .now_s = NOW_S).count, 0);
}

/* What was looked at is what is meant: one that came, went or changed stops all. */
static void
test_a_set_that_has_changed_is_refused_whole(void **state)
{
    struct house *house = *state;
    struct arena arena AUTO(arena_done) = {0};
    struct token_filter filter = {.now_s = NOW_S};
    struct token first = add_token(house, &house->admin, "first");
    struct token second = add_token(house, &house->admin, "second");
    struct token_set set = FIND(&house->act, BULK_DELETE, .now_s = NOW_S);
    struct slice title = SLICE("renamed");
    struct token_edit edit = {.title = &title};
    static struct token out;

    struct token third = add_token(house, &house->admin, "third");
    REFUSED(CONFLICT, token_bulk(&house->act, BULK_DELETE, &set, &filter, &arena));
    SAYS(house->failure.text, "1 came, 0 went, 0 changed");
    assert_true(is_there(house, &first) && is_there(house, &second));

    OK(token_edit(&house->act, slice_of(second.id), &edit, &out));
    REFUSED(CONFLICT, token_bulk(&house->act, BULK_DELETE, &set, NULL, &arena));
    SAYS(house->failure.text, "0 came, 0 went, 1 changed ('renamed')");
    OK(token_delete(&house->act, slice_of(second.id)));
    REFUSED(CONFLICT, token_bulk(&house->act, BULK_DELETE, &set, NULL, &arena));
    SAYS(house->failure.text, "0 came, 1 went, 0 changed");
    assert_true(is_there(house, &first) && is_there(house, &third));

    set = FIND(&house->act, BULK_DELETE, .now_s = NOW_S);
    OK(token_bulk(&house->act, BULK_DELETE, &set, &filter, &arena));
    assert_false(is_there(house, &first) || is_there(house, &third));
}

/* A use raises no version, and still takes a token out of "unused". */
static void
test_a_token_used_meanwhile_is_not_unused_any_more(void **state)
{
    struct house *house = *state;
    struct arena arena AUTO(arena_done) = {0};
    struct token token = add_token(house, &house->admin, "x");
    struct act later = house->act;
    later.now_ms += 60 * (int64_t)DAY_S * 1000;
    int64_t now_s = later.now_ms / 1000;
    struct token_filter filter = {.now_s = now_s,
                                  .is_by_idle = true,
                                  .is_idle = true,
                                  .idle_since_s = now_s - 30 * DAY_S};
    struct token_set set = find(&later, BULK_SUSPEND, filter, &arena);
    struct token_use use = {.last_used_at_s = now_s, .more = 1};

    assert_int_equal(set.count, 1);
    memcpy(use.id, token.id, sizeof(use.id));
    assert_int_equal(ip_read(SLICE("192.0.2.1"), &use.last_used_from), STATUS_OK);
    OK(store_begin(house->store));
    OK(store_token_add_uses(house->store, &use, 1));
    OK(store_commit(house->store));
    REFUSED(CONFLICT, token_bulk(&later, BULK_SUSPEND, &set, &filter, &arena));
    assert_false(is_suspended(house, &token));
}

static void
test_a_token_cannot_be_named_twice(void **state)
{
    struct house *house = *state;
    struct arena arena AUTO(arena_done) = {0};
    struct token token = add_token(house, &house->admin, "x");
    struct token_ref refs[2] = {{.version = 1}, {.version = 1}};
    struct token_set set = {refs, 2};

    memcpy(refs[0].id, token.id, sizeof(refs[0].id));
    memcpy(refs[1].id, token.id, sizeof(refs[1].id));
    REFUSED(MALFORMED, token_bulk(&house->act, BULK_DELETE, &set, NULL, &arena));
    assert_true(is_there(house, &token));
}

static void
test_ten_thousand_are_one_act_and_one_more_is_too_many(void **state)
{
    struct house *house = *state;
    struct arena arena AUTO(arena_done) = {0};
    struct token_filter filter = {.now_s = NOW_S};
    struct token token = add_token(house, &house->admin, "x");
    struct token_set set = {0};
    int64_t count = 0;

    OK(store_begin(house->store));
    for (int i = 1; i < BULK_MAX_COUNT; i++) {
        struct token copy = token;
        snprintf(copy.id, sizeof(copy.id), "copy-%d", i);
        OK(store_token_add(house->store, &copy));
    }
    OK(store_commit(house->store));
    OK(token_bulk_find(&house->act, BULK_SUSPEND, &filter, &arena, NULL, NULL, &set));
    assert_int_equal(set.count, BULK_MAX_COUNT);
    OK(token_bulk(&house->act, BULK_SUSPEND, &set, &filter, &arena));
    assert_int_equal(FIND(&house->act, BULK_SUSPEND, .now_s = NOW_S).count, 0);
    add_token(house, &house->admin, "one more");
    REFUSED(TOO_LARGE,
            token_bulk_find(&house->act, BULK_DELETE, &filter, &arena, NULL, NULL, &set));
    OK(store_token_count(house->store, &count));
    assert_int_equal(count, BULK_MAX_COUNT + 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        IN_HOUSE(test_filters_find_what_they_say),
        IN_HOUSE(test_only_what_the_act_does_something_to_is_found),
        IN_HOUSE(test_what_its_user_has_suspended_is_held_by_the_act_of_another),
        IN_HOUSE(test_one_finds_and_changes_ones_own_tokens_only),
        IN_HOUSE(test_each_change_is_its_own_event_in_one_act),
        IN_HOUSE(test_a_set_that_has_changed_is_refused_whole),
        IN_HOUSE(test_a_token_used_meanwhile_is_not_unused_any_more),
        IN_HOUSE(test_a_token_cannot_be_named_twice),
        IN_HOUSE(test_ten_thousand_are_one_act_and_one_more_is_too_many),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
