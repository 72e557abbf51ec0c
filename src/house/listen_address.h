/* SPDX-License-Identifier: Apache-2.0
 *
 * "HOST:PORT" as it is given to --listen and --health. */
#ifndef HOUSE_LISTEN_ADDRESS_H
#define HOUSE_LISTEN_ADDRESS_H

#include "base/ip.h"
#include "base/status.h"

#include <stdint.h>

enum { LISTEN_ADDRESS_TEXT_MAX = IP_TEXT_MAX + 8 }; /* "[…]:65535" */

/* Reads "127.0.0.1:8480", "[::1]:8480" or "localhost:8480" (= 127.0.0.1); port 0 is any
 * free one. Names other than localhost are refused: what a server listens on must not
 * depend on a name server. `failure` names `setting`, what was given and what is
 * wanted. */
MUST_CHECK enum status listen_address_read(const char *text, const char *setting,
                                           struct ip *out_address, uint16_t *out_port,
                                           struct failure *failure);
/* The text of an address and port, with brackets around IPv6. */
void listen_address_write(const struct ip *address, uint16_t port,
                          char out[LISTEN_ADDRESS_TEXT_MAX + 1]);

#endif
