/* SPDX-License-Identifier: Apache-2.0
 *
 * What http1.c and http1_stream.c share. */
#ifndef HTTP_HTTP1_INSIDE_H
#define HTTP_HTTP1_INSIDE_H

#include "http/head.h"
#include "http/http1.h"

enum step {
    STEP_ON = 1, /* something is done: try the next thing */
    STEP_MORE,   /* needs more bytes */
    STEP_STOP,   /* nothing to do before an event, an answer or the end */
};

void http1_say_continue(struct connection *connection);
/* Hands the request on before its body is here. */
enum step http1_begin_stream(struct connection *connection, const struct head *head);
/* Goes on with its body. */
enum step http1_stream(struct connection *connection);
/* Reads once, and gives what came to whoever takes it. */
enum stream_outcome http1_receive_piece(struct connection *connection);

#endif
