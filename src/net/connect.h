/* SPDX-License-Identifier: Apache-2.0
 *
 * The client's side of TCP: connecting without waiting, and names as addresses. */
#ifndef NET_CONNECT_H
#define NET_CONNECT_H

#include "base/ip.h"
#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

/* A socket that begins to connect (non-blocking, no delay), for stream_open(). -1: it
 * cannot even begin; errno says why. */
int connect_begin(const struct ip *address, uint16_t port);
/* After the first event: 0 = connected, else an errno. */
int connect_result(int fd);
/* Connects and closes again; blocks up to `timeout_ms`. 0 = somebody takes connections
 * there, else an errno. */
int connect_try(const struct ip *address, uint16_t port, int timeout_ms);

/* The addresses of a host name, or of an address in text form, each once. Blocks: never
 * on a loop's thread. `failure` says why there are none (STATUS_NOT_FOUND: the name is
 * unknown; STATUS_UNAVAILABLE: nobody answers for it). */
MUST_CHECK enum status connect_resolve(const char *name, size_t max_count, struct ip *out,
                                       size_t *out_count, struct failure *failure);

#endif
