/* SPDX-License-Identifier: Apache-2.0
 *
 * The kernel's clocks, read through the vDSO. */
#include "base/clock.h"

#include <stdatomic.h>
#include <time.h>

enum { NS_PER_MS = 1000 * 1000 };

static _Atomic int64_t stands_at_ms = -1; /* -1: the clock runs */

static int64_t
read_ns(clockid_t which)
{
    struct timespec now;

    clock_gettime(which, &now);
    return (int64_t)now.tv_sec * 1000 * NS_PER_MS + now.tv_nsec;
}

int64_t
clock_now_ms(void)
{
    int64_t at_ms = atomic_load_explicit(&stands_at_ms, memory_order_relaxed);

    return at_ms >= 0 ? at_ms : read_ns(CLOCK_REALTIME) / NS_PER_MS;
}

int64_t
clock_now_s(void)
{
    return clock_now_ms() / 1000;
}

int64_t
clock_monotonic_ns(void)
{
    return read_ns(CLOCK_MONOTONIC);
}

int64_t
clock_monotonic_ms(void)
{
    return clock_monotonic_ns() / NS_PER_MS;
}

void
clock_stand_at(int64_t now_ms)
{
    atomic_store(&stands_at_ms, now_ms);
}
