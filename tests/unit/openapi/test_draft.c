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
draft_most(const char *document, size_t most, struct buffer *out)
{
    struct description before = read_good(document, (struct slice){0});

    buffer_clear(out);
    draft_write(&before, most, out, &counts);
    return read_good(document, buffer_slice(out));
}

static struct description
draft(const char *document, struct buffer *out)
{
    return draft_most(document, PERMISSION_MAX_COUNT, out);
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

/* Each operation reads and has a tag of its own: heads of tags, segments and the API are
 * 20, 10 and 1 features. */
static void
write_many(struct buffer *out, int count)
{
    buffer_clear(out);
    buffer_add_text(out, "openapi: 3.0.0\ninfo: {title: Shop}\npaths:\n");
    for (int i = 0; i < count; i++)
        buffer_print(out, "  /s%d/{x}/t%d: {get: {tags: [h%d%c%d]}}\n", i % 10, i, i % 20,
                     ".:/"[i % 3], i);
    buffer_add_byte(out, 0);
}

/* The finest that fits, and not finer by one. */
static void
test_features_are_as_fine_as_there_is_room_for(void **state)
{
    enum { ALL = PERMISSION_MAX_COUNT - PERMISSION_ADDED_FIRST };
    static const struct {
        int count;
        size_t most;
        enum draft_grain grain;
        size_t permission_count;
        const char *holds;
    } ROWS[] = {
        {ALL, ALL, DRAFT_BY_TAG, ALL, "[\"h0.0:View\"]"},
        {ALL + 1, 2 * ALL, DRAFT_BY_TAG_HEAD, 20, "[\"h0:View\"]"},
        {40, 40, DRAFT_BY_TAG, 40, "[\"h0.0:View\"]"},
        {40, 39, DRAFT_BY_TAG_HEAD, 20, "[\"h19:View\"]"},
        {40, 20, DRAFT_BY_TAG_HEAD, 20,
         "up to their first '.', '/' or ':': 20 permissions."},
        {40, 19, DRAFT_BY_SEGMENT, 10, "[\"s9:View\"]"},
        {40, 10, DRAFT_BY_SEGMENT, 10, "10 permissions."},
        {40, 9, DRAFT_BY_API, 1, "[\"Shop:View\"]"},
        {40, 0, DRAFT_BY_API, 1, "1 permission, still too many."},
    };
    struct buffer document AUTO(buffer_done) = buffer_make(1 << 20);
    struct buffer text AUTO(buffer_done) = buffer_make(1 << 20);
    char words[DRAFT_WORDS_BYTES];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(ROWS); i++) {
        write_many(&document, ROWS[i].count);
        struct description after =
            draft_most((const char *)document.at, ROWS[i].most, &text);
        assert_int_equal(counts.grain, ROWS[i].grain);
        assert_int_equal(counts.permission_count, ROWS[i].permission_count);
        assert_int_equal(counts.tag_permission_count, ROWS[i].count);
        assert_int_equal(after.introduced_count, counts.permission_count);
        assert_int_equal(after.operation_count, ROWS[i].count);
        for (size_t k = 0; k < after.operation_count; k++)
            assert_int_equal(after.operations[k].need, OPERATION_NEEDS);
        draft_explain(&counts, words);
        assert_int_equal(words[0] == '\0', counts.grain == DRAFT_BY_TAG);
        assert_holds(&text, ROWS[i].holds);
    }
}

/* What is there already takes room, and what is there by its name takes none. */
static void
test_room_is_what_others_have_left(void **state)
{
    static const struct permission_name THERE = {"H0.0", "View"};
    enum { ALL = PERMISSION_MAX_COUNT - PERMISSION_ADDED_FIRST };
    struct buffer document AUTO(buffer_done) = buffer_make(1 << 20);
    struct buffer text AUTO(buffer_done) = buffer_make(1 << 20);

    (void)state;
    assert_int_equal(permission_add(PERMISSION_ADDED_FIRST, &THERE), STATUS_OK);
    write_many(&document, ALL);
    draft((const char *)document.at, &text);
    assert_int_equal(counts.grain, DRAFT_BY_TAG);
    assert_int_equal(counts.permission_count, ALL - 1);
    assert_int_equal(counts.room, ALL - 1);
    write_many(&document, ALL + 1);
    draft((const char *)document.at, &text);
    assert_int_equal(counts.grain, DRAFT_BY_TAG_HEAD);
    permission_forget_added();

    draft("openapi: 3.0.0\npaths:\n"
          "  /a: {get: {x-tokenhouse: {permissions: ['Old:View']}}, put: {tags: [New]}}\n"
          "  /b: {get: {tags: [OLD]}, head: {tags: [new]}, post: {tags: [new]}}\n",
          &text);
    assert_int_equal(counts.room, ALL - 1);
    assert_int_equal(counts.permission_count, 2); /* New:Manage, new:View */
}

/* Tags that have nothing before their mark stay whole, and an API called like a feature
 * of ours does not get its permissions. */
static void
test_a_coarse_feature_is_still_a_name_of_its_own(void **state)
{
    struct buffer text AUTO(buffer_done) = buffer_make(1 << 20);

    (void)state;
    draft_most("openapi: 3.0.0\ninfo: {title: Device reports}\npaths:\n"
               "  /a: {get: {tags: [.x]}}\n"
               "  /b: {get: {tags: [y.1]}}\n"
               "  /c: {get: {tags: [y.2]}}\n",
               2, &text);
    assert_int_equal(counts.grain, DRAFT_BY_TAG_HEAD);
    assert_holds(&text, "[\".x:View\"]");
    assert_holds(&text, "[\"y:View\"]");
    draft_most("openapi: 3.0.0\ninfo: {title: Device reports}\npaths:\n"
               "  /a: {get: {}, put: {}}\n  /b: {get: {}}\n",
               2, &text);
    assert_int_equal(counts.grain, DRAFT_BY_API);
    assert_holds(&text, "[\"Device reports API:View\"]");
    draft("openapi: 3.0.0\ninfo: {title: Device reports}\npaths: {'/{id}': {get: {}}}\n",
          &text);
    assert_holds(&text, "[\"Device reports API:View\"]");
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
        cmocka_unit_test(test_features_are_as_fine_as_there_is_room_for),
        cmocka_unit_test(test_room_is_what_others_have_left),
        cmocka_unit_test(test_a_coarse_feature_is_still_a_name_of_its_own),
        cmocka_unit_test(test_a_long_summary_is_cut_between_characters),
    };

    return cmocka_run_group_tests(tests, NULL, close_arena);
}
