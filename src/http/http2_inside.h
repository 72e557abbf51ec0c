/* SPDX-License-Identifier: Apache-2.0
 *
 * What http2.c and http2_answer.c share. */
#ifndef HTTP_HTTP2_INSIDE_H
#define HTTP_HTTP2_INSIDE_H

#include <nghttp2/nghttp2.h>

#include "http/http2.h"

struct http2 {
    nghttp2_session *session;
    struct http_call *calls; /* all streams, newest first */
    size_t call_count;
    size_t sent_bytes;     /* of bodies, since progress_ms */
    int64_t progress_ms;   /* when a stream ended or an answer moved last */
    int64_t shut_since_ms; /* when the peer shut its window; 0 = it is open */
    int own_reset_count;   /* that we sent (CVE-2025-8671) */
    int64_t peer_reset_ms; /* the bucket of resets the peer may still send */
    bool is_leaving;       /* GOAWAY was said */
    bool has_room;         /* an answer in pieces that waited may go on */
};

/* Tells those who answer in pieces and waited. Not from within nghttp2. */
void http2_tell_room(struct connection *connection);

#endif
