/* SPDX-License-Identifier: Apache-2.0
 *
 * The workers, and how a permitted exchange gets to one and its answer back to the loop
 * that the caller waits on. */
#include "house/house_inside.h"

#include "base/auto.h"
#include "base/clock.h"
#include "base/mem.h"
#include "gate/exchange.h"

enum {
    REPLY_MAX_BYTES = 64 * 1024 * 1024, /* a page of 500 of the largest documents is cut
                                           before by api/; this is the last resort */
    ARENA_KEEP_BYTES = 1024 * 1024,     /* a worker's memory between two jobs */
};

/* A permitted exchange on its way. Lives in the call's arena. */
struct api_job {
    struct job job;              /* to the worker */
    struct loop_message message; /* back to the loop */
    struct house *house;
    struct exchange *x;
    struct buffer body; /* owned; handed to the gate at the end */
    struct api_reply reply;
};

static void
fill_request(const struct exchange *x, struct api_request *out)
{
    *out = (struct api_request){
        .operation = x->operation,
        .parameter_count = x->match.parameter_count,
        .query = x->header.query,
        .body = x->body,
        .rights = x->rights,
        .group_ids = x->group_ids,
        .group_count = x->group_count,
        .now_ms = x->now_ms,
        .token_id = x->token_id,
        .token_title = x->token_title,
        .address = x->address_text,
        .request_id = x->request_id,
    };
    for (size_t i = 0; i < x->match.parameter_count; i++)
        out->parameters[i] = x->match.parameters[i];
}

/* On the loop's thread: the answer is there. */
static void
finish_in_mailbox(struct loop_message *message)
{
    struct api_job *job =
        (struct api_job *)((char *)message - offsetof(struct api_job, message));
    struct buffer body = job->body;
    struct slice type = job->reply.content_type;

    if (type.len == 0 && body.len > 0)
        type = SLICE("application/json");
    /* The job lies in the call's arena, which goes with the call. */
    gate_finish(job->x, job->reply.status, type, &body);
    buffer_done(&body);
}

/* On a worker. */
static void
answer_job(struct job *given, void *worker_ctx)
{
    struct api_job *job =
        (struct api_job *)((char *)given - offsetof(struct api_job, job));
    struct house_worker *worker = worker_ctx;
    struct api_request request;
    int64_t began_ns = clock_monotonic_ns();

    fill_request(job->x, &request);
    job->reply = (struct api_reply){.body = &job->body};
    api_answer(job->house->api, &worker->api, &request, &job->reply);
    if (worker->arena.used_bytes > ARENA_KEEP_BYTES)
        arena_done(&worker->arena);
    else
        arena_reset(&worker->arena);
    latency_count(&job->house->latency, clock_monotonic_ns() - began_ns);
    loop_post(http_call_loop(job->x->call), &job->message);
}

bool
api_job_hand_over(void *ctx, struct exchange *x)
{
    struct house *house = ctx;
    struct api_job *job = arena_new(x->arena, sizeof(*job));

    *job = (struct api_job){
        .job = {.run = answer_job},
        .message = {.run = finish_in_mailbox},
        .house = house,
        .x = x,
        .body = buffer_make(REPLY_MAX_BYTES),
    };
    return workers_give(house->workers, &job->job);
}

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
