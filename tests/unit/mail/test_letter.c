/* SPDX-License-Identifier: Apache-2.0
 *
 * What letters say, and that nothing in them can become a header or a part. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/auto.h"
#include "base/mem.h"
#include "mail/letter.h"

#define UID "0b5f8d1e-1111-4222-8333-444455556666"

static const struct letter_house HOUSE = {"tokens@example.com", "https://t.example.com/"};

/* 2026-12-21T00:00:00Z */
static int64_t
now_ms(void)
{
    return date_start_s((struct date){2026, 12, 21}) * 1000;
}

static struct letter
make_letter(enum notice_kind kind)
{
    return (struct letter){.uid = UID,
                           .kind = kind,
                           .email = "ada@example.com",
                           .name = "Ada",
                           .line_count = 1};
}

static struct notice_line
make_line(void)
{
    return (struct notice_line){.token_id = "11111111-2222-4333-8444-555555555555",
                                .title = "Nightly",
                                .user_email = "grace@example.com",
                                .user_name = "Grace",
                                .expires_on = {2026, 12, 24}};
}

/* The message as a closed text. */
static char *
write_letter(const struct letter *letter, const struct notice_line *lines, size_t count)
{
    struct buffer out AUTO(buffer_done) = buffer_make(4 * LETTER_MAX_BYTES);

    assert_int_equal(letter_write(letter, lines, count, &HOUSE, now_ms(), &out),
                     STATUS_OK);
    char *text = mem_new(out.len + 1);
    memcpy(text, out.at, out.len);
    return text;
}

#define SAYS(text, part)                                                               \
    do {                                                                               \
        if (!strstr((text), (part)))                                                   \
            fail_msg("%s:%d: '%s' is not in: %s", __FILE__, __LINE__, (part), (text)); \
    } while (0)

static int
count_of(const char *text, const char *part)
{
    int count = 0;

    for (const char *at = text; (at = strstr(at, part)); at += strlen(part))
        count++;
    return count;
}

/* Exactly the headers that we write, in their order; then the two parts. */
static void
assert_form(const char *text)
{
    static const char *const HEADERS[] = {
        "From: ",       "To: ",           "Subject: ",        "Date: ",
        "Message-ID: ", "MIME-Version: ", "Auto-Submitted: ", "Content-Type: "};
    const char *end = strstr(text, "\r\n\r\n");
    size_t header = 0;

    assert_non_null(end);
    for (const char *line = text; line < end; line = strstr(line, "\r\n") + 2) {
        if (*line == ' ')
            continue;
        assert_true(header < COUNT_OF(HEADERS));
        if (strncmp(line, HEADERS[header], strlen(HEADERS[header])) != 0)
            fail_msg("'%.40s' instead of '%s'", line, HEADERS[header]);
        header++;
    }
    assert_int_equal(header, COUNT_OF(HEADERS));
    assert_int_equal(count_of(end, "\r\n--=_" UID "\r\n"), 2);
    assert_int_equal(count_of(end, "\r\n--=_" UID "\r\nContent-Type: "), 2);
    assert_int_equal(count_of(end, "\r\n--=_" UID "--\r\n"), 1);
    for (const char *at = text; (at = strchr(at, '\n')); at++)
        assert_true(at > text && at[-1] == '\r');
    for (const char *at = text; (at = strchr(at, '\r')); at++)
        assert_int_equal(at[1], '\n');
}

static void
test_each_notice_says_what_it_should(void **state)
{
    static const struct {
        enum notice_kind kind;
        const char *subject, *opening, *advice;
    } CASES[] = {
        {NOTICE_CREATED, "Subject: New API token: Nightly\r\n",
         "A new API token was made:", "suspend the token"},
        {NOTICE_SOON, "Subject: API token will expire: Nightly\r\n",
         "An API token will expire:", "give it a later expiry date"},
        {NOTICE_USED_LATE, "Subject: Replaced API token is still used: Nightly\r\n",
         "after it had been replaced", "Used from 192.0.2.1 =E2=80=A6"},
        {NOTICE_EXPIRED, "Subject: API token has expired: Nightly\r\n",
         "An API token has expired.", "can only be deleted"},
        {NOTICE_UNUSED, "Subject: API token not used: Nightly\r\n",
         "An API token of yours has not been used", "If nobody needs it any more"},
    };
    struct notice_line line = make_line();

    (void)state;
    snprintf(line.note, sizeof(line.note), "%s", "Used from 192.0.2.1 …");
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        struct letter letter = make_letter(CASES[i].kind);
        char *text AUTO(mem_done) = write_letter(&letter, &line, 1);

        assert_form(text);
        SAYS(text, CASES[i].subject);
        assert_int_equal(count_of(text, CASES[i].opening), 2);
        SAYS(text, CASES[i].advice);
        SAYS(text, "From: Tokenhouse <tokens@example.com>\r\n");
        SAYS(text, "To: Ada <ada@example.com>\r\n");
        SAYS(text, "Message-ID: <" UID "@example.com>\r\n");
        SAYS(text, "Date: Mon, 21 Dec 2026 00:00:00 +0000\r\n");
        SAYS(text, "User:      Grace <grace@example.com>");
        if (CASES[i].kind == NOTICE_USED_LATE)
            assert_null(strstr(text, "Works to"));
        else
            SAYS(text, "Works to:  23:59:59 UTC on 2026-12-24, in 3 days");
        SAYS(text, "https://t.example.com/console/tokens/11111111-2222-4333-8444-");
    }
}

static void
test_the_distance_is_in_days(void **state)
{
    static const struct {
        struct date date;
        const char *words;
    } CASES[] = {
        {{2026, 12, 21}, "2026-12-21, today"},     {{2026, 12, 22}, "tomorrow"},
        {{2026, 12, 20}, "2026-12-20, yesterday"}, {{2026, 12, 18}, ", 3 days ago"},
        {{2027, 12, 21}, ", in 365 days"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        struct letter letter = make_letter(NOTICE_SOON);
        struct notice_line line = make_line();
        line.expires_on = CASES[i].date;
        char *text AUTO(mem_done) = write_letter(&letter, &line, 1);
        SAYS(text, CASES[i].words);
    }
}

static void
test_a_late_notice_says_that_it_is_late(void **state)
{
    struct letter letter = make_letter(NOTICE_EXPIRED);
    struct notice_line line = make_line();

    (void)state;
    char *in_time AUTO(mem_done) = write_letter(&letter, &line, 1);
    assert_int_equal(count_of(in_time, "was not running"), 0);
    line.is_late = true;
    char *late AUTO(mem_done) = write_letter(&letter, &line, 1);
    assert_int_equal(count_of(late, "could not be given in"), 2);
}

static void
test_a_note_stands_in_both_parts(void **state)
{
    struct letter letter = make_letter(NOTICE_UNUSED);
    struct notice_line line = make_line();

    (void)state;
    char *without AUTO(mem_done) = write_letter(&letter, &line, 1);
    assert_int_equal(count_of(without, "last used"), 0);
    snprintf(line.note, sizeof(line.note), "It was last used <long> ago.");
    char *with AUTO(mem_done) = write_letter(&letter, &line, 1);
    SAYS(with, "    It was last used <long> ago.\r\n");
    SAYS(with, "<p>It was last used &lt;long&gt; ago.</p>");
}

static void
test_a_digest_shows_some_and_counts_the_rest(void **state)
{
    struct letter letter = make_letter(NOTICE_EXPIRED);
    struct notice_line *lines AUTO(mem_done) =
        mem_new(LETTER_LINE_MAX_COUNT * sizeof(*lines));

    (void)state;
    for (size_t i = 0; i < LETTER_LINE_MAX_COUNT; i++)
        lines[i] = make_line();
    letter.line_count = 10000;
    char *text AUTO(mem_done) = write_letter(&letter, lines, LETTER_LINE_MAX_COUNT);
    assert_form(text);
    SAYS(text, "Subject: 10000 API tokens have expired\r\n");
    assert_int_equal(count_of(text, "Token ID:"), LETTER_LINE_MAX_COUNT);
    assert_int_equal(count_of(text, "and 9950 more, in the console"), 2);
}

/* A letter that is too long would not be sent at all. */
static void
test_the_longest_digest_is_still_a_letter(void **state)
{
    static const char WORST[][5] = {"\"", "=", "\xf0\x9f\x98\x80"};
    struct letter letter = make_letter(NOTICE_EXPIRED);
    struct notice_line *lines AUTO(mem_done) =
        mem_new(LETTER_LINE_MAX_COUNT * sizeof(*lines));

    (void)state;
    letter.line_count = 10000;
    for (size_t i = 0; i < COUNT_OF(WORST); i++) {
        struct notice_line line = make_line();
        size_t len = strlen(WORST[i]);

        line.is_late = true;
        for (size_t at = 0; at + len < sizeof(line.title); at += len)
            memcpy(line.title + at, WORST[i], len);
        for (size_t at = 0; at + len < sizeof(line.user_name); at += len)
            memcpy(line.user_name + at, WORST[i], len);
        for (size_t at = 0; at + len < sizeof(line.note); at += len)
            memcpy(line.note + at, WORST[i], len);
        for (size_t j = 0; j < LETTER_LINE_MAX_COUNT; j++)
            lines[j] = line;
        char *text AUTO(mem_done) = write_letter(&letter, lines, LETTER_LINE_MAX_COUNT);
        assert_form(text);
        assert_int_equal(count_of(text, "Token ID:"), LETTER_LINE_MAX_COUNT);
        assert_true(strlen(text) < LETTER_MAX_BYTES);
    }
}

static void
test_nothing_in_a_letter_becomes_a_header_or_a_part(void **state)
{
    static const char *const EVIL[] = {
        "x\r\nBcc: evil@example.com",
        "x\nBcc: evil@example.com\n\nnew body",
        "\r\n\r\n--=_" UID "\r\nContent-Type: text/html\r\n\r\n<b>",
        "\r\n--=_" UID "--\r\n",
        "=?UTF-8?Q?=0D=0ABcc:_evil@example.com?=",
        "\"quoted\" <evil@example.com>, other@example.com",
        "</td></tr></table><script>alert(1)</script>",
        "ends with a blank \r",
        "\xc3\x28 no UTF-8 \xff",
        ".\r\n.\r\nQUIT",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(EVIL); i++) {
        struct letter letter = make_letter(NOTICE_CREATED);
        struct notice_line line = make_line();

        snprintf(letter.name, sizeof(letter.name), "%s", EVIL[i]);
        snprintf(line.title, sizeof(line.title), "%s", EVIL[i]);
        snprintf(line.user_name, sizeof(line.user_name), "%s", EVIL[i]);
        snprintf(line.note, sizeof(line.note), "%s", EVIL[i]);
        char *text AUTO(mem_done) = write_letter(&letter, &line, 1);
        assert_form(text);
        assert_int_equal(count_of(text, "\nBcc:"), 0);
        assert_int_equal(count_of(text, "<script>"),
                         strstr(EVIL[i], "<script>") ? 5 : 0); /* subject, text part */
        assert_int_equal(count_of(strstr(text, "text/html"), "<script>"), 0);
    }
}

static void
test_an_address_that_is_none_gets_no_letter(void **state)
{
    static const char *const WRONG[] = {
        "",
        "ada",
        "@example.com",
        "ada@",
        "a@b>\r\nBcc: evil@example.com",
        "a@b c",
        "<a@b>",
        "a@b,c@d",
        "a@b@c",
        "\"a\"@b",
        "a\nb@c",
        "ad\xc3\xa4@b",
    };
    struct notice_line line = make_line();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(WRONG); i++) {
        struct letter letter = make_letter(NOTICE_SOON);
        struct buffer out AUTO(buffer_done) = buffer_make(LETTER_MAX_BYTES);

        snprintf(letter.email, sizeof(letter.email), "%s", WRONG[i]);
        assert_int_equal(letter_write(&letter, &line, 1, &HOUSE, now_ms(), &out),
                         STATUS_MALFORMED);
    }
}

/* Whoever has changed the outbox makes no header, no part and no link. */
static void
test_a_letter_with_heads_has_each_as_json_on_short_lines(void **state)
{
    struct letter letter = make_letter(NOTICE_HEAD);
    struct notice_line lines[2] = {{.title = "12"}, {.title = "1745\r\nBcc: x@y.z"}};

    (void)state;
    letter.line_count = 2;
    snprintf(lines[0].note, sizeof(lines[0].note), "%s", "{\"size\":12,\"root\":\"r\"}");
    snprintf(lines[1].note, sizeof(lines[1].note), "%s",
             "{\"size\":1745,\"root\":\"<b>\r\n\r\n--=_" UID "\"}");
    char *text AUTO(mem_done) = write_letter(&letter, lines, 2);

    assert_form(text);
    SAYS(text, "Subject: Event History: signed head over 1745  Bcc: x@y.z events\r\n");
    SAYS(text, "{\r\n  \"size\":12,\r\n  \"root\":\"r\"\r\n}\r\n");
    SAYS(text, "tokenhouse events verify --public-key KEY.pem --head LETTER.eml\r\n");
    SAYS(text, "&lt;b&gt;");
    assert_null(strstr(text, "\r\nBcc"));
    assert_null(strstr(text, "API token"));
}

static void
test_without_a_console_there_are_no_links(void **state)
{
    static const char *const CONSOLES[] = {"https://t.example.com",
                                           "https://t.example.com/console",
                                           "https://t.example.com/console/"};
    struct letter letter = make_letter(NOTICE_SOON);
    struct notice_line line = make_line();
    struct letter_house house = {"tokens@example.com", ""};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(CONSOLES) + 1; i++) {
        struct buffer out AUTO(buffer_done) = buffer_make(LETTER_MAX_BYTES);

        house.console_url = i < COUNT_OF(CONSOLES) ? CONSOLES[i] : "";
        assert_int_equal(letter_write(&letter, &line, 1, &house, now_ms(), &out),
                         STATUS_OK);
        buffer_add_byte(&out, '\0');
        assert_int_equal(
            count_of((const char *)out.at, "https://t.example.com/console/t"),
            i < COUNT_OF(CONSOLES) ? 2 : 0);
        assert_int_equal(count_of((const char *)out.at, "href"),
                         i < COUNT_OF(CONSOLES) ? 1 : 0);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_notice_says_what_it_should),
        cmocka_unit_test(test_the_distance_is_in_days),
        cmocka_unit_test(test_a_late_notice_says_that_it_is_late),
        cmocka_unit_test(test_a_note_stands_in_both_parts),
        cmocka_unit_test(test_a_digest_shows_some_and_counts_the_rest),
        cmocka_unit_test(test_the_longest_digest_is_still_a_letter),
        cmocka_unit_test(test_nothing_in_a_letter_becomes_a_header_or_a_part),
        cmocka_unit_test(test_an_address_that_is_none_gets_no_letter),
        cmocka_unit_test(test_a_letter_with_heads_has_each_as_json_on_short_lines),
        cmocka_unit_test(test_without_a_console_there_are_no_links),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
