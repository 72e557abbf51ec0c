/* SPDX-License-Identifier: Apache-2.0
 *
 * One queue, one lock, a few threads. */
#include "base/workers.h"

#include "base/mem.h"

#include <pthread.h>
#include <stdatomic.h>

struct worker {
    struct workers *workers;
    void *ctx;
    pthread_t thread;
};

struct workers {
    pthread_mutex_t lock;
    pthread_cond_t wake;       /* a job waits, or it is time to stop */
    struct job *first, **last; /* under the lock */
    bool is_stopping;          /* under the lock */
    _Atomic size_t waiting;    /* written under the lock */
    size_t queue_max;
    void (*thread_in)(void *ctx);
    void (*thread_out)(void *ctx);
    size_t count;
    struct worker *threads; /* owned */
};

/* The next job; NULL when stopping and nothing waits. */
static struct job *
take_job(struct workers *workers)
{
    struct job *job;

    pthread_mutex_lock(&workers->lock);
    while (!workers->first && !workers->is_stopping)
        pthread_cond_wait(&workers->wake, &workers->lock);
    job = workers->first;
    if (job) {
        workers->first = job->next;
        if (!workers->first)
            workers->last = &workers->first;
        job->next = NULL;
        atomic_fetch_sub(&workers->waiting, 1);
    }
    pthread_mutex_unlock(&workers->lock);
    return job;
}

static void *
worker_run(void *arg)
{
    struct worker *worker = arg;
    struct workers *workers = worker->workers;
    struct job *job;

    if (workers->thread_in)
        workers->thread_in(worker->ctx);
    while ((job = take_job(workers)) != NULL)
        job->run(job, worker->ctx);
    if (workers->thread_out)
        workers->thread_out(worker->ctx);
    return NULL;
}

enum status
workers_start(size_t count, void **ctxs, size_t queue_max, void (*thread_in)(void *ctx),
              void (*thread_out)(void *ctx), struct workers **out)
{
    struct workers *workers = mem_new(sizeof(*workers));

    pthread_mutex_init(&workers->lock, NULL);
    pthread_cond_init(&workers->wake, NULL);
    workers->last = &workers->first;
    workers->queue_max = queue_max;
    workers->thread_in = thread_in;
    workers->thread_out = thread_out;
    workers->threads = mem_new_array(count, sizeof(*workers->threads));
    for (size_t i = 0; i < count; i++) {
        struct worker *worker = &workers->threads[i];
        worker->workers = workers;
        worker->ctx = ctxs ? ctxs[i] : NULL;
        if (pthread_create(&worker->thread, NULL, worker_run, worker) != 0) {
            workers_stop(&workers);
            return STATUS_UNAVAILABLE;
        }
        workers->count++;
    }
    *out = workers;
    return STATUS_OK;
}

bool
workers_give(struct workers *workers, struct job *job)
{
    bool is_taken;

    pthread_mutex_lock(&workers->lock);
    is_taken =
        !workers->is_stopping && atomic_load(&workers->waiting) < workers->queue_max;
    if (is_taken) {
        job->next = NULL;
        *workers->last = job;
        workers->last = &job->next;
        atomic_fetch_add(&workers->waiting, 1);
        pthread_cond_signal(&workers->wake);
    }
    pthread_mutex_unlock(&workers->lock);
    return is_taken;
}

void
workers_stop(struct workers **workers_at)
{
    struct workers *workers = *workers_at;

    if (!workers)
        return;
    pthread_mutex_lock(&workers->lock);
    workers->is_stopping = true;
    pthread_cond_broadcast(&workers->wake);
    pthread_mutex_unlock(&workers->lock);
    for (size_t i = 0; i < workers->count; i++)
        pthread_join(workers->threads[i].thread, NULL);
    pthread_cond_destroy(&workers->wake);
    pthread_mutex_destroy(&workers->lock);
    mem_free(&workers->threads);
    mem_free(workers_at);
}

size_t
workers_waiting(const struct workers *workers)
{
    return atomic_load(&workers->waiting);
}
