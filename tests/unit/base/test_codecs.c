/* SPDX-License-Identifier: Apache-2.0
 *
 * base64, percent, UTF-8, numbers, UUIDs and SipHash. */
#include "base/auto.h"
#include "base/base64url.h"
#include "base/hash.h"
#include "base/number.h"
#include "base/percent.h"
#include "base/random.h"
#include "base/utf8.h"
#include "base/uuid.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char ALPHABET[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* Is `text` what its own bytes are encoded to? Counted bit by bit, without tables. */
static bool
is_strict(const unsigned char *text, size_t len)
{
    size_t spare_bits = len * 6 % 8;

    if (len % 4 == 1)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (text[i] == 0 || !strchr(ALPHABET, text[i]))
            return false;
    }
    if (len == 0)
        return true;
    return (strchr(ALPHABET, text[len - 1]) - ALPHABET) % (1 << spare_bits) == 0;
}

static void
check_decoding(const unsigned char *text, size_t len)
{
    unsigned char bytes[8];
    char again[12];
    size_t bytes_len = 99;
    enum status status =
        base64url_decode((struct slice){text, len}, bytes, sizeof(bytes), &bytes_len);

    if (!is_strict(text, len)) {
        assert_int_equal(status, STATUS_MALFORMED);
        assert_int_equal(bytes_len, 99); /* untouched */
        return;
    }
    assert_int_equal(status, STATUS_OK);
    assert_int_equal(bytes_len, len * 3 / 4);
    assert_int_equal(base64url_encode((struct slice){bytes, bytes_len}, again), len);
    assert_memory_equal(again, text, len);
}

static void
test_base64url_takes_exactly_what_encodes_back_to_itself(void **state)
{
    unsigned char text[4] = {0};

    (void)state;
    check_decoding(text, 0);
    for (int a = 0; a < 256; a++) {
        text[0] = (unsigned char)a;
        check_decoding(text, 1);
        for (int b = 0; b < 256; b++) {
            text[1] = (unsigned char)b;
            check_decoding(text, 2);
        }
    }
}

/* Every byte at every place of groups of three to nine characters. */
static void
test_base64url_refuses_a_foreign_byte_at_any_place(void **state)
{
    (void)state;
    for (size_t len = 3; len <= 9; len++) {
        for (size_t at = 0; at < len; at++) {
            for (int c = 0; c < 256; c++) {
                unsigned char text[9];
                memset(text, 'A', sizeof(text));
                text[at] = (unsigned char)c;
                check_decoding(text, len);
            }
        }
    }
}

/* Long enough for blocks: each byte at each place, decoded where it lies and elsewhere,
 * into room that is not a byte too large. */
static void
test_base64url_is_as_strict_in_long_texts(void **state)
{
    char right[120];
    unsigned char bytes[90];

    (void)state;
    for (size_t i = 0; i < sizeof(right); i++)
        right[i] = ALPHABET[(i * 29 + i / 7) % 64];
    for (size_t at = 0; at < sizeof(right); at++) {
        for (int c = 0; c < 256; c++) {
            bool is_good = c && strchr(ALPHABET, c);
            unsigned char text[sizeof(right)];
            char again[sizeof(right)];
            size_t len = 0;
            memcpy(text, right, sizeof(text));
            text[at] = (unsigned char)c;
            assert_int_equal(base64url_decode((struct slice){text, sizeof(text)}, bytes,
                                              sizeof(bytes), &len),
                             is_good ? STATUS_OK : STATUS_MALFORMED);
            if (!is_good)
                continue;
            assert_int_equal(len, sizeof(bytes));
            assert_int_equal(base64url_encode((struct slice){bytes, len}, again), 120);
            assert_memory_equal(again, text, sizeof(text));
        }
    }
}

static void
test_base64url_refuses_padding_and_the_standard_alphabet(void **state)
{
    unsigned char out[8];
    size_t len = 0;

    (void)state;
    assert_int_equal(base64url_decode(SLICE("_-8"), out, sizeof(out), &len), STATUS_OK);
    assert_int_equal(base64url_decode(SLICE("/+8"), out, sizeof(out), &len),
                     STATUS_MALFORMED);
    assert_int_equal(base64url_decode(SLICE("_-8="), out, sizeof(out), &len),
                     STATUS_MALFORMED);
    assert_int_equal(base64url_decode(SLICE("_-9"), out, sizeof(out), &len),
                     STATUS_MALFORMED);
    assert_int_equal(base64url_decode(SLICE("_-8\n"), out, sizeof(out), &len),
                     STATUS_MALFORMED);
    assert_int_equal(base64url_decode(SLICE("_ -8"), out, sizeof(out), &len),
                     STATUS_MALFORMED);
}

/* The hot path decodes a message where it lies. */
static void
test_base64url_decodes_in_place_what_it_encodes_at_every_length(void **state)
{
    unsigned char bytes[400];
    char text[BASE64URL_MAX_CHARS(400)];

    (void)state;
    random_fill(bytes, sizeof(bytes));
    for (size_t len = 0; len <= sizeof(bytes); len++) {
        size_t back = 0;
        unsigned char *exact = malloc(len + !len); /* so that writing past it is seen */
        char *exact_text = malloc(BASE64URL_MAX_CHARS(len) + !len);
        size_t chars = base64url_encode((struct slice){bytes, len}, exact_text);
        assert_int_equal(chars, BASE64URL_MAX_CHARS(len));
        memcpy(text, exact_text, chars);
        free(exact_text);
        assert_int_equal(base64url_decode((struct slice){(unsigned char *)text, chars},
                                          exact, len, &back),
                         STATUS_OK);
        assert_int_equal(back, len);
        assert_memory_equal(exact, bytes, len);
        free(exact);
        assert_int_equal(base64url_decode((struct slice){(unsigned char *)text, chars},
                                          (unsigned char *)text, chars, &back),
                         STATUS_OK);
        assert_int_equal(back, len);
        assert_memory_equal(text, bytes, len);
    }
}

/* The characters of 64 bytes with padding may also be those of 66 without. */
static void
test_no_text_is_decoded_past_the_room(void **state)
{
    unsigned char out[8];
    size_t len = 99;

    (void)state;
    memset(out, 0x55, sizeof(out));
    assert_int_equal(base64_decode(SLICE("Zm9vYmFy"), out, 5, &len), STATUS_TOO_LARGE);
    assert_int_equal(base64_decode(SLICE("Zm9vYg=="), out, 3, &len), STATUS_TOO_LARGE);
    assert_int_equal(base64url_decode(SLICE("Zm9vYmFy"), out, 5, &len), STATUS_TOO_LARGE);
    assert_int_equal(base64url_decode(SLICE("Zm8"), out, 1, &len), STATUS_TOO_LARGE);
    assert_int_equal(len, 99);
    for (size_t i = 0; i < sizeof(out); i++)
        assert_int_equal(out[i], 0x55);
    assert_int_equal(base64_decode(SLICE("Zm9vYg=="), out, 4, &len), STATUS_OK);
    assert_int_equal(base64url_decode(SLICE("Zm9vYmFy"), out, 6, &len), STATUS_OK);
    assert_int_equal(out[6], 0x55);
}

/* What is read by vectors is what is read by tables: base64_decode() knows tables only.
 */
static void
test_base64url_says_what_the_tables_say(void **state)
{
    static const char CHARS[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    unsigned char random[320];
    size_t refused = 0;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        unsigned char text[316], standard[320], ours[316], theirs[316];
        size_t ours_len = 0, theirs_len = 0;
        random_fill(random, sizeof(random));
        size_t len = (random[0] + (size_t)random[1]) % 300;
        for (size_t i = 0; i < len; i++)
            text[i] = (unsigned char)CHARS[random[2 + i] % 64];
        if (len > 0 && random[310] & 1) /* any byte at any place */
            text[random[311] % len] = random[312];
        for (size_t i = 0; i < (len + 3) / 4 * 4; i++) {
            unsigned char c = i < len ? text[i] : '=';
            bool is_other = i < len && (c == '+' || c == '/' || c == '=');
            standard[i] = c == '-' ? '+' : c == '_' ? '/' : is_other ? '!' : c;
        }
        enum status status =
            base64url_decode((struct slice){text, len}, ours, sizeof(ours), &ours_len);
        assert_int_equal(base64_decode((struct slice){standard, (len + 3) / 4 * 4},
                                       theirs, sizeof(theirs), &theirs_len),
                         status);
        refused += status != STATUS_OK;
        if (status != STATUS_OK)
            continue;
        assert_int_equal(ours_len, theirs_len);
        assert_memory_equal(ours, theirs, ours_len);
    }
    assert_in_range(refused, 1000, 19000); /* both were tried */
}

static void
test_base64_is_that_of_rfc_4648(void **state)
{
    static const struct {
        struct slice bytes, text;
    } VECTORS[] = {
        {SLICE(""), SLICE("")},
        {SLICE("f"), SLICE("Zg==")},
        {SLICE("fo"), SLICE("Zm8=")},
        {SLICE("foo"), SLICE("Zm9v")},
        {SLICE("foob"), SLICE("Zm9vYg==")},
        {SLICE("fooba"), SLICE("Zm9vYmE=")},
        {SLICE("foobar"), SLICE("Zm9vYmFy")},
        {SLICE("\xFB\xFF"), SLICE("+/8=")},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(VECTORS); i++) {
        char text[16];
        unsigned char bytes[16];
        size_t len = base64_encode(VECTORS[i].bytes, text);
        assert_true(
            slice_equal((struct slice){(unsigned char *)text, len}, VECTORS[i].text));
        assert_int_equal(base64_decode(VECTORS[i].text, bytes, sizeof(bytes), &len),
                         STATUS_OK);
        assert_true(slice_equal((struct slice){bytes, len}, VECTORS[i].bytes));
    }
}

static void
test_base64_refuses_wrong_padding_and_spare_bits(void **state)
{
    static const struct slice WRONG[] = {
        SLICE("Zg"),       SLICE("Zg="),  SLICE("Zg==="),  SLICE("Zh=="),
        SLICE("Zm9="),     SLICE("===="), SLICE("Z==="),   SLICE("=Zg="),
        SLICE("Zg==Zg=="), SLICE("-_8="), SLICE("Zg==\n"),
    };
    unsigned char out[16];
    size_t len = 99;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(WRONG); i++)
        assert_int_equal(base64_decode(WRONG[i], out, sizeof(out), &len),
                         STATUS_MALFORMED);
    assert_int_equal(len, 99);
}

static void
test_percent_decodes_once_and_leaves_what_is_no_escape(void **state)
{
    static const struct {
        struct slice text, wanted;
    } CASES[] = {
        {SLICE("a%20b"), SLICE("a b")},     {SLICE("%2525"), SLICE("%25")},
        {SLICE("%4a%4A"), SLICE("JJ")},     {SLICE("a+b"), SLICE("a+b")},
        {SLICE("100%"), SLICE("100%")},     {SLICE("%4"), SLICE("%4")},
        {SLICE("%g0%0g"), SLICE("%g0%0g")}, {SLICE("%%41"), SLICE("%A")},
        {SLICE("%00"), SLICE("\0")},        {SLICE(""), SLICE("")},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        unsigned char out[16];
        size_t len = percent_decode(CASES[i].text, out);
        assert_true(slice_equal((struct slice){out, len}, CASES[i].wanted));
    }
}

static void
test_percent_encodes_all_but_unreserved_and_back(void **state)
{
    struct buffer out AUTO(buffer_done) = buffer_make(1024);
    unsigned char all[256];
    unsigned char back[1024];

    (void)state;
    for (int i = 0; i < 256; i++)
        all[i] = (unsigned char)i;
    percent_encode(&out, (struct slice){all, sizeof(all)});
    assert_int_equal(out.len, 66 + 190 * 3);
    assert_int_equal(percent_decode(buffer_slice(&out), back), 256);
    assert_memory_equal(back, all, 256);
    buffer_clear(&out);
    percent_encode(&out, SLICE("a b+c/~é"));
    assert_true(slice_equal(buffer_slice(&out), SLICE("a%20b%2Bc%2F~%C3%A9")));
}

/* Each code point, written and read; surrogates are none. */
static void
test_utf8_takes_every_code_point_but_surrogates(void **state)
{
    (void)state;
    for (uint32_t code = 0; code <= 0x110000; code += code < 0x3000 ? 1 : 97) {
        unsigned char out[4];
        struct slice text = {out, utf8_write(code, out)};
        bool is_good = (code < 0xD800 || code > 0xDFFF) && code <= 0x10FFFF;
        assert_int_equal(utf8_is(text), is_good);
        assert_int_equal(utf8_len(text), is_good ? text.len : 0);
    }
}

static void
test_utf8_refuses_malformed_texts_at_any_place(void **state)
{
    static const struct slice WRONG[] = {
        SLICE("\x80"),
        SLICE("\xBF"),
        SLICE("\xC0\x80"),
        SLICE("\xC1\xBF"),
        SLICE("\xC2"),
        SLICE("\xC2\x41"),
        SLICE("\xE0\x9F\xBF"),
        SLICE("\xE2\x82"),
        SLICE("\xE2\x82\x41"),
        SLICE("\xED\xA0\x80"),
        SLICE("\xED\xBF\xBF"),
        SLICE("\xF0\x8F\xBF\xBF"),
        SLICE("\xF0\x9F\x98"),
        SLICE("\xF4\x90\x80\x80"),
        SLICE("\xF5\x80\x80\x80"),
        SLICE("\xFE"),
        SLICE("\xFF"),
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(WRONG); i++) {
        for (size_t before = 0; before < 18; before++) {
            struct buffer text AUTO(buffer_done) = buffer_make(64);
            for (size_t k = 0; k < before; k++)
                buffer_add_byte(&text, 'a');
            assert_true(utf8_is(buffer_slice(&text)));
            buffer_add(&text, WRONG[i]);
            assert_false(utf8_is(buffer_slice(&text)));
        }
    }
    assert_true(utf8_is(SLICE("aé€😀\xF4\x8F\xBF\xBF")));
}

static void
test_utf8_counts_code_points_and_sees_controls(void **state)
{
    (void)state;
    assert_int_equal(utf8_count(SLICE("aé€😀")), 4);
    assert_false(utf8_has_control(SLICE("aé€😀\xC2\xA0 ~")));
    assert_true(utf8_has_control(SLICE("a\x1F")));
    assert_true(utf8_has_control(SLICE("a\x7F")));
    assert_true(utf8_has_control(SLICE("a\xC2\x80")));
    assert_true(utf8_has_control(SLICE("a\xC2\x9F")));
    assert_true(utf8_has_control(SLICE("\n")));
}

static void
test_number_reads_all_of_int64_and_nothing_beyond(void **state)
{
    int64_t number = 7;

    (void)state;
    assert_int_equal(number_read(SLICE("9223372036854775807"), &number), STATUS_OK);
    assert_true(number == INT64_MAX);
    assert_int_equal(number_read(SLICE("-9223372036854775808"), &number), STATUS_OK);
    assert_true(number == INT64_MIN);
    assert_int_equal(number_read(SLICE("9223372036854775808"), &number),
                     STATUS_TOO_LARGE);
    assert_int_equal(number_read(SLICE("-9223372036854775809"), &number),
                     STATUS_TOO_LARGE);
    assert_int_equal(number_read(SLICE("99999999999999999999999"), &number),
                     STATUS_TOO_LARGE);
    assert_true(number == INT64_MIN);
    assert_int_equal(number_read(SLICE("0"), &number), STATUS_OK);
    assert_true(number == 0);
}

static void
test_number_refuses_everything_that_is_not_only_digits(void **state)
{
    static const struct slice WRONG[] = {
        SLICE(""),    SLICE("-"),  SLICE("+1"),  SLICE(" 1"),
        SLICE("1 "),  SLICE("1."), SLICE("1e3"), SLICE("0x1"),
        SLICE("--1"), SLICE("1-"), SLICE("1\0"), SLICE("99999999999999999999x"),
    };
    int64_t number = 7;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(WRONG); i++)
        assert_int_equal(number_read(WRONG[i], &number), STATUS_MALFORMED);
    assert_true(number == 7);
}

static void
test_uuid_is_random_version_4_in_lower_case(void **state)
{
    char a[UUID_CHARS + 1];
    char b[UUID_CHARS + 1];

    (void)state;
    for (int i = 0; i < 100; i++) {
        uuid_make(a);
        uuid_make(b);
        assert_int_equal(strlen(a), UUID_CHARS);
        assert_true(uuid_is(slice_of(a)));
        assert_int_equal(a[14], '4');
        assert_non_null(strchr("89ab", a[19]));
        assert_int_equal(strspn(a, "0123456789abcdef-"), UUID_CHARS);
        assert_string_not_equal(a, b);
    }
}

static void
test_uuid_is_takes_any_case_and_nothing_misplaced(void **state)
{
    (void)state;
    assert_true(uuid_is(SLICE("CE9778BF-0000-1000-a000-91e9355603a3")));
    assert_false(uuid_is(SLICE("CE9778BF-0000-1000-a000-91e9355603a")));
    assert_false(uuid_is(SLICE("CE9778BF-0000-1000-a000-91e9355603a33")));
    assert_false(uuid_is(SLICE("CE9778BF-0000-1000-a000-91e9355603ag")));
    assert_false(uuid_is(SLICE("CE9778BF00000-1000-a000-91e9355603a3")));
    assert_false(uuid_is(SLICE("CE9778B--0000-1000-a000-91e9355603a3")));
}

/* The vectors of the reference implementation: key 00..0f, messages "", 00, 00 01, … */
static void
test_siphash_gives_the_published_values(void **state)
{
    static const uint64_t WANTED[] = {
        0x726fdb47dd0e0e31, 0x74f839c593dc67fd, 0x0d6c8009d9a94f5a, 0x85676696d7fb7e2d,
        0xcf2794e0277187b7, 0x18765564cd99a68d, 0xcbc9466e58fee3ce, 0xab0200f58b01d137,
        0x93f5f5799a932462, 0x9e0082df0ba9e4b0, 0x7a5dbbc594ddb9f3, 0xf4b32f46226bada7,
        0x751e8fbc860ee5fb, 0x14ea5627c0843d90, 0xf723ca908e7af2ee, 0xa129ca6149be45e5,
    };
    uint8_t key[16];
    uint8_t message[16];

    (void)state;
    for (uint8_t i = 0; i < 16; i++)
        key[i] = message[i] = i;
    for (size_t len = 0; len < 16; len++)
        assert_true(hash_siphash(key, (struct slice){message, len}) == WANTED[len]);
}

static void
test_keyed_hash_is_steady_within_a_process(void **state)
{
    uint8_t zero_key[16] = {0};

    (void)state;
    assert_true(hash_keyed(SLICE("abc")) == hash_keyed(SLICE("abc")));
    assert_true(hash_keyed(SLICE("abc")) != hash_keyed(SLICE("abd")));
    assert_true(hash_keyed(SLICE("abc")) != hash_siphash(zero_key, SLICE("abc")));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_base64url_takes_exactly_what_encodes_back_to_itself),
        cmocka_unit_test(test_base64url_refuses_a_foreign_byte_at_any_place),
        cmocka_unit_test(test_base64url_is_as_strict_in_long_texts),
        cmocka_unit_test(test_base64url_refuses_padding_and_the_standard_alphabet),
        cmocka_unit_test(test_base64url_decodes_in_place_what_it_encodes_at_every_length),
        cmocka_unit_test(test_no_text_is_decoded_past_the_room),
        cmocka_unit_test(test_base64url_says_what_the_tables_say),
        cmocka_unit_test(test_base64_is_that_of_rfc_4648),
        cmocka_unit_test(test_base64_refuses_wrong_padding_and_spare_bits),
        cmocka_unit_test(test_percent_decodes_once_and_leaves_what_is_no_escape),
        cmocka_unit_test(test_percent_encodes_all_but_unreserved_and_back),
        cmocka_unit_test(test_utf8_takes_every_code_point_but_surrogates),
        cmocka_unit_test(test_utf8_refuses_malformed_texts_at_any_place),
        cmocka_unit_test(test_utf8_counts_code_points_and_sees_controls),
        cmocka_unit_test(test_number_reads_all_of_int64_and_nothing_beyond),
        cmocka_unit_test(test_number_refuses_everything_that_is_not_only_digits),
        cmocka_unit_test(test_uuid_is_random_version_4_in_lower_case),
        cmocka_unit_test(test_uuid_is_takes_any_case_and_nothing_misplaced),
        cmocka_unit_test(test_siphash_gives_the_published_values),
        cmocka_unit_test(test_keyed_hash_is_steady_within_a_process),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
