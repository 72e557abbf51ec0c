/* SPDX-License-Identifier: Apache-2.0
 *
 * Rules 1 to 9: the making of a token, on a real database. */
#include "support.h"

#include "base/base64url.h"
#include "crypto/es256.h"
#include "crypto/pem.h"

/* Makes one with these fields; the secret is thrown away. */
static enum status
make(struct house *house, const struct act *act, const struct user *user,
     struct token_wish wish, struct token *out)
{
    struct secret secret AUTO(secret_done) = {0};

    house->failure = (struct failure){0};
    if (wish.title.len == 0)
        wish.title = SLICE("A token");
    return token_make(act, user->id, &wish, out, &secret);
}

static bool
count_token(void *ctx, const struct token *token)
{
    (void)token;
    (*(int *)ctx)++;
    return true;
}

static int
count_tokens(struct house *house)
{
    struct token_query query = {0};
    int count = 0;

    OK(store_token_list(house->store, &query, count_token, &count));
    return count;
}

/* A new P-256 key pair in PEM. */
static void
make_keys(struct buffer *out_public, struct buffer *out_private)
{
    struct es256_private *key AUTO(es256_private_free) = NULL;
    uint8_t point[PUBLIC_KEY_BYTES];

    OK(es256_private_make(&key));
    es256_private_point(key, point);
    pem_write_public(point, out_public);
    OK(pem_write_private(key, out_private));
}

/* ---- rule 1: who may ---- */

static void
test_only_a_role_with_api_credentials_makes_tokens(void **state)
{
    struct house *house = *state;
    struct user guest = add_user(house, "guest@example.com", "Guest User");
    struct user power = add_user(house, "power@example.com", "Power User");
    struct token token = {0};

    REFUSED(REFUSED, make(house, &house->act, &guest, (struct token_wish){0}, &token));
    SAYS(house->failure.text, "API Credentials:Manage");
    assert_int_equal(count_tokens(house), 0);
    OK(make(house, &house->act, &power, (struct token_wish){0}, &token));
    assert_int_equal(count_tokens(house), 1);
}

static void
test_a_token_is_made_for_oneself_only(void **state)
{
    struct house *house = *state;
    struct user power = add_user(house, "power@example.com", "Power User");
    struct act act = as_user(house, &power);
    struct act admin = as_user(house, &house->admin);
    struct token token = {0};

    OK(make(house, &act, &power, (struct token_wish){0}, &token));
    REFUSED(REFUSED, make(house, &act, &house->admin, (struct token_wish){0}, &token));
    REFUSED(REFUSED, make(house, &admin, &power, (struct token_wish){0}, &token));
}

static void
test_a_suspended_user_and_nobody_make_no_tokens(void **state)
{
    struct house *house = *state;
    struct user power = add_user(house, "power@example.com", "Power User");
    struct user nobody = {.id = 999};
    struct token token = {0};

    OK(user_suspend(&house->act, SLICE("power@example.com")));
    REFUSED(REFUSED, make(house, &house->act, &power, (struct token_wish){0}, &token));
    SAYS(house->failure.text, "suspended");
    REFUSED(NOT_FOUND, make(house, &house->act, &nobody, (struct token_wish){0}, &token));
    OK(user_resume(&house->act, SLICE("power@example.com")));
    OK(make(house, &house->act, &power, (struct token_wish){0}, &token));
}

/* The console's acts are done by people: an API token makes no API tokens. */
static void
test_a_token_makes_no_tokens(void **state)
{
    struct house *house = *state;
    struct act act = house->act;
    struct token token = {0};

    act.actor_kind = ACTOR_TOKEN;
    act.actor_user_id = house->admin.id;
    REFUSED(REFUSED, make(house, &act, &house->admin, (struct token_wish){0}, &token));
}

/* ---- rule 2 and 5: what is typed ---- */

static void
test_what_is_typed_wrong_is_named_and_nothing_is_stored(void **state)
{
    struct house *house = *state;
    int64_t last = last_change(house);
    int events = events_of(house, "").count;
    const struct {
        const char *field;
        struct token_wish wish;
    } wrong[] = {
        {"title", {.title = SLICE("  ")}},
        {"title", {.title = SLICE("a\nb")}},
        {"description", {.description = SLICE("\x1b[2J")}},
        {"expires", {.expires_on = SLICE("2026-11-23")}},
        {"expires", {.expires_on = SLICE("2027-11-24")}},
        {"addresses", {.addresses = SLICE("192.0.2.1 nonsense")}},
        {"public_key", {.public_key = SLICE("nonsense")}},
        {"public_key", {.public_key = SLICE(" ")}},
    };

    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct token token = {0};
        REFUSED(MALFORMED,
                make(house, &house->act, &house->admin, wrong[i].wish, &token));
        assert_string_equal(house->failure.field, wrong[i].field);
        assert_string_equal(token.id, "");
    }
    assert_int_equal(count_tokens(house), 0);
    assert_int_equal(last_change(house), last);
    assert_int_equal(events_of(house, "").count, events);
}

static void
test_a_token_lives_ninety_days_unless_told_otherwise(void **state)
{
    struct house *house = *state;
    struct token token = {0};

    OK(make(house, &house->act, &house->admin, (struct token_wish){0}, &token));
    assert_int_equal(date_compare(token.expires_on, (struct date){2027, 2, 21}), 0);
    assert_int_equal(token.expires_at_s, date_start_s((struct date){2027, 2, 22}));
    OK(make(house, &house->act, &house->admin,
            (struct token_wish){.expires_on = SLICE("2026-11-24")}, &token));
    assert_int_equal(token.expires_at_s, date_start_s((struct date){2026, 11, 25}));
}

/* ---- rules 3, 4 and 9: keys ---- */

static void
test_the_secret_key_is_88_characters_sealed_for_its_token(void **state)
{
    struct house *house = *state;
    struct token_wish wish = {.title = SLICE("HS256")};
    struct secret secret AUTO(secret_done) = {0};
    struct secret other AUTO(secret_done) = {0};
    struct token token = {0};
    struct token second = {0};
    unsigned char raw[BASE64_MAX_CHARS(SECRET_KEY_BYTES)];
    uint8_t opened[SECRET_KEY_CHARS];
    size_t len = 0;

    OK(token_make(&house->act, house->admin.id, &wish, &token, &secret));
    assert_int_equal(token.alg, ALG_HS256);
    assert_int_equal(secret.len, 88);
    assert_memory_equal(secret.at + 86, "==", 2);
    OK(base64_decode(secret_slice(&secret), raw, sizeof(raw), &len));
    assert_int_equal(len, 64);

    struct token kept = read_token(house, &token);
    struct slice sealed = {kept.sealed, kept.sealed_len};
    OK(seal_open(house->master_key, slice_of(token.id), sealed, opened));
    assert_memory_equal(opened, secret.at, sizeof(opened));
    assert_null(memmem(kept.sealed, kept.sealed_len, secret.at, 16));

    /* another token's seal does not open under this one's name */
    OK(token_make(&house->act, house->admin.id, &wish, &second, &other));
    REFUSED(MALFORMED, seal_open(house->master_key, slice_of(second.id), sealed, opened));
    assert_false(secret_equal(secret_slice(&secret), secret_slice(&other)));
}

static void
test_the_secret_key_is_in_no_event_and_no_file(void **state)
{
    struct house *house = *state;
    struct token_wish wish = {.title = SLICE("HS256")};
    struct secret secret AUTO(secret_done) = {0};
    struct token token = {0};
    static const char *const FILES[] = {"tokenhouse.db", "tokenhouse.db-wal"};

    OK(token_make(&house->act, house->admin.id, &wish, &token, &secret));
    struct seen seen = events_of(house, token.id);
    assert_null(memmem(seen.details, strlen(seen.details), secret.at, 16));
    for (size_t i = 0; i < COUNT_OF(FILES); i++) {
        char path[128];
        static unsigned char bytes[4 << 20];
        FILE *file AUTO(file_done) = NULL;
        size_t len = 0;

        snprintf(path, sizeof(path), "%s/%s", house->data, FILES[i]);
        file = fopen(path, "re");
        if (!file)
            continue;
        len = fread(bytes, 1, sizeof(bytes), file);
        assert_true(len > 0 && len < sizeof(bytes));
        assert_null(memmem(bytes, len, secret.at, 16));
    }
}

static void
test_token_ids_are_random_uuids(void **state)
{
    struct house *house = *state;
    struct token a = add_token(house, &house->admin, "a");
    struct token b = add_token(house, &house->admin, "a");

    assert_true(uuid_is(slice_of(a.id)));
    assert_int_equal(a.id[14], '4');
    assert_string_not_equal(a.id, b.id);
}

static void
test_a_public_key_makes_an_es256_token_without_secret(void **state)
{
    struct house *house = *state;
    struct buffer public AUTO(buffer_done) = buffer_make(4096);
    struct buffer private AUTO(buffer_wipe) = buffer_make(4096);
    struct secret secret AUTO(secret_done) = {0};
    struct token token = {0};
    uint8_t point[PUBLIC_KEY_BYTES];

    make_keys(&public, &private);
    OK(pem_read_public(buffer_slice(&public), point, NULL));
    struct token_wish wish = {.title = SLICE("ES256"),
                              .public_key = buffer_slice(&public)};
    OK(token_make(&house->act, house->admin.id, &wish, &token, &secret));
    struct token kept = read_token(house, &token);
    assert_int_equal(kept.alg, ALG_ES256);
    assert_int_equal(kept.sealed_len, 0);
    assert_int_equal(secret.len, 0);
    assert_memory_equal(kept.public_key, point, sizeof(point));
    struct seen seen = events_of(house, token.id);
    SAYS(seen.details, "\"publicKeySha256\":\"");
}

/* The worst paste of all: it is refused, and no part of it is said or kept. */
static void
test_a_private_key_is_refused_and_told_nowhere(void **state)
{
    struct house *house = *state;
    struct buffer public AUTO(buffer_done) = buffer_make(4096);
    struct buffer private AUTO(buffer_wipe) = buffer_make(4096);
    int events = events_of(house, "").count;
    struct token token = {0};
    char middle[17] = "";

    make_keys(&public, &private);
    memcpy(middle, private.at + 70, 16);
    struct token_wish wish = {.public_key = buffer_slice(&private)};
    REFUSED(MALFORMED, make(house, &house->act, &house->admin, wish, &token));
    SAYS(house->failure.text, "private key");
    SAYS(house->failure.text, "leaked");
    assert_false(holds(house->failure.text, middle));
    assert_int_equal(events_of(house, "").count, events);
    assert_int_equal(count_tokens(house), 0);

    buffer_add(&private, buffer_slice(&public)); /* beside a good one it is no better */
    wish.public_key = buffer_slice(&private);
    REFUSED(MALFORMED, make(house, &house->act, &house->admin, wish, &token));
    SAYS(house->failure.text, "leaked");
}

/* ---- rule 6: permissions ---- */

static void
test_by_default_a_token_has_what_the_role_has_for_the_api(void **state)
{
    struct house *house = *state;
    struct user power = add_user(house, "power@example.com", "Power User");
    struct token token = {0};
    struct role role = {0};
    struct permission_set api = permission_set_for_api();

    OK(make(house, &house->act, &power, (struct token_wish){0}, &token));
    OK(store_role_by_id(house->store, power.role_id, &role));
    struct permission_set wanted = permission_set_both(role.permissions, api);
    assert_memory_equal(&token.permissions, &wanted, sizeof(wanted));
    assert_false(
        permission_set_has(&token.permissions, PERMISSION_API_CREDENTIALS_MANAGE));
    assert_true(permission_set_has(&token.permissions, PERMISSION_DEVICE_REPORTS_VIEW));
}

static void
test_what_the_role_lacks_cannot_be_added(void **state)
{
    struct house *house = *state;
    struct user power = add_user(house, "power@example.com", "Power User");
    struct permission_set wanted = {{0}};
    struct token token = {0};

    permission_set_add(&wanted, PERMISSION_DEVICE_REPORTS_VIEW);
    OK(make(house, &house->act, &power, (struct token_wish){.permissions = &wanted},
            &token));
    assert_memory_equal(&token.permissions, &wanted, sizeof(wanted));
    permission_set_add(&wanted, PERMISSION_WIPE_DEVICE_PERFORM);
    REFUSED(REFUSED, make(house, &house->act, &power,
                          (struct token_wish){.permissions = &wanted}, &token));
    assert_string_equal(house->failure.field, "permissions");
    SAYS(house->failure.text, "Wipe Device:Perform");
}

/* Not even the System Administrator's token gets what no API operation asks for. */
static void
test_what_no_operation_needs_is_not_offered(void **state)
{
    struct house *house = *state;
    struct permission_set wanted = {{0}};
    struct token token = {0};

    permission_set_add(&wanted, PERMISSION_API_CREDENTIALS_MANAGE);
    REFUSED(REFUSED, make(house, &house->act, &house->admin,
                          (struct token_wish){.permissions = &wanted}, &token));
    SAYS(house->failure.text, "API Credentials:Manage");
}

static void
test_manage_implies_view(void **state)
{
    struct house *house = *state;
    struct permission_set wanted = {{0}};
    struct token token = {0};

    permission_set_add(&wanted, PERMISSION_DEVICE_FIELDS_MANAGE);
    OK(make(house, &house->act, &house->admin,
            (struct token_wish){.permissions = &wanted}, &token));
    assert_true(permission_set_has(&token.permissions, PERMISSION_DEVICE_FIELDS_VIEW));
    assert_int_equal(permission_set_count(&token.permissions), 2);
}

static void
test_all_permissions_may_be_removed(void **state)
{
    struct house *house = *state;
    struct permission_set none = {{0}};
    struct token token = {0};

    OK(make(house, &house->act, &house->admin, (struct token_wish){.permissions = &none},
            &token));
    assert_true(permission_set_is_empty(&token.permissions));
}

/* ---- rule 7: device groups ---- */

static void
test_groups_are_copied_and_stay_when_the_user_changes(void **state)
{
    struct house *house = *state;
    struct user power = add_user(house, "power@example.com", "Power User");
    struct device_group east = add_group(house, "East");
    struct slice email = SLICE("power@example.com");
    struct token token = {0};

    add_group(house, "West");
    OK(assign(&house->act, SLICE("East"), &email, 1, NULL, 0, false));
    OK(make(house, &house->act, &power, (struct token_wish){0}, &token));
    OK(assign(&house->act, SLICE("West"), &email, 1, NULL, 0, false));
    OK(assign(&house->act, SLICE("East"), &email, 1, NULL, 0, true));
    struct token kept = read_token(house, &token);
    assert_int_equal(kept.group_count, 1);
    assert_int_equal(kept.group_ids[0], east.id);
    SAYS(events_of(house, token.id).details, "\"deviceGroups\":[\"East\"]");
}

static void
test_a_wish_for_groups_narrows_and_never_widens(void **state)
{
    struct house *house = *state;
    struct user power = add_user(house, "power@example.com", "Power User");
    struct device_group east = add_group(house, "East");
    struct device_group west = add_group(house, "West");
    struct device_group north = add_group(house, "North");
    struct slice email = SLICE("power@example.com");
    int64_t one[] = {west.id, west.id};
    int64_t foreign[] = {east.id, north.id};
    int64_t unknown[] = {4711};
    struct token token = {0};

    OK(assign(&house->act, SLICE("East"), &email, 1, NULL, 0, false));
    OK(assign(&house->act, SLICE("West"), &email, 1, NULL, 0, false));
    OK(make(house, &house->act, &power,
            (struct token_wish){.group_ids = one, .group_count = 2}, &token));
    assert_int_equal(token.group_count, 1);
    assert_int_equal(token.group_ids[0], west.id);
    REFUSED(REFUSED,
            make(house, &house->act, &power,
                 (struct token_wish){.group_ids = foreign, .group_count = 2}, &token));
    SAYS(house->failure.text, "North");
    REFUSED(MALFORMED,
            make(house, &house->act, &power,
                 (struct token_wish){.group_ids = unknown, .group_count = 1}, &token));
    /* a wish for none is no way out */
    OK(make(house, &house->act, &power,
            (struct token_wish){.group_ids = one, .group_count = 0}, &token));
    assert_int_equal(token.group_count, 2);
    /* who sees all devices may choose any */
    OK(make(house, &house->act, &house->admin,
            (struct token_wish){.group_ids = foreign, .group_count = 2}, &token));
    assert_int_equal(token.group_count, 2);
}

/* ---- the record ---- */

static void
test_making_writes_one_event_and_one_change(void **state)
{
    struct house *house = *state;
    struct act act = as_user(house, &house->admin);
    struct token token = {0};
    int64_t last = last_change(house);

    OK(make(house, &act, &house->admin,
            (struct token_wish){.title = SLICE("Nightly report"),
                                .addresses = SLICE("10.0.0.1/32, 10.0.0.1")},
            &token));
    struct seen seen = events_of(house, token.id);
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.newest.kind, EVENT_TOKEN_UPDATED);
    assert_int_equal(seen.newest.at_ms, NOW_S * 1000);
    assert_int_equal(seen.newest.actor_kind, ACTOR_USER);
    assert_string_equal(seen.newest.actor_name, ADMIN);
    assert_string_equal(seen.newest.actor_id, house->admin.uid);
    assert_string_equal(seen.newest.address, "192.0.2.7");
    assert_string_equal(seen.newest.object_kind, "token");
    assert_string_equal(seen.newest.object_name, "Nightly report");
    SAYS(seen.details, "\"action\":\"created\"");
    SAYS(seen.details, "\"approvedAddresses\":[\"10.0.0.1\"]");
    SAYS(seen.details, "\"expires\":\"2027-02-21\"");
    assert_false(holds(seen.details, "before"));
    assert_int_equal(last_change(house), last + 1);
    assert_int_equal(newest_change(house).kind, CHANGE_TOKEN);
    assert_string_equal(newest_change(house).key, token.id);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        IN_HOUSE(test_only_a_role_with_api_credentials_makes_tokens),
        IN_HOUSE(test_a_token_is_made_for_oneself_only),
        IN_HOUSE(test_a_suspended_user_and_nobody_make_no_tokens),
        IN_HOUSE(test_a_token_makes_no_tokens),
        IN_HOUSE(test_what_is_typed_wrong_is_named_and_nothing_is_stored),
        IN_HOUSE(test_a_token_lives_ninety_days_unless_told_otherwise),
        IN_HOUSE(test_the_secret_key_is_88_characters_sealed_for_its_token),
        IN_HOUSE(test_the_secret_key_is_in_no_event_and_no_file),
        IN_HOUSE(test_token_ids_are_random_uuids),
        IN_HOUSE(test_a_public_key_makes_an_es256_token_without_secret),
        IN_HOUSE(test_a_private_key_is_refused_and_told_nowhere),
        IN_HOUSE(test_by_default_a_token_has_what_the_role_has_for_the_api),
        IN_HOUSE(test_what_the_role_lacks_cannot_be_added),
        IN_HOUSE(test_what_no_operation_needs_is_not_offered),
        IN_HOUSE(test_manage_implies_view),
        IN_HOUSE(test_all_permissions_may_be_removed),
        IN_HOUSE(test_groups_are_copied_and_stay_when_the_user_changes),
        IN_HOUSE(test_a_wish_for_groups_narrows_and_never_widens),
        IN_HOUSE(test_making_writes_one_event_and_one_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
