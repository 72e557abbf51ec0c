/* SPDX-License-Identifier: Apache-2.0
 *
 * What happened is on record: use of the token when it was permitted, a count for the
 * metrics, a line of the log when it was refused. */
#include "gate/inside.h"

#include "base/log.h"

enum { LOG_MAX_PER_S = 50 }; /* of one lane: an attack must not fill the disk */

static void
count_verdict(struct exchange *x)
{
    _Atomic int64_t *count = &x->lane->verdicts[x->verdict];

    /* only this lane writes: no atomic addition is needed */
    atomic_store_explicit(count, atomic_load_explicit(count, memory_order_relaxed) + 1,
                          memory_order_relaxed);
}

static bool
may_log(struct gate_lane *lane, int64_t now_s)
{
    if (now_s != lane->log_second_s) {
        if (lane->log_suppressed_count > 0)
            log_event(LOG_WARN, "refused", LOG_TEXT("why", SLICE("many")),
                      LOG_INT("not_logged", lane->log_suppressed_count));
        lane->log_second_s = now_s;
        lane->log_count = 0;
        lane->log_suppressed_count = 0;
    }
    if (lane->log_count < LOG_MAX_PER_S) {
        lane->log_count++;
        return true;
    }
    lane->log_suppressed_count++;
    return false;
}

static void
log_refusal(struct exchange *x)
{
    char peer[IP_TEXT_MAX + 1];

    if (!may_log(x->lane, x->now_ms / 1000))
        return;
    ip_write(&x->address, peer);
    log_event(LOG_INFO, "refused", LOG_TEXT("why", slice_of(verdict_name(x->verdict))),
              LOG_TEXT("token", x->header.kid), LOG_TEXT("peer", slice_of(peer)),
              LOG_TEXT("path", x->header.uri), LOG_TEXT("words", slice_of(x->words)),
              LOG_TEXT("id", slice_of(x->request_id)));
}

void
record(struct exchange *x)
{
    count_verdict(x);
    if (x->verdict == PERMITTED)
        keyring_count_use(x->entry, x->now_ms / 1000, &x->address);
    else
        log_refusal(x);
}
