/* SPDX-License-Identifier: Apache-2.0
 *
 * GCRA on one atomic number. */
#include "gate/rate.h"

static const int64_t SECOND_NS = 1000000000;

bool
rate_take(_Atomic int64_t *arrival_ns, int64_t per_s, int64_t now_ns, int64_t *out_wait_s)
{
    if (per_s <= 0)
        return true;

    int64_t each_ns = SECOND_NS / per_s;
    int64_t ahead_max_ns = SECOND_NS - each_ns;
    int64_t expected = atomic_load_explicit(arrival_ns, memory_order_relaxed);

    for (;;) {
        int64_t arrival = expected > now_ns ? expected : now_ns;
        if (arrival - now_ns > ahead_max_ns) {
            *out_wait_s = (arrival - now_ns - ahead_max_ns + SECOND_NS - 1) / SECOND_NS;
            return false;
        }
        if (atomic_compare_exchange_weak_explicit(arrival_ns, &expected,
                                                  arrival + each_ns, memory_order_relaxed,
                                                  memory_order_relaxed))
            return true;
    }
}

bool
rate_has(_Atomic int64_t *arrival_ns, int64_t per_s, int64_t now_ns, int64_t *out_wait_s)
{
    _Atomic int64_t copy = atomic_load_explicit(arrival_ns, memory_order_relaxed);

    return rate_take(&copy, per_s, now_ns, out_wait_s);
}
