/* SPDX-License-Identifier: Apache-2.0
 *
 * The bytes of a head, one behind the other, into room that was reserved for all of it:
 * each gives the place behind what it has written. What requests and answers share. */
#ifndef HTTP_PUT_H
#define HTTP_PUT_H

#include "http/call.h"
#include "http/reply.h"

#include <string.h>

static inline unsigned char *
put(unsigned char *at, struct slice bytes)
{
    if (bytes.len)
        memcpy(at, bytes.at, bytes.len);
    return at + bytes.len;
}

/* In decimal: 20 digits at most. */
static inline unsigned char *
put_number(unsigned char *at, uint64_t number)
{
    unsigned char digits[20];
    size_t from = sizeof(digits);

    do {
        digits[--from] = (unsigned char)('0' + number % 10);
        number /= 10;
    } while (number);
    return put(at, (struct slice){digits + from, sizeof(digits) - from});
}

static inline unsigned char *
put_header(unsigned char *at, struct slice name, struct slice value)
{
    at = put(at, name);
    at = put(at, SLICE(": "));
    at = put(at, value);
    return put(at, SLICE("\r\n"));
}

static inline unsigned char *
put_length(unsigned char *at, uint64_t length)
{
    at = put(at, SLICE("Content-Length: "));
    at = put_number(at, length);
    return put(at, SLICE("\r\n"));
}

/* How many bytes put_headers() writes at most. */
static inline size_t
put_headers_room(const struct http_header *headers, size_t count)
{
    size_t room = 0;

    for (size_t i = 0; i < count; i++)
        room += headers[i].name.len + headers[i].value.len + sizeof(": \r\n") - 1;
    return room;
}

/* Those that may be sent. */
static inline unsigned char *
put_headers(unsigned char *at, const struct http_header *headers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (reply_header_is_valid(&headers[i]))
            at = put_header(at, headers[i].name, headers[i].value);
    }
    return at;
}

#endif
