/* SPDX-License-Identifier: Apache-2.0
 *
 * Titles, names, descriptions and e-mail addresses as people type them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "rules/words.h"

static char out[DESCRIPTION_MAX_CHARS * 4 + 1];
static struct failure failure;

static enum status
reads(const struct words_rule *rule, const char *text)
{
    memset(&failure, 0, sizeof(failure));
    return words_read(rule, slice_of(text), out, sizeof(out), &failure);
}

/* `count` times a text, at the end of `out_text`. */
static const char *
times(const char *text, int n)
{
    static char many[8192];
    size_t len = 0;

    many[0] = '\0';
    for (int i = 0; i < n; i++)
        len += (size_t)snprintf(many + len, sizeof(many) - len, "%s", text);
    return many;
}

/* Counted are code points, not bytes: a title in Greek is as long as one in English. */
static void
test_a_title_has_1_to_120_code_points(void **state)
{
    (void)state;
    assert_int_equal(reads(&WORDS_TITLE, "x"), STATUS_OK);
    assert_int_equal(reads(&WORDS_TITLE, times("x", 120)), STATUS_OK);
    assert_int_equal(reads(&WORDS_TITLE, times("x", 121)), STATUS_MALFORMED);
    assert_string_equal(failure.field, "title");
    assert_non_null(strstr(failure.text, "121"));
    assert_int_equal(reads(&WORDS_TITLE, times("\xf0\x9f\x94\x91", 120)), STATUS_OK);
    assert_int_equal(reads(&WORDS_TITLE, times("\xf0\x9f\x94\x91", 121)),
                     STATUS_MALFORMED);
}

static void
test_a_title_that_shows_nothing_is_empty(void **state)
{
    static const char *const EMPTY[] = {"",
                                        "   ",
                                        "\xc2\xa0",                 /* no-break space */
                                        "\xe2\x80\x8b\xe2\x80\x8b", /* zero width */
                                        "\xe3\x80\x80",  /* ideographic space */
                                        "\xef\xbb\xbf"}; /* byte order mark */

    (void)state;
    for (size_t i = 0; i < sizeof(EMPTY) / sizeof(EMPTY[0]); i++) {
        assert_int_equal(reads(&WORDS_TITLE, EMPTY[i]), STATUS_MALFORMED);
        assert_non_null(strstr(failure.text, "is empty"));
    }
    assert_int_equal(reads(&WORDS_TITLE, "  Inventory  "), STATUS_OK);
    assert_string_equal(out, "Inventory");
    assert_int_equal(reads(&WORDS_TITLE, "a\xc2\xa0z"), STATUS_OK);
}

static void
test_control_characters_are_refused(void **state)
{
    static const char *const WRONG[] = {"a\nb",
                                        "a\tb",
                                        "a\x1b[31mb",
                                        "a\x7f"
                                        "b",
                                        "a\xc2\x85"
                                        "b", /* next line */
                                        "a\xe2\x80\xae"
                                        "b", /* right to left override */
                                        "a\xe2\x80\xa8"
                                        "b"};

    (void)state;
    for (size_t i = 0; i < sizeof(WRONG) / sizeof(WRONG[0]); i++)
        assert_int_equal(reads(&WORDS_TITLE, WRONG[i]), STATUS_MALFORMED);
    assert_int_equal(words_read(&WORDS_TITLE, (struct slice){(const void *)"a\0b", 3},
                                out, sizeof(out), &failure),
                     STATUS_MALFORMED);
    assert_int_equal(reads(&WORDS_DESCRIPTION, "one\n\ttwo\r\nthree"), STATUS_OK);
    assert_int_equal(reads(&WORDS_DESCRIPTION, "a\x1b[31mb"), STATUS_MALFORMED);
}

static void
test_what_is_not_utf8_is_refused(void **state)
{
    (void)state;
    assert_int_equal(reads(&WORDS_TITLE, "caf\xe9"), STATUS_MALFORMED);
    assert_int_equal(reads(&WORDS_TITLE, "\xc0\xaf"), STATUS_MALFORMED);
    assert_int_equal(reads(&WORDS_TITLE, "caf\xc3\xa9"), STATUS_OK);
}

static void
test_a_description_may_be_empty_and_has_1000_at_most(void **state)
{
    (void)state;
    assert_int_equal(reads(&WORDS_DESCRIPTION, ""), STATUS_OK);
    assert_int_equal(reads(&WORDS_DESCRIPTION, times("x", 1000)), STATUS_OK);
    assert_int_equal(reads(&WORDS_DESCRIPTION, times("x", 1001)), STATUS_MALFORMED);
}

static void
test_e_mail_addresses(void **state)
{
    static const char *const GOOD[] = {"a@b", "root@localhost",
                                       "first.last+tag@example.com",
                                       "o'neil@sub.example.co.uk", "_@x-y.z"};
    static const char *const WRONG[] = {
        "",           "a",          "@b",      "a@",        "a@b@c",   "a b@c",
        ".a@b",       "a.@b",       "a..b@c",  "a@b..c",    "a@.b",    "a@b.",
        "a@-b",       "<a@b>",      "a@b,c@d", "a@b\nBcc:", "\"a\"@b", "a@[127.0.0.1]",
        "\xc3\xa9@b", "a@b\xc3\xa9"};
    char email[EMAIL_MAX_CHARS + 1];

    (void)state;
    for (size_t i = 0; i < sizeof(GOOD) / sizeof(GOOD[0]); i++)
        assert_int_equal(words_read_email(slice_of(GOOD[i]), email, &failure), STATUS_OK);
    for (size_t i = 0; i < sizeof(WRONG) / sizeof(WRONG[0]); i++)
        assert_int_equal(words_read_email(slice_of(WRONG[i]), email, &failure),
                         STATUS_MALFORMED);
    assert_int_equal(words_read_email(SLICE(" Ada@Example.COM "), email, &failure),
                     STATUS_OK);
    assert_string_equal(email, "ada@example.com");
}

static void
test_an_e_mail_address_has_254_characters_at_most(void **state)
{
    char text[300];
    char email[EMAIL_MAX_CHARS + 1];

    (void)state;
    snprintf(text, sizeof(text), "a@%s", times("x", 252));
    assert_int_equal(words_read_email(slice_of(text), email, &failure), STATUS_OK);
    snprintf(text, sizeof(text), "a@%s", times("x", 253));
    assert_int_equal(words_read_email(slice_of(text), email, &failure), STATUS_MALFORMED);
    snprintf(text, sizeof(text), "%s@b", times("x", 65));
    assert_int_equal(words_read_email(slice_of(text), email, &failure), STATUS_MALFORMED);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_title_has_1_to_120_code_points),
        cmocka_unit_test(test_a_title_that_shows_nothing_is_empty),
        cmocka_unit_test(test_control_characters_are_refused),
        cmocka_unit_test(test_what_is_not_utf8_is_refused),
        cmocka_unit_test(test_a_description_may_be_empty_and_has_1000_at_most),
        cmocka_unit_test(test_e_mail_addresses),
        cmocka_unit_test(test_an_e_mail_address_has_254_characters_at_most),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
