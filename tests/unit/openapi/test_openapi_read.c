/* SPDX-License-Identifier: Apache-2.0
 *
 * What an OpenAPI document says is what is asked for; what it forgets stays shut. */
#include "openapi/openapi_read.h"

#include "base/auto.h"
#include "base/buffer.h"
#include "base/file.h"
#include "rules/route_map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct arena arena;
static const struct operation *operations;
static size_t count;
static struct failure failure;

static enum status
read_text(const char *text)
{
    arena_reset(&arena);
    failure = (struct failure){0};
    count = 0;
    return openapi_read(slice_of(text), NULL, &arena, &operations, &count, &failure);
}

/* A document with one operation, GET /things, that has this x-tokenhouse. */
static enum status
read_needs(const char *needs)
{
    char text[1024];

    snprintf(text, sizeof(text),
             "{\"openapi\":\"3.0.3\",\"servers\":[{\"url\":\"https://a.example/v3/\"}],"
             "\"paths\":{\"/things\":{\"get\":{\"operationId\":\"list\"%s%s}}}}",
             needs[0] ? ",\"x-tokenhouse\":" : "", needs);
    return read_text(text);
}

static void
test_nothing_said_is_closed(void **state)
{
    (void)state;
    assert_int_equal(read_needs(""), STATUS_OK);
    assert_int_equal(count, 1);
    assert_int_equal(operations[0].need, OPERATION_CLOSED);
    assert_string_equal(operations[0].path, "/v3/things");
    assert_string_equal(operations[0].method, "GET");
    assert_string_equal(operations[0].id, "list");
    /* an x-tokenhouse that forgets the permissions is a mistake, not an open door */
    assert_int_equal(read_needs("{}"), STATUS_MALFORMED);
    assert_int_equal(read_needs("{\"licences\":[\"Control\"]}"), STATUS_MALFORMED);
}

static void
test_empty_permissions_are_said_aloud(void **state)
{
    (void)state;
    assert_int_equal(read_needs("{\"permissions\":[]}"), STATUS_OK);
    assert_int_equal(operations[0].need, OPERATION_OPEN_TO_ALL);
    assert_int_equal(read_needs("{\"permissions\":[\"Device reports:View\"]}"),
                     STATUS_OK);
    assert_int_equal(operations[0].need, OPERATION_NEEDS);
    assert_true(
        permission_set_has(&operations[0].permissions, PERMISSION_DEVICE_REPORTS_VIEW));
    assert_int_equal(permission_set_count(&operations[0].permissions), 1);
}

static void
test_every_member_is_read(void **state)
{
    (void)state;
    assert_int_equal(
        read_needs("{\"permissions\":[\"Device reports:View\",\"Device Fields:View\"],"
                   "\"licences\":[\"Control\",\"Resilience\"],\"when\":["
                   "{\"field\":\"geoData\",\"permissions\":[\"Geolocation:View\"]},"
                   "{\"query\":\"unenroll\",\"equals\":\"true\",\"permissions\":"
                   "[\"Unenroll Device:Perform\"]},"
                   "{\"body\":\"/unenroll\",\"equals\":true,\"permissions\":"
                   "[\"Unenroll Device:Perform\"]}],\"rate\":\"300/m\"}"),
        STATUS_OK);
    assert_int_equal(operations[0].rate.count, 300);
    assert_int_equal(operations[0].rate.window_s, 60);
    assert_non_null(operations[0].rate_ns);
    assert_int_equal(operations[0].licence_count, 2);
    assert_string_equal(operations[0].licences[1], "Resilience");
    assert_int_equal(operations[0].when_count, 3);
    assert_int_equal(operations[0].whens[0].kind, WHEN_FIELD);
    assert_null(operations[0].whens[0].equals);
    assert_int_equal(operations[0].whens[1].kind, WHEN_QUERY);
    assert_int_equal(operations[0].whens[2].kind, WHEN_BODY);
    assert_string_equal(operations[0].whens[2].equals, "true");
}

static void
test_bad_needs_are_refused_by_name(void **state)
{
    static const struct {
        const char *needs, *word;
    } BAD[] = {
        {"{\"permissions\":[\"Device reports:Fly\"]}", "Device reports:Fly"},
        {"{\"permissions\":\"Device reports:View\"}", "permissions"},
        {"{\"permissions\":[1]}", "Feature:Action"},
        {"{\"permission\":[]}", "'permission'"},
        {"{\"permissions\":[],\"licences\":\"Control\"}", "licences"},
        {"{\"permissions\":[],\"when\":[{\"field\":\"a\"}]}", "no permission"},
        {"{\"permissions\":[],\"when\":[{\"permissions\":[\"Geolocation:View\"]}]}",
         "must name"},
        {"{\"permissions\":[],\"when\":[{\"field\":\"a\",\"query\":\"b\",\"permissions\":"
         "[\"Geolocation:View\"]}]}",
         "more than one"},
        {"{\"permissions\":[],\"when\":[{\"body\":\"a\",\"permissions\":"
         "[\"Geolocation:View\"]}]}",
         "pointer"},
        {"{\"permissions\":[],\"rate\":10}", "as \"10/s\""},
        {"{\"permissions\":[],\"rate\":\"0/s\"}", "as \"10/s\""},
        {"{\"permissions\":[],\"rate\":\"10/w\"}", "as \"10/s\""},
        {"{\"rate\":\"10/s\"}", "says no 'permissions'"},
        {"[]", "object"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
        assert_int_equal(read_needs(BAD[i].needs), STATUS_MALFORMED);
        if (!strstr(failure.text, BAD[i].word) ||
            !strstr(failure.text, "/paths/~1things/get: "))
            fail_msg("'%s' does not tell of '%s'", failure.text, BAD[i].word);
    }
}

static void
test_what_is_no_openapi_is_refused(void **state)
{
    static const char *const BAD[] = {
        "",
        "[]",
        "{}",
        "{\"openapi\":\"2.0\",\"paths\":{}}",
        "{\"openapi\":\"3.0.0\"}",
        "{\"openapi\":\"3.0.0\",\"paths\":{\"things\":{}}}",
        "{\"openapi\":\"3.0.0\",\"paths\":{\"/things\":[]}}",
        "{\"openapi\":\"3.0.0\",\"paths\":{\"/things\":{\"get\":1}}}",
        "{\"openapi\":\"3.0.0\",\"paths\":{\"/a\":{},\"/a\":{}}}",
        "{\"openapi\":\"3.0.0\",\"servers\":[{\"url\":\"{x}\"}],\"paths\":{}}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
        if (read_text(BAD[i]) != STATUS_MALFORMED)
            fail_msg("'%s' was not refused", BAD[i]);
        assert_true(failure.text[0] != '\0');
    }
    assert_int_equal(read_text("{\"openapi\":\"3.1.0\",\"paths\":{}}"), STATUS_OK);
    assert_int_equal(count, 0);
}

/* The document that we ship: all of it can be read, and no door in it is forgotten. */
static void
test_our_own_document(void **state)
{
    struct buffer text AUTO(buffer_done) = buffer_make(4 * 1024 * 1024);
    struct route_map *map = NULL;
    struct route_match match = {0};

    (void)state;
    assert_int_equal(file_read(OPENAPI_FILE, &text, &failure), STATUS_OK);
    arena_reset(&arena);
    assert_int_equal(
        openapi_read(buffer_slice(&text), NULL, &arena, &operations, &count, &failure),
        STATUS_OK);
    assert_int_equal(count, 12);
    for (size_t i = 0; i < count; i++)
        assert_int_not_equal(operations[i].need, OPERATION_CLOSED);
    assert_int_equal(route_map_new(operations, count, &map, &failure), STATUS_OK);
    assert_int_equal(
        route_map_find(map, SLICE("GET"), SLICE("/v3/reporting/devices"), &match),
        STATUS_OK);
    assert_true(
        permission_set_has(&match.operation->permissions, PERMISSION_DEVICE_FIELDS_VIEW));
    assert_true(permission_set_has(&match.operation->permissions,
                                   PERMISSION_DEVICE_REPORTS_VIEW));
    assert_int_equal(match.operation->when_count, 5);
    route_map_free(&map);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_said_is_closed),
        cmocka_unit_test(test_empty_permissions_are_said_aloud),
        cmocka_unit_test(test_every_member_is_read),
        cmocka_unit_test(test_bad_needs_are_refused_by_name),
        cmocka_unit_test(test_what_is_no_openapi_is_refused),
        cmocka_unit_test(test_our_own_document),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    arena_done(&arena);
    return failed;
}
