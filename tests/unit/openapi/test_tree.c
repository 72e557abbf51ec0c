/* SPDX-License-Identifier: Apache-2.0
 *
 * YAML means one thing here, what JSON can say; and nobody grows a small text into a
 * large tree. */
#include "openapi/tree.h"

#include "base/auto.h"
#include "base/buffer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static struct failure failure;

static json_t *
read_good(const char *text)
{
    json_t *tree = NULL;

    failure = (struct failure){0};
    if (tree_read(slice_of(text), &tree, &failure) != STATUS_OK)
        fail_msg("%s\n%s", text, failure.text);
    return tree;
}

static void
assert_means(const char *yaml, const char *json)
{
    json_t *tree AUTO(tree_done) = read_good(yaml);
    json_t *wanted AUTO(tree_done) = json_loads(json, JSON_DECODE_ANY, NULL);

    assert_non_null(wanted);
    if (!json_equal(tree, wanted)) {
        char *text = json_dumps(tree, JSON_ENCODE_ANY);
        print_error("%s\nis   %s\nnot  %s\n", yaml, text, json);
        free(text);
        fail();
    }
}

static void
assert_refused(const char *text, const char *words)
{
    json_t *tree = NULL;

    failure = (struct failure){0};
    assert_int_equal(tree_read(slice_of(text), &tree, &failure), STATUS_MALFORMED);
    assert_null(tree);
    if (!strstr(failure.text, words))
        fail_msg("'%s' does not tell of '%s'", failure.text, words);
}

/* `on`, `yes` and dates stand in many descriptions, and are texts (YAML 1.2). */
static void
test_scalars_are_those_of_the_core_schema(void **state)
{
    (void)state;
    assert_means("[on, yes, No, OFF, y, 2024-01-01, 12:30, 1_000, 0b1, 1.2.3, .5.]",
                 "[\"on\",\"yes\",\"No\",\"OFF\",\"y\",\"2024-01-01\",\"12:30\","
                 "\"1_000\",\"0b1\",\"1.2.3\",\".5.\"]");
    assert_means("[true, True, TRUE, false, False, FALSE, tRUE]",
                 "[true,true,true,false,false,false,\"tRUE\"]");
    assert_means("[null, Null, NULL, ~, nULL]", "[null,null,null,null,\"nULL\"]");
    assert_means("a:\n", "{\"a\":null}");
    assert_means("[1, -1, +1, 007, 0x1F, 0o17, 1.5, -.5, 1., 1e3, +1.5E-1, 0x, 0xg, -]",
                 "[1,-1,1,7,31,15,1.5,-0.5,1.0,1000.0,0.15,\"0x\",\"0xg\",\"-\"]");
    assert_means("['1', \"true\", !!str 1, ! 2, .inf, .NaN, 1e999]",
                 "[\"1\",\"true\",\"1\",\"2\",\".inf\",\".NaN\",\"1e999\"]");
    assert_means("[9223372036854775807, 9223372036854775808]",
                 "[9223372036854775807,9223372036854775808.0]");
    assert_means("[-9223372036854775808, 18446744073709551615, -18446744073709551615]",
                 "[-9223372036854775808,18446744073709551615.0,-18446744073709551615.0]");
}

/* Limits of others: "maximum": 18446744073709551615 is in many descriptions. Beside it
 * the whole numbers stay what they are. */
static void
test_numbers_beyond_64_bits_are_taken(void **state)
{
    json_t *tree AUTO(tree_done) =
        read_good("{\"a\":18446744073709551615,\"b\":[7,-9223372036854775809],\"c\":-3,"
                  "\"d\":1.5,\"e\":{\"f\":0}}");

    (void)state;
    assert_true(json_is_real(json_object_get(tree, "a")));
    assert_true(json_real_value(json_object_get(tree, "a")) == 18446744073709551615.0);
    const json_t *list = json_object_get(tree, "b");
    assert_int_equal(json_integer_value(json_array_get(list, 0)), 7);
    assert_true(json_is_real(json_array_get(list, 1)));
    assert_int_equal(json_integer_value(json_object_get(tree, "c")), -3);
    assert_true(json_real_value(json_object_get(tree, "d")) == 1.5);
    assert_true(json_is_integer(json_object_get(json_object_get(tree, "e"), "f")));
    assert_refused("{\"a\":18446744073709551615,\"a\":1}", "duplicate");
    assert_refused("{\"a\":18446744073709551615", "line 1");
}

/* To one reader it ends a comment, to another it does not. */
static void
test_no_line_ends_where_only_some_see_an_end(void **state)
{
    (void)state;
    assert_refused("a: 1\n# x\xE2\x80\xA8 b: 2\n", "line 2: U+0085");
    assert_refused("a: \"x\xC2\x85\"\n", "line 1: U+0085");
    assert_refused("a: x\xE2\x80\xA9\n", "line 1: U+0085");
    assert_means("a: \"\\u2028 \xC2\xA0\xE2\x80\xA7\"\n",
                 "{\"a\":\"\\u2028 \\u00a0\\u2027\"}");
    assert_means("{\"a\":\"\xE2\x80\xA8\"}", "{\"a\":\"\\u2028\"}");
}

static void
test_names_count_as_they_are_spelled(void **state)
{
    (void)state;
    assert_means("200: a\ntrue: b\n~: c\n1.0: d\n",
                 "{\"200\":\"a\",\"true\":\"b\",\"~\":\"c\",\"1.0\":\"d\"}");
    assert_refused("a: 1\nb: 2\na: 3\n", "line 3: the name 'a' stands there twice");
    assert_refused("1: 1\n'1': 2\n", "twice");
    assert_refused("{\"a\":1,\"a\":2}", "a");
    assert_refused("? [a]\n: 1\n", "name of a member");
    assert_refused("a: {<<: {b: 1}}\n", "merge keys");
    assert_means("'<<': 1\n", "{\"<<\":1}");
}

static void
test_blocks_and_anchors_are_written_out(void **state)
{
    (void)state;
    assert_means("# a comment\na: &x\n  - b\n  - |\n    two\n    lines\nc: *x\n",
                 "{\"a\":[\"b\",\"two\\nlines\\n\"],\"c\":[\"b\",\"two\\nlines\\n\"]}");
    assert_means("a: &x 1\nb: &x 2\nc: *x\n", "{\"a\":1,\"b\":2,\"c\":2}");
    assert_refused("a: *x\n", "no anchor 'x'");
    assert_refused("a: &x [*x]\n", "contain itself");
    assert_refused("a: !binary aGk=\n", "tag");
    assert_refused("a: !!int 1\n", "tag");
    assert_refused("a: 1\n---\nb: 2\n", "second document");
    assert_refused("a: [1\n", "line");
    assert_refused("a: \"\\0\"\n", "zero byte");
    assert_refused("# nothing\n", "nothing");
    assert_refused("", "empty");
    assert_refused("a: \xff\n", "UTF-8");
    assert_refused("{\"a\":\"\\u0000\"}", "line 1");
}

/* Nine lines that would be a thousand million values. */
static void
test_an_alias_bomb_is_refused(void **state)
{
    struct buffer text AUTO(buffer_done) = buffer_make(64 * 1024);
    json_t *tree = NULL;

    (void)state;
    buffer_add_text(&text, "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
    for (int i = 1; i <= 9; i++) {
        char line[128];
        snprintf(line, sizeof(line), "a%d: &a%d [", i, i);
        buffer_add_text(&text, line);
        for (int k = 0; k < 10; k++) {
            snprintf(line, sizeof(line), "%s*a%d", k ? "," : "", i - 1);
            buffer_add_text(&text, line);
        }
        buffer_add_text(&text, "]\n");
    }
    assert_int_equal(tree_read(buffer_slice(&text), &tree, &failure), STATUS_MALFORMED);
    assert_non_null(strstr(failure.text, "8000000 values"));
}

static void
test_depth_has_an_end(void **state)
{
    static char text[4 * TREE_DEPTH_MAX];
    json_t *tree = NULL;

    (void)state;
    memset(text, '[', TREE_DEPTH_MAX);
    memset(text + TREE_DEPTH_MAX, ']', TREE_DEPTH_MAX);
    tree = read_good(text);
    tree_done(&tree);
    memset(text, '[', TREE_DEPTH_MAX + 1);
    memset(text + TREE_DEPTH_MAX + 1, ']', TREE_DEPTH_MAX + 1);
    assert_refused(text, "nested more than");
}

static void
nest(struct buffer *out, const char *open, int count, const char *inside,
     const char *close)
{
    buffer_clear(out);
    for (int i = 0; i < count; i++)
        buffer_add_text(out, open);
    buffer_add_text(out, inside);
    for (int i = 0; i < count; i++)
        buffer_add_text(out, close);
    buffer_add_byte(out, 0);
}

static void
test_depth_has_the_same_end_in_json(void **state)
{
    struct buffer text AUTO(buffer_done) = buffer_make(64 * 1024);
    json_t *tree = NULL;

    (void)state;
    nest(&text, "{\"a\":", TREE_DEPTH_MAX, "1", "}");
    tree = read_good((const char *)text.at);
    tree_done(&tree);
    nest(&text, "{\"a\":", TREE_DEPTH_MAX + 1, "1", "}");
    assert_refused((const char *)text.at, "nested more than");
}

/* Aliases in aliases, each deeper by a little: a stack has an end too. */
static void
test_an_alias_does_not_lead_past_the_depth(void **state)
{
    (void)state;
    struct buffer deep AUTO(buffer_done) = buffer_make(64 * 1024);
    struct buffer text AUTO(buffer_done) = buffer_make(64 * 1024);

    nest(&deep, "[", TREE_DEPTH_MAX / 2, "x", "]");
    buffer_print(&text, "a: &a %s\nb: &b ", (const char *)deep.at);
    nest(&deep, "[", TREE_DEPTH_MAX / 2 - 1, "*a", "]");
    buffer_print(&text, "%s\n", (const char *)deep.at);
    buffer_add_byte(&text, 0);
    json_t *tree = read_good((const char *)text.at);
    tree_done(&tree);

    text.len--; /* the zero */
    buffer_print(&text, "c: [*b]\n%c", 0);
    assert_refused((const char *)text.at, "with 'b' it is nested more than");
}

static json_t *
follow(json_t *root, const char *name, enum status wanted)
{
    json_t *out = NULL;

    failure = (struct failure){0};
    assert_int_equal(
        tree_follow(root, json_object_get(root, name), "/here", &out, &failure), wanted);
    return out;
}

static void
test_references_lead_within_the_file_and_never_in_a_circle(void **state)
{
    json_t *root AUTO(tree_done) = read_good("plain: {v: 1}\n"
                                             "one: {$ref: '#/plain'}\n"
                                             "two: {$ref: '#/one'}\n"
                                             "deep: {$ref: '#/paths/~1a~0b%7Bc%7D/1/x'}\n"
                                             "paths: {'/a~b{c}': [0, {x: 7}]}\n"
                                             "self: {$ref: '#/self'}\n"
                                             "far: {$ref: 'other.yaml#/a'}\n"
                                             "none: {$ref: '#/nothing'}\n"
                                             "bad: {$ref: 1}\n");

    (void)state;
    json_t *plain = json_object_get(root, "plain");
    assert_ptr_equal(follow(root, "plain", STATUS_OK), plain);
    assert_ptr_equal(follow(root, "two", STATUS_OK), plain);
    assert_int_equal(json_integer_value(follow(root, "deep", STATUS_OK)), 7);
    follow(root, "self", STATUS_MALFORMED);
    assert_non_null(strstr(failure.text, "in a circle"));
    follow(root, "far", STATUS_MALFORMED);
    assert_non_null(
        strstr(failure.text, "/here/$ref: 'other.yaml#/a' is in another file"));
    follow(root, "none", STATUS_MALFORMED);
    assert_non_null(strstr(failure.text, "nothing at '#/nothing'"));
    follow(root, "bad", STATUS_MALFORMED);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scalars_are_those_of_the_core_schema),
        cmocka_unit_test(test_names_count_as_they_are_spelled),
        cmocka_unit_test(test_blocks_and_anchors_are_written_out),
        cmocka_unit_test(test_an_alias_bomb_is_refused),
        cmocka_unit_test(test_numbers_beyond_64_bits_are_taken),
        cmocka_unit_test(test_no_line_ends_where_only_some_see_an_end),
        cmocka_unit_test(test_depth_has_an_end),
        cmocka_unit_test(test_depth_has_the_same_end_in_json),
        cmocka_unit_test(test_an_alias_does_not_lead_past_the_depth),
        cmocka_unit_test(test_references_lead_within_the_file_and_never_in_a_circle),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
