/* SPDX-License-Identifier: Apache-2.0
 *
 * The writer: what is open is a stack of bits. */
#include "json/write.h"

#include "base/date.h"
#include "base/utf8.h"
#include "json/plain.h"

#include <assert.h>

struct json_writer
json_write_into(struct buffer *out)
{
    return (struct json_writer){.out = out};
}

enum status
json_write_done(const struct json_writer *writer)
{
    assert(writer->depth == 0 && writer->needs_comma);
    return buffer_check(writer->out);
}

static bool
is_in_object(const struct json_writer *writer)
{
    return writer->depth && writer->is_object & 1;
}

/* What stands between the value before and this one. */
static void
begin_value(struct json_writer *writer)
{
    /* in an object a value needs a key; outside of all there is one value */
    assert(writer->has_key == is_in_object(writer));
    assert(writer->depth || !writer->needs_comma);
    if (writer->needs_comma && !writer->has_key)
        buffer_add_byte(writer->out, ',');
    writer->needs_comma = true;
    writer->has_key = false;
}

static void
open_nested(struct json_writer *writer, bool is_object)
{
    begin_value(writer);
    assert(writer->depth < JSON_WRITE_DEPTH_MAX);
    buffer_add_byte(writer->out, is_object ? '{' : '[');
    writer->is_object = writer->is_object << 1 | is_object;
    writer->depth++;
    writer->needs_comma = false;
}

void
json_write_object(struct json_writer *writer)
{
    open_nested(writer, true);
}

void
json_write_array(struct json_writer *writer)
{
    open_nested(writer, false);
}

void
json_write_end(struct json_writer *writer)
{
    assert(writer->depth && !writer->has_key);
    buffer_add_byte(writer->out, is_in_object(writer) ? '}' : ']');
    writer->is_object >>= 1;
    writer->depth--;
    writer->needs_comma = true;
}

static void
write_escape(struct buffer *out, unsigned char c)
{
    static const char HEX[] = "0123456789abcdef";
    unsigned char four[] = {'0', '0', (unsigned char)HEX[c >> 4],
                            (unsigned char)HEX[c & 15]};

    buffer_add_byte(out, '\\');
    switch (c) {
    case '"':
    case '\\':
        buffer_add_byte(out, c);
        return;
    case '\n':
        buffer_add_byte(out, 'n');
        return;
    case '\r':
        buffer_add_byte(out, 'r');
        return;
    case '\t':
        buffer_add_byte(out, 't');
        return;
    default:
        buffer_add_byte(out, 'u');
        buffer_add(out, (struct slice){four, sizeof(four)});
        return;
    }
}

/* Writes what is at the beginning of `rest` and not plain; gives its length. */
static size_t
write_special(struct buffer *out, struct slice rest)
{
    size_t len = utf8_len(rest);

    if (len == 0)
        buffer_add_text(out, "\uFFFD");
    else if (len > 1)
        buffer_add(out, slice_head(rest, len));
    else
        write_escape(out, rest.at[0]);
    return len ? len : 1;
}

/* How much of `text` is written as it is. DEL would be JSON, but none that one can read.
 */
static size_t
plain_len(struct slice text)
{
    if (text.len == 0)
        return 0;

    size_t len = (size_t)(plain_end(text.at, text.at + text.len) - text.at);
    const unsigned char *del = memchr(text.at, 0x7F, len);

    return del ? (size_t)(del - text.at) : len;
}

/* Most texts are plain, and known to fit before they are written. */
static void
write_quoted(struct buffer *out, struct slice text)
{
    size_t plain = plain_len(text);
    unsigned char *at = buffer_reserve(out, text.len + 2); /* the least that it takes */

    if (!at)
        return;
    *at++ = '"';
    if (plain)
        memcpy(at, text.at, plain);
    out->len += 1 + plain;
    while (plain < text.len) {
        plain += write_special(out, slice_from(text, plain));
        size_t len = plain_len(slice_from(text, plain));
        buffer_add(out, slice_head(slice_from(text, plain), len));
        plain += len;
    }
    buffer_add_byte(out, '"');
}

static void
begin_key(struct json_writer *writer)
{
    assert(is_in_object(writer) && !writer->has_key);
    if (writer->needs_comma)
        buffer_add_byte(writer->out, ',');
    writer->has_key = true;
}

void
json_write_key_slice(struct json_writer *writer, struct slice name)
{
    begin_key(writer);
    write_quoted(writer->out, name);
    buffer_add_byte(writer->out, ':');
}

void
json_write_key_word(struct json_writer *writer, struct slice name)
{
    begin_key(writer);
    unsigned char *at = buffer_reserve(writer->out, name.len + 3);
    if (!at)
        return;
    at[0] = '"';
    memcpy(at + 1, name.at, name.len);
    at[name.len + 1] = '"';
    at[name.len + 2] = ':';
    writer->out->len += name.len + 3;
}

void
json_write_string(struct json_writer *writer, struct slice text)
{
    begin_value(writer);
    write_quoted(writer->out, text);
}

void
json_write_int(struct json_writer *writer, int64_t number)
{
    begin_value(writer);
    buffer_add_int(writer->out, number);
}

void
json_write_bool(struct json_writer *writer, bool truth)
{
    json_write_raw(writer, truth ? SLICE("true") : SLICE("false"));
}

void
json_write_null(struct json_writer *writer)
{
    json_write_raw(writer, SLICE("null"));
}

void
json_write_raw(struct json_writer *writer, struct slice json)
{
    begin_value(writer);
    buffer_add(writer->out, json);
}

void
json_write_member_text_or_null(struct json_writer *writer, const char *name,
                               const char *text)
{
    json_write_key(writer, name);
    if (text[0])
        json_write_text(writer, text);
    else
        json_write_null(writer);
}

void
json_write_member_moment(struct json_writer *writer, const char *name, int64_t at_ms)
{
    char text[DATE_TIME_CHARS + 1];

    date_time_write(at_ms, text);
    json_write_member_text(writer, name, text);
}
