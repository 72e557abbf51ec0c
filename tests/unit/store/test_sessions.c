/* SPDX-License-Identifier: Apache-2.0
 *
 * Sessions, second factors and recovery codes in the database. */
#include "support.h"

#include "store/store_sessions.h"

static const uint8_t HASH[SESSION_HASH_BYTES] = {1};
static const uint8_t OTHER[SESSION_HASH_BYTES] = {2};

/* A user with a role of their own. */
static int64_t
add_person(struct store *store, const char *email)
{
    struct role role = {.is_default = false};
    struct user user = {.created_at_s = 1};

    snprintf(role.name, sizeof(role.name), "role of %s", email);
    snprintf(user.email, sizeof(user.email), "%s", email);
    uuid_make(user.uid);
    OK(store_role_add(store, &role, &user.role_id));
    OK(store_user_add(store, &user, &user.id));
    return user.id;
}

static int64_t
add_session(struct store *store, int64_t user_id, const uint8_t *hash, int64_t at_s)
{
    struct session session = {.user_id = user_id,
                              .state = SESSION_ACTIVE,
                              .address = "192.0.2.7",
                              .user_agent = "Firefox",
                              .created_at_s = at_s,
                              .used_at_s = at_s};
    int64_t id = 0;

    uuid_make(session.uid);
    OK(store_session_add(store, &session, hash, &id));
    return id;
}

static bool
is_there(struct store *store, const uint8_t *hash, struct session *out)
{
    return store_session_by_hash(store, hash, out) == STATUS_OK;
}

static void
test_what_was_stored_comes_back(void **state)
{
    struct place *place = *state;
    struct session found = {0};

    OK(store_begin(place->store));
    int64_t user_id = add_person(place->store, "ada@example.com");
    int64_t id = add_session(place->store, user_id, HASH, 1000);
    OK(store_commit(place->store));
    assert_true(is_there(place->store, HASH, &found));
    assert_int_equal(found.id, id);
    assert_int_equal(found.user_id, user_id);
    assert_int_equal(found.state, SESSION_ACTIVE);
    assert_string_equal(found.address, "192.0.2.7");
    assert_string_equal(found.user_agent, "Firefox");
    assert_int_equal(found.created_at_s, 1000);
    assert_int_equal(found.used_at_s, 1000);
    assert_false(is_there(place->store, OTHER, &found));
}

/* Several nodes write down what they saw, in any order. */
static void
test_a_use_never_goes_back(void **state)
{
    struct place *place = *state;
    struct session found = {0};

    OK(store_begin(place->store));
    int64_t user_id = add_person(place->store, "ada@example.com");
    int64_t id = add_session(place->store, user_id, HASH, 1000);
    OK(store_session_use(place->store, id, 1500));
    OK(store_session_use(place->store, id, 1200));
    OK(store_session_use(place->store, id + 1, 1200));
    OK(store_commit(place->store));
    assert_true(is_there(place->store, HASH, &found));
    assert_int_equal(found.used_at_s, 1500);
}

static void
test_sessions_go_one_by_one_by_user_and_with_the_user(void **state)
{
    struct place *place = *state;
    struct session found = {0};
    struct store *store = place->store;

    OK(store_begin(store));
    int64_t ada = add_person(store, "ada@example.com");
    int64_t eve = add_person(store, "eve@example.com");
    int64_t id = add_session(store, ada, HASH, 1000);
    OK(store_session_remove(store, id));
    assert_int_equal(store_session_remove(store, id), STATUS_NOT_FOUND);
    int64_t kept = add_session(store, ada, HASH, 1000);
    add_session(store, ada, OTHER, 1000);
    OK(store_session_remove_of_user(store, eve, 0));
    assert_true(is_there(store, OTHER, &found));
    OK(store_session_remove_of_user(store, ada, kept));
    assert_false(is_there(store, OTHER, &found));
    assert_true(is_there(store, HASH, &found));
    OK(store_user_remove(store, ada));
    assert_false(is_there(store, HASH, &found));
    OK(store_commit(store));
}

static void
test_one_is_found_by_its_owner_only(void **state)
{
    struct place *place = *state;
    struct session found = {0};
    struct session again = {0};
    struct store *store = place->store;

    OK(store_begin(store));
    int64_t ada = add_person(store, "ada@example.com");
    int64_t eve = add_person(store, "eve@example.com");
    add_session(store, ada, HASH, 1000);
    assert_true(is_there(store, HASH, &found));
    OK(store_session_by_uid(store, ada, found.uid, &again));
    assert_int_equal(again.id, found.id);
    assert_int_equal(store_session_by_uid(store, eve, found.uid, &again),
                     STATUS_NOT_FOUND);
    assert_int_equal(store_session_by_uid(store, ada, "\xff", &again), STATUS_NOT_FOUND);
    OK(store_commit(store));
}

static void
test_pruning_takes_the_silent_and_the_old(void **state)
{
    struct place *place = *state;
    struct session found = {0};
    struct store *store = place->store;

    OK(store_begin(store));
    int64_t ada = add_person(store, "ada@example.com");
    int64_t id = add_session(store, ada, HASH, 1000);
    add_session(store, ada, OTHER, 2000);
    OK(store_session_use(store, id, 5000));
    OK(store_session_prune(store, 2000, 1000));
    assert_true(is_there(store, HASH, &found) && is_there(store, OTHER, &found));
    OK(store_session_prune(store, 2001, 1000));
    assert_false(is_there(store, OTHER, &found)); /* silent */
    OK(store_session_prune(store, 0, 1001));
    assert_false(is_there(store, HASH, &found)); /* old */
    OK(store_commit(store));
}

static void
test_a_step_is_taken_once_and_only_forwards(void **state)
{
    struct place *place = *state;
    struct store *store = place->store;
    struct second_factor factor = {.sealed = {7}, .sealed_len = 60, .last_step = 10};
    struct second_factor found = {0};

    OK(store_begin(store));
    factor.user_id = add_person(store, "ada@example.com");
    OK(store_second_factor_set(store, &factor));
    assert_int_equal(store_second_factor_use(store, factor.user_id, 10),
                     STATUS_NOT_FOUND);
    OK(store_second_factor_use(store, factor.user_id, 12));
    assert_int_equal(store_second_factor_use(store, factor.user_id, 12),
                     STATUS_NOT_FOUND);
    assert_int_equal(store_second_factor_use(store, factor.user_id, 11),
                     STATUS_NOT_FOUND);
    OK(store_second_factor(store, factor.user_id, &found));
    assert_int_equal(found.last_step, 12);
    assert_int_equal(found.sealed_len, 60);
    assert_memory_equal(found.sealed, factor.sealed, 60);
    factor.user_id++;
    assert_int_equal(store_second_factor_set(store, &factor), STATUS_NOT_FOUND);
    store_undo(store);
}

static void
test_recovery_codes_are_used_up(void **state)
{
    struct place *place = *state;
    struct store *store = place->store;
    struct second_factor factor = {.sealed = {7}, .sealed_len = 60};
    int64_t count = 0;

    OK(store_begin(store));
    factor.user_id = add_person(store, "ada@example.com");
    int64_t eve = add_person(store, "eve@example.com");
    OK(store_second_factor_set(store, &factor));
    OK(store_recovery_add(store, factor.user_id, HASH));
    OK(store_recovery_add(store, factor.user_id, OTHER));
    assert_int_equal(store_recovery_use(store, eve, HASH), STATUS_NOT_FOUND);
    OK(store_recovery_use(store, factor.user_id, HASH));
    assert_int_equal(store_recovery_use(store, factor.user_id, HASH), STATUS_NOT_FOUND);
    OK(store_recovery_count(store, factor.user_id, &count));
    assert_int_equal(count, 1);
    OK(store_second_factor_remove(store, factor.user_id));
    OK(store_recovery_count(store, factor.user_id, &count));
    assert_int_equal(count, 0);
    assert_int_equal(store_second_factor_remove(store, factor.user_id), STATUS_NOT_FOUND);
    OK(store_commit(store));
}

static int
setup_place(void **state)
{
    struct place *place = calloc(1, sizeof(*place));

    *place = place_make();
    *state = place;
    return 0;
}

static int
teardown_place(void **state)
{
    place_done(*state);
    free(*state);
    return 0;
}

#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, setup_place, teardown_place)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        IN_PLACE(test_what_was_stored_comes_back),
        IN_PLACE(test_a_use_never_goes_back),
        IN_PLACE(test_sessions_go_one_by_one_by_user_and_with_the_user),
        IN_PLACE(test_one_is_found_by_its_owner_only),
        IN_PLACE(test_pruning_takes_the_silent_and_the_old),
        IN_PLACE(test_a_step_is_taken_once_and_only_forwards),
        IN_PLACE(test_recovery_codes_are_used_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
