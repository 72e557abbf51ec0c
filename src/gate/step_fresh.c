/* SPDX-License-Identifier: Apache-2.0
 *
 * Was it signed just now? */
#include "gate/inside.h"

#include "rules/policy.h"

/* Whole seconds, rounded up, so that what is refused is never called "300 s". */
static long long
apart_s(int64_t a_ms, int64_t b_ms)
{
    __int128 apart_ms = (__int128)a_ms - b_ms;

    if (apart_ms < 0)
        apart_ms = -apart_ms;
    return (long long)((apart_ms + 999) / 1000);
}

static enum go
refuse_moment(struct exchange *x, int64_t freshness_s)
{
    return refuse(x, REFUSED_NOT_FRESH, x->door->moment,
                  "%s is %lld s in the %s; this server allows %lld s", x->door->moment,
                  apart_s(x->header.issued_at_ms, x->now_ms),
                  x->header.issued_at_ms < x->now_ms ? "past" : "future",
                  (long long)freshness_s);
}

enum go
step_fresh(struct exchange *x)
{
    int64_t freshness_s = x->lane->gate->config->freshness_s;

    if (policy_fresh(x->header.issued_at_ms, x->now_ms, freshness_s) != PERMITTED)
        return refuse_moment(x, freshness_s);
    /* dead in the second it expires */
    if (x->expires_at_s != 0 && x->now_ms / 1000 >= x->expires_at_s)
        return refuse(x, REFUSED_NOT_FRESH, "expires",
                      "the signature expired %lld s ago, as it says itself",
                      (long long)(x->now_ms / 1000 - x->expires_at_s));
    return GO_ON;
}
