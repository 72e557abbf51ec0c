/* SPDX-License-Identifier: Apache-2.0
 *
 * Changing users, groups, roles, licences and the account: each change says of which
 * version it is, leaves its event, and hands out no more than its maker has. */
#include "support.h"

#include "base/base64url.h"
#include "crypto/es256.h"
#include "crypto/pem.h"
#include "crypto/sha256.h"
#include "rules/account_settings.h"
#include "rules/licences.h"

static struct role
add_role(struct house *house, const char *name, const uint8_t *permissions)
{
    struct permission_set set = {{0}};
    struct role role = {0};

    for (; *permissions; permissions++)
        permission_set_add(&set, *permissions);
    OK(role_add(&house->act, slice_of(name), &set, &role));
    return role;
}

/* ---- users ---- */

static const uint8_t MANAGES_USERS[] = {PERMISSION_USERS_MANAGE, 0};

static void
test_a_user_is_renamed_once_per_version(void **state)
{
    struct house *house = *state;
    struct user user = add_user(house, "bob@example.com", "Power User");
    struct slice name = SLICE("  Bob the builder ");
    struct user_edit edit = {.name = &name, .if_version = user.version};
    struct user changed = {0};

    assert_int_equal(user.version, 1);
    OK(user_change(&house->act, slice_of(user.uid), &edit, &changed));
    assert_string_equal(changed.name, "Bob the builder");
    assert_int_equal(changed.version, 2);
    struct seen seen = events_of(house, user.uid);
    SAYS(seen.details, "\"action\":\"edited\"");
    SAYS(seen.details, "\"before\":{\"name\":\"\"}");
    SAYS(seen.details, "\"after\":{\"name\":\"Bob the builder\"}");

    name = SLICE("Robert");
    REFUSED(CONFLICT, user_change(&house->act, slice_of(user.uid), &edit, &changed));
    assert_string_equal(house->failure.field, "version");
    edit.if_version = 2;
    OK(user_change(&house->act, slice_of(user.uid), &edit, &changed));
    int count = events_of(house, user.uid).count;
    edit.if_version = 3;
    OK(user_change(&house->act, slice_of(user.uid), &edit, &changed)); /* the same */
    assert_int_equal(changed.version, 3);
    assert_int_equal(events_of(house, user.uid).count, count);
    REFUSED(NOT_FOUND,
            user_change(&house->act, SLICE("nobody@example.com"), &edit, &changed));
}

static void
test_nobody_gives_a_role_that_is_more_than_theirs(void **state)
{
    struct house *house = *state;
    struct role keepers = add_role(house, "Keepers", MANAGES_USERS);
    struct user keeper = add_user(house, "keeper@example.com", "Keepers");
    struct user user = add_user(house, "bob@example.com", "Keepers");
    struct act act = as_user(house, &keeper);
    struct role admins = {0};
    struct user changed = {0};

    OK(store_role_by_name(house->store, SLICE("System Administrator"), &admins));
    struct user_edit edit = {.role_id = admins.id};
    REFUSED(REFUSED, user_change(&act, slice_of(user.uid), &edit, &changed));
    REFUSED(REFUSED, user_change(&act, slice_of(keeper.uid), &edit, &changed));
    edit.role_id = 4711;
    REFUSED(MALFORMED, user_change(&act, slice_of(user.uid), &edit, &changed));
    assert_string_equal(house->failure.field, "roleId");
    edit.role_id = keepers.id;
    OK(user_change(&act, slice_of(user.uid), &edit, &changed));
    /* and rules over nobody who has more */
    REFUSED(REFUSED, user_change(&act, slice_of(house->admin.uid), &edit, &changed));
    /* the last System Administrator stays one */
    REFUSED(REFUSED, user_change(&house->act, SLICE(ADMIN), &edit, &changed));
    SAYS(house->failure.text, "last System Administrator");
}

static void
test_whoever_is_limited_hands_out_no_wider_sight(void **state)
{
    struct house *house = *state;
    struct device_group east = add_group(house, "East");
    struct device_group west = add_group(house, "West");
    struct slice emails[] = {SLICE("keeper@example.com")};
    struct slice uids[] = {slice_of(west.uid), slice_of(east.uid), slice_of(east.uid)};
    struct user_groups none = {0};
    struct user_groups both = {uids, 3};
    struct user_groups only_east = {&uids[1], 2};
    struct user_edit edit = {.groups = &only_east};
    struct user changed = {0};
    int64_t ids[TOKEN_GROUP_MAX_COUNT];
    size_t count = 0;

    add_role(house, "Keepers", MANAGES_USERS);
    struct user keeper = add_user(house, "keeper@example.com", "Keepers");
    struct user user = add_user(house, "bob@example.com", "Keepers");
    struct act act = as_user(house, &keeper);
    /* one who sees all may limit whom they want */
    edit.groups = &both;
    OK(user_change(&act, slice_of(user.uid), &edit, &changed));
    OK(store_user_groups(house->store, user.id, ids, &count));
    assert_int_equal(count, 2);
    SAYS(events_of(house, user.uid).details, "\"deviceGroups\":[\"East\",\"West\"]");

    OK(assign(&house->act, SLICE("East"), emails, 1, NULL, 0, false));
    /* bob sees more than the keeper: out of reach altogether */
    edit.groups = &only_east;
    REFUSED(REFUSED, user_change(&act, slice_of(user.uid), &edit, &changed));
    REFUSED(REFUSED, user_suspend(&act, slice_of(user.uid)));
    REFUSED(REFUSED,
            user_set_password(&act, slice_of(user.uid), SLICE("a long password"), true));
    OK(user_change(&house->act, slice_of(user.uid), &edit, &changed));
    /* now they are alike; but not to be widened */
    edit.groups = &both;
    REFUSED(REFUSED, user_change(&act, slice_of(user.uid), &edit, &changed));
    edit.groups = &none;
    REFUSED(REFUSED, user_change(&act, slice_of(user.uid), &edit, &changed));
    edit.groups = &only_east;
    OK(user_change(&act, slice_of(user.uid), &edit, &changed));

    struct user_wish wish = {.email = SLICE("new@example.com"), .role = SLICE("Keepers")};
    REFUSED(REFUSED, user_add(&act, &wish, &changed)); /* would see all devices */
    wish.groups = both;
    REFUSED(REFUSED, user_add(&act, &wish, &changed));
    wish.groups = only_east;
    OK(user_add(&act, &wish, &changed));
    OK(store_user_groups(house->store, changed.id, ids, &count));
    assert_int_equal(count, 1);
    uids[1] = SLICE("no such group");
    REFUSED(MALFORMED,
            user_change(&house->act, SLICE("new@example.com"), &edit, &changed));
    assert_string_equal(house->failure.field, "groups");
}

/* ---- groups and roles ---- */

static void
test_a_group_moves_to_a_folder(void **state)
{
    struct house *house = *state;
    struct device_group group = add_group(house, "Paris");
    struct device_group changed = {0};
    struct slice folder = SLICE(" Europe / France ");
    struct slice name = SLICE("London");
    struct group_edit edit = {.folder = &folder, .if_version = 1};

    add_group(house, "London");
    OK(group_change(&house->act, which_uid(slice_of(group.uid)), &edit, &changed));
    assert_string_equal(changed.folder, "Europe/France");
    assert_int_equal(changed.version, 2);
    SAYS(events_of(house, group.uid).details, "\"after\":{\"folder\":\"Europe/France\"}");
    REFUSED(CONFLICT,
            group_change(&house->act, which_uid(slice_of(group.uid)), &edit, &changed));
    assert_string_equal(house->failure.field, "version");
    edit = (struct group_edit){.name = &name};
    REFUSED(CONFLICT,
            group_change(&house->act, which_named(SLICE("paris")), &edit, &changed));
    assert_string_equal(house->failure.field, "name");
    REFUSED(NOT_FOUND,
            group_change(&house->act, which_uid(SLICE("Paris")), &edit, &changed));
}

static void
test_a_folder_is_a_path_of_names(void **state)
{
    static const struct {
        const char *typed, *kept; /* NULL: refused */
    } ROWS[] = {
        {"", ""},       {"  ", ""},       {"a", "a"},      {"a/b", "a/b"},
        {"/a", NULL},   {"a/", NULL},     {"a//b", NULL},  {"a/ /b", NULL},
        {"a\tb", NULL}, {"Ä / ö", "Ä/ö"}, {"a\xff", NULL},
    };
    char out[TEXT_FOLDER_BYTES];
    char lengthy[FOLDER_MAX_CHARS + 2] = "";
    struct failure failure = {0};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(ROWS); i++) {
        enum status status = group_read_folder(slice_of(ROWS[i].typed), out, &failure);
        assert_int_equal(status, ROWS[i].kept ? STATUS_OK : STATUS_MALFORMED);
        if (ROWS[i].kept)
            assert_string_equal(out, ROWS[i].kept);
        else
            assert_string_equal(failure.field, "folder");
    }
    memset(lengthy, 'x', FOLDER_MAX_CHARS + 1);
    REFUSED(MALFORMED, group_read_folder(slice_of(lengthy), out, &failure));
    lengthy[FOLDER_MAX_CHARS] = '\0';
    OK(group_read_folder(slice_of(lengthy), out, &failure));
}

static void
test_members_come_and_go_in_one_act(void **state)
{
    struct house *house = *state;
    struct device_group group = add_group(house, "Paris");
    struct user ann = add_user(house, "ann@example.com", "Guest User");
    struct user bob = add_user(house, "bob@example.com", "Guest User");
    struct slice added[] = {slice_of(ann.uid)};
    struct slice removed[] = {SLICE("bob@example.com"), SLICE("carol@example.com")};
    struct group_members in = {.users = added, .user_count = 1};
    struct group_members out = {.users = removed, .user_count = 1};
    int64_t ids[TOKEN_GROUP_MAX_COUNT];
    size_t count = 0;

    OK(assign(&house->act, SLICE("Paris"), removed, 1, NULL, 0, false));
    out.user_count = 2; /* carol is not there: nothing happens */
    REFUSED(NOT_FOUND,
            group_assign(&house->act, which_uid(slice_of(group.uid)), &in, &out));
    OK(store_user_groups(house->store, ann.id, ids, &count));
    assert_int_equal(count, 0);
    out.user_count = 1;
    OK(group_assign(&house->act, which_uid(slice_of(group.uid)), &in, &out));
    OK(store_user_groups(house->store, ann.id, ids, &count));
    assert_int_equal(count, 1);
    OK(store_user_groups(house->store, bob.id, ids, &count));
    assert_int_equal(count, 0);
    SAYS(events_of(house, group.uid).details, "\"action\":\"members changed\"");
}

static void
test_nobody_limits_the_sight_of_those_who_may_more(void **state)
{
    static const uint8_t MANAGES[] = {PERMISSION_USERS_MANAGE,
                                      PERMISSION_DEVICE_GROUPS_MANAGE, 0};
    struct house *house = *state;
    struct slice admin = SLICE(ADMIN);
    struct slice equal = SLICE("equal@example.com");

    add_role(house, "Keepers", MANAGES);
    add_group(house, "Paris");
    struct user keeper = add_user(house, "keeper@example.com", "Keepers");
    add_user(house, "equal@example.com", "Keepers");
    struct act act = as_user(house, &keeper);
    REFUSED(REFUSED, assign(&act, SLICE("Paris"), &admin, 1, NULL, 0, false));
    OK(assign(&act, SLICE("Paris"), &equal, 1, NULL, 0, false));
    OK(assign(&house->act, SLICE("Paris"), &admin, 1, NULL, 0, false));
    REFUSED(REFUSED, assign(&act, SLICE("Paris"), &admin, 1, NULL, 0, true));
}

static void
test_a_role_is_edited_once_per_version(void **state)
{
    struct house *house = *state;
    struct role role = add_role(house, "Keepers", MANAGES_USERS);
    struct slice name = SLICE("Wardens");
    struct role_edit edit = {.name = &name, .if_version = 1};
    struct role changed = {0};

    OK(role_change(&house->act, which_numbered(role.id), &edit, &changed));
    assert_int_equal(changed.version, 2);
    REFUSED(CONFLICT, role_change(&house->act, which_numbered(role.id), &edit, &changed));
    assert_string_equal(house->failure.field, "version");
    REFUSED(NOT_FOUND, role_change(&house->act, which_numbered(999), &edit, &changed));
    OK(role_delete(&house->act, which_numbered(role.id)));
    REFUSED(NOT_FOUND, role_delete(&house->act, which_numbered(role.id)));
}

/* ---- licences ---- */

static void
test_a_licence_lives_from_day_to_day(void **state)
{
    struct house *house = *state;
    struct slice name = SLICE("Control");
    struct slice starts = SLICE("2026-11-01");
    struct slice ends = SLICE("2026-11-30");
    struct slice order = SLICE("A-17");
    int64_t seats = 5;
    struct licence_wish wish = {&name, &order, &starts, &ends, &seats, 0};
    struct licence licence = {0};

    OK(licence_add(&house->act, &wish, &licence));
    assert_int_equal(licence.starts_at_s, date_start_s((struct date){2026, 11, 1}));
    assert_int_equal(licence.ends_at_s, date_start_s((struct date){2026, 12, 1}));
    SAYS(events_of(house, licence.uid).details, "\"seatCount\":5");
    assert_int_equal(newest_change(house).kind, CHANGE_LICENCE);

    ends = SLICE("2026-10-31");
    REFUSED(MALFORMED,
            licence_change(&house->act, slice_of(licence.uid), &wish, &licence));
    assert_string_equal(house->failure.field, "endsOn");
    ends = SLICE("2026-11-31");
    REFUSED(MALFORMED,
            licence_change(&house->act, slice_of(licence.uid), &wish, &licence));
    ends = SLICE("");
    seats = -1;
    REFUSED(MALFORMED,
            licence_change(&house->act, slice_of(licence.uid), &wish, &licence));
    assert_string_equal(house->failure.field, "seatCount");
    seats = 0;
    wish.if_version = 2;
    REFUSED(CONFLICT,
            licence_change(&house->act, slice_of(licence.uid), &wish, &licence));
    wish.if_version = 1;
    OK(licence_change(&house->act, slice_of(licence.uid), &wish, &licence));
    assert_int_equal(licence.ends_at_s, licence_endless_s());
    assert_int_equal(licence.version, 2);
    OK(licence_delete(&house->act, slice_of(licence.uid)));
    REFUSED(NOT_FOUND, licence_delete(&house->act, slice_of(licence.uid)));
    SAYS(events_of(house, licence.uid).details, "\"action\":\"deleted\"");

    wish = (struct licence_wish){0};
    REFUSED(MALFORMED, licence_add(&house->act, &wish, &licence));
    assert_string_equal(house->failure.field, "name");
    struct user guest = add_user(house, "guest@example.com", "Guest User");
    struct act act = as_user(house, &guest);
    wish.name = &name;
    REFUSED(REFUSED, licence_add(&act, &wish, &licence));
    SAYS(house->failure.text, "Licenses:Manage");
}

/* ---- the account ---- */

static void
test_the_account_changes_with_its_event(void **state)
{
    struct house *house = *state;
    struct account account = {0};
    struct slice name = SLICE("Example Ltd");
    bool off = false;
    struct account_edit edit = {.name = &name, .is_live_rights = &off, .if_version = 1};

    OK(account_read(house->store, &account));
    assert_true(account.is_live_rights); /* on for new accounts */
    assert_int_equal(account.created_at_s, NOW_S);
    OK(account_change(&house->act, &edit, &account));
    assert_string_equal(account.name, "Example Ltd");
    assert_false(account.is_live_rights);
    assert_int_equal(account.version, 2);
    struct seen seen = events_of(house, account.uid);
    assert_int_equal(seen.newest.kind, EVENT_SETTING_UPDATED);
    SAYS(seen.details, "\"after\":{\"name\":\"Example Ltd\",\"liveRights\":false}");
    assert_int_equal(newest_change(house).kind, CHANGE_SETTING);
    REFUSED(CONFLICT, account_change(&house->act, &edit, &account));
    edit.if_version = 2;
    OK(account_change(&house->act, &edit, &account)); /* the same: no event */
    assert_int_equal(account.version, 2);
    assert_int_equal(events_of(house, account.uid).count, seen.count);

    struct user guest = add_user(house, "guest@example.com", "Administrator");
    struct act act = as_user(house, &guest);
    REFUSED(REFUSED, account_change(&act, &edit, &account));
    SAYS(house->failure.text, "Settings:Manage");
}

/* ---- proof of possession ---- */

static void
make_pair(struct es256_private **out_key, struct buffer *out_pem)
{
    uint8_t point[PUBLIC_KEY_BYTES];

    OK(es256_private_make(out_key));
    es256_private_point(*out_key, point);
    pem_write_public(point, out_pem);
}

static struct slice
prove(const struct es256_private *key, const char *message, char out[86])
{
    uint8_t signature[ES256_SIGNATURE_BYTES];

    OK(es256_sign(key, slice_of(message), signature));
    size_t len = base64url_encode((struct slice){signature, sizeof(signature)}, out);
    return (struct slice){(const unsigned char *)out, len};
}

static void
test_a_proof_is_a_signature_over_the_challenge(void **state)
{
    struct house *house = *state;
    struct es256_private *key AUTO(es256_private_free) = NULL;
    struct es256_private *other AUTO(es256_private_free) = NULL;
    struct buffer pem AUTO(buffer_done) = buffer_make(4096);
    struct buffer other_pem AUTO(buffer_done) = buffer_make(4096);
    struct secret secret AUTO(secret_done) = {0};
    struct token token = {0};
    char text[86];

    make_pair(&key, &pem);
    make_pair(&other, &other_pem);
    struct token_wish wish = {.title = SLICE("proved"),
                              .public_key = buffer_slice(&pem),
                              .proof = prove(key, "the challenge", text),
                              .proof_message = SLICE("the challenge")};
    OK(token_make(&house->act, house->admin.id, &wish, &token, &secret));
    assert_true(read_token(house, &token).is_proved);
    SAYS(events_of(house, token.id).details, "\"isKeyProved\":true");

    wish.proof_message = SLICE("the challengf");
    REFUSED(MALFORMED, token_make(&house->act, house->admin.id, &wish, &token, &secret));
    assert_string_equal(house->failure.field, "proof");
    wish.proof_message = SLICE("the challenge");
    wish.public_key = buffer_slice(&other_pem);
    REFUSED(MALFORMED, token_make(&house->act, house->admin.id, &wish, &token, &secret));
    wish.public_key = buffer_slice(&pem);
    wish.proof = slice_head(wish.proof, 85);
    REFUSED(MALFORMED, token_make(&house->act, house->admin.id, &wish, &token, &secret));
    wish.proof = SLICE("");
    OK(token_make(&house->act, house->admin.id, &wish, &token, &secret));
    assert_false(read_token(house, &token).is_proved);
    wish.public_key = SLICE("");
    wish.proof = prove(key, "the challenge", text);
    REFUSED(MALFORMED, token_make(&house->act, house->admin.id, &wish, &token, &secret));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        IN_HOUSE(test_a_user_is_renamed_once_per_version),
        IN_HOUSE(test_nobody_gives_a_role_that_is_more_than_theirs),
        IN_HOUSE(test_whoever_is_limited_hands_out_no_wider_sight),
        IN_HOUSE(test_a_group_moves_to_a_folder),
        cmocka_unit_test(test_a_folder_is_a_path_of_names),
        IN_HOUSE(test_members_come_and_go_in_one_act),
        IN_HOUSE(test_nobody_limits_the_sight_of_those_who_may_more),
        IN_HOUSE(test_a_role_is_edited_once_per_version),
        IN_HOUSE(test_a_licence_lives_from_day_to_day),
        IN_HOUSE(test_the_account_changes_with_its_event),
        IN_HOUSE(test_a_proof_is_a_signature_over_the_challenge),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
