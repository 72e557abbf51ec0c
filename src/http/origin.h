/* SPDX-License-Identifier: Apache-2.0
 *
 * An HTTP server that we ask: its addresses, which of them are well, and how long we wait
 * for it. One for all loops; each loop's client keeps connections of its own to it. */
#ifndef HTTP_ORIGIN_H
#define HTTP_ORIGIN_H

#include "base/ip.h"
#include "base/status.h"
#include "net/tls_client.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    ORIGIN_ADDRESS_MAX_COUNT = 32, /* of all its hosts together */
    ORIGIN_HOST_MAX_COUNT = 16,
};

/* Everything is borrowed for the call but `tls`. */
struct http_origin_settings {
    const char *name;              /* for figures and the log */
    const char *host_header;       /* what requests say as Host */
    const char *const *tls_names;  /* by host: whom its certificate must name */
    size_t host_count;             /* at most ORIGIN_HOST_MAX_COUNT */
    struct tls_client *tls;        /* NULL: plain text. Taken over */
    int64_t connect_timeout_ms;    /* TLS included */
    int64_t first_byte_timeout_ms; /* from the request to the answer's head */
    int64_t idle_timeout_ms;       /* between two pieces of a body, either way */
    int64_t whole_timeout_ms;      /* for all of it; 0 = as long as bytes keep coming */
    int64_t connection_max_count;  /* all loops together */
};

/* Where it can be reached. */
struct http_origin_address {
    struct ip ip;
    uint16_t port;
    uint16_t host; /* index of its host, for tls_names */
};

struct http_origin;

/* Without addresses: nothing can be asked before there are some. */
struct http_origin *http_origin_new(const struct http_origin_settings *settings);
/* One more owner, who ends with http_origin_drop(). */
struct http_origin *http_origin_hold(struct http_origin *origin);
/* The last owner frees it. Accepts NULL, leaves NULL. */
void http_origin_drop(struct http_origin **origin);
/* From now on no connection to it is kept for later; those that are in use end with what
 * they do. From any thread. */
void http_origin_retire(struct http_origin *origin);

/* The addresses in force from now on; those that stay keep what is known of them. From
 * any thread. */
void http_origin_set_addresses(struct http_origin *origin,
                               const struct http_origin_address *addresses, size_t count);
/* Tries to connect to each address that failed too often, and takes it back when somebody
 * answers there. Blocks: not on a loop. Gives how many were taken back. */
size_t http_origin_check(struct http_origin *origin);

/* For /metrics. */
struct http_origin_figures {
    const char *name;
    int64_t requests, failures, retries; /* totals */
    int64_t refused;                     /* because no address was well, or too many */
    int64_t running;                     /* requests now */
    int64_t connections;                 /* open now */
    int64_t address_count, address_down_count;
};
struct http_origin_figures http_origin_figures(struct http_origin *origin);

/* How requests to one of its addresses went of late. */
struct http_origin_state {
    struct http_origin_address address;
    bool is_down; /* nobody is sent there */
    int64_t running, failures_in_a_row;
};
/* Gives how many there are. */
size_t http_origin_states(struct http_origin *origin,
                          struct http_origin_state out[ORIGIN_ADDRESS_MAX_COUNT]);

#endif
