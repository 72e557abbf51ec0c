/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines of access logs as calls, and what they need together: no more, no less. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "base/buffer.h"
#include "rules/calls.h"
#include "json/scan.h"

#define ONE(number)                 \
    {                               \
        {                           \
            (uint64_t)1 << (number) \
        }                           \
    }

static const struct operation OPERATIONS[] = {
    {.method = "GET",
     .path = "/v3/devices",
     .summary = "List devices",
     .need = OPERATION_NEEDS,
     .permissions = ONE(PERMISSION_DEVICE_REPORTS_VIEW),
     .licences = {"Control", "Resilience"},
     .licence_count = 2,
     .whens = (const struct operation_when[]){{.kind = WHEN_FIELD,
                                               .name = "geoData",
                                               .permissions =
                                                   ONE(PERMISSION_GEOLOCATION_VIEW)}},
     .when_count = 1},
    {.method = "PUT",
     .path = "/v3/fields/{uid}",
     .need = OPERATION_NEEDS,
     .permissions = ONE(PERMISSION_DEVICE_FIELDS_MANAGE),
     .whens = (const struct operation_when[]){{.kind = WHEN_BODY,
                                               .name = "/unenroll",
                                               .equals = "true",
                                               .permissions = ONE(
                                                   PERMISSION_UNENROLL_DEVICE_PERFORM)}},
     .when_count = 1},
    {.method = "GET", .path = "/v3/whoami", .need = OPERATION_OPEN_TO_ALL},
    {.method = "GET", .path = "/v3/closed"},
};

static bool
select_names(struct slice query, struct slice name)
{
    return slice_starts(query, SLICE("select=")) &&
           memmem(query.at, query.len, name.at, name.len) != NULL;
}

static struct arena arena;

static const struct calls *
calls_of(const char *text, const char *prefix)
{
    static struct calls calls;
    static struct route_map *map;
    struct failure failure = {0};

    if (!map)
        assert_int_equal(route_map_new(OPERATIONS, COUNT_OF(OPERATIONS), &map, &failure),
                         STATUS_OK);
    struct calls_how how = {map, select_names, slice_of(prefix)};
    arena_reset(&arena);
    calls_read(slice_of(text), &how, &arena, &calls);
    if (strcmp(prefix, "the end") == 0)
        route_map_free(&map);
    return &calls;
}

static void
check_names(const struct permission_set *set, size_t count, const uint8_t *numbers)
{
    for (size_t i = 0; i < count; i++)
        assert_true(permission_set_has(set, numbers[i]));
    assert_int_equal(permission_set_count(set), count);
}

#define NEEDS(set, ...) \
    check_names(set, sizeof((uint8_t[]){__VA_ARGS__}), (uint8_t[]){__VA_ARGS__})

static void
test_every_usual_form_of_a_line_is_read(void **state)
{
    static const char *const LINES[] = {
        "GET /v3/devices",
        "GET /v3/devices HTTP/1.1",
        "  GET   /v3/devices?a=b  ",
        "GET https://api.example.com/v3/devices?x",
        "192.0.2.1 - ada [27/Nov/2026:01:00:00 +0000] \"GET /v3/devices HTTP/1.1\" 200 5",
        "h - - [27/Nov/2026:01:00:00 +0000] \"GET /v3/devices?a HTTP/2.0\" 2 \"-\" \"c\"",
        "vhost \"quoted name\" - \"GET /v3/devices HTTP/1.1\" 200",
        "{\"method\":\"GET\",\"uri\":\"/v3/devices\"}",
        "{\"method\":\"GET\",\"path\":\"/v3/devices?x=1\",\"query\":\"\"}",
        "{\"request\":\"GET /v3/devices HTTP/1.1\",\"status\":200}",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(LINES); i++) {
        const struct calls *calls = calls_of(LINES[i], "");
        if (calls->matched_count != 1 || calls->operation_count != 1)
            fail_msg("not read: %s", LINES[i]);
        NEEDS(&calls->permissions, PERMISSION_DEVICE_REPORTS_VIEW);
    }
}

static void
test_what_is_no_call_is_listed_with_its_line(void **state)
{
    static const char *const LINES[] = {"rubbish",
                                        "GET",
                                        "get /v3/devices",
                                        "GET v3/devices",
                                        "GET /v3/none",
                                        "PUT /v3/devices",
                                        "GET /v3//devices",
                                        "GET /v3/closed",
                                        "GET /v3/devices and more",
                                        "{\"method\":\"GET\"}",
                                        "{",
                                        "\"GET /v3/devices",
                                        "{\"method\":1,\"uri\":\"/v3/devices\"}"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(LINES); i++) {
        char text[256];
        snprintf(text, sizeof(text), "\n# a remark\r\n%s\r\nGET /v3/whoami", LINES[i]);
        const struct calls *calls = calls_of(text, "");
        if (calls->unmatched_count != 1 || calls->matched_count != 1)
            fail_msg("read: %s", LINES[i]);
        assert_int_equal(calls->unmatched[0].line, 3);
        assert_true(slice_equal(calls->unmatched[0].text, slice_of(LINES[i])));
        assert_true(permission_set_is_empty(&calls->permissions));
    }
    assert_string_equal(calls_of("PUT /v3/devices", "")->unmatched[0].why,
                        "the path has other methods");
    assert_string_equal(calls_of("GET /v3/closed", "")->unmatched[0].why,
                        "the operation is open to no token");
}

static void
test_parameters_that_need_more_are_counted_and_others_not(void **state)
{
    (void)state;
    const struct calls *calls =
        calls_of("GET /v3/devices?select=deviceUid\nGET /v3/devices?select=geoData\n"
                 "GET /v3/devices\n"
                 "{\"method\":\"PUT\",\"uri\":\"/v3/fields/1\",\"body\":"
                 "{\"unenroll\":false}}\n",
                 "");
    assert_int_equal(calls->operation_count, 2);
    assert_int_equal(calls->operations[0].count, 3);
    NEEDS(&calls->operations[0].needs, PERMISSION_DEVICE_REPORTS_VIEW,
          PERMISSION_GEOLOCATION_VIEW);
    NEEDS(&calls->operations[1].needs, PERMISSION_DEVICE_FIELDS_MANAGE);
    /* Manage implies View, as in every token */
    NEEDS(&calls->permissions, PERMISSION_DEVICE_REPORTS_VIEW,
          PERMISSION_GEOLOCATION_VIEW, PERMISSION_DEVICE_FIELDS_MANAGE,
          PERMISSION_DEVICE_FIELDS_VIEW);
    calls = calls_of("{\"method\":\"PUT\",\"uri\":\"/v3/fields/1\",\"body\":"
                     "{\"unenroll\":true}}",
                     "");
    NEEDS(&calls->operations[0].needs, PERMISSION_DEVICE_FIELDS_MANAGE,
          PERMISSION_UNENROLL_DEVICE_PERFORM);
}

static void
test_a_prefix_moves_the_logged_api_to_where_it_stands_here(void **state)
{
    (void)state;
    assert_int_equal(calls_of("GET /devices", "/v3")->matched_count, 1);
    assert_int_equal(calls_of("GET /v3/devices", "/v3")->matched_count, 0);
}

static void
test_many_lines_are_counted_and_a_hundred_listed(void **state)
{
    struct buffer text AUTO(buffer_done) = buffer_make(1 << 20);
    struct buffer json AUTO(buffer_done) = buffer_make(1 << 20);
    struct json_writer writer = json_write_into(&json);
    struct json_value value;

    (void)state;
    for (int i = 0; i < 5000; i++)
        buffer_add_text(&text, i % 2 ? "GET /v3/devices\n" : "rub\x80ish\n");
    buffer_add_byte(&text, '\0');
    const struct calls *calls = calls_of((const char *)text.at, "");
    assert_int_equal(calls->matched_count, 2500);
    assert_int_equal(calls->unmatched_count, 2500);
    struct permission_set held = {0};
    calls_write(calls, &held, &writer);
    assert_int_equal(json_write_done(&writer), STATUS_OK);
    assert_int_equal(json_scan(buffer_slice(&json), &value), STATUS_OK);
    buffer_add_byte(&json, '\0');
    assert_non_null(strstr((char *)json.at,
                           "\"permissions\":[\"Device reports:View\"],"
                           "\"lacking\":[\"Device reports:View\"],"
                           "\"licences\":[[\"Control\",\"Resilience\"]]"));
    calls_of("", "the end");
    arena_done(&arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_usual_form_of_a_line_is_read),
        cmocka_unit_test(test_what_is_no_call_is_listed_with_its_line),
        cmocka_unit_test(test_parameters_that_need_more_are_counted_and_others_not),
        cmocka_unit_test(test_a_prefix_moves_the_logged_api_to_where_it_stands_here),
        cmocka_unit_test(test_many_lines_are_counted_and_a_hundred_listed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
