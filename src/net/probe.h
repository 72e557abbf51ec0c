/* SPDX-License-Identifier: Apache-2.0
 *
 * Is a port free? SO_REUSEPORT lets all loops listen on one port, but it would also let a
 * second server of the same user in without a word. */
#ifndef NET_PROBE_H
#define NET_PROBE_H

#include "base/ip.h"
#include "base/status.h"

#include <stdint.h>

/* Does nobody listen on `address`:`port`? Looks by taking the port for a moment, without
 * sharing it. STATUS_UNAVAILABLE: somebody does; STATUS_REFUSED: we may not (ports under
 * 1024); STATUS_NOT_FOUND: the machine has no such address. `failure` says it in words.
 */
MUST_CHECK enum status probe_port(const struct ip *address, uint16_t port,
                                  struct failure *failure);

#endif
