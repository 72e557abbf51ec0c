/* SPDX-License-Identifier: Apache-2.0
 *
 * Limits by GCRA (the generic cell rate algorithm, ITU-T I.371): one number for each
 * limit, changed by compare-and-swap. As many requests as come in one second may come at
 * once; over any longer time the rate holds. */
#ifndef GATE_RATE_H
#define GATE_RATE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Takes one request at `now_ns` (monotonic) from what `per_s` allows; 0 = no limit.
 *   arrival_ns  the theoretical arrival time; zeroed = nothing was used yet
 *   out_wait_s  false: after so many whole seconds one may come again; at least 1 */
bool rate_take(_Atomic int64_t *arrival_ns, int64_t per_s, int64_t now_ns,
               int64_t *out_wait_s);
/* Would rate_take() take it? Takes nothing. */
bool rate_has(_Atomic int64_t *arrival_ns, int64_t per_s, int64_t now_ns,
              int64_t *out_wait_s);

#endif
