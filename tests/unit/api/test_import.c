/* SPDX-License-Identifier: Apache-2.0
 *
 * Files of devices: where rows begin and end in each form, at which line, what becomes of
 * bad ones; and the act of importing, which is all or nothing. */
#include "support.h"

#include "api/import_csv.h"
#include "api/import_rows.h"
#include "api/import_source.h"
#include "store/store_events.h"

#include <errno.h>

/* A file in memory that is read in pieces. */
struct memory {
    struct slice rest;
    size_t piece;
    int failed_errno; /* at its end */
};

static ssize_t
read_memory(void *ctx, void *out, size_t size)
{
    struct memory *memory = ctx;
    size_t len = memory->rest.len < memory->piece ? memory->rest.len : memory->piece;

    len = len < size ? len : size;
    if (len == 0 && memory->failed_errno != 0) {
        errno = memory->failed_errno;
        return -1;
    }
    if (len > 0)
        memcpy(out, memory->rest.at, len);
    memory->rest = slice_from(memory->rest, len);
    return (ssize_t)len;
}

/* All rows of a file, each as "line:row " or "line!status ", and how it ended. */
static void
list_rows(struct memory memory, char *out, size_t size)
{
    struct import_rows *rows = import_rows_new(read_memory, &memory);
    struct failure failure = {0};
    struct slice row;
    size_t len = 0;
    int line = 0;

    out[0] = '\0';
    for (;;) {
        enum status status = import_rows_next(rows, &row, &line, &failure);
        if (status == STATUS_NOT_FOUND)
            break;
        assert_true(len < size - 200);
        if (status == STATUS_OK)
            len += (size_t)snprintf(out + len, size - len, "%d:%.*s ", line,
                                    SLICE_ARG(slice_trim(row)));
        else
            len += (size_t)snprintf(out + len, size - len, "%d!%s ", line,
                                    status_name(status));
        if (status != STATUS_OK) {
            assert_true(failure.text[0] != '\0');
            if (status != STATUS_MALFORMED && status != STATUS_TOO_LARGE)
                break;
        }
    }
    import_rows_free(&rows);
}

/* The same in one piece and byte by byte. */
static void
check_rows(const char *file, const char *wanted)
{
    static const size_t PIECES[] = {1, 2, 3, 7, 1 << 20};
    char got[4096];

    for (size_t i = 0; i < COUNT_OF(PIECES); i++) {
        list_rows((struct memory){slice_of(file), PIECES[i], 0}, got, sizeof(got));
        if (strcmp(got, wanted) != 0)
            fail_msg("%s\ngives %s\ninstead of %s", file, got, wanted);
    }
}

static void
test_an_array_has_rows_with_the_lines_they_begin_at(void **state)
{
    (void)state;
    check_rows("[{\"a\":1},{\"b\":2}]", "1:{\"a\":1} 1:{\"b\":2} ");
    check_rows("[\n {\"a\":\n1}\n,\n{\"b\":[{\"c\":2}]} ]\n\n",
               "2:{\"a\":\n1} 5:{\"b\":[{\"c\":2}]} ");
    check_rows("\xEF\xBB\xBF[{}]", "1:{} ");
    check_rows("[]", "");
    check_rows(" [ ] ", "");
    /* what is no object is a row all the same: who reads it says what is wrong */
    check_rows("[7,\"x\",null]", "1:7 1:\"x\" 1:null ");
}

static void
test_braces_in_texts_end_nothing(void **state)
{
    (void)state;
    check_rows("[{\"a\":\"]},{[\"},{\"b\":\"\\\"}\"},{\"c\":\"\\\\\"}]",
               "1:{\"a\":\"]},{[\"} 1:{\"b\":\"\\\"}\"} 1:{\"c\":\"\\\\\"} ");
}

static void
test_an_answer_of_our_api_is_a_file_too(void **state)
{
    (void)state;
    check_rows("{\"data\":[{\"a\":1}],\"metadata\":{\"pagination\":{}}}", "1:{\"a\":1} ");
    check_rows("{ \"data\" :\n[ {\"a\":1}\n, {\"b\":2} ] }", "2:{\"a\":1} 3:{\"b\":2} ");
    check_rows("{\"data\":[]}", "");
}

static void
test_lines_are_rows_and_a_bad_one_ends_with_its_line(void **state)
{
    (void)state;
    check_rows("{\"a\":1}\n\n{\"b\":2}\n", "1:{\"a\":1} 3:{\"b\":2} ");
    check_rows("{\"a\":1}\r\n{\"b\":\n{\"c\":3}", "1:{\"a\":1} 2:{\"b\": 3:{\"c\":3} ");
    check_rows("{\"a\":1}\nnonsense\n{\"c\":3}\n", "1:{\"a\":1} 2:nonsense 3:{\"c\":3} ");
}

static void
test_objects_over_several_lines_follow_each_other(void **state)
{
    (void)state;
    check_rows("{\n\"a\":1\n}\n{\n\"b\":2\n}\n", "1:{\n\"a\":1\n} 4:{\n\"b\":2\n} ");
    check_rows("{\"a\":1}{\"b\":2}", "1:{\"a\":1} 1:{\"b\":2} ");
}

static void
test_a_file_that_ends_too_early_is_refused(void **state)
{
    (void)state;
    check_rows("", "");
    check_rows(" \n ", "");
    check_rows("[{\"a\":1}", "1:{\"a\":1} 1!refused ");
    check_rows("[{\"a\":1},", "1:{\"a\":1} 1!refused ");
    check_rows("[{\"a\":1}\n{\"b\":2}]", "1:{\"a\":1} 2!refused ");
    check_rows("[{\"a\":1},{\"b\"", "1:{\"a\":1} 1!refused ");
    check_rows("[{\"a\":1}] x", "1:{\"a\":1} 1!refused ");
    check_rows("[{\"a\":1}]\n\nx", "1:{\"a\":1} 3!refused ");
    check_rows("{\"data\":[{\"a\":1}]", "1:{\"a\":1} 1!refused ");
    check_rows("{\"data\":[{\"a\":1}]} {", "1:{\"a\":1} 1!refused ");
    check_rows("[", "1!refused ");
}

static void
test_a_disk_that_fails_is_not_the_end_of_the_file(void **state)
{
    static const char *const FILES[] = {"[{\"a\":1},", "{\"a\":1}\n",
                                        "{\"data\":[{\"a\":1}", "deviceUid\nu1\n"};
    char got[1024];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(FILES); i++) {
        list_rows((struct memory){slice_of(FILES[i]), 4, EIO}, got, sizeof(got));
        if (!strstr(got, "!unavailable "))
            fail_msg("%s: %s", FILES[i], got);
    }
}

static void
test_csv_cells_are_cut_as_rfc_4180_says(void **state)
{
    (void)state;
    check_rows("deviceUid,deviceName\nu1,One\r\n\nu2,\"T,w\"\"o\nx\"\nu3,\n",
               "2:{\"deviceUid\":\"u1\",\"deviceName\":\"One\"} "
               "4:{\"deviceUid\":\"u2\",\"deviceName\":\"T,w\\\"o\\nx\"} "
               "6:{\"deviceUid\":\"u3\"} ");
    check_rows("esn\nE1", "2:{\"esn\":\"E1\"} ");
    check_rows("\xEF\xBB\xBF\"esn\", deviceName\nE1, x ",
               "2:{\"esn\":\"E1\",\"deviceName\":\"x\"} ");
}

static void
test_csv_values_get_the_types_of_their_fields(void **state)
{
    (void)state;
    check_rows(
        "esn,operatingSystem.name,isStolen,totalPhysicalRamBytes\n"
        "007,W,TRUE,123\n1,W,perhaps,much\n",
        "2:{\"esn\":\"007\",\"operatingSystem\":{\"name\":\"W\"},\"isStolen\":true,"
        "\"totalPhysicalRamBytes\":123} "
        "3:{\"esn\":\"1\",\"operatingSystem\":{\"name\":\"W\"},\"isStolen\":"
        "\"perhaps\",\"totalPhysicalRamBytes\":\"much\"} ");
}

static void
test_a_bad_csv_row_is_one_row(void **state)
{
    (void)state;
    check_rows("esn,deviceName\n1\n2,b\n3,c,d\n4,\xff\n5,e",
               "2!malformed 3:{\"esn\":\"2\",\"deviceName\":\"b\"} 4!malformed "
               "5!malformed 6:{\"esn\":\"5\",\"deviceName\":\"e\"} ");
    check_rows("esn\n\"open\n1\n", "2!refused ");
}

static void
test_csv_columns_must_be_fields(void **state)
{
    (void)state;
    check_rows("deviceName\nx\n", "1!refused ");
    check_rows("esn,nonsense\n1,x\n", "1!refused ");
    check_rows("esn,esn\n1,x\n", "1!refused ");
    check_rows("esn,\n1,x\n", "1!refused ");
    check_rows("esn,operatingSystem,operatingSystem.name\n", "1!refused ");
    check_rows("esn,operatingSystem.name,operatingSystem\n", "1!refused ");
    check_rows("esn,operatingSystem.name,operatingSystem.build\n", "");
    /* one name is the beginning of another, and that is all */
    check_rows("esn,localIp,locale\n", "");
    check_rows("\"esn\n", "1!refused ");
}

/* Memory must not grow with a file that never ends its row. */
static void
test_a_row_has_its_greatest_size(void **state)
{
    char *file = test_malloc(IMPORT_ROW_MAX_BYTES + 1000);
    char got[1024];

    (void)state;
    memset(file, 'x', IMPORT_ROW_MAX_BYTES + 1000);
    memcpy(file, "[{\"a\":\"", 7);
    struct memory memory = {
        {(unsigned char *)file, IMPORT_ROW_MAX_BYTES + 1000}, 1 << 20, 0};
    list_rows(memory, got, sizeof(got));
    assert_string_equal(got, "1!refused ");
    test_free(file);
}

/* ---- the act ---- */

static int64_t
count_devices(struct inventory *v)
{
    int64_t count = 0;

    MUST(store_device_count(v->reader, &count));
    return count;
}

static bool
count_event(void *ctx, const struct event *event)
{
    (void)event;
    ++*(int *)ctx;
    return true;
}

static int
count_events(struct inventory *v)
{
    struct event_query query = {.kind = EVENT_DEVICES_IMPORTED};
    int count = 0;

    MUST(store_event_list(v->reader, &query, count_event, &count));
    return count;
}

static void
test_a_device_is_found_by_its_uid_or_its_esn(void **state)
{
    put(*state, "{\"esn\":\"E1\",\"deviceName\":\"a\"}");
    put(*state, "{\"esn\":\"e1\",\"deviceName\":\"b\"}");
    assert_int_equal(count_devices(*state), 1);
    check_names(*state, "", "b");
    put(*state, "{\"deviceUid\":\"u1\",\"esn\":\"E1\",\"deviceName\":\"c\"}");
    assert_int_equal(count_devices(*state), 2);
    put(*state, "{\"deviceUid\":\"U1\",\"deviceName\":\"d\"}");
    assert_int_equal(count_devices(*state), 2);
    check_names(*state, "sortBy=deviceName", "b d");
}

static void
test_a_bad_row_is_not_put_in_and_its_reason_is_said(void **state)
{
    static const char *const BAD[] = {
        "{\"esn\":\"E1\",\"isStolen\":\"perhaps\"}",
        "{\"esn\":\"E1\",\"applications\":[{\"appName\":\"A\"},{\"appName\":\"\"}]}",
        "{\"deviceName\":\"x\"}",
        "nonsense",
    };
    struct inventory *v = *state;

    for (size_t i = 0; i < COUNT_OF(BAD); i++) {
        assert_int_equal(inventory_import(v, BAD[i]), STATUS_MALFORMED);
        assert_true(v->failure.text[0] != '\0');
    }
    assert_int_equal(count_devices(v), 0);
    assert_int_equal(count_events(v), 0);
}

static void
test_an_import_counts_what_it_did(void **state)
{
    struct inventory *v = *state;
    struct device_import *import = NULL;
    struct device_import_count count;
    struct failure failure = {0};

    put(v, "{\"esn\":\"E1\"}");
    put(v, "{\"esn\":\"E2\"}");
    MUST(device_import_begin(&v->act, &import));
    MUST(device_import_row(import, SLICE("{\"esn\":\"E1\"}"), &failure));
    MUST(device_import_row(import,
                           SLICE("{\"esn\":\"E2\",\"deviceName\":\"x\",\"applications\":["
                                 "{\"appName\":\"A\"}]}"),
                           &failure));
    MUST(device_import_row(import, SLICE("{\"esn\":\"E3\"}"), &failure));
    assert_int_equal(device_import_row(import, SLICE("{}"), &failure), STATUS_MALFORMED);
    device_import_refused(import);
    device_import_counts(import, &count);
    assert_int_equal(count.same, 1);
    assert_int_equal(count.changed, 1);
    assert_int_equal(count.added, 1);
    assert_int_equal(count.refused, 2);
    assert_int_equal(count.applications, 1);
    MUST(device_import_commit(import));
    device_import_end(&import);
    assert_int_equal(count_devices(v), 3);
    assert_int_equal(count_events(v), 3);
}

static void
test_an_import_that_is_not_committed_leaves_nothing(void **state)
{
    struct inventory *v = *state;
    struct device_import *import = NULL;
    struct failure failure = {0};

    put(v, "{\"deviceUid\":\"u1\",\"deviceName\":\"a\"}");
    MUST(device_import_begin(&v->act, &import));
    MUST(device_import_row(import, SLICE("{\"deviceUid\":\"u1\",\"deviceName\":\"b\"}"),
                           &failure));
    MUST(device_import_row(import, SLICE("{\"deviceUid\":\"u2\"}"), &failure));
    device_import_end(&import);
    assert_int_equal(count_devices(v), 1);
    check_names(v, "", "a");
    assert_int_equal(count_events(v), 1);
}

static void
test_after_check_only_nothing_more_is_written(void **state)
{
    struct inventory *v = *state;
    struct device_import *import = NULL;
    struct failure failure = {0};
    struct device_import_count count;

    MUST(device_import_begin(&v->act, &import));
    device_import_check_only(import);
    MUST(device_import_row(import, SLICE("{\"esn\":\"E1\"}"), &failure));
    assert_int_equal(
        device_import_row(import, SLICE("{\"esn\":1,\"isStolen\":2}"), &failure),
        STATUS_MALFORMED);
    device_import_counts(import, &count);
    assert_int_equal(count.added, 0);
    assert_int_equal(count.refused, 1);
    device_import_end(&import);
    assert_int_equal(count_devices(v), 0);
}

static void
check_applications(struct inventory *v, const char *wanted)
{
    char names[1024];
    json_t *root = ask(v, "get-applications", "sortBy=appName", 200);

    join(root, "appName", names, sizeof(names));
    assert_string_equal(names, wanted);
    json_decref(root);
}

static void
test_applications_are_replaced_when_they_are_given(void **state)
{
    put(*state, "{\"deviceUid\":\"u1\",\"applications\":[{\"appName\":\"A\"},"
                "{\"appName\":\"B\"}]}");
    check_applications(*state, "A B");
    put(*state, "{\"deviceUid\":\"u1\",\"deviceName\":\"x\"}");
    check_applications(*state, "A B");
    put(*state, "{\"deviceUid\":\"u1\",\"deviceName\":\"x\",\"applications\":"
                "[{\"appName\":\"C\"}]}");
    check_applications(*state, "C");
    put(*state, "{\"deviceUid\":\"u1\",\"applications\":[]}");
    check_applications(*state, "");
}

static void
test_an_import_without_a_change_is_no_event(void **state)
{
    put(*state, "{\"deviceUid\":\"u1\"}");
    put(*state, "{\"deviceUid\":\"u1\"}");
    assert_int_equal(count_events(*state), 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_an_array_has_rows_with_the_lines_they_begin_at),
        TEST(test_braces_in_texts_end_nothing),
        TEST(test_an_answer_of_our_api_is_a_file_too),
        TEST(test_lines_are_rows_and_a_bad_one_ends_with_its_line),
        TEST(test_objects_over_several_lines_follow_each_other),
        TEST(test_a_file_that_ends_too_early_is_refused),
        TEST(test_a_disk_that_fails_is_not_the_end_of_the_file),
        TEST(test_csv_cells_are_cut_as_rfc_4180_says),
        TEST(test_csv_values_get_the_types_of_their_fields),
        TEST(test_a_bad_csv_row_is_one_row),
        TEST(test_csv_columns_must_be_fields),
        TEST(test_a_row_has_its_greatest_size),
        INVENTORY_TEST(test_a_device_is_found_by_its_uid_or_its_esn),
        INVENTORY_TEST(test_a_bad_row_is_not_put_in_and_its_reason_is_said),
        INVENTORY_TEST(test_an_import_counts_what_it_did),
        INVENTORY_TEST(test_an_import_that_is_not_committed_leaves_nothing),
        INVENTORY_TEST(test_after_check_only_nothing_more_is_written),
        INVENTORY_TEST(test_applications_are_replaced_when_they_are_given),
        INVENTORY_TEST(test_an_import_without_a_change_is_no_event),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
