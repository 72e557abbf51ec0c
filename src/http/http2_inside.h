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
    bool has_begun_body;   /* a streamed body that waited may go on */
};

/* Tells those who answer in pieces and waited. Not from within nghttp2. */
void http2_tell_room(struct connection *connection);

/* ---- http2_stream.c: bodies in pieces ---- */

/* Hands a request on before its body is here. */
void http2_begin_stream(struct http_call *call);
bool http2_is_streaming(const struct http_call *call);
void http2_take_piece(struct http_call *call, struct slice bytes);
/* No more of it comes. */
void http2_end_body(struct http_call *call);
/* Those that waited and may go on. Not from within nghttp2. */
void http2_stream_on(struct connection *connection);
/* The body of a streamed request did not come in time. */
void http2_time_out_body(struct http_call *call);
/* Answers a request that is not handed on, whether or not it is whole. */
void http2_refuse(struct http_call *call, int status, const char *wrong);

#endif
