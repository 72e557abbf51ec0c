/* SPDX-License-Identifier: Apache-2.0
 *
 * UTF-8 by the table of RFC 3629 §4; runs of ASCII are passed eight bytes at a time. */
#include "base/utf8.h"

static bool
is_tail(unsigned char c)
{
    return (c & 0xC0) == 0x80;
}

/* The length of the well-formed sequence at the beginning, 0 if there is none. */
static size_t
sequence_len(const unsigned char *at, size_t len)
{
    unsigned char first = at[0];

    if (first < 0x80)
        return 1;
    if (first < 0xC2 || first > 0xF4 || len < 2 || !is_tail(at[1]))
        return 0;
    if (first < 0xE0)
        return 2;
    if (first == 0xE0 && at[1] < 0xA0) /* overlong */
        return 0;
    if (first == 0xED && at[1] > 0x9F) /* surrogate */
        return 0;
    if (len < 3 || !is_tail(at[2]))
        return 0;
    if (first < 0xF0)
        return 3;
    if (first == 0xF0 && at[1] < 0x90) /* overlong */
        return 0;
    if (first == 0xF4 && at[1] > 0x8F) /* past U+10FFFF */
        return 0;
    return len >= 4 && is_tail(at[3]) ? 4 : 0;
}

size_t
utf8_len(struct slice text)
{
    return text.len ? sequence_len(text.at, text.len) : 0;
}

bool
utf8_is(struct slice text)
{
    size_t i = 0;

    while (i < text.len) {
        uint64_t eight;
        size_t len;

        if (text.len - i >= sizeof(eight)) {
            memcpy(&eight, text.at + i, sizeof(eight));
            if ((eight & 0x8080808080808080u) == 0) {
                i += sizeof(eight);
                continue;
            }
        }
        len = sequence_len(text.at + i, text.len - i);
        if (len == 0)
            return false;
        i += len;
    }
    return true;
}

size_t
utf8_count(struct slice text)
{
    size_t count = 0;

    for (size_t i = 0; i < text.len; i++)
        count += !is_tail(text.at[i]);
    return count;
}

bool
utf8_has_control(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = text.at[i];
        if (c < 0x20 || c == 0x7F)
            return true;
        /* U+0080..U+009F are C2 80..C2 9F */
        if (c == 0xC2 && i + 1 < text.len && text.at[i + 1] >= 0x80 &&
            text.at[i + 1] <= 0x9F)
            return true;
    }
    return false;
}

size_t
utf8_write(uint32_t code_point, unsigned char out[4])
{
    if (code_point < 0x80) {
        out[0] = (unsigned char)code_point;
        return 1;
    }
    if (code_point < 0x800) {
        out[0] = (unsigned char)(0xC0 | code_point >> 6);
        out[1] = (unsigned char)(0x80 | (code_point & 0x3F));
        return 2;
    }
    if (code_point < 0x10000) {
        out[0] = (unsigned char)(0xE0 | code_point >> 12);
        out[1] = (unsigned char)(0x80 | (code_point >> 6 & 0x3F));
        out[2] = (unsigned char)(0x80 | (code_point & 0x3F));
        return 3;
    }
    out[0] = (unsigned char)(0xF0 | code_point >> 18);
    out[1] = (unsigned char)(0x80 | (code_point >> 12 & 0x3F));
    out[2] = (unsigned char)(0x80 | (code_point >> 6 & 0x3F));
    out[3] = (unsigned char)(0x80 | (code_point & 0x3F));
    return 4;
}
