/* SPDX-License-Identifier: Apache-2.0
 *
 * What the writer writes is JSON, and says what was meant. */
#include "base/arena.h"
#include "base/auto.h"
#include "json/scan.h"
#include "json/write.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>

#include <cmocka.h>

static void
test_commas_and_colons_come_by_themselves(void **state)
{
    struct buffer out AUTO(buffer_done) = buffer_make(1000);
    struct json_writer w = json_write_into(&out);

    (void)state;
    json_write_object(&w);
    json_write_member_string(&w, "id", SLICE("7f"));
    json_write_member_text(&w, "title", "x");
    json_write_member_int(&w, "n", -5);
    json_write_member_bool(&w, "is", true);
    json_write_key(&w, "list");
    json_write_array(&w);
    json_write_object(&w);
    json_write_end(&w);
    json_write_array(&w);
    json_write_end(&w);
    json_write_null(&w);
    json_write_raw(&w, SLICE("{\"a\":1}"));
    json_write_bool(&w, false);
    json_write_end(&w);
    json_write_key(&w, "");
    json_write_int(&w, INT64_MIN);
    json_write_end(&w);
    assert_int_equal(json_write_done(&w), STATUS_OK);
    assert_true(slice_equal(
        buffer_slice(&out),
        SLICE("{\"id\":\"7f\",\"title\":\"x\",\"n\":-5,\"is\":true,\"list\":[{},[],null,"
              "{\"a\":1},false],\"\":-9223372036854775808}")));
}

static void
test_strings_are_escaped_where_json_wants_it(void **state)
{
    static const struct {
        struct slice text, wanted;
    } CASES[] = {
        {SLICE("a\"b\\c/"), SLICE("\"a\\\"b\\\\c/\"")},
        {SLICE("\n\r\t\b\x01\x1f\x7f"),
         SLICE("\"\\n\\r\\t\\u0008\\u0001\\u001f\\u007f\"")},
        {SLICE("é€😀"), SLICE("\"é€😀\"")},
        {SLICE("a\xFF"
               "b\xE2\x82"),
         SLICE("\"a\uFFFD"
               "b\uFFFD\uFFFD\"")},
        {SLICE("\0"), SLICE("\"\\u0000\"")},
        {SLICE(""), SLICE("\"\"")},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        struct buffer out AUTO(buffer_done) = buffer_make(100);
        struct json_writer w = json_write_into(&out);
        json_write_string(&w, CASES[i].text);
        assert_int_equal(json_write_done(&w), STATUS_OK);
        assert_true(slice_equal(buffer_slice(&out), CASES[i].wanted));
    }
}

static void
test_every_text_reads_back_as_it_was(void **state)
{
    unsigned char all[255 + 4];
    struct buffer out AUTO(buffer_done) = buffer_make(10000);
    struct json_writer w = json_write_into(&out);
    struct arena arena AUTO(arena_done) = {0};
    struct json_value value = {0};
    struct slice text = {all, 0};

    (void)state;
    for (int c = 1; c < 0x80; c++)
        all[text.len++] = (unsigned char)c;
    memcpy(all + text.len, "😀", 4);
    text.len += 4;
    json_write_object(&w);
    json_write_key_slice(&w, text);
    json_write_string(&w, text);
    json_write_end(&w);
    assert_int_equal(json_write_done(&w), STATUS_OK);
    assert_int_equal(json_scan(buffer_slice(&out), &value), STATUS_OK);
    assert_int_equal(json_find(&value, text, &value), STATUS_OK);
    assert_true(slice_equal(json_text(&value, &arena), text));
}

static void
test_answer_that_does_not_fit_is_told_at_its_end(void **state)
{
    struct buffer out AUTO(buffer_done) = buffer_make(5);
    struct json_writer fits = json_write_into(&out);
    struct json_writer is_short = fits;

    (void)state;
    json_write_text(&fits, "abc");
    assert_int_equal(json_write_done(&fits), STATUS_OK);
    buffer_clear(&out);
    json_write_text(&is_short, "abcd");
    assert_int_equal(json_write_done(&is_short), STATUS_TOO_LARGE);
}

/* Runs one wrong use in a process of its own; did it end there? */
static bool
ends(void (*wrong)(struct json_writer *w))
{
    int how = 0;
    pid_t child = fork();

    if (child == 0) {
        struct buffer out = buffer_make(100);
        struct json_writer w = json_write_into(&out);
        signal(SIGABRT, SIG_DFL);
        if (!freopen("/dev/null", "w", stderr))
            _exit(1);
        wrong(&w);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &how, 0), child);
    return WIFSIGNALED(how) && WTERMSIG(how) == SIGABRT;
}

static void
value_without_key(struct json_writer *w)
{
    json_write_object(w);
    json_write_int(w, 1);
}

static void
key_in_array(struct json_writer *w)
{
    json_write_array(w);
    json_write_key(w, "a");
}

static void
key_without_value(struct json_writer *w)
{
    json_write_object(w);
    json_write_key(w, "a");
    json_write_end(w);
}

static void
end_of_nothing(struct json_writer *w)
{
    json_write_end(w);
}

static void
two_values(struct json_writer *w)
{
    json_write_int(w, 1);
    json_write_int(w, 2);
}

static void
done_while_open(struct json_writer *w)
{
    json_write_array(w);
    if (json_write_done(w) != STATUS_OK)
        _exit(1);
}

static void
done_without_value(struct json_writer *w)
{
    if (json_write_done(w) != STATUS_OK)
        _exit(1);
}

static void
all_in_order(struct json_writer *w)
{
    json_write_array(w);
    json_write_end(w);
    if (json_write_done(w) != STATUS_OK)
        abort();
}

static void
test_wrong_order_ends_the_process(void **state)
{
    (void)state;
    assert_true(ends(value_without_key));
    assert_true(ends(key_in_array));
    assert_true(ends(key_without_value));
    assert_true(ends(end_of_nothing));
    assert_true(ends(two_values));
    assert_true(ends(done_while_open));
    assert_true(ends(done_without_value));
    assert_false(ends(all_in_order));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_commas_and_colons_come_by_themselves),
        cmocka_unit_test(test_strings_are_escaped_where_json_wants_it),
        cmocka_unit_test(test_every_text_reads_back_as_it_was),
        cmocka_unit_test(test_answer_that_does_not_fit_is_told_at_its_end),
        cmocka_unit_test(test_wrong_order_ends_the_process),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
