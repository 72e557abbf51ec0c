/* SPDX-License-Identifier: Apache-2.0
 *
 * Structured fields as RFC 9651 has them, and what is refused beside each. What is read
 * is written again in the one canonical form. */
#include "support.h"

#include "httpsig/sf.h"

/* Reads a whole dictionary and writes it; NULL = refused. */
static const char *
dictionary(const char *text)
{
    static char written[512];
    struct buffer out AUTO(buffer_done) = buffer_make(sizeof(written) - 1);
    struct slice rest = slice_of(text);
    struct sf_member member;
    enum sf_cut cut;

    while ((cut = sf_next_member(&rest, &member)) == SF_ONE) {
        if (out.len > 0)
            buffer_add_text(&out, ", ");
        sf_write_member(&out, &member);
    }
    assert_true(sf_dictionary_is_valid(slice_of(text)) == (cut == SF_NO_MORE));
    if (cut == SF_WRONG)
        return NULL;
    OK(buffer_check(&out));
    if (out.len > 0)
        memcpy(written, out.at, out.len);
    written[out.len] = '\0';
    return written;
}

static const char *
list(const char *text)
{
    static char written[512];
    struct buffer out AUTO(buffer_done) = buffer_make(sizeof(written) - 1);
    struct slice rest = slice_of(text);
    struct sf_value value;
    enum sf_cut cut;

    while ((cut = sf_next_value(&rest, &value)) == SF_ONE) {
        if (out.len > 0)
            buffer_add_text(&out, ", ");
        sf_write_value(&out, &value);
    }
    if (cut == SF_WRONG)
        return NULL;
    if (out.len > 0)
        memcpy(written, out.at, out.len);
    written[out.len] = '\0';
    return written;
}

static const char *
item(const char *text)
{
    struct sf_value value;

    return sf_item_read(slice_of(text), &value) ? list(text) : NULL;
}

#define READS_AS(function, text, wanted)   \
    do {                                   \
        const char *got_ = function(text); \
        if (!got_)                         \
            fail_msg("refused: %s", text); \
        assert_string_equal(got_, wanted); \
    } while (0)
#define REFUSES(function, text)                    \
    do {                                           \
        const char *got_ = function(text);         \
        if (got_)                                  \
            fail_msg("read %s as %s", text, got_); \
    } while (0)

static void
test_numbers_have_one_form(void **state)
{
    (void)state;
    READS_AS(item, "42", "42");
    READS_AS(item, "0042", "42");
    READS_AS(item, "-0", "0");
    READS_AS(item, "-999999999999999", "-999999999999999");
    REFUSES(item, "1234567890123456");
    REFUSES(item, "--1");
    REFUSES(item, "-");
    REFUSES(item, "+1");
    REFUSES(item, "0x1");
    READS_AS(item, "1.50", "1.5");
    READS_AS(item, "1.000", "1.0");
    READS_AS(item, "-0.0", "0.0");
    READS_AS(item, "-00.125", "-0.125");
    READS_AS(item, "123456789012.1", "123456789012.1");
    REFUSES(item, "1234567890123.1");
    REFUSES(item, "1.1234");
    REFUSES(item, "1.");
    REFUSES(item, ".1");
    REFUSES(item, "1.2.3");
}

static void
test_strings_and_tokens(void **state)
{
    (void)state;
    READS_AS(item, "\"hello world\"", "\"hello world\"");
    READS_AS(item, "\"\"", "\"\"");
    READS_AS(item, "\"a\\\"b\\\\c\"", "\"a\\\"b\\\\c\"");
    REFUSES(item, "\"a\\nb\"");
    REFUSES(item, "\"open");
    REFUSES(item, "\"open\\");
    REFUSES(item, "\"tab\there\"");
    REFUSES(item, "\"h\xc3\xb6\"");
    REFUSES(item, "'a'");
    READS_AS(item, "foo123/456:*", "foo123/456:*");
    READS_AS(item, "*a", "*a");
    REFUSES(item, "a(b");
    REFUSES(item, "a b");
    REFUSES(item, "");
    REFUSES(item, " a");
    REFUSES(item, "a ");
}

static void
test_bytes_are_strict_base64(void **state)
{
    (void)state;
    READS_AS(item, ":aGVsbG8=:", ":aGVsbG8=:");
    READS_AS(item, "::", "::");
    REFUSES(item, ":aGVsbG8:");
    REFUSES(item, ":aGVsbG9=:"); /* a spare bit is set */
    REFUSES(item, ":aGVsbG8=");
    REFUSES(item, ":aGVs bG8=:");
    REFUSES(item, ":aGVs_G8=:");
    REFUSES(item, ":=aGVsbG8:");
    REFUSES(item, ":aGV=bG8=:");
    REFUSES(item, ":====:");
}

static void
test_booleans_dates_and_display_strings(void **state)
{
    (void)state;
    READS_AS(item, "?1", "?1");
    READS_AS(item, "?0", "?0");
    REFUSES(item, "?");
    REFUSES(item, "?2");
    REFUSES(item, "?10");
    READS_AS(item, "@1659578233", "@1659578233");
    READS_AS(item, "@-1", "@-1");
    REFUSES(item, "@1.5");
    REFUSES(item, "@");
    READS_AS(item, "%\"f%c3%bcr\"", "%\"f%c3%bcr\"");
    READS_AS(item, "%\"%41\"", "%\"A\"");
    READS_AS(item, "%\"%22%25\"", "%\"%22%25\"");
    REFUSES(item, "%\"f%C3%BCr\"");
    REFUSES(item, "%\"%c3\"");
    REFUSES(item, "%\"%c3x\"");
    REFUSES(item, "%\"%ff\"");
    REFUSES(item, "%\"%e2%82\"");
    REFUSES(item, "%\"%4\"");
    REFUSES(item, "%\"open");
    REFUSES(item, "%f");
}

static void
test_parameters(void **state)
{
    (void)state;
    READS_AS(item, "a;b;c=1; d=\"x\"", "a;b;c=1;d=\"x\"");
    READS_AS(item, "a;b=?1", "a;b");
    READS_AS(item, "a;b=?0", "a;b=?0");
    READS_AS(item, "a;*k=tok", "a;*k=tok");
    REFUSES(item, "a ;b");
    REFUSES(item, "a;");
    REFUSES(item, "a;B");
    REFUSES(item, "a;b=");
    REFUSES(item, "a;b=1;b=2"); /* two readers may take either */
    REFUSES(item, "a;b=(1)");
    READS_AS(item, "1;a;b;c;d;e;f;g;h;i;j;k;l;m;n;o;p",
             "1;a;b;c;d;e;f;g;h;i;j;k;l;m;n;o;p");
    REFUSES(item, "1;a;b;c;d;e;f;g;h;i;j;k;l;m;n;o;p;q"); /* SF_PARAMETER_MAX_COUNT */
}

static void
test_lists_and_inner_lists(void **state)
{
    (void)state;
    READS_AS(list, "a, b", "a, b");
    READS_AS(list, "a ,\tb", "a, b");
    READS_AS(list, "", "");
    REFUSES(list, "a,");
    REFUSES(list, ",a");
    REFUSES(list, "a,,b");
    REFUSES(list, "a b");
    READS_AS(list, "(\"a\";x  \"b\" );y=1, (), ( )", "(\"a\";x \"b\");y=1, (), ()");
    REFUSES(list, "(\"a\"\"b\")");
    REFUSES(list, "(\"a\"");
    REFUSES(list, "(\"a\",\"b\")");
    REFUSES(list, "((\"a\"))");
    REFUSES(list, "(\"a\"\t\"b\")");
    REFUSES(list, "(a");
    REFUSES(list, "(");
}

static void
test_dictionaries(void **state)
{
    (void)state;
    READS_AS(dictionary, "a=1, b;x, c=(1 2);y, d=?0, *e=?1",
             "a=1, b;x, c=(1 2);y, d=?0, *e");
    READS_AS(dictionary, "", "");
    REFUSES(dictionary, "a=1,");
    REFUSES(dictionary, "a=1 b=2");
    REFUSES(dictionary, "A=1");
    REFUSES(dictionary, "a=");
    REFUSES(dictionary, "1=a");
    REFUSES(dictionary, "a = 1");
}

/* RFC 9651 lets the last one win; another reader may take the first. */
static void
test_a_key_twice_is_refused(void **state)
{
    struct sf_value value;

    (void)state;
    assert_true(sf_dictionary_is_valid(SLICE("a=1, b=2")));
    assert_false(sf_dictionary_is_valid(SLICE("a=1, a=2")));
    assert_int_equal(sf_dictionary_find(SLICE("a=1, b=2, a=1"), SLICE("b"), &value),
                     STATUS_MALFORMED);
    OK(sf_dictionary_find(SLICE("a=1, b=2"), SLICE("b"), &value));
    assert_int_equal(value.number, 2);
    assert_int_equal(sf_dictionary_find(SLICE("a=1, b=2"), SLICE("c"), &value),
                     STATUS_NOT_FOUND);
}

/* Names are compared in pairs: their number has an end. */
static void
test_a_dictionary_has_an_end(void **state)
{
    char text[512] = "";
    size_t len = 0;

    (void)state;
    for (int i = 0; i < SF_MEMBER_MAX_COUNT; i++)
        len +=
            (size_t)snprintf(text + len, sizeof(text) - len, "%sk%d", i ? ", " : "", i);
    assert_true(sf_dictionary_is_valid(slice_of(text)));
    snprintf(text + len, sizeof(text) - len, ", last");
    assert_false(sf_dictionary_is_valid(slice_of(text)));
}

static void
test_strings_are_written_only_of_what_they_can_hold(void **state)
{
    struct buffer out AUTO(buffer_done) = buffer_make(100);
    unsigned char plain[8];

    (void)state;
    assert_true(sf_write_string(&out, SLICE("a\"b\\")));
    assert_slice(buffer_slice(&out), "\"a\\\"b\\\\\"");
    assert_int_equal(sf_string_read(SLICE("a\\\"b\\\\"), plain), 4);
    assert_memory_equal(plain, "a\"b\\", 4);
    assert_false(sf_write_string(&out, SLICE("a\nb")));
    assert_false(sf_write_string(&out, SLICE("\xc3\xb6")));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_have_one_form),
        cmocka_unit_test(test_strings_and_tokens),
        cmocka_unit_test(test_bytes_are_strict_base64),
        cmocka_unit_test(test_booleans_dates_and_display_strings),
        cmocka_unit_test(test_parameters),
        cmocka_unit_test(test_lists_and_inner_lists),
        cmocka_unit_test(test_dictionaries),
        cmocka_unit_test(test_a_key_twice_is_refused),
        cmocka_unit_test(test_a_dictionary_has_an_end),
        cmocka_unit_test(test_strings_are_written_only_of_what_they_can_hold),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
