/* SPDX-License-Identifier: Apache-2.0
 *
 * A server on one loop: takes connections within the limits, and ends each round by
 * sending all its answers. */
#include "http/server.h"

#include "base/auto.h"
#include "base/mem.h"
#include "http/connection.h"
#include "http/forwarded.h"
#include "http/inside.h"
#include "http/reply.h"
#include "net/address_count.h"
#include "net/listener.h"

enum {
    INPUT_LEAST_BYTES = 16 * 1024,
    ROUND_KEEP_MAX_BYTES = 1024 * 1024, /* one flood must not hold on to memory */
};

/* ---- rounds ---- */

unsigned char *
server_reserve(struct connection *connection, size_t len)
{
    struct http_server *server = connection->server;
    size_t wanted = server->round_len + connection->round_len + len;

    if (wanted > server->round_room) {
        server->round_room = wanted * 2;
        server->round = mem_resize(server->round, server->round_room);
    }
    /* Another connection wrote meanwhile: ours moves to the end to stay in one piece. */
    if (connection->round_len > 0 &&
        connection->round_at + connection->round_len != server->round_len)
        memcpy(server->round + server->round_len, server->round + connection->round_at,
               connection->round_len);
    else
        server->round_len -= connection->round_len;
    connection->round_at = server->round_len;
    server->round_len += connection->round_len;
    return server->round + server->round_len;
}

void
server_reserved(struct connection *connection, size_t len)
{
    connection->server->round_len += len;
    connection->round_len += len;
    connection_dirty(connection);
}

const char *
server_date(struct http_server *server)
{
    int64_t now_s = loop_wall_ms(server->loop) / 1000;

    if (server->date_s != now_s) {
        server->date_s = now_s;
        reply_date_write(now_s, server->date);
    }
    return server->date;
}

static void
flush_all(struct http_server *server)
{
    while (server->dirty) {
        struct connection *connection = server->dirty;
        server->dirty = connection->next_dirty;
        connection->is_dirty = false;
        connection_flush(connection);
    }
    server->round_len = 0;
}

/* Those who had to wait get one turn each. */
static void
serve_again(struct http_server *server)
{
    struct connection *waiting = TAKE(server->again);

    while (waiting) {
        struct connection *connection = waiting;
        waiting = connection->next_again;
        connection->is_again = false;
        connection_serve(connection);
    }
}

/* Frees the closed ones; those that a list still names stay for the next round. */
static void
bury(struct http_server *server)
{
    struct connection **link = &server->dead;

    while (*link) {
        struct connection *connection = *link;
        if (connection->is_again || connection->is_dirty) {
            link = &connection->next_dead;
            continue;
        }
        *link = connection->next_dead;
        mem_free(&connection);
    }
}

static void
add_up(struct http_server *server)
{
    struct http_shared *shared = server->shared;

    if (server->requests)
        atomic_fetch_add_explicit(&shared->requests_total, server->requests,
                                  memory_order_relaxed);
    if (server->bad_framing)
        atomic_fetch_add(&shared->bad_framing_total, server->bad_framing);
    if (server->timeouts)
        atomic_fetch_add(&shared->timeouts_total, server->timeouts);
    server->requests = 0;
    server->bad_framing = 0;
    server->timeouts = 0;
}

static void
round_end(struct loop_round *hook)
{
    struct http_server *server =
        (struct http_server *)((char *)hook - offsetof(struct http_server, round_hook));

    flush_all(server);
    server->handshake_count = 0;
    if (server->again) {
        serve_again(server);
        flush_all(server);
    }
    add_up(server);
    if (server->again)
        loop_hurry(server->loop);
    if (server->dead)
        bury(server);
    if (server->round_room > ROUND_KEEP_MAX_BYTES) {
        mem_free(&server->round);
        server->round_room = 0;
    }
}

/* ---- new connections ---- */

static void
turn_away(struct http_server *server, int fd)
{
    atomic_fetch_add(&server->shared->connections_refused, 1);
    fd_done(&fd);
}

static void
take_connection(void *ctx, int fd, const struct ip *peer)
{
    struct http_server *server = ctx;
    struct http_shared *shared = server->shared;
    bool is_trusted =
        forwarded_is_trusted(shared->trusted_proxies, shared->trusted_proxy_count, peer);

    atomic_fetch_add(&shared->connections_total, 1);
    if (atomic_fetch_add(&shared->connections_open, 1) >= shared->connection_max_count) {
        atomic_fetch_sub(&shared->connections_open, 1);
        turn_away(server, fd);
        return;
    }
    /* A trusted proxy brings many callers: they are counted when it names them. */
    if (!is_trusted &&
        !address_count_take(shared->per_ip, peer, shared->connection_per_ip_max_count)) {
        atomic_fetch_sub(&shared->connections_open, 1);
        turn_away(server, fd);
        return;
    }
    connection_open(server, fd, peer, is_trusted, !is_trusted);
}

/* ---- the server ---- */

static void
shared_enter(struct http_shared *shared)
{
    if (atomic_fetch_add(&shared->server_count, 1) == 0)
        shared->per_ip = address_count_new();
}

static void
shared_leave(struct http_shared *shared)
{
    if (atomic_fetch_sub(&shared->server_count, 1) == 1)
        address_count_free(&shared->per_ip);
}

enum status
http_server_open(struct loop *loop, struct http_shared *shared, const struct ip *address,
                 uint16_t port, http_handler *handler, void *ctx,
                 struct http_server **out, struct failure *failure)
{
    struct http_server *server = mem_new(sizeof(*server));
    bool is_first = atomic_load(&shared->server_count) == 0;
    enum status status = listener_open(loop, address, port, is_first, take_connection,
                                       server, &server->listener, failure);

    if (status != STATUS_OK) {
        mem_free(&server);
        return status;
    }
    server->loop = loop;
    server->shared = shared;
    server->port = listener_port(server->listener);
    server->handler = handler;
    server->ctx = ctx;
    server->date_s = -1;
    server->input_bytes = shared->head_max_bytes > INPUT_LEAST_BYTES
                              ? (size_t)shared->head_max_bytes
                              : INPUT_LEAST_BYTES;
    server->input_bytes += BODY_ROOM_BYTES;
    request_id_start(&server->ids);
    server->round_hook.end = round_end;
    loop_at_round_end(loop, &server->round_hook);
    shared_enter(shared);
    *out = server;
    return STATUS_OK;
}

uint16_t
http_server_port(const struct http_server *server)
{
    return server->port;
}

void
http_server_drain(struct http_server *server)
{
    struct connection *next;

    server->is_draining = true;
    listener_close(&server->listener);
    for (struct connection *each = server->connections; each; each = next) {
        next = each->next;
        connection_drain(each);
    }
}

size_t
http_server_open_count(const struct http_server *server)
{
    return server->connection_count;
}

void
http_server_close(struct http_server **server)
{
    struct http_server *closing = *server;

    *server = NULL;
    if (!closing)
        return;
    listener_close(&closing->listener);
    while (closing->connections)
        connection_close(closing->connections);
    flush_all(closing);
    serve_again(closing); /* both only empty their lists */
    bury(closing);
    add_up(closing);
    loop_forget_round(closing->loop, &closing->round_hook);
    closing->is_closed = true;
    shared_leave(closing->shared);
    if (closing->call_count == 0)
        server_free(&closing);
}

void
server_free(struct http_server **server)
{
    struct http_server *freed = *server;
    void *item;

    *server = NULL;
    while ((item = pool_take(&freed->inputs)))
        mem_free(&item);
    while ((item = pool_take(&freed->calls))) {
        struct http_call *call = item;
        arena_done(&call->arena);
        mem_free(&call->headers);
        mem_free(&call);
    }
    mem_free(&freed->round);
    mem_free(&freed->scratch);
    mem_free(&freed);
}
