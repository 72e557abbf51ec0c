/* SPDX-License-Identifier: Apache-2.0
 *
 * An upstream: an HTTP API that we stand in front of. A plain record; its description
 * (OpenAPI, and an overlay on it) is kept beside it in the store. */
#ifndef MODEL_UPSTREAM_H
#define MODEL_UPSTREAM_H

#include "base/ip.h"
#include "base/limits.h"
#include "base/uuid.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    UPSTREAM_NAME_BYTES = NAME_MAX_CHARS * 4 + 1,
    UPSTREAM_HOST_MAX_CHARS = 253,   /* RFC 1035 §2.3.4, without the root's dot */
    UPSTREAM_PATH_MAX_CHARS = 255,   /* prefix and base path */
    UPSTREAM_FILE_MAX_CHARS = 1023,  /* names of files */
    UPSTREAM_ADDRESS_MAX_COUNT = 16, /* servers that answer the same */
    UPSTREAM_PLACE_MAX_COUNT = 32,   /* what their names are as addresses, together */
};

struct upstream_address {
    char host[UPSTREAM_HOST_MAX_CHARS + 1]; /* name or address; IPv6 without brackets */
    uint16_t port;
};

struct upstream {
    int64_t id; /* the store's; 0 = none */
    char uid[UUID_CHARS + 1];
    char name[UPSTREAM_NAME_BYTES]; /* unique, case folded */

    /* What callers ask for begins with this, and the upstream does not see it:
     * "/orders"; "" = nothing. Never ends with '/'. */
    char prefix[UPSTREAM_PATH_MAX_CHARS + 1];

    /* Where it is: http or https, and what its paths begin with ("/api/v2"; "" =
     * nothing). Never ends with '/'. */
    bool is_tls;
    struct upstream_address addresses[UPSTREAM_ADDRESS_MAX_COUNT];
    size_t address_count; /* at least 1 */
    char base_path[UPSTREAM_PATH_MAX_CHARS + 1];

    /* TLS; PEM files; "" = the system's authorities, no certificate of ours, the
     * address' host. The certificate is checked in any case. */
    char tls_ca_file[UPSTREAM_FILE_MAX_CHARS + 1];
    char tls_certificate_file[UPSTREAM_FILE_MAX_CHARS + 1];
    char tls_key_file[UPSTREAM_FILE_MAX_CHARS + 1];
    char tls_server_name[UPSTREAM_HOST_MAX_CHARS + 1];

    int64_t connect_timeout_ms;    /* TLS included */
    int64_t first_byte_timeout_ms; /* from the request's end to the answer's head */
    int64_t whole_timeout_ms;      /* 0 = as long as bytes keep coming */

    /* Each address is asked for health_path every so often, and gets no requests while it
     * does not answer with this status; "" = it is not asked. */
    char health_path[UPSTREAM_PATH_MAX_CHARS + 1];
    int64_t health_status, health_interval_s;

    bool is_suspended; /* its operations are not there */
    int64_t created_at_s, changed_at_s;
    int64_t version; /* rises with each change, its description's too */
};

/* Where one of its servers is, and how requests to there went of late. */
struct upstream_place {
    struct ip ip;
    uint16_t port;
    size_t server; /* index among the upstream's addresses */
    bool
        is_down; /* nobody is sent there: requests failed, or it says that it is unwell */
    int64_t running, failures_in_a_row;
};

/* How an upstream does, as one server of ours sees it since it began to ask it. */
struct upstream_health {
    int64_t requests, failures, retries, refused; /* totals */
    int64_t running, connections;                 /* now */
    struct upstream_place places[UPSTREAM_PLACE_MAX_COUNT];
    size_t place_count, down_count; /* no place: no name has an address yet */
};

#endif
