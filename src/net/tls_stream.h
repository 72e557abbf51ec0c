/* SPDX-License-Identifier: Apache-2.0
 *
 * One TLS connection of the server side, for net/stream.c. */
#ifndef NET_TLS_STREAM_H
#define NET_TLS_STREAM_H

#include "base/slice.h"
#include "net/stream.h"

struct ssl_st;

/* Reads from and writes to `stream`, which must outlive it. */
MUST_CHECK enum status tls_stream_new(struct tls_server *server, struct stream *stream,
                                      struct ssl_st **out);
void tls_stream_free(struct ssl_st **tls);
enum stream_outcome tls_stream_handshake(struct ssl_st *tls);
enum stream_outcome tls_stream_read(struct ssl_st *tls, void *at, size_t room,
                                    size_t *out_len);
/* `out_len` is set when DONE; it may be less than bytes.len. */
enum stream_outcome tls_stream_write(struct ssl_st *tls, struct slice bytes,
                                     size_t *out_len);
bool tls_stream_has_more(const struct ssl_st *tls);
bool tls_stream_is_h2(const struct ssl_st *tls);
/* Sends close_notify, if the connection still works. */
void tls_stream_end(struct ssl_st *tls);

#endif
