/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads the head of an HTTP/1.1 request or answer, strictly: what two programs could read
 * in two ways is refused, so that nobody smuggles a request past a proxy or past us.
 * Allocates nothing; all slices point into the bytes that were given. Source: RFC 9112
 * §2–§6, RFC 9110 §5. */
#ifndef HTTP_HEAD_H
#define HTTP_HEAD_H

#include "http/call.h"

enum { HEAD_WHOLE = 0, HEAD_MORE = 1 }; /* other outcomes are HTTP statuses */

struct head {
    struct http_header *headers; /* given: where header lines go */
    size_t header_max_count;     /* given */

    struct slice method, target, host; /* host: empty when HTTP/1.0 names none */
    int status;                        /* of an answer; 0: it is a request */
    size_t header_count;
    uint64_t content_length; /* UINT64_MAX: more than 64 bits */
    bool is_http10;
    bool has_length, is_chunked; /* never both; neither: a request has no body, that of
                                    an answer ends with the connection */
    bool wants_continue;         /* Expect: 100-continue */
    bool wants_close, wants_keep_alive;
    bool has_coding;   /* there is a Transfer-Encoding, of whatever kind */
    int coding_status; /* to refuse it with, once the head is whole; 0 = it is chunked */
    size_t len;        /* of the whole head, its last line end included */
    const char *wrong; /* why it was refused: a plain sentence */
};

/* Reads `bytes` from their beginning. HEAD_WHOLE: everything in `head` is set. HEAD_MORE:
 * right so far, call again with more bytes. Otherwise the status (400, 417, 431, 501,
 * 505) to refuse it with, and `wrong`. */
int head_read(struct head *head, struct slice bytes);

/* The same for an answer. What is wrong with one is always 502. Whether it has a body is
 * for those to say who know what was asked (RFC 9112 §6.3). */
int head_read_answer(struct head *head, struct slice bytes);

/* Splits a target in origin form, absolute form (http, https) or "*" (OPTIONS only) into
 * path and query; `authority` is set only by the absolute form. False: no such form. */
bool target_read(struct slice method, struct slice target, struct slice *authority,
                 struct slice *path, struct slice *query);
/* May this stand in Host or :authority? Not empty, no user, no foreign characters. */
bool authority_is_valid(struct slice authority);
/* Is it one or more characters of a token (RFC 9110 §5.6.2)? */
bool token_is_valid(struct slice text);
/* Digits only; UINT64_MAX when they mean more than fits. False: not such a number. */
bool content_length_read(struct slice text, uint64_t *out);

#endif
