/* SPDX-License-Identifier: Apache-2.0
 *
 * The route table: whole or not at all, and there for as long as somebody holds it. */
#include "rules/route_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static const struct upstream ORDERS = {.prefix = "/orders", .base_path = "/api"};

/* A source with one operation, whose texts lie in its own memory. */
static struct route_source *
source_of(const char *path, const struct upstream *upstream)
{
    struct route_source *source = route_source_new();
    struct operation *operation = arena_new(&source->arena, sizeof(*operation));

    operation->id = "one";
    operation->method = "GET";
    operation->path = arena_text(&source->arena, slice_of(path));
    operation->upstream = source->upstream = upstream;
    source->operations = operation;
    source->operation_count = 1;
    return source;
}

static void
test_a_table_knows_the_operations_of_all_sources(void **state)
{
    struct route_source *sources[] = {source_of("/v3/a", NULL),
                                      source_of("/orders/{id}", &ORDERS)};
    struct route_table *made = NULL;
    struct route_match match;

    (void)state;
    assert_int_equal(route_table_new(sources, 2, &made, NULL), STATUS_OK);
    route_source_drop(&sources[0]);
    route_source_drop(&sources[1]);
    const struct route_table *table = made;
    assert_int_equal(route_table_count(table), 2);
    assert_string_equal(route_table_at(table, 0)->path, "/v3/a");
    assert_int_equal(
        route_map_find(route_table_map(table), SLICE("GET"), SLICE("/orders/7"), &match),
        STATUS_OK);
    assert_ptr_equal(match.operation, route_table_at(table, 1));
    route_table_drop(&table);
    assert_null(table);
}

static void
test_sources_that_clash_make_no_table(void **state)
{
    struct route_source *sources[] = {source_of("/orders/{id}", NULL),
                                      source_of("/orders/{other}", &ORDERS)};
    struct route_table *table = NULL;
    struct failure failure = {0};

    (void)state;
    assert_int_equal(route_table_new(sources, 2, &table, &failure), STATUS_CONFLICT);
    assert_null(table);
    assert_non_null(strstr(failure.text, "/orders/{id}"));
    assert_non_null(strstr(failure.text, "/orders/{other}"));
    route_source_drop(&sources[0]);
    route_source_drop(&sources[1]);
}

/* What is being forwarded needs its operation to the end, whatever was put in force
 * meanwhile. (The sanitizer sees a table that is gone, and one that is never freed.) */
static void
test_a_table_that_was_replaced_lives_while_it_is_held(void **state)
{
    struct routes *routes = routes_new();
    struct route_source *source = source_of("/orders/1", &ORDERS);
    struct route_table *first = NULL;
    struct route_table *second = NULL;

    (void)state;
    assert_int_equal(route_table_new(&source, 1, &first, NULL), STATUS_OK);
    assert_int_equal(route_table_new(NULL, 0, &second, NULL), STATUS_OK);
    route_source_drop(&source);
    assert_null(routes_put(routes, first));
    const struct route_table *held = routes_hold(routes);
    assert_ptr_equal(held, routes_now(routes));

    const struct route_table *old = routes_put(routes, second);
    assert_ptr_equal(old, held);
    route_table_drop(&old);
    assert_ptr_equal(routes_now(routes), second);
    assert_string_equal(route_table_at(held, 0)->path, "/orders/1");
    route_table_drop(&held);
    routes_free(&routes);
}

static void
assert_asked(const struct upstream *upstream, const char *uri, const char *wanted)
{
    struct operation operation = {.upstream = upstream};
    char path[64];

    assert_int_equal(route_upstream_path(&operation, slice_of(uri), path, sizeof(path)),
                     STATUS_OK);
    assert_string_equal(path, wanted);
}

/* All behind the prefix goes on as it came, spelled as it was. */
static void
test_the_upstream_is_asked_without_the_prefix_below_its_base(void **state)
{
    static const struct upstream PLAIN = {.prefix = ""};
    static const struct upstream DEEP = {.prefix = "/a/b"};
    struct operation operation = {.upstream = &ORDERS};
    char path[16];

    (void)state;
    assert_asked(&ORDERS, "/orders/7/%2B;x", "/api/7/%2B;x");
    assert_asked(&ORDERS, "/%6Frders/7", "/api/7");
    assert_asked(&ORDERS, "/orders", "/api/");
    assert_asked(&ORDERS, "/orders/", "/api/");
    assert_asked(&PLAIN, "/orders/7/", "/orders/7/");
    assert_asked(&PLAIN, "/", "/");
    assert_asked(&DEEP, "/a/b/c/d", "/c/d");
    assert_int_equal(
        route_upstream_path(&operation, SLICE("/orders/12345678901"), path, sizeof(path)),
        STATUS_TOO_LARGE);
    assert_int_equal(
        route_upstream_path(&operation, SLICE("/orders/1234567890"), path, sizeof(path)),
        STATUS_OK);
    assert_string_equal(path, "/api/1234567890");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_table_knows_the_operations_of_all_sources),
        cmocka_unit_test(test_sources_that_clash_make_no_table),
        cmocka_unit_test(test_a_table_that_was_replaced_lives_while_it_is_held),
        cmocka_unit_test(test_the_upstream_is_asked_without_the_prefix_below_its_base),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
