/* SPDX-License-Identifier: Apache-2.0
 *
 * Devices one by one: written, found by name, put into groups, given custom fields. */
#include "support.h"

#include "base/arena.h"
#include "store/store_device_query.h"
#include "store/store_devices.h"

static size_t
column(const char *name)
{
    size_t i = 0;

    while (strcmp(DEVICE_FIELDS[i].name, name) != 0)
        i++;
    return i;
}

static struct device_write
make_write(const char *uid, const char *esn, const char *doc)
{
    struct device_write write = {.doc = slice_of(doc), .application_head = SLICE("{}")};

    write.columns[column("deviceUid")] = slice_of(uid);
    write.columns[column("esn")] = slice_of(esn);
    return write;
}

/* Writes one device in an act of its own. */
static enum device_change
put(struct store *store, const struct device_write *write, int64_t *out_id)
{
    enum device_change change = DEVICE_SAME;

    OK(store_begin(store));
    struct device_writer *writer = store_device_writer_new(store);
    OK(store_device_writer_put(writer, write, out_id, &change));
    store_device_writer_free(&writer);
    OK(store_commit(store));
    return change;
}

struct row {
    size_t count;
    char doc[256], beside[256];
    int64_t guarded;
};

static bool
keep_row(void *ctx, const struct device_row *row)
{
    struct row *kept = ctx;

    kept->count++;
    assert_true(slice_to_text(row->doc, kept->doc, sizeof(kept->doc)));
    assert_true(slice_to_text(row->beside, kept->beside, sizeof(kept->beside)));
    kept->guarded = row->guarded;
    return true;
}

/* The device or, for applications, the last one of them. */
static struct row
read_rows(struct store *store, bool is_application)
{
    struct arena arena = {0};
    struct device_query query = {.count = 100};
    struct row row = {0};

    OK((is_application ? store_application_query
                       : store_device_query)(store, &query, &arena, keep_row, &row));
    arena_done(&arena);
    return row;
}

static void
test_a_device_is_added_once_and_then_changed(void **state)
{
    struct place place AUTO(place_done) = place_make();
    struct device_write write = make_write("u1", "e1", "{\"a\":1}");
    int64_t id = 0;
    int64_t again = 0;
    int64_t count = 0;

    (void)state;
    write.guarded = 5;
    assert_int_equal(put(place.store, &write, &id), DEVICE_ADDED);
    assert_int_equal(put(place.store, &write, &again), DEVICE_SAME);
    assert_int_equal(again, id);
    write.doc = SLICE("{\"a\":2}");
    write.guarded = 0;
    assert_int_equal(put(place.store, &write, &again), DEVICE_CHANGED);
    assert_int_equal(again, id);
    struct row row = read_rows(place.store, false);
    assert_int_equal(row.count, 1);
    assert_string_equal(row.doc, "{\"a\":2}");
    assert_int_equal(row.guarded, 0);
    write = make_write("u2", "e1", "{}");
    assert_int_equal(put(place.store, &write, &again), DEVICE_ADDED);
    assert_true(again > id);
    OK(store_device_count(place.store, &count));
    assert_int_equal(count, 2);
}

static void
test_custom_fields_stay_when_none_are_written(void **state)
{
    struct place place AUTO(place_done) = place_make();
    struct device_write write = make_write("u1", "", "{}");
    int64_t id = 0;

    (void)state;
    write.custom_fields = SLICE("[1]");
    put(place.store, &write, &id);
    write.custom_fields = (struct slice){0};
    assert_int_equal(put(place.store, &write, &id), DEVICE_SAME);
    write.doc = SLICE("{\"b\":1}");
    assert_int_equal(put(place.store, &write, &id), DEVICE_CHANGED);
    assert_string_equal(read_rows(place.store, false).beside, "[1]");
    write.custom_fields = SLICE("[2]");
    assert_int_equal(put(place.store, &write, &id), DEVICE_CHANGED);
    assert_string_equal(read_rows(place.store, false).beside, "[2]");
    OK(store_begin(place.store));
    OK(store_device_custom_fields_set(place.store, id, SLICE("")));
    assert_int_equal(store_device_custom_fields_set(place.store, id + 1, SLICE("[3]")),
                     STATUS_NOT_FOUND);
    OK(store_commit(place.store));
    assert_string_equal(read_rows(place.store, false).beside, "");
}

static void
test_what_is_undone_was_never_there(void **state)
{
    struct place place AUTO(place_done) = place_make();
    struct device_write write = make_write("u1", "", "{}");
    enum device_change change = DEVICE_SAME;
    int64_t id = 0;
    int64_t again = 0;

    (void)state;
    OK(store_begin(place.store));
    struct device_writer *writer = store_device_writer_new(place.store);
    OK(store_device_writer_put(writer, &write, &id, &change));
    store_device_writer_free(&writer);
    store_undo(place.store);
    assert_int_equal(read_rows(place.store, false).count, 0);
    assert_int_equal(put(place.store, &write, &again), DEVICE_ADDED);
    assert_int_equal(read_rows(place.store, false).count, 1);
}

static void
test_a_device_is_found_by_uid_before_esn_and_in_any_case(void **state)
{
    struct place place AUTO(place_done) = place_make();
    const struct device_write first = make_write("both", "e1", "{}");
    const struct device_write second = make_write("u2", "both", "{}");
    const struct device_write third = make_write("u3", "e1", "{}");
    struct buffer uid = buffer_make(100);
    int64_t ids[3];
    int64_t found = 0;

    (void)state;
    put(place.store, &first, &ids[0]);
    put(place.store, &second, &ids[1]);
    put(place.store, &third, &ids[2]);
    OK(store_device_id_by_name(place.store, SLICE("BOTH"), &found));
    assert_int_equal(found, ids[0]);
    OK(store_device_id_by_name(place.store, SLICE("E1"), &found));
    assert_int_equal(found, ids[0]);
    assert_int_equal(store_device_id_by_name(place.store, SLICE(""), &found),
                     STATUS_NOT_FOUND);
    assert_int_equal(store_device_id_by_name(place.store, SLICE("e"), &found),
                     STATUS_NOT_FOUND);
    assert_int_equal(store_device_id_by_name(place.store, SLICE("\xff"), &found),
                     STATUS_NOT_FOUND);
    OK(store_device_uid_by_esn(place.store, SLICE("Both"), &uid));
    assert_true(slice_equal(buffer_slice(&uid), SLICE("u2")));
    assert_int_equal(store_device_uid_by_esn(place.store, SLICE("u2"), &uid),
                     STATUS_NOT_FOUND);
    buffer_done(&uid);
}

static void
collect_group(void *ctx, int64_t group_id)
{
    int64_t *sum = ctx;

    *sum = *sum * 1000 + group_id;
}

static void
test_a_device_is_seen_through_its_groups_only(void **state)
{
    struct place place AUTO(place_done) = place_make();
    const struct device_write write = make_write("u1", "", "{}");
    int64_t groups[2];
    int64_t id = 0;
    int64_t found = 0;
    int64_t sum = 0;
    bool has_any = true;

    (void)state;
    put(place.store, &write, &id);
    OK(store_begin(place.store));
    groups[0] = add_group(place.store, "one");
    groups[1] = add_group(place.store, "two");
    OK(store_commit(place.store));
    OK(store_device_has_groups(place.store, &has_any));
    assert_false(has_any);
    assert_int_equal(
        store_device_by_uid(place.store, SLICE("u1"), groups, 2, &found, NULL),
        STATUS_NOT_FOUND);
    OK(store_begin(place.store));
    OK(store_device_group_set(place.store, id, groups[1], true));
    OK(store_device_group_set(place.store, id, groups[1], true));
    OK(store_commit(place.store));
    OK(store_device_has_groups(place.store, &has_any));
    assert_true(has_any);
    OK(store_device_by_uid(place.store, SLICE("U1"), NULL, 0, &found, NULL));
    OK(store_device_by_uid(place.store, SLICE("u1"), groups, 2, &found, NULL));
    OK(store_device_by_uid(place.store, SLICE("u1"), groups + 1, 1, &found, NULL));
    assert_int_equal(found, id);
    assert_int_equal(
        store_device_by_uid(place.store, SLICE("u1"), groups, 1, &found, NULL),
        STATUS_NOT_FOUND);
    OK(store_device_groups(place.store, id, collect_group, &sum));
    assert_int_equal(sum, groups[1]);
    OK(store_begin(place.store));
    OK(store_device_group_set(place.store, id, groups[1], false));
    OK(store_device_group_set(place.store, id, groups[0], false));
    OK(store_commit(place.store));
    assert_int_equal(
        store_device_by_uid(place.store, SLICE("u1"), groups, 2, &found, NULL),
        STATUS_NOT_FOUND);
}

static void
test_applications_go_with_their_device(void **state)
{
    struct place place AUTO(place_done) = place_make();
    const struct device_write write = make_write("u1", "", "{}");
    struct application_write application = {.doc = SLICE("{\"appName\":\"x\"}")};
    enum device_change change = DEVICE_SAME;
    int64_t id = 0;

    (void)state;
    OK(store_begin(place.store));
    struct device_writer *writer = store_device_writer_new(place.store);
    OK(store_device_writer_put(writer, &write, &id, &change));
    OK(store_device_writer_application(writer, id, &application));
    OK(store_device_writer_application(writer, id, &application));
    store_device_writer_free(&writer);
    OK(store_commit(place.store));
    assert_int_equal(read_rows(place.store, true).count, 2);
    assert_string_equal(read_rows(place.store, true).doc, "{\"appName\":\"x\"}");
    OK(store_begin(place.store));
    writer = store_device_writer_new(place.store);
    OK(store_device_writer_clear(writer, id + 1));
    OK(store_device_writer_clear(writer, id));
    OK(store_device_writer_application(writer, id, &application));
    store_device_writer_free(&writer);
    OK(store_commit(place.store));
    assert_int_equal(read_rows(place.store, true).count, 1);
    assert_int_equal(read_rows(place.store, false).count, 1);
}

/* The tables are read by import, query language and store alike. */
static void
test_every_field_is_whole(void **state)
{
    const unsigned dates =
        1u << MATCH_AFTER | 1u << MATCH_FROM | 1u << MATCH_BEFORE | 1u << MATCH_TO;

    (void)state;
    for (size_t i = 0; i < DEVICE_FIELD_COUNT + APPLICATION_FIELD_COUNT; i++) {
        const struct device_field *field =
            i < DEVICE_FIELD_COUNT ? &DEVICE_FIELDS[i]
                                   : &APPLICATION_FIELDS[i - DEVICE_FIELD_COUNT];
        assert_true(field->name[0] && field->path[0]);
        assert_true(field->column[0] == '\0' || field->column[1] == '.');
        if (field->kind == FIELD_LIST || field->kind == FIELD_TEXT)
            assert_int_equal(field->matches & dates, 0);
        if (field->kind == FIELD_DATE)
            assert_int_equal(field->matches & ~dates, 0);
        if (field->kind == FIELD_LIST)
            assert_false(field->is_sortable);
        if (field->is_telling)
            assert_true(field->is_indexed);
        for (size_t j = 0; j < i && i < DEVICE_FIELD_COUNT; j++)
            assert_string_not_equal(field->name, DEVICE_FIELDS[j].name);
    }
}

static void
check_fold(enum field_kind kind, const char *value, const char *wanted)
{
    struct buffer out = buffer_make(4096);
    enum status status = device_field_fold(kind, slice_of(value), &out);

    if (wanted) {
        assert_int_equal(status, STATUS_OK);
        if (!slice_equal(buffer_slice(&out), slice_of(wanted)))
            fail_msg("'%.*s' instead of '%s'", SLICE_ARG(buffer_slice(&out)), wanted);
    } else {
        assert_int_equal(status, STATUS_MALFORMED);
    }
    buffer_done(&out);
}

static void
test_values_are_folded_into_what_compares(void **state)
{
    (void)state;
    check_fold(FIELD_TEXT, "AbC-\xC3\x89", "abc-\xC3\xA9");
    check_fold(FIELD_TEXT, "", "");
    check_fold(FIELD_TEXT, "\xC3", NULL);
    check_fold(FIELD_DATE, "2026-01-31T01:00:00+01:00", "2026-01-31T00:00:00.000Z");
    check_fold(FIELD_DATE, "2026-01-31", NULL);
    check_fold(FIELD_TRUTH, "TRUE", "true");
    check_fold(FIELD_TRUTH, "yes", NULL);
    check_fold(FIELD_NUMBER, "7", "0000000000000000007");
    check_fold(FIELD_NUMBER, "9223372036854775807", "9223372036854775807");
    check_fold(FIELD_NUMBER, "9223372036854775808", NULL);
    check_fold(FIELD_NUMBER, "-1", NULL);
    check_fold(FIELD_LIST, "One", "one");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_device_is_added_once_and_then_changed),
        cmocka_unit_test(test_custom_fields_stay_when_none_are_written),
        cmocka_unit_test(test_what_is_undone_was_never_there),
        cmocka_unit_test(test_a_device_is_found_by_uid_before_esn_and_in_any_case),
        cmocka_unit_test(test_a_device_is_seen_through_its_groups_only),
        cmocka_unit_test(test_applications_go_with_their_device),
        cmocka_unit_test(test_every_field_is_whole),
        cmocka_unit_test(test_values_are_folded_into_what_compares),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
