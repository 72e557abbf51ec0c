/* SPDX-License-Identifier: Apache-2.0
 *
 * The client: which connection takes a request, and what becomes of it afterwards. What
 * happens on a connection is in client_connection.c. */
#include "http/client.h"

#include <assert.h>
#include <string.h>

#include "base/auto.h"
#include "base/mem.h"
#include "http/client_inside.h"
#include "http/head.h"
#include "http/put.h"

/* ---- pools ---- */

static void
pool_free(struct client_pool *pool)
{
    http_origin_drop(&pool->origin);
    mem_free(&pool);
}

/* Takes it out of its client and its origin; false: a message is on its way, which will
 * free it. */
static bool
pool_leave(struct client_pool *pool)
{
    struct http_origin *origin = pool->origin;
    struct client_pool **link = &pool->client->pools;

    while (*link != pool)
        link = &(*link)->next;
    *link = pool->next;
    pthread_mutex_lock(&origin->lock);
    origin->pools[pool->client->index] = NULL;
    pool->is_left = true;
    bool is_told = pool->is_told;
    pthread_mutex_unlock(&origin->lock);
    return !is_told;
}

/* A retired origin is forgotten with its last connection. */
static void
pool_end_if_unused(struct client_pool *pool)
{
    if (!atomic_load_explicit(&pool->origin->is_retired, memory_order_relaxed) ||
        pool->busy || pool->idle_count > 0)
        return;
    if (pool_leave(pool))
        pool_free(pool);
}

static void
pool_close_idle(struct client_pool *pool, uint32_t slots)
{
    for (int i = 0; i < ORIGIN_ADDRESS_MAX_COUNT; i++) {
        while (slots & UINT32_C(1) << i && pool->idle[i])
            client_connection_close(pool->idle[i]);
    }
}

static void
retire_in_mailbox(struct loop_message *message)
{
    struct client_pool *pool =
        (struct client_pool *)((char *)message - offsetof(struct client_pool, retire));

    if (pool->is_left) {
        pool_free(pool);
        return;
    }
    pthread_mutex_lock(&pool->origin->lock);
    pool->is_told = false; /* nothing is on its way any more */
    pthread_mutex_unlock(&pool->origin->lock);
    pool_close_idle(pool, UINT32_MAX);
    pool_end_if_unused(pool);
}

void
client_pool_tell(struct client_pool *pool)
{
    pool->is_told = true;
    pool->retire.run = retire_in_mailbox;
    loop_post(pool->client->loop, &pool->retire);
}

static struct client_pool *
pool_of(struct http_client *client, struct http_origin *origin)
{
    struct client_pool *pool = origin->pools[client->index];

    if (pool)
        return pool;
    pool = mem_new(sizeof(*pool));
    pool->client = client;
    pool->origin = http_origin_hold(origin);
    pool->next = client->pools;
    client->pools = pool;
    pthread_mutex_lock(&origin->lock);
    origin->pools[client->index] = pool;
    pthread_mutex_unlock(&origin->lock);
    return pool;
}

/* ---- which connection ---- */

/* Where the next try goes: to no address twice. -1: nowhere. */
static int
choose(struct client_pool *pool, const struct http_fetch *fetch)
{
    uint32_t changed = origin_look(pool->origin, &pool->view);

    for (int i = 0; changed && i < ORIGIN_ADDRESS_MAX_COUNT; i++)
        pool->slot_turns[i] += changed >> i & 1;
    if (changed)
        pool_close_idle(pool, changed);
    return origin_choose(pool->origin, &pool->view, pool->order++, fetch->tried,
                         loop_now_ms(pool->client->loop));
}

void
client_attach(struct client_connection *connection, struct http_fetch *fetch)
{
    struct client_pool *pool = connection->pool;

    connection->fetch = fetch;
    connection->next = pool->busy;
    connection->prev = &pool->busy;
    if (connection->next)
        connection->next->prev = &connection->next;
    pool->busy = connection;
    fetch->connection = connection;
    fetch->tried |= UINT32_C(1) << connection->slot;
    atomic_fetch_add_explicit(&pool->origin->slots[connection->slot].running, 1,
                              memory_order_relaxed);
}

void
client_detach(struct client_connection *connection)
{
    struct origin_slot *slot = &connection->pool->origin->slots[connection->slot];

    connection->fetch->connection = NULL;
    connection->fetch = NULL;
    atomic_fetch_sub_explicit(&slot->running, 1, memory_order_relaxed);
}

/* One that is kept for this address. A request that must not be sent twice goes out only
 * where the other side has not hung up, as far as we can see. */
static struct client_connection *
take_kept(struct client_pool *pool, int slot, bool is_safe)
{
    while (pool->idle[slot]) {
        struct client_connection *connection = pool->idle[slot];
        if (!is_safe && !client_connection_is_alive(connection)) {
            client_connection_close(connection);
            continue;
        }
        client_connection_unlink(connection);
        return connection;
    }
    return NULL;
}

static bool
may_open(const struct http_origin *origin)
{
    return atomic_load_explicit(&origin->connections, memory_order_relaxed) <
           origin->connection_max_count;
}

/* Gives the fetch a connection. */
static enum http_fetch_failure
place(struct client_pool *pool, struct http_fetch *fetch)
{
    struct client_connection *connection = NULL;
    uint32_t before;
    int slot;

    do {
        before = fetch->tried;
        slot = choose(pool, fetch);
        if (slot < 0)
            return before ? HTTP_FETCH_UNREACHABLE : HTTP_FETCH_REFUSED;
        connection = take_kept(pool, slot, fetch->is_safe);
        if (!connection && !may_open(pool->origin)) {
            origin_note_neither(&pool->origin->slots[slot]);
            return HTTP_FETCH_REFUSED;
        }
        if (!connection)
            connection = client_connection_open(pool, slot);
        fetch->tried |= UINT32_C(1) << slot;
    } while (!connection);
    client_attach(connection, fetch);
    return HTTP_FETCH_BEGUN;
}

bool
client_try_again(struct client_connection *connection, bool is_same_address)
{
    struct client_pool *pool = connection->pool;
    struct http_fetch *fetch = connection->fetch;
    int slot = is_same_address ? connection->slot : choose(pool, fetch);

    if (slot < 0)
        return false;
    struct client_connection *other =
        is_same_address ? NULL : take_kept(pool, slot, fetch->is_safe);
    if (!other)
        other = client_connection_open(pool, slot);
    if (!other)
        return false;
    buffer_done(&other->out);
    other->out = connection->out;
    connection->out = buffer_make(0);
    client_detach(connection);
    client_connection_close(connection);
    client_attach(other, fetch);
    fetch->is_sent_again |= is_same_address;
    atomic_fetch_add(&pool->origin->retries, 1);
    client_connection_go(other);
    return true;
}

void
client_recycle(struct client_connection *connection)
{
    struct client_pool *pool = connection->pool;
    struct client_connection **list = &pool->idle[connection->slot];

    if (connection->is_last || connection->is_deaf || connection->stream.is_hung_up ||
        connection->slot_turn != pool->slot_turns[connection->slot] ||
        pool->idle_count >= CLIENT_IDLE_MAX_COUNT ||
        atomic_load_explicit(&pool->origin->is_retired, memory_order_relaxed)) {
        client_connection_close(connection);
        pool_end_if_unused(pool);
        return;
    }
    client_connection_unlink(connection);
    connection->phase = CLIENT_IDLE;
    connection->is_kept = true;
    connection->interim_count = 0;
    if (connection->out.room > CLIENT_OUT_KEEP_BYTES)
        buffer_done(&connection->out);
    buffer_clear(&connection->out);
    connection->out_sent = 0;
    buffer_done(&connection->in);
    connection->next = *list;
    connection->prev = list;
    if (connection->next)
        connection->next->prev = &connection->next;
    *list = connection;
    pool->idle_count++;
    client_connection_deadline(connection,
                               loop_now_ms(pool->client->loop) + CLIENT_IDLE_MS);
}

/* ---- the request ---- */

/* No method or target that would end a line, or say something else than it seems. */
static bool
may_send(const struct http_fetch_request *request)
{
    for (size_t i = 0; i < request->target.len; i++) {
        unsigned char c = request->target.at[i];
        if (c <= 0x20 || c >= 0x7f || c == '#')
            return false;
    }
    return token_is_valid(request->method) && request->target.len > 0 &&
           request->target.at[0] == '/';
}

static bool
is_method(struct slice method, const char *name)
{
    return slice_equal(method, slice_of(name));
}

/* RFC 9112 §6.3, RFC 9110 §8.6: those that usually have a body say so when there is none.
 */
static unsigned char *
put_framing(unsigned char *at, const struct http_fetch_request *request)
{
    if (request->is_streamed && request->streamed_length < 0)
        return put_header(at, SLICE("Transfer-Encoding"), SLICE("chunked"));
    if (request->is_streamed)
        return put_length(at, (uint64_t)request->streamed_length);
    if (request->body.len > 0 || is_method(request->method, "POST") ||
        is_method(request->method, "PUT") || is_method(request->method, "PATCH"))
        return put_length(at, request->body.len);
    return at;
}

static void
write_request(struct buffer *out, const struct http_fetch_request *request,
              const char *host)
{
    struct slice host_text = slice_of(host);
    size_t room = request->method.len + request->target.len + host_text.len +
                  request->body.len + 128 +
                  put_headers_room(request->headers, request->header_count);
    unsigned char *from = buffer_reserve(out, room);
    unsigned char *at = put(from, request->method);
    at = put(at, SLICE(" "));
    at = put(at, request->target);
    at = put(at, SLICE(" HTTP/1.1\r\n"));
    at = put_header(at, SLICE("Host"), host_text);
    at = put_headers(at, request->headers, request->header_count);
    at = put_framing(at, request);
    at = put(at, SLICE("\r\n"));
    at = put(at, request->body);
    out->len = (size_t)(at - from);
}

enum http_fetch_failure
http_fetch_begin(struct http_client *client, struct http_origin *origin,
                 struct http_fetch *fetch, const struct http_fetch_events *events,
                 const struct http_fetch_request *request)
{
    bool is_head = is_method(request->method, "HEAD");

    if (!may_send(request))
        return HTTP_FETCH_BAD_REQUEST;
    *fetch = (struct http_fetch){
        .events = events,
        .pool = pool_of(client, origin),
        .whole_until_ms = origin->whole_timeout_ms
                              ? loop_now_ms(client->loop) + origin->whole_timeout_ms
                              : CLIENT_NO_DEADLINE,
        .is_safe = (is_head || is_method(request->method, "GET")) &&
                   request->body.len == 0 && !request->is_streamed,
        .is_head = is_head,
        .is_streamed = request->is_streamed,
        .is_chunked = request->is_streamed && request->streamed_length < 0,
        .is_request_whole = !request->is_streamed,
    };
    atomic_fetch_add_explicit(&origin->requests, 1, memory_order_relaxed);
    enum http_fetch_failure failure = place(fetch->pool, fetch);
    if (failure == HTTP_FETCH_REFUSED)
        atomic_fetch_add(&origin->refused, 1);
    if (failure != HTTP_FETCH_BEGUN) {
        pool_end_if_unused(fetch->pool);
        return failure;
    }
    write_request(&fetch->connection->out, request, origin->host_header);
    client_connection_go(fetch->connection);
    return HTTP_FETCH_BEGUN;
}

void
http_fetch_cancel(struct http_fetch *fetch)
{
    struct client_connection *connection = fetch->connection;

    if (!connection)
        return;
    struct client_pool *pool = connection->pool;
    origin_note_neither(&pool->origin->slots[connection->slot]);
    client_detach(connection);
    client_connection_close(connection);
    pool_end_if_unused(pool);
}

void
http_fetch_resume(struct http_fetch *fetch)
{
    struct client_connection *connection = fetch->connection;

    if (!connection || !fetch->is_paused)
        return;
    fetch->is_paused = false;
    client_connection_deadline(connection, loop_now_ms(fetch->pool->client->loop) +
                                               fetch->pool->origin->idle_timeout_ms);
    client_connection_again(connection);
}

bool
http_fetch_write(struct http_fetch *fetch, struct slice bytes)
{
    struct client_connection *connection = fetch->connection;
    char size[24];

    if (!connection || connection->is_deaf || bytes.len == 0)
        return true; /* the other side does not listen any more; its answer counts */
    assert(fetch->is_streamed && !fetch->is_request_whole);
    if (fetch->is_chunked) {
        int len = snprintf(size, sizeof(size), "%zx\r\n", bytes.len);
        buffer_add(&connection->out,
                   (struct slice){(const unsigned char *)size, (size_t)len});
    }
    buffer_add(&connection->out, bytes);
    if (fetch->is_chunked)
        buffer_add(&connection->out, SLICE("\r\n"));
    client_connection_dirty(connection);
    fetch->wants_room =
        connection->out.len - connection->out_sent > CLIENT_OUT_HIGH_BYTES;
    return !fetch->wants_room;
}

void
http_fetch_write_end(struct http_fetch *fetch)
{
    fetch->is_request_whole = true;
    if (!fetch->connection)
        return;
    if (fetch->is_chunked)
        buffer_add(&fetch->connection->out, SLICE("0\r\n\r\n"));
    client_connection_dirty(fetch->connection);
}

/* ---- the client ---- */

void
http_client_flush(struct http_client *client)
{
    while (client->dirty) {
        struct client_connection *connection = client->dirty;
        client->dirty = connection->next_dirty;
        connection->is_dirty = false;
        client_connection_flush(connection);
    }
}

static void
read_again(struct http_client *client)
{
    struct client_connection *waiting = TAKE(client->again);

    while (waiting) {
        struct client_connection *connection = waiting;
        waiting = connection->next_again;
        connection->is_again = false;
        client_connection_read(connection);
    }
}

/* Frees the closed ones; those that a list still names stay for the next round. */
static void
bury(struct http_client *client)
{
    struct client_connection **link = &client->dead;

    while (*link) {
        struct client_connection *connection = *link;
        if (connection->is_again || connection->is_dirty) {
            link = &connection->next_dead;
            continue;
        }
        *link = connection->next_dead;
        mem_free(&connection);
    }
}

static void
round_end(struct loop_round *hook)
{
    struct http_client *client =
        (struct http_client *)((char *)hook - offsetof(struct http_client, round_hook));

    http_client_flush(client);
    if (client->again) {
        read_again(client);
        http_client_flush(client);
    }
    if (client->again)
        loop_hurry(client->loop);
    if (client->dead)
        bury(client);
}

struct http_client *
http_client_new(struct loop *loop, size_t index)
{
    struct http_client *client = mem_new(sizeof(*client));

    assert(index < ORIGIN_CLIENT_MAX_COUNT);
    client->loop = loop;
    client->index = index;
    client->scratch = mem_resize(NULL, CLIENT_SCRATCH_BYTES);
    client->round_hook.end = round_end;
    loop_at_round_end(loop, &client->round_hook);
    return client;
}

void
http_client_free(struct http_client **client)
{
    struct http_client *gone = TAKE(*client);

    if (!gone)
        return;
    while (gone->pools) {
        struct client_pool *pool = gone->pools;
        assert(!pool->busy);
        pool_close_idle(pool, UINT32_MAX);
        if (pool_leave(pool))
            pool_free(pool);
    }
    gone->dirty = NULL;
    while (gone->dead) {
        struct client_connection *connection = gone->dead;
        gone->dead = connection->next_dead;
        mem_free(&connection);
    }
    loop_forget_round(gone->loop, &gone->round_hook);
    mem_free(&gone->scratch);
    mem_free(&gone);
}
