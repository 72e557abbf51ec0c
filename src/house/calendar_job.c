/* SPDX-License-Identifier: Apache-2.0
 *
 * GET /calendar/SECRET.ics, on a worker. The path holds a secret: it is never logged. */
#include "house/house_inside.h"

#include "base/auto.h"
#include "base/clock.h"
#include "rules/calendar.h"

#define PREFIX "/calendar/"
#define SUFFIX ".ics"

/* Lives in the call's arena. */
struct calendar_job {
    struct work work; /* first */
    struct http_call *call;
    struct slice secret;
    enum status status;
    struct buffer body; /* owned */
};

/* On a worker. */
static void
write_job(struct work *work, struct house_worker *worker)
{
    struct calendar_job *job = (struct calendar_job *)work;

    job->status =
        calendar_write(worker->api.reader, job->secret, clock_now_ms(), &job->body);
}

static void
refuse_busy(struct http_call *call)
{
    dispatch_refuse(call, 503, "UNAVAILABLE", "try again later", NULL, NULL);
}

static void
finish_job(struct work *work)
{
    struct calendar_job *job = (struct calendar_job *)work;
    struct buffer body = job->body;
    struct http_reply reply = {
        .status = 200,
        .content_type = SLICE("text/calendar; charset=utf-8"),
        .headers = {{SLICE("Cache-Control"), SLICE("private, no-store")},
                    {SLICE("Referrer-Policy"), SLICE("no-referrer")},
                    {SLICE("X-Content-Type-Options"), SLICE("nosniff")}},
        .header_count = 3,
    };

    if (!work->is_refused && job->status == STATUS_OK)
        http_call_answer_take(job->call, &reply, &body);
    else if (!work->is_refused && job->status == STATUS_NOT_FOUND)
        dispatch_refuse(job->call, 404, "RESOURCE_NOT_FOUND", "resource not found", NULL,
                        NULL);
    else
        refuse_busy(job->call);
    buffer_done(&body);
}

void
calendar_job(struct house_loop *loop, struct http_call *call)
{
    struct slice path = http_call_request(call)->path;
    struct calendar_job *job = arena_new(http_call_arena(call), sizeof(*job));
    struct slice name = slice_from(path, sizeof(PREFIX) - 1);

    *job = (struct calendar_job){
        .work = {.house = loop->house,
                 .loop = loop->loop,
                 .run = write_job,
                 .finish = finish_job},
        .call = call,
        .body = buffer_make(CALENDAR_MAX_BYTES),
    };
    if (slice_ends(name, SLICE(SUFFIX)))
        job->secret = slice_head(name, name.len - (sizeof(SUFFIX) - 1));
    if (!work_hand_over(&job->work))
        refuse_busy(call);
}
