/* SPDX-License-Identifier: Apache-2.0
 *
 * How a permitted exchange is sent on to its upstream: gathers what forwarding needs of
 * the exchange, on the loop's thread. Identities of requests that come in one round are
 * signed together. */
#include "house/house_inside.h"

#include "base/auto.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "gate/exchange.h"
#include "upstream/forward.h"
#include "upstream/identity.h"

enum {
    LOG_MAX_PER_S = 20, /* of one loop: an upstream that is down fails often */
    BUSY_COUNT = 8,     /* requests of one round: more come at once */
};

/* A request that waits for others whose identities are signed together with its own: at
 * most until the end of the round, or of the next one when this was busy. */
struct unsigned_request {
    struct forward *forward;    /* NULL: its caller has gone */
    struct http_origin *origin; /* held; NULL: there is none */
    struct identity_text identity;
};

/* What a loop needs for forwarding. */
struct forwarder {
    struct house *house;
    struct loop *loop;
    struct http_client *client;
    struct loop_round round_hook;
    struct unsigned_request waiting[ES256_SIGN_TOGETHER];
    size_t waiting_count;
    size_t come_count; /* in this round */
    bool is_held_over; /* those that wait have seen the end of a round */
    struct identity_shelf *shelf;
    int64_t log_second_s, log_count;
};

static void send_waiting(struct forwarder *forwarder);

/* Those that are left over in a busy round wait for those of the next, which comes at
 * once; no longer. */
static void
round_end(struct loop_round *hook)
{
    struct forwarder *forwarder =
        (struct forwarder *)((char *)hook - offsetof(struct forwarder, round_hook));
    bool is_busy = forwarder->come_count >= BUSY_COUNT;
    bool may_wait = is_busy && !forwarder->is_held_over;

    forwarder->come_count = 0;
    if (forwarder->waiting_count == 0)
        return;
    forwarder->is_held_over = may_wait;
    if (may_wait)
        loop_hurry(forwarder->loop);
    else
        send_waiting(forwarder);
}

struct forwarder *
forwarder_new(struct house *house, struct loop *loop, size_t index)
{
    struct forwarder *forwarder = mem_new(sizeof(*forwarder));

    forwarder->house = house;
    forwarder->loop = loop;
    forwarder->round_hook.end = round_end;
    loop_at_round_end(loop, &forwarder->round_hook); /* before what is sent is written */
    forwarder->client = http_client_new(loop, index);
    forwarder->shelf = identity_shelf_new(house);
    for (size_t i = 0; i < COUNT_OF(forwarder->waiting); i++)
        forwarder->waiting[i].identity.text = buffer_make(IDENTITY_TEXT_MAX_BYTES);
    return forwarder;
}

void
forwarder_free(struct forwarder **forwarder)
{
    struct forwarder *gone = TAKE(*forwarder);

    if (!gone)
        return;
    loop_forget_round(gone->loop, &gone->round_hook);
    http_client_free(&gone->client);
    identity_shelf_free(&gone->shelf);
    for (size_t i = 0; i < COUNT_OF(gone->waiting); i++) {
        http_origin_drop(&gone->waiting[i].origin);
        buffer_done(&gone->waiting[i].identity.text);
    }
    mem_free(&gone);
}

/* ---- the log ---- */

static const char *
failure_name(enum http_fetch_failure failure)
{
    switch (failure) {
    case HTTP_FETCH_BEGUN:
        break;
    case HTTP_FETCH_REFUSED:
        return "unavailable";
    case HTTP_FETCH_UNREACHABLE:
        return "unreachable";
    case HTTP_FETCH_TIMEOUT:
        return "timeout";
    case HTTP_FETCH_CUT:
        return "cut off";
    case HTTP_FETCH_BAD_ANSWER:
        return "bad answer";
    case HTTP_FETCH_BAD_REQUEST:
        return "bad request";
    }
    return "none";
}

static void
tell_failure(void *ctx, const char *upstream, const char *request_id,
             enum http_fetch_failure failure, const char *why)
{
    struct forwarder *forwarder = ctx;
    int64_t now_s = clock_now_s();

    if (forwarder->log_second_s != now_s)
        forwarder->log_count = 0;
    forwarder->log_second_s = now_s;
    if (++forwarder->log_count > LOG_MAX_PER_S)
        return;
    log_event(LOG_WARN, "upstream failed", LOG_TEXT("upstream", slice_of(upstream)),
              LOG_TEXT("what", slice_of(failure_name(failure))),
              LOG_TEXT("why", slice_of(why)), LOG_TEXT("id", slice_of(request_id)));
}

/* ---- signed together ---- */

static void
send_one(struct forwarder *forwarder, struct unsigned_request *one, bool is_signed)
{
    struct http_origin *origin = TAKE(one->origin);

    if (one->forward && is_signed)
        forward_send(one->forward, forwarder->client, origin,
                     buffer_slice(&one->identity.text));
    else if (one->forward)
        forward_fail(one->forward, "its identity could not be signed");
    http_origin_drop(&origin);
}

/* Signs and sends all that wait. */
static void
send_waiting(struct forwarder *forwarder)
{
    struct identity_text *texts[ES256_SIGN_TOGETHER];
    size_t count = 0;

    for (size_t i = 0; i < forwarder->waiting_count; i++) {
        if (forwarder->waiting[i].forward)
            texts[count++] = &forwarder->waiting[i].identity;
    }
    enum status status = identity_sign(forwarder->house->identity_signer, count, texts);
    for (size_t i = 0; i < forwarder->waiting_count; i++)
        send_one(forwarder, &forwarder->waiting[i], status == STATUS_OK);
    http_client_flush(forwarder->client);
    forwarder->waiting_count = 0;
    forwarder->is_held_over = false;
}

/* ---- the request ---- */

static struct forwarder *
forwarder_of(const struct house *house, const struct loop *loop)
{
    size_t i = 0;

    while (house->loops[i].loop != loop)
        i++;
    return house->loops[i].forwarder;
}

static bool
is_one_of(struct slice method, const char *a, const char *b, const char *c)
{
    return slice_equal(method, slice_of(a)) || slice_equal(method, slice_of(b)) ||
           slice_equal(method, slice_of(c));
}

/* What a JWS means by its data: clients put {} or "" where there is no body. */
static struct slice
inner_body(const struct exchange *x)
{
    bool is_empty = slice_equal(x->body, SLICE("{}")) &&
                    !is_one_of(x->header.method, "POST", "PUT", "PATCH");

    if (is_empty || slice_equal(x->body, SLICE("\"\"")) ||
        is_one_of(x->header.method, "GET", "HEAD", "HEAD"))
        return (struct slice){0};
    return x->body;
}

static void
fill_request(const struct exchange *x, struct forward_request *out)
{
    const struct http_request *outer = http_call_request(x->call);
    bool is_itself = x->given != NULL;

    *out = (struct forward_request){
        .call = x->call,
        .upstream = x->operation->upstream,
        .method = x->header.method,
        .path = x->header.uri,
        .query = x->header.query,
        .is_query_loose = !is_itself,
        .body = is_itself ? x->body : inner_body(x),
        .headers = is_itself ? outer->headers : NULL,
        .header_count = is_itself ? outer->header_count : 0,
        .request_id = slice_of(x->request_id),
    };
    if (!is_itself && out->body.len > 0)
        out->content_type = x->header.content_type.len > 0 ? x->header.content_type
                                                           : SLICE("application/json");
}

bool
forward_job_identity(void *ctx, const struct exchange *x, struct slice *out)
{
    struct house *house = ctx;
    struct forwarder *forwarder = forwarder_of(house, http_call_loop(x->call));

    return identity_shelf_give(forwarder->shelf, x, out);
}

static const struct forward_after AFTER = {gate_dress, gate_await_over, gate_body,
                                           gate_body_is_right, gate_refuse_body};

/* Makes the request ready; from here on it is not refused any more. */
static void
prepare(struct forwarder *forwarder, struct exchange *x, struct forward **place)
{
    struct forward_request request;
    char address[IP_TEXT_MAX + 1];

    fill_request(x, &request);
    ip_write(&x->address, address);
    request.address = slice_of(address);
    request.told = tell_failure;
    request.told_ctx = forwarder;
    request.after_ctx = gate_await(x);
    request.after = request.after_ctx ? &AFTER : NULL;
    request.collect_max_bytes = gate_collects(request.after_ctx);
    forward_prepare(&request, place);
}

/* Its identity is signed with those of others, when enough are there or the round ends.
 */
static bool
send_with_others(struct forwarder *forwarder, struct exchange *x)
{
    struct unsigned_request *one = &forwarder->waiting[forwarder->waiting_count];
    struct http_origin *origin = origin_find(forwarder->house, x->operation->upstream);

    if (!identity_shelf_write(forwarder->shelf, x, &one->identity))
        return false;
    one->origin = origin ? http_origin_hold(origin) : NULL;
    prepare(forwarder, x, &one->forward);
    forwarder->come_count++;
    forwarder->waiting_count++;
    if (forwarder->waiting_count == COUNT_OF(forwarder->waiting))
        send_waiting(forwarder);
    else
        loop_hurry(forwarder->loop); /* if this round's end is over already */
    return true;
}

/* With an identity that may be kept. */
static bool
send_at_once(struct forwarder *forwarder, struct exchange *x)
{
    struct forward *forward = NULL;
    struct slice identity;

    if (!identity_shelf_give(forwarder->shelf, x, &identity))
        return false;
    prepare(forwarder, x, &forward);
    forward_send(forward, forwarder->client,
                 origin_find(forwarder->house, x->operation->upstream), identity);
    http_client_flush(forwarder->client);
    return true;
}

bool
forward_job(void *ctx, struct exchange *x)
{
    struct house *house = ctx;
    struct forwarder *forwarder = forwarder_of(house, http_call_loop(x->call));

    return house->config->identity_reuse_s > 0 ? send_at_once(forwarder, x)
                                               : send_with_others(forwarder, x);
}
