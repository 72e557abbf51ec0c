/* SPDX-License-Identifier: Apache-2.0
 *
 * What the console keeps between two requests, for the modules of this folder only. */
#ifndef CONSOLE_INSIDE_H
#define CONSOLE_INSIDE_H

#include "console/throttle.h"
#include "console/uses.h"
#include "console/visit.h"

#include <pthread.h>

struct hmac_key;

struct console {
    struct console_setup setup;
    struct session_limits limits;
    struct hmac_key *csrf_key;
    struct hmac_key *list_key;  /* seals where lists go on */
    struct hmac_key *proof_key; /* makes challenges for proofs of possession */
    struct throttle *throttle;
    struct uses *uses;
    struct importer *importer;

    pthread_mutex_t lock; /* of what follows */
    bool has_setup_code;
    uint8_t setup_code_hash[SESSION_HASH_BYTES];
    int64_t failed_minute; /* the minute that these are of */
    int64_t failed_told;   /* failed log-ins with an event */
    int64_t failed_untold; /* since the last event */
};

/* The way of a request: THE STEP TABLE is in serve.c. */
void serve_visit(struct visit *v);

#endif
