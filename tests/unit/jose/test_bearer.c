/* SPDX-License-Identifier: Apache-2.0
 *
 * The text of a bearer token: what we make can be read, and nothing that differs from it
 * by a single character. */
#include "support.h"

#include "jose/bearer.h"

#define OK(call) assert_int_equal(call, STATUS_OK)
#define ID       "0123abcd-4567-89ef-0123-456789abcdef"

/* Beside docs/secret-scanning.md, whose checksum Python's zlib has confirmed. */
static const char KNOWN[] = "th_0123456789abcdef0123456789abcdef_"
                            "00000000000000000000000000000000000000000001nW40S";

static void
test_what_is_made_can_be_read(void **state)
{
    struct secret one = {0};
    struct secret two = {0};
    char id[UUID_CHARS + 1];

    (void)state;
    bearer_make(ID, &one);
    bearer_make(ID, &two);
    assert_int_equal(one.len, BEARER_CHARS);
    OK(bearer_read(secret_slice(&one), id));
    assert_string_equal(id, ID);
    assert_false(secret_equal(secret_slice(&one), secret_slice(&two)));
    secret_done(&one);
    secret_done(&two);
}

static void
test_the_checksum_is_that_of_zlib(void **state)
{
    char id[UUID_CHARS + 1];

    (void)state;
    OK(bearer_read(slice_of(KNOWN), id));
    assert_string_equal(id, "01234567-89ab-cdef-0123-456789abcdef");
}

/* Each of 85 characters, replaced by each of the 255 other bytes. */
static void
test_no_other_character_is_taken_anywhere(void **state)
{
    char text[sizeof(KNOWN)];
    char id[UUID_CHARS + 1] = "untouched";

    (void)state;
    for (size_t i = 0; i < BEARER_CHARS; i++) {
        for (int c = 0; c < 256; c++) {
            memcpy(text, KNOWN, sizeof(text));
            if ((unsigned char)text[i] == c)
                continue;
            text[i] = (char)c;
            struct slice changed = {(const unsigned char *)text, BEARER_CHARS};
            if (bearer_read(changed, id) != STATUS_MALFORMED)
                fail_msg("taken with %02x at %zu", (unsigned)c, i);
        }
    }
    assert_string_equal(id, "untouched");
}

static void
test_a_byte_less_or_more_is_none(void **state)
{
    char id[UUID_CHARS + 1];

    (void)state;
    for (size_t len = 0; len < BEARER_CHARS; len++)
        assert_int_equal(bearer_read(slice_head(slice_of(KNOWN), len), id),
                         STATUS_MALFORMED);
    /* with the closing zero of the text behind it */
    assert_int_equal(
        bearer_read((struct slice){(const unsigned char *)KNOWN, sizeof(KNOWN)}, id),
        STATUS_MALFORMED);
}

/* 43 characters of 62, each as often as the others: chi-square over 2,000 tokens, which a
 * fair one exceeds once in 10 million runs. */
static void
test_every_character_comes_as_often_as_any_other(void **state)
{
    enum { TOKENS = 2000, SYMBOLS = 62 };
    const double expected = (double)TOKENS * BEARER_SECRET_CHARS / SYMBOLS;
    int64_t counts[256] = {0};
    double chi = 0;
    int symbols = 0;

    (void)state;
    for (int i = 0; i < TOKENS; i++) {
        struct secret secret = {0};
        bearer_make(ID, &secret);
        struct slice text =
            slice_head(slice_from(secret_slice(&secret), 3 + BEARER_ID_CHARS + 1),
                       BEARER_SECRET_CHARS);
        for (size_t at = 0; at < text.len; at++)
            counts[text.at[at]]++;
        secret_done(&secret);
    }
    for (int c = 0; c < 256; c++) {
        double off = (double)counts[c] - expected;
        chi += counts[c] > 0 ? off * off / expected : 0;
        symbols += counts[c] > 0;
    }
    assert_int_equal(symbols, SYMBOLS);
    if (chi > 130)
        fail_msg("chi-square is %.1f", chi);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_made_can_be_read),
        cmocka_unit_test(test_the_checksum_is_that_of_zlib),
        cmocka_unit_test(test_no_other_character_is_taken_anywhere),
        cmocka_unit_test(test_a_byte_less_or_more_is_none),
        cmocka_unit_test(test_every_character_comes_as_often_as_any_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
