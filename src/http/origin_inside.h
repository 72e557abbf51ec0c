/* SPDX-License-Identifier: Apache-2.0
 *
 * An origin from inside, for the client on each loop. */
#ifndef HTTP_ORIGIN_INSIDE_H
#define HTTP_ORIGIN_INSIDE_H

#include "http/origin.h"

#include <pthread.h>
#include <stdatomic.h>

enum {
    ORIGIN_CLIENT_MAX_COUNT = 256, /* loops */
    ORIGIN_FAILURE_MAX_COUNT = 5,  /* in a row; then nobody is sent there … */
    ORIGIN_OPEN_MS = 5000,         /* … for so long; after it one request tries */
    ORIGIN_UNWELL_MAX_COUNT = 2,   /* bad answers to health checks in a row: it is out */
};

/* Where requests go, and how it went. Counters are in balance also when the place is
 * given to another address while some still run. */
struct origin_slot {
    struct http_origin_address address; /* under the lock */
    bool is_used;                       /* the same */
    _Atomic int64_t running;
    _Atomic int64_t failures_in_a_row;
    _Atomic int64_t down_until_ms; /* monotonic; 0 = well */
    _Atomic bool is_tried;         /* one request is finding out */
    int unwell_in_a_row;           /* bad answers to health checks; under the lock */
    _Atomic bool is_out;           /* by health checks: not even to find out */
};

struct http_origin {
    /* never changed */
    char *name, *host_header;
    char *tls_names[ORIGIN_HOST_MAX_COUNT];
    struct tls_client *tls;
    int64_t connect_timeout_ms, first_byte_timeout_ms, idle_timeout_ms, whole_timeout_ms;
    int64_t connection_max_count;

    int64_t health_due_ms; /* of the thread that checks health; monotonic */

    _Atomic int64_t owners;
    _Atomic bool is_retired;
    _Atomic int64_t requests, failures, retries, refused, connections;

    pthread_mutex_t lock;
    _Atomic uint64_t generation; /* of the addresses; rises under the lock */
    struct origin_slot slots[ORIGIN_ADDRESS_MAX_COUNT];

    /* by the index of the client; each is written by its own loop, under the lock */
    struct client_pool *pools[ORIGIN_CLIENT_MAX_COUNT];
};

/* The addresses as a client last read them, so that no request takes the lock. */
struct origin_view {
    uint64_t generation;
    uint32_t used; /* bit i: slot i has an address */
    struct http_origin_address addresses[ORIGIN_ADDRESS_MAX_COUNT];
};

_Static_assert(ORIGIN_ADDRESS_MAX_COUNT <= 32, "a bit for each slot");

/* Reads the addresses again when they have changed; gives the slots whose address is
 * another one than before. */
uint32_t origin_look(struct http_origin *origin, struct origin_view *view);
/* Which address shall take a request? Among those that are well, the one with the fewest
 * running (`order` breaks ties), or one whose rest is over. None of `avoid` (bits). -1:
 * there is none. */
int origin_choose(struct http_origin *origin, const struct origin_view *view,
                  unsigned order, uint32_t avoid, int64_t now_ms);
/* How it went there; neither: nobody knows (it was called off). */
void origin_note_success(struct origin_slot *slot);
void origin_note_failure(struct http_origin *origin, struct origin_slot *slot,
                         int64_t now_ms);
void origin_note_neither(struct origin_slot *slot);

/* What an answer to a health check changes; from any thread. */
enum origin_health { ORIGIN_HEALTH_SAME = 0, ORIGIN_HEALTH_OUT, ORIGIN_HEALTH_BACK };
enum origin_health origin_note_health(struct http_origin *origin,
                                      const struct http_origin_address *address,
                                      bool is_well);

#endif
