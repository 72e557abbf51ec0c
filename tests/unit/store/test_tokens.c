/* SPDX-License-Identifier: Apache-2.0
 *
 * A token comes back exactly as it was stored, or not at all. */
#include "support.h"

#include "base/clock.h"

#include <sqlite3.h>

/* A store with a user, and an act begun. */
static int64_t
begin_with_user(const struct place *place)
{
    OK(store_begin(place->store));
    return add_user(place->store, "ada@example.org",
                    add_role(place->store, "Guard", false));
}

static void
read_range(const char *text, struct ip_range *out)
{
    OK(ip_range_read(slice_of(text), out, NULL));
}

static void
test_an_hs256_token_comes_back_as_it_was(void **state)
{
    struct place place AUTO(place_done) = place_make();
    struct token token = make_token(begin_with_user(&place), (struct date){2028, 2, 29});
    struct token back = {0};

    (void)state;
    token.group_ids[0] = add_group(place.store, "A");
    token.group_ids[1] = add_group(place.store, "B");
    token.group_count = 2;
    read_range("10.0.0.0/8", &token.addresses[0]);
    read_range("2001:db8::1", &token.addresses[1]);
    token.address_count = 2;
    OK(store_token_add(place.store, &token));
    OK(store_token_by_id(place.store, slice_of(token.id), &back));
    token.version = 1;
    assert_same_token(&token, &back);
}

static void
test_an_es256_token_comes_back_as_it_was(void **state)
{
    struct place place AUTO(place_done) = place_make();
    struct token token = make_token(begin_with_user(&place), (struct date){2030, 1, 1});
    struct token back = {0};

    (void)state;
    token.alg = ALG_ES256;
    memset(token.sealed, 0, sizeof(token.sealed));
    token.sealed_len = 0;
    for (size_t i = 0; i < sizeof(token.public_key); i++)
        token.public_key[i] = (uint8_t)(i * 7);
    snprintf(token.id, sizeof(token.id), "ce9778bf-exam-p1ec-afe3-91e9355603a3");
    OK(store_token_add(place.store, &token));
    OK(store_token_by_id(place.store, slice_of(token.id), &back));
    token.version = 1;
    assert_same_token(&token, &back);
}

static void
test_the_largest_token_fits(void **state)
{
    struct place place AUTO(place_done) = place_make();
    struct token token = make_token(begin_with_user(&place), (struct date){9999, 12, 31});
    struct token back = {0};

    (void)state;
    token.sealed_len = sizeof(token.sealed);
    token.group_count = TOKEN_GROUP_MAX_COUNT;
    token.address_count = TOKEN_ADDRESS_MAX_COUNT;
    for (size_t i = 0; i < TOKEN_GROUP_MAX_COUNT; i++) {
        char name[32];
        snprintf(name, sizeof(name), "Group %zu", i);
        token.group_ids[i] = add_group(place.store, name);
        snprintf(name, sizeof(name), "10.1.2.%zu", i);
        read_range(name, &token.addresses[i]);
    }
    OK(store_token_add(place.store, &token));
    OK(store_token_by_id(place.store, slice_of(token.id), &back));
    token.version = 1;
    assert_same_token(&token, &back);
    snprintf(token.id, sizeof(token.id), "other");
    token.group_count++;
    assert_int_equal(store_token_add(place.store, &token), STATUS_TOO_LARGE);
}

static void
test_an_unknown_id_is_not_found(void **state)
{
    struct place place AUTO(place_done) = place_make();
    struct token token = make_token(begin_with_user(&place), (struct date){2030, 1, 1});
    struct token back = {.version = 77};
    char longer[TOKEN_ID_MAX_CHARS + 2];
    char upper[UUID_CHARS + 1] = "";

    (void)state;
    snprintf(token.id, sizeof(token.id), "0b9f8d0e-aaaa-4bbb-8ccc-abcdefabcdef");
    OK(store_token_add(place.store, &token));
    snprintf(longer, sizeof(longer), "%s0", token.id);
    snprintf(upper, sizeof(upper), "0B9F8D0E-AAAA-4BBB-8CCC-ABCDEFABCDEF");
    const struct slice UNKNOWN[] = {SLICE(""),
                                    SLICE("%"),
                                    SLICE("\xff"),
                                    SLICE("' OR '1'='1"),
                                    slice_of(longer),
                                    slice_of(upper),
                                    slice_head(slice_of(token.id), 35),
                                    {(const unsigned char *)token.id, UUID_CHARS + 1}};
    for (size_t i = 0; i < COUNT_OF(UNKNOWN); i++) {
        assert_int_equal(store_token_by_id(place.store, UNKNOWN[i], &back),
                         STATUS_NOT_FOUND);
        assert_int_equal(store_token_remove(place.store, UNKNOWN[i]), STATUS_NOT_FOUND);
    }
    assert_int_equal(back.version, 77);
    OK(store_token_by_id(place.store, slice_of(token.id), &back));
}

static void
test_an_id_is_given_once(void **state)
{
    struct place place AUTO(place_done) = place_make();
    struct token token = make_token(begin_with_user(&place), (struct date){2030, 1, 1});

    (void)state;
    OK(store_token_add(place.store, &token));
    assert_int_equal(store_token_add(place.store, &token), STATUS_CONFLICT);
}

static void
test_a_token_needs_a_user_and_groups_that_exist(void **state)
{
    struct place place AUTO(place_done) = place_make();
    int64_t user = begin_with_user(&place);
    struct token orphan = make_token(user + 1, (struct date){2030, 1, 1});
    struct token stray = make_token(user, (struct date){2030, 1, 1});

    (void)state;
    assert_int_equal(store_token_add(place.store, &orphan), STATUS_NOT_FOUND);
    stray.group_ids[0] = 4711;
    stray.group_count = 1;
    assert_int_equal(store_token_add(place.store, &stray), STATUS_NOT_FOUND);
}

static void
test_a_change_writes_what_may_change_and_nothing_else(void **state)
{
    struct place place AUTO(place_done) = place_make();
    struct token token = make_token(begin_with_user(&place), (struct date){2030, 1, 1});
    struct token changed = token;
    struct token back = {0};

    (void)state;
    OK(store_token_add(place.store, &token));
    changed.version = 1;
    snprintf(changed.title, sizeof(changed.title), "Renamed");
    snprintf(changed.description, sizeof(changed.description), "%s", "");
    memset(changed.description, 0, sizeof(changed.description));
    changed.expires_on = (struct date){2030, 2, 1};
    changed.expires_at_s = date_start_s(changed.expires_on) + DAY_S;
    changed.is_suspended = true;
    read_range("::/0", &changed.addresses[0]);
    changed.address_count = 1;
    changed.changed_at_s = 50;
    changed.changed_by = 9;
    /* must not get through: */
    struct token greedy = changed;
    permission_set_add(&greedy.permissions, PERMISSION_WIPE_DEVICE_PERFORM);
    greedy.alg = ALG_ES256;
    greedy.user_id = 99;
    greedy.created_at_s = 0;
    memset(greedy.title, 0, sizeof(greedy.title));
    snprintf(greedy.title, sizeof(greedy.title), "Renamed");
    memset(changed.title, 0, sizeof(changed.title));
    snprintf(changed.title, sizeof(changed.title), "Renamed");
    OK(store_token_change(place.store, &greedy));
    OK(store_token_by_id(place.store, slice_of(token.id), &back));
    changed.version = 2;
    assert_same_token(&changed, &back);
}

static void
test_a_change_of_an_old_version_is_a_conflict(void **state)
{
    struct place place AUTO(place_done) = place_make();
    struct token token = make_token(begin_with_user(&place), (struct date){2030, 1, 1});
    struct token unknown = token;

    (void)state;
    OK(store_token_add(place.store, &token));
    token.version = 1;
    OK(store_token_change(place.store, &token));
    assert_int_equal(store_token_change(place.store, &token), STATUS_CONFLICT);
    token.version = 2;
    OK(store_token_change(place.store, &token));
    unknown.version = 1;
    snprintf(unknown.id, sizeof(unknown.id), "unknown");
    assert_int_equal(store_token_change(place.store, &unknown), STATUS_NOT_FOUND);
}

static void
test_a_removed_token_is_gone_with_its_uses(void **state)
{
    struct place place AUTO(place_done) = place_make();
    struct token token = make_token(begin_with_user(&place), (struct date){2030, 1, 1});
    struct token_use use = {.last_used_at_s = 100, .more = 3};
    struct token back = {0};

    (void)state;
    OK(store_token_add(place.store, &token));
    snprintf(use.id, sizeof(use.id), "%s", token.id);
    OK(store_token_add_uses(place.store, &use, 1));
    OK(store_token_remove(place.store, slice_of(token.id)));
    assert_int_equal(store_token_by_id(place.store, slice_of(token.id), &back),
                     STATUS_NOT_FOUND);
    assert_int_equal(store_token_remove(place.store, slice_of(token.id)),
                     STATUS_NOT_FOUND);
    OK(store_token_add(place.store, &token)); /* the same id again starts at nothing */
    OK(store_token_by_id(place.store, slice_of(token.id), &back));
    assert_int_equal(back.use_count, 0);
    assert_int_equal(back.last_used_at_s, 0);
}

static void
test_uses_add_up_and_the_latest_stays(void **state)
{
    struct place place AUTO(place_done) = place_make();
    struct token token = make_token(begin_with_user(&place), (struct date){2030, 1, 1});
    struct token_use uses[3] = {{.last_used_at_s = 100, .more = 3},
                                {.last_used_at_s = 90, .more = 2},
                                {.id = "unknown", .last_used_at_s = 500, .more = 9}};
    struct token back = {0};
    char address[IP_TEXT_MAX + 1];

    (void)state;
    OK(store_token_add(place.store, &token));
    for (size_t i = 0; i < 2; i++)
        snprintf(uses[i].id, sizeof(uses[i].id), "%s", token.id);
    OK(ip_read(SLICE("203.0.113.9"), &uses[0].last_used_from));
    OK(ip_read(SLICE("2001:db8::7"), &uses[1].last_used_from));
    OK(store_token_add_uses(place.store, uses, 3));
    OK(store_token_by_id(place.store, slice_of(token.id), &back));
    assert_int_equal(back.use_count, 5);
    assert_int_equal(back.last_used_at_s, 100);
    ip_write(&back.last_used_from, address);
    assert_string_equal(address, "203.0.113.9");
    assert_int_equal(back.version, 1); /* a use is no change */
    OK(store_token_count(place.store, &back.use_count));
    assert_int_equal(back.use_count, 1); /* the unknown one was not made up */
}

struct seen {
    char ids[64];
    int stop_after;
};

static bool
note_id(void *ctx, const struct token *token)
{
    struct seen *seen = ctx;
    size_t len = strlen(seen->ids);

    snprintf(seen->ids + len, sizeof(seen->ids) - len, "%s ", token->id);
    return --seen->stop_after != 0;
}

static const char *
list(struct store *store, struct token_query query, struct seen *seen)
{
    *seen = (struct seen){.stop_after = seen->stop_after};
    OK(store_token_list(store, &query, note_id, seen));
    return seen->ids;
}

static void
add_named(struct store *store, int64_t user, const char *id, int day)
{
    struct token token = make_token(user, (struct date){2030, 1, day});

    snprintf(token.id, sizeof(token.id), "%s", id);
    OK(store_token_add(store, &token));
}

static void
test_lists_begin_with_the_earliest_expiry_and_can_be_continued(void **state)
{
    struct place place AUTO(place_done) = place_make();
    int64_t ada = begin_with_user(&place);
    struct store *store = place.store;
    struct role role;
    struct seen seen = {.stop_after = 0};

    (void)state;
    OK(store_role_by_name(store, SLICE("Guard"), &role));
    int64_t bob = add_user(store, "bob@example.org", role.id);
    add_named(store, ada, "late", 9);
    add_named(store, bob, "b", 5);
    add_named(store, ada, "a", 5);
    add_named(store, ada, "early", 1);
    int64_t fifth = date_start_s((struct date){2030, 1, 6});

    struct token_query all = {0};
    assert_string_equal(list(store, all, &seen), "early a b late ");
    struct token_query two = {.count = 2};
    assert_string_equal(list(store, two, &seen), "early a ");
    struct token_query next = {.count = 2, .after_expires_at_s = fifth, .after_id = "a"};
    assert_string_equal(list(store, next, &seen), "b late ");
    struct token_query hers = {.user_id = ada};
    assert_string_equal(list(store, hers, &seen), "early a late ");
    hers.after_expires_at_s = fifth;
    snprintf(hers.after_id, sizeof(hers.after_id), "a");
    assert_string_equal(list(store, hers, &seen), "late ");
    struct token_query nobodys = {.user_id = bob + 1};
    assert_string_equal(list(store, nobodys, &seen), "");
    seen.stop_after = 3;
    assert_string_equal(list(store, all, &seen), "early a b ");
}

/* A row that was written by another hand is refused, not guessed at. */
static void
test_a_damaged_row_is_broken(void **state)
{
    static const char *const DAMAGES[] = {
        "UPDATE token SET group_ids = x'0000000000000000'",
        "UPDATE token SET group_ids = x'00000000000000020000000000000001'",
        "UPDATE token SET addresses = x'00000000000000000000ffff0a000000ff'",
        "UPDATE token SET permissions = zeroblob(31) || x'00'",
        "UPDATE token SET expires_on = '2030-02-30'",
        "UPDATE token SET key_material = x''",
        "UPDATE token SET alg = 2",
    };
    struct place place AUTO(place_done) = place_make();
    struct token token = make_token(begin_with_user(&place), (struct date){2030, 1, 1});
    char path[128];

    (void)state;
    OK(store_token_add(place.store, &token));
    OK(store_commit(place.store));
    place_path(&place, "tokenhouse.db", path);
    for (size_t i = 0; i < COUNT_OF(DAMAGES); i++) {
        struct token back = {.version = 77};
        sqlite3 *db = NULL;
        assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
        assert_int_equal(sqlite3_exec(db, "PRAGMA ignore_check_constraints = 1; BEGIN",
                                      NULL, NULL, NULL),
                         SQLITE_OK);
        int code = sqlite3_exec(db, DAMAGES[i], NULL, NULL, NULL);
        sqlite3_exec(db, code == SQLITE_OK ? "COMMIT" : "ROLLBACK", NULL, NULL, NULL);
        if (code == SQLITE_OK) {
            assert_int_equal(store_token_by_id(place.store, slice_of(token.id), &back),
                             STATUS_BROKEN);
            assert_string_equal(store_failure(place.store), "a row of token is damaged");
            assert_int_equal(back.version, 77);
        }
        /* the table itself refuses a text where bytes must be */
        assert_true(code == SQLITE_OK || i == 3);
        sqlite3_exec(db,
                     "UPDATE token SET group_ids = x'', addresses = x'', alg = 1,"
                     " expires_on = '2030-01-01', key_material = x'01'",
                     NULL, NULL, NULL);
        sqlite3_close(db);
        OK(store_token_by_id(place.store, slice_of(token.id), &back));
    }
}

struct load {
    int count;
    int es256_count;
    const struct token *like;
};

static bool
count_loaded(void *ctx, const struct token *token)
{
    struct load *load = ctx;
    static const uint8_t NOTHING[PUBLIC_KEY_BYTES];

    load->count++;
    load->es256_count += token->alg == ALG_ES256;
    assert_int_equal(token->expires_at_s, load->like->expires_at_s);
    assert_int_equal(token->address_count, 1);
    /* nothing is left over from the row before */
    if (token->alg == ALG_HS256)
        assert_memory_equal(token->public_key, NOTHING, sizeof(NOTHING));
    else
        assert_int_equal(token->sealed_len, 0);
    return true;
}

static void
test_all_are_loaded_in_one_pass(void **state)
{
    enum { COUNT = 20000 };
    struct place place AUTO(place_done) = place_make();
    struct token token = make_token(begin_with_user(&place), (struct date){2030, 1, 1});
    struct load load = {.like = &token};

    (void)state;
    read_range("10.0.0.0/8", &token.addresses[0]);
    token.address_count = 1;
    memset(token.public_key, 5, sizeof(token.public_key));
    for (int i = 0; i < COUNT; i++) {
        uuid_make(token.id);
        token.alg = i % 4 == 0 ? ALG_ES256 : ALG_HS256;
        OK(store_token_add(place.store, &token));
    }
    OK(store_commit(place.store));
    int64_t from_ns = clock_monotonic_ns();
    OK(store_token_load_all(place.store, count_loaded, &load));
    int64_t took_ns = clock_monotonic_ns() - from_ns;
    assert_int_equal(load.count, COUNT);
    assert_int_equal(load.es256_count, COUNT / 4);
    print_message("load_all: %lld tokens a second\n",
                  (long long)COUNT * 1000000000 / (long long)took_ns);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_hs256_token_comes_back_as_it_was),
        cmocka_unit_test(test_an_es256_token_comes_back_as_it_was),
        cmocka_unit_test(test_the_largest_token_fits),
        cmocka_unit_test(test_an_unknown_id_is_not_found),
        cmocka_unit_test(test_an_id_is_given_once),
        cmocka_unit_test(test_a_token_needs_a_user_and_groups_that_exist),
        cmocka_unit_test(test_a_change_writes_what_may_change_and_nothing_else),
        cmocka_unit_test(test_a_change_of_an_old_version_is_a_conflict),
        cmocka_unit_test(test_a_removed_token_is_gone_with_its_uses),
        cmocka_unit_test(test_uses_add_up_and_the_latest_stays),
        cmocka_unit_test(test_lists_begin_with_the_earliest_expiry_and_can_be_continued),
        cmocka_unit_test(test_a_damaged_row_is_broken),
        cmocka_unit_test(test_all_are_loaded_in_one_pass),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
