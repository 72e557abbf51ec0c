/* SPDX-License-Identifier: Apache-2.0
 *
 * Addresses as the socket calls want them. */
#ifndef NET_SOCKET_ADDRESS_H
#define NET_SOCKET_ADDRESS_H

#include "base/ip.h"

#include <netinet/in.h>
#include <sys/socket.h>

union socket_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

/* Gives its length. */
socklen_t socket_address_write(const struct ip *ip, uint16_t port,
                               union socket_address *out);
struct ip socket_address_read(const union socket_address *address);

#endif
