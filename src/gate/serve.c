/* SPDX-License-Identifier: Apache-2.0
 *
 * The gate's doors on HTTP. At POST /jws/validate the method, path and content type of
 * the outer request say nothing, and its body says all; a request that is signed itself
 * is what is asked for. */
#include "gate/inside.h"

#include "base/clock.h"
#include "keyring/allowance.h"

#include <stdio.h>

/* For what a body can come with, and for what not. */
static const char CHALLENGE[] =
    "sig1=(\"@method\" \"@target-uri\");created;tag=\"" HTTPSIG_TAG "\"";
static const char CHALLENGE_WITH_BODY[] =
    "sig1=(\"@method\" \"@target-uri\" \"content-digest\");created;"
    "tag=\"" HTTPSIG_TAG "\"";

void
gate_add_challenge(const struct gate_lane *lane, struct slice method,
                   struct http_reply *reply)
{
    const char *wanted = is_safe_method(method) ? CHALLENGE : CHALLENGE_WITH_BODY;
    const char *schemes =
        keyring_is_bearer_allowed(lane->gate->keyring)
            ? "Signature realm=\"Tokenhouse\", Bearer realm=\"Tokenhouse\""
            : "Signature realm=\"Tokenhouse\"";

    reply->headers[reply->header_count++] =
        (struct http_header){SLICE("WWW-Authenticate"), slice_of(schemes)};
    reply->headers[reply->header_count++] =
        (struct http_header){SLICE("Accept-Signature"), slice_of(wanted)};
}

void
gate_add_limits(const struct exchange *x, struct gate_limit_texts *texts,
                struct http_reply *reply)
{
    size_t policy = 0;
    size_t state = 0;

    if (x->limit_count == 0)
        return;
    for (size_t i = 0; i < x->limit_count; i++) {
        const struct limit_shown *one = &x->limits[i];
        const char *between = i > 0 ? ", " : "";
        policy +=
            (size_t)snprintf(texts->policy + policy, sizeof(texts->policy) - policy,
                             "%s\"%s\";q=%lld;w=%lld", between, one->name,
                             (long long)one->rate.count, (long long)one->rate.window_s);
        state += (size_t)snprintf(texts->state + state, sizeof(texts->state) - state,
                                  "%s\"%s\";r=%lld;t=%lld", between, one->name,
                                  (long long)one->left, (long long)one->reset_s);
    }
    reply->headers[reply->header_count++] =
        (struct http_header){SLICE("RateLimit-Policy"), slice_of(texts->policy)};
    reply->headers[reply->header_count++] =
        (struct http_header){SLICE("RateLimit"), slice_of(texts->state)};
}

void
serve_reply(struct exchange *x, struct http_reply *out)
{
    char *seconds = x->lane->retry_after;

    *out = (struct http_reply){
        .status = x->status,
        .content_type = SLICE("application/json"),
        .body = x->reply_body,
    };
    if (x->retry_after_s > 0) {
        snprintf(seconds, sizeof(x->lane->retry_after), "%lld",
                 (long long)x->retry_after_s);
        out->headers[out->header_count++] =
            (struct http_header){SLICE("Retry-After"), slice_of(seconds)};
    }
    gate_add_limits(x, &x->lane->limit_texts, out);
    if (x->status == 401 && x->door->is_request_itself)
        gate_add_challenge(x->lane, x->given ? x->given->method : SLICE("GET"), out);
}

void
serve_begin(struct exchange *x, struct http_call *call)
{
    x->call = call;
    x->arena = http_call_arena(call);
    x->message = http_call_request(call)->body;
    x->is_body_streamed = http_call_is_streamed(call);
    x->address = *http_call_address(call);
    x->request_id = http_call_id(call);
    x->now_ms = clock_now_ms();
    x->now_ns = clock_monotonic_ns();
}

void
serve_decide(struct exchange *x)
{
    keyring_enter();
    gate_decide(x);
    keyring_leave(); /* what is answered lies in the lane */
}

static void
serve(struct exchange *x, struct http_call *call)
{
    struct http_reply reply;

    serve_begin(x, call);
    serve_decide(x);
    if (x->is_handed_over)
        return;
    serve_reply(x, &reply);
    answer_sign(x, &reply, &reply.body);
    http_call_answer(call, &reply);
}

void
gate_serve(struct gate_lane *lane, struct http_call *call)
{
    serve(gate_begin(lane), call);
}

bool
gate_is_signed(const struct http_call *call)
{
    struct slice unused;

    return httpsig_is_signed(http_call_request(call)) ||
           bearer_of(http_call_request(call), &unused);
}

bool
gate_has_api(const struct gate_lane *lane, struct slice path)
{
    bool is_upstream = false;

    if (slice_starts(path, SLICE("/v3/")))
        return true;
    keyring_enter();
    is_upstream = route_table_covers(routes_now(lane->gate->routes), path);
    keyring_leave();
    return is_upstream;
}

bool
gate_streams(const struct gate_lane *lane, const struct http_call *call)
{
    const struct http_request *request = http_call_request(call);
    struct route_match match;

    if (!gate_is_signed(call))
        return false;
    keyring_enter();
    const struct route_map *map = route_table_map(routes_now(lane->gate->routes));
    bool is_streamed =
        route_map_find(map, request->method, request->path, &match) == STATUS_OK &&
        match.operation->upstream && !looks_into_body(match.operation);
    keyring_leave();
    return is_streamed;
}

/* A signature goes before a bearer token that comes along with it. */
const struct door *
door_of(const struct http_call *call)
{
    return httpsig_is_signed(http_call_request(call)) ? &DOOR_SIGNED : &DOOR_BEARER;
}

void
gate_serve_signed(struct gate_lane *lane, struct http_call *call)
{
    struct exchange *x = gate_begin(lane);

    lane->given = httpsig_message_of(call);
    x->door = door_of(call);
    x->given = &lane->given;
    serve(x, call);
}

void
gate_finish(struct exchange *x, int status, struct slice content_type,
            struct buffer *body)
{
    struct http_reply reply = {.status = status, .content_type = content_type};
    struct gate_limit_texts texts;
    struct slice bytes = buffer_slice(body);

    gate_add_limits(x, &texts, &reply);
    gate_leave(x);
    answer_sign(x, &reply, &bytes);
    http_call_answer_take(x->call, &reply, body);
}

void
gate_finish_unproved(struct exchange *x)
{
    struct httpsig_message given = {.method = http_call_request(x->call)->method};
    struct http_reply reply;

    x->given = &given; /* the lane's is of another request by now */
    refuse_unproved(x, x->verdict);
    gate_leave(x);
    serve_reply(x, &reply);
    http_call_answer(x->call, &reply);
}

void
gate_leave(struct exchange *x)
{
    keyring_leave_place(&x->place);
    route_table_drop(&x->table);
    x->operation = NULL;
}
