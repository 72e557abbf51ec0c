/* SPDX-License-Identifier: Apache-2.0
 *
 * A permitted request that an upstream answers: what of its exchange waits for that
 * answer. Its place is given back when the answer is over; its limits are told, and its
 * signature is written, in the head of the answer. A body that goes on as it comes is
 * held against what was signed: if it is another, the permission is taken back. */
#include "gate/inside.h"

#include "keyring/allowance.h"

static bool
wants_signature(const struct exchange *x)
{
    struct slice unused;

    return x->lane->gate->ports.answer_key &&
           http_call_header(x->call, SLICE("Accept-Signature"), &unused);
}

/* What a refusal tells, should there be one. All of it lies in the request but the ID. */
static void
keep_description(struct exchange *waits, const struct exchange *x)
{
    waits->header.kid = arena_copy(x->arena, x->header.kid);
    waits->header.method = x->header.method;
    waits->header.uri = x->header.uri;
    waits->header.query = x->header.query;
    waits->header.issued_at_ms = x->header.issued_at_ms;
    waits->tag = x->tag;
}

struct exchange *
gate_await(struct exchange *x)
{
    if (!x->place && x->limit_count == 0 && x->body_digest.count == 0 &&
        !wants_signature(x))
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
        .body_digest = x->body_digest,
        .address = x->address,
    };
    if (x->body_digest.count > 0)
        keep_description(waits, x);
    memcpy(waits->limits, x->limits, sizeof(waits->limits));
    x->place = NULL;
    x->body_digest = (struct content_digest){0};
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
    struct exchange *x = waits;

    content_digest_close(&x->body_digest);
    gate_leave(x);
}

/* ---- the body ---- */

void
gate_body(void *waits, struct slice bytes)
{
    content_digest_add(&((struct exchange *)waits)->body_digest, bytes);
}

bool
gate_body_is_right(void *waits)
{
    struct exchange *x = waits;
    struct failure failure = {0};

    if (content_digest_end(&x->body_digest, &failure) == STATUS_OK)
        return true;
    x->words = arena_text(x->arena, slice_of(failure.text));
    return false;
}

void
gate_refuse_body(void *waits, bool has_begun)
{
    struct exchange *x = waits;
    struct http_reply reply;

    keyring_enter();
    x->entry = keyring_find(x->lane->gate->keyring, x->header.kid); /* or it has gone */
    refuse(x, REFUSED_DIGEST, "Content-Digest", "%s", x->words);
    record(x);
    x->entry = NULL;
    keyring_leave();
    gate_await_over(x);
    if (has_begun)
        return;
    serve_reply(x, &reply);
    answer_sign(x, &reply, &reply.body);
    http_call_answer(x->call, &reply);
}
