/* SPDX-License-Identifier: Apache-2.0
 *
 * The console in the house: pages are answered at once, the admin API on a worker. */
#include "house/house_inside.h"

#include "base/auto.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"

#include <stdio.h>

enum { REPLY_MAX_BYTES = 64 * 1024 * 1024 }; /* an export of 100,000 events */

/* A request to the admin API on its way. Lives in the call's arena. */
struct console_job {
    struct work work; /* first */
    struct http_call *call;
    struct console_request request;
    struct console_reply reply;
    struct buffer body; /* owned */
};

/* On a worker. What the answer says lies in the call's arena: it outlives the job. */
static void
answer_job(struct work *work, struct house_worker *worker)
{
    struct console_job *job = (struct console_job *)work;
    struct api_worker own = worker->api;

    own.arena = http_call_arena(job->call);
    job->request.now_ms = clock_now_ms();
    console_answer(work->house->console, &own, &job->request, &job->reply);
}

static void
refuse_busy(struct http_call *call)
{
    static const struct slice BODY = SLICE(
        "{\"type\":\"about:blank\",\"title\":\"Service Unavailable\",\"status\":503,"
        "\"code\":\"UNAVAILABLE\",\"detail\":\"too busy; try again\","
        "\"errors\":[]}");
    struct http_reply reply = {
        .status = 503,
        .content_type = SLICE("application/problem+json"),
        .headers = {{SLICE("Retry-After"), SLICE("1")},
                    {SLICE("Cache-Control"), SLICE("no-store")}},
        .header_count = 2,
        .body = BODY,
    };

    http_call_answer(call, &reply);
}

static void
finish_job(struct work *work)
{
    struct console_job *job = (struct console_job *)work;
    struct buffer body = job->body;

    if (work->is_refused) {
        refuse_busy(job->call);
        return;
    }
    http_call_answer_take(job->call, &job->reply.http, &body);
    buffer_done(&body);
}

void
console_job_api(struct house_loop *loop, struct http_call *call)
{
    const struct http_request *http = http_call_request(call);
    struct console_job *job = arena_new(http_call_arena(call), sizeof(*job));

    *job = (struct console_job){
        .work = {.house = loop->house,
                 .loop = loop->loop,
                 .is_in_lane = console_hashes(http->method, http->path),
                 .run = answer_job,
                 .finish = finish_job},
        .call = call,
        .request = {.http = http,
                    .address = http_call_address(call),
                    .is_https = http_call_is_https(call),
                    .request_id = http_call_id(call)},
        .body = buffer_make(REPLY_MAX_BYTES),
    };
    job->reply.body = &job->body;
    if (!work_hand_over(&job->work))
        refuse_busy(call);
}

void
console_job_page(struct house_loop *loop, struct http_call *call)
{
    struct http_reply reply = {0};

    (void)loop;
    console_page(http_call_request(call), http_call_is_https(call), &reply);
    reply.is_lasting = true; /* pages are part of the program */
    http_call_answer(call, &reply);
}

/* ---- the stage ---- */

enum status
console_stage_open(struct house *house)
{
    struct console_setup setup = {
        .config = house->config,
        .master_key = house->master_key,
        .routes = house->routes.published,
        .refusals = house->refusals,
        .explain = explain_ask,
        .explain_ctx = house,
        .health = origin_health,
        .health_ctx = house,
    };
    enum status status = console_open(&setup, &house->console);

    if (status != STATUS_OK)
        return failure_set(house->failure, status, NULL,
                           "the console could not be opened: %s", status_text(status));
    return STATUS_OK;
}

void
console_stage_close(struct house *house)
{
    console_close(&house->console);
}

enum status
console_stage_keep(struct house *house)
{
    return console_keep(house->console, house->keeper.writer, clock_now_ms());
}

/* For whoever looks at the terminal, and once for the log: that is where a service's
 * operator looks. The code is good for making the first user and until we end. */
enum status
console_stage_tell_setup(struct house *house)
{
    char code[CONSOLE_SETUP_CODE_CHARS + 1] = "";
    bool is_needed = false;
    enum status status =
        console_make_setup_code(house->console, house->store, code, &is_needed);

    if (status != STATUS_OK)
        return failure_set(house->failure, status, "data",
                           "the users in '%s' cannot be counted: %s", house->config->data,
                           status_text(status));
    if (is_needed) {
        printf("There is no user yet. The console asks for this set-up code: %s\n", code);
        fflush(stdout);
        log_event(LOG_WARN, "no user yet: the console asks for the set-up code",
                  LOG_TEXT("code", slice_of(code)));
    }
    secret_wipe(code, sizeof(code));
    return STATUS_OK;
}
