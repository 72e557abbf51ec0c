/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs of characters that stand in a JSON string as they are: ASCII from the blank on,
 * without '"' and '\' (RFC 8259 §7). Eight bytes at a time. For json/ only. */
#ifndef JSON_PLAIN_H
#define JSON_PLAIN_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static inline uint64_t
plain_every(unsigned char byte)
{
    return 0x0101010101010101u * byte;
}

static inline uint64_t
plain_read_eight(const unsigned char *at)
{
    uint64_t eight;

    memcpy(&eight, at, sizeof(eight));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    eight = __builtin_bswap64(eight);
#endif
    return eight;
}

/* The highest bit of each byte that ends a run: '"', '\', control, not ASCII. The lowest
 * mark is always right; those above it may be raised by a borrow. */
static inline uint64_t
plain_marks(uint64_t eight)
{
    uint64_t quote = (eight ^ plain_every('"')) - plain_every(1);
    uint64_t backslash = (eight ^ plain_every('\\')) - plain_every(1);
    uint64_t control = eight - plain_every(0x20);

    return (((quote | backslash | control) & ~eight) | eight) & plain_every(0x80);
}

static inline bool
plain_is(unsigned char c)
{
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* Where the run that begins at `at` ends; `end` at the latest. */
static inline const unsigned char *
plain_end(const unsigned char *at, const unsigned char *end)
{
    while (end - at >= 8) {
        uint64_t marks = plain_marks(plain_read_eight(at));
        if (marks)
            return at + __builtin_ctzll(marks) / 8;
        at += 8;
    }
    while (at < end && plain_is(*at))
        at++;
    return at;
}

#endif
