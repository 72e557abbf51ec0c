/* SPDX-License-Identifier: Apache-2.0
 *
 * The de-chunker: a small machine that looks at each byte of the framing once, and moves
 * data in whole runs. */
#include "http/chunked.h"

#include <stdbool.h>
#include <string.h>

#include "base/hex.h"
#include "base/slice.h"
#include "http/head.h"

enum {
    SIZE_MAX_DIGITS = 16,     /* 64 bits */
    TRAILER_MAX_BYTES = 4096, /* nobody reads them */
};

enum state {
    SIZE, /* hexadecimal digits, then CR */
    SIZE_LF,
    DATA,
    DATA_CR,
    DATA_LF,
    TRAILER_START, /* a trailer field, or the CR of the last line */
    TRAILER_NAME,
    TRAILER_VALUE,
    TRAILER_LF,
    LAST_LF,
};

static int
refuse(struct chunked *chunked, int status, const char *wrong)
{
    chunked->wrong = wrong;
    return status;
}

static int
read_size(struct chunked *chunked, unsigned char c)
{
    int digit = hex_value(c);

    if (digit >= 0) {
        if (++chunked->digit_count > SIZE_MAX_DIGITS)
            return refuse(chunked, 400, "A chunk size has more than 16 digits.");
        chunked->left_bytes = chunked->left_bytes << 4 | (unsigned)digit;
        return CHUNKED_MORE;
    }
    if (c != '\r' || chunked->digit_count == 0)
        return refuse(chunked, 400,
                      "A chunk size must be hexadecimal digits and CR LF, nothing else.");
    if (chunked->left_bytes > chunked->max_bytes - chunked->total_bytes)
        return refuse(chunked, 413, "The body is larger than allowed.");
    chunked->total_bytes += chunked->left_bytes;
    chunked->digit_count = 0;
    chunked->state = SIZE_LF;
    return CHUNKED_MORE;
}

/* A byte that must be `wanted`; then `next`. */
static int
expect(struct chunked *chunked, unsigned char c, unsigned char wanted, enum state next)
{
    if (c != wanted)
        return refuse(chunked, 400, "A chunk or its size does not end with CR LF.");
    chunked->state = next;
    return CHUNKED_MORE;
}

static int
read_trailer(struct chunked *chunked, unsigned char c)
{
    if (++chunked->trailer_bytes > TRAILER_MAX_BYTES)
        return refuse(chunked, 431, "The trailer fields are larger than allowed.");
    if (chunked->state == TRAILER_START && c == '\r') {
        chunked->state = LAST_LF;
    } else if (chunked->state == TRAILER_VALUE) {
        if (c == '\r')
            chunked->state = TRAILER_LF;
        else if ((c < 0x20 && c != '\t') || c == 0x7f)
            return refuse(chunked, 400, "A trailer field holds a control character.");
    } else if (chunked->state == TRAILER_NAME && c == ':') {
        chunked->state = TRAILER_VALUE;
    } else if (token_is_valid((struct slice){&c, 1})) {
        chunked->state = TRAILER_NAME;
    } else {
        return refuse(chunked, 400,
                      "A trailer field is not a name, a colon and a value.");
    }
    return CHUNKED_MORE;
}

static int
read_framing(struct chunked *chunked, unsigned char c)
{
    switch ((enum state)chunked->state) {
    case SIZE:
        return read_size(chunked, c);
    case SIZE_LF:
        return expect(chunked, c, '\n', chunked->left_bytes ? DATA : TRAILER_START);
    case DATA_CR:
        return expect(chunked, c, '\r', DATA_LF);
    case DATA_LF:
        return expect(chunked, c, '\n', SIZE);
    case TRAILER_START:
    case TRAILER_NAME:
    case TRAILER_VALUE:
        return read_trailer(chunked, c);
    case TRAILER_LF:
        return expect(chunked, c, '\n', TRAILER_START);
    case LAST_LF:
        return c == '\n' ? CHUNKED_WHOLE : expect(chunked, c, '\n', LAST_LF);
    case DATA:
        break; /* chunked_read() moves data itself */
    }
    return refuse(chunked, 400, "The chunks cannot be read.");
}

int
chunked_read(struct chunked *chunked, unsigned char *bytes, size_t len,
             size_t *out_data_len, size_t *out_used)
{
    size_t at = 0;
    size_t kept = 0;
    int outcome = CHUNKED_MORE;

    while (at < len && outcome == CHUNKED_MORE) {
        if (chunked->state != DATA) {
            outcome = read_framing(chunked, bytes[at++]);
            continue;
        }
        size_t run = len - at;
        if (run > chunked->left_bytes)
            run = (size_t)chunked->left_bytes;
        memmove(bytes + kept, bytes + at, run);
        kept += run;
        at += run;
        chunked->left_bytes -= run;
        if (chunked->left_bytes == 0)
            chunked->state = DATA_CR;
    }
    *out_data_len = kept;
    *out_used = at;
    return outcome;
}
