/* SPDX-License-Identifier: Apache-2.0
 *
 * Texts on their way: what goes in comes out again, and every line is one that mail may
 * have. The decoders here are written from the RFCs, not from our encoders. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/auto.h"
#include "base/base64url.h"
#include "base/date.h"
#include "base/utf8.h"
#include "mail/mime.h"

enum { ROOM_BYTES = 64 * 1024 };

static int
hex_of(unsigned char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* RFC 2045 §6.7, strictly. */
static void
read_quoted(struct slice text, struct buffer *out)
{
    struct slice line = {0};

    while (text.len > 0) {
        assert_true(slice_cut(&text, '\n', &line));
        assert_true(line.len > 0 && line.at[line.len - 1] == '\r');
        line.len--;
        assert_true(line.len <= 76);
        bool is_soft = line.len > 0 && line.at[line.len - 1] == '=';
        line.len -= is_soft;
        assert_false(line.len > 0 && !is_soft && line.at[line.len - 1] == ' ');
        for (size_t i = 0; i < line.len; i++) {
            unsigned char c = line.at[i];
            assert_true((c >= ' ' && c < 0x7f) || c == '\t');
            if (c == '=') {
                assert_true(i + 3 <= line.len);
                int high = hex_of(line.at[i + 1]);
                int low = hex_of(line.at[i + 2]);
                assert_true(high >= 0 && low >= 0);
                c = (unsigned char)(high * 16 + low);
                i += 2;
            }
            buffer_add_byte(out, c);
        }
        if (!is_soft)
            buffer_add_byte(out, '\n');
    }
}

static void
assert_quoted_and_back(struct slice text)
{
    struct buffer quoted AUTO(buffer_done) = buffer_make(8 * ROOM_BYTES);
    struct buffer back AUTO(buffer_done) = buffer_make(ROOM_BYTES);

    mime_add_quoted(&quoted, text);
    read_quoted(buffer_slice(&quoted), &back);
    if (text.len > 0 && text.at[text.len - 1] != '\n') {
        assert_int_equal(back.at[back.len - 1], '\n'); /* the last line is ended */
        back.len--;
    }
    assert_int_equal(back.len, text.len);
    assert_memory_equal(back.at, text.at, text.len);
}

static void
test_quoted_printable_comes_back(void **state)
{
    static const char *const TEXTS[] = {
        "plain\n",
        "a = b == c\n",
        "blank at the end \n",
        "tab at the end\t\n",
        "\n\n\n",
        "Grüße an 東京\n",
        ".\n..\nFrom here\n",
        "a title\r\nBcc: somebody@example.com\n",
        "no line end",
        "\001\177\n",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(TEXTS); i++)
        assert_quoted_and_back(slice_of(TEXTS[i]));
    for (size_t len = 1; len < 400; len++) {
        unsigned char line[400];
        for (size_t i = 0; i < len; i++)
            line[i] = i % 7 == 3 ? '=' : i % 5 == 1 ? 0xc3 : 'x';
        assert_quoted_and_back((struct slice){line, len});
    }
    srandom(7);
    for (int turn = 0; turn < 2000; turn++) {
        unsigned char bytes[300];
        size_t len = (size_t)random() % sizeof(bytes) + 1;
        for (size_t i = 0; i < len; i++)
            bytes[i] = (unsigned char)random();
        assert_quoted_and_back((struct slice){bytes, len});
    }
}

/* RFC 2047: takes one header apart, checks its lines, and gives its text. */
static void
read_header(struct slice header, const char *name, struct buffer *out)
{
    struct slice line = {0};
    bool is_first = true;

    while (header.len > 0) {
        assert_true(slice_cut(&header, '\n', &line));
        assert_true(line.len > 0 && line.at[--line.len] == '\r');
        assert_true(line.len <= 78);
        if (is_first) {
            assert_true(slice_starts(line, slice_of(name)));
            line = slice_from(line, strlen(name));
            assert_true(slice_starts(line, SLICE(": ")));
            line = slice_from(line, 2);
        } else {
            assert_true(slice_starts(line, SLICE(" ")));
            line = slice_from(line, 1);
        }
        is_first = false;
        for (size_t i = 0; i < line.len; i++)
            assert_true(line.at[i] >= ' ' && line.at[i] < 0x7f);
        if (!slice_starts(line, SLICE("=?UTF-8?B?"))) {
            buffer_add(out, line);
            continue;
        }
        unsigned char word[64];
        size_t len = 0;
        assert_true(line.len <= 75 && slice_ends(line, SLICE("?=")));
        line = slice_from(line, sizeof("=?UTF-8?B?") - 1);
        line.len -= 2;
        assert_int_equal(base64_decode(line, word, sizeof(word), &len), STATUS_OK);
        buffer_add(out, (struct slice){word, len});
    }
}

static void
assert_header_and_back(struct slice text)
{
    struct buffer header AUTO(buffer_done) = buffer_make(ROOM_BYTES);
    struct buffer back AUTO(buffer_done) = buffer_make(ROOM_BYTES);

    mime_add_header(&header, "Subject", text);
    read_header(buffer_slice(&header), "Subject", &back);
    assert_int_equal(back.len, text.len);
    assert_memory_equal(back.at, text.at, text.len);
}

static void
test_headers_come_back_and_stay_one_header(void **state)
{
    static const char *const TEXTS[] = {
        "plain",
        "New API token: Nightly",
        "=?UTF-8?B?QmNjOiB4?=",
        "x\r\nBcc: somebody@example.com",
        "x\nBcc: somebody@example.com\n\nbody",
        "x\rBcc: y",
        "Grüße aus Zürich, und noch viel mehr Text, der nicht auf eine Zeile geht",
        "東京東京東京東京東京東京東京東京東京東京東京東京東京東京東京東京東京",
        "🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂"
        "🙂🙂🙂",
        "only ASCII but far longer than any line of a header should ever be, so it is "
        "cut",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(TEXTS); i++)
        assert_header_and_back(slice_of(TEXTS[i]));
    srandom(8);
    for (int turn = 0; turn < 2000; turn++) {
        unsigned char bytes[200];
        size_t len = (size_t)random() % sizeof(bytes) + 1;
        for (size_t i = 0; i < len; i++)
            bytes[i] = (unsigned char)random();
        assert_header_and_back((struct slice){bytes, len});
    }
}

/* No character is cut in two: each encoded word must be readable by itself. */
static void
test_each_encoded_word_is_whole_utf8(void **state)
{
    struct buffer header AUTO(buffer_done) = buffer_make(ROOM_BYTES);
    struct slice text = SLICE(
        "a東京é🙂東京é🙂東京é🙂東京é🙂東京é🙂東京é🙂東"
        "京é🙂東京é🙂");
    struct slice line = {0};
    int count = 0;

    (void)state;
    mime_add_header(&header, "Subject", text);
    struct slice rest = slice_from(buffer_slice(&header), sizeof("Subject: ") - 1);
    while (slice_cut(&rest, '\n', &line)) {
        unsigned char word[64];
        size_t len = 0;
        line = slice_trim(line);
        line = slice_from(line, sizeof("=?UTF-8?B?") - 1);
        line.len -= 2;
        assert_int_equal(base64_decode(line, word, sizeof(word), &len), STATUS_OK);
        assert_true(utf8_is((struct slice){word, len}));
        count++;
    }
    assert_true(count > 2);
}

static void
test_dates_are_those_of_rfc_5322(void **state)
{
    static const struct {
        const char *moment, *wanted;
    } CASES[] = {
        {"1970-01-01T00:00:00Z", "Date: Thu, 1 Jan 1970 00:00:00 +0000\r\n"},
        {"2026-11-26T22:35:48Z", "Date: Thu, 26 Nov 2026 22:35:48 +0000\r\n"},
        {"2028-02-29T23:59:59.999Z", "Date: Tue, 29 Feb 2028 23:59:59 +0000\r\n"},
        {"2000-12-31T12:00:01Z", "Date: Sun, 31 Dec 2000 12:00:01 +0000\r\n"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        struct buffer out AUTO(buffer_done) = buffer_make(ROOM_BYTES);
        int64_t at_ms = 0;

        assert_int_equal(date_time_read(slice_of(CASES[i].moment), &at_ms), STATUS_OK);
        mime_add_date(&out, at_ms);
        buffer_add_byte(&out, '\0');
        assert_string_equal((const char *)out.at, CASES[i].wanted);
    }
}

static void
test_html_is_text(void **state)
{
    struct buffer out AUTO(buffer_done) = buffer_make(ROOM_BYTES);

    (void)state;
    mime_add_html(&out, "<script>alert(\"x\" & 'y')</script>\r\n");
    buffer_add_byte(&out, '\0');
    assert_string_equal((const char *)out.at, "&lt;script&gt;alert(&quot;x&quot; &amp; "
                                              "&#39;y&#39;)&lt;/script&gt;  ");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quoted_printable_comes_back),
        cmocka_unit_test(test_headers_come_back_and_stay_one_header),
        cmocka_unit_test(test_each_encoded_word_is_whole_utf8),
        cmocka_unit_test(test_dates_are_those_of_rfc_5322),
        cmocka_unit_test(test_html_is_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
