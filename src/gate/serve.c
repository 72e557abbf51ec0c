/* SPDX-License-Identifier: Apache-2.0
 *
 * The gate's door on HTTP: POST /jws/validate. The HTTP method, path and content type of
 * the outer request say nothing; its body says all. */
#include "gate/inside.h"

#include "base/clock.h"

#include <stdio.h>

static void
reply_to(const struct exchange *x)
{
    char seconds[24];
    struct http_reply reply = {
        .status = x->status,
        .content_type = SLICE("application/json"),
        .body = x->reply_body,
    };

    if (x->retry_after_s > 0) {
        snprintf(seconds, sizeof(seconds), "%lld", (long long)x->retry_after_s);
        reply.headers[reply.header_count++] =
            (struct http_header){SLICE("Retry-After"), slice_of(seconds)};
    }
    http_call_answer(x->call, &reply);
}

void
gate_serve(struct gate_lane *lane, struct http_call *call)
{
    struct exchange *x = gate_begin(lane);

    x->call = call;
    x->arena = http_call_arena(call);
    x->message = http_call_request(call)->body;
    x->address = *http_call_address(call);
    x->request_id = http_call_id(call);
    x->now_ms = clock_now_ms();
    x->now_ns = clock_monotonic_ns();
    keyring_enter();
    gate_decide(x);
    keyring_leave(); /* what is answered lies in the lane */
    if (!x->is_handed_over)
        reply_to(x);
}

void
gate_finish(struct exchange *x, int status, struct slice content_type,
            struct buffer *body)
{
    struct http_reply reply = {.status = status, .content_type = content_type};

    gate_leave(x);
    http_call_answer_take(x->call, &reply, body);
}

void
gate_leave(struct exchange *x)
{
    route_table_drop(&x->table);
    x->operation = NULL;
}
