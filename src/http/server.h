/* SPDX-License-Identifier: Apache-2.0
 *
 * Listens on one loop and turns connections into calls. Each loop has servers of its
 * own on the same address (SO_REUSEPORT). Strict HTTP/1.1 (RFC 9110, 9112), and by ALPN
 * HTTP/2 (RFC 9113, nghttp2). */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include "base/ip.h"
#include "base/status.h"
#include "http/call.h"
#include "net/loop.h"
#include "net/tls.h"

#include <stdatomic.h>
#include <stdint.h>

/* Limits and figures that all servers of one listening address share. It must live until
 * the last of them is closed; they are opened and closed by one thread. */
struct http_shared {
    int64_t head_max_bytes, header_max_count, body_max_bytes;
    int64_t head_timeout_ms, body_timeout_ms, idle_timeout_ms;
    int64_t connection_max_count, connection_per_ip_max_count;
    const struct ip_range *trusted_proxies; /* borrowed; whose X-Forwarded-For and PROXY
                                               v2 header is believed */
    size_t trusted_proxy_count;
    struct tls_server *tls; /* NULL: plain text. Borrowed */
    /* How long may the body of this request be, whose head is there? For those that may
     * be longer than others; less than body_max_bytes counts as that. On the loop's
     * thread: does not wait. NULL: no request may have more. */
    int64_t (*body_max)(void *ctx, const struct http_request *request);
    void *body_max_ctx;
    http_streams *streams; /* gets the handler's ctx; NULL: all bodies are collected */
    int64_t streamed_max_bytes;
    int64_t body_budget_bytes; /* bodies that arrive, all connections together, beyond the
                                  first 16 KB of each; 0 = 256 MiB. Over it: 503 */
    int64_t crowd_count; /* requests of one loop; with more of them, streams that wait
                            for their peer are ended sooner. 0 = 8192 */

    /* figures for /metrics; written by all loops */
    _Atomic int64_t connections_open, connections_total, connections_refused;
    _Atomic int64_t requests_total, bad_framing_total, timeouts_total;

    /* for the servers themselves; zeroed at first */
    _Atomic int64_t body_bytes, server_count;
    struct address_count *per_ip; /* lives while a server is open */
};

struct http_server;

/* Starts to listen on `address`:`port` (0 = any free one) on this loop. `failure` names
 * address and reason (STATUS_UNAVAILABLE: in use; STATUS_REFUSED: not allowed). The
 * handler is called on the loop's thread with `ctx`. */
MUST_CHECK enum status http_server_open(struct loop *loop, struct http_shared *shared,
                                        const struct ip *address, uint16_t port,
                                        http_handler *handler, void *ctx,
                                        struct http_server **out,
                                        struct failure *failure);
uint16_t http_server_port(const struct http_server *server);
/* On the loop's thread: takes no new connections, closes idle ones, answers what runs
 * with "Connection: close" (GOAWAY in HTTP/2). */
void http_server_drain(struct http_server *server);
/* Connections that are still open. */
size_t http_server_open_count(const struct http_server *server);
/* Ends what is left. The loop must not be running. Accepts NULL, leaves NULL. */
void http_server_close(struct http_server **server);

#endif
