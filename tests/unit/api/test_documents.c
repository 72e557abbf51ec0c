/* SPDX-License-Identifier: Apache-2.0
 *
 * Documents of devices and applications on their way in: what is kept, in which form,
 * what becomes a column, and what is refused with which words. */
#include "support.h"

#include "api/application_doc.h"
#include "api/device_doc.h"
#include "api/doc_write.h"
#include "base/limits.h"

static struct device_doc *doc;

static int
open_doc(void **state)
{
    (void)state;
    doc = device_doc_new();
    return 0;
}

static int
close_doc(void **state)
{
    (void)state;
    device_doc_free(&doc);
    return 0;
}

static struct slice
column(const char *name)
{
    for (size_t i = 0; i < DEVICE_FIELD_COUNT; i++) {
        if (strcmp(DEVICE_FIELDS[i].name, name) == 0)
            return device_doc_write(doc)->columns[i];
    }
    fail_msg("no field %s", name);
    return (struct slice){0};
}

static void
read_ok(const char *json)
{
    struct failure failure = {0};
    enum status status = device_doc_read(doc, slice_of(json), &failure);

    if (status != STATUS_OK)
        fail_msg("%s: %s", json, failure.text);
}

static void
check_bad(const char *json, enum status wanted, const char *words)
{
    struct failure failure = {0};
    enum status status = device_doc_read(doc, slice_of(json), &failure);

    if (status != wanted || !strstr(failure.text, words))
        fail_msg("%s: %s: %s", json, status_name(status), failure.text);
}

static void
test_nulls_and_blanks_are_not_kept(void **state)
{
    (void)state;
    read_ok(" { \"deviceUid\" : \"U\" , \"esn\":null, \"cpu\" : { \"name\" : \"x y\","
            " \"id\" : null } , \"disks\":[ null, 1 , {\"a\":null} ] } ");
    check_slice(device_doc_write(doc)->doc,
                "{\"deviceUid\":\"U\",\"cpu\":{\"name\":\"x y\"},\"disks\":[1,{}]}");
    check_slice(column("esn"), "");
}

static void
test_the_uid_comes_first_and_is_folded_in_its_column(void **state)
{
    (void)state;
    read_ok("{\"esn\":\"AbC\",\"deviceUid\":\"Ab-1\"}");
    check_slice(device_doc_write(doc)->doc, "{\"deviceUid\":\"Ab-1\",\"esn\":\"AbC\"}");
    check_slice(device_doc_uid(doc), "ab-1");
    check_slice(device_doc_esn(doc), "abc");
}

static void
test_a_device_needs_a_uid_or_an_esn(void **state)
{
    (void)state;
    read_ok("{\"esn\":\"E\"}");
    device_doc_set_uid(doc, SLICE("made"));
    check_slice(device_doc_write(doc)->doc, "{\"deviceUid\":\"made\",\"esn\":\"E\"}");
    check_bad("{}", STATUS_MALFORMED, "deviceUid or an esn");
    check_bad("{\"deviceUid\":null,\"esn\":\"\"}", STATUS_MALFORMED, "deviceUid");
    check_bad("{\"deviceUid\":\"\",\"esn\":\"E\"}", STATUS_MALFORMED, "deviceUid");
    check_bad("{\"deviceUid\":7}", STATUS_MALFORMED, "deviceUid");
    check_bad("{\"deviceUid\":\"a b\"}", STATUS_MALFORMED, "without blanks");
    check_bad("{\"deviceUid\":\"a\\u0001\"}", STATUS_MALFORMED, "deviceUid");
    read_ok("{\"deviceUid\":\"0123456789012345678901234567890123456789"
            "012345678901234567890123\"}");
    check_bad("{\"deviceUid\":\"0123456789012345678901234567890123456789"
              "0123456789012345678901234\"}",
              STATUS_MALFORMED, "1 to 64");
}

static void
test_what_is_no_object_is_refused(void **state)
{
    (void)state;
    check_bad("", STATUS_MALFORMED, "");
    check_bad("[]", STATUS_MALFORMED, "must be an object");
    check_bad("\"esn\"", STATUS_MALFORMED, "must be an object");
    check_bad("{\"esn\":\"E\"", STATUS_MALFORMED, "line 1");
    check_bad("{\"esn\":\"E\"} x", STATUS_MALFORMED, "line 1");
    check_bad("{\"esn\":\"\xff\"}", STATUS_MALFORMED, "line 1");
}

/* A name that stands twice would be read one way here and another way by a client. */
static void
test_a_name_twice_is_refused(void **state)
{
    (void)state;
    check_bad("{\"esn\":\"E\",\"esn\":\"E\"}", STATUS_MALFORMED, "twice");
    check_bad("{\"esn\":\"\",\"esn\":\"E\"}", STATUS_MALFORMED, "twice");
    check_bad("{\"esn\":\"E\",\"cpu\":1,\"cpu\":2}", STATUS_MALFORMED, "twice");
    check_bad("{\"esn\":\"E\",\"cpu\":{\"id\":1,\"id\":2}}", STATUS_MALFORMED, "twice");
    check_bad("{\"esn\":\"E\",\"applications\":[],\"applications\":[]}", STATUS_MALFORMED,
              "twice");
    check_bad("{\"esn\":\"E\",\"customFields\":[{}],\"customFields\":[{}]}",
              STATUS_MALFORMED, "twice");
    read_ok("{\"esn\":\"E\",\"cpu\":{\"id\":1},\"bios\":{\"id\":2},"
            "\"disks\":[{\"id\":1},{\"id\":2}]}");
}

static void
test_moments_are_kept_in_one_form(void **state)
{
    (void)state;
    read_ok("{\"esn\":\"E\",\"lastConnectedDateTimeUtc\":\"2026-01-31T12:00:00+02:00\","
            "\"bios\":{\"releaseDateTimeUtc\":\"2020-02-02T00:00:00Z\","
            "\"versionDate\":\"2020-02-02T00:00:00Z\"}}");
    check_slice(column("lastConnectedDateTimeUtc"), "2026-01-31T10:00:00.000Z");
    device_doc_set_uid(doc, SLICE("u"));
    check_slice(
        device_doc_write(doc)->doc,
        "{\"deviceUid\":\"u\",\"esn\":\"E\",\"lastConnectedDateTimeUtc\":"
        "\"2026-01-31T10:00:00.000Z\",\"bios\":{\"releaseDateTimeUtc\":"
        "\"2020-02-02T00:00:00.000Z\",\"versionDate\":\"2020-02-02T00:00:00Z\"}}");
    check_bad("{\"esn\":\"E\",\"lastConnectedDateTimeUtc\":\"yesterday\"}",
              STATUS_MALFORMED, "2026-01-31T00:00:00.000Z");
    check_bad("{\"esn\":\"E\",\"lastConnectedDateTimeUtc\":{}}", STATUS_MALFORMED,
              "a date and time");
}

static void
test_truths_and_numbers_become_columns_that_compare(void **state)
{
    (void)state;
    read_ok("{\"esn\":\"E\",\"isStolen\":true,\"dfStatus\":{\"isEnabled\":false},"
            "\"deviceFreezeActionStatus\":{\"score\":12}}");
    check_slice(column("isStolen"), "true");
    check_slice(column("dfStatus"), "false");
    check_slice(column("deviceFreezeActionStatusScore"), "0000000000000000012");
    read_ok("{\"esn\":\"E\",\"isStolen\":\"True\"}");
    check_slice(column("isStolen"), "true");
    check_bad("{\"esn\":\"E\",\"isStolen\":\"perhaps\"}", STATUS_MALFORMED,
              "true or false");
    check_bad("{\"esn\":\"E\",\"isStolen\":1}", STATUS_MALFORMED, "true or false");
}

static void
test_lists_are_folded_with_marks_around_each_value(void **state)
{
    (void)state;
    read_ok("{\"esn\":\"E\",\"licenseAddon\":[{\"licenseName\":\"One\"},{\"id\":1},"
            "{\"licenseName\":\"T\\nwo\"}],\"licenseBase\":{\"licenseName\":\"Base\"}}");
    check_slice(column("licenseAddonLicenseName"), "\none\nt wo\n");
    check_slice(column("licenseBaseLicenseName"), "\nbase\n");
    check_slice(column("licenseAddonOrderNo"), "");
}

static void
test_sorted_columns_are_cut_between_letters(void **state)
{
    struct buffer json AUTO(buffer_done) = buffer_make(4096);

    (void)state;
    buffer_add_text(&json, "{\"esn\":\"E\",\"deviceName\":\"");
    for (int i = 0; i < SORTED_TEXT_MAX_BYTES - 1; i++)
        buffer_add_byte(&json, 'x');
    buffer_add_text(&json, "\xC3\xA9\"}");
    buffer_add_byte(&json, '\0');
    read_ok((const char *)json.at);
    assert_int_equal(column("deviceName").len, SORTED_TEXT_MAX_BYTES - 1);
    json.len -= 6; /* one x less: the é fits */
    buffer_add_text(&json, "\xC3\xA9\"}");
    buffer_add_byte(&json, '\0');
    read_ok((const char *)json.at);
    assert_int_equal(column("deviceName").len, SORTED_TEXT_MAX_BYTES);
}

static void
test_what_the_house_says_itself_is_not_kept(void **state)
{
    (void)state;
    read_ok("{\"deviceUid\":\"U\",\"accountUid\":\"theirs\",\"deviceGroupIds\":[\"x\"],"
            "\"applications\":[{\"appName\":\"A\"}],\"customFields\":[{\"cdfUid\":\"c\","
            "\"x\":null}]}");
    check_slice(device_doc_write(doc)->doc, "{\"deviceUid\":\"U\"}");
    check_slice(device_doc_write(doc)->custom_fields, "[{\"cdfUid\":\"c\"}]");
    assert_true(device_doc_has_applications(doc));
    read_ok("{\"deviceUid\":\"U\",\"customFields\":[]}");
    check_slice(device_doc_write(doc)->custom_fields, "");
    assert_false(device_doc_has_applications(doc));
    check_bad("{\"deviceUid\":\"U\",\"customFields\":{}}", STATUS_MALFORMED,
              "list of objects");
    check_bad("{\"deviceUid\":\"U\",\"customFields\":[\"x\"]}", STATUS_MALFORMED,
              "list of objects");
    check_bad("{\"deviceUid\":\"U\",\"applications\":{}}", STATUS_MALFORMED,
              "list of objects");
}

static void
test_guarded_parts_are_marked(void **state)
{
    (void)state;
    read_ok("{\"esn\":\"E\",\"cpu\":{}}");
    assert_int_equal(device_doc_write(doc)->guarded, 0);
    read_ok("{\"esn\":\"E\",\"geoData\":{},\"deviceFreezeStatus\":{}}");
    assert_int_equal(device_doc_write(doc)->guarded,
                     DEVICE_GUARDED_GEO | DEVICE_GUARDED_FREEZE);
    assert_int_equal(device_doc_guard(SLICE("deviceFreezeActionStatus")),
                     DEVICE_GUARDED_FREEZE_ACTION);
    assert_int_equal(device_doc_guard(SLICE("geoDat")), 0);
}

static void
test_names_must_be_plain(void **state)
{
    char json[256];
    char name[130];

    (void)state;
    check_bad("{\"esn\":\"E\",\"\":1}", STATUS_MALFORMED, "name of a field");
    check_bad("{\"esn\":\"E\",\"a\x7f\":1}", STATUS_MALFORMED, "name of a field");
    check_bad("{\"esn\":\"E\",\"a\\\"b\":1}", STATUS_MALFORMED, "name of a field");
    check_bad("{\"esn\":\"E\",\"x\":[{\"\\u0061\":1}]}", STATUS_MALFORMED,
              "name of a field");
    memset(name, 'n', sizeof(name));
    snprintf(json, sizeof(json), "{\"esn\":\"E\",\"%.128s\":1}", name);
    read_ok(json);
    snprintf(json, sizeof(json), "{\"esn\":\"E\",\"%.129s\":1}", name);
    check_bad(json, STATUS_MALFORMED, "name of a field");
}

static void
test_a_document_has_its_greatest_size(void **state)
{
    struct buffer json AUTO(buffer_done) = buffer_make(1 << 20);

    (void)state;
    buffer_add_text(&json, "{\"esn\":\"E\",\"x\":\"");
    while (json.len < DEVICE_DOC_MAX_BYTES - 2)
        buffer_add_byte(&json, 'x');
    buffer_add_text(&json, "\"}");
    buffer_add_byte(&json, '\0');
    read_ok((const char *)json.at);
    json.len -= 3;
    buffer_add_text(&json, "xx\"}");
    buffer_add_byte(&json, '\0');
    check_bad((const char *)json.at, STATUS_TOO_LARGE, "more than");
    /* blanks are not kept, so they do not count */
    json.len -= 5;
    buffer_add_text(&json, "\"            }");
    buffer_add_byte(&json, '\0');
    read_ok((const char *)json.at);
}

/* ---- applications ---- */

static struct application_doc application;

static int
open_application(void **state)
{
    (void)state;
    application_doc_open(&application);
    return 0;
}

static int
close_application(void **state)
{
    (void)state;
    application_doc_close(&application);
    return 0;
}

static enum status
read_application(const char *json, const char *device, struct application_write *out,
                 struct failure *failure)
{
    struct json_value value;

    *failure = (struct failure){0};
    MUST(json_scan(slice_of(json), &value));
    return application_doc_read(&application, &value, slice_of(device), out, failure);
}

static void
test_an_application_has_ids_that_stay(void **state)
{
    struct application_write write;
    struct failure failure;
    char first[512];

    (void)state;
    MUST(read_application("{\"appName\":\"Ed\",\"appVersion\":\"1\"}", "d1", &write,
                          &failure));
    assert_true(slice_to_text(write.doc, first, sizeof(first)));
    assert_non_null(strstr(first, "\"appId\":\""));
    assert_non_null(strstr(first, "\"deviceAppId\":\""));
    MUST(read_application("{\"appName\":\"Ed\",\"appVersion\":\"1\"}", "d1", &write,
                          &failure));
    check_slice(write.doc, first);
    /* another version on the same device: the same application, another installation */
    MUST(read_application("{\"appName\":\"Ed\",\"appVersion\":\"2\"}", "d1", &write,
                          &failure));
    char *app = strstr(first, "\"appId\":\"");
    app[9 + 36] = '\0';
    char second[512];
    assert_true(slice_to_text(write.doc, second, sizeof(second)));
    assert_non_null(strstr(second, app));
    MUST(read_application("{\"appName\":\"Ed\",\"appId\":\"a\",\"deviceAppId\":\"b\"}",
                          "d1", &write, &failure));
    check_slice(write.doc, "{\"appName\":\"Ed\",\"appId\":\"a\",\"deviceAppId\":\"b\"}");
}

static void
test_an_application_does_not_say_what_its_device_says(void **state)
{
    struct application_write write;
    struct failure failure;

    (void)state;
    MUST(read_application("{\"appName\":\"Ed\",\"deviceUid\":\"x\",\"esn\":\"x\","
                          "\"deviceName\":\"x\",\"osName\":\"x\",\"accountUid\":\"x\","
                          "\"deviceSerialNumber\":\"x\",\"appId\":\"a\","
                          "\"deviceAppId\":\"b\",\"userName\":null,\"strange\":[1]}",
                          "d1", &write, &failure));
    check_slice(write.doc, "{\"appName\":\"Ed\",\"appId\":\"a\",\"deviceAppId\":\"b\","
                           "\"strange\":[1]}");
}

static void
test_a_bad_application_is_refused(void **state)
{
    static const char *const BAD[][2] = {
        {"[]", "list of objects"},
        {"{}", "no appName"},
        {"{\"appName\":\"\"}", "no appName"},
        {"{\"appName\":null}", "no appName"},
        {"{\"appName\":\"E\",\"installDateTimeUtc\":\"x\"}", "installDateTimeUtc"},
        {"{\"appName\":\"E\",\"appName\":\"F\"}", "twice"},
        {"{\"appName\":\"E\",\"strange\":1,\"strange\":2}", "twice"},
        {"{\"appName\":\"E\",\"a\\u0061\":1}", "name of a field"},
    };
    struct application_write write;
    struct failure failure;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(BAD); i++) {
        enum status status = read_application(BAD[i][0], "d", &write, &failure);
        if (status != STATUS_MALFORMED || !strstr(failure.text, BAD[i][1]))
            fail_msg("%s: %s: %s", BAD[i][0], status_name(status), failure.text);
    }
}

int
main(void)
{
#define DOC_TEST(name) cmocka_unit_test_setup_teardown(name, open_doc, close_doc)
#define APPLICATION_TEST(name) \
    cmocka_unit_test_setup_teardown(name, open_application, close_application)
    const struct CMUnitTest tests[] = {
        DOC_TEST(test_nulls_and_blanks_are_not_kept),
        DOC_TEST(test_the_uid_comes_first_and_is_folded_in_its_column),
        DOC_TEST(test_a_device_needs_a_uid_or_an_esn),
        DOC_TEST(test_what_is_no_object_is_refused),
        DOC_TEST(test_a_name_twice_is_refused),
        DOC_TEST(test_moments_are_kept_in_one_form),
        DOC_TEST(test_truths_and_numbers_become_columns_that_compare),
        DOC_TEST(test_lists_are_folded_with_marks_around_each_value),
        DOC_TEST(test_sorted_columns_are_cut_between_letters),
        DOC_TEST(test_what_the_house_says_itself_is_not_kept),
        DOC_TEST(test_guarded_parts_are_marked),
        DOC_TEST(test_names_must_be_plain),
        DOC_TEST(test_a_document_has_its_greatest_size),
        APPLICATION_TEST(test_an_application_has_ids_that_stay),
        APPLICATION_TEST(test_an_application_does_not_say_what_its_device_says),
        APPLICATION_TEST(test_a_bad_application_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
