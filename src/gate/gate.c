/* SPDX-License-Identifier: Apache-2.0
 *
 * The way of a request. Read THE STEP TABLE first: it is the whole gate. */
#include "gate/inside.h"

#include "base/auto.h"

/* THE STEP TABLE. Each step is a file of its own and asks one question. A step goes on,
 * or it has answered; the first answer ends the way. What happened is recorded in any
 * case. Cheap refusals come first; nothing is kept for a caller who has not proved a
 * key. Between the first step and rate no lock is taken and nothing is allocated, but
 * for the preparation of a key on its first use, and the beginning of a minute in the
 * list of used requests. */
static const struct step {
    const char *name;
    enum go (*run)(struct exchange *x);
} STEPS[] = {
    {"read", step_read},             /* one message within limits? */
    {"header", step_header},         /* who asks for what? */
    {"token", step_token},           /* is there such a token, of this algorithm? */
    {"signature", step_signature},   /* is it really them? */
    {"address", step_address},       /* from an approved address? */
    {"life", step_life},             /* not expired, not suspended? */
    {"fresh", step_fresh},           /* signed just now? */
    {"once", step_once},             /* not used already? */
    {"route", step_route},           /* is there such an operation? */
    {"licence", step_licence},       /* has the account what it needs? */
    {"permission", step_permission}, /* has the token what it needs? */
    {"rate", step_rate},             /* not too often? */
    {"answer", step_answer},         /* do it */
};

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
}
