/* SPDX-License-Identifier: Apache-2.0
 *
 * Encodings of RFC 2045 and RFC 2047, and dates of RFC 5322. */
#include "mail/mime.h"

#include "base/base64url.h"
#include "base/date.h"
#include "base/utf8.h"

#include <assert.h>

enum {
    PLAIN_MAX_CHARS =
        70, /* with a name and ": " a line stays under 78 (RFC 5322 §2.1.1) */
    WORD_MAX_BYTES = 39, /* 52 characters of base64: with "Subject: =?UTF-8?B?" and "?="
                            under the 76 of a line with an encoded word (RFC 2047 §2) */
    LINE_MAX_CHARS = 76, /* of quoted-printable, the "=" of a soft break included */
    DAYS_IN_WEEK = 7,
};

/* ---- headers ---- */

/* May it stand in a header as it is? "=?" would be read as an encoded word. */
static bool
is_plain(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < ' ' || text.at[i] >= 0x7f ||
            (text.at[i] == '=' && i + 1 < text.len && text.at[i + 1] == '?'))
            return false;
    }
    return text.len <= PLAIN_MAX_CHARS;
}

/* The longest beginning that fits in an encoded word and ends where a character ends.
 * What is no UTF-8 goes byte by byte. */
static size_t
word_len(struct slice text)
{
    size_t len = 0;

    while (len < text.len) {
        size_t next = utf8_len(slice_from(text, len));
        next = next > 0 ? next : 1;
        if (len + next > WORD_MAX_BYTES)
            break;
        len += next;
    }
    return len;
}

/* "=?UTF-8?B?…?=", one for each 39 bytes, folded. */
static void
add_encoded_words(struct buffer *out, struct slice text)
{
    for (bool is_first = true; text.len > 0; is_first = false) {
        char word[BASE64_MAX_CHARS(WORD_MAX_BYTES)];
        size_t taken = word_len(text);
        size_t len = base64_encode(slice_head(text, taken), word);

        buffer_add_text(out, is_first ? "=?UTF-8?B?" : "\r\n =?UTF-8?B?");
        buffer_add(out, (struct slice){(const unsigned char *)word, len});
        buffer_add_text(out, "?=");
        text = slice_from(text, taken);
    }
}

void
mime_add_header(struct buffer *out, const char *name, struct slice text)
{
    buffer_print(out, "%s: ", name);
    if (is_plain(text))
        buffer_add(out, text);
    else
        add_encoded_words(out, text);
    buffer_add_text(out, "\r\n");
}

/* One word of letters needs neither quotes nor encoding. Everything else is encoded, so
 * that no character of a name means anything to a reader. */
static bool
is_word(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((text.at[i] | 0x20) < 'a' || (text.at[i] | 0x20) > 'z')
            return false;
    }
    return text.len > 0 && text.len <= PLAIN_MAX_CHARS;
}

void
mime_add_address(struct buffer *out, const char *name, struct slice display,
                 const char *email)
{
    buffer_print(out, "%s: ", name);
    if (is_word(display)) {
        buffer_add(out, display);
        buffer_add_byte(out, ' ');
    } else if (display.len > 0) {
        add_encoded_words(out, display);
        buffer_add_text(out, "\r\n ");
    }
    buffer_print(out, "<%s>\r\n", email);
}

void
mime_add_date(struct buffer *out, int64_t at_ms)
{
    static const char DAYS[][4] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
    static const char MONTHS[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    int64_t at_s = at_ms / 1000;
    int in_day_s = (int)(at_s % DAY_S);
    struct date date = date_of(at_s);

    assert(at_ms >= 0);
    /* 1 January 1970 was a Thursday */
    buffer_print(out, "Date: %s, %d %s %04d %02d:%02d:%02d +0000\r\n",
                 DAYS[at_s / DAY_S % DAYS_IN_WEEK], date.day, MONTHS[date.month - 1],
                 date.year, in_day_s / 3600, in_day_s / 60 % 60, in_day_s % 60);
}

/* ---- bodies ---- */

/* Must it be written as =XX? A blank at the end of a line would be lost on the way. */
static bool
must_be_quoted(struct slice line, size_t at)
{
    unsigned char byte = line.at[at];
    bool is_last = at + 1 == line.len;

    return byte == '=' || byte >= 0x7f || (byte < ' ' && byte != '\t') ||
           (is_last && (byte == ' ' || byte == '\t'));
}

static void
add_quoted_line(struct buffer *out, struct slice line)
{
    size_t column = 0;

    for (size_t i = 0; i < line.len; i++) {
        bool is_quoted = must_be_quoted(line, i);
        size_t width = is_quoted ? 3 : 1;

        if (column + width > LINE_MAX_CHARS - 1) {
            buffer_add_text(out, "=\r\n");
            column = 0;
        }
        if (is_quoted)
            buffer_print(out, "=%02X", line.at[i]);
        else
            buffer_add_byte(out, line.at[i]);
        column += width;
    }
    buffer_add_text(out, "\r\n");
}

void
mime_add_quoted(struct buffer *out, struct slice text)
{
    struct slice line = {0};

    while (slice_cut(&text, '\n', &line))
        add_quoted_line(out, line);
    if (text.len > 0)
        add_quoted_line(out, text);
}

void
mime_add_html(struct buffer *out, const char *text)
{
    for (const char *at = text; *at != '\0'; at++) {
        switch (*at) {
        case '&':
            buffer_add_text(out, "&amp;");
            break;
        case '<':
            buffer_add_text(out, "&lt;");
            break;
        case '>':
            buffer_add_text(out, "&gt;");
            break;
        case '"':
            buffer_add_text(out, "&quot;");
            break;
        case '\'':
            buffer_add_text(out, "&#39;");
            break;
        default:
            buffer_add_byte(out, (unsigned char)*at < ' ' ? ' ' : (unsigned char)*at);
        }
    }
}

void
mime_add_line(struct buffer *out, const char *text)
{
    for (const char *at = text; *at != '\0'; at++)
        buffer_add_byte(
            out, (unsigned char)*at < ' ' || *at == 0x7f ? ' ' : (unsigned char)*at);
}
