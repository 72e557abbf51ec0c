/* SPDX-License-Identifier: Apache-2.0
 *
 * What a change of a description means is told before it is taken: each operation that
 * comes, goes or needs something else, and above all who loses something. */
#include "support.h"

#include "rules/upstream_diff.h"

#include <string.h>

static const struct upstream ORDERS = {.prefix = "/orders"};

static struct operation
needing(const char *method, const char *path, uint16_t permission)
{
    struct operation operation = {
        .upstream = &ORDERS, .id = "", .method = method, .path = path, .summary = ""};

    operation.need = permission ? OPERATION_NEEDS : OPERATION_CLOSED;
    if (permission)
        permission_set_add(&operation.permissions, permission);
    return operation;
}

static const struct diff_operation *
find(const struct upstream_diff *diff, const char *path)
{
    for (size_t i = 0; i < diff->operation_count; i++) {
        if (strcmp(diff->operations[i].path, path) == 0)
            return &diff->operations[i];
    }
    return NULL;
}

static void
compare(struct house *house, const struct operation *before, size_t before_count,
        const struct operation *after, size_t after_count, struct arena *arena,
        struct upstream_diff *out)
{
    struct route_source old = {.operations = before, .operation_count = before_count};
    struct route_source new = {.operations = after, .operation_count = after_count};

    OK(upstream_diff_make(house->store, before ? &old : NULL, after ? &new : NULL, NULL,
                          NOW_S, arena, out));
}

static void
test_operations_are_paired_by_method_and_path(void **state)
{
    struct house house AUTO(house_close) = {0};
    struct arena arena AUTO(arena_done) = {0};
    struct upstream_diff diff = {0};
    struct operation before[] = {
        needing("GET", "/orders/same/{id}", PERMISSION_DEVICE_REPORTS_VIEW),
        needing("GET", "/orders/other", PERMISSION_DEVICE_REPORTS_VIEW),
        needing("GET", "/orders/gone", PERMISSION_DEVICE_REPORTS_VIEW),
    };
    struct operation after[] = {
        needing("GET", "/orders/new", 0),
        needing("GET", "/orders/other", PERMISSION_DEVICE_FIELDS_VIEW),
        needing("GET", "/orders/same/{name}", PERMISSION_DEVICE_REPORTS_VIEW),
    };

    (void)state;
    house_open(&house);
    compare(&house, before, 3, after, 3, &arena, &diff);
    assert_int_equal(diff.operation_count, 3);
    assert_int_equal(find(&diff, "/orders/gone")->kind, DIFF_REMOVED);
    assert_int_equal(find(&diff, "/orders/new")->kind, DIFF_ADDED);
    assert_int_equal(find(&diff, "/orders/other")->kind, DIFF_CHANGED);
    assert_string_equal(find(&diff, "/orders/other")->before, "Device reports:View");
    assert_string_equal(find(&diff, "/orders/other")->after, "Device Fields:View");
    /* the name of a parameter is nobody's need */
    compare(&house, before, 1, after + 2, 1, &arena, &diff);
    assert_int_equal(diff.operation_count, 0);
    assert_int_equal(diff.token_count, 0);
    /* a rate is one */
    after[2].rate = (struct rate){10, 60};
    compare(&house, before, 1, after + 2, 1, &arena, &diff);
    assert_int_equal(diff.operation_count, 1);
    assert_non_null(strstr(diff.operations[0].after, "at most 10/m"));
}

/* Many gain, one loses: it is the one that somebody has to be told of. */
static void
test_who_loses_is_listed_however_many_gain(void **state)
{
    struct house house AUTO(house_close) = {0};
    struct arena arena AUTO(arena_done) = {0};
    struct upstream_diff diff = {0};
    struct operation before[] = {
        needing("GET", "/orders/a", PERMISSION_DEVICE_REPORTS_VIEW)};
    struct operation after[] = {
        needing("GET", "/orders/a", PERMISSION_DEVICE_FIELDS_VIEW)};

    (void)state;
    house_open(&house);
    struct token token = add_token(&house, &house.admin, "gains");
    OK(store_begin(house.store));
    token.permissions = (struct permission_set){{0}};
    permission_set_add(&token.permissions, PERMISSION_DEVICE_FIELDS_VIEW);
    for (int i = 0; i < DIFF_TOKEN_MAX_COUNT; i++) {
        snprintf(token.id, sizeof(token.id), "a-%04d", i);
        OK(store_token_add(house.store, &token));
    }
    token.permissions = (struct permission_set){{0}};
    permission_set_add(&token.permissions, PERMISSION_DEVICE_REPORTS_VIEW);
    snprintf(token.id, sizeof(token.id), "z-last");
    OK(store_token_add(house.store, &token));
    snprintf(token.id, sizeof(token.id), "z-suspended");
    token.is_suspended = true;
    OK(store_token_add(house.store, &token));
    OK(store_commit(house.store));

    compare(&house, before, 1, after, 1, &arena, &diff);
    assert_int_equal(diff.losing_count, 1); /* who is suspended loses nothing */
    assert_int_equal(diff.gaining_count, DIFF_TOKEN_MAX_COUNT);
    assert_int_equal(diff.token_count, DIFF_TOKEN_MAX_COUNT);
    assert_string_equal(diff.tokens[0].id, "z-last");
    assert_int_equal(diff.tokens[0].lost_count, 1);
    assert_string_equal(diff.tokens[0].lost[0], "GET /orders/a");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_operations_are_paired_by_method_and_path),
        cmocka_unit_test(test_who_loses_is_listed_however_many_gain),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
