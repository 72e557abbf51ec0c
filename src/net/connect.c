/* SPDX-License-Identifier: Apache-2.0
 *
 * Connecting and resolving. */
#include "net/connect.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>

#include "base/auto.h"
#include "net/socket_address.h"

int
connect_begin(const struct ip *address, uint16_t port)
{
    union socket_address peer;
    socklen_t len = socket_address_write(address, port, &peer);
    int fd AUTO(fd_done) =
        socket(peer.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1;

    if (fd < 0)
        return -1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (connect(fd, &peer.any, len) != 0 && errno != EINPROGRESS)
        return -1;

    int begun = fd;
    fd = -1; /* handed over */
    return begun;
}

int
connect_result(int fd)
{
    int error = 0;
    socklen_t len = sizeof(error);

    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
        return errno;
    return error;
}

int
connect_try(const struct ip *address, uint16_t port, int timeout_ms)
{
    int fd AUTO(fd_done) = connect_begin(address, port);
    struct pollfd wait = {.fd = fd, .events = POLLOUT};

    if (fd < 0)
        return errno;
    if (poll(&wait, 1, timeout_ms) != 1)
        return ETIMEDOUT;
    return connect_result(fd);
}

static enum status
refuse(struct failure *failure, const char *name, int error)
{
    if (error == EAI_NONAME || error == EAI_NODATA)
        return failure_set(failure, STATUS_NOT_FOUND, "url",
                           "there is no host with the name '%s'", name);
    return failure_set(failure, STATUS_UNAVAILABLE, "url",
                       "the name '%s' cannot be resolved: %s", name, gai_strerror(error));
}

static bool
holds(const struct ip *list, size_t count, const struct ip *one)
{
    for (size_t i = 0; i < count; i++) {
        if (memcmp(list[i].at, one->at, sizeof(one->at)) == 0)
            return true;
    }
    return false;
}

enum status
connect_resolve(const char *name, size_t max_count, struct ip *out, size_t *out_count,
                struct failure *failure)
{
    struct addrinfo wanted = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
    struct addrinfo *found = NULL;
    size_t count = 0;

    if (ip_read(slice_of(name), out) == STATUS_OK) {
        *out_count = 1;
        return STATUS_OK;
    }
    int error = getaddrinfo(name, NULL, &wanted, &found);
    if (error == EAI_NONAME || error == EAI_ADDRFAMILY) {
        /* A host with nothing but loopback addresses: RFC 3493 leaves none to
         * AI_ADDRCONFIG. */
        wanted.ai_flags = 0;
        error = getaddrinfo(name, NULL, &wanted, &found);
    }
    if (error != 0)
        return refuse(failure, name, error);
    for (struct addrinfo *each = found; each && count < max_count; each = each->ai_next) {
        if (each->ai_family != AF_INET && each->ai_family != AF_INET6)
            continue;
        union socket_address address = {0};
        memcpy(&address, each->ai_addr, each->ai_addrlen);
        struct ip ip = socket_address_read(&address);
        if (!holds(out, count, &ip))
            out[count++] = ip;
    }
    freeaddrinfo(found);
    if (count == 0)
        return refuse(failure, name, EAI_NODATA);
    *out_count = count;
    return STATUS_OK;
}
