/* SPDX-License-Identifier: Apache-2.0
 *
 * Servers, connections and calls from inside, for the modules of this folder only. A
 * connection is read by http1.c or http2.c; what both need (buffers, deadlines, the way
 * out) is in connection.c. Everything of a server happens on its loop's thread. */
#ifndef HTTP_INSIDE_H
#define HTTP_INSIDE_H

#include "http/call.h"
#include "http/chunked.h"
#include "http/pool.h"
#include "http/request_id.h"
#include "http/server.h"
#include "net/stream.h"

struct http2; /* the state of an HTTP/2 connection; see http2.h */
struct listener;

enum {
    BODY_ROOM_BYTES = 1024,       /* behind each head, for chunks to be taken apart in */
    COPY_MAX_BYTES = 16 * 1024,   /* a longer answer is sent from where it lies */
    ROUND_MAX_BYTES = 64 * 1024,  /* that one connection may have waiting to be sent */
    SERVE_MAX_REQUESTS = 16,      /* of one connection in a row: others wait too */
    SERVE_MAX_READS = 8,          /* the same for long bodies */
    PIECES_MAX_BYTES = 64 * 1024, /* of an answer in pieces that wait to be sent */
    HANDSHAKE_MAX_COUNT = 4,      /* a round; each costs a signature */
    LINGER_MS = 1000,             /* for the peer to read our last answer */
    LINGER_MAX_BYTES = 1024 * 1024, /* of what it is still sending: a body that nobody
                                       wants is usually no longer */
    STREAM_PIECE_BYTES =
        16 * 1024, /* of a streamed body that must come to get more time */
    SCRATCH_BYTES = 64 * 1024,
};

/* What a connection is busy with. */
enum phase {
    PHASE_PROXY = 1, /* waits for a PROXY header, or for bytes that are none */
    PHASE_HANDSHAKE, /* TLS */
    PHASE_HEAD,      /* HTTP/1.1: between requests, or in a head */
    PHASE_BODY,      /* HTTP/1.1: in a body */
    PHASE_CALL,      /* HTTP/1.1: the handler has not answered yet */
    PHASE_STREAM,    /* HTTP/1.1: the same, and the body is still coming */
    PHASE_HTTP2,
    PHASE_ENDING, /* nothing more is read; closes when everything was sent */
    PHASE_LINGER, /* everything was sent; waits for the peer to close */
    PHASE_CLOSED, /* only memory; freed at the end of the round */
};

struct connection {
    struct stream stream; /* first: its events are ours */
    struct http_server *server;
    struct connection *next, **prev; /* all of the server */
    struct connection *next_dirty, *next_again, *next_dead;
    struct loop_timer timer;
    int64_t deadline_ms; /* NO_DEADLINE = none */
    struct ip peer;      /* as the socket or a trusted proxy's PROXY header says */

    enum phase phase;
    bool is_dirty, is_again; /* on the server's list */
    bool is_trusted;         /* `peer` is a trusted proxy */
    bool is_counted;         /* against the limit per address */
    bool is_blocked;         /* the socket takes no more for the moment */
    bool is_stalled;         /* reading goes on when everything was sent */
    bool is_linger;          /* PHASE_ENDING: linger before closing */
    bool is_timing_request;  /* deadline_ms is that of a head or a body */
    bool is_dispatching;     /* the handler is being called */
    bool is_broken;          /* to be closed in its next turn */

    /* what comes in (HTTP/1.1 only) */
    unsigned char *input;   /* lent by the pool; NULL while there is nothing */
    uint32_t start, filled; /* the bytes of it that are not yet read */
    uint32_t parsed;        /* filled, when the head was tried last */
    uint32_t body_at;       /* where the body begins in `input` */
    size_t body_bytes;  /* with Content-Length: how long it is; streamed: what is left */
    size_t piece_bytes; /* of a streamed body, since the deadline was moved last */
    bool is_chunked;
    bool is_spilled; /* the body goes to call->body */
    struct chunked chunked;
    struct http_call *call; /* the request that is being read or answered */

    /* what goes out: `out`, then the round's bytes, then `tail` */
    struct buffer out; /* what the socket did not take */
    size_t out_sent;
    size_t round_at, round_len; /* in server->round */
    struct buffer tail;         /* a long answer, taken over */
    bool is_tail_lent;          /* … or not: it is not to be freed */
    size_t tail_sent;
    size_t progress_bytes; /* sent since the deadline was moved last */

    struct http2 *http2; /* NULL: HTTP/1.1 */
};

_Static_assert(sizeof(struct connection) <= 512,
               "an idle connection is small: 10,000 cost no more than 5 MB");

enum call_flow {
    CALL_READING = 1,
    CALL_OPEN,
    CALL_PIECES, /* its answer has begun */
    CALL_ANSWERED,
};

/* How a streamed body goes. */
enum body_flow {
    BODY_IS_HERE = 0, /* all of it, and no more of it is told */
    BODY_WAITS,       /* to be begun */
    BODY_FLOWS,
    BODY_PAUSED,
};

struct http_call {
    struct pool_item item; /* first */
    struct http_server *server;
    struct connection *connection; /* NULL: the caller has gone */
    enum call_flow flow;
    bool is_tls, is_proxy_tls, is_head, is_http10, wants_close, wants_keep_alive;
    int refused_status; /* HTTP/2: what is wrong with it; 0 = nothing */
    bool is_streamed, wants_continue;
    enum body_flow body_flow;
    int64_t body_length; /* of a streamed one; HTTP_LENGTH_UNKNOWN */

    struct http_request request;
    struct http_header *headers; /* header_max_count of them */
    struct arena arena;
    struct ip address;
    char id[HTTP_REQUEST_ID_CHARS + 1];
    const struct http_call_events *events; /* NULL: nobody wants to know */
    void *events_ctx;
    bool wants_room;
    bool is_bare;          /* its answer has no body, whatever is written */
    bool is_chunked;       /* HTTP/1.1: its answer, and … */
    bool is_after_chunk;   /* … a chunk was written, whose line end is owed */
    bool is_last;          /* HTTP/1.1: the connection ends with its answer */
    int64_t answer_left;   /* bytes that were promised; HTTP_LENGTH_UNKNOWN */
    struct buffer body;    /* what does not fit in the connection's input */
    int64_t charged_bytes; /* of it against the budget */
    unsigned char *input;  /* held for the request when the connection has gone */

    /* HTTP/2 */
    struct http_call *next, **prev; /* requests that are not yet whole, oldest first */
    int32_t stream_id;              /* 0 = HTTP/1.1 */
    uint64_t streamed_bytes;        /* that have come */
    size_t piece_bytes;             /* of them, since the deadline was moved last */
    bool is_body_ended;             /* they are all that come */
    size_t header_bytes;
    unsigned char *cookie; /* one that came in pieces; in the arena */
    bool is_sent;          /* the answer, to its last byte */
    int64_t deadline_ms;   /* for the request to be whole */
    struct buffer reply_body;
    struct slice lent; /* instead of it, when the body lives for ever */
    size_t reply_sent;
    size_t sent_bytes;      /* of all that it has answered */
    size_t stuck_bytes;     /* of it, when its peer shut the window … */
    int64_t stuck_since_ms; /* … at this moment; 0 = it is open */
};

struct http_server {
    struct loop *loop;
    struct http_shared *shared;
    struct listener *listener; /* NULL: draining */
    uint16_t port;
    http_handler *handler;
    void *ctx;
    struct loop_round round_hook;

    struct connection *connections, *dirty, *again, *dead;
    size_t connection_count;
    size_t call_count; /* alive: the server is not freed before they are answered */
    bool is_draining, is_closed;
    int handshake_count; /* in this round */

    unsigned char *scratch; /* where streamed bodies are read; NULL: none was */
    struct pool inputs, calls;
    size_t input_bytes; /* the size of an input buffer: a head, and room behind it */
    struct request_id_maker ids;

    unsigned char *round; /* the answers of this round */
    size_t round_len, round_room;
    int64_t date_s; /* what `date` says */
    char date[40];  /* "Date: Mon, 23 Nov 2026 10:00:00 GMT\r\n" */

    int64_t requests, bad_framing, timeouts; /* of this round; added up at its end */
};

#define NO_DEADLINE INT64_MAX

/* ---- call.c ---- */

/* A call without a request, with a fresh id. */
struct http_call *call_new(struct http_server *server, struct connection *connection);
/* Gives it back to the pool. */
void call_free(struct http_call **call);
/* Adds `bytes` to the budget that all bodies share; false when it is used up. */
bool call_charge(struct http_call *call, size_t bytes);
/* The head is there, and says how long the body is (HTTP_LENGTH_UNKNOWN: it does not).
 * Gives the most that it may have, which call->body takes from now on. */
uint64_t call_body_max(struct http_call *call, int64_t length);
/* For how long it may be on its way: longer for those that may be longer. */
int64_t call_body_timeout_ms(const struct http_call *call);
/* Lets go of the request's body; nobody looks at it any more. */
void call_drop_body(struct http_call *call);
/* Its connection has gone: so tells whoever answers it. */
void call_lose(struct http_call *call);
/* There is room for more of its answer. */
void call_tell_room(struct http_call *call);
/* The request is whole, or its body is streamed: fills address and counts, and calls the
 * handler. */
void call_dispatch(struct http_call *call);
/* Shall it be called before the body is here? */
bool call_wants_stream(const struct http_call *call);
/* Its streamed body will not become whole: whoever reads it lets go of the call. */
void call_fail_body(struct http_call *call);

/* ---- server.c ---- */

/* Ends a server whose last call was answered after http_server_close(). */
void server_free(struct http_server **server);
/* Room for `len` more bytes of what `connection` sends at the end of this round; then
 * server_reserved() says how many were filled. */
unsigned char *server_reserve(struct connection *connection, size_t len);
void server_reserved(struct connection *connection, size_t len);
/* "Date: …" with its line end, REPLY_DATE_CHARS long. */
const char *server_date(struct http_server *server);

#endif
