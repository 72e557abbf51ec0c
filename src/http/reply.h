/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes the head of an answer, and the answers that we give ourselves when a request
 * cannot be read. */
#ifndef HTTP_REPLY_H
#define HTTP_REPLY_H

#include "http/call.h"

#include <stdint.h>

enum {
    REPLY_DATE_CHARS = 37, /* "Date: Mon, 23 Nov 2026 10:00:00 GMT\r\n" */
    REPLY_ERROR_MAX_BYTES = 512,
};

/* Everything that the head of an HTTP/1.1 answer says. */
struct reply_head {
    const struct http_reply *reply;
    const char *date; /* REPLY_DATE_CHARS */
    const char *id;   /* HTTP_REQUEST_ID_CHARS */
    int64_t body_len; /* HTTP_LENGTH_UNKNOWN: not said */
    bool is_chunked;
    const char *connection; /* "close", "keep-alive" or NULL: not said */
};

/* No head is longer. */
size_t reply_head_room(const struct http_reply *reply);
/* Writes it at `at` and gives its length. */
size_t reply_head_write(const struct reply_head *head, unsigned char *at);

/* Writes "Date: …" with its line end; no closing zero. */
void reply_date_write(int64_t now_s, char out[REPLY_DATE_CHARS]);
/* May an answer of this status have a body (RFC 9110 §6.4.1)? */
bool reply_may_have_body(int status);
/* May this header be sent? Names are tokens; a value with a line end would let whoever
 * wrote it write headers of their own: such a header is left out. */
bool reply_header_is_valid(const struct http_header *header);
/* Writes the JSON form of an error. `wrong` is a text of our own, without quotes. */
struct slice reply_error_write(int status, const char *wrong,
                               char out[REPLY_ERROR_MAX_BYTES]);

#endif
