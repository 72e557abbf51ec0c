/* SPDX-License-Identifier: Apache-2.0
 *
 * What the process itself is allowed and spared: no core dumps (they would hold keys),
 * enough descriptors for all connections, and signals that only the first thread hears.
 */
#include "house/house_inside.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"

#include <errno.h>
#include <sys/resource.h>

enum { DESCRIPTORS_BESIDES_CONNECTIONS = 512 }; /* loops, stores, files */

static void
forbid_core_dumps(void)
{
    if (!secret_forbid_dumps())
        log_event(LOG_WARN, "core dumps could not be forbidden",
                  LOG_TEXT("why", slice_of(strerror(errno))));
}

/* As many descriptors as the connections need, or as many as we are given. */
static void
raise_descriptor_limit(int64_t connection_max_count)
{
    struct rlimit limit;
    rlim_t wanted = (rlim_t)connection_max_count + DESCRIPTORS_BESIDES_CONNECTIONS;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
        return;

    struct rlimit higher = {
        .rlim_cur = wanted,
        .rlim_max = limit.rlim_max > wanted ? limit.rlim_max : wanted,
    };
    if (setrlimit(RLIMIT_NOFILE, &higher) == 0)
        return;
    limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur < wanted)
        log_event(LOG_WARN, "fewer descriptors than connections",
                  LOG_INT("wanted", (int64_t)wanted),
                  LOG_INT("given", (int64_t)limit.rlim_cur));
}

enum status
process_open(struct house *house)
{
    house->started_at_s = clock_now_s();
    house->started_at_ms = clock_monotonic_ms();
    atomic_store(&house->state, HOUSE_OPENING);
    atomic_store(&house->event_keep_days, house->config->event_keep_days);
    atomic_store(&house->event_keep_count, house->config->event_keep_count);
    atomic_store(&house->event_hold_days, house->config->event_hold_days);
    atomic_store(&house->drain_s, house->config->drain_s);
    log_set_level((enum log_level)house->config->log_level);

    forbid_core_dumps();
    raise_descriptor_limit(house->config->connection_max_count +
                           house->config->upstream_connection_max_count);

    /* Every thread that is started from here on inherits this mask. */
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file at its limit is a write that fails */
    sigemptyset(&house->told);
    sigaddset(&house->told, SIGTERM);
    sigaddset(&house->told, SIGINT);
    sigaddset(&house->told, SIGHUP);
    if (pthread_sigmask(SIG_BLOCK, &house->told, NULL) != 0)
        return failure_set(house->failure, STATUS_BROKEN, NULL,
                           "the signals could not be blocked");
    return STATUS_OK;
}
