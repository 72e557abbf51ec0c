/* SPDX-License-Identifier: Apache-2.0
 *
 * A permitted request on its way to an upstream, and the answer on its way back: written
 * anew in both directions, without what is for one connection only, and without anything
 * that only we may say. */
#ifndef UPSTREAM_FORWARD_H
#define UPSTREAM_FORWARD_H

#include "base/slice.h"
#include "http/call.h"
#include "http/client.h"
#include "model/upstream.h"

/* What is told of an answer that did not come, for the log. */
typedef void forward_told(void *ctx, const char *upstream, const char *request_id,
                          enum http_fetch_failure failure, const char *why);

/* What those do with an answer who know tokens. */
struct forward_after {
    /* Adds to the head of an answer, the upstream's or our own about a failure. `body`:
     * all of it; NULL: it comes in pieces, or is not sent. What is added lives in the
     * call's arena. */
    void (*dress)(void *ctx, struct http_reply *reply, const struct slice *body);
    /* Once: the answer is over, or its caller has gone. The call's arena is still there.
     */
    void (*over)(void *ctx);

    /* A streamed body goes on as it comes, its last piece when all of it was right. */
    void (*body)(void *ctx, struct slice bytes);
    bool (*body_is_right)(void *ctx);
    /* It was not, and the upstream's request is called off: instead of `over`. Answers
     * the call, unless an answer `has_begun`, which is cut. */
    void (*refuse_body)(void *ctx, bool has_begun);
};

/* Everything is borrowed for forward_prepare() only, but what says that it is called, and
 * but headers and the body that comes with them: these lie in the call. */
struct forward_request {
    struct http_call *call; /* answered from here on */
    const struct upstream *upstream;
    struct slice method;
    struct slice path;   /* as the caller asked, still encoded; begins with the prefix */
    struct slice query;  /* the same; see `is_query_loose` */
    bool is_query_loose; /* it may hold bytes that must be encoded, and '+' is a plus */
    struct slice body; /* whole; or that of the call, as it comes, when it is streamed */
    struct slice content_type;         /* of the body, when there are no headers */
    const struct http_header *headers; /* of the caller; NULL: only ours are sent, and the
                                          body lies anywhere */
    size_t header_count;
    struct slice address; /* of the caller */
    struct slice request_id;
    forward_told *told;
    void *told_ctx;
    const struct forward_after *after; /* static; NULL: nobody wants to know */
    void *after_ctx;
    /* An answer of up to so many bytes is kept until `dress` has seen it whole; 0: what
     * comes in pieces goes on in pieces. */
    size_t collect_max_bytes;
};

/* A request that only lacks its identity; lives in its call's arena. */
struct forward;

/* Makes one, which from here on answers the call. `*place` is it until forward_send() or
 * forward_fail(), one of which must come; or NULL again when its caller has gone before:
 * then neither. */
void forward_prepare(const struct forward_request *request, struct forward **place);

/* Sends it with `identity` (a JWS, borrowed), and answers the call when the upstream has
 * answered, or not. `origin` NULL: nobody knows where the upstream is. */
void forward_send(struct forward *forward, struct http_client *client,
                  struct http_origin *origin, struct slice identity);
/* Answers the call: it cannot be sent. `why` is a sentence of ours, for the log. */
void forward_fail(struct forward *forward, const char *why);

#endif
