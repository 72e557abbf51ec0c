/* SPDX-License-Identifier: Apache-2.0
 *
 * How a permitted exchange is answered by our own resources. */
#include "house/house_inside.h"

#include "base/auto.h"
#include "gate/exchange.h"
#include "store/store_token_used.h"

#include <string.h>

/* A page of 500 of the largest documents is cut before by api/; this is the last resort.
 */
enum { REPLY_MAX_BYTES = 64 * 1024 * 1024 };

/* A permitted exchange on its way. Lives in the call's arena. */
struct api_job {
    struct work work; /* first */
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
finish_job(struct work *work)
{
    struct api_job *job = (struct api_job *)work;
    struct buffer body = job->body;
    struct slice type = job->reply.content_type;

    if (type.len == 0 && body.len > 0)
        type = SLICE("application/json");
    /* The job lies in the call's arena, which goes with the call. */
    gate_finish(job->x, job->reply.status, type, &body);
    buffer_done(&body);
}

/* A device that was told of or changed is a use of those of the token's groups that hold
 * it; would the token's shadow have seen it? A failure leaves less noted, and the group
 * is suggested to be left out, no more. */
static void
note_groups(struct house *house, const struct api_worker *worker,
            const struct exchange *x)
{
    int64_t ids[TOKEN_GROUP_MAX_COUNT];
    size_t count = 0;

    if ((x->group_count == 0 && !x->shadowed) || x->match.parameter_count == 0 ||
        !strstr(x->operation->path, "{deviceUid}") ||
        store_groups_of_device(worker->reader, x->match.parameters[0], ids, COUNT_OF(ids),
                               &count) != STATUS_OK)
        return;
    keyring_thread_in();
    keyring_enter();
    const struct keyring_entry *entry = keyring_find(house->keyring, x->token_id);
    if (entry)
        gate_note_groups(x, entry, ids, count);
    keyring_leave();
    keyring_thread_out();
}

/* On a worker. */
static void
answer_job(struct work *work, struct house_worker *worker)
{
    struct api_job *job = (struct api_job *)work;
    struct api_request request;

    fill_request(job->x, &request);
    job->reply = (struct api_reply){.body = &job->body};
    api_answer(work->house->api, &worker->api, &request, &job->reply);
    if (job->reply.status < 300)
        note_groups(work->house, &worker->api, job->x);
}

bool
api_job_hand_over(void *ctx, struct exchange *x)
{
    struct api_job *job = arena_new(x->arena, sizeof(*job));

    *job = (struct api_job){
        .work = {.house = ctx,
                 .loop = http_call_loop(x->call),
                 .run = answer_job,
                 .finish = finish_job},
        .x = x,
        .body = buffer_make(REPLY_MAX_BYTES),
    };
    return work_hand_over(&job->work);
}
