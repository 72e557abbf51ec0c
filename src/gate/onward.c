/* SPDX-License-Identifier: Apache-2.0
 *
 * A permitted request that an upstream answers: what of its exchange waits for that
 * answer. Its place is given back when the answer is over; its limits are told, and its
 * signature is written, in the head of the answer. */
#include "gate/inside.h"

#include "keyring/allowance.h"

static bool
wants_signature(const struct exchange *x)
{
    struct slice unused;

    return x->lane->gate->ports.answer_key &&
           http_call_header(x->call, SLICE("Accept-Signature"), &unused);
}

struct exchange *
gate_await(struct exchange *x)
{
    if (!x->place && x->limit_count == 0 && !wants_signature(x))
        return NULL; /* nearly always */

    struct exchange *waits = arena_new(x->arena, sizeof(*waits));
    *waits = (struct exchange){
        .door = x->door,
        .lane = x->lane,
        .call = x->call,
        .arena = x->arena,
        .request_id = http_call_id(x->call),
        .now_ms = x->now_ms,
        .is_proved = x->is_proved,
        .is_handed_over = true,
        .verdict = PERMITTED,
        .words = "",
        .place = x->place,
        .limit_count = x->limit_count,
    };
    memcpy(waits->limits, x->limits, sizeof(waits->limits));
    x->place = NULL;
    return waits;
}

size_t
gate_collects(const struct exchange *x)
{
    return x && wants_signature(x) ? SIGNED_ANSWER_MAX_BYTES : 0;
}

void
gate_dress(void *waits, struct http_reply *reply, const struct slice *body)
{
    struct exchange *x = waits;

    if (x->limit_count > 0)
        gate_add_limits(x, arena_new(x->arena, sizeof(struct gate_limit_texts)), reply);
    answer_sign(x, reply, body);
}

void
gate_await_over(void *waits)
{
    gate_leave(waits);
}
