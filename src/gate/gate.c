/* SPDX-License-Identifier: Apache-2.0
 *
 * The way of a request. Read THE STEP TABLE first: it is the whole gate. */
#include "gate/inside.h"

#include "base/auto.h"
#include "keyring/allowance.h"

/* THE STEP TABLE. Each step is a file of its own and asks one question. A step goes on,
 * or it has answered; the first answer ends the way. What happened is recorded in any
 * case. Cheap refusals come first; nothing is kept for a caller who has not proved a
 * key. Between the first step and rate no lock is taken and nothing is allocated, but
 * for the preparation of a key on its first use, and the beginning of a minute in the
 * list of used requests. */
static const struct gate_step STEPS[] = {
    /* one message within limits? */
    {"read", step_read, EXPLAIN_RUNS, 0},
    /* who asks for what? */
    {"header", step_header, EXPLAIN_RUNS, KNOWS_MESSAGE},
    /* is there such a token, of this algorithm? */
    {"token", step_token, EXPLAIN_RUNS, KNOWS_HEADER},
    /* is it really them? */
    {"signature", step_signature, EXPLAIN_LEAVES_OUT, 0},
    /* a trap? */
    {"canary", step_canary, EXPLAIN_RUNS, KNOWS_TOKEN},
    /* from an approved address? */
    {"address", step_address, EXPLAIN_RUNS, KNOWS_TOKEN | KNOWS_ADDRESS,
     .is_shadowed = true},
    /* not expired, not suspended, of a kind that is taken? */
    {"life", step_life, EXPLAIN_RUNS, KNOWS_TOKEN},
    /* signed just now? */
    {"fresh", step_fresh, EXPLAIN_RUNS, KNOWS_HEADER},
    /* not used already? */
    {"once", step_once, EXPLAIN_LEAVES_OUT, 0},
    /* is there such an operation? */
    {"route", step_route, EXPLAIN_RUNS, KNOWS_HEADER},
    /* has the account what it needs? */
    {"licence", step_licence, EXPLAIN_RUNS, KNOWS_OPERATION},
    /* has the token what it needs? */
    {"permission", step_permission, EXPLAIN_RUNS, KNOWS_TOKEN | KNOWS_OPERATION,
     .is_shadowed = true},
    /* not too often? */
    {"rate", step_rate, EXPLAIN_RUNS, KNOWS_TOKEN},
    /* do it */
    {"answer", step_answer, EXPLAIN_LEAVES_OUT, 0},
};

const struct gate_step *
gate_step(size_t index)
{
    return index < COUNT_OF(STEPS) ? &STEPS[index] : NULL;
}

const char *
gate_step_name(size_t index)
{
    return index < COUNT_OF(STEPS) ? STEPS[index].name : NULL;
}

struct exchange *
gate_begin(struct gate_lane *lane)
{
    lane->x =
        (struct exchange){.lane = lane, .door = &DOOR_JWS, .request_id = "", .words = ""};
    return &lane->x;
}

void
gate_decide(struct exchange *x)
{
    enum go go = GO_ON;

    x->verdict = UNDECIDED;
    for (size_t i = 0; go == GO_ON && i < COUNT_OF(STEPS); i++)
        go = STEPS[i].run(x);
    if (go == GO_ON) /* no step answered: our mistake; the door stays shut */
        refuse(x, REFUSED_BROKEN, NULL, "nothing answered this request");
    record(x);
    if (x->is_handed_over)
        return;
    keyring_leave_place(&x->place);
    content_digest_close(&x->body_digest);
}
