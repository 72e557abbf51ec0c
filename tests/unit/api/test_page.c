/* SPDX-License-Identifier: Apache-2.0
 *
 * Pages and the cursors between them: nothing twice, nothing left out, and a cursor that
 * serves for its own list only. */
#include "support.h"

#include "base/limits.h"

enum { DEVICE_COUNT = 23 };

static void
fill(struct inventory *v)
{
    char json[256];

    for (int i = 0; i < DEVICE_COUNT; i++) {
        snprintf(json, sizeof(json),
                 "{\"deviceUid\":\"u%02d\",\"deviceName\":\"n%02d\",\"esn\":\"e%d\","
                 "\"agentStatus\":\"%s\",\"applications\":[{\"appName\":\"A\"},"
                 "{\"appName\":\"B\"}]}",
                 i, i, i % 4, i % 2 ? "A" : "D");
        put(v, json);
    }
}

/* The nextPage of an answer; "" = there is none. */
static void
next_of(json_t *root, char out[4096])
{
    json_t *metadata = json_object_get(root, "metadata");
    json_t *next = json_object_get(json_object_get(metadata, "pagination"), "nextPage");

    assert_true(json_is_object(metadata));
    assert_true(!json_object_get(metadata, "pagination") || next);
    snprintf(out, 4096, "%s", next ? json_string_value(next) : "");
}

/* Follows a list to its end; gives all names. */
static size_t
walk(struct inventory *v, const char *query, char *out, size_t size)
{
    char next[4096] = "";
    char asked[8192];
    size_t pages = 0;
    size_t len = 0;

    do {
        snprintf(asked, sizeof(asked), "%s%s%s", query, next[0] ? "&nextPage=" : "",
                 next);
        json_t *root = ask(v, "get-devices", asked, 200);
        len += (size_t)snprintf(out + len, size - len, "%s", len ? " " : "");
        join(root, "deviceName", out + len, size - len);
        len = strlen(out);
        next_of(root, next);
        json_decref(root);
        pages++;
    } while (next[0] && pages < 100);
    return pages;
}

static void
test_all_pages_together_are_the_list(void **state)
{
    static const char *const SORTS[] = {
        "deviceUid",   "deviceName:desc",  "esn",        "esn:desc",
        "agentStatus", "agentStatus:desc", "systemModel"};
    static const int SIZES[] = {1, 2, 7, 22, 23, 24};
    char whole[1024];
    char parts[1024];
    char query[128];

    fill(*state);
    for (size_t i = 0; i < COUNT_OF(SORTS); i++) {
        snprintf(query, sizeof(query), "pageSize=500&sortBy=%s", SORTS[i]);
        assert_int_equal(walk(*state, query, whole, sizeof(whole)), 1);
        assert_int_equal(strlen(whole), DEVICE_COUNT * 4 - 1);
        for (size_t j = 0; j < COUNT_OF(SIZES); j++) {
            snprintf(query, sizeof(query), "pageSize=%d&sortBy=%s", SIZES[j], SORTS[i]);
            size_t pages = walk(*state, query, parts, sizeof(parts));
            assert_string_equal(parts, whole);
            assert_int_equal(pages,
                             (size_t)(DEVICE_COUNT + SIZES[j] - 1) / (size_t)SIZES[j]);
        }
    }
}

static void
test_the_last_page_has_metadata_without_pagination(void **state)
{
    json_t *root = ask(*state, "get-devices", "", 200);

    assert_int_equal(json_array_size(json_object_get(root, "data")), 0);
    assert_true(json_is_object(json_object_get(root, "metadata")));
    assert_int_equal(json_object_size(json_object_get(root, "metadata")), 0);
    json_decref(root);
    fill(*state);
    root = ask(*state, "get-devices", "", 200);
    assert_int_equal(json_array_size(json_object_get(root, "data")), 10);
    assert_int_equal(json_object_size(json_object_get(root, "metadata")), 1);
    json_decref(root);
}

/* The cursor of the first page of a query. */
static void
first_cursor(struct inventory *v, const char *query, char out[4096])
{
    json_t *root = ask(v, "get-devices", query, 200);

    next_of(root, out);
    assert_true(out[0] != '\0');
    json_decref(root);
}

static void
check_next(struct inventory *v, const char *query, const char *cursor, int status)
{
    char text[8192];

    snprintf(text, sizeof(text), "%s&nextPage=%s", query, cursor);
    if (status == 400)
        check_refused(v, "get-devices", text, "INVALID_VALUE", "nextPage");
    else
        json_decref(ask(v, "get-devices", text, status));
}

static void
test_a_cursor_serves_for_its_own_query_only(void **state)
{
    char cursor[4096];

    fill(*state);
    first_cursor(*state, "pageSize=2&agentStatus=A", cursor);
    check_next(*state, "pageSize=2&agentStatus=A", cursor, 200);
    /* the order of parameters is no part of a query, nor is how it was encoded */
    check_next(*state, "agentStatus=A&pageSize=2", cursor, 200);
    check_next(*state, "?agentStatus=%41&&pageSize=2", cursor, 200);
    check_next(*state, "pageSize=3&agentStatus=A", cursor, 400);
    check_next(*state, "pageSize=2&agentStatus=D", cursor, 400);
    check_next(*state, "pageSize=2", cursor, 400);
    check_next(*state, "", cursor, 400);
    check_next(*state, "pageSize=2&agentStatus=A&x=1", cursor, 400);
    check_next(*state, "pageSize=2&agentStatus=A&select=esn", cursor, 400);
    check_next(*state, "pageSize=2&agentStatus=A&sortBy=esn", cursor, 400);
    check_next(*state, "pageSize=2&agentStatus=A&nextPage=x", cursor, 400);
}

static void
test_a_cursor_serves_for_its_own_resource_and_groups_only(void **state)
{
    struct inventory *v = *state;
    int64_t groups[] = {inventory_group(v, "G", "g-uid"),
                        inventory_group(v, "H", "h-uid")};
    char cursor[4096];
    char query[8192];

    fill(v);
    for (int i = 0; i < 4; i++) {
        char uid[8];
        snprintf(uid, sizeof(uid), "u%02d", i);
        inventory_assign(v, groups[0], uid);
        inventory_assign(v, groups[1], uid);
    }
    struct asked asked = {.operation = "get-devices",
                          .query = SLICE("pageSize=1"),
                          .groups = groups,
                          .group_count = 1};
    json_t *root = ask_as(v, &asked, 200);
    next_of(root, cursor);
    json_decref(root);
    snprintf(query, sizeof(query), "pageSize=1&nextPage=%s", cursor);
    asked.query = slice_of(query);
    json_decref(ask_as(v, &asked, 200));
    asked.groups = groups + 1;
    json_decref(ask_as(v, &asked, 400));
    asked.groups = groups;
    asked.group_count = 2;
    json_decref(ask_as(v, &asked, 400));
    asked.group_count = 0;
    json_decref(ask_as(v, &asked, 400));
    asked.group_count = 1;
    asked.operation = "get-applications";
    json_decref(ask_as(v, &asked, 400));
    asked.operation = "get-device-groups";
    json_decref(ask_as(v, &asked, 400));
}

static void
test_a_cursor_that_was_touched_is_refused(void **state)
{
    static const char LETTERS[] = "AB-_z9+/=. %";
    char cursor[4096];
    char touched[4096];

    fill(*state);
    first_cursor(*state, "pageSize=2", cursor);
    size_t len = strlen(cursor);
    for (size_t i = 0; i < len; i++) {
        for (const char *letter = LETTERS; *letter; letter++) {
            snprintf(touched, sizeof(touched), "%s", cursor);
            touched[i] = *letter;
            /* blanks at its ends are forgiven, so these are the same as one cut short */
            if (*letter != cursor[i])
                check_next(*state, "pageSize=2", touched, 400);
        }
    }
    for (size_t i = 1; i < len; i++) {
        snprintf(touched, sizeof(touched), "%.*s", (int)i, cursor);
        check_next(*state, "pageSize=2", touched, 400);
    }
    snprintf(touched, sizeof(touched), "%sA", cursor);
    check_next(*state, "pageSize=2", touched, 400);
    snprintf(touched, sizeof(touched), "%sAAAA", cursor);
    check_next(*state, "pageSize=2", touched, 400);
    check_next(*state, "pageSize=2", "x", 400);
}

static void
test_a_cursor_of_another_house_is_refused(void **state)
{
    struct inventory other;
    char cursor[4096];

    fill(*state);
    inventory_open(&other);
    fill(&other);
    first_cursor(&other, "pageSize=2", cursor);
    check_next(*state, "pageSize=2", cursor, 400);
    check_next(&other, "pageSize=2", cursor, 200);
    inventory_close(&other);
}

/* Sort values are cut in the store, so that a cursor always fits into a request. */
static void
test_the_longest_cursor_fits_into_a_request(void **state)
{
    struct buffer json AUTO(buffer_done) = buffer_make(1 << 20);
    char cursor[4096];
    char text[2001];

    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    for (int i = 0; i < 3; i++) {
        buffer_clear(&json);
        buffer_print(&json, "{\"deviceUid\":\"u%d\",\"deviceName\":\"", i);
        buffer_add_text(&json, text);
        buffer_add_text(&json, "\"}");
        buffer_add_byte(&json, '\0');
        put(*state, (const char *)json.at);
    }
    first_cursor(*state, "pageSize=1&sortBy=deviceName:desc", cursor);
    assert_true(strlen(cursor) < 600);
    check_next(*state, "pageSize=1&sortBy=deviceName:desc", cursor, 200);
}

static void
test_rows_that_come_and_go_between_pages_move_nothing_else(void **state)
{
    char cursor[4096];
    char query[8192];
    char names[256];

    fill(*state);
    first_cursor(*state, "pageSize=3&sortBy=deviceName", cursor);
    /* before the cursor, and after it */
    put(*state, "{\"deviceUid\":\"v0\",\"deviceName\":\"n00a\"}");
    put(*state, "{\"deviceUid\":\"v1\",\"deviceName\":\"n03a\"}");
    put(*state, "{\"deviceUid\":\"u02\",\"deviceName\":\"renamed\"}");
    snprintf(query, sizeof(query), "pageSize=3&sortBy=deviceName&nextPage=%s", cursor);
    json_t *root = ask(*state, "get-devices", query, 200);
    join(root, "deviceName", names, sizeof(names));
    assert_string_equal(names, "n03 n03a n04");
    json_decref(root);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        INVENTORY_TEST(test_all_pages_together_are_the_list),
        INVENTORY_TEST(test_the_last_page_has_metadata_without_pagination),
        INVENTORY_TEST(test_a_cursor_serves_for_its_own_query_only),
        INVENTORY_TEST(test_a_cursor_serves_for_its_own_resource_and_groups_only),
        INVENTORY_TEST(test_a_cursor_that_was_touched_is_refused),
        INVENTORY_TEST(test_a_cursor_of_another_house_is_refused),
        INVENTORY_TEST(test_the_longest_cursor_fits_into_a_request),
        INVENTORY_TEST(test_rows_that_come_and_go_between_pages_move_nothing_else),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
