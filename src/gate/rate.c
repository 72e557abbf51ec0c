/* SPDX-License-Identifier: Apache-2.0
 *
 * GCRA on one atomic number. */
#include "gate/rate.h"

static const int64_t SECOND_NS = 1000000000;

static int64_t
seconds_of(int64_t ns)
{
    return ns <= 0 ? 0 : (ns + SECOND_NS - 1) / SECOND_NS;
}

bool
rate_ask(_Atomic int64_t *arrival_ns, struct rate rate, int64_t now_ns,
         struct rate_answer *out)
{
    int64_t window_ns = rate.window_s * SECOND_NS;
    int64_t each_ns = window_ns / rate.count;
    int64_t ahead_max_ns = window_ns - each_ns;
    int64_t expected = atomic_load_explicit(arrival_ns, memory_order_relaxed);

    for (;;) {
        int64_t arrival = expected > now_ns ? expected : now_ns;
        int64_t ahead_ns = arrival - now_ns;
        if (ahead_ns > ahead_max_ns) {
            *out = (struct rate_answer){.reset_s = seconds_of(ahead_ns),
                                        .wait_s = seconds_of(ahead_ns - ahead_max_ns)};
            return false;
        }
        if (!atomic_compare_exchange_weak_explicit(
                arrival_ns, &expected, arrival + each_ns, memory_order_relaxed,
                memory_order_relaxed))
            continue;
        *out = (struct rate_answer){.left = (ahead_max_ns - ahead_ns) / each_ns,
                                    .reset_s = seconds_of(ahead_ns + each_ns)};
        return true;
    }
}

bool
rate_peek(_Atomic int64_t *arrival_ns, struct rate rate, int64_t now_ns,
          struct rate_answer *out)
{
    _Atomic int64_t copy = atomic_load_explicit(arrival_ns, memory_order_relaxed);

    return rate_ask(&copy, rate, now_ns, out);
}
