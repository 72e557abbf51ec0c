/* SPDX-License-Identifier: Apache-2.0
 *
 * One TLS connection, of the server's or the client's side, for net/stream.c. */
#ifndef NET_TLS_STREAM_H
#define NET_TLS_STREAM_H

#include "base/slice.h"
#include "net/stream.h"

struct bio_method_st;
struct ssl_st;

/* Reads from and writes to `stream`, which must outlive it. */
MUST_CHECK enum status tls_stream_new(struct tls_server *server, struct stream *stream,
                                      struct ssl_st **out);
/* The client's side; `name` is whom the peer's certificate must name. */
MUST_CHECK enum status tls_stream_new_client(struct tls_client *client, const char *name,
                                             struct stream *stream, struct ssl_st **out);
void tls_stream_free(struct ssl_st **tls);
enum stream_outcome tls_stream_handshake(struct ssl_st *tls);
enum stream_outcome tls_stream_read(struct ssl_st *tls, void *at, size_t room,
                                    size_t *out_len);
/* `out_len` is set when DONE; it may be less than bytes.len. */
enum stream_outcome tls_stream_write(struct ssl_st *tls, struct slice bytes,
                                     size_t *out_len);
bool tls_stream_has_more(const struct ssl_st *tls);
bool tls_stream_is_h2(const struct ssl_st *tls);
/* What is wrong with the peer's certificate, in words; NULL: nothing. */
const char *tls_stream_wrong(const struct ssl_st *tls);
/* Sends close_notify, if the connection still works. */
void tls_stream_end(struct ssl_st *tls);

/* For tls.c and tls_client.c: how OpenSSL reaches a stream. NULL: OpenSSL gives none. */
struct bio_method_st *tls_stream_bio_new(void);
MUST_CHECK enum status tls_stream_join(struct ssl_st *tls, struct bio_method_st *method,
                                       struct stream *stream);

#endif
