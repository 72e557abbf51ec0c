/* SPDX-License-Identifier: Apache-2.0
 *
 * The small door for those who watch: /healthz (are we alive?), /readyz (may callers be
 * sent here?), /metrics. It has a loop and a thread of its own, so that it answers when
 * the other loops are busy, and while they drain. */
#include "house/house_inside.h"

#include "base/auto.h"
#include "base/limits.h"
#include "house/listen_address.h"

enum {
    HEALTH_BODY_MAX_BYTES = 64 * 1024, /* the metrics are about 4 KB */
    HEALTH_CONNECTION_MAX_COUNT = 64,  /* a few watchers */
};

static void serve_alive(struct house *house, struct http_call *call);
static void serve_ready(struct house *house, struct http_call *call);
static void serve_metrics(struct house *house, struct http_call *call);

/* THE HEALTH PATHS. */
static const struct health_path {
    struct slice path;
    void (*serve)(struct house *house, struct http_call *call);
} HEALTH_PATHS[] = {
    {SLICE("/healthz"), serve_alive},
    {SLICE("/readyz"), serve_ready},
    {SLICE("/metrics"), serve_metrics},
};

static void
answer(struct http_call *call, int status, struct slice type, struct slice body)
{
    struct http_reply reply = {
        .status = status,
        .content_type = type,
        .headers = {{SLICE("Cache-Control"), SLICE("no-store")}},
        .header_count = 1,
        .body = body,
    };

    http_call_answer(call, &reply);
}

static void
serve_alive(struct house *house, struct http_call *call)
{
    (void)house;
    answer(call, 200, SLICE("application/json"), SLICE("{\"alive\":true}\n"));
}

static const char *
serving_name(const struct house *house, bool is_stale)
{
    if (is_stale)
        return "stale";
    return atomic_load(&house->is_disk_low) ? "disk low" : "serving";
}

static const char *
state_name(const struct house *house, bool is_stale)
{
    switch ((enum house_state)atomic_load(&house->state)) {
    case HOUSE_OPENING:
        return "opening";
    case HOUSE_SERVING:
        return serving_name(house, is_stale);
    case HOUSE_DRAINING:
        return "draining";
    }
    return "opening";
}

static void
serve_ready(struct house *house, struct http_call *call)
{
    struct buffer body AUTO(buffer_done) = buffer_make(HEALTH_BODY_MAX_BYTES);
    int64_t silent_ms = 0;
    bool is_stale = house_is_stale(house, &silent_ms);
    bool is_ready = atomic_load(&house->state) == HOUSE_SERVING && !is_stale &&
                    !atomic_load(&house->is_disk_low);

    buffer_print(&body,
                 "{\"ready\":%s,\"state\":\"%s\",\"tokens\":%zu,\"newsAgeMs\":%lld,"
                 "\"jobsWaiting\":%zu,\"connections\":%lld,\"mail\":{\"by\":\"%s\","
                 "\"waiting\":%lld,\"oldestWaitingS\":%lld,\"failed\":%lld},"
                 "\"outputs\":{\"count\":%lld,\"failing\":%lld,\"lag\":%lld},"
                 "\"disk\":{\"freeBytes\":%lld,\"freePercent\":%lld}}\n",
                 is_ready ? "true" : "false", state_name(house, is_stale),
                 keyring_count(house->keyring), (long long)silent_ms,
                 workers_waiting(house->workers),
                 (long long)atomic_load(&house->shared.connections_open),
                 house->config->smtp_url[0] ? "smtp" : "file",
                 (long long)atomic_load(&house->background.waiting_count),
                 (long long)background_oldest_s(house),
                 (long long)atomic_load(&house->background.failed_count),
                 (long long)atomic_load(&house->outputs.count),
                 (long long)atomic_load(&house->outputs.failing_count),
                 (long long)atomic_load(&house->outputs.lag_most),
                 (long long)atomic_load(&house->disk_free_bytes),
                 (long long)atomic_load(&house->disk_free_percent));
    answer(call, is_ready ? 200 : 503, SLICE("application/json"), buffer_slice(&body));
}

static void
serve_metrics(struct house *house, struct http_call *call)
{
    struct buffer body AUTO(buffer_done) = buffer_make(HEALTH_BODY_MAX_BYTES);

    metrics_write(house, &body);
    answer(call, 200, SLICE("text/plain; version=0.0.4; charset=utf-8"),
           buffer_slice(&body));
}

static void
health_call(void *ctx, struct http_call *call)
{
    const struct http_request *request = http_call_request(call);

    for (size_t i = 0; i < COUNT_OF(HEALTH_PATHS); i++) {
        if (!slice_equal(HEALTH_PATHS[i].path, request->path))
            continue;
        if (slice_equal(request->method, SLICE("GET")) ||
            slice_equal(request->method, SLICE("HEAD")))
            HEALTH_PATHS[i].serve(ctx, call);
        else
            dispatch_refuse_method(call, "GET, HEAD");
        return;
    }
    dispatch_refuse(call, 404, "RESOURCE_NOT_FOUND", "resource not found", "NO_SUCH_PATH",
                    "there are /healthz, /readyz and /metrics");
}

static void *
health_thread(void *arg)
{
    struct house *house = arg;

    loop_run(house->health.loop);
    return NULL;
}

static void
fill_shared(struct http_shared *shared)
{
    shared->head_max_bytes = HTTP_HEAD_MAX_BYTES;
    shared->header_max_count = HTTP_HEADER_MAX_COUNT;
    shared->body_max_bytes = 1024;
    shared->head_timeout_ms = HTTP_HEAD_TIMEOUT_MS;
    shared->body_timeout_ms = HTTP_BODY_TIMEOUT_MS;
    shared->idle_timeout_ms = HTTP_IDLE_TIMEOUT_MS;
    shared->connection_max_count = HEALTH_CONNECTION_MAX_COUNT;
    shared->connection_per_ip_max_count = HEALTH_CONNECTION_MAX_COUNT;
}

/* Opens loop and door; leaves what it got to health_close(). */
static enum status
open_door(struct house *house)
{
    struct house_health *health = &house->health;
    struct ip address = {0};
    uint16_t port = 0;
    enum status status = listen_address_read(house->config->health, "health", &address,
                                             &port, house->failure);

    fill_shared(&health->shared);
    if (status == STATUS_OK)
        status = loop_open(&health->loop);
    if (status == STATUS_OK)
        status = http_server_open(health->loop, &health->shared, &address, port,
                                  health_call, house, &health->server, house->failure);
    return status;
}

enum status
health_open(struct house *house)
{
    struct house_health *health = &house->health;
    enum status status = open_door(house);

    if (status == STATUS_OK) {
        health->is_running =
            pthread_create(&health->thread, NULL, health_thread, house) == 0;
        if (!health->is_running)
            status = failure_set(house->failure, STATUS_UNAVAILABLE, NULL,
                                 "the thread for health could not be started");
    }
    if (status != STATUS_OK)
        health_close(house);
    return status;
}

void
health_close(struct house *house)
{
    struct house_health *health = &house->health;

    if (health->is_running) {
        loop_stop(health->loop);
        pthread_join(health->thread, NULL);
    }
    health->is_running = false;
    http_server_close(&health->server);
    loop_close(&health->loop);
}
