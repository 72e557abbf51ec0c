/* SPDX-License-Identifier: Apache-2.0
 *
 * The event loops: one a core, each with its lane through the gate, its own door on the
 * same address, and its thread. */
#include "house/house_inside.h"

#include "base/auto.h"
#include "base/log.h"
#include "base/mem.h"
#include "house/listen_address.h"

enum { DRAIN_LOOK_MS = 50 }; /* how often a loop looks whether everybody is gone */

static size_t
core_count(void)
{
    long count = sysconf(_SC_NPROCESSORS_ONLN);

    return count > 0 ? (size_t)count : 1;
}

size_t
loops_thread_count(int64_t wanted)
{
    size_t count = wanted > 0 ? (size_t)wanted : core_count();

    return count < HOUSE_THREAD_MAX ? count : HOUSE_THREAD_MAX;
}

enum status
loops_open(struct house *house)
{
    house->loop_count = loops_thread_count(house->config->loop_count);
    house->loops = mem_new_array(house->loop_count, sizeof(*house->loops));
    for (size_t i = 0; i < house->loop_count; i++) {
        struct house_loop *loop = &house->loops[i];
        enum status status;

        loop->house = house;
        status = loop_open(&loop->loop);
        if (status == STATUS_OK)
            status = gate_lane_open(house->gate, &loop->lane);
        if (status == STATUS_OK)
            loop->forwarder = forwarder_new(house, loop->loop, i);
        if (status != STATUS_OK) {
            loops_close(house);
            return failure_set(house->failure, status, NULL,
                               "event loop %zu could not be opened: %s", i,
                               status_text(status));
        }
    }
    return STATUS_OK;
}

static void
stop_in_mailbox(struct loop_message *message)
{
    struct house_loop *loop =
        (struct house_loop *)((char *)message - offsetof(struct house_loop, drain));

    loop_stop(loop->loop);
}

/* Takes in the answers that workers sent after the loop's thread had ended: their calls
 * still hold memory. */
static void
run_last_round(struct house_loop *loop)
{
    loop->drain = (struct loop_message){.run = stop_in_mailbox};
    loop_post(loop->loop, &loop->drain);
    loop_run(loop->loop);
}

void
loops_close(struct house *house)
{
    keyring_thread_in();
    for (size_t i = 0; i < house->loop_count; i++) {
        struct house_loop *loop = &house->loops[i];
        if (loop->server)
            run_last_round(loop);
        http_server_close(&loop->server);
        http_server_close(&loop->decide);
        forwarder_free(&loop->forwarder); /* nobody waits for it any more */
        gate_lane_close(&loop->lane);
        loop_close(&loop->loop);
    }
    keyring_thread_out();
    house->loop_count = 0;
    mem_free(&house->loops);
}

static void *
loop_thread(void *arg)
{
    struct house_loop *loop = arg;

    keyring_thread_in();
    loop_run(loop->loop);
    keyring_thread_out();
    return NULL;
}

/* What all doors share, as the configuration says. */
static void
fill_shared(struct http_shared *shared, const struct config *config,
            struct tls_server *tls)
{
    shared->head_max_bytes = config->head_max_bytes;
    shared->header_max_count = config->header_max_count;
    shared->body_max_bytes = config->body_max_bytes;
    shared->streamed_max_bytes = config->upstream_body_max_bytes;
    shared->streams = dispatch_streams;
    shared->head_timeout_ms = config->head_timeout_ms;
    shared->body_timeout_ms = config->body_timeout_ms;
    shared->idle_timeout_ms = config->idle_timeout_ms;
    shared->connection_max_count = config->connection_max_count;
    shared->connection_per_ip_max_count = config->connection_per_ip_max_count;
    shared->trusted_proxies = config->trusted_proxies;
    shared->trusted_proxy_count = (size_t)config->trusted_proxy_count;
    shared->tls = tls;
}

static int64_t
body_max(void *ctx, const struct http_request *request)
{
    const struct house *house = ctx;

    return console_body_max(house->console, request);
}

/* Opens the door on every loop. With port 0 the first one finds a free port and the
 * others take the same. */
static enum status
open_servers(struct house *house)
{
    struct ip address = {0};
    uint16_t port = 0;
    enum status status = listen_address_read(house->config->listen, "listen", &address,
                                             &port, house->failure);

    for (size_t i = 0; status == STATUS_OK && i < house->loop_count; i++) {
        struct house_loop *loop = &house->loops[i];
        status = http_server_open(loop->loop, &house->shared, &address, port,
                                  dispatch_call, loop, &loop->server, house->failure);
        if (status == STATUS_OK)
            port = http_server_port(loop->server);
    }
    return status;
}

enum status
loops_open_doors(struct house *house)
{
    enum status status;

    fill_shared(&house->shared, house->config, house->tls);
    house->shared.body_max = body_max;
    house->shared.body_max_ctx = house;
    status = open_servers(house);
    if (status == STATUS_OK)
        status = decide_open_doors(house);
    for (size_t i = 0; status == STATUS_OK && i < house->loop_count; i++) {
        struct house_loop *loop = &house->loops[i];
        loop->is_running = pthread_create(&loop->thread, NULL, loop_thread, loop) == 0;
        if (!loop->is_running)
            status = failure_set(house->failure, STATUS_UNAVAILABLE, NULL,
                                 "thread %zu of %zu could not be started", i + 1,
                                 house->loop_count);
    }
    if (status != STATUS_OK)
        loops_close_doors(house);
    return status;
}

/* Is everybody gone, or the patience at its end? */
static void
look_whether_drained(struct loop_timer *timer)
{
    struct house_loop *loop =
        (struct house_loop *)((char *)timer - offsetof(struct house_loop, watch));
    int64_t now_ms = loop_now_ms(loop->loop);
    size_t open_count = http_server_open_count(loop->server);

    if (loop->decide)
        open_count += http_server_open_count(loop->decide);

    if (open_count > 0 && now_ms < loop->drain_until_ms) {
        loop_timer_set(loop->loop, timer, now_ms + DRAIN_LOOK_MS);
        return;
    }
    if (open_count > 0)
        log_event(LOG_WARN, "connections cut at the end of the drain",
                  LOG_INT("count", (int64_t)open_count));
    loop_stop(loop->loop);
}

static void
drain_in_mailbox(struct loop_message *message)
{
    struct house_loop *loop =
        (struct house_loop *)((char *)message - offsetof(struct house_loop, drain));
    int64_t drain_ms = atomic_load(&loop->house->drain_s) * 1000;

    loop->drain_until_ms = loop_now_ms(loop->loop) + drain_ms;
    loop->watch.due = look_whether_drained;
    http_server_drain(loop->server);
    if (loop->decide)
        http_server_drain(loop->decide);
    look_whether_drained(&loop->watch);
}

void
loops_close_doors(struct house *house)
{
    for (size_t i = 0; i < house->loop_count; i++) {
        struct house_loop *loop = &house->loops[i];
        loop->drain = (struct loop_message){.run = drain_in_mailbox};
        if (loop->is_running)
            loop_post(loop->loop, &loop->drain);
    }
    for (size_t i = 0; i < house->loop_count; i++) {
        struct house_loop *loop = &house->loops[i];
        if (loop->is_running)
            pthread_join(loop->thread, NULL);
        loop->is_running = false;
    }
}
