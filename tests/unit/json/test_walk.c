/* SPDX-License-Identifier: Apache-2.0
 *
 * Walking, the flat list of a header, finding by name and by pointer. */
#include "base/auto.h"
#include "base/buffer.h"
#include "json/scan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct json_value
value_of(struct slice text)
{
    struct json_value value = {0};

    assert_int_equal(json_scan(text, &value), STATUS_OK);
    return value;
}

static enum status
flat(struct slice text, size_t *count)
{
    struct json_member members[JSON_FLAT_MAX_COUNT];

    return json_scan_flat(text, members, COUNT_OF(members), count);
}

static void
test_flat_lists_members_in_order_and_nested_ones_as_one(void **state)
{
    struct json_member members[4];
    size_t count = 0;

    (void)state;
    assert_int_equal(json_scan_flat(SLICE(" { \"alg\" : \"HS256\", \"x\":{\"a\":[1,{}]},"
                                          "\"n\":-1,\"\":null } "),
                                    members, COUNT_OF(members), &count),
                     STATUS_OK);
    assert_int_equal(count, 4);
    assert_true(json_text_is(&members[0].name, SLICE("alg")));
    assert_true(json_text_is(&members[0].value, SLICE("HS256")));
    assert_int_equal(members[1].value.kind, JSON_KIND_OBJECT);
    assert_true(slice_equal(members[1].value.raw, SLICE("{\"a\":[1,{}]}")));
    assert_int_equal(members[2].value.kind, JSON_KIND_NUMBER);
    assert_true(json_text_is(&members[3].name, SLICE("")));
    assert_int_equal(members[3].value.kind, JSON_KIND_NULL);
    assert_int_equal(flat(SLICE("{}"), &count), STATUS_OK);
    assert_int_equal(count, 0);
}

/* Two readers must not see two values of "kid". */
static void
test_flat_refuses_names_that_are_twice_however_spelled(void **state)
{
    static const struct slice TWICE[] = {
        SLICE("{\"kid\":1,\"kid\":1}"),
        SLICE("{\"kid\":1,\"\\u006bid\":2}"),
        SLICE("{\"\\u006Bid\":1,\"x\":0,\"kid\":2}"),
        SLICE("{\"\\u006bid\":1,\"k\\u0069d\":2}"),
        SLICE("{\"é\":1,\"\\u00E9\":2}"),
        SLICE("{\"\\ud83d\\ude00\":1,\"😀\":2}"),
        SLICE("{\"\":1,\"\":2}"),
        SLICE("{\"a/b\":1,\"a\\/b\":2}"),
    };
    static const struct slice ONCE[] = {
        SLICE("{\"kid\":1,\"Kid\":1}"),
        SLICE("{\"kid\":1,\"\\u006bie\":2}"),
        SLICE("{\"kid\":1,\"kid2\":2}"),
        SLICE("{\"kid\":1,\"\\u006bid2\":2}"),
        SLICE("{\"kid\":1,\"\\\\u006bid\":2}"),
        SLICE(
            "{\"kid\":{\"kid\":1,\"kid\":2}}"), /* only the header's own are looked at */
    };
    size_t count = 99;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(TWICE); i++)
        assert_int_equal(flat(TWICE[i], &count), STATUS_MALFORMED);
    assert_int_equal(count, 99);
    for (size_t i = 0; i < COUNT_OF(ONCE); i++)
        assert_int_equal(flat(ONCE[i], &count), STATUS_OK);
}

static void
test_flat_refuses_what_is_no_object_or_not_whole(void **state)
{
    static const struct slice WRONG[] = {
        SLICE(""),
        SLICE("[]"),
        SLICE("1"),
        SLICE("\"a\""),
        SLICE("{"),
        SLICE("{\"a\":1"),
        SLICE("{}{}"),
        SLICE("{}x"),
        SLICE("{\"a\":1,}"),
        SLICE("{\"a\":[1,]}"),
        SLICE("{\"a\":{\"b\"}}"),
        SLICE("{\"a\":1}\0"),
    };
    size_t count = 99;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(WRONG); i++)
        assert_int_equal(flat(WRONG[i], &count), STATUS_MALFORMED);
    assert_int_equal(count, 99);
}

static void
test_flat_takes_64_members_and_not_one_more(void **state)
{
    struct buffer text AUTO(buffer_done) = buffer_make(10000);
    struct json_member members[JSON_FLAT_MAX_COUNT + 1];
    size_t count = 0;

    (void)state;
    for (int i = 0; i < 64; i++)
        buffer_print(&text, "%c\"m%d\":%d", i ? ',' : '{', i, i);
    buffer_add_byte(&text, '}');
    assert_int_equal(json_scan_flat(buffer_slice(&text), members, 65, &count), STATUS_OK);
    assert_int_equal(count, 64);
    assert_int_equal(json_scan_flat(buffer_slice(&text), members, 63, &count),
                     STATUS_TOO_LARGE);
    text.len--;
    buffer_add_text(&text, ",\"m64\":64}");
    assert_int_equal(json_scan_flat(buffer_slice(&text), members, 65, &count),
                     STATUS_TOO_LARGE);
    assert_int_equal(count, 64);
}

static void
test_walk_gives_elements_without_names(void **state)
{
    struct json_value array = value_of(SLICE("[ 10 , [20,21] , \"30\" ]"));
    struct json_walk walk = json_walk_of(&array);
    struct json_member member = {0};
    int count = 0;

    (void)state;
    for (; json_walk_next(&walk, &member); count++)
        assert_int_equal(member.name.kind, JSON_KIND_NONE);
    assert_int_equal(count, 3);
    assert_true(json_text_is(&member.value, SLICE("30")));
    assert_int_equal(json_walk_end(&walk), STATUS_OK);
    assert_false(json_walk_next(&walk, &member)); /* and stays at the end */
}

static void
test_walk_of_a_scalar_or_nothing_is_empty(void **state)
{
    struct json_value number = value_of(SLICE("1"));
    struct json_value nothing = {0};
    struct json_value empty = value_of(SLICE("[ ]"));
    struct json_member member = {0};
    struct json_walk walks[] = {json_walk_of(&number), json_walk_of(&nothing),
                                json_walk_of(&empty)};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(walks); i++) {
        assert_false(json_walk_next(&walks[i], &member));
        assert_int_equal(json_walk_end(&walks[i]), STATUS_OK);
    }
}

/* A long file is walked in one pass: what was given out was good, and the end says
 * whether all was. */
static void
test_walk_through_a_text_tells_the_fault_at_its_place(void **state)
{
    struct json_walk walk = json_walk_text(SLICE(" [ {\"a\":1}, {\"a\":2}, {\"a\":} ]"));
    struct json_walk whole = json_walk_text(SLICE("[1,2] \n"));
    struct json_walk after = json_walk_text(SLICE("[1,2] 3"));
    struct json_walk scalar = json_walk_text(SLICE("3"));
    struct json_member member = {0};
    int count = 0;

    (void)state;
    while (json_walk_next(&walk, &member))
        count++;
    assert_int_equal(count, 2);
    assert_int_equal(json_walk_end(&walk), STATUS_MALFORMED);
    while (json_walk_next(&whole, &member))
        count++;
    assert_int_equal(count, 4);
    assert_int_equal(json_walk_end(&whole), STATUS_OK);
    while (json_walk_next(&after, &member))
        count++;
    assert_int_equal(count, 6);
    assert_int_equal(json_walk_end(&after), STATUS_MALFORMED);
    assert_false(json_walk_next(&scalar, &member));
    assert_int_equal(json_walk_end(&scalar), STATUS_MALFORMED);
}

static void
test_find_takes_the_one_member_of_that_name(void **state)
{
    struct json_value object = value_of(SLICE("{\"a\":1,\"b\":{\"c\":2},\"\\u0064\":3,"
                                              "\"t\":4,\"t\":5}"));
    struct json_value array = value_of(SLICE("[\"a\"]"));
    struct json_value found = {0};

    (void)state;
    assert_int_equal(json_find(&object, SLICE("d"), &found), STATUS_OK);
    assert_true(slice_equal(found.raw, SLICE("3")));
    assert_int_equal(json_find(&object, SLICE("c"), &found), STATUS_NOT_FOUND);
    assert_int_equal(json_find(&object, SLICE("A"), &found), STATUS_NOT_FOUND);
    assert_int_equal(json_find(&object, SLICE(""), &found), STATUS_NOT_FOUND);
    assert_int_equal(json_find(&object, SLICE("t"), &found), STATUS_MALFORMED);
    assert_int_equal(json_find(&array, SLICE("a"), &found), STATUS_NOT_FOUND);
    assert_true(slice_equal(found.raw, SLICE("3"))); /* untouched */
}

/* The examples of RFC 6901 §5, and then some. */
static void
test_pointer_finds_what_rfc_6901_says(void **state)
{
    static const char *const CASES[][2] = {
        {"/foo", "[\"bar\", \"baz\"]"},
        {"/foo/0", "bar"},
        {"/foo/1", "baz"},
        {"/", "0"},
        {"/a~1b", "1"},
        {"/c%d", "2"},
        {"/e^f", "3"},
        {"/g|h", "4"},
        {"/i\\j", "5"},
        {"/k\"l", "6"},
        {"/ ", "7"},
        {"/m~0n", "8"},
        {"/~01", "9"},
        {"/é", "10"},
        {"/o/0//p", "11"},
    };
    struct json_value value = value_of(SLICE(
        "{\"foo\":[\"bar\", \"baz\"],\"\":0,\"a/b\":1,\"c%d\":2,\"e^f\":3,\"g|h\":4,"
        "\"i\\\\j\":5,\"k\\\"l\":6,\" \":7,\"m~n\":8,\"~1\":9,\"\\u00e9\":10,"
        "\"o\":[{\"\":{\"p\":11}}]}"));
    struct json_value found = {0};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        assert_int_equal(json_pointer(&value, slice_of(CASES[i][0]), &found), STATUS_OK);
        assert_true(slice_equal(found.raw, slice_of(CASES[i][1])));
    }
    assert_int_equal(json_pointer(&value, SLICE(""), &found), STATUS_OK);
    assert_true(slice_equal(found.raw, value.raw));
}

static void
test_pointer_to_nowhere_is_not_found(void **state)
{
    static const char *const NOWHERE[] = {
        "/x",  "/a/b",  "/l/2", "/l/-",   "/l/00", "/l/01", "/l/ 0",
        "/l/", "/l/-1", "/l/a", "/o/p/q", "/o/p/", "/o/",   "/l/99999999999999999999",
    };
    struct json_value value =
        value_of(SLICE("{\"l\":[0,1],\"o\":{\"p\":1},\"t\":1,\"t\":2}"));
    struct json_value found = {0};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(NOWHERE); i++)
        assert_int_equal(json_pointer(&value, slice_of(NOWHERE[i]), &found),
                         STATUS_NOT_FOUND);
    assert_int_equal(json_pointer(&value, SLICE("o"), &found), STATUS_MALFORMED);
    assert_int_equal(json_pointer(&value, SLICE("/o~"), &found), STATUS_MALFORMED);
    assert_int_equal(json_pointer(&value, SLICE("/o~2"), &found), STATUS_MALFORMED);
    assert_int_equal(json_pointer(&value, SLICE("/t"), &found), STATUS_MALFORMED);
    assert_int_equal(found.kind, JSON_KIND_NONE);
    assert_int_equal(json_pointer(&value, SLICE("/l/1"), &found), STATUS_OK);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_flat_lists_members_in_order_and_nested_ones_as_one),
        cmocka_unit_test(test_flat_refuses_names_that_are_twice_however_spelled),
        cmocka_unit_test(test_flat_refuses_what_is_no_object_or_not_whole),
        cmocka_unit_test(test_flat_takes_64_members_and_not_one_more),
        cmocka_unit_test(test_walk_gives_elements_without_names),
        cmocka_unit_test(test_walk_of_a_scalar_or_nothing_is_empty),
        cmocka_unit_test(test_walk_through_a_text_tells_the_fault_at_its_place),
        cmocka_unit_test(test_find_takes_the_one_member_of_that_name),
        cmocka_unit_test(test_pointer_finds_what_rfc_6901_says),
        cmocka_unit_test(test_pointer_to_nowhere_is_not_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
