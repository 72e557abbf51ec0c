/* SPDX-License-Identifier: Apache-2.0
 *
 * What a request asks for must not depend on how its upstream happens to read it: what
 * some server takes for the parameter that needs more is that parameter for us. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/auto.h"
#include "rules/needs.h"

static bool
select_nothing(struct slice query, struct slice name)
{
    (void)query;
    (void)name;
    return false;
}

static bool
query_asks(const char *name, const char *equals, const char *query)
{
    struct operation_when when = {.kind = WHEN_QUERY, .name = name, .equals = equals};
    struct json_value nothing = {0};
    struct needs_request request = {
        .query = slice_of(query), .body = &nothing, .select_names = select_nothing};

    return needs_is_asked(&when, &request);
}

static bool
body_asks(const char *pointer, const char *equals, const char *body)
{
    struct operation_when when = {.kind = WHEN_BODY, .name = pointer, .equals = equals};
    struct json_value value;
    struct needs_request request = {.body = &value, .select_names = select_nothing};

    assert_int_equal(json_scan(slice_of(body), &value), STATUS_OK);
    return needs_is_asked(&when, &request);
}

static void
test_a_parameter_is_found_however_it_is_written(void **state)
{
    static const char *const YES[] = {
        "force=true",     "a=b&force=true", "a=b;force=true",
        "a;force=true;b", "FORCE=True",     "f%6frce=%74rue",
        "force=+true",    "+force=true+",   "force=false&force=true",
        "force[]=true",   "force[0]=true",  "force%5B%5D=true",
        "force=1",        "force=yes",      "force=ON",
        "force=t",        "force=%31",      "force"};
    static const char *const NO[] = {"",
                                     "force=false",
                                     "force=0",
                                     "forced=true",
                                     "xforce=true",
                                     "a=force",
                                     "a=force=true",
                                     "force=2",
                                     "force=",
                                     "a[force]=true",
                                     "fo+rce=true",
                                     "force=truer"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(YES); i++) {
        if (!query_asks("force", "true", YES[i]))
            fail_msg("'%s' does not ask", YES[i]);
    }
    for (size_t i = 0; i < COUNT_OF(NO); i++) {
        if (query_asks("force", "true", NO[i]))
            fail_msg("'%s' asks", NO[i]);
    }
    assert_true(query_asks("force", "false", "force=0"));
    assert_false(query_asks("force", "false", "force=1"));
    assert_true(query_asks("mode", "hard", "mode=HARD"));
    assert_false(query_asks("mode", "hard", "mode=1"));
    assert_true(query_asks("a+b", "c+d", "a+b=c+d"));
    assert_true(query_asks("a b", "c d", "a+b=c+d"));
    assert_true(query_asks("filter[a]", NULL, "filter[a]="));
    assert_false(query_asks("filter[a]", NULL, "filter[b]="));
}

static void
test_a_member_is_found_in_any_case(void **state)
{
    static const char *const YES[] = {
        "{\"force\":true}",
        "{\"Force\":true}",
        "{\"force\":false,\"FORCE\":true}",
        "{\"force\":\"TRUE\"}",
        "{\"f\\u006frce\":\"tru\\u0065\"}",
        "{\"force\":1}",
        "{\"force\":\"yes\"}",
        "{\"F\\u004frce\":true}",
        "{\"force\":false,\"force\":false}" /* nobody knows */};
    static const char *const NO[] = {
        "{}",     "{\"force\":false}",        "{\"forced\":true}", "{\"force\":0}",
        "[true]", "{\"a\":{\"force\":true}}", "\"force\"",         "{\"force\":null}"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(YES); i++) {
        if (!body_asks("/force", "true", YES[i]))
            fail_msg("%s does not ask", YES[i]);
    }
    for (size_t i = 0; i < COUNT_OF(NO); i++) {
        if (body_asks("/force", "true", NO[i]))
            fail_msg("%s asks", NO[i]);
    }
    assert_true(body_asks("/a~1b/c~0d", "x", "{\"A/B\":{\"C~D\":\"X\"}}"));
    assert_false(body_asks("/a~1b/c~0d", "x", "{\"A/B\":{\"C-D\":\"X\"}}"));
    assert_true(body_asks("/a/b", NULL, "{\"A\":{\"c\":1},\"a\":{\"B\":null}}"));
    assert_false(body_asks("/a/b", NULL, "{\"A\":{\"c\":1},\"a\":\"b\"}"));
    assert_true(body_asks("/list/1", "x", "{\"list\":[\"y\",\"x\"]}"));
    assert_true(body_asks("", "1", "1"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_parameter_is_found_however_it_is_written),
        cmocka_unit_test(test_a_member_is_found_in_any_case),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
