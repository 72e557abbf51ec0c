/* SPDX-License-Identifier: Apache-2.0
 *
 * The client from inside: pools and connections. Everything of a client happens on its
 * loop's thread, but for client_pool_tell(). */
#ifndef HTTP_CLIENT_INSIDE_H
#define HTTP_CLIENT_INSIDE_H

#include "base/buffer.h"
#include "http/chunked.h"
#include "http/client.h"
#include "http/origin_inside.h"
#include "net/stream.h"

enum {
    CLIENT_SCRATCH_BYTES = 64 * 1024,
    CLIENT_HEAD_MAX_BYTES = 64 * 1024, /* of an answer; cookies of others can be long */
    CLIENT_HEADER_MAX_COUNT = 128,
    CLIENT_INTERIM_MAX_COUNT = 8,      /* answers 1xx before the real one */
    CLIENT_IDLE_MAX_COUNT = 64,        /* connections a pool keeps for later */
    CLIENT_IDLE_MS = 30 * 1000,        /* … for so long */
    CLIENT_READ_MAX_COUNT = 8,         /* of one connection in a row: others wait too */
    CLIENT_OUT_KEEP_BYTES = 16 * 1024, /* memory of an idle connection */
    CLIENT_OUT_HIGH_BYTES = 64 * 1024, /* of a streamed body that waits to be sent */
};

#define CLIENT_NO_DEADLINE INT64_MAX

enum client_phase {
    CLIENT_CONNECTING = 1,
    CLIENT_HANDSHAKE,
    CLIENT_HEAD, /* the request is on its way, or the answer's head is awaited */
    CLIENT_BODY,
    CLIENT_IDLE,
    CLIENT_CLOSED, /* only memory; freed at the end of the round */
};

enum client_framing {
    CLIENT_NO_BODY = 1,
    CLIENT_LENGTH,
    CLIENT_CHUNKS,
    CLIENT_UNTIL_END
};

struct client_connection {
    struct stream stream; /* first: its events are ours */
    struct client_pool *pool;
    struct client_connection *next,
        **prev; /* of the pool: idle ones of a slot, or busy */
    struct client_connection *next_dirty, *next_again, *next_dead;
    struct loop_timer timer;
    int64_t deadline_ms;
    struct http_fetch *fetch; /* NULL: idle or closed */

    enum client_phase phase;
    int slot;
    uint32_t slot_turn; /* of the pool's; differs when the slot has another address */
    bool is_kept;       /* it has served before */
    bool is_dirty, is_again;
    bool is_blocked; /* the socket takes no more for the moment */
    bool is_deaf;    /* the peer takes nothing more */
    bool is_last;    /* of no use after this answer */

    struct buffer out; /* the request; kept until the answer begins */
    size_t out_sent;

    struct buffer in; /* a head that is not yet whole */
    int interim_count;
    enum client_framing framing;
    uint64_t body_left;
    struct chunked chunked;
};

struct client_pool {
    struct http_client *client;
    struct http_origin *origin; /* held */
    struct client_pool *next;   /* of the client */
    struct origin_view view;
    uint32_t slot_turns[ORIGIN_ADDRESS_MAX_COUNT];
    unsigned order;
    struct client_connection *idle[ORIGIN_ADDRESS_MAX_COUNT]; /* last used first */
    size_t idle_count;
    struct client_connection *busy;

    struct loop_message retire; /* sent once at most */
    bool is_told;               /* it was sent; under the origin's lock */
    bool is_left;               /* the client is gone: the message frees the pool */
};

struct http_client {
    struct loop *loop;
    size_t index;
    struct loop_round round_hook;
    struct client_pool *pools;
    struct client_connection *dirty, *again, *dead;
    struct http_header headers[CLIENT_HEADER_MAX_COUNT];
    unsigned char *scratch; /* what is read, until it is looked at */
};

/* ---- client.c ---- */

/* Tells a pool on its loop that its origin is retired. Under the origin's lock. */
void client_pool_tell(struct client_pool *pool);
/* From now on the connection is this fetch's. */
void client_attach(struct client_connection *connection, struct http_fetch *fetch);
/* The fetch is over, or leaves this connection; then it is to be recycled or closed. */
void client_detach(struct client_connection *connection);
/* Keeps it for the next request, or closes it. */
void client_recycle(struct client_connection *connection);
/* Tries the request of `connection` at another address or on a fresh connection; false:
 * there is none, nothing has changed. */
bool client_try_again(struct client_connection *connection, bool is_same_address);

/* ---- client_connection.c ---- */

/* A connection that begins; NULL: it cannot even begin. */
struct client_connection *client_connection_open(struct client_pool *pool, int slot);
/* The same for a socket that connects already; taken over. */
struct client_connection *client_connection_adopt(struct client_pool *pool, int slot,
                                                  int fd);
/* Its request lies in `out`: sends it as soon as it may. */
void client_connection_go(struct client_connection *connection);
/* There is something to send, at the end of the round. */
void client_connection_dirty(struct client_connection *connection);
/* There may be something to read. */
void client_connection_again(struct client_connection *connection);
void client_connection_flush(struct client_connection *connection);
void client_connection_read(struct client_connection *connection);
/* Takes it out of its pool's list. */
void client_connection_unlink(struct client_connection *connection);
void client_connection_close(struct client_connection *connection);
/* It will be timed out then. Cheap to move later. */
void client_connection_deadline(struct client_connection *connection, int64_t at_ms);
/* Is its peer still there, as far as one can see? */
bool client_connection_is_alive(struct client_connection *connection);

#endif
