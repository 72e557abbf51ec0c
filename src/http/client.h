/* SPDX-License-Identifier: Apache-2.0
 *
 * Asks other HTTP servers (struct http_origin), on a loop: one client a loop, with
 * connections that are kept for the next request. HTTP/1.1 over TCP or TLS; answers are
 * read as strictly as requests are. Bodies go through in pieces, both ways, no faster
 * than their receiver takes them. */
#ifndef HTTP_CLIENT_H
#define HTTP_CLIENT_H

#include "base/slice.h"
#include "base/status.h"
#include "http/call.h"
#include "http/origin.h"
#include "net/loop.h"

#include <stdbool.h>
#include <stdint.h>

struct http_client;
struct http_fetch;
struct client_connection;
struct client_pool;

/* `index` differs for each loop, from 0 on. */
struct http_client *http_client_new(struct loop *loop, size_t index);
/* The loop must not be running, and every fetch be over or cancelled. Accepts NULL. */
void http_client_free(struct http_client **client);

/* Sends now what was written so far, which else leaves at the end of the loop's round: so
 * that others work on it meanwhile. Not from within an event of a fetch. */
void http_client_flush(struct http_client *client);

/* What is asked. Everything is borrowed for http_fetch_begin() only. */
struct http_fetch_request {
    struct slice method, target;
    const struct http_header *headers; /* those that framing needs are added */
    size_t header_count;
    struct slice body;       /* whole; empty: none, or what comes by http_fetch_write() */
    bool is_streamed;        /* the body comes by http_fetch_write() */
    int64_t streamed_length; /* of it; -1 = not known */
};

/* The head of an answer, and all of it when it is there already. Everything lives during
 * the call only. */
struct http_answer {
    int status;                        /* 200..599 */
    const struct http_header *headers; /* as they came */
    size_t header_count;
    bool has_length; /* `length` is what Content-Length says, also to HEAD */
    uint64_t length;
    bool is_whole; /* `body` is all of it, and the fetch is over */
    struct slice body;
};

enum http_fetch_failure {
    HTTP_FETCH_BEGUN = 0,
    HTTP_FETCH_REFUSED,     /* no address is well, or too many connections */
    HTTP_FETCH_UNREACHABLE, /* nobody takes the connection, or TLS does not hold */
    HTTP_FETCH_TIMEOUT,
    HTTP_FETCH_CUT,         /* the connection ended where it must not */
    HTTP_FETCH_BAD_ANSWER,  /* what came cannot be read in one way only */
    HTTP_FETCH_BAD_REQUEST, /* ours: method or target cannot be sent */
};

/* How a fetch goes on; on the loop's thread. After `head` with is_whole, `end` or `fail`
 * the fetch is over: nothing is called any more, its memory is its owner's. */
struct http_fetch_events {
    void (*head)(struct http_fetch *fetch, const struct http_answer *answer);
    /* All of `bytes` must be taken. False: no more for now, until http_fetch_resume(). */
    bool (*body)(struct http_fetch *fetch, struct slice bytes);
    void (*end)(struct http_fetch *fetch); /* the body was whole */
    /* `why` is a sentence of ours. After `head`: the answer is cut. */
    void (*fail)(struct http_fetch *fetch, enum http_fetch_failure failure,
                 const char *why);
    void (*room)(struct http_fetch *fetch); /* after http_fetch_write() gave false */
};

/* One request; embed it. Lives until it is over or cancelled. All fields are the
 * client's. */
struct http_fetch {
    const struct http_fetch_events *events;
    struct client_pool *pool;
    struct client_connection *connection; /* NULL: over */
    int64_t whole_until_ms;
    uint32_t tried;     /* addresses, as bits */
    bool is_safe;       /* GET or HEAD without a body: may be sent again */
    bool is_sent_again; /* was */
    bool is_head;
    bool is_streamed, is_chunked, is_request_whole;
    bool is_paused;
    bool wants_room;
};

/* Begins; anything but BEGUN: it did not, and nothing will be called. Not from within a
 * call of an event of the same fetch. */
MUST_CHECK enum http_fetch_failure http_fetch_begin(
    struct http_client *client, struct http_origin *origin, struct http_fetch *fetch,
    const struct http_fetch_events *events, const struct http_fetch_request *request);
/* Goes on after `body` gave false. */
void http_fetch_resume(struct http_fetch *fetch);
/* Calls it off: the other side sees the connection end. Nothing is called any more. Does
 * nothing when it is over. */
void http_fetch_cancel(struct http_fetch *fetch);

/* Sends more of a streamed body (takes all). False: no more for now, until `room`. */
bool http_fetch_write(struct http_fetch *fetch, struct slice bytes);
/* The streamed body is whole. */
void http_fetch_write_end(struct http_fetch *fetch);

#endif
