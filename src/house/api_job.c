/* SPDX-License-Identifier: Apache-2.0
 *
 * The workers, and how a permitted exchange gets to one and its answer back to the loop
 * that the caller waits on. */
#include "house/house_inside.h"

#include "base/auto.h"
#include "base/clock.h"
#include "base/mem.h"

static enum status
open_worker(struct house *house, struct house_worker *worker)
{
    enum status status =
        store_open(house->config->data, STORE_READ, &worker->api.reader, house->failure);

    if (status == STATUS_OK)
        status = store_open(house->config->data, STORE_WRITE, &worker->api.writer,
                            house->failure);
    worker->api.arena = &worker->arena;
    return status;
}

enum status
api_job_start_workers(struct house *house)
{
    void *ctxs[HOUSE_THREAD_MAX];
    enum status status = STATUS_OK;

    house->worker_count = loops_thread_count(house->config->worker_count);
    house->worker_ctxs = mem_new_array(house->worker_count, sizeof(*house->worker_ctxs));
    for (size_t i = 0; status == STATUS_OK && i < house->worker_count; i++) {
        ctxs[i] = &house->worker_ctxs[i];
        status = open_worker(house, &house->worker_ctxs[i]);
    }
    if (status == STATUS_OK)
        status = workers_start(house->worker_count, ctxs, HOUSE_JOB_QUEUE_MAX, NULL, NULL,
                               &house->workers);
    if (status != STATUS_OK)
        api_job_stop_workers(house);
    return status;
}

void
api_job_stop_workers(struct house *house)
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
}

bool
api_job_hand_over(void *ctx, struct exchange *x)
{
    (void)ctx;
    (void)x;
    return false;
}
