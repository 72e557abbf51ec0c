/* SPDX-License-Identifier: Apache-2.0
 *
 * A text piece by piece: in the order of the text, to the last byte, and no deeper than
 * is said. */
#include "json/pieces.h"

#include "base/auto.h"
#include "base/buffer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The pieces as a line: "{ a=1 b[ 2 ] }". */
static enum status
write_pieces(struct slice text, struct buffer *out, struct failure *failure)
{
    struct json_pieces pieces = json_pieces_of(text);
    struct json_piece piece = {.kind = JSON_PIECE_VALUE};

    while (piece.kind != JSON_PIECE_END) {
        if (json_pieces_next(&pieces, &piece) != STATUS_OK)
            return json_pieces_explain(&pieces, text, failure);
        if (piece.name.kind == JSON_KIND_STRING)
            buffer_print(out, "%.*s=", SLICE_ARG(piece.name.raw));
        if (piece.kind == JSON_PIECE_OPEN)
            buffer_add_text(out, piece.value.kind == JSON_KIND_OBJECT ? "{ " : "[ ");
        if (piece.kind == JSON_PIECE_CLOSE)
            buffer_add_text(out, ") ");
        if (piece.kind == JSON_PIECE_VALUE)
            buffer_print(out, "%.*s ", SLICE_ARG(piece.value.raw));
    }
    assert_int_equal(json_pieces_next(&pieces, &piece), STATUS_OK);
    assert_int_equal(piece.kind, JSON_PIECE_END);
    return STATUS_OK;
}

static void
assert_pieces(const char *text, const char *wanted)
{
    struct buffer out AUTO(buffer_done) = buffer_make(4096);
    struct failure failure = {0};

    if (write_pieces(slice_of(text), &out, &failure) != STATUS_OK)
        fail_msg("%s: %s", text, failure.text);
    buffer_add_byte(&out, 0);
    assert_string_equal((const char *)out.at, wanted);
}

static void
test_pieces_come_in_the_order_of_the_text(void **state)
{
    (void)state;
    assert_pieces("{\"a\":1,\"b\":[2,{\"c\":[]},\"x\"],\"d\":{}}",
                  "{ a=1 b=[ 2 { c=[ ) ) x ) d={ ) ) ");
    assert_pieces(" [ true , null ] ", "[ true null ) ");
    assert_pieces("\t\"text\"\n", "text ");
    assert_pieces("[[[]],{}]", "[ [ [ ) ) { ) ) ");
}

static void
test_a_whole_number_beyond_64_bits_is_a_piece(void **state)
{
    struct buffer out AUTO(buffer_done) = buffer_make(4096);
    struct buffer large AUTO(buffer_done) = buffer_make(4096);
    struct failure failure = {0};

    (void)state;
    assert_pieces("[18446744073709551616,-9223372036854775809]",
                  "[ 18446744073709551616 -9223372036854775809 ) ");
    buffer_add_text(&large, "1");
    for (int i = 0; i < 308; i++)
        buffer_add_text(&large, "0");
    assert_int_equal(write_pieces(buffer_slice(&large), &out, &failure), STATUS_OK);
    buffer_add_text(&large, "0"); /* 1e309 */
    assert_int_equal(write_pieces(buffer_slice(&large), &out, &failure),
                     STATUS_MALFORMED);
    assert_string_equal(failure.text, "line 1, column 1: this number is too large");
}

static void
test_a_fault_ends_the_pieces_for_good(void **state)
{
    static const char *const ROWS[] = {
        "",    "{",     "[1,]",  "{\"a\"}",   "{\"a\":1,}",  "[1}",
        "{]",  "1 2",   "[] x",  "{\"a\":1]", "[\"\\q\"]",   "[\"a\n\"]",
        "tru", "[1 2]", "{1:2}", "[,1]",      "\"\\u0000\"", "[\"\xC0\x80\"]"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(ROWS); i++) {
        struct buffer out AUTO(buffer_done) = buffer_make(4096);
        struct failure failure = {0};
        struct json_pieces pieces = json_pieces_of(slice_of(ROWS[i]));
        struct json_piece piece;
        if (write_pieces(slice_of(ROWS[i]), &out, &failure) != STATUS_MALFORMED)
            fail_msg("'%s' was taken", ROWS[i]);
        assert_true(failure.line > 0);
        while (json_pieces_next(&pieces, &piece) == STATUS_OK)
            continue;
        for (int again = 0; again < 3; again++)
            assert_int_equal(json_pieces_next(&pieces, &piece), STATUS_MALFORMED);
    }
}

static void
test_pieces_nest_as_deep_as_is_said_and_no_deeper(void **state)
{
    (void)state;
    for (int extra = 0; extra < 2; extra++) {
        struct buffer text AUTO(buffer_done) = buffer_make(1 << 20);
        struct buffer out AUTO(buffer_done) = buffer_make(1 << 20);
        struct failure failure = {0};
        int depth = JSON_PIECES_DEPTH_MAX + extra;
        for (int i = 0; i < depth; i++)
            buffer_add_text(&text, i % 3 ? "[" : "{\"a\":");
        buffer_add_text(&text, "1");
        for (int i = depth; i-- > 0;)
            buffer_add_text(&text, i % 3 ? "]" : "}");
        assert_int_equal(write_pieces(buffer_slice(&text), &out, &failure),
                         extra ? STATUS_TOO_LARGE : STATUS_OK);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces_come_in_the_order_of_the_text),
        cmocka_unit_test(test_a_whole_number_beyond_64_bits_is_a_piece),
        cmocka_unit_test(test_a_fault_ends_the_pieces_for_good),
        cmocka_unit_test(test_pieces_nest_as_deep_as_is_said_and_no_deeper),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
