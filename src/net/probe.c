/* SPDX-License-Identifier: Apache-2.0
 *
 * Looking whether a port is free. */
#include "net/probe.h"

#include "base/auto.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

static int
bind_to(int fd, const struct ip *address, uint16_t port)
{
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};

    if (ip_is_v4(address)) {
        memcpy(&v4.sin_addr, address->at + 12, 4);
        return bind(fd, (const struct sockaddr *)&v4, sizeof(v4));
    }
    memcpy(&v6.sin6_addr, address->at, 16);
    return bind(fd, (const struct sockaddr *)&v6, sizeof(v6));
}

static enum status
refuse(const struct ip *address, uint16_t port, int why, struct failure *failure)
{
    char text[IP_TEXT_MAX + 1];
    const char *open = ip_is_v4(address) ? "" : "[";
    const char *close = ip_is_v4(address) ? "" : "]";

    ip_write(address, text);
    if (why == EADDRINUSE)
        return failure_set(failure, STATUS_UNAVAILABLE, NULL,
                           "cannot listen on %s%s%s:%u: the port is in use by another "
                           "process",
                           open, text, close, (unsigned)port);
    if (why == EACCES)
        return failure_set(failure, STATUS_REFUSED, NULL,
                           "cannot listen on %s%s%s:%u: ports under 1024 need root or "
                           "CAP_NET_BIND_SERVICE",
                           open, text, close, (unsigned)port);
    if (why == EADDRNOTAVAIL)
        return failure_set(failure, STATUS_NOT_FOUND, NULL,
                           "cannot listen on %s%s%s:%u: this machine has no such address",
                           open, text, close, (unsigned)port);
    return failure_set(failure, STATUS_UNAVAILABLE, NULL,
                       "cannot listen on %s%s%s:%u: %s", open, text, close,
                       (unsigned)port, strerror(why));
}

enum status
probe_port(const struct ip *address, uint16_t port, struct failure *failure)
{
    int yes = 1;
    int family = ip_is_v4(address) ? AF_INET : AF_INET6;
    int fd AUTO(fd_done) = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return refuse(address, port, errno, failure);
    /* Connections of an earlier server that linger do not count. */
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) != 0)
        return refuse(address, port, errno, failure);
    /* As the door itself: [::] leaves 0.0.0.0 to others. */
    if (family == AF_INET6 &&
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof(yes)) != 0)
        return refuse(address, port, errno, failure);
    if (bind_to(fd, address, port) != 0)
        return refuse(address, port, errno, failure);
    return STATUS_OK;
}
