/* SPDX-License-Identifier: Apache-2.0
 *
 * A peer that speaks HTTP/2 over TLS, made of nghttp2's own client. */
#ifndef TESTS_HTTP_HTTP2_PEER_H
#define TESTS_HTTP_HTTP2_PEER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <nghttp2/nghttp2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

enum { STREAM_MAX_COUNT = 1024, BODY_MAX_BYTES = 3 * 1024 * 1024 };

/* What came back on one stream. */
struct answer {
    int status; /* 0: no answer */
    bool is_closed;
    uint32_t error; /* when closed */
    char *body;
    size_t len;
};

struct peer {
    struct client client;
    nghttp2_session *session;
    struct answer answers[STREAM_MAX_COUNT]; /* by stream id / 2 */
    uint32_t max_streams, max_header_list;   /* what the server announced */
    bool has_goaway, has_ended;
    uint32_t goaway_error;
    const char *upload; /* the body of each request */
    size_t upload_len, upload_at;
    bool is_upload_held; /* do not end it yet */
};

/* A connection to the house; `option` may be NULL. */
struct peer *peer_open_with(const struct house *house, const nghttp2_option *option);
struct peer *peer_open(const struct house *house);
void peer_close(struct peer **peer);

/* Sends and receives until `id` is closed (0: for ever), the server ends, or nothing
 * comes for `wait_ms`. */
void peer_run(struct peer *peer, int32_t id, int wait_ms);
struct answer *answer_of(struct peer *peer, int32_t id);

#define FIELD(name, value)                                                         \
    {                                                                              \
        (uint8_t *)(uintptr_t)(name), (uint8_t *)(uintptr_t)(value), strlen(name), \
            strlen(value), 0                                                       \
    }

/* Submits a request with four pseudo fields (NULL: left out) and some more; gives its id.
 * A body is peer->upload. */
int32_t submit(struct peer *peer, const char *method, const char *path,
               const char *authority, const nghttp2_nv *more, size_t more_count,
               bool has_body);
/* The whole answer to a request. */
struct answer *fetch(struct peer *peer, const char *method, const char *path,
                     bool has_body);

/* house_init() with TLS. */
void h2_init(struct house *house);

#endif
