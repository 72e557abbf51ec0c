/* SPDX-License-Identifier: Apache-2.0
 *
 * A connected socket, plain or with TLS, read and written in one way. It is watched
 * once, edge-triggered, and remembers what epoll said, so that a request needs one recv
 * and one send and no call to epoll. Never blocks. */
#ifndef NET_STREAM_H
#define NET_STREAM_H

#include "base/slice.h"
#include "base/status.h"
#include "net/loop.h"
#include "net/tls.h"
#include "net/tls_client.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct ssl_st;

/* Zeroed = closed (but for fd, which stream_open() sets). */
struct stream {
    struct loop_source source; /* its ready() is the owner's */
    struct ssl_st *tls;        /* NULL: plain text; owned */
    bool is_readable;          /* the socket may hold bytes that nobody has taken */
    bool is_hung_up;           /* the peer will send nothing more */
};

enum stream_outcome {
    STREAM_DONE = 1, /* it worked */
    STREAM_WAIT,     /* not whole: go on when epoll says so */
    STREAM_END,      /* the peer has ended its side */
    STREAM_BROKEN,   /* the connection is of no more use */
};

/* Takes `fd` (connected, non-blocking) over and watches it; `ready` is told of each
 * change and calls stream_note() first. On failure the descriptor is closed. */
MUST_CHECK enum status stream_open(struct stream *stream, struct loop *loop, int fd,
                                   void (*ready)(struct loop_source *, uint32_t));
/* Remembers what epoll said. False: broken, there is nobody to speak to. */
bool stream_note(struct stream *stream, uint32_t events);
/* Says goodbye (TLS) and closes. */
void stream_close(struct stream *stream, struct loop *loop);

/* From now on bytes go through TLS. The handshake is done by stream_handshake(). */
MUST_CHECK enum status stream_start_tls(struct stream *stream, struct tls_server *tls);
/* The same from the client's side. `name`, whom the peer's certificate must name, is
 * borrowed until the stream is closed. */
MUST_CHECK enum status stream_start_tls_client(struct stream *stream,
                                               struct tls_client *tls, const char *name);
enum stream_outcome stream_handshake(struct stream *stream);
/* What is wrong with the peer's certificate, in words; NULL: nothing. */
const char *stream_tls_wrong(const struct stream *stream);
/* Did both sides agree on HTTP/2 (ALPN)? */
bool stream_is_h2(const struct stream *stream);

/* Reads 1..room bytes; `out_len` is set when DONE. */
enum stream_outcome stream_read(struct stream *stream, void *at, size_t room,
                                size_t *out_len);
/* May a read give something? After a false, wait for the next event. */
bool stream_may_read(const struct stream *stream);
/* Writes `first` and then `second` (may be empty). `out_len` is always set to the bytes
 * taken of both; DONE only when these are all. After WAIT the next write must begin with
 * the bytes that were not taken. */
enum stream_outcome stream_write(struct stream *stream, struct slice first,
                                 struct slice second, size_t *out_len);
/* Ends our side, after everything was written. */
void stream_end(struct stream *stream);
/* stream_close() will cut the connection off (RST, no goodbye under TLS): the peer must
 * not take what it has got for all. */
void stream_reset(struct stream *stream);
/* Throws away `max` bytes from the socket, below TLS. WAIT: so many did not come yet. */
enum stream_outcome stream_discard(struct stream *stream, size_t max, size_t *out_len);
/* Looks at the first bytes without taking them (before any read). WAIT: epoll has told of
 * none. */
enum stream_outcome stream_peek(struct stream *stream, void *at, size_t room,
                                size_t *out_len);

/* For net/tls.c: recv and send on the socket itself, as recv(2) and send(2). */
ssize_t stream_pull(struct stream *stream, void *at, size_t room);
ssize_t stream_push(struct stream *stream, const void *at, size_t len);

#endif
