/* SPDX-License-Identifier: Apache-2.0
 *
 * What a scanned string or number means. */
#include "base/arena.h"
#include "base/auto.h"
#include "base/buffer.h"
#include "base/number.h"
#include "json/core.h"
#include "json/scan.h"

#include <stdlib.h>

size_t
json_unescape(const struct json_value *string, unsigned char *out)
{
    struct slice rest = string->raw;
    size_t len = 0;

    while (rest.len) {
        const unsigned char *escape =
            string->has_escapes ? memchr(rest.at, '\\', rest.len) : NULL;
        size_t plain = escape ? (size_t)(escape - rest.at) : rest.len;

        memmove(out + len, rest.at, plain); /* may be the same place */
        len += plain;
        rest = slice_from(rest, plain);
        if (rest.len) {
            unsigned char piece[4];
            size_t piece_len = json_core_piece(&rest, piece);
            memcpy(out + len, piece, piece_len);
            len += piece_len;
        }
    }
    return len;
}

struct slice
json_text(const struct json_value *string, struct arena *arena)
{
    unsigned char *copy;

    if (string->kind != JSON_KIND_STRING)
        return (struct slice){NULL, 0};
    if (!string->has_escapes)
        return string->raw;
    copy = arena_new(arena, string->raw.len);
    return (struct slice){copy, json_unescape(string, copy)};
}

bool
json_text_is(const struct json_value *string, struct slice text)
{
    struct slice rest = string->raw;

    if (string->kind != JSON_KIND_STRING)
        return false;
    if (!string->has_escapes)
        return slice_equal(string->raw, text);
    while (rest.len) {
        unsigned char piece[4];
        size_t len = json_core_piece(&rest, piece);
        if (!slice_starts(text, (struct slice){piece, len}))
            return false;
        text = slice_from(text, len);
    }
    return text.len == 0;
}

enum status
json_read_int(const struct json_value *number, int64_t *out)
{
    if (number->kind != JSON_KIND_NUMBER)
        return STATUS_MALFORMED;
    return number_read(number->raw, out);
}

enum status
json_read_double(const struct json_value *number, double *out)
{
    struct buffer closed AUTO(buffer_done) = buffer_make(number->raw.len + 1);

    if (number->kind != JSON_KIND_NUMBER)
        return STATUS_MALFORMED;
    buffer_add(&closed, number->raw);
    buffer_add_byte(&closed, '\0');
    *out = strtod((const char *)closed.at, NULL);
    return STATUS_OK;
}
