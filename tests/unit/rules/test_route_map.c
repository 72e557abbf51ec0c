/* SPDX-License-Identifier: Apache-2.0
 *
 * Which operation is meant: and no path that can be read in two ways means any. */
#include "rules/route_map.h"

#include "base/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static const struct operation OPERATIONS[] = {
    {.id = "list", .method = "GET", .path = "/v3/devices"},
    {.id = "get", .method = "GET", .path = "/v3/devices/{uid}"},
    {.id = "put", .method = "PUT", .path = "/v3/devices/{uid}"},
    {.id = "missing", .method = "GET", .path = "/v3/devices/missing"},
    {.id = "groups", .method = "GET", .path = "/v3/devices/{uid}/groups"},
    {.id = "group", .method = "GET", .path = "/v3/devices/{uid}/groups/{group}"},
    {.id = "lost", .method = "GET", .path = "/v3/devices/missing/today"},
    {.id = "pets", .method = "GET", .path = "/pets/"},
    {.id = "root", .method = "GET", .path = "/"},
};
enum { COUNT = sizeof(OPERATIONS) / sizeof(OPERATIONS[0]) };

static struct route_map *map;

static int
open_map(void **state)
{
    struct failure failure = {0};
    (void)state;
    return route_map_new(OPERATIONS, COUNT, &map, &failure) == STATUS_OK ? 0 : -1;
}

static int
close_map(void **state)
{
    (void)state;
    route_map_free(&map);
    return map == NULL ? 0 : -1;
}

static enum status
find(const char *method, const char *path, struct route_match *out)
{
    return route_map_find(map, slice_of(method), slice_of(path), out);
}

static void
assert_finds(const char *path, const char *id)
{
    struct route_match match = {0};

    assert_int_equal(find("GET", path, &match), STATUS_OK);
    assert_string_equal(match.operation->id, id);
}

static void
test_literals_win_over_templates(void **state)
{
    (void)state;
    assert_finds("/v3/devices", "list");
    assert_finds("/v3/devices/missing", "missing");
    assert_finds("/v3/devices/missing/today", "lost");
    assert_finds("/v3/devices/missingx", "get");
    /* the literal leads nowhere here, the template does */
    assert_finds("/v3/devices/missing/groups", "groups");
    assert_finds("/", "root");
}

/* Whoever spells a literal otherwise must not reach the template beside it. */
static void
test_another_spelling_of_a_literal_is_the_literal(void **state)
{
    (void)state;
    assert_finds("/v3/devices/%6dissing", "missing");
    assert_finds("/%763/devices/%6D%69ssing", "missing");
    assert_finds("/v3/devices/%6eissing", "get");
}

static void
test_parameters_come_as_they_were_written(void **state)
{
    struct route_match match = {0};

    (void)state;
    assert_int_equal(find("GET", "/v3/devices/a%20b/groups/%C3%A9", &match), STATUS_OK);
    assert_int_equal(match.parameter_count, 2);
    assert_true(slice_equal(match.parameters[0], SLICE("a%20b")));
    assert_true(slice_equal(match.parameters[1], SLICE("%C3%A9")));
    assert_int_equal(find("GET", "/v3/devices/missing/today", &match), STATUS_OK);
    assert_int_equal(match.parameter_count, 0);
}

static void
test_wrong_method_is_told_from_no_such_path(void **state)
{
    struct route_match match = {0};

    (void)state;
    assert_int_equal(find("PUT", "/v3/devices/x", &match), STATUS_OK);
    assert_string_equal(match.operation->id, "put");
    assert_int_equal(find("DELETE", "/v3/devices/x", &match), STATUS_REFUSED);
    assert_int_equal(find("get", "/v3/devices/x", &match), STATUS_REFUSED);
    /* the literal wins even where only the template knows the method */
    assert_int_equal(find("PUT", "/v3/devices/missing", &match), STATUS_REFUSED);
    assert_int_equal(find("GET", "/v3", &match), STATUS_NOT_FOUND);
    assert_int_equal(find("GET", "/v3/Devices", &match), STATUS_NOT_FOUND);
    assert_int_equal(find("GET", "/v3/devices/x/groups/y/z", &match), STATUS_NOT_FOUND);
}

static void
test_end_with_a_slash_is_another_path(void **state)
{
    struct route_match match = {0};

    (void)state;
    assert_finds("/pets/", "pets");
    assert_int_equal(find("GET", "/pets", &match), STATUS_NOT_FOUND);
    assert_int_equal(find("GET", "/v3/devices/", &match), STATUS_NOT_FOUND);
}

static void
test_path_with_two_readings_is_never_matched(void **state)
{
    static const char *const PATHS[] = {
        "",
        "v3/devices",
        "*",
        "//v3/devices",
        "/v3//devices",
        "/v3/devices//",
        "/v3/./devices",
        "/v3/x/../devices",
        "/v3/devices/..",
        "/v3/devices/.",
        "/v3/devices/%2e",
        "/v3/devices/%2E%2e",
        "/v3/devices/.%2e",
        "/v3/devices/..;a=b",
        "/v3/devices/a%2fb",
        "/v3/devices/a%5Cb",
        "/v3/devices/a\\b",
        "/v3/devices/a%00",
        "/v3/devices/a%0a",
        "/v3/devices/a\nb",
        "/v3/devices/a b",
        "/v3/devices?x=1",
        "/v3/devices/x?y",
        "/v3/devices/x#y",
        "/v3/devices/%",
        "/v3/devices/%4",
        "/v3/devices/%zz",
        "/v3/devices/%c0%af",
        "/v3/devices/\x7f",
    };
    struct route_match match = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(PATHS) / sizeof(PATHS[0]); i++) {
        if (find("GET", PATHS[i], &match) != STATUS_MALFORMED)
            fail_msg("'%s' was not refused", PATHS[i]);
    }
    /* their nearest good neighbours */
    assert_finds("/v3/devices/...", "get");
    assert_finds("/v3/devices/.a", "get");
    assert_finds("/v3/devices/a%25", "get");
    assert_finds("/v3/devices/a;b", "get");
}

static void
test_two_operations_cannot_answer_the_same(void **state)
{
    static const struct operation TWICE[] = {
        {.id = "a", .method = "GET", .path = "/a/{x}"},
        {.id = "b", .method = "GET", .path = "/a/{y}"},
    };
    static const struct operation HALF = {.id = "c", .method = "GET", .path = "/a/x{y}"};
    static const struct operation BESIDE[] = {
        {.id = "a", .method = "GET", .path = "/a/{x}"},
        {.id = "b", .method = "PUT", .path = "/a/{y}"},
    };
    struct route_map *other = NULL;
    struct failure failure = {0};

    (void)state;
    assert_int_equal(route_map_new(TWICE, 2, &other, &failure), STATUS_CONFLICT);
    assert_non_null(strstr(failure.text, "/a/{x}"));
    assert_non_null(strstr(failure.text, "/a/{y}"));
    assert_int_equal(route_map_new(&HALF, 1, &other, &failure), STATUS_MALFORMED);
    assert_null(other);
    assert_int_equal(route_map_new(BESIDE, 2, &other, &failure), STATUS_OK);
    route_map_free(&other);
}

static void
test_long_paths_end_quietly(void **state)
{
    static char path[URI_MAX_BYTES * 2];
    struct route_match match = {0};

    (void)state;
    for (size_t i = 0; i + 2 < sizeof(path); i += 2)
        memcpy(path + i, "/a", 3);
    assert_int_equal(find("GET", path, &match), STATUS_MALFORMED);
    path[URI_MAX_BYTES - 2] = 0;
    assert_int_equal(find("GET", path, &match), STATUS_NOT_FOUND);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_literals_win_over_templates),
        cmocka_unit_test(test_another_spelling_of_a_literal_is_the_literal),
        cmocka_unit_test(test_parameters_come_as_they_were_written),
        cmocka_unit_test(test_wrong_method_is_told_from_no_such_path),
        cmocka_unit_test(test_end_with_a_slash_is_another_path),
        cmocka_unit_test(test_path_with_two_readings_is_never_matched),
        cmocka_unit_test(test_two_operations_cannot_answer_the_same),
        cmocka_unit_test(test_long_paths_end_quietly),
    };
    return cmocka_run_group_tests(tests, open_map, close_map);
}
