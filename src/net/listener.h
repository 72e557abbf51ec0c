/* SPDX-License-Identifier: Apache-2.0
 *
 * Takes connections on an address and port. Each loop has a listener of its own on the
 * same port; the kernel shares the connections out (SO_REUSEPORT). */
#ifndef NET_LISTENER_H
#define NET_LISTENER_H

#include "base/ip.h"
#include "base/status.h"
#include "net/loop.h"

struct listener;

/* Called for each new connection with its descriptor (non-blocking, no delay; taken
 * over) and the address of the peer. */
typedef void listener_taken(void *ctx, int fd, const struct ip *peer);

/* Listens on `address`:`port`; port 0 = any free one. `is_first`: no other listener of
 * ours is there yet, so somebody who is there is a stranger.
 * STATUS_UNAVAILABLE  the port is in use, or the address is not ours
 * STATUS_REFUSED      the system does not allow it */
MUST_CHECK enum status listener_open(struct loop *loop, const struct ip *address,
                                     uint16_t port, bool is_first, listener_taken *taken,
                                     void *ctx, struct listener **out,
                                     struct failure *failure);
uint16_t listener_port(const struct listener *listener);
/* Accepts NULL, leaves NULL. */
void listener_close(struct listener **listener);

#endif
