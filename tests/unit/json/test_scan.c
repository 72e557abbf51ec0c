/* SPDX-License-Identifier: Apache-2.0
 *
 * What is JSON and what is almost JSON. */
#include "base/arena.h"
#include "base/auto.h"
#include "base/buffer.h"
#include "base/limits.h"
#include "json/scan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static enum status
scan(struct slice text)
{
    struct json_value value = {0};
    enum status status = json_scan(text, &value);

    assert_int_equal(json_explain(text, NULL), status);
    if (status != STATUS_OK)
        assert_int_equal(value.kind, JSON_KIND_NONE); /* untouched */
    return status;
}

static struct json_value
value_of(struct slice text)
{
    struct json_value value = {0};

    assert_int_equal(json_scan(text, &value), STATUS_OK);
    return value;
}

static void
test_every_kind_is_told_and_shown_without_blanks(void **state)
{
    static const struct {
        struct slice text;
        enum json_kind kind;
        struct slice raw;
    } CASES[] = {
        {SLICE(" {} "), JSON_KIND_OBJECT, SLICE("{}")},
        {SLICE("\t[ 1 , 2 ]\r\n"), JSON_KIND_ARRAY, SLICE("[ 1 , 2 ]")},
        {SLICE("\"a\""), JSON_KIND_STRING, SLICE("a")},
        {SLICE("\"\""), JSON_KIND_STRING, SLICE("")},
        {SLICE("-1.5e+3 "), JSON_KIND_NUMBER, SLICE("-1.5e+3")},
        {SLICE("true"), JSON_KIND_TRUE, SLICE("true")},
        {SLICE("false"), JSON_KIND_FALSE, SLICE("false")},
        {SLICE("null"), JSON_KIND_NULL, SLICE("null")},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        struct json_value value = value_of(CASES[i].text);
        assert_int_equal(value.kind, CASES[i].kind);
        assert_true(slice_equal(value.raw, CASES[i].raw));
        assert_false(value.has_escapes);
    }
}

static void
test_almost_json_is_refused(void **state)
{
    static const struct slice WRONG[] = {
        SLICE(""),
        SLICE(" "),
        SLICE("{"),
        SLICE("}"),
        SLICE("["),
        SLICE("]"),
        SLICE("[1,]"),
        SLICE("[,1]"),
        SLICE("[1 2]"),
        SLICE("[1]]"),
        SLICE("[1}"),
        SLICE("{\"a\":1,}"),
        SLICE("{,}"),
        SLICE("{\"a\"}"),
        SLICE("{\"a\":}"),
        SLICE("{\"a\" 1}"),
        SLICE("{a:1}"),
        SLICE("{'a':1}"),
        SLICE("{1:1}"),
        SLICE("{\"a\":1 \"b\":2}"),
        SLICE("{\"a\":1]"),
        SLICE("{} {}"),
        SLICE("{}x"),
        SLICE("tru"),
        SLICE("True"),
        SLICE("truex"),
        SLICE("nul"),
        SLICE("NaN"),
        SLICE("Infinity"),
        SLICE("\""),
        SLICE("\"a"),
        SLICE("'a'"),
        SLICE("\xEF\xBB\xBF{}"),
        SLICE("// x\n1"),
        SLICE("/**/1"),
        SLICE("1\0"),
        SLICE("\0"),
        SLICE("\v1"),
        SLICE("\xC2\xA0"
              "1"),
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(WRONG); i++)
        assert_int_equal(scan(WRONG[i]), STATUS_MALFORMED);
    assert_int_equal(json_explain((struct slice){NULL, 0}, NULL), STATUS_MALFORMED);
}

static void
test_numbers_are_those_of_the_grammar(void **state)
{
    static const struct slice RIGHT[] = {
        SLICE("0"),   SLICE("-0"),   SLICE("10"),   SLICE("0.0"), SLICE("-0.5"),
        SLICE("1e5"), SLICE("1E+5"), SLICE("1e-5"), SLICE("0e0"), SLICE("1.5e007"),
    };
    static const struct slice WRONG[] = {
        SLICE("01"),    SLICE("-01"),   SLICE("00"),   SLICE("+1"),    SLICE(".5"),
        SLICE("1."),    SLICE("-"),     SLICE("-.5"),  SLICE("1e"),    SLICE("1e+"),
        SLICE("1.e5"),  SLICE("1.5.5"), SLICE("0x10"), SLICE("1_000"), SLICE("--1"),
        SLICE("1e5.5"), SLICE("1 0"),
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(RIGHT); i++)
        assert_int_equal(scan(RIGHT[i]), STATUS_OK);
    for (size_t i = 0; i < COUNT_OF(WRONG); i++)
        assert_int_equal(scan(WRONG[i]), STATUS_MALFORMED);
}

/* 2^1024 - 2^970, the least number that rounds to infinity, but for its last digit. */
#define BORDER                                                                       \
    "179769313486231580793728971405303415079934132710037826936173778980444968292764" \
    "750946649017977587207096330286416692887910946555547851940402630657488671505820" \
    "681908902000708383676273854845817711531764475730270069855571366959622842914819" \
    "86083493647529271907416844436551070434271155969950809304288017790417449779"

#define UNDER_BORDER                                                                 \
    "179769313486231580793728971405303415079934132710037826936173778980444968292764" \
    "750946649017977587207096330286416692887910946555547851940402630657488671505820" \
    "681908902000708383676273854845817711531764475730270069855571366959622842914819" \
    "860834936475292719074168444365510704342711559699508093042880177904174497791"

static void
test_numbers_that_do_not_fit_are_refused_at_the_very_border(void **state)
{
    static const struct slice FIT[] = {
        SLICE("9223372036854775807"),
        SLICE("-9223372036854775808"),
        SLICE("1.7976931348623157e308"),
        SLICE("1e308"),
        SLICE("0.0001e312"),
        SLICE("1e-999999999999999999999"),
        SLICE("0e999999999999999999999"),
        SLICE("0.000e400"),
        SLICE("1.7976931348623158079e308"),
        SLICE("17976931348623158079e289"),
        SLICE(UNDER_BORDER ".999e0"),
        SLICE("0." UNDER_BORDER "e309"),
    };
    static const struct slice LARGE[] = {
        SLICE("9223372036854775808"),
        SLICE("-9223372036854775809"),
        SLICE("10000000000000000000"),
        SLICE("1.7976931348623159e308"),
        SLICE("1.79769313486231581e308"),
        SLICE("1e309"),
        SLICE("-1e309"),
        SLICE("0.0001e313"),
        SLICE("1e999999999999999999999"),
        SLICE(BORDER "2e0"),
        SLICE(BORDER "2.0"),
        SLICE("0." BORDER "2e309"),
        SLICE("-" BORDER "20e-1"),
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(FIT); i++)
        assert_int_equal(scan(FIT[i]), STATUS_OK);
    for (size_t i = 0; i < COUNT_OF(LARGE); i++)
        assert_int_equal(scan(LARGE[i]), STATUS_MALFORMED);
}

/* Each byte alone in a string, at places that meet the eight-byte loop differently. */
static void
test_each_byte_in_a_string_is_judged_at_any_place(void **state)
{
    (void)state;
    for (size_t before = 0; before < 17; before++) {
        for (int c = 0; c < 256; c++) {
            bool is_good = c >= 0x20 && c < 0x80 && c != '\\';
            char text[64];
            size_t len = 0;
            text[len++] = '"';
            for (size_t i = 0; i < before; i++)
                text[len++] = 'a';
            text[len++] = (char)c;
            for (size_t i = 0; i < 9 && c != '"'; i++)
                text[len++] = 'z';
            if (c != '"')
                text[len++] = '"';
            assert_int_equal(scan((struct slice){(unsigned char *)text, len}),
                             is_good ? STATUS_OK : STATUS_MALFORMED);
        }
    }
}

static void
test_escapes_are_those_of_the_grammar(void **state)
{
    static const struct slice WRONG[] = {
        SLICE("\"\\x41\""),
        SLICE("\"\\a\""),
        SLICE("\"\\'\""),
        SLICE("\"\\"),
        SLICE("\"\\\""),
        SLICE("\"\\u\""),
        SLICE("\"\\u123\""),
        SLICE("\"\\u123g\""),
        SLICE("\"\\U0041\""),
        SLICE("\"\\u0000\""),
        SLICE("\"\\ud800\""),
        SLICE("\"\\udc00\""),
        SLICE("\"\\ud800\\ud800\""),
        SLICE("\"\\ud800x\\udc00\""),
        SLICE("\"\\udfff\\ud800\""),
        SLICE("\"\\ud83d\\u\""),
        SLICE("\"\\ud83d"),
        SLICE("{\"\\u0000\":1}"),
        SLICE("\"\xED\xA0\x80\""),
        SLICE("\"\xC0\x80\""),
    };
    struct json_value value =
        value_of(SLICE("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\u20AC\\ud83d\\ude00é-\""));
    struct arena arena AUTO(arena_done) = {0};
    struct slice wanted = SLICE("\"\\/\b\f\n\r\té€😀é-");

    (void)state;
    assert_true(value.has_escapes);
    assert_true(slice_equal(json_text(&value, &arena), wanted));
    assert_true(json_text_is(&value, wanted));
    assert_false(json_text_is(&value, slice_head(wanted, wanted.len - 1)));
    assert_false(json_text_is(&value, value.raw));
    for (size_t i = 0; i < COUNT_OF(WRONG); i++)
        assert_int_equal(scan(WRONG[i]), STATUS_MALFORMED);
}

/* Plain text is not copied; what is no string has no text. */
static void
test_text_of_a_plain_string_is_where_it_stands(void **state)
{
    struct slice text = SLICE("\"plain\"");
    struct json_value string = value_of(text);
    struct json_value number = value_of(SLICE("17"));
    struct arena arena AUTO(arena_done) = {0};

    (void)state;
    assert_ptr_equal(json_text(&string, &arena).at, text.at + 1);
    assert_int_equal(json_text(&number, &arena).len, 0);
    assert_false(json_text_is(&number, SLICE("17")));
    assert_null(arena.blocks);
}

static void
test_nesting_ends_at_the_limit(void **state)
{
    struct buffer text AUTO(buffer_done) = buffer_make(10000);

    (void)state;
    for (int extra = 0; extra < 2; extra++) {
        buffer_clear(&text);
        for (int i = 0; i < JSON_DEPTH_MAX + extra; i++)
            buffer_add_text(&text, i % 2 ? "[" : "{\"a\":");
        buffer_add_text(&text, "1");
        for (int i = JSON_DEPTH_MAX + extra; i-- > 0;)
            buffer_add_text(&text, i % 2 ? "]" : "}");
        assert_int_equal(scan(buffer_slice(&text)), extra ? STATUS_TOO_LARGE : STATUS_OK);
    }
    buffer_clear(&text);
    for (int i = 0; i < 9000; i++)
        buffer_add_byte(&text, '[');
    assert_int_equal(scan(buffer_slice(&text)), STATUS_TOO_LARGE);
}

/* Cut anywhere, a text is not JSON: nothing is read past its end. */
static void
test_text_cut_at_any_place_is_refused(void **state)
{
    static const char TEXT[] =
        "{\"a\":[1,-2.5e3,{\"b\":\"x\\u00e9\\ud83d\\ude00é\"}],\"c\":[true,false,null]}";

    (void)state;
    for (size_t len = 0; len < sizeof(TEXT) - 1; len++) {
        unsigned char *cut = malloc(len + !len); /* so that reading past it is seen */
        memcpy(cut, TEXT, len);
        assert_int_equal(scan((struct slice){cut, len}), STATUS_MALFORMED);
        free(cut);
    }
    assert_int_equal(scan(slice_of(TEXT)), STATUS_OK);
}

static void
test_explain_says_where_and_what(void **state)
{
    static const struct {
        const char *text, *wanted;
        int line;
    } CASES[] = {
        {"{\n  \"é\": tru\n}", "line 2, column 8: a value is wanted here", 2},
        {"[1 2]", "line 1, column 4: ',' or ']' is wanted here", 1},
        {"{\"a\":1,}",
         "line 1, column 8: a member's name in double quotes is wanted here", 1},
        {"{\"a\"", "line 1, column 5: the text ends here, too early", 1},
        {"[1e999]", "line 1, column 2: this number is too large", 1},
        {"1\n\n2", "line 3, column 1: nothing may follow the value", 3},
        {"99999999999999999999", "line 1, column 1: this number is too large", 1},
        {"", "line 1, column 1: the text ends here, too early", 1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        struct failure failure = {0};
        assert_int_equal(json_explain(slice_of(CASES[i].text), &failure),
                         STATUS_MALFORMED);
        assert_string_equal(failure.text, CASES[i].wanted);
        assert_int_equal(failure.line, CASES[i].line);
    }
    assert_int_equal(json_explain(SLICE("{}"), NULL), STATUS_OK);
}

static void
test_numbers_are_read_as_what_they_are(void **state)
{
    struct json_value whole = value_of(SLICE("-17"));
    struct json_value real = value_of(SLICE("2.5"));
    struct json_value round = value_of(SLICE("1e3"));
    struct json_value text = value_of(SLICE("\"17\""));
    int64_t number = 1;
    double rounded = 1;

    (void)state;
    assert_int_equal(json_read_int(&whole, &number), STATUS_OK);
    assert_true(number == -17);
    assert_int_equal(json_read_int(&real, &number), STATUS_MALFORMED);
    assert_int_equal(json_read_int(&round, &number), STATUS_MALFORMED);
    assert_int_equal(json_read_int(&text, &number), STATUS_MALFORMED);
    assert_true(number == -17);
    assert_int_equal(json_read_double(&real, &rounded), STATUS_OK);
    assert_true(rounded == 2.5);
    assert_int_equal(json_read_double(&text, &rounded), STATUS_MALFORMED);
    assert_true(rounded == 2.5);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_kind_is_told_and_shown_without_blanks),
        cmocka_unit_test(test_almost_json_is_refused),
        cmocka_unit_test(test_numbers_are_those_of_the_grammar),
        cmocka_unit_test(test_numbers_that_do_not_fit_are_refused_at_the_very_border),
        cmocka_unit_test(test_each_byte_in_a_string_is_judged_at_any_place),
        cmocka_unit_test(test_escapes_are_those_of_the_grammar),
        cmocka_unit_test(test_text_of_a_plain_string_is_where_it_stands),
        cmocka_unit_test(test_nesting_ends_at_the_limit),
        cmocka_unit_test(test_text_cut_at_any_place_is_refused),
        cmocka_unit_test(test_explain_says_where_and_what),
        cmocka_unit_test(test_numbers_are_read_as_what_they_are),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
