/* SPDX-License-Identifier: Apache-2.0
 *
 * Doing it: what needs no store is answered here, all else is handed over to those who
 * may wait. */
#include "gate/inside.h"

#include "base/percent.h"
#include "keyring/allowance.h"

#include <assert.h>
#include <string.h>

/* THE INLINE TABLE: operations that are answered without the store. */
static const struct inline_answer {
    const char *operation_id;
    void (*write)(struct exchange *x);
} INLINE[] = {
    {"get-whoami", whoami_write},
};

static bool
answer_inline(struct exchange *x)
{
    for (size_t i = 0; i < sizeof(INLINE) / sizeof(INLINE[0]); i++) {
        if (strcmp(INLINE[i].operation_id, x->operation->id) != 0)
            continue;
        x->status = 200;
        buffer_clear(&x->lane->answer);
        INLINE[i].write(x);
        x->reply_body = buffer_slice(&x->lane->answer);
        return true;
    }
    return false;
}

static void
copy_parameters(struct exchange *copy)
{
    for (size_t i = 0; i < copy->match.parameter_count; i++) {
        struct slice encoded = copy->match.parameters[i];
        unsigned char *plain = arena_new(copy->arena, encoded.len + 1);
        copy->match.parameters[i] = (struct slice){plain, percent_decode(encoded, plain)};
    }
}

static void
copy_groups(struct exchange *copy, const struct keyring_groups *groups)
{
    if (groups->count == 0)
        return;
    int64_t *ids = arena_new(copy->arena, groups->count * sizeof(ids[0]));
    memcpy(ids, groups->ids, groups->count * sizeof(ids[0]));
    copy->group_ids = ids;
    copy->group_count = groups->count;
}

/* The body of the request that is meant, where it lies. */
static struct slice
body_of(const struct exchange *x)
{
    if (x->door->is_request_itself)
        return x->message;
    if (x->data.kind == JSON_KIND_STRING)
        /* with its quotes, which stand around it in the payload */
        return (struct slice){x->data.raw.at - 1, x->data.raw.len + 2};
    return x->data.kind == JSON_KIND_NONE ? (struct slice){0} : x->data.raw;
}

/* A copy that needs neither the lane nor the keyring nor the message. */
struct exchange *
exchange_take_along(const struct exchange *x)
{
    struct arena *arena = x->arena;
    struct exchange *copy = arena_new(arena, sizeof(*copy));

    *copy = *x;
    copy->is_handed_over = true;
    copy->message = copy->tag = (struct slice){0};
    copy->given = NULL;
    copy->jws = (struct jws){0};
    copy->header_json = NULL;
    copy->payload = copy->signature = copy->signed_bytes = (struct slice){0};
    copy->data = (struct json_value){0};
    copy->reply_body = (struct slice){0};
    copy->words = "";
    copy->request_id = arena_text(arena, slice_of(x->request_id));
    copy->header.kid = arena_copy(arena, x->header.kid);
    copy->header.alg_text = (struct slice){0};
    copy->header.method = arena_copy(arena, x->header.method);
    copy->header.content_type = arena_copy(arena, x->header.content_type);
    copy->header.uri = arena_copy(arena, x->header.uri);
    copy->header.query = arena_copy(arena, x->header.query);
    copy->token_id = copy->header.kid;
    copy->token_title = arena_copy(arena, keyring_entry_title(x->entry));
    copy_parameters(copy);
    copy_groups(copy, keyring_entry_groups(x->entry));
    ip_write(&x->address, copy->address_text);
    copy->body = x->door->is_request_itself
                     ? x->message /* the call keeps it until it is answered */
                     : arena_copy(arena, body_of(x));
    copy->entry = NULL;
    copy->table =
        x->operation && x->operation->upstream ? route_table_hold(x->table) : NULL;
    return copy;
}

static enum go
refuse_busy(struct exchange *x)
{
    keyring_return_use(x->entry); /* it is not permitted after all */
    keyring_return_of_day(x->entry);
    x->retry_after_s = 1;
    return refuse(x, REFUSED_BUSY, NULL,
                  "too many requests are waiting for their answer; try again later");
}

static enum go
forward(struct exchange *x)
{
    const struct gate_ports *ports = &x->lane->gate->ports;

    if (!ports->forward)
        return refuse(
            x, REFUSED_UPSTREAM, NULL,
            "the request was permitted, but this server forwards nothing to '%s'",
            x->operation->upstream->name);
    x->body = body_of(x);
    record_rights(x);
    if (!ports->forward(ports->ctx, x))
        return refuse_busy(x);
    x->is_handed_over = true;
    return ANSWERED;
}

enum go
step_answer(struct exchange *x)
{
    const struct gate_ports *ports = &x->lane->gate->ports;

    assert(x->is_proved && x->operation); /* the table has an order */
    x->verdict = PERMITTED;
    shadow_ask(x);
    if (x->is_only_asked)
        return decide_write(x) ? ANSWERED : refuse_busy(x);
    if (x->operation->upstream)
        return forward(x);
    if (answer_inline(x))
        return ANSWERED;

    struct exchange *copy = exchange_take_along(x);
    if (!ports->hand_over(ports->ctx, copy)) {
        gate_leave(copy);
        x->place = NULL; /* the copy has given it back */
        return refuse_busy(x);
    }
    x->is_handed_over = true;
    return ANSWERED;
}
