/* SPDX-License-Identifier: Apache-2.0
 *
 * A canary token was used: a worker writes it down, and then the caller hears no. */
#include "house/house_inside.h"

#include "base/clock.h"
#include "base/log.h"
#include "gate/exchange.h"
#include "rules/canaries.h"

/* Lives in the call's arena. */
struct canary_job {
    struct work work; /* first */
    struct exchange *x;
};

/* On a worker. */
static void
write_down(struct work *work, struct house_worker *worker)
{
    struct canary_job *job = (struct canary_job *)work;
    struct act act = {
        .store = worker->api.writer,
        .now_ms = clock_now_ms(),
        .actor_kind = ACTOR_SYSTEM,
        .actor_name = "gate",
    };
    char id[TOKEN_ID_MAX_CHARS + 1] = "";

    slice_to_text(job->x->token_id, id, sizeof(id));
    if (canaries_write(work->house->canaries, &act, id) != STATUS_OK)
        log_event(LOG_ERROR, "the use of a canary token is not written down yet",
                  LOG_TEXT("token", job->x->token_id));
}

/* On the loop's thread. */
static void
finish_job(struct work *work)
{
    struct canary_job *job = (struct canary_job *)work;

    gate_finish_unproved(job->x);
}

bool
canary_job_hand_over(void *ctx, struct exchange *x)
{
    struct canary_job *job = arena_new(x->arena, sizeof(*job));

    *job = (struct canary_job){
        .work = {.house = ctx,
                 .loop = http_call_loop(x->call),
                 .run = write_down,
                 .finish = finish_job},
        .x = x,
    };
    return work_hand_over(&job->work);
}
