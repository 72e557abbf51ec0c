/* SPDX-License-Identifier: Apache-2.0
 *
 * Event History proves itself: whatever is altered, removed, inserted, put elsewhere or
 * cut off in the database is found, and named. Those who alter come with SQLite and every
 * right on the file, as an intruder would. */
#include "past.h"

#include "rules/history_line.h"

#include <sqlite3.h>

enum { HOUR_MS = 3600 * 1000 };

/* Runs SQL on the database as somebody who is not us. */
static void
meddle(struct past *p, const char *sql)
{
    char path[128];
    char *words = NULL;
    sqlite3 *db = NULL;

    snprintf(path, sizeof(path), "%s/tokenhouse.db", p->house.data);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    sqlite3_busy_timeout(db, 5000);
    if (sqlite3_exec(db, "DROP TRIGGER IF EXISTS event_is_never_changed", NULL, NULL,
                     &words) != SQLITE_OK ||
        sqlite3_exec(db, sql, NULL, NULL, &words) != SQLITE_OK)
        fail_msg("%s: %s", sql, words);
    sqlite3_close(db);
}

static void
expect_wrong(struct past *p, const char *sql, int64_t bad_id, const char *words)
{
    meddle(p, sql);
    struct history_report report = verify(p);
    assert_false(report.is_whole);
    if (report.bad_id != bad_id || !strstr(report.words, words))
        fail_msg("%s: event %lld, %s", sql, (long long)report.bad_id, report.words);
}

static void
test_history_is_whole_at_every_size(void **state)
{
    static const int64_t SIZES[] = {10, 255, 256, 257, 511, 512, 513, 700};
    struct past p AUTO(past_close);

    (void)state;
    past_open(&p);
    for (size_t i = 0; i < COUNT_OF(SIZES); i++) {
        fill_to(&p, SIZES[i]);
        struct history_report report = verify(&p);
        if (!report.is_whole)
            fail_msg("%lld: %s", (long long)SIZES[i], report.words);
        assert_int_equal(report.event_count, SIZES[i]);
        assert_int_equal(report.signed_size, SIZES[i]);
        assert_int_equal(report.first_id, 1);
    }
}

/* The tiles are a short cut; the root must be that of all leaves one by one. */
static void
test_root_of_tiles_is_the_root_of_the_leaves(void **state)
{
    struct past p AUTO(past_close);
    struct merkle_range range = {0};

    (void)state;
    past_open(&p);
    fill_to(&p, 600);
    for (int64_t size = 1; size <= 600; size++) {
        struct merkle_hash leaf, grown, found;
        struct merkle_range there;
        OK(history_tree_leaf(p.house.store, size, &leaf));
        merkle_add(&range, &leaf);
        merkle_root(&range, &grown);
        OK(history_tree_root(p.house.store, size, &found));
        assert_true(merkle_equal(&grown, &found));
        OK(history_tree_range(p.house.store, size, &there));
        merkle_root(&there, &found);
        assert_true(merkle_equal(&grown, &found));
    }
    struct merkle_hash beyond;
    REFUSED(NOT_FOUND, history_tree_root(p.house.store, 601, &beyond));
}

/* Every column of an event, in a tile and after the last one, is under its hash. */
static void
test_every_altered_column_is_found(void **state)
{
    static const char *const CHANGES[] = {"at_ms = at_ms + 1",
                                          "kind = 4",
                                          "actor_kind = 3",
                                          "actor_id = 'somebody else'",
                                          "actor_name = actor_name || ' '",
                                          "address = '203.0.113.8'",
                                          "object_kind = 'user'",
                                          "object_id = '4cc6f7a3'",
                                          "object_name = 'a'",
                                          "request_id = ''",
                                          "details = '{\"action\":\"edited\" }'"};
    static const int64_t IDS[] = {10, 100, 256, 257, 300};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(CHANGES); i++) {
        struct past p AUTO(past_close);
        char sql[256], undo[256];
        past_open(&p);
        fill_to(&p, 300);
        meddle(&p, "CREATE TABLE kept AS SELECT * FROM event");
        for (size_t j = 0; j < COUNT_OF(IDS); j++) {
            snprintf(sql, sizeof(sql), "UPDATE event SET %s WHERE id = %lld", CHANGES[i],
                     (long long)IDS[j]);
            expect_wrong(&p, sql, IDS[j], "is not as it was written");
            snprintf(undo, sizeof(undo),
                     "INSERT OR REPLACE INTO event SELECT * FROM kept WHERE id = %lld",
                     (long long)IDS[j]);
            meddle(&p, undo);
            assert_true(verify(&p).is_whole);
        }
    }
}

static void
test_removed_event_is_named(void **state)
{
    struct past p AUTO(past_close);

    (void)state;
    past_open(&p);
    fill_to(&p, 300);
    expect_wrong(&p, "DELETE FROM event WHERE id = 77", 77, "event 77 is missing");
}

static void
test_swapped_events_are_found(void **state)
{
    struct past p AUTO(past_close);

    (void)state;
    past_open(&p);
    fill_to(&p, 300);
    expect_wrong(&p,
                 "UPDATE event SET id = -1 WHERE id = 20;"
                 "UPDATE event SET id = 20 WHERE id = 21;"
                 "UPDATE event SET id = 21 WHERE id = -1",
                 20, "is not as it was written");
}

static void
test_inserted_event_is_found(void **state)
{
    struct past p AUTO(past_close);

    (void)state;
    past_open(&p);
    fill_to(&p, 300);
    /* those from 50 on move up by one, and a new one takes the place */
    expect_wrong(&p,
                 "UPDATE event SET id = -id - 1 WHERE id >= 50;"
                 "UPDATE event SET id = -id WHERE id < 0;"
                 "INSERT INTO event SELECT 50, at_ms, kind, actor_kind, actor_id,"
                 " actor_name, address, object_kind, object_id, object_name, request_id,"
                 " details FROM event WHERE id = 49",
                 50, "is not as it was written");
}

static void
test_inserted_event_at_the_front_is_found(void **state)
{
    struct past p AUTO(past_close);

    (void)state;
    past_open(&p);
    fill_to(&p, 20);
    expect_wrong(&p,
                 "INSERT INTO event SELECT 0, at_ms, kind, actor_kind, actor_id,"
                 " actor_name, address, object_kind, object_id, object_name, request_id,"
                 " details FROM event WHERE id = 1",
                 0, "out of its place");
}

/* Hashes that were made to fit cannot make the signed root fit. */
static void
test_altered_event_with_its_hash_is_found_between_two_heads(void **state)
{
    struct past p AUTO(past_close);

    (void)state;
    past_open(&p);
    fill_to(&p, 40);
    add(&p, 10);
    assert_int_equal(sign(&p), 50);
    meddle(&p, "UPDATE event SET object_name = 'x' WHERE id = 45");
    /* what an intruder who knows the tree would do next */
    meddle(&p, "DELETE FROM event_leaf WHERE id >= 45");
    OK(store_begin(p.house.store));
    OK(history_tree_grow(p.house.store));
    OK(store_commit(p.house.store));
    struct history_report report = verify(&p);
    assert_false(report.is_whole);
    assert_int_equal(report.bad_id, 41);
    assert_non_null(
        strstr(report.words, "events 41 to 50 are not those that were signed"));
}

static void
test_cut_tail_is_found(void **state)
{
    struct past p AUTO(past_close);

    (void)state;
    past_open(&p);
    fill_to(&p, 300);
    expect_wrong(&p, "DELETE FROM event WHERE id > 290", 291, "event 291 is missing");
    expect_wrong(&p, "DELETE FROM event_leaf WHERE id > 290", 291, "its end was cut off");
    /* with all traces in the folder gone, a head that was kept outside still tells */
    struct tree_head kept = {0};
    OK(store_event_head_newest(p.house.store, &kept));
    meddle(&p, "DELETE FROM event_head");
    assert_true(verify(&p).is_whole);
    struct history_report report = verify_with(&p, &kept, 1);
    assert_false(report.is_whole);
    assert_int_equal(report.bad_id, 291);
    assert_non_null(strstr(report.words, "its end was cut off"));
}

static void
test_altered_hashes_and_heads_are_found(void **state)
{
    static const struct {
        const char *sql;
        int64_t bad_id;
        const char *words;
    } CASES[] = {
        {"UPDATE event_leaf SET hash = zeroblob(32) WHERE id = 260", 260, "another hash"},
        {"UPDATE event_tile SET hashes = zeroblob(8192)", 1, "another hash"},
        {"UPDATE event_tile SET root = zeroblob(32)", 1, "the root of the hashes"},
        {"DELETE FROM event_tile", 1, "has no hash"},
        {"DELETE FROM event_leaf WHERE id = 270", 270, "has no hash"},
        {"DELETE FROM event_leaf", 257, "has no hash"},
        {"UPDATE event_head SET root = zeroblob(32)", 0, "not signed by this key"},
        {"UPDATE event_head SET size = size - 1", 0, "not signed by this key"},
        {"UPDATE event_head SET at_ms = at_ms - 1", 0, "not signed by this key"},
        {"UPDATE event_head SET signature = zeroblob(64)", 0, "not signed by this key"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        struct past p AUTO(past_close);
        past_open(&p);
        fill_to(&p, 300);
        expect_wrong(&p, CASES[i].sql, CASES[i].bad_id, CASES[i].words);
    }
}

/* Over 65,536 events there are hashes of hashes, which no event leads to. */
static void
test_altered_hashes_of_hashes_are_found(void **state)
{
    static const struct {
        const char *sql, *undo;
        const char *words;
    } CASES[] = {
        {"UPDATE event_tile SET root = zeroblob(32) WHERE level = 0 AND place = 200",
         "UPDATE event_tile SET root = (SELECT root FROM kept k WHERE k.level ="
         " event_tile.level AND k.place = event_tile.place)",
         "the root of the hashes from event 51201 on"},
        {"UPDATE event_tile SET root = zeroblob(32) WHERE level = 1",
         "UPDATE event_tile SET root = (SELECT root FROM kept k WHERE k.level ="
         " event_tile.level AND k.place = event_tile.place)",
         "hashes of level 1 over the events from 1 on"},
        {"UPDATE event_tile SET hashes = CAST(substr(hashes, 1, 8191) || x'00' AS BLOB)"
         " WHERE level = 1",
         "UPDATE event_tile SET hashes = (SELECT hashes FROM kept k WHERE k.level ="
         " event_tile.level AND k.place = event_tile.place)",
         "hashes of level 1 over the events from 1 on"},
        {"DELETE FROM event_tile WHERE level = 1",
         "INSERT INTO event_tile SELECT * FROM kept WHERE level = 1",
         "hashes of level 1 over the events from 1 on are missing"},
    };
    struct past p AUTO(past_close);

    (void)state;
    past_open(&p);
    add(&p, MERKLE_TILE_COUNT * MERKLE_TILE_COUNT + 10);
    sign(&p);
    assert_true(verify(&p).is_whole);
    meddle(&p, "CREATE TABLE kept AS SELECT * FROM event_tile");
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        int64_t first = strstr(CASES[i].words, "51201") ? 51201 : 1;
        expect_wrong(&p, CASES[i].sql, first, CASES[i].words);
        meddle(&p, CASES[i].undo);
    }
    assert_true(verify(&p).is_whole);
}

/* What is added behind the last one has no hash; and the hash of nothing is missed. */
static void
test_an_event_added_at_the_end_is_found(void **state)
{
    struct past p AUTO(past_close);

    (void)state;
    past_open(&p);
    fill_to(&p, 300);
    expect_wrong(&p,
                 "INSERT INTO event SELECT 301, at_ms, kind, actor_kind, actor_id,"
                 " actor_name, address, object_kind, object_id, object_name, request_id,"
                 " details FROM event WHERE id = 300",
                 301, "event 301 has no hash: it was inserted");
    expect_wrong(&p, "UPDATE event SET id = 305 WHERE id = 301", 301, "is missing");
}

/* A text that no column of ours can hold. */
static void
test_a_row_that_cannot_be_read_is_named(void **state)
{
    struct past p AUTO(past_close);

    (void)state;
    past_open(&p);
    fill_to(&p, 300);
    expect_wrong(&p,
                 "UPDATE event SET address = hex(zeroblob(1000)) WHERE id IN (33, 277)",
                 33, "event 33 cannot be read: its row is damaged");
    expect_wrong(&p, "DELETE FROM event WHERE id <= 276", 277,
                 "event 277 cannot be read");
}

static void
test_another_servers_heads_do_not_count(void **state)
{
    struct past p AUTO(past_close), other AUTO(past_close);
    struct history_report report = {0};

    (void)state;
    past_open(&p);
    past_open(&other);
    fill_to(&p, 20);
    OK(history_verify(p.house.store, other.public, NULL, 0, &report));
    assert_false(report.is_whole);
    assert_non_null(strstr(report.words, "not signed by this key"));
}

static void
test_head_is_signed_when_it_is_due(void **state)
{
    struct past p AUTO(past_close);
    struct tree_head head;
    bool is_new = true;

    (void)state;
    past_open(&p);
    fill_to(&p, 10);
    int64_t signed_ms = p.now_ms - 1;
    add(&p, 1);
    OK(history_tree_sign(p.house.store, p.key, signed_ms + HOUR_MS - 1, false, &head,
                         &is_new));
    assert_false(is_new);
    assert_int_equal(head.size, 10);
    OK(history_tree_sign(p.house.store, p.key, signed_ms + HOUR_MS, false, &head,
                         &is_new));
    assert_true(is_new);
    assert_int_equal(head.size, 11);
    /* with nothing new there is nothing to sign, forced or not */
    OK(history_tree_sign(p.house.store, p.key, signed_ms + 9 * HOUR_MS, true, &head,
                         &is_new));
    assert_false(is_new);
    add(&p, TREE_HEAD_EVENTS - 1);
    OK(history_tree_sign(p.house.store, p.key, signed_ms + HOUR_MS + 1, false, &head,
                         &is_new));
    assert_false(is_new);
    add(&p, 1);
    OK(history_tree_sign(p.house.store, p.key, signed_ms + HOUR_MS + 1, false, &head,
                         &is_new));
    assert_true(is_new);
}

/* Who removes a whole tile by hand has no event that says so. */
static void
test_removal_by_hand_is_no_removal_by_age(void **state)
{
    struct past p AUTO(past_close);

    (void)state;
    past_open(&p);
    fill_to(&p, 600);
    expect_wrong(&p, "DELETE FROM event WHERE id <= 256", 1,
                 "no event says that they were removed");
}

static void
test_line_is_the_same_for_ever(void **state)
{
    static const char LINE[] =
        "{\"id\":17,\"at\":\"2026-11-23T12:00:00.001Z\",\"kind\":\"API token updated\","
        "\"actor\":{\"kind\":\"user\",\"id\":\"u\",\"name\":\"a@b\"},\"address\":\"::1\","
        "\"object\":{\"kind\":\"token\",\"id\":\"t\",\"name\":\"\\\"x\\\"\"},"
        "\"requestId\":\"r\",\"details\":{\"action\":\"created\"}}";
    struct event event = {.id = 17,
                          .at_ms = NOW_S * 1000 + 1,
                          .kind = EVENT_TOKEN_UPDATED,
                          .actor_kind = ACTOR_USER,
                          .actor_id = "u",
                          .actor_name = "a@b",
                          .address = "::1",
                          .object_kind = "token",
                          .object_id = "t",
                          .object_name = "\"x\"",
                          .request_id = "r",
                          .details = SLICE("{\"action\":\"created\"}")};
    struct buffer line AUTO(buffer_done) = buffer_make(4096);
    struct buffer exported AUTO(buffer_done) = buffer_make(4096);
    struct buffer again AUTO(buffer_done) = buffer_make(4096);
    struct merkle_hash hash, named;
    int64_t id = 0;

    (void)state;
    history_line_write(&event, &line);
    assert_true(slice_equal(buffer_slice(&line), slice_of(LINE)));
    history_line_hash(buffer_slice(&line), &hash);
    history_line_export(buffer_slice(&line), &hash, &exported);
    OK(history_line_read(buffer_slice(&exported), &again, &named, &id));
    assert_true(slice_equal(buffer_slice(&line), buffer_slice(&again)));
    assert_true(merkle_equal(&hash, &named));
    assert_int_equal(id, 17);
    for (size_t cut = 0; cut < exported.len; cut++) {
        buffer_clear(&again);
        REFUSED(MALFORMED, history_line_read(slice_head(buffer_slice(&exported), cut),
                                             &again, &named, &id));
    }
}

static void
test_server_key_is_one_for_a_folder_and_sealed(void **state)
{
    struct past p AUTO(past_close), other AUTO(past_close);
    struct es256_private *again AUTO(es256_private_free) = NULL;
    uint8_t first[PUBLIC_KEY_BYTES], second[PUBLIC_KEY_BYTES];
    struct failure failure = {0};
    char sealed[1024];
    size_t len = 0;

    (void)state;
    past_open(&p);
    past_open(&other);
    OK(server_key_open(p.house.store, p.house.master_key, &again, &failure));
    es256_private_point(p.key, first);
    es256_private_point(again, second);
    assert_memory_equal(first, second, sizeof(first));
    es256_private_point(other.key, second);
    assert_memory_not_equal(first, second, sizeof(first));
    OK(store_fact_get(p.house.store, "server_key", sealed, sizeof(sealed), &len));
    assert_null(memmem(sealed, len, "PRIVATE", 7));
    es256_private_free(&again);
    REFUSED(CONFLICT,
            server_key_open(p.house.store, other.house.master_key, &again, &failure));
    assert_non_null(strstr(failure.text, "another master key"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_history_is_whole_at_every_size),
        cmocka_unit_test(test_root_of_tiles_is_the_root_of_the_leaves),
        cmocka_unit_test(test_every_altered_column_is_found),
        cmocka_unit_test(test_removed_event_is_named),
        cmocka_unit_test(test_swapped_events_are_found),
        cmocka_unit_test(test_inserted_event_is_found),
        cmocka_unit_test(test_inserted_event_at_the_front_is_found),
        cmocka_unit_test(test_altered_event_with_its_hash_is_found_between_two_heads),
        cmocka_unit_test(test_cut_tail_is_found),
        cmocka_unit_test(test_altered_hashes_and_heads_are_found),
        cmocka_unit_test(test_altered_hashes_of_hashes_are_found),
        cmocka_unit_test(test_an_event_added_at_the_end_is_found),
        cmocka_unit_test(test_a_row_that_cannot_be_read_is_named),
        cmocka_unit_test(test_another_servers_heads_do_not_count),
        cmocka_unit_test(test_head_is_signed_when_it_is_due),
        cmocka_unit_test(test_removal_by_hand_is_no_removal_by_age),
        cmocka_unit_test(test_line_is_the_same_for_ever),
        cmocka_unit_test(test_server_key_is_one_for_a_folder_and_sealed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
