/* SPDX-License-Identifier: Apache-2.0
 *
 * A draft is an overlay that can be applied, whatever the description's texts are, and
 * gives permissions to exactly the operations that have none. */
#include "openapi/draft.h"

#include "base/auto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static struct arena arena;
static struct draft_counts counts;

static struct description
read_good(const char *document, struct slice overlay)
{
    static const struct upstream NOBODY = {.prefix = ""};
    struct description_wish wish = {.document = slice_of(document),
                                    .overlay = overlay,
                                    .upstream = &NOBODY,
                                    .may_introduce = true};
    struct description description = {0};
    struct failure failure = {0};

    if (description_read(&wish, &arena, &description, &failure) != STATUS_OK)
        fail_msg("%s\n%s\n%.*s", failure.text, document, SLICE_ARG(overlay));
    return description;
}

/* The draft, as text and with what it makes of the description. */
static struct description
draft(const char *document, struct buffer *out)
{
    struct description before = read_good(document, (struct slice){0});

    buffer_clear(out);
    draft_write(&before, out, &counts);
    return read_good(document, buffer_slice(out));
}

static void
assert_holds(struct buffer *draft, const char *words)
{
    buffer_add_byte(draft, 0);
    draft->len--;
    if (!strstr((const char *)draft->at, words))
        fail_msg("there is no '%s' in\n%s", words, (const char *)draft->at);
}

static void
assert_lacks(struct buffer *draft, const char *words)
{
    buffer_add_byte(draft, 0);
    draft->len--;
    if (strstr((const char *)draft->at, words))
        fail_msg("there is '%s' in\n%s", words, (const char *)draft->at);
}

static void
test_reading_needs_view_and_all_else_manage(void **state)
{
    struct buffer text AUTO(buffer_done) = buffer_make(1 << 20);

    (void)state;
    draft("openapi: 3.0.0\ninfo: {title: Shop}\npaths:\n"
          "  /orders: {get: {tags: [Orders, x]}, head: {tags: [Orders]}, "
          "post: {tags: [Orders]}}\n"
          "  /plain/{id}: {patch: {}}\n",
          &text);
    assert_holds(&text, "'].get\"\n    update:\n      x-tokenhouse: {permissions: "
                        "[\"Orders:View\"]}");
    assert_holds(&text, "'].head\"\n    update:\n      x-tokenhouse: {permissions: "
                        "[\"Orders:View\"]}");
    assert_holds(&text, "'].post\"\n    update:\n      x-tokenhouse: {permissions: "
                        "[\"Orders:Manage\"]}");
    assert_holds(&text, "\"$.paths['/plain/{id}'].patch\"\n    update:\n      "
                        "x-tokenhouse: {permissions: [\"plain:Manage\"]}");
    assert_int_equal(counts.drafted_count, 4);
    assert_int_equal(counts.marked_count, 0);
}

/* A token that may see our devices must not see another API's for it. */
static void
test_a_feature_of_ours_gets_the_name_of_the_api_before_it(void **state)
{
    struct buffer text AUTO(buffer_done) = buffer_make(1 << 20);

    (void)state;
    draft("openapi: 3.0.0\ninfo: {title: Shop}\npaths:\n"
          "  /a: {get: {tags: ['Device reports']}}\n"
          "  /b: {get: {tags: ['  DEVICE  REPORTS ']}}\n"
          "  /c: {get: {tags: ['Device reports 2']}}\n",
          &text);
    assert_holds(&text, "[\"Shop Device reports:View\"]");
    assert_holds(&text, "[\"Shop DEVICE REPORTS:View\"]");
    assert_holds(&text, "[\"Device reports 2:View\"]");
}

static void
test_what_looks_dangerous_is_marked_and_what_does_not_is_not(void **state)
{
    struct buffer text AUTO(buffer_done) = buffer_make(1 << 20);

    (void)state;
    draft("openapi: 3.0.0\npaths:\n"
          "  /a: {delete: {}, put: {summary: Transfers it}, get: {summary: Transfers}}\n"
          "  /b: {get: {operationId: list-secrets}, post: {operationId: add}}\n",
          &text);
    assert_int_equal(counts.drafted_count, 5);
    assert_int_equal(counts.marked_count, 3);
    assert_holds(&text, "# LOOK: it deletes");
    assert_holds(&text, "# LOOK: it hands something over");
    assert_holds(&text, "# LOOK: it has to do with secrets");
}

static void
test_what_has_its_needs_is_left_alone(void **state)
{
    struct buffer text AUTO(buffer_done) = buffer_make(1 << 20);

    (void)state;
    struct description after =
        draft("openapi: 3.0.0\npaths:\n"
              "  /a: {get: {x-tokenhouse: {permissions: []}}, put: {}}\n",
              &text);
    assert_int_equal(counts.ready_count, 1);
    assert_int_equal(counts.drafted_count, 1);
    assert_int_equal(after.operations[0].need, OPERATION_OPEN_TO_ALL);
    assert_int_equal(after.operations[1].need, OPERATION_NEEDS);
    after = draft("openapi: 3.0.0\npaths: {}\n", &text);
    assert_int_equal(after.operation_count, 0);
}

/* Quotes end nothing, a line end of Unicode ends no comment, and no text of a stranger
 * becomes an action. */
static void
test_texts_of_a_description_stay_texts(void **state)
{
    static const char DOCUMENT[] =
        "{\"openapi\":\"3.0.0\",\"info\":{\"title\":\"Caf\\u00e9 "
        "\\u65e5\\u672c\\u8a9e\"},"
        "\"paths\":{\"/a'b\\\\c\\\"d/\\u00e9\":{\"get\":{\"tags\":[\"x\\\"]}\\u0007:,\"],"
        "\"summary\":\"one\\u2028  - {target: $.paths.*.*, update: {x-tokenhouse: "
        "{permissions: []}}}\\u0085two\\n\\u007fthree\"}},"
        "\"/open\":{\"put\":{\"tags\":[\"\\ufeff\\uffff\"]}},"
        "\"/e\\nf\":{\"get\":{}}}}";
    struct buffer text AUTO(buffer_done) = buffer_make(1 << 20);

    (void)state;
    struct description after = draft(DOCUMENT, &text);
    assert_int_equal(after.operation_count, 3);
    assert_int_equal(after.operations[0].need, OPERATION_NEEDS);
    assert_int_equal(after.operations[1].need, OPERATION_NEEDS);
    /* a path that nobody can ask for is not aimed at */
    assert_int_equal(after.operations[2].need, OPERATION_CLOSED);
    assert_int_equal(counts.drafted_count, 2);
    assert_holds(&text, "# Permissions for \"Caf\xC3\xA9 \xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA"
                        "\x9E\", drafted");
    assert_holds(&text, "[\"x ]}:View\"]");
    assert_lacks(&text, "\xE2\x80\xA8");
    for (size_t i = 0; i < after.note_count; i++)
        assert_null(strstr(after.notes[i].words, "selects nothing"));
}

static void
test_a_long_summary_is_cut_between_characters(void **state)
{
    struct buffer document AUTO(buffer_done) = buffer_make(1 << 20);
    struct buffer text AUTO(buffer_done) = buffer_make(1 << 20);

    (void)state;
    buffer_add_text(&document, "openapi: 3.0.0\npaths: {/a: {get: {summary: '");
    for (int i = 0; i < 200; i++)
        buffer_add_text(&document, "\xE6\x97\xA5");
    buffer_add_text(&document, "'}}}\n");
    buffer_add_byte(&document, 0);
    draft((const char *)document.at, &text);
    assert_holds(&text, "\xE6\x97\xA5\n  - target");
}

static int
close_arena(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reading_needs_view_and_all_else_manage),
        cmocka_unit_test(test_a_feature_of_ours_gets_the_name_of_the_api_before_it),
        cmocka_unit_test(test_what_looks_dangerous_is_marked_and_what_does_not_is_not),
        cmocka_unit_test(test_what_has_its_needs_is_left_alone),
        cmocka_unit_test(test_texts_of_a_description_stay_texts),
        cmocka_unit_test(test_a_long_summary_is_cut_between_characters),
    };

    return cmocka_run_group_tests(tests, NULL, close_arena);
}
