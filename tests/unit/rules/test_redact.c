/* SPDX-License-Identifier: Apache-2.0
 *
 * What is kept of a refused request asks for the same permissions, and tells nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "rules/redact.h"

static const struct operation OPERATION = {
    .need = OPERATION_NEEDS,
    .whens =
        (const struct operation_when[]){
            {.kind = WHEN_QUERY, .name = "unenroll", .equals = "true"},
            {.kind = WHEN_BODY, .name = "/unenroll", .equals = "true"},
            {.kind = WHEN_BODY, .name = "/a~1b/c", .equals = "hard \"one\""},
            {.kind = WHEN_BODY, .name = "/secret"},
            {.kind = WHEN_BODY, .name = "/secret/deep", .equals = "1"},
            {.kind = WHEN_BODY, .name = "", .equals = "1"}},
    .when_count = 6};

static bool
select_nothing(struct slice query, struct slice name)
{
    (void)query;
    (void)name;
    return false;
}

static const char *
query_of(const char *query, size_t size)
{
    static char out[256];

    redact_query(slice_of(query), &OPERATION, out, size);
    return out;
}

static void
test_values_that_no_verdict_looks_at_are_not_kept(void **state)
{
    (void)state;
    assert_string_equal(query_of("select=a,b&key=hunter2", 256), "select=a,b&key=***");
    assert_string_equal(query_of("unenroll=true&UnEnroll=%54rue", 256),
                        "unenroll=true&UnEnroll=%54rue");
    assert_string_equal(query_of("hunter2&unenroll&&x=", 256), "***&unenroll&x=***");
    assert_string_equal(query_of("unenrolled=hunter2", 256), "unenrolled=***");
    assert_string_equal(query_of("", 256), "");
    char name[128] = {0};
    memset(name, 'n', 100);
    snprintf(name + 100, 20, "=hunter2");
    assert_string_equal(query_of(name, 256), "***=***");
}

/* What a verdict takes for one pair is one here, too: the value of a parameter that is
 * looked at does not take the next one along. */
static void
test_pairs_end_at_a_semicolon_as_well(void **state)
{
    (void)state;
    assert_string_equal(query_of("select=a;key=hunter2", 256), "select=a;key=***");
    assert_string_equal(query_of("select=a;hunter2", 256), "select=a;***");
    assert_string_equal(query_of("key=hunter2;unenroll=true&x=1", 256),
                        "key=***;unenroll=true&x=***");
    assert_string_equal(query_of(";;select=a;&unenroll=1;", 256), "select=a&unenroll=1");
    assert_string_equal(query_of("select=a,b", 256), "select=a,b");
}

static void
test_a_query_is_cut_at_whole_pairs(void **state)
{
    (void)state;
    assert_string_equal(query_of("select=abc&select=d", 20), "select=abc&select=d");
    assert_string_equal(query_of("select=abc&select=d", 19), "select=abc");
    assert_string_equal(query_of("select=abc&select=d", 11), "select=abc");
    assert_string_equal(query_of("select=abc&select=d", 10), "");
}

static const char *
body_of(const char *body, size_t size)
{
    static char out[256];
    struct json_value value;
    struct needs_request request = {.body = &value, .select_names = select_nothing};

    assert_int_equal(json_scan(slice_of(body), &value), STATUS_OK);
    redact_body(&OPERATION, &request, out, size);
    return out;
}

/* The same conditions hold for what is kept. */
static void
check_asks_the_same(const char *body)
{
    struct json_value before;
    struct json_value after = {0};
    struct needs_request request = {.select_names = select_nothing};
    const char *kept = body_of(body, 256);

    assert_int_equal(json_scan(slice_of(body), &before), STATUS_OK);
    if (kept[0])
        assert_int_equal(json_scan(slice_of(kept), &after), STATUS_OK);
    for (size_t i = 0; i < 4; i++) {
        request.body = &before;
        bool was_asked = needs_is_asked(&OPERATION.whens[i], &request);
        request.body = &after;
        assert_int_equal(needs_is_asked(&OPERATION.whens[i], &request), was_asked);
    }
}

static void
test_a_body_is_kept_as_what_its_conditions_saw(void **state)
{
    (void)state;
    assert_string_equal(body_of("{\"unenroll\":\"TRUE\",\"who\":\"hunter2\"}", 256),
                        "{\"unenroll\":true}");
    assert_string_equal(body_of("{\"who\":\"hunter2\"}", 256), "");
    assert_string_equal(body_of("{\"secret\":\"hunter2\"}", 256), "{\"secret\":\"***\"}");
    assert_string_equal(body_of("{\"secret\":{\"deep\":1}}", 256),
                        "{\"secret\":\"***\"}");
    check_asks_the_same("{\"unenroll\":true,\"a/b\":{\"c\":\"hard \\\"one\\\"\"}}");
    check_asks_the_same("{\"unenroll\":false}");
    check_asks_the_same("[]");
    assert_string_equal(body_of("{\"unenroll\":true}", 17), "");
    assert_string_equal(body_of("{\"unenroll\":true}", 18), "{\"unenroll\":true}");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_that_no_verdict_looks_at_are_not_kept),
        cmocka_unit_test(test_pairs_end_at_a_semicolon_as_well),
        cmocka_unit_test(test_a_query_is_cut_at_whole_pairs),
        cmocka_unit_test(test_a_body_is_kept_as_what_its_conditions_saw),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
