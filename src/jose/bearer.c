/* SPDX-License-Identifier: Apache-2.0
 *
 * Makes and reads the text of bearer tokens. CRC-32 is that of ISO 3309 (zlib, PNG),
 * which every language has, so that a scanner can check it in one line. */
#include "jose/bearer.h"

#include "base/random.h"

#include <string.h>

static const char DIGITS[] =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

enum { BASE = 62, PREFIX_CHARS = sizeof(BEARER_PREFIX) - 1 };

static uint32_t
crc32_of(struct slice bytes)
{
    uint32_t crc = UINT32_MAX;

    for (size_t i = 0; i < bytes.len; i++) {
        crc ^= bytes.at[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320U : 0);
    }
    return ~crc;
}

static void
write_checksum(struct slice before, char out[BEARER_CHECKSUM_CHARS])
{
    uint32_t crc = crc32_of(before);

    for (int i = BEARER_CHECKSUM_CHARS - 1; i >= 0; i--) {
        out[i] = DIGITS[crc % BASE];
        crc /= BASE;
    }
}

/* A byte below 4 * 62 has each digit as often as any other. */
static void
write_random(char out[BEARER_SECRET_CHARS])
{
    for (size_t i = 0; i < BEARER_SECRET_CHARS;) {
        unsigned char byte;
        random_fill(&byte, 1);
        if (byte < 4 * BASE)
            out[i++] = DIGITS[byte % BASE];
    }
}

void
bearer_make(const char token_id[UUID_CHARS + 1], struct secret *out)
{
    char text[BEARER_CHARS];
    size_t len = PREFIX_CHARS;

    memcpy(text, BEARER_PREFIX, PREFIX_CHARS);
    for (const char *at = token_id; *at; at++) {
        if (*at != '-' && len < PREFIX_CHARS + BEARER_ID_CHARS)
            text[len++] = *at;
    }
    text[len++] = '_';
    write_random(text + len);
    len += BEARER_SECRET_CHARS;
    write_checksum((struct slice){(unsigned char *)text, len}, text + len);
    secret_set(out, (struct slice){(unsigned char *)text, sizeof(text)});
    secret_wipe(text, sizeof(text));
}

static bool
is_base62(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '\0' || !strchr(DIGITS, text.at[i]))
            return false;
    }
    return true;
}

/* Puts the dashes back: 8-4-4-4-12. */
static bool
read_id(struct slice hex, char out[UUID_CHARS + 1])
{
    size_t len = 0;

    for (size_t i = 0; i < hex.len; i++) {
        unsigned char c = hex.at[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            return false;
        if (i == 8 || i == 12 || i == 16 || i == 20)
            out[len++] = '-';
        out[len++] = (char)c;
    }
    out[len] = '\0';
    return true;
}

enum status
bearer_read(struct slice text, char out_token_id[UUID_CHARS + 1])
{
    char checksum[BEARER_CHECKSUM_CHARS];
    char id[UUID_CHARS + 1];

    if (text.len != BEARER_CHARS || !slice_starts(text, SLICE(BEARER_PREFIX)))
        return STATUS_MALFORMED;
    struct slice rest = slice_from(text, PREFIX_CHARS);
    if (!read_id(slice_head(rest, BEARER_ID_CHARS), id) ||
        rest.at[BEARER_ID_CHARS] != '_' ||
        !is_base62(slice_from(rest, BEARER_ID_CHARS + 1)))
        return STATUS_MALFORMED;
    write_checksum(slice_head(text, BEARER_CHARS - BEARER_CHECKSUM_CHARS), checksum);
    if (!slice_equal(slice_from(text, BEARER_CHARS - BEARER_CHECKSUM_CHARS),
                     (struct slice){(unsigned char *)checksum, sizeof(checksum)}))
        return STATUS_MALFORMED;
    memcpy(out_token_id, id, sizeof(id));
    return STATUS_OK;
}

void
bearer_hash(struct slice text, uint8_t out[SHA256_BYTES])
{
    sha256(text, out);
}
