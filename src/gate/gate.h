/* SPDX-License-Identifier: Apache-2.0
 *
 * The gate: the way of a request, from its bytes to its verdict (DESIGN section 3). THE
 * STEP TABLE is in gate.c. One struct gate for the house, one gate_lane for each loop. */
#ifndef GATE_GATE_H
#define GATE_GATE_H

#include "base/status.h"
#include "base/workers.h"
#include "config/config.h"
#include "crypto/seal.h"
#include "http/call.h"
#include "keyring/keyring.h"
#include "model/operation.h"
#include "model/verdict.h"
#include "rules/route_map.h"

#include <stdatomic.h>
#include <stdint.h>

struct exchange;

/* What the gate asks of those it may not know. The house fills it. */
struct gate_ports {
    /* Is `name` asked for by name in the query's select? (api/resource.h) */
    bool (*select_names)(struct slice query, struct slice name);
    /* Answers a permitted exchange that is not inline: takes it over (it lives in its
     * call's arena) and ends with gate_finish() on the exchange's loop. False: too busy,
     * nothing taken. */
    bool (*hand_over)(void *ctx, struct exchange *x);
    void *ctx;
};

struct gate;

/* All arguments but `ports` (copied) are borrowed for the gate's life. */
MUST_CHECK enum status gate_open(const struct config *config, struct keyring *keyring,
                                 const struct master_key *master_key,
                                 const struct route_map *routes,
                                 const struct gate_ports *ports, struct gate **out);
void gate_close(struct gate **gate);

/* What one loop's thread keeps for itself: scratch memory, prepared keys. */
struct gate_lane;
MUST_CHECK enum status gate_lane_open(struct gate *gate, struct gate_lane **out);
void gate_lane_close(struct gate_lane **lane);

/* Serves one call of POST /jws/validate, on the lane's thread. */
void gate_serve(struct gate_lane *lane, struct http_call *call);

/* Ends a handed-over exchange: sends the answer and records it. On the loop's thread.
 * Takes the bytes of `body`. */
void gate_finish(struct exchange *x, int status, struct slice content_type,
                 struct buffer *body);

/* For /metrics: how often each verdict was given. */
int64_t gate_verdict_count(const struct gate *gate, enum verdict verdict);

#endif
