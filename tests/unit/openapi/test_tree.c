/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON is read as jansson reads it. YAML means one thing here, what JSON can say; and
 * nobody grows a small text into a large tree. */
#include "openapi/tree.h"

#include "base/auto.h"
#include "base/buffer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "../../support/tree_json.h"

static struct failure failure;

static struct tree
read_good(const char *text)
{
    struct tree tree = {0};

    failure = (struct failure){0};
    if (tree_read(slice_of(text), &tree, &failure) != STATUS_OK)
        fail_msg("%s\n%s", text, failure.text);
    return tree;
}

static void
assert_means(const char *yaml, const char *json)
{
    struct tree tree AUTO(tree_done) = read_good(yaml);
    json_t *wanted = json_loads(json, JSON_DECODE_ANY, NULL);

    assert_non_null(wanted);
    if (!tree_equals_json(tree.root, wanted)) {
        json_t *is = tree_as_json(tree.root);
        char *text = json_dumps(is, JSON_ENCODE_ANY);
        print_error("%s\nis   %s\nnot  %s\n", yaml, text, json);
        free(text);
        json_decref(is);
        fail();
    }
    json_decref(wanted);
}

static void
assert_refused(const char *text, const char *words)
{
    struct tree tree = {0};

    failure = (struct failure){0};
    assert_int_equal(tree_read(slice_of(text), &tree, &failure), STATUS_MALFORMED);
    assert_true(!tree.root && !tree.plain && !tree.arena.blocks);
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
    struct tree tree AUTO(tree_done) =
        read_good("{\"a\":18446744073709551615,\"b\":[7,-9223372036854775809],\"c\":-3,"
                  "\"d\":1.5,\"e\":{\"f\":0}}");

    (void)state;
    const struct tree_value *a = tree_member(tree.root, "a");
    assert_true(tree_is(a, TREE_REAL) && a->real == 18446744073709551615.0);
    const struct tree_value *list = tree_member(tree.root, "b");
    assert_int_equal(tree_element(list, 0)->whole, 7);
    assert_true(tree_is(tree_element(list, 1), TREE_REAL));
    assert_int_equal(tree_member(tree.root, "c")->whole, -3);
    assert_true(tree_member(tree.root, "d")->real == 1.5);
    assert_true(tree_is(tree_member(tree_member(tree.root, "e"), "f"), TREE_WHOLE));
    assert_refused("{\"a\":18446744073709551615,\"a\":1}",
                   "line 1: the name 'a' stands there twice");
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
    struct tree tree = {0};

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
    struct tree tree = {0};

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
    struct tree tree = {0};

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
    struct tree tree = read_good((const char *)text.at);
    tree_done(&tree);

    text.len--; /* the zero */
    buffer_print(&text, "c: [*b]\n%c", 0);
    assert_refused((const char *)text.at, "with 'b' it is nested more than");
}

/* A word with its place is all that somebody has who looks for a fault in 47 MB. */
static void
test_a_fault_is_told_by_its_line_wherever_it_stands(void **state)
{
    static const struct {
        const char *text, *words;
    } ROWS[] = {
        {"{\"a\":{},\n\"b\":[1,\n2,,3]}", "line 3, column 3: a value is wanted"},
        {"{\"a\":\"\\n\\n\",\n\"b\":\"\\x\"}",
         "line 2, column 7: there is no such escape"},
        {"{\"a\":\"\\ud800\"}", "line 1, column 13: half of a surrogate pair"},
        {"{\"a\":\"\xff\"}", "line 1, column 7: this is not UTF-8"},
        {"{\"a\":\"b\nc\"}", "line 1, column 8: a control character"},
        {"{\"a\":[1}", "line 1, column 8: ',' or ']' is wanted"},
        {"{\"a\":1e999}", "line 1, column 6: this number is too large"},
        {"{\"a\":01}", "line 1, column 7: ',' or '}' is wanted"},
        {"{\"a\":1}\n{}", "line 2, column 1: nothing may follow"},
        {"{\"a\":1,}", "line 1, column 8: a member's name"},
        {"{\"a\":\n", "line 2, column 1: the text ends here"},
        {"{\"x\":{\n\"a\":1,\n\"\\u0061\":2}}",
         "line 3: the name 'a' stands there twice"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(ROWS); i++)
        assert_refused(ROWS[i].text, ROWS[i].words);
}

/* With and without an index, and whether it was read or written. */
static void
test_a_member_is_found_by_its_name_in_objects_of_any_size(void **state)
{
    (void)state;
    for (int count = 0; count < 200; count++) {
        struct buffer text AUTO(buffer_done) = buffer_make(1 << 20);
        struct tree made AUTO(tree_done) = {0};
        char name[32];
        made.root = tree_new_value(&made, TREE_OBJECT);
        buffer_add_text(&text, "{");
        for (int i = 0; i < count; i++) {
            snprintf(name, sizeof(name), "n%d", i);
            buffer_print(&text, "%s\"%s\":%d", i ? "," : "", name, i);
            struct tree_value *value = tree_new_value(&made, TREE_WHOLE);
            value->whole = i;
            tree_set(&made, made.root, tree_keep(&made, slice_of(name)), value);
        }
        buffer_print(&text, "}%c", 0);
        struct tree read AUTO(tree_done) = read_good((const char *)text.at);
        assert_true(tree_equal(read.root, made.root));
        for (int i = 0; i < count; i++) {
            snprintf(name, sizeof(name), "n%d", i);
            assert_int_equal(tree_member(read.root, name)->whole, i);
        }
        snprintf(name, sizeof(name), "n%d", count);
        assert_null(tree_member(read.root, name));
        assert_null(tree_member(made.root, ""));
        if (count == 0)
            continue;
        text.len -= 2; /* "}" and the zero */
        snprintf(name, sizeof(name), "n%d", count / 2);
        buffer_print(&text, ",\"%s\":0}%c", name, 0);
        assert_refused((const char *)text.at, "stands there twice");
    }
}

/* A plain list of names and numbers beside the object. */
static void
test_members_come_and_go_as_in_a_plain_list(void **state)
{
    enum { NAME_COUNT = 64, STEP_COUNT = 20000 };
    struct tree tree AUTO(tree_done) = {0};
    int is[NAME_COUNT];
    char names[NAME_COUNT][8];
    unsigned seed = 1;

    (void)state;
    tree.root = tree_new_value(&tree, TREE_OBJECT);
    for (int i = 0; i < NAME_COUNT; i++) {
        is[i] = -1;
        snprintf(names[i], sizeof(names[i]), "%d", i * 7919);
    }
    for (int step = 0; step < STEP_COUNT; step++) {
        seed = seed * 1103515245 + 12345;
        int i = (int)(seed >> 16) % NAME_COUNT;
        struct tree_value *found = tree_member(tree.root, names[i]);
        assert_int_equal(found ? (int)found->whole : -1, is[i]);
        if (found && seed >> 12 & 1) {
            tree_take_member(tree.root, found);
            tree_take_member(tree.root, found); /* twice is once */
            is[i] = -1;
        } else {
            struct tree_value *value = tree_new_value(&tree, TREE_WHOLE);
            value->whole = is[i] = step;
            tree_set(&tree, tree.root, slice_of(names[i]), value);
        }
        size_t count = 0;
        for (int k = 0; k < NAME_COUNT; k++)
            count += is[k] >= 0;
        assert_int_equal(tree_count(tree.root), count);
        for (size_t place = 0; tree_next(tree.root, &place);)
            count--;
        assert_int_equal(count, 0);
    }
}

/* ---- any JSON, beside jansson ---- */

static unsigned
next_random(unsigned below)
{
    static uint64_t seed = 20260101;

    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(seed >> 33) % below;
}

static void
add_random_text(struct buffer *out)
{
    static const char *const PIECES[] = {"a",
                                         "b",
                                         "get",
                                         "\\n",
                                         "\\\"",
                                         "\\\\",
                                         "\\u0061",
                                         "\xC3\xA9",
                                         "\\u00e9",
                                         "\\ud83d\\ude00",
                                         "\xF0\x9F\x98\x80",
                                         "/",
                                         " ",
                                         "a longer piece of plain text"};

    buffer_add_text(out, "\"");
    for (unsigned i = next_random(4); i > 0; i--)
        buffer_add_text(out, PIECES[next_random(COUNT_OF(PIECES))]);
    buffer_add_text(out, "\"");
}

static void
add_random(struct buffer *out, int depth)
{
    static const char *const SCALARS[] = {"0",
                                          "-0",
                                          "1",
                                          "-17",
                                          "9223372036854775807",
                                          "9223372036854775808",
                                          "true",
                                          "false",
                                          "null",
                                          "1.5e3",
                                          "-2E-3",
                                          "1e308",
                                          "0.1"};
    unsigned kind = next_random(depth < 6 ? 6 : 3);
    unsigned count = next_random(4) == 0 ? 40 : next_random(5);
    bool is_object = kind >= 4;

    if (kind == 0)
        add_random_text(out);
    if (kind == 1 || kind == 2)
        buffer_add_text(out, SCALARS[next_random(COUNT_OF(SCALARS))]);
    if (kind < 3)
        return;
    buffer_add_text(out, is_object ? "{" : "[ ");
    for (unsigned i = 0; i < count && out->len < 20000; i++) {
        buffer_add_text(out, i > 0 ? "," : "");
        if (is_object && next_random(8) > 0)
            buffer_print(out, "\"%u\"\t:", i);
        else if (is_object) {
            add_random_text(out); /* perhaps twice */
            buffer_add_text(out, ":");
        }
        add_random(out, depth + 1);
    }
    buffer_add_text(out, is_object ? "\r\n}" : "]");
}

/* One byte changed, or the end cut off: mostly a fault. */
static void
break_it(struct buffer *text)
{
    size_t place = next_random((unsigned)text->len - 1) + 1;

    if (next_random(2))
        text->len = place;
    else
        text->at[place] = (unsigned char)(1 + next_random(255));
}

/* What jansson reads, and refused what it refuses. */
static void
test_json_is_read_as_jansson_reads_it(void **state)
{
    struct buffer text AUTO(buffer_done) = buffer_make(1 << 20);
    size_t good_count = 0;

    (void)state;
    for (int round = 0; round < 4000; round++) {
        struct tree tree AUTO(tree_done) = {0};
        buffer_clear(&text);
        buffer_add_text(&text, "{\"x\":");
        add_random(&text, 0);
        buffer_add_text(&text, "}");
        if (round % 2)
            break_it(&text);
        json_t *theirs =
            json_loadb((const char *)text.at, text.len,
                       JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL, NULL);
        enum status status = tree_read_json(buffer_slice(&text), &tree, &failure);
        if ((status == STATUS_OK) != (theirs != NULL) ||
            (theirs && !tree_equals_json(tree.root, theirs)))
            fail_msg("%d: %.*s", status, SLICE_ARG(buffer_slice(&text)));
        good_count += status == STATUS_OK;
        json_decref(theirs);
    }
    assert_in_range(good_count, 1000, 3000);
}

static struct tree_value *
follow(struct tree_value *root, const char *name, enum status wanted)
{
    struct tree_value *out = NULL;

    failure = (struct failure){0};
    assert_int_equal(tree_follow(root, tree_member(root, name), "/here", &out, &failure),
                     wanted);
    return out;
}

static void
test_references_lead_within_the_file_and_never_in_a_circle(void **state)
{
    struct tree tree AUTO(tree_done) = read_good("plain: {v: 1}\n"
                                                 "one: {$ref: '#/plain'}\n"
                                                 "two: {$ref: '#/one'}\n"
                                                 "deep: {$ref: "
                                                 "'#/paths/~1a~0b%7Bc%7D/1/x'}\n"
                                                 "paths: {'/a~b{c}': [0, {x: 7}]}\n"
                                                 "self: {$ref: '#/self'}\n"
                                                 "far: {$ref: 'other.yaml#/a'}\n"
                                                 "none: {$ref: '#/nothing'}\n"
                                                 "past: {$ref: '#/paths/~1a~0b{c}/2'}\n"
                                                 "bad: {$ref: 1}\n");
    struct tree_value *root = tree.root;

    (void)state;
    struct tree_value *plain = tree_member(root, "plain");
    assert_ptr_equal(follow(root, "plain", STATUS_OK), plain);
    assert_ptr_equal(follow(root, "two", STATUS_OK), plain);
    assert_int_equal(follow(root, "deep", STATUS_OK)->whole, 7);
    follow(root, "self", STATUS_MALFORMED);
    assert_non_null(strstr(failure.text, "in a circle"));
    follow(root, "far", STATUS_MALFORMED);
    assert_non_null(
        strstr(failure.text, "/here/$ref: 'other.yaml#/a' is in another file"));
    follow(root, "none", STATUS_MALFORMED);
    assert_non_null(strstr(failure.text, "nothing at '#/nothing'"));
    follow(root, "past", STATUS_MALFORMED);
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
        cmocka_unit_test(test_a_fault_is_told_by_its_line_wherever_it_stands),
        cmocka_unit_test(test_a_member_is_found_by_its_name_in_objects_of_any_size),
        cmocka_unit_test(test_members_come_and_go_as_in_a_plain_list),
        cmocka_unit_test(test_json_is_read_as_jansson_reads_it),
        cmocka_unit_test(test_references_lead_within_the_file_and_never_in_a_circle),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
