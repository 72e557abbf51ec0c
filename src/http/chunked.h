/* SPDX-License-Identifier: Apache-2.0
 *
 * Takes the chunks off a body, in place. Strict: plain hexadecimal sizes, no extensions,
 * CR LF everywhere. Trailer fields must be well-formed and are thrown away.
 * Source: RFC 9112 §7.1. */
#ifndef HTTP_CHUNKED_H
#define HTTP_CHUNKED_H

#include <stddef.h>
#include <stdint.h>

enum { CHUNKED_WHOLE = 0, CHUNKED_MORE = 1 }; /* other outcomes are HTTP statuses */

/* Zeroed but for max_bytes = before the first byte. */
struct chunked {
    uint64_t max_bytes;   /* given: of data in all chunks */
    uint64_t total_bytes; /* of data, announced so far */
    uint64_t left_bytes;  /* of the chunk that is being read */
    uint32_t digit_count; /* of its size */
    uint32_t trailer_bytes;
    int state;         /* see chunked.c */
    const char *wrong; /* why it was refused: a plain sentence */
};

/* Reads on in `bytes`. Data is moved together at their beginning: `out_data_len` bytes.
 * CHUNKED_WHOLE: the body ended after `out_used` bytes. CHUNKED_MORE: all bytes were
 * used. Otherwise 400, 413 or 431, and `wrong`. */
int chunked_read(struct chunked *chunked, unsigned char *bytes, size_t len,
                 size_t *out_data_len, size_t *out_used);

#endif
