/* SPDX-License-Identifier: Apache-2.0
 *
 * The account, its users, roles and device groups: rules 12 and 13, and that nobody can
 * raise their own rights. */
#include "support.h"

#include "crypto/password.h"
#include "model/roles.h"
#include "rules/policy.h"
#include "rules/second_factor.h"

static const struct slice ADA = {(const unsigned char *)"ada@example.com", 15};

static struct user
read_user(struct house *house, struct slice email)
{
    struct user user = {0};

    OK(store_user_by_email(house->store, email, &user));
    return user;
}

/* A role with these two permissions, which Users:Manage or Roles:Manage may be among. */
static void
add_role(struct house *house, const char *name, uint8_t a, uint8_t b)
{
    struct permission_set set = {{0}};
    struct role role = {0};

    permission_set_add(&set, a);
    permission_set_add(&set, b);
    OK(role_add(&house->act, slice_of(name), &set, &role));
}

/* ---- the account ---- */

static bool
count_role(void *ctx, const struct role *role)
{
    int *count = ctx;

    assert_true(role->is_default);
    count[0]++;
    count[1] += role->is_system_admin;
    return true;
}

static bool
count_licence(void *ctx, const struct licence *licence)
{
    assert_true(licence->ends_at_s > NOW_S);
    (*(int *)ctx)++;
    return true;
}

static void
test_a_new_account_has_roles_licences_facts_and_its_first_user(void **state)
{
    struct house *house = *state;
    int roles[2] = {0};
    int licences = 0;
    char fact[64];
    uint8_t check[SEAL_CHECK_BYTES];
    size_t len = 0;

    OK(store_role_list(house->store, count_role, roles));
    assert_int_equal(roles[0], default_role_count());
    assert_int_equal(roles[1], 1);
    OK(store_licence_list(house->store, count_licence, &licences));
    assert_true(licences >= 2);
    OK(store_fact_get(house->store, "account_uid", fact, sizeof(fact), &len));
    assert_true(uuid_is((struct slice){(unsigned char *)fact, len}));
    OK(store_fact_get(house->store, "master_key_check", fact, sizeof(fact), &len));
    master_key_check(house->master_key, check);
    assert_int_equal(len, sizeof(check));
    assert_memory_equal(fact, check, sizeof(check));
    struct user admin = read_user(house, SLICE(ADMIN));
    assert_true(password_fits(SLICE(PASSWORD), admin.password_hash));
    assert_false(password_fits(SLICE(PASSWORD "!"), admin.password_hash));
    assert_int_equal(events_of(house, "").count, 2);
    assert_false(holds(events_of(house, admin.uid).details, "argon2"));
    assert_false(holds(events_of(house, admin.uid).details, PASSWORD));
}

static void
test_an_account_is_made_once(void **state)
{
    struct house *house = *state;
    struct user user = {0};
    struct user_wish wish = {
        .email = SLICE("two@example.com"),
        .password = SLICE("correct horse battery"),
    };
    int64_t last = last_change(house);

    REFUSED(CONFLICT, account_make(&house->act, &wish, &user));
    REFUSED(CONFLICT, account_found(&house->act));
    assert_int_equal(last_change(house), last);
}

/* `init` without an e-mail address, and the console's first run. */
static void
test_an_account_may_be_founded_before_its_first_user(void **state)
{
    struct house *house = *state;
    struct house empty = {.data = "/tmp/tokenhouse-rules-XXXXXX"};
    struct act act = house->act;
    struct user_wish wish = {.email = SLICE(ADMIN),
                             .name = SLICE("Ada"),
                             .role = SLICE("Guest User"),
                             .password = SLICE(PASSWORD)};
    struct user user = {0};
    struct role role = {0};
    int64_t count = 1;

    assert_non_null(mkdtemp(empty.data));
    OK(store_create(empty.data, &empty.failure));
    OK(store_open(empty.data, STORE_WRITE, &empty.store, &empty.failure));
    act.store = empty.store;
    OK(account_found(&act));
    OK(store_user_count(empty.store, &count));
    assert_int_equal(count, 0);
    REFUSED(CONFLICT, account_found(&act));
    wish.password = SLICE("short");
    REFUSED(MALFORMED, account_make(&act, &wish, &user));
    wish.password = SLICE(PASSWORD);
    OK(account_make(&act, &wish, &user));
    OK(store_role_by_id(empty.store, user.role_id, &role));
    assert_true(role.is_system_admin); /* whatever was wished for */
    assert_string_equal(user.name, "Ada");
    REFUSED(CONFLICT, account_make(&act, &wish, &user));
    house_close(&empty);
}

/* ---- passwords ---- */

static void
test_passwords_we_take(void **state)
{
    struct failure failure = {0};
    struct slice email = SLICE("long.name.of.mine@example.com");

    (void)state;
    OK(password_check(SLICE("twelve chars"), email, &failure));
    REFUSED(MALFORMED, password_check(SLICE("eleven char"), email, &failure));
    assert_false(holds(failure.text, "eleven char"));
    REFUSED(MALFORMED, password_check(SLICE(""), email, &failure));
    REFUSED(MALFORMED, password_check(email, email, &failure));
    REFUSED(MALFORMED,
            password_check(SLICE("LONG.NAME.OF.MINE@example.com"), email, &failure));
    REFUSED(MALFORMED, password_check(SLICE("long.name.of.mine"), email, &failure));
    REFUSED(MALFORMED, password_check(SLICE("twelve\nchars"), email, &failure));
    REFUSED(MALFORMED, password_check(SLICE("twelve ch\xff"
                                            "ars"),
                                      email, &failure));
    /* counted are characters, limited are bytes */
    OK(password_check(SLICE("\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
                            "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"),
                      email, &failure));
    unsigned char many[PASSWORD_MAX_BYTES + 1];
    memset(many, 'x', sizeof(many));
    OK(password_check((struct slice){many, PASSWORD_MAX_BYTES}, email, &failure));
    REFUSED(MALFORMED,
            password_check((struct slice){many, sizeof(many)}, email, &failure));
}

static void
test_ones_own_password_is_ones_own_affair(void **state)
{
    struct house *house = *state;
    struct user ada = add_user(house, "ada@example.com", "Guest User");
    struct act act = as_user(house, &ada);

    OK(user_set_password(&act, ADA, SLICE("another password"), false));
    assert_true(
        password_fits(SLICE("another password"), read_user(house, ADA).password_hash));
    struct seen seen = events_of(house, ada.uid);
    SAYS(seen.details, "password changed");
    assert_false(holds(seen.details, "another password"));
    assert_false(holds(seen.details, "argon2"));
    REFUSED(REFUSED,
            user_set_password(&act, SLICE(ADMIN), SLICE("another password"), false));
    assert_true(
        password_fits(SLICE(PASSWORD), read_user(house, SLICE(ADMIN)).password_hash));
}

/* ---- adding ---- */

static void
test_a_user_is_added_once_whatever_the_case(void **state)
{
    struct house *house = *state;
    struct user_wish wish = {.email = SLICE("Ada@Example.com"), .name = SLICE("Ada")};
    struct user user = {0};
    struct role role = {0};

    OK(user_add(&house->act, &wish, &user));
    assert_string_equal(user.email, "ada@example.com");
    OK(store_role_by_id(house->store, user.role_id, &role));
    assert_string_equal(role.name, "Guest User");
    assert_string_equal(read_user(house, ADA).password_hash, "");
    assert_int_equal(newest_change(house).kind, CHANGE_USER);
    SAYS(events_of(house, user.uid).details, "\"action\":\"created\"");
    wish.email = SLICE("ADA@example.COM");
    REFUSED(CONFLICT, user_add(&house->act, &wish, &user));
    SAYS(house->failure.text, "ada@example.com");
}

static void
test_a_wrong_user_is_not_added(void **state)
{
    struct house *house = *state;
    struct user user = {0};
    int64_t last = last_change(house);
    const struct {
        enum status status;
        struct user_wish wish;
    } wrong[] = {
        {STATUS_MALFORMED, {.email = SLICE("no address")}},
        {STATUS_MALFORMED, {.email = ADA, .name = SLICE("a\x1b[31m")}},
        {STATUS_MALFORMED, {.email = ADA, .password = SLICE("short")}},
        {STATUS_NOT_FOUND, {.email = ADA, .role = SLICE("Emperor")}},
    };

    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        house->failure = (struct failure){0};
        assert_int_equal(user_add(&house->act, &wrong[i].wish, &user), wrong[i].status);
        assert_true(house->failure.text[0] != '\0');
    }
    assert_int_equal(last_change(house), last);
}

/* ---- suspending and deleting ---- */

static void
test_suspending_a_user_changes_the_user_and_not_the_tokens(void **state)
{
    struct house *house = *state;
    struct user ada = add_user(house, "ada@example.com", "Power User");
    struct token token = add_token(house, &ada, "Title");

    OK(user_suspend(&house->act, ADA));
    assert_true(read_user(house, ADA).is_suspended);
    assert_false(read_token(house, &token).is_suspended);
    assert_int_equal(newest_change(house).kind, CHANGE_USER);
    int64_t last = last_change(house);
    OK(user_suspend(&house->act, ADA));
    assert_int_equal(last_change(house), last);
    OK(user_resume(&house->act, ADA));
    assert_false(read_user(house, ADA).is_suspended);
    SAYS(events_of(house, ada.uid).details, "\"action\":\"resumed\"");
    REFUSED(NOT_FOUND, user_suspend(&house->act, SLICE("nobody@example.com")));
}

static void
test_deleting_a_user_deletes_the_tokens_with_an_event_each(void **state)
{
    struct house *house = *state;
    struct user ada = add_user(house, "ada@example.com", "Power User");
    struct token one = add_token(house, &ada, "One");
    struct token two = add_token(house, &ada, "Two");
    struct token other = add_token(house, &house->admin, "Other");
    struct token found = {0};
    struct user gone = {0};

    OK(user_delete(&house->act, ADA));
    REFUSED(NOT_FOUND, store_token_by_id(house->store, slice_of(one.id), &found));
    REFUSED(NOT_FOUND, store_token_by_id(house->store, slice_of(two.id), &found));
    REFUSED(NOT_FOUND, store_user_by_email(house->store, ADA, &gone));
    read_token(house, &other);
    SAYS(events_of(house, one.id).details, "\"action\":\"deleted\"");
    SAYS(events_of(house, two.id).details, "\"user\":\"ada@example.com\"");
    SAYS(events_of(house, ada.uid).details, "\"action\":\"deleted\"");
}

static void
test_the_last_system_administrator_stays(void **state)
{
    struct house *house = *state;
    struct slice admin = SLICE(ADMIN);

    REFUSED(REFUSED, user_suspend(&house->act, admin));
    REFUSED(REFUSED, user_delete(&house->act, admin));
    REFUSED(REFUSED, user_set_role(&house->act, admin, SLICE("Guest User")));
    SAYS(house->failure.text, "last System Administrator");
    add_user(house, "ada@example.com", ROLE_SYSTEM_ADMINISTRATOR);
    OK(user_suspend(&house->act, ADA)); /* a suspended one does not count */
    REFUSED(REFUSED, user_delete(&house->act, admin));
    OK(user_resume(&house->act, ADA));
    OK(user_set_role(&house->act, admin, SLICE("Guest User")));
    REFUSED(REFUSED, user_suspend(&house->act, ADA));
}

/* ---- nobody rises ---- */

static void
test_without_users_manage_no_user_is_touched(void **state)
{
    struct house *house = *state;
    struct user ada = add_user(house, "ada@example.com", "Security Administrator");
    struct user_wish wish = {.email = SLICE("new@example.com")};
    struct act act = as_user(house, &ada);
    struct user out = {0};

    REFUSED(REFUSED, user_add(&act, &wish, &out));
    SAYS(house->failure.text, "Users:Manage");
    REFUSED(REFUSED, user_suspend(&act, SLICE(ADMIN)));
    REFUSED(REFUSED, user_delete(&act, ADA));
    REFUSED(REFUSED, user_set_role(&act, ADA, SLICE(ROLE_SYSTEM_ADMINISTRATOR)));
}

static void
test_who_manages_users_rules_over_lesser_ones_only(void **state)
{
    struct house *house = *state;
    struct user_wish wish = {.email = SLICE("new@example.com"), .role = SLICE("Lesser")};
    struct user out = {0};

    add_role(house, "Personnel", PERMISSION_USERS_MANAGE, PERMISSION_DEVICE_FIELDS_VIEW);
    add_role(house, "Lesser", PERMISSION_DEVICE_FIELDS_VIEW, PERMISSION_USERS_VIEW);
    struct user ada = add_user(house, "ada@example.com", "Personnel");
    struct act act = as_user(house, &ada);
    OK(user_add(&act, &wish, &out));
    OK(user_set_password(&act, wish.email, SLICE("another password"), true));
    OK(user_suspend(&act, wish.email));
    REFUSED(REFUSED, user_set_role(&act, wish.email, SLICE("Power User")));
    REFUSED(REFUSED, user_set_role(&act, ADA, SLICE(ROLE_SYSTEM_ADMINISTRATOR)));
    REFUSED(REFUSED,
            user_set_password(&act, SLICE(ADMIN), SLICE("another password"), false));
    REFUSED(REFUSED, user_suspend(&act, SLICE(ADMIN)));
    REFUSED(REFUSED, user_delete(&act, SLICE(ADMIN)));
    wish = (struct user_wish){.email = SLICE("x@example.com"),
                              .role = SLICE("Security Administrator")};
    REFUSED(REFUSED, user_add(&act, &wish, &out));
}

/* System Administrator is more than all permissions: rule 13. */
static void
test_all_permissions_make_no_system_administrator(void **state)
{
    struct house *house = *state;
    struct permission_set all = permission_set_all();
    struct user_wish wish = {.email = SLICE("new@example.com"),
                             .role = SLICE(ROLE_SYSTEM_ADMINISTRATOR)};
    struct role role = {0};
    struct user out = {0};

    OK(role_add(&house->act, SLICE("Everything"), &all, &role));
    struct user ada = add_user(house, "ada@example.com", "Everything");
    struct act act = as_user(house, &ada);
    struct user_edit edit = {.role_id = house->admin.role_id};
    REFUSED(REFUSED, user_add(&act, &wish, &out));
    SAYS(house->failure.text, "only a System Administrator");
    REFUSED(REFUSED, user_change(&act, ADA, &edit, &out));
    REFUSED(REFUSED, user_set_role(&act, ADA, SLICE(ROLE_SYSTEM_ADMINISTRATOR)));
    REFUSED(REFUSED,
            user_set_password(&act, SLICE(ADMIN), SLICE("another good one"), true));
    REFUSED(REFUSED, second_factor_reset(&act, SLICE(ADMIN)));
    REFUSED(REFUSED, user_delete(&act, SLICE(ADMIN)));
    wish.role = SLICE("Everything");
    OK(user_add(&act, &wish, &out));
    struct act as_admin = as_user(house, &house->admin);
    OK(user_set_role(&as_admin, ADA, SLICE(ROLE_SYSTEM_ADMINISTRATOR)));
    OK(user_set_role(&act, wish.email, SLICE(ROLE_SYSTEM_ADMINISTRATOR)));
}

static void
test_a_suspended_or_deleted_user_does_nothing(void **state)
{
    struct house *house = *state;
    struct user ada = add_user(house, "ada@example.com", ROLE_SYSTEM_ADMINISTRATOR);
    struct act act = as_user(house, &ada);
    struct device_group group = {0};

    OK(make_group(&act, SLICE("One"), SLICE(""), &group));
    OK(user_suspend(&house->act, ADA));
    REFUSED(REFUSED, make_group(&act, SLICE("Two"), SLICE(""), &group));
    OK(user_delete(&house->act, ADA));
    REFUSED(REFUSED, make_group(&act, SLICE("Two"), SLICE(""), &group));
}

/* ---- roles ---- */

static void
test_a_role_of_ones_own_lives_and_ends(void **state)
{
    struct house *house = *state;
    struct permission_set set = {{0}};
    struct slice renamed = SLICE("Auditors");
    struct role role = {0};

    permission_set_add(&set, PERMISSION_LICENSES_MANAGE);
    OK(role_add(&house->act, SLICE("Audit"), &set, &role));
    assert_true(permission_set_has(&role.permissions, PERMISSION_LICENSES_VIEW));
    REFUSED(CONFLICT, role_add(&house->act, SLICE("AUDIT"), &set, &role));
    permission_set_add(&set, PERMISSION_AUDIT_EVENT_HISTORY_VIEW);
    OK(edit_role(&house->act, SLICE("audit"), &renamed, &set, &role));
    assert_int_equal(newest_change(house).kind, CHANGE_ROLE);
    int64_t last = last_change(house);
    OK(edit_role(&house->act, SLICE("Auditors"), &renamed, &set, &role));
    assert_int_equal(last_change(house), last);
    add_user(house, "ada@example.com", "Auditors");
    REFUSED(CONFLICT, role_delete(&house->act, which_named(SLICE("Auditors"))));
    OK(user_set_role(&house->act, ADA, SLICE("Guest User")));
    OK(role_delete(&house->act, which_named(SLICE("Auditors"))));
    REFUSED(NOT_FOUND, role_delete(&house->act, which_named(SLICE("Auditors"))));
}

static void
test_default_roles_stay_as_they_are(void **state)
{
    struct house *house = *state;
    struct permission_set none = {{0}};
    struct slice name = SLICE("Gods");
    struct role role = {0};

    for (size_t i = 0; i < default_role_count(); i++) {
        struct slice of = slice_of(default_role_at(i).name);
        REFUSED(REFUSED, edit_role(&house->act, of, NULL, &none, &role));
        REFUSED(REFUSED, edit_role(&house->act, of, &name, NULL, &role));
        REFUSED(REFUSED, role_delete(&house->act, which_named(of)));
        REFUSED(CONFLICT, role_add(&house->act, of, &none, &role));
    }
}

static void
test_a_role_holds_no_more_than_its_maker(void **state)
{
    struct house *house = *state;
    struct permission_set small = {{0}};
    struct permission_set all = permission_set_all();
    struct role role = {0};

    add_role(house, "Keeper of roles", PERMISSION_ROLES_MANAGE,
             PERMISSION_DEVICE_FIELDS_VIEW);
    add_role(house, "Wipers", PERMISSION_WIPE_DEVICE_PERFORM,
             PERMISSION_WIPE_DEVICE_VIEW);
    struct user ada = add_user(house, "ada@example.com", "Keeper of roles");
    struct act act = as_user(house, &ada);
    permission_set_add(&small, PERMISSION_DEVICE_FIELDS_VIEW);
    OK(role_add(&act, SLICE("Small"), &small, &role));
    REFUSED(REFUSED, role_add(&act, SLICE("Great"), &all, &role));
    REFUSED(REFUSED, edit_role(&act, SLICE("Keeper of roles"), NULL, &all, &role));
    REFUSED(REFUSED, edit_role(&act, SLICE("Wipers"), NULL, &small, &role));
    REFUSED(REFUSED, role_delete(&act, which_named(SLICE("Wipers"))));
}

/* ---- device groups ---- */

static void
test_a_group_that_limits_somebody_stays(void **state)
{
    struct house *house = *state;
    struct device_group group = add_group(house, "East");
    struct user ada = add_user(house, "ada@example.com", "Power User");
    struct slice email = ADA;
    int64_t ids[TOKEN_GROUP_MAX_COUNT];
    size_t count = 0;

    REFUSED(CONFLICT, make_group(&house->act, SLICE("EAST"), SLICE(""), &group));
    OK(assign(&house->act, SLICE("east"), &email, 1, NULL, 0, false));
    OK(store_user_groups(house->store, ada.id, ids, &count));
    assert_int_equal(count, 1);
    REFUSED(CONFLICT, group_delete(&house->act, which_named(SLICE("East"))));
    struct token token = add_token(house, &ada, "Title");
    OK(assign(&house->act, SLICE("East"), &email, 1, NULL, 0, true));
    OK(store_user_groups(house->store, ada.id, ids, &count));
    assert_int_equal(count, 0);
    REFUSED(CONFLICT, group_delete(&house->act, which_named(SLICE("East"))));
    OK(token_delete(&house->act, slice_of(token.id)));
    OK(group_delete(&house->act, which_named(SLICE("East"))));
    REFUSED(NOT_FOUND, group_delete(&house->act, which_named(SLICE("East"))));
}

static void
test_assigning_is_all_or_nothing(void **state)
{
    struct house *house = *state;
    struct user ada = add_user(house, "ada@example.com", "Power User");
    struct slice emails[] = {ADA, SLICE("nobody@example.com")};
    struct slice device = SLICE("no-such-device");
    int64_t ids[TOKEN_GROUP_MAX_COUNT];
    size_t count = 7;

    add_group(house, "East");
    int64_t last = last_change(house);
    REFUSED(NOT_FOUND, assign(&house->act, SLICE("East"), emails, 2, NULL, 0, false));
    SAYS(house->failure.text, "nobody@example.com");
    REFUSED(NOT_FOUND, assign(&house->act, SLICE("East"), emails, 1, &device, 1, false));
    SAYS(house->failure.text, "no-such-device");
    REFUSED(MALFORMED, assign(&house->act, SLICE("East"), NULL, 0, NULL, 0, false));
    REFUSED(NOT_FOUND, assign(&house->act, SLICE("West"), emails, 1, NULL, 0, false));
    OK(store_user_groups(house->store, ada.id, ids, &count));
    assert_int_equal(count, 0);
    assert_int_equal(last_change(house), last);
}

/* Else an edit that was begun before would take the limit away again unseen. */
static void
test_an_edit_from_before_an_assignment_is_a_conflict(void **state)
{
    struct house *house = *state;
    struct slice email = ADA;
    struct user_groups none = {0};

    add_user(house, "ada@example.com", "Power User");
    add_group(house, "East");
    struct user before = read_user(house, ADA);
    OK(assign(&house->act, SLICE("East"), &email, 1, NULL, 0, false));
    struct user_edit edit = {.groups = &none, .if_version = before.version};
    REFUSED(CONFLICT, user_change(&house->act, ADA, &edit, &before));
    edit.if_version = read_user(house, ADA).version;
    OK(user_change(&house->act, ADA, &edit, &before));
}

/* Whoever is limited to groups could else widen what they see. */
static void
test_who_is_limited_to_groups_makes_none(void **state)
{
    struct house *house = *state;
    struct user ada = add_user(house, "ada@example.com", "Administrator");
    struct act act = as_user(house, &ada);
    struct device_group group = {0};
    struct slice email = ADA;

    OK(make_group(&act, SLICE("East"), SLICE(""), &group));
    REFUSED(REFUSED, assign(&act, SLICE("East"), &email, 1, NULL, 0, false));
    SAYS(house->failure.text, "Users:Manage");
    OK(assign(&house->act, SLICE("East"), &email, 1, NULL, 0, false));
    REFUSED(REFUSED, make_group(&act, SLICE("West"), SLICE(""), &group));
    REFUSED(REFUSED, group_delete(&act, which_named(SLICE("East"))));
}

/* ---- one's own name ---- */

static void
test_a_name_is_changed_by_its_owner_or_by_those_who_manage(void **state)
{
    struct house *house = *state;
    struct user ada = add_user(house, "ada@example.com", "Guest User");
    struct user eve = add_user(house, "eve@example.com", "Guest User");
    struct act as_ada = as_user(house, &ada);
    struct act as_eve = as_user(house, &eve);
    struct act as_admin = as_user(house, &house->admin);
    struct user out = {0};

    OK(user_set_name(&as_ada, ADA, SLICE(" Ada "), 0, &out));
    assert_string_equal(read_user(house, ADA).name, "Ada");
    REFUSED(REFUSED, user_set_name(&as_eve, ADA, SLICE("Eve"), 0, &out));
    REFUSED(MALFORMED, user_set_name(&as_ada, ADA, SLICE("A\nda"), 0, &out));
    assert_string_equal(read_user(house, ADA).name, "Ada");
    int64_t version = read_user(house, ADA).version;
    REFUSED(CONFLICT, user_set_name(&as_admin, ADA, SLICE("X"), version + 1, &out));
    OK(user_set_name(&as_admin, ADA, SLICE("Countess"), version, &out));
    assert_int_equal(out.version, version + 1);
    struct seen seen = events_of(house, ada.uid);
    SAYS(seen.details, "\"before\":{\"name\":\"Ada\"}");
    SAYS(seen.details, "\"after\":{\"name\":\"Countess\"}");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        IN_HOUSE(test_a_new_account_has_roles_licences_facts_and_its_first_user),
        IN_HOUSE(test_an_account_is_made_once),
        IN_HOUSE(test_an_account_may_be_founded_before_its_first_user),
        cmocka_unit_test(test_passwords_we_take),
        IN_HOUSE(test_ones_own_password_is_ones_own_affair),
        IN_HOUSE(test_a_user_is_added_once_whatever_the_case),
        IN_HOUSE(test_a_wrong_user_is_not_added),
        IN_HOUSE(test_suspending_a_user_changes_the_user_and_not_the_tokens),
        IN_HOUSE(test_deleting_a_user_deletes_the_tokens_with_an_event_each),
        IN_HOUSE(test_the_last_system_administrator_stays),
        IN_HOUSE(test_without_users_manage_no_user_is_touched),
        IN_HOUSE(test_who_manages_users_rules_over_lesser_ones_only),
        IN_HOUSE(test_all_permissions_make_no_system_administrator),
        IN_HOUSE(test_a_suspended_or_deleted_user_does_nothing),
        IN_HOUSE(test_a_role_of_ones_own_lives_and_ends),
        IN_HOUSE(test_default_roles_stay_as_they_are),
        IN_HOUSE(test_a_role_holds_no_more_than_its_maker),
        IN_HOUSE(test_a_group_that_limits_somebody_stays),
        IN_HOUSE(test_assigning_is_all_or_nothing),
        IN_HOUSE(test_an_edit_from_before_an_assignment_is_a_conflict),
        IN_HOUSE(test_who_is_limited_to_groups_makes_none),
        IN_HOUSE(test_a_name_is_changed_by_its_owner_or_by_those_who_manage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
