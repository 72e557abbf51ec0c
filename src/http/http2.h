/* SPDX-License-Identifier: Apache-2.0
 *
 * HTTP/2 on one connection, by nghttp2: each stream is a call. */
#ifndef HTTP_HTTP2_H
#define HTTP_HTTP2_H

#include "http/inside.h"

/* The connection speaks HTTP/2 from its first byte on. */
void http2_open(struct connection *connection);
/* Lets go of everything; open calls go on alone. */
void http2_close(struct connection *connection);
void http2_serve(struct connection *connection);
/* Moves frames that wait to be sent into the round; how many bytes. */
size_t http2_collect(struct connection *connection);
/* Answers on the call's stream; takes `body` over when it is long (NULL: reply->body). */
void http2_answer(struct http_call *call, const struct http_reply *reply,
                  struct buffer *body);
/* The parts of an answer in pieces; see call.h. */
void http2_answer_begin(struct http_call *call, const struct http_reply *reply,
                        int64_t length);
bool http2_answer_write(struct http_call *call, struct slice bytes);
void http2_answer_end(struct http_call *call);
void http2_answer_cut(struct http_call *call);
/* A streamed body may come, or come again. */
void http2_body_begin(struct http_call *call);
void http2_body_resume(struct http_call *call);
/* Its deadline has passed: ends what is too slow. */
void http2_time_out(struct connection *connection);
/* Takes no new streams; ends when the last one has. */
void http2_drain(struct connection *connection);

#endif
