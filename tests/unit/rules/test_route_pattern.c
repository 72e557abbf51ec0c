/* SPDX-License-Identifier: Apache-2.0
 *
 * Parameters among text: each takes one byte at least, literals are compared decoded, and
 * of two patterns it is known which says more. */
#include "rules/route_pattern.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

enum { ROOM = 64 };

static struct route_pattern
read_good(const char *text, unsigned char room[ROOM])
{
    struct route_pattern pattern;

    if (route_pattern_read(slice_of(text), room, &pattern) != STATUS_OK)
        fail_msg("%s was not read", text);
    return pattern;
}

static bool
fits(const char *pattern, const char *segment)
{
    unsigned char room[ROOM];
    struct route_pattern read = read_good(pattern, room);

    return route_pattern_fits(&read, slice_of(segment));
}

static int
compare(const char *a, const char *b, bool *out_may_overlap)
{
    unsigned char a_room[ROOM];
    unsigned char b_room[ROOM];
    struct route_pattern left = read_good(a, a_room);
    struct route_pattern right = read_good(b, b_room);

    *out_may_overlap = route_pattern_may_overlap(&left, &right);
    assert_true(*out_may_overlap == route_pattern_may_overlap(&right, &left));
    assert_int_equal(route_pattern_compare(&left, &right),
                     -route_pattern_compare(&right, &left));
    return route_pattern_compare(&left, &right);
}

static void
test_each_parameter_takes_one_byte_at_least(void **state)
{
    (void)state;
    assert_true(fits("{id}.json", "7.json"));
    assert_true(fits("{id}.json", ".json.json"));
    assert_false(fits("{id}.json", ".json"));
    assert_false(fits("{id}.json", "7.jso"));
    assert_false(fits("{id}.json", "7.json "));
    assert_true(fits("{a}{b}", "xy"));
    assert_false(fits("{a}{b}", "x"));
    assert_true(fits("{a}...{b}", "x...y"));
    assert_true(fits("{a}...{b}", "....y"));
    assert_false(fits("{a}...{b}", "...y"));
    assert_false(fits("{a}...{b}", "x..."));
    /* head and tail do not share bytes */
    assert_false(fits("ab{x}ba", "aba"));
    assert_false(fits("ab{x}ba", "abba"));
    assert_true(fits("ab{x}ba", "abxba"));
    assert_true(fits("{a}x{b}x{c}", "1x2x3"));
    assert_true(fits("{a}x{b}x{c}", "xxxxx"));
    assert_false(fits("{a}x{b}x{c}", "xxxx"));
}

static void
test_literals_are_decoded_and_names_are_not(void **state)
{
    unsigned char room[ROOM];
    struct route_pattern pattern = read_good("%61%7B{x%7D}%7d", room);

    (void)state;
    assert_int_equal(pattern.parameter_count, 1);
    assert_true(slice_equal(pattern.literals[0], SLICE("a{")));
    assert_true(slice_equal(pattern.literals[1], SLICE("}")));
    assert_true(route_pattern_fits(&pattern, SLICE("a{7}")));
    assert_false(route_pattern_fits(&pattern, SLICE("%61{7}")));
}

static void
test_braces_that_do_not_fit_are_refused(void **state)
{
    static const char *const BAD[] = {"{",     "}",      "{}", "a{b",  "a}b",   "{a}}",
                                      "{{a}}", "{a{b}}", "}{", "{a}{", "{a}{}", "x}y{z}"};
    unsigned char room[ROOM * 2];
    struct route_pattern pattern;

    (void)state;
    for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
        if (route_pattern_read(slice_of(BAD[i]), room, &pattern) != STATUS_MALFORMED)
            fail_msg("'%s' was read", BAD[i]);
    }
    assert_int_equal(
        route_pattern_read(SLICE("{a}-{b}-{c}-{d}-{e}-{f}-{g}-{h}"), room, &pattern),
        STATUS_OK);
    assert_int_equal(
        route_pattern_read(SLICE("{a}-{b}-{c}-{d}-{e}-{f}-{g}-{h}-{i}"), room, &pattern),
        STATUS_MALFORMED);
    assert_int_equal(route_pattern_read(SLICE("plain"), room, &pattern), STATUS_OK);
    assert_int_equal(pattern.parameter_count, 0);
}

static void
test_of_two_it_is_known_which_says_more(void **state)
{
    bool may_overlap = false;

    (void)state;
    assert_true(compare("near.{format}", "{id}.{format}", &may_overlap) > 0);
    assert_true(may_overlap);
    assert_true(compare("{id}.json", "{id}.{format}", &may_overlap) > 0);
    assert_true(compare("{a}{b}", "{a}", &may_overlap) > 0);
    assert_true(compare("%61{a}", "{a}", &may_overlap) > 0);
    assert_int_equal(compare("a{p}", "{p}b", &may_overlap), 0);
    assert_true(may_overlap);
    assert_int_equal(compare("{id}.json", "{id}.atom", &may_overlap), 0);
    assert_false(may_overlap);
    assert_int_equal(compare("a-{id}", "b-{id}", &may_overlap), 0);
    assert_false(may_overlap);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_parameter_takes_one_byte_at_least),
        cmocka_unit_test(test_literals_are_decoded_and_names_are_not),
        cmocka_unit_test(test_braces_that_do_not_fit_are_refused),
        cmocka_unit_test(test_of_two_it_is_known_which_says_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
