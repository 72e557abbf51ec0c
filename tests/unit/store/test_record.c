/* SPDX-License-Identifier: Apache-2.0
 *
 * What is written down along the way: events, the change feed, facts. */
#include "support.h"

#include <sqlite3.h>

static struct event
make_event(enum event_kind kind, int64_t at_ms, const char *object_id)
{
    struct event event = {.at_ms = at_ms,
                          .kind = kind,
                          .actor_kind = ACTOR_USER,
                          .actor_id = "u-1",
                          .actor_name = "ada@example.org",
                          .address = "203.0.113.9",
                          .object_kind = "token",
                          .object_name = "Nightly «report»",
                          .request_id = "01J9",
                          .details = SLICE("{\"action\":\"created\"}")};

    snprintf(event.object_id, sizeof(event.object_id), "%s", object_id);
    return event;
}

static void
add_event(struct store *store, enum event_kind kind, int64_t at_ms, const char *object_id)
{
    struct event event = make_event(kind, at_ms, object_id);
    int64_t id = 0;

    OK(store_event_add(store, &event, &id));
}

static bool
check_is_whole(void *ctx, const struct event *event)
{
    struct event wanted = make_event(EVENT_TOKEN_UPDATED, 1234567890123, "t-1");
    struct event got = *event;

    assert_true(slice_equal(got.details, wanted.details));
    got.details = wanted.details;
    wanted.id = 1;
    assert_memory_equal(&got, &wanted, sizeof(got));
    *(bool *)ctx = true;
    return true;
}

static void
test_an_event_comes_back_as_it_was(void **state)
{
    struct place place AUTO(place_done) = place_make();
    struct event_query all = {0};
    bool is_seen = false;

    (void)state;
    OK(store_begin(place.store));
    add_event(place.store, EVENT_TOKEN_UPDATED, 1234567890123, "t-1");
    OK(store_commit(place.store));
    OK(store_event_list(place.store, &all, check_is_whole, &is_seen));
    assert_true(is_seen);
}

static bool
note_id(void *ctx, const struct event *event)
{
    size_t len = strlen(ctx);

    snprintf((char *)ctx + len, 64 - len, "%lld ", (long long)event->id);
    return event->id != 2;
}

static const char *
list(struct store *store, struct event_query query, char seen[64])
{
    seen[0] = '\0';
    OK(store_event_list(store, &query, note_id, seen));
    return seen;
}

static void
test_lists_are_newest_first_and_can_be_narrowed(void **state)
{
    struct place place AUTO(place_done) = place_make();
    struct store *store = place.store;
    char seen[64];

    (void)state;
    OK(store_begin(store));
    add_event(store, EVENT_USER_UPDATED, 100, "u-1");  /* 1 */
    add_event(store, EVENT_TOKEN_UPDATED, 200, "t-1"); /* 2: note_id stops behind it */
    add_event(store, EVENT_TOKEN_EXPIRED, 300, "t-1"); /* 3 */
    add_event(store, EVENT_TOKEN_UPDATED, 400, "t-2"); /* 4 */
    OK(store_commit(store));
    assert_string_equal(list(store, (struct event_query){0}, seen), "4 3 2 ");
    assert_string_equal(list(store, (struct event_query){.count = 2}, seen), "4 3 ");
    assert_string_equal(list(store, (struct event_query){.before_id = 4}, seen), "3 2 ");
    assert_string_equal(list(store, (struct event_query){.before_id = 2}, seen), "1 ");
    assert_string_equal(list(store, (struct event_query){.before_id = 1}, seen), "");
    assert_string_equal(
        list(store, (struct event_query){.from_ms = 300, .to_ms = 400}, seen), "3 ");
    assert_string_equal(list(store, (struct event_query){.from_ms = 301}, seen), "4 ");
    assert_string_equal(
        list(store, (struct event_query){.kind = EVENT_TOKEN_UPDATED}, seen), "4 2 ");
    assert_string_equal(list(store, (struct event_query){.object_id = "t-1"}, seen),
                        "3 2 ");
    assert_string_equal(
        list(store, (struct event_query){.object_id = "t-1", .kind = EVENT_TOKEN_EXPIRED},
             seen),
        "3 ");
    assert_string_equal(list(store, (struct event_query){.object_id = "t"}, seen), "");
}

static void
test_ids_have_no_gaps_after_an_undone_act(void **state)
{
    struct place place AUTO(place_done) = place_make();
    struct event event = make_event(EVENT_USER_UPDATED, 1, "u");
    int64_t id = 0;

    (void)state;
    OK(store_begin(place.store));
    OK(store_event_add(place.store, &event, &id));
    assert_int_equal(id, 1);
    store_undo(place.store);
    OK(store_begin(place.store));
    OK(store_event_add(place.store, &event, &id));
    assert_int_equal(id, 1);
    OK(store_event_add(place.store, &event, &id));
    assert_int_equal(id, 2);
    OK(store_commit(place.store));
}

static void
prune(struct store *store, int64_t before_ms, int64_t count)
{
    int64_t first = 0;
    int64_t last = 0;

    struct event_keep keep = {.before_ms = before_ms};
    OK(store_event_old(store, &keep, count, &first, &last));
    OK(store_begin(store));
    OK(store_event_remove(store, last));
    OK(store_commit(store));
}

static void
test_old_events_go_from_the_old_end_and_the_newest_stays(void **state)
{
    struct place place AUTO(place_done) = place_make();
    struct store *store = place.store;
    struct event_query all = {0};
    char seen[64];

    (void)state;
    prune(store, INT64_MAX, 100); /* nothing there: nothing happens */
    OK(store_begin(store));
    for (int64_t at_ms = 100; at_ms <= 700; at_ms += 100)
        add_event(store, EVENT_USER_UPDATED, at_ms == 500 ? 50 : at_ms, "u"); /* 1..7 */
    OK(store_commit(store));
    prune(store, 100, 100); /* 1 is not older than itself */
    assert_string_equal(list(store, (struct event_query){.before_id = 2}, seen), "1 ");
    prune(store, 101, 100);
    assert_string_equal(list(store, (struct event_query){.before_id = 3}, seen), "2 ");
    prune(store, 400, 1); /* 2 only: one at a time */
    assert_string_equal(list(store, all, seen), "7 6 5 4 3 ");
    prune(store, 400, 100); /* 5 is older, but stands behind 4, which stays */
    assert_string_equal(list(store, all, seen), "7 6 5 4 ");
    prune(store, INT64_MAX, 100);
    assert_string_equal(list(store, all, seen), "7 ");
    OK(store_begin(store));
    add_event(store, EVENT_USER_UPDATED, 800, "u");
    OK(store_commit(store));
    assert_string_equal(list(store, all, seen), "8 7 ");
}

/* Append-only holds for whoever comes with another tool, too. */
static void
test_an_event_cannot_be_changed(void **state)
{
    struct place place AUTO(place_done) = place_make();
    sqlite3 *db = NULL;
    char path[128];

    (void)state;
    OK(store_begin(place.store));
    add_event(place.store, EVENT_USER_UPDATED, 1, "u");
    OK(store_commit(place.store));
    place_path(&place, "tokenhouse.db", path);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "UPDATE event SET at_ms = 2", NULL, NULL, NULL),
                     SQLITE_CONSTRAINT);
    assert_string_equal(sqlite3_errmsg(db), "events are never changed");
    sqlite3_close(db);
}

static void
note_change(void *ctx, const struct change *change)
{
    size_t len = strlen(ctx);

    snprintf((char *)ctx + len, 64 - len, "%d:%s ", (int)change->kind, change->key);
}

static void
test_changes_are_read_from_where_one_was(void **state)
{
    struct place place AUTO(place_done) = place_make();
    struct store *store = place.store;
    char seen[64] = "";
    int64_t last = -1;

    (void)state;
    OK(store_change_last(store, &last));
    assert_int_equal(last, 0);
    OK(store_change_list(store, 0, note_change, seen, &last));
    assert_int_equal(last, 0);
    OK(store_begin(store));
    OK(store_change_add(store, CHANGE_TOKEN, "t-1"));
    OK(store_change_add_id(store, CHANGE_USER, 42));
    OK(store_change_add(store, CHANGE_SETTING, "live_rights"));
    OK(store_commit(store));
    OK(store_change_list(store, 0, note_change, seen, &last));
    assert_string_equal(seen, "1:t-1 2:42 6:live_rights ");
    int64_t end = -1;
    OK(store_change_last(store, &end));
    assert_int_equal(end, last);
    seen[0] = '\0';
    OK(store_change_list(store, last - 1, note_change, seen, &last));
    assert_string_equal(seen, "6:live_rights ");
    seen[0] = '\0';
    OK(store_change_list(store, end, note_change, seen, &last));
    assert_string_equal(seen, "");
    assert_int_equal(last, end);
}

static void
count_change(void *ctx, const struct change *change)
{
    (void)change;
    ++*(int *)ctx;
}

/* Whoever has missed pruned changes, or has seen more than there are (an older database
 * was put back), must read everything again. */
static void
test_missed_changes_are_noticed(void **state)
{
    struct place place AUTO(place_done) = place_make();
    struct store *store = place.store;
    int64_t end = 0;
    int64_t last = -1;
    int count = 0;

    (void)state;
    OK(store_begin(store));
    for (int i = 0; i < 100010; i++)
        OK(store_change_add(store, CHANGE_TOKEN, "t"));
    OK(store_change_prune(store));
    OK(store_commit(store));
    OK(store_change_last(store, &end));
    assert_int_equal(end, 100010);
    assert_int_equal(store_change_list(store, 9, count_change, &count, &last),
                     STATUS_NOT_FOUND);
    assert_int_equal(store_change_list(store, end + 1, count_change, &count, &last),
                     STATUS_NOT_FOUND);
    assert_int_equal(count, 0);
    assert_int_equal(last, -1);
    OK(store_change_list(store, 10, count_change, &count, &last));
    assert_int_equal(count, 1000); /* at most so many at a time */
    assert_int_equal(last, 1010);
    OK(store_change_list(store, last, count_change, &count, &last));
    assert_int_equal(last, 2010);
}

static void
test_facts_are_kept_to_the_byte(void **state)
{
    static const char BYTES[] = {'a', 0, '\xff', 'z'};
    static char many[1025];
    struct place place AUTO(place_done) = place_make();
    struct store *store = place.store;
    char out[8] = "unasked";
    size_t len = 99;

    (void)state;
    assert_int_equal(store_fact_get(store, "x", out, sizeof(out), &len),
                     STATUS_NOT_FOUND);
    assert_string_equal(out, "unasked");
    OK(store_begin(store));
    OK(store_fact_set(store, "x", "first", 5));
    OK(store_fact_set(store, "x", BYTES, sizeof(BYTES)));
    OK(store_fact_set(store, "empty", "", 0));
    OK(store_fact_set(store, "many", many, 1024));
    assert_int_equal(store_fact_set(store, "many", many, 1025), STATUS_TOO_LARGE);
    OK(store_commit(store));
    OK(store_fact_get(store, "x", out, sizeof(out), &len));
    assert_int_equal(len, sizeof(BYTES));
    assert_memory_equal(out, BYTES, sizeof(BYTES));
    assert_int_equal(out[len], 0);
    assert_int_equal(store_fact_get(store, "x", out, sizeof(BYTES), &len),
                     STATUS_TOO_LARGE);
    OK(store_fact_get(store, "empty", out, sizeof(out), &len));
    assert_int_equal(len, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_event_comes_back_as_it_was),
        cmocka_unit_test(test_lists_are_newest_first_and_can_be_narrowed),
        cmocka_unit_test(test_ids_have_no_gaps_after_an_undone_act),
        cmocka_unit_test(test_old_events_go_from_the_old_end_and_the_newest_stays),
        cmocka_unit_test(test_an_event_cannot_be_changed),
        cmocka_unit_test(test_changes_are_read_from_where_one_was),
        cmocka_unit_test(test_missed_changes_are_noticed),
        cmocka_unit_test(test_facts_are_kept_to_the_byte),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
