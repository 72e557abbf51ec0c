/* SPDX-License-Identifier: Apache-2.0
 *
 * Slices, buffers, arenas, secrets and the words of statuses. */
#include "base/arena.h"
#include "base/auto.h"
#include "base/buffer.h"
#include "base/ids.h"
#include "base/mem.h"
#include "base/secret.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
test_slice_equal_needs_same_length_and_bytes(void **state)
{
    (void)state;
    assert_true(slice_equal(SLICE("abc"), SLICE("abc")));
    assert_false(slice_equal(SLICE("abc"), SLICE("abd")));
    assert_false(slice_equal(SLICE("abc"), SLICE("ab")));
    assert_true(slice_equal((struct slice){NULL, 0}, SLICE("")));
}

static void
test_slice_equal_nocase_folds_letters_only(void **state)
{
    (void)state;
    assert_true(slice_equal_nocase(SLICE("Content-Type"), SLICE("cONTENT-tYPE")));
    assert_false(slice_equal_nocase(SLICE("Content-Type"), SLICE("Content_Type")));
    assert_false(slice_equal_nocase(SLICE("@"), SLICE("`"))); /* 0x40 and 0x60 */
    assert_false(slice_equal_nocase(SLICE("["), SLICE("{")));
    assert_false(slice_equal_nocase(SLICE("ab"), SLICE("abc")));
}

static void
test_slice_trim_takes_blanks_from_both_ends_only(void **state)
{
    (void)state;
    assert_true(slice_equal(slice_trim(SLICE(" \t\r\n a b \n")), SLICE("a b")));
    assert_true(slice_equal(slice_trim(SLICE(" \t ")), SLICE("")));
    assert_true(slice_equal(slice_trim(SLICE("\va")), SLICE("\va")));
}

static void
test_slice_cut_leaves_everything_when_there_is_no_mark(void **state)
{
    struct slice rest = SLICE("a/b/c");
    struct slice head = SLICE("untouched");

    (void)state;
    assert_true(slice_cut(&rest, '/', &head));
    assert_true(slice_equal(head, SLICE("a")) && slice_equal(rest, SLICE("b/c")));
    assert_false(slice_cut(&rest, ':', &head));
    assert_true(slice_equal(head, SLICE("a")) && slice_equal(rest, SLICE("b/c")));
}

static void
test_slice_to_text_refuses_what_a_closed_text_cannot_hold(void **state)
{
    char out[4] = "xxx";

    (void)state;
    assert_true(slice_to_text(SLICE("abc"), out, sizeof(out)));
    assert_string_equal(out, "abc");
    assert_false(slice_to_text(SLICE("abcd"), out, sizeof(out)));
    assert_string_equal(out, "");
    assert_false(slice_to_text(SLICE("a\0b"), out, sizeof(out)));
    assert_string_equal(out, "");
}

static void
test_buffer_holds_its_maximum_and_not_a_byte_more(void **state)
{
    struct buffer buffer AUTO(buffer_done) = buffer_make(4);

    (void)state;
    buffer_add(&buffer, SLICE("abcd"));
    assert_int_equal(buffer_check(&buffer), STATUS_OK);
    buffer_add_byte(&buffer, 'e');
    assert_int_equal(buffer_check(&buffer), STATUS_TOO_LARGE);
    assert_true(slice_equal(buffer_slice(&buffer), SLICE("abcd")));
}

/* A chain of writes is checked at its end, so what is there must be its beginning. */
static void
test_buffer_takes_nothing_after_a_write_that_did_not_fit(void **state)
{
    struct buffer buffer AUTO(buffer_done) = buffer_make(4);

    (void)state;
    buffer_add(&buffer, SLICE("abcde"));
    buffer_add(&buffer, SLICE("f"));
    assert_int_equal(buffer.len, 0);
    buffer_clear(&buffer);
    buffer_add(&buffer, SLICE("f"));
    assert_int_equal(buffer_check(&buffer), STATUS_OK);
    assert_true(slice_equal(buffer_slice(&buffer), SLICE("f")));
}

static void
test_buffer_prints_long_texts_whole(void **state)
{
    struct buffer buffer AUTO(buffer_done) = buffer_make(1000);

    (void)state;
    buffer_print(&buffer, "%0999d", 7);
    assert_int_equal(buffer_check(&buffer), STATUS_OK);
    assert_int_equal(buffer.len, 999);
    assert_int_equal(buffer.at[998], '7');
    buffer_print(&buffer, "%s", "xy");
    assert_int_equal(buffer_check(&buffer), STATUS_TOO_LARGE);
    assert_int_equal(buffer.len, 999);
}

static void
test_buffer_writes_every_int64(void **state)
{
    struct buffer buffer AUTO(buffer_done) = buffer_make(100);

    (void)state;
    buffer_add_int(&buffer, INT64_MIN);
    buffer_add_byte(&buffer, ' ');
    buffer_add_int(&buffer, 0);
    buffer_add_byte(&buffer, ' ');
    buffer_add_int(&buffer, INT64_MAX);
    assert_true(slice_equal(buffer_slice(&buffer),
                            SLICE("-9223372036854775808 0 9223372036854775807")));
}

static void
test_buffer_drop_keeps_the_rest_in_order(void **state)
{
    struct buffer buffer AUTO(buffer_done) = buffer_make(100);

    (void)state;
    buffer_add_text(&buffer, "abcdef");
    buffer_drop(&buffer, 2);
    assert_true(slice_equal(buffer_slice(&buffer), SLICE("cdef")));
    buffer_drop(&buffer, 99);
    assert_int_equal(buffer.len, 0);
}

static void
test_arena_gives_zeroed_and_aligned_memory_also_after_reset(void **state)
{
    struct arena arena AUTO(arena_done) = {0};

    (void)state;
    for (int round = 0; round < 3; round++) {
        for (size_t size = 0; size < 5000; size += 7) {
            unsigned char *at = arena_new(&arena, size);
            assert_int_equal((uintptr_t)at % _Alignof(max_align_t), 0);
            for (size_t i = 0; i < size; i++)
                assert_int_equal(at[i], 0);
            memset(at, 0xAA, size);
        }
        assert_true(arena.used_bytes > 0);
        arena_reset(&arena);
        assert_int_equal(arena.used_bytes, 0);
        assert_non_null(arena.blocks); /* one is kept for the next user */
    }
}

static void
test_arena_copies_outlive_what_they_copy(void **state)
{
    struct arena arena AUTO(arena_done) = {0};
    char source[] = "abc";
    struct slice copy = arena_copy(&arena, slice_of(source));
    char *text = arena_text(&arena, slice_of(source));
    char *empty = arena_text(&arena, (struct slice){NULL, 0});

    (void)state;
    source[0] = 'x';
    assert_true(slice_equal(copy, SLICE("abc")));
    assert_string_equal(text, "abc");
    assert_string_equal(empty, "");
}

static void
test_secret_takes_its_maximum_and_not_a_byte_more(void **state)
{
    unsigned char bytes[SECRET_MAX_BYTES + 1] = {1};
    struct secret secret AUTO(secret_done) = {0};

    (void)state;
    assert_true(secret_set(&secret, (struct slice){bytes, SECRET_MAX_BYTES}));
    assert_int_equal(secret.len, SECRET_MAX_BYTES);
    assert_false(secret_set(&secret, (struct slice){bytes, SECRET_MAX_BYTES + 1}));
    assert_int_equal(secret.len, 0);
    assert_int_equal(secret.at[0], 0);
}

static void
test_secret_equal_sees_every_single_bit(void **state)
{
    unsigned char a[33];
    unsigned char b[33];

    (void)state;
    memset(a, 0x5A, sizeof(a));
    memcpy(b, a, sizeof(b));
    assert_true(secret_equal((struct slice){a, 33}, (struct slice){b, 33}));
    assert_false(secret_equal((struct slice){a, 33}, (struct slice){b, 32}));
    for (size_t bit = 0; bit < sizeof(b) * 8; bit++) {
        b[bit / 8] ^= (unsigned char)(1u << bit % 8);
        assert_false(secret_equal((struct slice){a, 33}, (struct slice){b, 33}));
        b[bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
    assert_true(secret_equal(SLICE(""), SLICE("")));
}

static void
test_secret_done_leaves_nothing(void **state)
{
    struct secret secret = {0};
    struct secret zero = {0};

    (void)state;
    assert_true(secret_set(&secret, SLICE("swordfish")));
    secret_done(&secret);
    assert_memory_equal(&secret, &zero, sizeof(zero));
}

static void
test_every_status_has_words_and_an_http_status(void **state)
{
    (void)state;
#define X(name, http, text)                                \
    assert_int_equal(status_http(STATUS_##name), http);    \
    assert_string_equal(status_text(STATUS_##name), text); \
    assert_true(slice_equal_nocase(slice_of(status_name(STATUS_##name)), SLICE(#name)));
    STATUS_LIST(X)
#undef X
    assert_string_equal(status_name(STATUS_NOT_FOUND), "not_found");
    assert_int_equal(status_http((enum status)99), 500);
}

static void
test_failure_names_field_and_words_and_is_cut_to_its_size(void **state)
{
    struct failure failure = {0};
    char longest[2000];

    (void)state;
    memset(longest, 'x', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    assert_int_equal(failure_set(&failure, STATUS_CONFLICT, "title", "%d of %d", 1, 2),
                     STATUS_CONFLICT);
    assert_string_equal(failure.field, "title");
    assert_string_equal(failure.text, "1 of 2");
    assert_int_equal(failure_set(&failure, STATUS_BROKEN, NULL, "%s", longest),
                     STATUS_BROKEN);
    assert_string_equal(failure.field, "");
    assert_int_equal(strlen(failure.text), FAILURE_TEXT_MAX - 1);
    assert_int_equal(failure_set(NULL, STATUS_REFUSED, "x", "y"), STATUS_REFUSED);
}

static void
test_mem_free_leaves_null(void **state)
{
    char *text = mem_text("abcdef", 3);
    int *numbers = mem_new_array(4, sizeof(*numbers));

    (void)state;
    assert_string_equal(text, "abc");
    assert_int_equal(numbers[3], 0);
    mem_free(&text);
    mem_free(&numbers);
    assert_null(text);
    assert_null(numbers);
    mem_free(&text);
}

/* The same groups in another order, or one of them twice, are the same set. */
static void
test_ids_are_in_order_and_each_once(void **state)
{
    int64_t ids[] = {7, INT64_MAX, -1, 7, 3, INT64_MIN, 7, 3};
    const int64_t wanted[] = {INT64_MIN, -1, 3, 7, INT64_MAX};

    (void)state;
    assert_int_equal(ids_sort(ids, COUNT_OF(ids)), COUNT_OF(wanted));
    assert_memory_equal(ids, wanted, sizeof(wanted));
    assert_int_equal(ids_sort(ids, 1), 1);
    assert_int_equal(ids_sort(ids, 0), 0);
    assert_true(ids_hold(wanted, COUNT_OF(wanted), INT64_MAX));
    assert_false(ids_hold(wanted, COUNT_OF(wanted) - 1, INT64_MAX));
    assert_false(ids_hold(wanted, 0, 3));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ids_are_in_order_and_each_once),
        cmocka_unit_test(test_slice_equal_needs_same_length_and_bytes),
        cmocka_unit_test(test_slice_equal_nocase_folds_letters_only),
        cmocka_unit_test(test_slice_trim_takes_blanks_from_both_ends_only),
        cmocka_unit_test(test_slice_cut_leaves_everything_when_there_is_no_mark),
        cmocka_unit_test(test_slice_to_text_refuses_what_a_closed_text_cannot_hold),
        cmocka_unit_test(test_buffer_holds_its_maximum_and_not_a_byte_more),
        cmocka_unit_test(test_buffer_takes_nothing_after_a_write_that_did_not_fit),
        cmocka_unit_test(test_buffer_prints_long_texts_whole),
        cmocka_unit_test(test_buffer_writes_every_int64),
        cmocka_unit_test(test_buffer_drop_keeps_the_rest_in_order),
        cmocka_unit_test(test_arena_gives_zeroed_and_aligned_memory_also_after_reset),
        cmocka_unit_test(test_arena_copies_outlive_what_they_copy),
        cmocka_unit_test(test_secret_takes_its_maximum_and_not_a_byte_more),
        cmocka_unit_test(test_secret_equal_sees_every_single_bit),
        cmocka_unit_test(test_secret_done_leaves_nothing),
        cmocka_unit_test(test_every_status_has_words_and_an_http_status),
        cmocka_unit_test(test_failure_names_field_and_words_and_is_cut_to_its_size),
        cmocka_unit_test(test_mem_free_leaves_null),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
