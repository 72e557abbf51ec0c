/* SPDX-License-Identifier: Apache-2.0
 *
 * One HTTP request and the place where its answer goes, the same for HTTP/1.1 and
 * HTTP/2. This is all that the rest of the house sees of HTTP: framing, deadlines and
 * connections stay behind it. Knows no tokens. */
#ifndef HTTP_CALL_H
#define HTTP_CALL_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/ip.h"
#include "base/slice.h"
#include "net/loop.h"

#include <stdbool.h>
#include <stdint.h>

enum { HTTP_REQUEST_ID_CHARS = 26, HTTP_REPLY_HEADER_MAX_COUNT = 12 };

struct http_header {
    struct slice name;  /* as it came; HTTP/2: lower case */
    struct slice value; /* without white space at its ends */
};

/* A whole request, body included. Everything is borrowed from the call. */
struct http_request {
    struct slice method;    /* "POST" */
    struct slice target;    /* as it came: "/jws/validate?x=1" */
    struct slice path;      /* target before the first '?', still encoded */
    struct slice query;     /* after it; empty when there is none */
    struct slice authority; /* Host or :authority */
    const struct http_header *headers;
    size_t header_count;
    struct slice body; /* whole, de-chunked */
};

/* The value of the only header of this name (any case); false when there is none or
 * more than one. */
bool http_request_header(const struct http_request *request, struct slice name,
                         struct slice *out);

struct http_call;

const struct http_request *http_call_request(const struct http_call *call);
/* http_request_header() of its request. */
bool http_call_header(const struct http_call *call, struct slice name, struct slice *out);
/* Who asks: the peer, or what a trusted proxy said (PROXY v2, X-Forwarded-For). */
const struct ip *http_call_address(const struct http_call *call);
bool http_call_is_tls(const struct http_call *call);
/* Does the caller's own connection use TLS: ours, or that of a trusted proxy who says so
 * (X-Forwarded-Proto: https)? */
bool http_call_is_https(const struct http_call *call);
/* 26 characters, unique; also sent as X-Request-Id. Closed text. */
const char *http_call_id(const struct http_call *call);
/* Lives until the call was answered. */
struct arena *http_call_arena(struct http_call *call);
struct loop *http_call_loop(struct http_call *call);

/* What is sent back. Slices need to live only during http_call_answer(). */
struct http_reply {
    int status;
    struct slice content_type;                               /* empty: none is sent */
    struct http_header headers[HTTP_REPLY_HEADER_MAX_COUNT]; /* further ones */
    size_t header_count;
    const struct http_header *more; /* and still further ones; NULL: none */
    size_t more_count;
    struct slice
        body;        /* Content-Length and Date are added; not sent for HEAD, 204, 304 */
    bool is_lasting; /* the body lives for ever: a long one is not copied */
    bool is_last;    /* close the connection after it */
};

/* Answers and ends the call: `call` must not be used any more. On the call's loop
 * thread only. The bytes leave at the end of the loop's round. If the caller has gone
 * meanwhile, nothing is sent. */
void http_call_answer(struct http_call *call, const struct http_reply *reply);
/* The same, but takes the bytes of `body` over instead of copying them (reply->body is
 * not looked at). Leaves an empty buffer. For long answers. */
void http_call_answer_take(struct http_call *call, const struct http_reply *reply,
                           struct buffer *body);

/* ---- an answer in pieces ---- */

enum { HTTP_LENGTH_UNKNOWN = -1 };

/* What whoever answers is told, on the loop's thread. */
struct http_call_events {
    void (*room)(void *ctx); /* http_call_answer_write() takes more again */
    /* The caller has gone. The call is still to be ended, by http_call_answer_cut() at
     * once, or by an answer that goes nowhere. Not called from within any function of
     * this header. */
    void (*gone)(void *ctx);

    /* Of a call whose body is streamed, after http_call_body_begin(). All of `bytes` must
     * be taken; false: no more for now, until http_call_body_resume(). */
    bool (*body)(void *ctx, struct slice bytes);
    void (*body_end)(void *ctx); /* it is whole */
    /* It will not become whole: too long, too slow, or it can be read in two ways. The
     * call is answered by us when this returns, and must not be used any more. */
    void (*body_failed)(void *ctx);
};

/* From now on `events` are told of this call; they must live as long. */
void http_call_watch(struct http_call *call, const struct http_call_events *events,
                     void *ctx);
/* Sends the head; the body comes in pieces of `length` bytes together (reply->body is not
 * looked at). What HEAD, 204 and 304 must not have is thrown away; to HEAD the length is
 * said. */
void http_call_answer_begin(struct http_call *call, const struct http_reply *reply,
                            int64_t length);
/* Sends more; all of it is taken. False: the caller reads slowly, the next piece shall
 * wait until events->room. */
bool http_call_answer_write(struct http_call *call, struct slice bytes);
/* The body is whole: ends the call. */
void http_call_answer_end(struct http_call *call);
/* The body will not become whole: ends the call so that nobody takes what was sent for
 * all of it (RST). Before http_call_answer_begin() only when the caller has gone. */
void http_call_answer_cut(struct http_call *call);

/* ---- a request whose body comes in pieces ---- */

/* Asked when a head is whole and a body comes with it: shall the handler be called now,
 * before the body? */
typedef bool http_streams(void *ctx, const struct http_call *call);

/* Was it? Then the body of its request is empty; it comes to `events` when it is begun,
 * and may be begun once. A call that is answered before its body is whole is the last of
 * an HTTP/1.1 connection. */
bool http_call_is_streamed(const struct http_call *call);
/* How long the body is, as its head says; HTTP_LENGTH_UNKNOWN: that is not said. */
int64_t http_call_body_length(const struct http_call *call);
/* Lets it come, no faster than `events` take it. Calls none of them itself. */
void http_call_body_begin(struct http_call *call);
/* Goes on after events->body gave false. */
void http_call_body_resume(struct http_call *call);

/* A call that its handler has not answered when it returns stays open (its request and
 * arena live on, also when the peer goes away) until somebody answers it: from a worker
 * by loop_post() to http_call_loop(call), and http_call_answer() in that message. */

/* Called for each whole request, on the loop thread. */
typedef void http_handler(void *ctx, struct http_call *call);

#endif
