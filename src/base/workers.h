/* SPDX-License-Identifier: Apache-2.0
 *
 * A few threads that do what may block, in the order in which it came. */
#ifndef BASE_WORKERS_H
#define BASE_WORKERS_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

struct workers;

/* Something to be done. Embed it; it must live until run() was called. */
struct job {
    struct job *next;                               /* used by the queue */
    void (*run)(struct job *job, void *worker_ctx); /* on a worker; owns the job */
};

/* Starts `count` threads. `ctxs[i]` is what thread i passes to run(); `queue_max` bounds
 * the jobs that wait. `thread_in`/`thread_out` (may be NULL) run first and last on each
 * thread, with its ctx. */
MUST_CHECK enum status workers_start(size_t count, void **ctxs, size_t queue_max,
                                     void (*thread_in)(void *ctx),
                                     void (*thread_out)(void *ctx), struct workers **out);
/* Hands a job over; from any thread. False when the queue is full or stopping: then the
 * job is still the caller's. */
bool workers_give(struct workers *workers, struct job *job);
/* Lets what waits finish, ends the threads, frees. Accepts NULL, leaves NULL. */
void workers_stop(struct workers **workers);
/* Jobs that wait now; for metrics. */
size_t workers_waiting(const struct workers *workers);

#endif
