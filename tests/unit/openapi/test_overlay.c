/* SPDX-License-Identifier: Apache-2.0
 *
 * What a JSONPath selects (the examples of RFC 9535), and what an overlay makes of a
 * description. */
#include "openapi/overlay.h"

#include "base/auto.h"
#include "base/buffer.h"
#include "openapi/jsonpath.h"
#include "openapi/tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../support/tree_json.h"

static struct failure failure;

static struct tree
tree_of(const char *text)
{
    struct tree tree = {0};

    failure = (struct failure){0};
    if (tree_read(slice_of(text), &tree, &failure) != STATUS_OK)
        fail_msg("%s\n%s", text, failure.text);
    return tree;
}

/* All selected values as one JSON list. */
static void
assert_selects(const char *text, const char *path, const char *wanted)
{
    struct tree tree AUTO(tree_done) = tree_of(text);
    struct jsonpath_nodes nodes AUTO(jsonpath_done) = {0};
    json_t *list = json_array();

    failure = (struct failure){0};
    if (jsonpath_select(tree.root, path, &nodes, &failure) != STATUS_OK)
        fail_msg("%s: %s", path, failure.text);
    for (size_t i = 0; i < nodes.count; i++)
        json_array_append_new(list, tree_as_json(nodes.at[i].value));
    char *found = json_dumps(list, JSON_COMPACT);
    if (strcmp(found, wanted) != 0)
        print_error("%s selects %s, not %s\n", path, found, wanted);
    assert_string_equal(found, wanted);
    free(found);
    json_decref(list);
}

/* RFC 9535 §1.5 and the tables of §2.3. */
static void
test_a_path_selects_what_the_standard_says(void **state)
{
    static const char STORE[] =
        "{\"store\":{\"book\":[{\"t\":1,\"price\":8.95},{\"t\":2,\"price\":12.99},"
        "{\"t\":3,\"price\":8.99,\"isbn\":\"a\"},{\"t\":4,\"price\":22.99,\"isbn\":\"b\"}"
        "],\"bicycle\":{\"color\":\"red\",\"price\":399}}}";
    static const struct {
        const char *path, *wanted;
    } ROWS[] = {
        {"$.store.book[*].t", "[1,2,3,4]"},
        {"$..t", "[1,2,3,4]"},
        {"$.store.bicycle.*", "[\"red\",399]"},
        {"$['store']['bicycle'][\"color\"]", "[\"red\"]"},
        {"$..book[2].t", "[3]"},
        {"$..book[-1].t", "[4]"},
        {"$..book[0,1].t", "[1,2]"},
        {"$..book[:2].t", "[1,2]"},
        {"$..book[1:].t", "[2,3,4]"},
        {"$..book[0:4:2].t", "[1,3]"},
        {"$..book[-2:].t", "[3,4]"},
        {"$..book[?@.isbn].t", "[3,4]"},
        {"$..book[?!@.isbn].t", "[1,2]"},
        {"$..book[?@.price<10].t", "[1,3]"},
        {"$..book[?(@.price >= 8.99 && @.price < 20) || @.isbn == 'b'].t", "[2,3,4]"},
        {"$..book[?@.isbn != \"a\"].t", "[1,2,4]"},
        {"$..book[?@.price == $.store.book[0].price].t", "[1]"},
        {"$..book[?@.none == @.nothing].t", "[1,2,3,4]"},
        {"$..book[?@.t == 1 || @.t == 3].t", "[1,3]"},
        {"$.store['bicycle','nothing'].color", "[\"red\"]"},
        {"$.nothing[0].more", "[]"},
        {"$.store.book[9]", "[]"},
        {"$ .store [ 'bicycle' ] .color", "[\"red\"]"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++)
        assert_selects(STORE, ROWS[i].path, ROWS[i].wanted);
    assert_selects("{\"a'b\":1,\"c\\\"d\":2,\"\\u263a\":3}",
                   "$['a\\'b','c\"d','\\u263a']", "[1,2,3]");
    assert_selects("{\"paths\":{\"/a/{b}\":{\"get\":{\"tags\":[\"x\"]},\"post\":{}}}}",
                   "$.paths['/a/{b}'][?@.tags[?@=='x']]", "[{\"tags\":[\"x\"]}]");
    assert_selects("[1,2]", "$", "[[1,2]]");
}

static void
test_what_is_no_path_is_refused_by_its_place(void **state)
{
    static const struct {
        const char *path, *words;
    } ROWS[] = {
        {"store", "begins with '$'"},
        {"$.", "character 3"},
        {"$x", "character 2"},
        {"$.a b", "character 4"},
        {"$.x-tokenhouse", "stands in ['"},
        {"$[", "wanted is a name"},
        {"$['a'", "']' is missing"},
        {"$['a", "no end"},
        {"$[a]", "wanted is a name"},
        {"$[?]", "functions are not understood"},
        {"$[?length(@.a)>1]", "functions are not understood"},
        {"$[?@.a == ]", "wanted is '@'"},
        {"$[?(@.a]", "')' is missing"},
        {"$[?1]", "comparison"},
        {"$[0:4:-1]", "backwards"},
        {"$[99999999999999999999]", "wanted is a name"},
        {"$[?((((((((((((((((((@.a))))))))))))))))))]", "nested too deep"},
    };
    struct tree tree AUTO(tree_done) = tree_of("{\"a\":1}");

    (void)state;
    for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
        struct jsonpath_nodes nodes = {0};
        failure = (struct failure){0};
        if (jsonpath_select(tree.root, ROWS[i].path, &nodes, &failure) !=
            STATUS_MALFORMED)
            fail_msg("'%s' was not refused", ROWS[i].path);
        if (!strstr(failure.text, ROWS[i].words))
            fail_msg("'%s' does not tell of '%s'", failure.text, ROWS[i].words);
    }
}

static void
assert_becomes(const char *before, const char *actions, const char *after)
{
    struct tree tree AUTO(tree_done) = tree_of(before);
    struct tree wanted AUTO(tree_done) = tree_of(after);
    char overlay[2048];

    snprintf(overlay, sizeof(overlay), "overlay: 1.0.0\nactions:\n%s", actions);
    if (overlay_apply(slice_of(overlay), &tree, NULL, NULL, &failure) != STATUS_OK)
        fail_msg("%s\n%s", actions, failure.text);
    json_t *is = tree_as_json(tree.root);
    json_t *should = tree_as_json(wanted.root);
    char *found = json_dumps(is, JSON_COMPACT);
    char *text = json_dumps(should, JSON_COMPACT);
    assert_string_equal(found, text);
    json_decref(is);
    json_decref(should);
    free(found);
    free(text);
}

static void
test_an_overlay_merges_adds_and_removes(void **state)
{
    (void)state;
    assert_becomes("{\"a\":{\"b\":1,\"l\":[1]},\"c\":2}",
                   "- {target: $.a, update: {b: 3, l: [2], n: {x: 1}}}\n",
                   "{\"a\":{\"b\":3,\"l\":[1,2],\"n\":{\"x\":1}},\"c\":2}");
    assert_becomes("{\"a\":[1]}", "- {target: $.a, update: {x: 1}}\n",
                   "{\"a\":[1,{\"x\":1}]}");
    assert_becomes("{\"a\":{\"x\":{}},\"b\":{\"x\":{}}}",
                   "- {target: $.*.x, update: {y: 1}}\n",
                   "{\"a\":{\"x\":{\"y\":1}},\"b\":{\"x\":{\"y\":1}}}");
    assert_becomes("{\"a\":[0,1,2,3,4],\"b\":1}",
                   "- {target: '$.a[3,0,0,1]', remove: true}\n"
                   "- {target: '$[\"b\",\"b\"]', remove: true, update: {c: 1}}\n",
                   "{\"a\":[2,4]}");
    assert_becomes("{\"x\":{\"x\":{\"x\":1}},\"y\":[{\"x\":2}]}",
                   "- {target: $..x, remove: true}\n", "{\"y\":[{}]}");
    assert_becomes("{\"a\":1}", "- {target: $.nothing, remove: true}\n", "{\"a\":1}");
    /* one action sees what those before it have done */
    assert_becomes("{\"a\":{}}",
                   "- {target: $.a, update: {b: {}}}\n"
                   "- {target: $.a.b, update: {c: 1}}\n",
                   "{\"a\":{\"b\":{\"c\":1}}}");
}

/* The outer one takes away what the inner one is. */
static void
test_what_an_action_replaces_is_no_longer_changed(void **state)
{
    (void)state;
    assert_becomes("{\"x\":{\"x\":[1]}}", "- {target: $..x, update: {x: {y: 1}}}\n",
                   "{\"x\":{\"x\":{\"y\":1}}}");
}

static void
assert_overlay_refused(const char *document, const char *overlay, const char *words)
{
    struct tree tree AUTO(tree_done) = tree_of(document);

    failure = (struct failure){0};
    assert_int_equal(overlay_apply(slice_of(overlay), &tree, NULL, NULL, &failure),
                     STATUS_MALFORMED);
    if (!strstr(failure.text, words))
        fail_msg("'%s' does not tell of '%s'", failure.text, words);
}

/* A few lines that would fill the memory, the stack, or an hour. */
static void
test_a_small_overlay_has_small_consequences(void **state)
{
    struct buffer text AUTO(buffer_done) = buffer_make(1 << 20);
    struct buffer lists AUTO(buffer_done) = buffer_make(1 << 20);

    (void)state;
    /* a hundred thousand values into each of a hundred lists */
    buffer_add_text(&text, "overlay: 1.0.0\nactions:\n- target: $.*\n  update: [");
    for (int i = 0; i < 100 * 1000; i++)
        buffer_add_text(&text, "0,");
    buffer_add_text(&text, "0]\n");
    buffer_add_byte(&text, 0);
    for (int i = 0; i < 100; i++)
        buffer_add_text(&lists, i == 0 ? "[[]" : ",[]");
    buffer_add_text(&lists, "]");
    buffer_add_byte(&lists, 0);
    assert_overlay_refused((const char *)lists.at, (const char *)text.at,
                           "add more than");

    buffer_clear(&text);
    buffer_add_text(&text, "overlay: 1.0.0\nactions:\n");
    for (int i = 0; i < 40; i++) { /* each hangs into what the one before has added */
        buffer_print(&text, "- {target: '$..[?@.v==%d]', update: {v: 0, x: ", i);
        for (int k = 0; k < 100; k++)
            buffer_add_text(&text, "[");
        buffer_print(&text, "{v: %d}", i + 1);
        for (int k = 0; k < 100; k++)
            buffer_add_text(&text, "]");
        buffer_add_text(&text, "}}\n");
    }
    buffer_add_byte(&text, 0);
    assert_overlay_refused("{\"a\":{\"v\":0}}", (const char *)text.at,
                           "nested more than");
    assert_overlay_refused(
        "[[1,2,3,4,5,6,7,8,9,0],[1,2,3,4,5,6,7,8,9,0],[1,2,3,4,5,6,7,8,9,0]]",
        "overlay: 1.0.0\nactions:\n- {target: '$..[?$..[?$..[?$..[?$..[?@.a]]]]]', "
        "update: {}}\n",
        "looks at values more than");
}

/* By names, and by looking for it: not a level more than a description may have. */
static void
test_actions_do_not_lead_past_the_depth(void **state)
{
    (void)state;
    for (int is_search = 0; is_search < 2; is_search++) {
        struct buffer text AUTO(buffer_done) = buffer_make(1 << 20);
        struct tree tree AUTO(tree_done) = tree_of("{}");
        buffer_add_text(&text, "overlay: 1.0.0\nactions:\n");
        for (int i = 0; i < 2 * TREE_DEPTH_MAX; i++) {
            buffer_print(&text, "- {update: {n%d: {}}, target: $", i);
            for (int k = is_search && i > 0 ? i - 1 : 0; k < i; k++)
                buffer_print(&text, "%sn%d", is_search ? ".." : ".", k);
            buffer_add_text(&text, "}\n");
        }
        failure = (struct failure){0};
        assert_int_equal(overlay_apply(buffer_slice(&text), &tree, NULL, NULL, &failure),
                         STATUS_MALFORMED);
        assert_non_null(strstr(failure.text, "nested more than 256 deep"));
        assert_in_range(tree_depth(tree.root), TREE_DEPTH_MAX / 2, 2 * TREE_DEPTH_MAX);
    }
}

static void
test_a_bad_overlay_is_refused_by_its_place(void **state)
{
    static const struct {
        const char *overlay, *words;
    } ROWS[] = {
        {"actions: []", "/overlay"},
        {"overlay: 2.0.0\nactions: []", "/overlay"},
        {"overlay: 1.0.0", "/actions"},
        {"overlay: 1.0.0\nactions: [{update: {}}]", "/actions/0/target"},
        {"overlay: 1.0.0\nactions: [{target: $}]", "/actions/0"},
        {"overlay: 1.0.0\nactions: [{target: $, remove: 1}]", "/actions/0/remove"},
        {"overlay: 1.0.0\nactions: [{target: $, remove: true}]", "whole description"},
        {"overlay: 1.0.0\nactions: [{target: $, update: {}}, {target: a, update: {}}]",
         "/actions/1/target"},
        {"overlay: 1.0.0\nactions: [{target: $.a, update: {}}]", "/actions/0/update"},
        {"overlay: 1.0.0\nactions: [{target: $, update: 1}]", "/actions/0/update"},
        {"{", "the overlay"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
        struct tree tree AUTO(tree_done) = tree_of("{\"a\":1}");
        failure = (struct failure){0};
        assert_int_equal(
            overlay_apply(slice_of(ROWS[i].overlay), &tree, NULL, NULL, &failure),
            STATUS_MALFORMED);
        if (!strstr(failure.text, ROWS[i].words))
            fail_msg("'%s' does not tell of '%s'", failure.text, ROWS[i].words);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_path_selects_what_the_standard_says),
        cmocka_unit_test(test_what_is_no_path_is_refused_by_its_place),
        cmocka_unit_test(test_an_overlay_merges_adds_and_removes),
        cmocka_unit_test(test_what_an_action_replaces_is_no_longer_changed),
        cmocka_unit_test(test_a_small_overlay_has_small_consequences),
        cmocka_unit_test(test_actions_do_not_lead_past_the_depth),
        cmocka_unit_test(test_a_bad_overlay_is_refused_by_its_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
