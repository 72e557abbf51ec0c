/* SPDX-License-Identifier: Apache-2.0
 *
 * An act happens whole or not at all, whoever else writes and whoever dies. */
#include "support.h"

#include <pthread.h>

#include "store/db.h"

static int64_t
count_tokens(struct store *store)
{
    int64_t count = -1;

    OK(store_token_count(store, &count));
    return count;
}

/* All that an act writes: a role, a user, a token, its event and its change row. */
static void
write_much(struct store *store)
{
    int64_t role = add_role(store, "Guard", false);
    int64_t user = add_user(store, "a@example.org", role);
    struct token token = make_token(user, (struct date){2030, 1, 1});
    struct event event = {.kind = EVENT_TOKEN_UPDATED, .details = SLICE("{}")};
    int64_t id;

    OK(store_token_add(store, &token));
    OK(store_event_add(store, &event, &id));
    OK(store_change_add(store, CHANGE_TOKEN, token.id));
    OK(store_fact_set(store, "setup_done", "1", 1));
}

static bool
count_event(void *ctx, const struct event *event)
{
    (void)event;
    ++*(int *)ctx;
    return true;
}

static void
check_nothing_is_there(struct store *store)
{
    struct user user;
    struct role role;
    struct event_query all = {0};
    int64_t last = -1;
    int events = 0;
    char bytes[4];
    size_t len;

    assert_int_equal(count_tokens(store), 0);
    assert_int_equal(store_user_by_email(store, SLICE("a@example.org"), &user),
                     STATUS_NOT_FOUND);
    assert_int_equal(store_role_by_name(store, SLICE("Guard"), &role), STATUS_NOT_FOUND);
    OK(store_event_list(store, &all, count_event, &events));
    assert_int_equal(events, 0);
    OK(store_change_last(store, &last));
    assert_int_equal(last, 0);
    assert_int_equal(store_fact_get(store, "setup_done", bytes, 4, &len),
                     STATUS_NOT_FOUND);
}

static void
test_what_is_undone_leaves_nothing(void **state)
{
    struct place place AUTO(place_done) = place_make();

    (void)state;
    OK(store_begin(place.store));
    write_much(place.store);
    store_undo(place.store);
    store_undo(place.store); /* harmless */
    check_nothing_is_there(place.store);
}

static void
test_a_forgotten_act_is_undone_at_the_end_of_its_scope(void **state)
{
    struct place place AUTO(place_done) = place_make();

    (void)state;
    {
        struct store *act AUTO(store_undo_done) = place.store;
        OK(store_begin(act));
        write_much(act);
    }
    check_nothing_is_there(place.store);
    {
        struct store *act AUTO(store_undo_done) = place.store;
        OK(store_begin(act));
        write_much(act);
        OK(store_commit(act));
    }
    assert_int_equal(count_tokens(place.store), 1);
}

static void
test_a_store_that_is_closed_in_the_middle_leaves_nothing(void **state)
{
    struct place place AUTO(place_done) = place_make();

    (void)state;
    OK(store_begin(place.store));
    write_much(place.store);
    store_close(&place.store);
    place.store = place_open(&place, STORE_WRITE);
    check_nothing_is_there(place.store);
}

static void
test_a_process_that_dies_in_the_middle_leaves_nothing(void **state)
{
    struct place place AUTO(place_done) = place_make();
    int state_of_child = 0;

    (void)state;
    store_close(&place.store);
    pid_t child = fork();
    if (child == 0) {
        struct store *store = place_open(&place, STORE_WRITE);
        OK(store_begin(store));
        write_much(store);
        _exit(7);
    }
    assert_int_equal(waitpid(child, &state_of_child, 0), child);
    assert_int_equal(WEXITSTATUS(state_of_child), 7);
    place.store = place_open(&place, STORE_WRITE);
    check_nothing_is_there(place.store);
    OK(store_begin(place.store)); /* and nobody's lock is left */
    write_much(place.store);
    OK(store_commit(place.store));
}

/* What was acknowledged is there after a death, too. */
static void
test_what_is_committed_outlives_the_process(void **state)
{
    struct place place AUTO(place_done) = place_make();

    (void)state;
    store_close(&place.store);
    pid_t child = fork();
    if (child == 0) {
        struct store *store = place_open(&place, STORE_WRITE);
        OK(store_begin(store));
        write_much(store);
        OK(store_commit(store));
        _exit(0);
    }
    assert_int_equal(waitpid(child, NULL, 0), child);
    place.store = place_open(&place, STORE_WRITE);
    assert_int_equal(count_tokens(place.store), 1);
}

enum { WRITES_EACH = 25 };

/* Adds events; gaps or doubles would show in their ids. */
static void
write_events(struct store *store)
{
    struct event event = {.kind = EVENT_SETTING_UPDATED, .details = SLICE("{}")};

    for (int i = 0; i < WRITES_EACH; i++) {
        int64_t id = 0;
        OK(store_begin(store));
        OK(store_event_add(store, &event, &id));
        OK(store_commit(store));
    }
}

static bool
check_no_gap(void *ctx, const struct event *event)
{
    int64_t *expected = ctx;

    assert_int_equal(event->id, *expected);
    --*expected;
    return true;
}

static void
check_events(struct store *store, int64_t count)
{
    struct event_query all = {.count = 10000};

    OK(store_event_list(store, &all, check_no_gap, &count));
    assert_int_equal(count, 0);
}

static void
test_two_processes_write_without_losing_anything(void **state)
{
    struct place place AUTO(place_done) = place_make();
    int state_of_child = 0;

    (void)state;
    store_close(&place.store); /* an SQLite connection must not cross a fork */
    pid_t child = fork();
    if (child == 0) {
        struct store *store = place_open(&place, STORE_WRITE);
        write_events(store);
        store_close(&store);
        _exit(0);
    }
    place.store = place_open(&place, STORE_WRITE);
    write_events(place.store);
    assert_int_equal(waitpid(child, &state_of_child, 0), child);
    assert_int_equal(state_of_child, 0);
    check_events(place.store, 2 * WRITES_EACH);
}

static void *
write_from_thread(void *place)
{
    struct store *store = place_open(place, STORE_WRITE);

    write_events(store);
    store_close(&store);
    return NULL;
}

static void
test_threads_write_in_line(void **state)
{
    struct place place AUTO(place_done) = place_make();
    pthread_t threads[4];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, write_from_thread, &place), 0);
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        pthread_join(threads[i], NULL);
    check_events(place.store, 4 * WRITES_EACH);
}

/* The change feed hangs on this: our own acts are not news, those of others are. */
static void
test_the_version_differs_only_after_others_committed(void **state)
{
    struct place place AUTO(place_done) = place_make();
    struct store *other = place_open(&place, STORE_WRITE);
    int64_t first, version;

    (void)state;
    OK(store_version(place.store, &first));
    OK(store_begin(place.store));
    OK(store_fact_set(place.store, "x", "1", 1));
    OK(store_commit(place.store));
    OK(store_version(place.store, &version));
    assert_int_equal(version, first);

    OK(store_begin(other));
    OK(store_fact_set(other, "x", "2", 1));
    OK(store_version(place.store, &version));
    assert_int_equal(version, first); /* not yet */
    store_undo(other);
    OK(store_version(place.store, &version));
    assert_int_equal(version, first); /* never */

    OK(store_begin(other));
    OK(store_fact_set(other, "x", "3", 1));
    OK(store_commit(other));
    OK(store_version(place.store, &version));
    assert_int_not_equal(version, first);
    store_close(&other);
}

/* A reader sees the last committed state and is never held up by a writer. */
static void
test_a_reader_sees_only_what_is_committed(void **state)
{
    struct place place AUTO(place_done) = place_make();
    struct store *reader = place_open(&place, STORE_READ);

    (void)state;
    OK(store_begin(place.store));
    write_much(place.store);
    assert_int_equal(count_tokens(place.store), 1);
    assert_int_equal(count_tokens(reader), 0);
    OK(store_commit(place.store));
    assert_int_equal(count_tokens(reader), 1);
    store_close(&reader);
}

/* Everything that was prepared is kept, so a compiled query that differs each time must
 * push out the least used, and never one that is in use. */
static void
test_statements_come_and_go_without_disturbing_those_in_use(void **state)
{
    struct place place AUTO(place_done) = place_make();
    struct db *db = NULL;
    struct failure failure = {0};
    char path[128];
    bool has_row = false;

    (void)state;
    place_path(&place, "tokenhouse.db", path);
    OK(db_open(path, DB_READ, &db, &failure));
    struct db_query *long_one =
        db_ask(db, "SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT $1");
    db_bind_int(long_one, 1, 9);
    OK(db_step(long_one, &has_row));
    for (int i = 0; i < 500; i++) {
        char text[64];
        snprintf(text, sizeof(text), "SELECT %d + $2, $1", i);
        struct db_query *query AUTO(db_query_end) = db_ask(db, text);
        db_bind_int(query, 1, 1);
        db_bind_int(query, 2, 1000);
        OK(db_first(query));
        assert_int_equal(db_int(query, 0), 1000 + i); /* $2 came first in the text */
        assert_int_equal(db_int(query, 1), 1);
    }
    assert_int_equal(db_int(long_one, 0), 7);
    OK(db_step(long_one, &has_row));
    OK(db_step(long_one, &has_row));
    assert_int_equal(db_int(long_one, 0), 9);
    db_query_end(&long_one);
    db_close(&db);
}

static void
test_a_bad_statement_fails_when_it_is_stepped(void **state)
{
    static const char *const BAD[] = {"SELEC 1", "SELECT 1; SELECT 2", "",
                                      "SELECT x FROM nowhere", "SELECT \"text\""};
    struct place place AUTO(place_done) = place_make();
    struct db *db = NULL;
    struct failure failure = {0};
    char path[128];

    (void)state;
    place_path(&place, "tokenhouse.db", path);
    OK(db_open(path, DB_READ, &db, &failure));
    for (size_t i = 0; i < COUNT_OF(BAD); i++) {
        struct db_query *query AUTO(db_query_end) = db_ask(db, BAD[i]);
        assert_int_equal(db_first(query), STATUS_BROKEN);
        assert_true(db_failure(db)[0] != '\0');
    }
    struct db_query *write AUTO(db_query_end) = db_ask(db, "DELETE FROM event");
    assert_int_not_equal(db_run(write), STATUS_OK); /* a reader writes nothing */
    db_query_end(&write);
    db_close(&db);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_undone_leaves_nothing),
        cmocka_unit_test(test_a_forgotten_act_is_undone_at_the_end_of_its_scope),
        cmocka_unit_test(test_a_store_that_is_closed_in_the_middle_leaves_nothing),
        cmocka_unit_test(test_a_process_that_dies_in_the_middle_leaves_nothing),
        cmocka_unit_test(test_what_is_committed_outlives_the_process),
        cmocka_unit_test(test_two_processes_write_without_losing_anything),
        cmocka_unit_test(test_threads_write_in_line),
        cmocka_unit_test(test_the_version_differs_only_after_others_committed),
        cmocka_unit_test(test_a_reader_sees_only_what_is_committed),
        cmocka_unit_test(test_statements_come_and_go_without_disturbing_those_in_use),
        cmocka_unit_test(test_a_bad_statement_fails_when_it_is_stepped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
