/* SPDX-License-Identifier: Apache-2.0
 *
 * Four characters at a time through four tables of 256 words: each holds the six bits
 * of a character at their place among three bytes, and a mark for what is foreign. */
#include "base/base64url.h"

#include "base/base64url_bulk.h"

#include <stdint.h>

static const char URL_CHARS[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static const char STANDARD_CHARS[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static const uint32_t FOREIGN = 0x80000000u;

/* One alphabet, ready to be read: place[n][c] are the bits of `c` as character n of
 * four, with the first of the three bytes lowest; FOREIGN for what is not in it. */
struct alphabet {
    uint32_t place[4][256];
};

static struct alphabet url_alphabet;
static struct alphabet standard_alphabet;

static void
alphabet_fill(struct alphabet *alphabet, const char chars[64])
{
    for (size_t n = 0; n < 4; n++) {
        for (size_t c = 0; c < 256; c++)
            alphabet->place[n][c] = FOREIGN;
    }
    for (uint32_t six = 0; six < 64; six++) {
        unsigned char c = (unsigned char)chars[six];
        alphabet->place[0][c] = six << 2;
        alphabet->place[1][c] = six >> 4 | (six & 15) << 12;
        alphabet->place[2][c] = (six >> 2) << 8 | (six & 3) << 22;
        alphabet->place[3][c] = six << 16;
    }
}

/* Before main and before any thread: the hot path asks no questions. */
__attribute__((constructor)) static void
alphabets_fill(void)
{
    alphabet_fill(&url_alphabet, URL_CHARS);
    alphabet_fill(&standard_alphabet, STANDARD_CHARS);
}

/* One load for four characters: loads are what this waits for. */
static inline uint32_t
four_bits(const struct alphabet *alphabet, const unsigned char *at)
{
    uint32_t four;

    memcpy(&four, at, sizeof(four));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    four = __builtin_bswap32(four);
#endif
    return alphabet->place[0][four & 255] | alphabet->place[1][four >> 8 & 255] |
           alphabet->place[2][four >> 16 & 255] | alphabet->place[3][four >> 24];
}

static inline void
put_three(unsigned char *out, uint32_t bits)
{
    out[0] = (unsigned char)bits;
    out[1] = (unsigned char)(bits >> 8);
    out[2] = (unsigned char)(bits >> 16);
}

static inline void
put_four(unsigned char *out, uint32_t bits)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    bits = __builtin_bswap32(bits);
#endif
    memcpy(out, &bits, sizeof(bits));
}

/* Reads the last two or three characters; 0 characters are no bytes. The bits that no
 * byte needs must be zero. */
static enum status
decode_tail(const struct alphabet *alphabet, struct slice tail, unsigned char *out)
{
    uint32_t bits;

    if (tail.len == 0)
        return STATUS_OK;
    if (tail.len == 1)
        return STATUS_MALFORMED;
    bits = alphabet->place[0][tail.at[0]] | alphabet->place[1][tail.at[1]];
    if (tail.len == 3)
        bits |= alphabet->place[2][tail.at[2]];
    if (bits >> (8 * (tail.len - 1)))
        return STATUS_MALFORMED;
    out[0] = (unsigned char)bits;
    if (tail.len == 3)
        out[1] = (unsigned char)(bits >> 8);
    return STATUS_OK;
}

/* Whole groups of four, then the tail. `out` may be text.at: what is written is always
 * behind what is still to be read. */
static enum status
decode(const struct alphabet *alphabet, struct slice text, unsigned char *out)
{
    size_t groups = text.len / 4;
    const unsigned char *at = text.at;
    uint32_t seen = 0;

    /* Four bytes are written where three are meant: the next group, of which there is
     * one, puts the fourth right. */
    for (size_t i = 1; i < groups; i++, at += 4, out += 3) {
        uint32_t bits = four_bits(alphabet, at);
        seen |= bits;
        put_four(out, bits);
    }
    if (groups) {
        uint32_t bits = four_bits(alphabet, at);
        seen |= bits;
        put_three(out, bits);
        out += 3;
    }
    if (seen & FOREIGN)
        return STATUS_MALFORMED;
    return decode_tail(alphabet, slice_from(text, groups * 4), out);
}

static size_t
encode(const char chars[64], struct slice bytes, char *out)
{
    char *to = out;
    size_t i = 0;

    for (; bytes.len - i >= 3; i += 3) {
        uint32_t bits = (uint32_t)bytes.at[i] << 16 | (uint32_t)bytes.at[i + 1] << 8 |
                        bytes.at[i + 2];
        *to++ = chars[bits >> 18];
        *to++ = chars[bits >> 12 & 63];
        *to++ = chars[bits >> 6 & 63];
        *to++ = chars[bits & 63];
    }
    if (bytes.len - i == 1) {
        *to++ = chars[bytes.at[i] >> 2];
        *to++ = chars[(bytes.at[i] & 3) << 4];
    } else if (bytes.len - i == 2) {
        *to++ = chars[bytes.at[i] >> 2];
        *to++ = chars[(bytes.at[i] & 3) << 4 | bytes.at[i + 1] >> 4];
        *to++ = chars[(bytes.at[i + 1] & 15) << 2];
    }
    return (size_t)(to - out);
}

enum status
base64url_decode(struct slice text, unsigned char *out, size_t room, size_t *out_len)
{
    if (BASE64URL_MAX_BYTES(text.len) > room)
        return STATUS_TOO_LARGE;
    size_t done = base64url_bulk(text, out);
    if (decode(&url_alphabet, slice_from(text, done), out + done / 4 * 3) != STATUS_OK)
        return STATUS_MALFORMED;
    *out_len = BASE64URL_MAX_BYTES(text.len);
    return STATUS_OK;
}

size_t
base64url_encode(struct slice bytes, char *out)
{
    size_t done = base64url_bulk_encode(bytes, out);

    return done / 3 * 4 + encode(URL_CHARS, slice_from(bytes, done), out + done / 3 * 4);
}

enum status
base64_decode(struct slice text, unsigned char *out, size_t room, size_t *out_len)
{
    size_t padding = 0;
    struct slice chars = text;

    if (text.len % 4 != 0)
        return STATUS_MALFORMED;
    while (padding < 2 && chars.len && chars.at[chars.len - 1] == '=') {
        padding++;
        chars.len--;
    }
    if (BASE64URL_MAX_BYTES(chars.len) > room)
        return STATUS_TOO_LARGE;
    if (decode(&standard_alphabet, chars, out) != STATUS_OK)
        return STATUS_MALFORMED;
    *out_len = BASE64URL_MAX_BYTES(chars.len);
    return STATUS_OK;
}

size_t
base64_encode(struct slice bytes, char *out)
{
    size_t len = encode(STANDARD_CHARS, bytes, out);

    while (len % 4 != 0)
        out[len++] = '=';
    return len;
}
