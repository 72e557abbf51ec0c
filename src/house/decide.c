/* SPDX-License-Identifier: Apache-2.0
 *
 * The listener where gateways ask (/decide). What they say of a request is believed, so
 * it is reached over the loopback interface only, or by those whose certificate our own
 * authority has signed. */
#include "house/house_inside.h"

#include "house/listen_address.h"

/* 127.0.0.0/8 and ::1 */
static bool
is_loopback(const struct ip *address)
{
    struct ip_range loopback[2];
    bool is_read = ip_range_read(SLICE("127.0.0.0/8"), &loopback[0], NULL) == STATUS_OK &&
                   ip_range_read(SLICE("::1/128"), &loopback[1], NULL) == STATUS_OK;

    return is_read && (ip_range_holds(&loopback[0], address) ||
                       ip_range_holds(&loopback[1], address));
}

static enum status
read_address(const struct config *config, struct ip *address, uint16_t *port,
             struct failure *failure)
{
    enum status status = listen_address_read(config->decide_listen, "decide_listen",
                                             address, port, failure);

    if (status != STATUS_OK || config->decide_client_ca[0] || is_loopback(address))
        return status;
    return failure_set(failure, STATUS_REFUSED, "decide_listen",
                       "decide_listen is '%s': what a gateway says is believed, so it is "
                       "asked for on the loopback interface only, or with "
                       "decide_client_ca over TLS",
                       config->decide_listen);
}

enum status
decide_open_tls(struct house *house)
{
    const struct config *config = house->config;
    struct ip address;
    uint16_t port;

    if (!config->decide_listen[0])
        return STATUS_OK;
    enum status status = read_address(config, &address, &port, house->failure);
    if (status != STATUS_OK || !config->decide_client_ca[0])
        return status;
    if (!config->tls_cert[0] || !config->tls_key[0])
        return failure_set(house->failure, STATUS_MALFORMED, "decide_client_ca",
                           "decide_client_ca is set, and tls_cert and tls_key are not: "
                           "gateways with certificates ask over TLS");
    return tls_server_open_for(config->tls_cert, config->tls_key,
                               config->decide_client_ca, &house->decide_tls,
                               house->failure);
}

void
decide_close_tls(struct house *house)
{
    tls_server_close(&house->decide_tls);
}

static void
decide_call(void *ctx, struct http_call *call)
{
    struct house_loop *loop = ctx;

    gate_serve_decide(loop->lane, call);
}

/* As at the main door; but a gateway has many connections from one address, and sends no
 * bodies. */
static void
fill_shared(struct house *house)
{
    struct http_shared *shared = &house->decide_shared;

    shared->head_max_bytes = house->config->head_max_bytes;
    shared->header_max_count = house->config->header_max_count;
    shared->body_max_bytes = house->config->body_max_bytes;
    shared->head_timeout_ms = house->config->head_timeout_ms;
    shared->body_timeout_ms = house->config->body_timeout_ms;
    shared->idle_timeout_ms = house->config->idle_timeout_ms;
    shared->connection_max_count = house->config->connection_max_count;
    shared->connection_per_ip_max_count = house->config->connection_max_count;
    shared->tls = house->decide_tls;
}

enum status
decide_open_doors(struct house *house)
{
    struct ip address = {0};
    uint16_t port = 0;

    if (!house->config->decide_listen[0])
        return STATUS_OK;
    fill_shared(house);
    enum status status = read_address(house->config, &address, &port, house->failure);
    for (size_t i = 0; status == STATUS_OK && i < house->loop_count; i++) {
        struct house_loop *loop = &house->loops[i];
        status = http_server_open(loop->loop, &house->decide_shared, &address, port,
                                  decide_call, loop, &loop->decide, house->failure);
        if (status == STATUS_OK)
            port = http_server_port(loop->decide);
    }
    return status;
}
