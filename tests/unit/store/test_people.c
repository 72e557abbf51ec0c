/* SPDX-License-Identifier: Apache-2.0
 *
 * Users, user roles, device groups and licences come back as they were stored; names are
 * given once, whatever their case; and nothing is removed that somebody still needs. */
#include "support.h"

#include "base/clock.h"
#include "store/fold.h"

enum { SEEN_BYTES = 200 };

/* A store with a running act, for tests that undo it all. */
static struct store *
begin(const struct place *place)
{
    OK(store_begin(place->store));
    return place->store;
}

/* Collects what a list gives, with a blank behind each. */
static void
note(char *seen, const char *name)
{
    size_t len = strlen(seen);

    snprintf(seen + len, SEEN_BYTES - len, "%s ", name);
}

static bool
note_role(void *ctx, const struct role *role)
{
    note(ctx, role->name);
    return true;
}

static bool
note_user(void *ctx, const struct user *user)
{
    note(ctx, user->email);
    return true;
}

static bool
note_group(void *ctx, const struct device_group *group, int64_t device_count)
{
    assert_int_equal(device_count, 0);
    note(ctx, group->name);
    return true;
}

static bool
note_first_group(void *ctx, const struct device_group *group, int64_t device_count)
{
    note_group(ctx, group, device_count);
    return false;
}

static void
test_a_user_comes_back_as_it_was(void **state)
{
    struct place place AUTO(place_done) = place_make();
    struct store *store = begin(&place);
    struct user user = make_user("ada@example.org", add_role(store, "Guard", false));
    struct user back = {0};

    (void)state;
    OK(store_user_add(store, &user, &user.id));
    OK(store_user_by_id(store, user.id, &back));
    assert_same_user(&back, &user);
    back = (struct user){0};
    OK(store_user_by_email(store, SLICE("ADA@example.ORG"), &back));
    assert_same_user(&back, &user);

    user.is_suspended = true;
    user.must_change_password = false;
    user.changed_at_s = 99;
    snprintf(user.name, sizeof(user.name), "Ada, Countess of L.");
    OK(store_user_change(store, &user));
    OK(store_user_by_id(store, user.id, &back));
    assert_same_user(&back, &user);
}

static void
test_nobody_is_not_found_and_leaves_out_alone(void **state)
{
    static const char *const NOBODY[] = {
        "",         "b@example.org", "ada@example.or", "ada@example.org ",
        "\xff\xfe", "a' OR 1=1 --"};
    struct place place AUTO(place_done) = place_make();
    struct store *store = begin(&place);
    int64_t id = add_user(store, "ada@example.org", add_role(store, "Guard", false));
    struct user user = {.id = 77};
    struct user changed = make_user("x@example.org", 1);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(NOBODY); i++)
        assert_int_equal(store_user_by_email(store, slice_of(NOBODY[i]), &user),
                         STATUS_NOT_FOUND);
    /* the right address with a zero byte and more behind it is another address */
    struct slice zero = {(const unsigned char *)"ada@example.org\0x", 17};
    assert_int_equal(store_user_by_email(store, zero, &user), STATUS_NOT_FOUND);
    assert_int_equal(store_user_by_id(store, id + 1, &user), STATUS_NOT_FOUND);
    assert_int_equal(user.id, 77);
    changed.id = id + 1;
    assert_int_equal(store_user_change(store, &changed), STATUS_NOT_FOUND);
    assert_int_equal(store_user_remove(store, id + 1), STATUS_NOT_FOUND);
    assert_int_equal(store_user_groups_set(store, id + 1, NULL, 0), STATUS_NOT_FOUND);
}

static void
test_an_email_is_given_once(void **state)
{
    struct place place AUTO(place_done) = place_make();
    struct store *store = begin(&place);
    int64_t role = add_role(store, "Guard", false);
    struct user again = make_user("ADA@Example.org", role);
    struct user other = make_user("bob@example.org", role);
    int64_t id = -1;

    (void)state;
    add_user(store, "ada@example.org", role);
    assert_int_equal(store_user_add(store, &again, &id), STATUS_CONFLICT);
    assert_int_equal(id, -1);
    OK(store_user_add(store, &other, &other.id));
    snprintf(other.email, sizeof(other.email), "ada@example.org");
    assert_int_equal(store_user_change(store, &other), STATUS_CONFLICT);
}

static void
test_a_user_needs_a_role_that_exists(void **state)
{
    struct place place AUTO(place_done) = place_make();
    struct store *store = begin(&place);
    struct user user = make_user("ada@example.org", 12345);
    int64_t id = -1;

    (void)state;
    assert_int_equal(store_user_add(store, &user, &id), STATUS_NOT_FOUND);
    assert_int_equal(id, -1);
    user.role_id = add_role(store, "Guard", false);
    OK(store_user_add(store, &user, &user.id));
    user.role_id++;
    assert_int_equal(store_user_change(store, &user), STATUS_NOT_FOUND);
}

static void
test_a_removed_user_takes_tokens_along_and_no_one_elses(void **state)
{
    struct place place AUTO(place_done) = place_make();
    struct store *store = begin(&place);
    int64_t role = add_role(store, "Guard", false);
    int64_t ada = add_user(store, "ada@example.org", role);
    int64_t bob = add_user(store, "bob@example.org", role);
    int64_t group = add_group(store, "Lab");
    struct token hers = make_token(ada, (struct date){2030, 1, 1});
    struct token his = make_token(bob, (struct date){2030, 1, 1});
    struct token_use use = {.last_used_at_s = 5, .more = 1};
    struct token back;

    (void)state;
    OK(store_user_groups_set(store, ada, &group, 1));
    OK(store_token_add(store, &hers));
    OK(store_token_add(store, &his));
    snprintf(use.id, sizeof(use.id), "%s", hers.id);
    OK(store_token_add_uses(store, &use, 1));
    OK(store_user_remove(store, ada));
    assert_int_equal(store_token_by_id(store, slice_of(hers.id), &back),
                     STATUS_NOT_FOUND);
    OK(store_token_by_id(store, slice_of(his.id), &back));
    OK(store_group_remove(store, group)); /* no assignment is left behind */
}

/* Somebody who comes later must not inherit what old events and tokens say of another. */
static void
test_ids_are_never_used_again(void **state)
{
    struct place place AUTO(place_done) = place_make();
    struct store *store = begin(&place);
    int64_t role = add_role(store, "Guard", false);
    int64_t user = add_user(store, "ada@example.org", role);
    int64_t group = add_group(store, "Lab");

    (void)state;
    OK(store_user_remove(store, user));
    OK(store_group_remove(store, group));
    OK(store_role_remove(store, role));
    assert_true(add_role(store, "Guard", false) > role);
    role = add_role(store, "Other", false);
    assert_true(add_user(store, "ada@example.org", role) > user);
    assert_true(add_group(store, "Lab") > group);
}

static void
test_groups_of_a_user(void **state)
{
    struct place place AUTO(place_done) = place_make();
    struct store *store = begin(&place);
    int64_t user = add_user(store, "ada@example.org", add_role(store, "Guard", false));
    int64_t a = add_group(store, "A");
    int64_t b = add_group(store, "B");
    int64_t ids[TOKEN_GROUP_MAX_COUNT];
    size_t count = 99;

    (void)state;
    OK(store_user_groups(store, user, ids, &count));
    assert_int_equal(count, 0);
    OK(store_user_groups_set(store, user, (int64_t[]){b, a, b}, 3));
    OK(store_user_groups(store, user, ids, &count));
    assert_int_equal(count, 2);
    assert_int_equal(ids[0], a);
    assert_int_equal(ids[1], b);
    OK(store_user_groups_set(store, user, &b, 1));
    OK(store_user_groups(store, user, ids, &count));
    assert_int_equal(count, 1);
    assert_int_equal(ids[0], b);
    assert_int_equal(store_user_groups_set(store, user, (int64_t[]){b + 9}, 1),
                     STATUS_NOT_FOUND);
    static const int64_t MANY[TOKEN_GROUP_MAX_COUNT + 1];
    assert_int_equal(store_user_groups_set(store, user, MANY, COUNT_OF(MANY)),
                     STATUS_TOO_LARGE);
}

static void
test_only_living_system_administrators_count(void **state)
{
    struct place place AUTO(place_done) = place_make();
    struct store *store = begin(&place);
    int64_t system = add_role(store, "System Administrator", true);
    struct user second = make_user("second@example.org", system);
    int64_t count = -1;

    (void)state;
    add_user(store, "first@example.org", system);
    add_user(store, "other@example.org", add_role(store, "Administrator", false));
    OK(store_user_add(store, &second, &second.id));
    OK(store_user_count_admins(store, &count));
    assert_int_equal(count, 2);
    second.is_suspended = true;
    OK(store_user_change(store, &second));
    OK(store_user_count_admins(store, &count));
    assert_int_equal(count, 1);
}

static void
test_a_role_comes_back_as_it_was(void **state)
{
    struct place place AUTO(place_done) = place_make();
    struct store *store = begin(&place);
    int64_t id = add_role(store, "Wächter", true);
    struct role role, back;

    (void)state;
    OK(store_role_by_id(store, id, &role));
    assert_string_equal(role.name, "Wächter");
    assert_true(role.is_default && role.is_system_admin);
    assert_int_equal(permission_set_count(&role.permissions), 1);
    assert_true(permission_set_has(&role.permissions, PERMISSION_DEVICE_REPORTS_VIEW));
    assert_int_equal(role.created_at_s, 10);
    assert_int_equal(role.changed_at_s, 11);

    memset(role.name, 0, sizeof(role.name));
    snprintf(role.name, sizeof(role.name), "Hüter");
    permission_set_add(&role.permissions, 255);
    role.changed_at_s = 12;
    OK(store_role_change(store, &role));
    OK(store_role_by_name(store, SLICE("HÜTER"), &back));
    assert_same_role(&role, &back);
    assert_int_equal(store_role_by_name(store, SLICE("Wächter"), &back),
                     STATUS_NOT_FOUND);
    assert_int_equal(store_role_by_id(store, id + 1, &back), STATUS_NOT_FOUND);
    role.id++;
    assert_int_equal(store_role_change(store, &role), STATUS_NOT_FOUND);
}

static void
test_a_role_that_somebody_has_stays(void **state)
{
    struct place place AUTO(place_done) = place_make();
    struct store *store = begin(&place);
    int64_t role = add_role(store, "Guard", false);
    int64_t user = add_user(store, "ada@example.org", role);
    struct role same = {.name = "GUARD"};
    int64_t id = -1;

    (void)state;
    assert_int_equal(store_role_add(store, &same, &id), STATUS_CONFLICT);
    assert_int_equal(store_role_remove(store, role), STATUS_CONFLICT);
    OK(store_user_remove(store, user));
    OK(store_role_remove(store, role));
    assert_int_equal(store_role_remove(store, role), STATUS_NOT_FOUND);
}

static void
test_a_group_comes_back_as_it_was(void **state)
{
    struct place place AUTO(place_done) = place_make();
    struct store *store = begin(&place);
    int64_t id = add_group(store, "Schule Ä");
    struct device_group group, back;

    (void)state;
    OK(store_group_by_name(store, SLICE("SCHULE ä"), &group));
    assert_int_equal(group.id, id);
    assert_string_equal(group.description, "all of them");
    memset(group.name, 0, sizeof(group.name));
    snprintf(group.name, sizeof(group.name), "Schule B");
    group.changed_at_s = 31;
    OK(store_group_change(store, &group));
    OK(store_group_by_uid(store, slice_of(group.uid), &back));
    assert_same_group(&group, &back);
    OK(store_group_by_id(store, id, &back));
    assert_same_group(&group, &back);
    assert_int_equal(store_group_by_name(store, SLICE("Schule Ä"), &back),
                     STATUS_NOT_FOUND);
    assert_int_equal(store_group_by_uid(store, SLICE("nope"), &back), STATUS_NOT_FOUND);
    assert_int_equal(store_group_by_id(store, id + 1, &back), STATUS_NOT_FOUND);
    group.id++;
    assert_int_equal(store_group_change(store, &group), STATUS_NOT_FOUND);
    struct device_group same = {.uid = "x", .name = "SCHULE B"};
    assert_int_equal(store_group_add(store, &same, &id), STATUS_CONFLICT);
}

/* Without its group, a user or token limited to it would see nothing, or everything. */
static void
test_a_group_that_somebody_is_limited_to_stays(void **state)
{
    struct place place AUTO(place_done) = place_make();
    struct store *store = begin(&place);
    int64_t user = add_user(store, "ada@example.org", add_role(store, "Guard", false));
    int64_t group = add_group(store, "Lab");
    struct token token = make_token(user, (struct date){2030, 6, 30});
    struct token back;

    (void)state;
    token.group_ids[0] = group;
    token.group_count = 1;
    token.is_suspended = true; /* may be resumed: it lives */
    OK(store_user_groups_set(store, user, &group, 1));
    assert_int_equal(store_group_remove(store, group), STATUS_CONFLICT);
    OK(store_user_groups_set(store, user, NULL, 0));
    OK(store_token_add(store, &token));
    clock_stand_at((token.expires_at_s - 1) * 1000);
    assert_int_equal(store_group_remove(store, group), STATUS_CONFLICT);
    clock_stand_at(token.expires_at_s * 1000);
    OK(store_group_remove(store, group));
    clock_stand_at(-1);
    assert_int_equal(store_group_remove(store, group), STATUS_NOT_FOUND);
    /* the dead token is not one for all devices */
    OK(store_token_by_id(store, slice_of(token.id), &back));
    assert_int_equal(back.group_count, 1);
}

static void
test_lists_are_in_the_order_of_names(void **state)
{
    struct place place AUTO(place_done) = place_make();
    struct store *store = begin(&place);
    char seen[SEEN_BYTES] = "";
    int64_t role = add_role(store, "beta", false);

    (void)state;
    add_role(store, "Alpha", false);
    add_user(store, "b@example.org", role);
    add_user(store, "a@example.org", role);
    add_group(store, "zoo");
    add_group(store, "Äcker");
    add_group(store, "Yard");
    OK(store_role_list(store, note_role, seen));
    assert_string_equal(seen, "Alpha beta ");
    seen[0] = '\0';
    OK(store_user_list(store, note_user, seen));
    assert_string_equal(seen, "a@example.org b@example.org ");
    seen[0] = '\0';
    OK(store_group_list(store, note_group, seen));
    assert_string_equal(seen, "Yard zoo Äcker ");
    seen[0] = '\0';
    OK(store_group_list(store, note_first_group, seen));
    assert_string_equal(seen, "Yard ");
}

static bool
keep_licence(void *ctx, const struct licence *licence)
{
    *(struct licence *)ctx = *licence;
    return true;
}

static void
test_a_licence_comes_back_as_it_was(void **state)
{
    struct place place AUTO(place_done) = place_make();
    struct store *store = begin(&place);
    struct licence licence = {.uid = "u",
                              .name = "Control",
                              .order_no = "42-A",
                              .starts_at_s = 1,
                              .ends_at_s = 2,
                              .seat_count = 3};
    struct licence back = {0};
    int64_t id;

    (void)state;
    OK(store_licence_add(store, &licence, &licence.id));
    OK(store_licence_list(store, keep_licence, &back));
    assert_same_licence(&licence, &back);
    assert_int_equal(store_licence_add(store, &licence, &id), STATUS_CONFLICT);
}

static void
test_folding(void **state)
{
    static const struct {
        const char *text, *folded;
    } CASES[] = {
        {"", ""},       {"Az09 _-", "az09 _-"}, {"ÄÖÜ×ß", "äöü×ß"}, {"ΑΣΩ", "ασω"},
        {"ЁЖЯ", "ёжя"}, {"日本A", "日本a"},     {"\xC3", "\xC3"},   {"ÿ÷", "ÿ÷"},
    };
    char out[32];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        assert_true(fold_case(slice_of(CASES[i].text), out, sizeof(out)));
        assert_string_equal(out, CASES[i].folded);
    }
    assert_false(fold_case(SLICE("four"), out, 4));
    assert_true(fold_case(SLICE("fou"), out, 4));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_user_comes_back_as_it_was),
        cmocka_unit_test(test_nobody_is_not_found_and_leaves_out_alone),
        cmocka_unit_test(test_an_email_is_given_once),
        cmocka_unit_test(test_a_user_needs_a_role_that_exists),
        cmocka_unit_test(test_a_removed_user_takes_tokens_along_and_no_one_elses),
        cmocka_unit_test(test_ids_are_never_used_again),
        cmocka_unit_test(test_groups_of_a_user),
        cmocka_unit_test(test_only_living_system_administrators_count),
        cmocka_unit_test(test_a_role_comes_back_as_it_was),
        cmocka_unit_test(test_a_role_that_somebody_has_stays),
        cmocka_unit_test(test_a_group_comes_back_as_it_was),
        cmocka_unit_test(test_a_group_that_somebody_is_limited_to_stays),
        cmocka_unit_test(test_lists_are_in_the_order_of_names),
        cmocka_unit_test(test_a_licence_comes_back_as_it_was),
        cmocka_unit_test(test_folding),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
