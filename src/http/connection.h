/* SPDX-License-Identifier: Apache-2.0
 *
 * What both protocols need of a connection: its beginning (PROXY, TLS), its way out, its
 * deadlines and its end. */
#ifndef HTTP_CONNECTION_H
#define HTTP_CONNECTION_H

#include "http/inside.h"

/* Takes `fd` over. `peer` has been counted if `is_counted`. */
void connection_open(struct http_server *server, int fd, const struct ip *peer,
                     bool is_trusted, bool is_counted);
/* At once; what was not sent is lost, an open call stays open for its handler. The
 * memory stays until the end of the round. */
void connection_close(struct connection *connection);
/* Reads no more; closes when everything was sent, after lingering for a peer that may
 * still be sending. */
void connection_end(struct connection *connection, bool is_linger);

/* Reads and serves what there is. */
void connection_serve(struct connection *connection);
/* To be served once more in this round or the next. */
void connection_again(struct connection *connection);
/* There is something to send, at the end of the round. */
void connection_dirty(struct connection *connection);
/* Sends what there is. */
void connection_flush(struct connection *connection);
/* Sends both at once, when nothing waits before them; what the socket does not take
 * waits. On failure the connection is closed in its next turn, not here. */
void connection_send(struct connection *connection, struct slice first,
                     struct slice second);
/* From now on idle ones end, and answers are last ones. */
void connection_drain(struct connection *connection);

/* It will be timed out at `at_ms`, or at NO_DEADLINE never. Cheap to move later. */
void connection_deadline(struct connection *connection, int64_t at_ms);
/* Is anything waiting to be sent? */
bool connection_has_output(const struct connection *connection);

#endif
