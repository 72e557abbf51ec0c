/* SPDX-License-Identifier: Apache-2.0
 *
 * A loop and a client for a moment, and an origin of one address for each question: so it
 * is asked as any request is, TLS and all, and is in nobody's way. */
#include "http/health.h"

#include "base/auto.h"
#include "base/clock.h"
#include "base/mem.h"
#include "http/client_inside.h"
#include "http/origin_inside.h"
#include "net/loop.h"

enum { BATCH = 64 };

/* One address, asked once. */
struct probe {
    struct http_fetch fetch; /* first: its events are ours */
    struct asking *asking;
    const struct http_health *health;
    struct http_origin_address address;
    struct http_origin *origin; /* of this address alone; owned */
    bool is_well;
};

struct asking {
    struct loop_message begin; /* first */
    struct loop *loop;
    struct http_client *client;
    http_health_told *told;
    void *told_ctx;
    struct probe probes[BATCH];
    size_t count, running;
};

/* ---- one probe ---- */

static void
probe_over(struct probe *probe)
{
    if (--probe->asking->running == 0)
        loop_stop(probe->asking->loop);
}

static void
take_head(struct http_fetch *fetch, const struct http_answer *answer)
{
    struct probe *probe = (struct probe *)fetch;

    probe->is_well = answer->status == probe->health->status;
    http_fetch_cancel(fetch); /* nobody reads the rest */
    probe_over(probe);
}

static void
take_failure(struct http_fetch *fetch, enum http_fetch_failure failure, const char *why)
{
    (void)failure;
    (void)why;
    probe_over((struct probe *)fetch);
}

/* Only head and fail are called: with the head it is over. */
static const struct http_fetch_events EVENTS = {.head = take_head, .fail = take_failure};

/* The same server, of which only this address is known. */
static struct http_origin *
origin_of(const struct http_origin *origin, const struct http_origin_address *address)
{
    const char *tls_names[] = {origin->tls ? origin->tls_names[address->host] : NULL};
    struct http_origin_settings settings = {
        .name = origin->name,
        .host_header = origin->host_header,
        .tls_names = tls_names,
        .host_count = 1,
        .tls = origin->tls, /* lent: see probe_done() */
        .connect_timeout_ms = HTTP_HEALTH_TIMEOUT_MS,
        .first_byte_timeout_ms = HTTP_HEALTH_TIMEOUT_MS,
        .idle_timeout_ms = HTTP_HEALTH_TIMEOUT_MS,
        .whole_timeout_ms = HTTP_HEALTH_TIMEOUT_MS,
        .connection_max_count = 2,
    };
    struct http_origin_address only = *address;
    struct http_origin *out = http_origin_new(&settings);

    only.host = 0;
    http_origin_set_addresses(out, &only, 1);
    return out;
}

static void
probe_begin(struct probe *probe)
{
    static const struct http_header HEADERS[] = {
        {.name = {(const unsigned char *)"User-Agent", 10},
         .value = {(const unsigned char *)"tokenhouse-health", 17}},
    };
    struct http_fetch_request request = {.method = SLICE("GET"),
                                         .target = slice_of(probe->health->path),
                                         .headers = HEADERS,
                                         .header_count = COUNT_OF(HEADERS)};

    probe->origin = origin_of(probe->health->origin, &probe->address);
    probe->asking->running++;
    if (http_fetch_begin(probe->asking->client, probe->origin, &probe->fetch, &EVENTS,
                         &request) != HTTP_FETCH_BEGUN)
        probe_over(probe);
}

static void
probe_done(struct probe *probe)
{
    const struct asking *asking = probe->asking;
    enum origin_health change =
        origin_note_health(probe->health->origin, &probe->address, probe->is_well);

    if (change != ORIGIN_HEALTH_SAME && asking->told)
        asking->told(asking->told_ctx, probe->health, &probe->address,
                     change == ORIGIN_HEALTH_BACK);
    probe->origin->tls = NULL; /* it was lent */
    http_origin_drop(&probe->origin);
}

/* ---- all of them ---- */

static void
begin_all(struct loop_message *message)
{
    struct asking *asking = (struct asking *)message;

    asking->running = 1; /* ourselves: what fails at once does not end it too soon */
    for (size_t i = 0; i < asking->count; i++)
        probe_begin(&asking->probes[i]);
    if (--asking->running == 0)
        loop_stop(asking->loop);
}

/* Asks those that are gathered, and begins to gather anew. */
static void
ask_batch(struct asking *asking)
{
    if (asking->count == 0 || loop_open(&asking->loop) != STATUS_OK) {
        asking->count = 0; /* without descriptors nobody is called unwell */
        return;
    }
    asking->client = http_client_new(asking->loop, 0);
    asking->begin.run = begin_all;
    loop_post(asking->loop, &asking->begin);
    loop_run(asking->loop);
    http_client_free(&asking->client);
    for (size_t i = 0; i < asking->count; i++)
        probe_done(&asking->probes[i]);
    loop_close(&asking->loop);
    asking->count = 0;
}

static bool
is_due(const struct http_health *health, int64_t now_ms)
{
    if (health->path[0] == '\0' || now_ms < health->origin->health_due_ms)
        return false;
    health->origin->health_due_ms = now_ms + health->interval_ms;
    return true;
}

void
http_health_ask(const struct http_health *list, size_t count, http_health_told *told,
                void *ctx)
{
    struct asking *asking AUTO(mem_done) = mem_new(sizeof(*asking));
    int64_t now_ms = clock_monotonic_ms();

    asking->told = told;
    asking->told_ctx = ctx;
    for (size_t i = 0; i < count; i++) {
        struct origin_view view = {0};
        if (!is_due(&list[i], now_ms))
            continue;
        origin_look(list[i].origin, &view);
        for (size_t k = 0; k < ORIGIN_ADDRESS_MAX_COUNT; k++) {
            if (!(view.used & UINT32_C(1) << k))
                continue;
            asking->probes[asking->count++] = (struct probe){
                .asking = asking, .health = &list[i], .address = view.addresses[k]};
            if (asking->count == BATCH)
                ask_batch(asking);
        }
    }
    ask_batch(asking);
}
