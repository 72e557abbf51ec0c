/* SPDX-License-Identifier: Apache-2.0
 *
 * HTTP/1.1 on one connection: one request after the other, each answered before the next
 * is looked at. */
#ifndef HTTP_HTTP1_H
#define HTTP_HTTP1_H

#include "http/inside.h"

/* Reads and serves as long as there is anything to do. */
void http1_serve(struct connection *connection);
/* Answers and goes on; takes `body` over when it is long (NULL: reply->body). */
void http1_answer(struct http_call *call, const struct http_reply *reply,
                  struct buffer *body);
/* The parts of an answer in pieces; see call.h. What is written may go to the socket at
 * once. */
void http1_answer_begin(struct http_call *call, const struct http_reply *reply,
                        int64_t length);
bool http1_answer_write(struct http_call *call, struct slice bytes);
void http1_answer_end(struct http_call *call);
void http1_answer_cut(struct http_call *call);
/* A streamed body may come, or come again. */
void http1_body_begin(struct http_call *call);
void http1_body_resume(struct http_call *call);
/* It will not become whole: says why, if an answer has not begun yet. */
void http1_body_fail(struct connection *connection, int status, const char *wrong);
/* Says what is wrong, in a plain sentence, and ends the connection. */
void http1_refuse(struct connection *connection, int status, const char *wrong);

#endif
