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
/* Says what is wrong, in a plain sentence, and ends the connection. */
void http1_refuse(struct connection *connection, int status, const char *wrong);

#endif
