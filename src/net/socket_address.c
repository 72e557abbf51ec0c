/* SPDX-License-Identifier: Apache-2.0
 *
 * IPv4 and IPv6 socket addresses; an IPv4 address is kept mapped (base/ip.h). */
#include "net/socket_address.h"

#include <string.h>

socklen_t
socket_address_write(const struct ip *ip, uint16_t port, union socket_address *out)
{
    *out = (union socket_address){0};
    if (ip_is_v4(ip)) {
        out->v4.sin_family = AF_INET;
        out->v4.sin_port = htons(port);
        memcpy(&out->v4.sin_addr, ip->at + 12, 4);
        return sizeof(out->v4);
    }
    out->v6.sin6_family = AF_INET6;
    out->v6.sin6_port = htons(port);
    memcpy(&out->v6.sin6_addr, ip->at, 16);
    return sizeof(out->v6);
}

struct ip
socket_address_read(const union socket_address *address)
{
    struct ip ip = {.at = {[10] = 0xff, [11] = 0xff}};

    if (address->any.sa_family == AF_INET6)
        memcpy(ip.at, &address->v6.sin6_addr, 16);
    else
        memcpy(ip.at + 12, &address->v4.sin_addr, 4);
    return ip;
}
