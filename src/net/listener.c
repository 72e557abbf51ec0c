/* SPDX-License-Identifier: Apache-2.0
 *
 * Listening sockets. When the process is out of descriptors, the waiting connections are
 * closed through a descriptor that was kept for this, so that the loop does not spin. */
#include "net/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/mem.h"
#include "net/socket_address.h"

enum {
    BACKLOG_COUNT = 4096, /* the kernel cuts it to net.core.somaxconn */
    TAKE_MAX_COUNT = 32,  /* a round; so that callers we have get their turn */
    REST_MS = 100,        /* when not even the spare descriptor helps */
};

struct listener {
    struct loop_source source;
    struct loop *loop;
    struct loop_timer rest;
    int spare_fd;
    uint16_t port;
    listener_taken *taken;
    void *ctx;
};

/* ---- taking connections ---- */

static void
rest_over(struct loop_timer *timer)
{
    struct listener *listener =
        (struct listener *)((char *)timer - offsetof(struct listener, rest));

    if (loop_watch(listener->loop, &listener->source, EPOLLIN) != STATUS_OK)
        loop_timer_set(listener->loop, timer, loop_now_ms(listener->loop) + REST_MS);
}

/* Out of descriptors: takes one connection only to close it. */
static void
turn_away(struct listener *listener)
{
    fd_done(&listener->spare_fd);
    int fd = accept4(listener->source.fd, NULL, NULL, SOCK_CLOEXEC);
    bool helped = fd >= 0;
    fd_done(&fd);
    listener->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (helped && listener->spare_fd >= 0)
        return;
    loop_unwatch(listener->loop, &listener->source);
    loop_timer_set(listener->loop, &listener->rest,
                   loop_now_ms(listener->loop) + REST_MS);
}

static void
listener_ready(struct loop_source *source, uint32_t events)
{
    struct listener *listener = (struct listener *)source;
    int on = 1;

    (void)events;
    for (int i = 0; i < TAKE_MAX_COUNT; i++) {
        union socket_address address = {0};
        socklen_t len = sizeof(address);
        int fd = accept4(source->fd, &address.any, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
                turn_away(listener);
            else if (errno == ECONNABORTED || errno == EINTR)
                continue; /* that one has gone already */
            return;
        }
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        struct ip peer = socket_address_read(&address);
        listener->taken(listener->ctx, fd, &peer);
    }
}

/* ---- opening ---- */

static enum status
refuse(struct failure *failure, const struct ip *ip, uint16_t port, int error)
{
    char text[IP_TEXT_MAX + 1];
    const char *left = ip_is_v4(ip) ? "" : "[";
    const char *right = ip_is_v4(ip) ? "" : "]";

    ip_write(ip, text);
    if (error == EADDRINUSE)
        return failure_set(failure, STATUS_UNAVAILABLE, "listen",
                           "cannot listen on %s%s%s:%u: the port is in use by another "
                           "program",
                           left, text, right, port);
    if (error == EADDRNOTAVAIL)
        return failure_set(failure, STATUS_UNAVAILABLE, "listen",
                           "cannot listen on %s%s%s:%u: this machine has no such address",
                           left, text, right, port);
    if (error == EACCES || error == EPERM)
        return failure_set(failure, STATUS_REFUSED, "listen",
                           "cannot listen on %s%s%s:%u: the system does not allow it; "
                           "ports under 1024 need a privilege",
                           left, text, right, port);
    return failure_set(failure, STATUS_UNAVAILABLE, "listen",
                       "cannot listen on %s%s%s:%u: %s", left, text, right, port,
                       strerror(error));
}

/* A bound socket, or -1 and errno. */
static int
bound_socket(const struct ip *ip, uint16_t port, bool is_shared)
{
    union socket_address address;
    socklen_t len = socket_address_write(ip, port, &address);
    int fd AUTO(fd_done) =
        socket(address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1;
    int off = 0;

    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (is_shared)
        setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
    if (address.any.sa_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
    if (bind(fd, &address.any, len) != 0)
        return -1;

    int bound = fd;
    fd = -1; /* handed over */
    return bound;
}

/* Is a program that is not us there? Two programs of one user may share a port by
 * SO_REUSEPORT without noticing; a socket without it is refused then. */
static int
check_strangers(const struct ip *address, uint16_t port)
{
    int fd AUTO(fd_done) = bound_socket(address, port, false);

    return fd < 0 || listen(fd, 1) != 0 ? errno : 0;
}

static uint16_t
port_of(int fd)
{
    union socket_address address = {0};
    socklen_t len = sizeof(address);

    if (getsockname(fd, &address.any, &len) != 0)
        return 0;
    return ntohs(address.any.sa_family == AF_INET6 ? address.v6.sin6_port
                                                   : address.v4.sin_port);
}

enum status
listener_open(struct loop *loop, const struct ip *address, uint16_t port, bool is_first,
              listener_taken *taken, void *ctx, struct listener **out,
              struct failure *failure)
{
    struct listener *listener AUTO(listener_close) = mem_new(sizeof(*listener));
    int stranger = is_first && port != 0 ? check_strangers(address, port) : 0;

    *listener = (struct listener){.loop = loop, .taken = taken, .ctx = ctx};
    listener->rest.due = rest_over;
    listener->spare_fd = -1;
    listener->source = (struct loop_source){.fd = -1, .ready = listener_ready};
    if (stranger)
        return refuse(failure, address, port, stranger);

    listener->source.fd = bound_socket(address, port, true);
    if (listener->source.fd < 0 || listen(listener->source.fd, BACKLOG_COUNT) != 0)
        return refuse(failure, address, port, errno);
    listener->port = port_of(listener->source.fd);
    listener->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (loop_watch(loop, &listener->source, EPOLLIN) != STATUS_OK)
        return refuse(failure, address, port, errno);
    *out = TAKE(listener);
    return STATUS_OK;
}

uint16_t
listener_port(const struct listener *listener)
{
    return listener->port;
}

void
listener_close(struct listener **listener)
{
    if (!*listener)
        return;
    if ((*listener)->source.fd >= 0) {
        loop_unwatch((*listener)->loop, &(*listener)->source);
        loop_timer_clear((*listener)->loop, &(*listener)->rest);
    }
    fd_done(&(*listener)->source.fd);
    fd_done(&(*listener)->spare_fd);
    mem_free(listener);
}
