/* SPDX-License-Identifier: Apache-2.0
 *
 * Limits by GCRA (the generic cell rate algorithm, ITU-T I.371): one number for each
 * limit, changed by compare-and-swap. As many requests as come in one second may come at
 * once; over any longer time the rate holds. */
#ifndef GATE_RATE_H
#define GATE_RATE_H

#include "model/limit.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct rate_answer {
    int64_t left;    /* so many more may come now */
    int64_t reset_s; /* after so many seconds nothing is used any more */
    int64_t wait_s;  /* refused: after so many whole seconds one may come again; ≥ 1 */
};

/* Takes one request at `now_ns` (monotonic) from what `rate` allows (count > 0).
 *   arrival_ns  the theoretical arrival time; zeroed = nothing was used yet */
bool rate_ask(_Atomic int64_t *arrival_ns, struct rate rate, int64_t now_ns,
              struct rate_answer *out);
/* Would it take one? Takes nothing. */
bool rate_peek(_Atomic int64_t *arrival_ns, struct rate rate, int64_t now_ns,
               struct rate_answer *out);

#endif
