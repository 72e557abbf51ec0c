/* SPDX-License-Identifier: Apache-2.0
 *
 * The network interfaces of this host, as the kernel tells them. */
#ifndef NET_INTERFACES_H
#define NET_INTERFACES_H

#include "base/ip.h"
#include "base/status.h"

#include <stdint.h>

/* Calls `each` for every address of every interface that is up: its name, the address
 * and how many of its bits are the network's. Loopback is among them.
 * STATUS_UNAVAILABLE: the kernel does not tell. */
MUST_CHECK enum status interfaces_each(void (*each)(void *ctx, const char *name,
                                                    const struct ip *ip, uint8_t bits),
                                       void *ctx);

#endif
