/* SPDX-License-Identifier: Apache-2.0
 *
 * The workers, and how something that may block gets to one and its answer back to the
 * loop that the caller waits on. */
#include "house/house_inside.h"

#include "base/auto.h"
#include "base/clock.h"
#include "base/mem.h"

enum {
    KIB = 1024,
    ARENA_KEEP_BYTES = 1024 * 1024, /* a worker's memory between two jobs */
    LANE_WAIT_MAX_COUNT = 256,      /* at 12 ms each, three seconds of patience */
};

/* ---- the lane of those who hash passwords ---- */

/* May this one run now? If not, it waits in the lane, unless that is full. */
static bool
lane_enter(struct work_lane *lane, struct work *work, bool *out_is_full)
{
    bool may_run = false;

    pthread_mutex_lock(&lane->lock);
    *out_is_full = false;
    if (lane->running_count < lane->running_max) {
        lane->running_count++;
        may_run = true;
    } else if (lane->waiting_count == LANE_WAIT_MAX_COUNT) {
        *out_is_full = true;
    } else {
        work->next = NULL;
        *(lane->last ? &lane->last->next : &lane->first) = work;
        lane->last = work;
        lane->waiting_count++;
    }
    pthread_mutex_unlock(&lane->lock);
    return may_run;
}

/* One has ended; gives the next, whose turn it is then. */
static struct work *
lane_leave(struct work_lane *lane)
{
    pthread_mutex_lock(&lane->lock);
    struct work *next = lane->first;
    if (next) {
        lane->first = next->next;
        lane->last = lane->first ? lane->last : NULL;
        lane->waiting_count--;
    } else {
        lane->running_count--;
    }
    pthread_mutex_unlock(&lane->lock);
    return next;
}

/* ---- on a worker ---- */

static void
do_work(struct work *work, struct house_worker *worker)
{
    struct house *house = work->house;
    int64_t began_ns = clock_monotonic_ns();

    work->run(work, worker);
    if (worker->arena.used_bytes > ARENA_KEEP_BYTES)
        arena_done(&worker->arena);
    else
        arena_reset(&worker->arena);
    latency_count(&house->latency, clock_monotonic_ns() - began_ns);
    loop_post(work->loop, &work->message);
}

static void
run_job(struct job *job, void *worker_ctx)
{
    struct work *work = (struct work *)((char *)job - offsetof(struct work, job));
    struct house *house = work->house;
    bool is_in_lane = work->is_in_lane;

    do_work(work, worker_ctx); /* after it the work is the loop's */
    if (!is_in_lane)
        return;
    for (work = lane_leave(&house->lane); work; work = lane_leave(&house->lane)) {
        /* to the end of the queue: others have waited too */
        if (workers_give(house->workers, &work->job))
            return;
        do_work(work, worker_ctx);
    }
}

/* ---- on a loop ---- */

static void
finish_in_mailbox(struct loop_message *message)
{
    struct work *work = (struct work *)((char *)message - offsetof(struct work, message));

    work->finish(work);
}

/* The queue was full for one whose turn it was: so it is, most likely, for those who wait
 * behind it, and nobody would come to wake them. */
static void
pass_turn_on(struct house *house)
{
    struct work *next = lane_leave(&house->lane);

    while (next && !workers_give(house->workers, &next->job)) {
        struct work *refused = next;
        next = lane_leave(&house->lane);
        refused->is_refused = true;
        loop_post(refused->loop, &refused->message);
    }
}

bool
work_hand_over(struct work *work)
{
    struct work_lane *lane = &work->house->lane;
    bool is_full = false;

    work->job = (struct job){.run = run_job};
    work->message = (struct loop_message){.run = finish_in_mailbox};
    if (work->is_in_lane && !lane_enter(lane, work, &is_full))
        return !is_full;
    if (workers_give(work->house->workers, &work->job))
        return true;
    if (work->is_in_lane)
        pass_turn_on(work->house);
    return false;
}

/* ---- opening and closing ---- */

static enum status
open_worker(struct house *house, struct house_worker *worker)
{
    enum status status =
        store_open(house->config->data, STORE_READ, &worker->api.reader, house->failure);

    if (status == STATUS_OK)
        status = store_open(house->config->data, STORE_WRITE, &worker->api.writer,
                            house->failure);
    worker->api.arena = &worker->arena;
    if (status == STATUS_OK)
        store_keep_free(worker->api.writer, house->config->disk_min_free_kib * KIB);
    return status;
}

enum status
work_start(struct house *house)
{
    void *ctxs[HOUSE_THREAD_MAX];
    enum status status = STATUS_OK;

    house->worker_count = loops_thread_count(house->config->worker_count);
    house->worker_ctxs = mem_new_array(house->worker_count, sizeof(*house->worker_ctxs));
    pthread_mutex_init(&house->lane.lock, NULL);
    house->lane.running_max = house->worker_count > 1 ? house->worker_count / 2 : 1;
    for (size_t i = 0; status == STATUS_OK && i < house->worker_count; i++) {
        ctxs[i] = &house->worker_ctxs[i];
        status = open_worker(house, &house->worker_ctxs[i]);
    }
    if (status == STATUS_OK)
        status = workers_start(house->worker_count, ctxs, HOUSE_JOB_QUEUE_MAX, NULL, NULL,
                               &house->workers);
    if (status != STATUS_OK)
        work_stop(house);
    return status;
}

void
work_stop(struct house *house)
{
    workers_stop(&house->workers);
    for (size_t i = 0; i < house->worker_count; i++) {
        struct house_worker *worker = &house->worker_ctxs[i];
        store_close(&worker->api.reader);
        store_close(&worker->api.writer);
        arena_done(&worker->arena);
    }
    house->worker_count = 0;
    mem_free(&house->worker_ctxs);
    pthread_mutex_destroy(&house->lane.lock);
}
