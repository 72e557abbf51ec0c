/* SPDX-License-Identifier: Apache-2.0
 *
 * Giving events to a receiver: syslog over TCP and TLS, and webhooks. */
#include "outputs/feed_inside.h"

#include "base/auto.h"
#include "base/clock.h"
#include "jose/jws.h"
#include "mail/webhook.h"
#include "net/dial.h"
#include "store/store_event_tree.h"
#include "store/store_events.h"

#include <time.h>

enum {
    CHUNK_BYTES = 64 * 1024,
    CHUNK_MAX_BYTES = CHUNK_BYTES + MESSAGE_FRAME_MAX_BYTES,
    DELIVERY_COUNT = 10 * 1000, /* events of one connection: so many come twice at most */
    DELIVERY_MS = 10 * 1000,    /* and it ends after this */
    LINGER_MS = 1000,           /* more may come, and share the connection */
    LOOK_MS = 100,
    CONNECT_MS = 15 * 1000,
    SILENT_MS = 30 * 1000, /* a receiver that takes nothing for so long hangs */
    END_MS = 30 * 1000,
    BATCH_COUNT = 500,
    BATCH_BYTES = 1024 * 1024,
    BATCH_MAX_BYTES = 2 * BATCH_BYTES + 2 * MESSAGE_LINE_MAX_BYTES,
    NS_PER_MS = 1000 * 1000,
};

/* Events on their way into a buffer. */
struct gathering {
    struct feed *feed;
    struct buffer bytes;
    size_t enough_bytes;
    int64_t enough_count, count;
    int64_t last_id; /* of what is in it, or was sent before */
};

static void
gathering_done(struct gathering *gathering)
{
    buffer_done(&gathering->bytes);
}

/* ---- syslog ---- */

static bool
add_message(void *ctx, const struct event *event)
{
    struct gathering *g = ctx;

    message_write(&g->feed->sender, g->feed->output.format, event, &g->bytes);
    if (g->bytes.is_short)
        return false;
    g->last_id = event->id;
    return ++g->count < g->enough_count && g->bytes.len < g->enough_bytes;
}

static enum status
connect_to(struct feed *feed, struct dial **out, struct failure *failure)
{
    struct output_place place;
    enum status status = output_place_read(slice_of(feed->output.url), &place, failure);
    struct dial_setup setup = {
        .host = place.host,
        .port = place.port,
        .is_tls = feed->output.kind == OUTPUT_TLS,
        .ca_pem = buffer_slice(&feed->ca),
        .certificate_pem = buffer_slice(&feed->certificate),
        .key_pem = buffer_slice(&feed->key),
        .may_be_link_local = feed->setup->config->webhook_link_local != 0,
        .is_told_to_stop = feed->setup->must_end,
        .connect_ms = CONNECT_MS,
        .silent_ms = SILENT_MS,
    };

    return status == STATUS_OK ? dial_open(&setup, out, failure) : status;
}

static void
wait_a_moment(void)
{
    struct timespec moment = {.tv_nsec = (long)LOOK_MS * NS_PER_MS};

    nanosleep(&moment, NULL);
}

/* Fills the buffer with what comes next; waits a little when there is nothing. */
static enum status
gather_more(struct gathering *g, int64_t until_ms)
{
    int64_t linger_ms = clock_monotonic_ms() + LINGER_MS;
    int64_t before = g->count;

    buffer_clear(&g->bytes);
    for (;;) {
        enum status status =
            store_event_walk(g->feed->store, g->last_id + 1, add_message, g);
        if (status == STATUS_OK && g->bytes.is_short)
            status = STATUS_TOO_LARGE;
        if (status != STATUS_OK || g->count > before ||
            feed_is_told(g->feed->setup->is_stopping) ||
            clock_monotonic_ms() > linger_ms || clock_monotonic_ms() > until_ms)
            return status;
        wait_a_moment();
    }
}

static enum status
send_events(struct gathering *g, struct dial *dial, struct failure *failure)
{
    int64_t until_ms = clock_monotonic_ms() + DELIVERY_MS;
    enum status status = STATUS_OK;

    while (status == STATUS_OK && g->count < g->enough_count &&
           clock_monotonic_ms() <= until_ms) {
        status = gather_more(g, until_ms);
        if (status != STATUS_OK)
            return failure_set(failure, status, NULL, "Event History cannot be read: %s",
                               store_failure(g->feed->store));
        if (g->bytes.len == 0)
            break;
        status = dial_write(dial, buffer_slice(&g->bytes), failure);
    }
    return status;
}

/* The newest head, when the receiver has not got it; or the test. */
static enum status
send_other(struct feed *feed, struct dial *dial, struct failure *failure)
{
    struct buffer bytes AUTO(buffer_done) = buffer_make(4 * MESSAGE_FRAME_MAX_BYTES);

    if (feed->is_test)
        message_write_test(&feed->sender, feed->output.format, clock_now_ms(), &bytes);
    else if (feed->head.size > 0 && feed->head.size != feed->head_size)
        message_write_head(&feed->sender, feed->output.format, &feed->head, &bytes);
    return dial_write(dial, buffer_slice(&bytes), failure);
}

static enum status
send_syslog(struct feed *feed, int64_t *out_id, struct failure *failure)
{
    struct dial *dial AUTO(dial_close) = NULL;
    struct gathering g AUTO(gathering_done) = {
        .feed = feed,
        .bytes = buffer_make(CHUNK_MAX_BYTES),
        .enough_bytes = CHUNK_BYTES,
        .enough_count = DELIVERY_COUNT,
        .last_id = feed->output.cursor_id,
    };
    bool has_events = !feed->is_test && feed->newest_id > feed->output.cursor_id;
    enum status status = connect_to(feed, &dial, failure);

    if (status == STATUS_OK && has_events)
        status = send_events(&g, dial, failure);
    if (status == STATUS_OK)
        status = send_other(feed, dial, failure);
    if (status == STATUS_OK)
        status = dial_end(dial, END_MS, failure);
    if (status == STATUS_OK)
        *out_id = g.last_id;
    return status;
}

/* ---- webhooks ---- */

static bool
add_line(void *ctx, const struct event *event)
{
    struct gathering *g = ctx;

    if (g->count > 0)
        buffer_add_byte(&g->bytes, ',');
    message_write_line(event, &g->bytes);
    if (g->bytes.is_short)
        return false;
    g->last_id = event->id;
    return ++g->count < g->enough_count && g->bytes.len < g->enough_bytes;
}

static enum status
gather_batch(struct gathering *g, struct buffer *body, struct failure *failure)
{
    struct feed *feed = g->feed;
    struct message_batch batch = {
        .sender = &feed->sender,
        .output_name = feed->output.name,
        .now_ms = clock_now_ms(),
        .head = feed->head.size > 0 ? &feed->head : NULL,
        .is_test = feed->is_test,
    };
    enum status status = STATUS_OK;

    if (!feed->is_test)
        status = store_event_walk(feed->store, g->last_id + 1, add_line, g);
    if (status == STATUS_OK && g->bytes.is_short)
        status = STATUS_TOO_LARGE;
    batch.lines = buffer_slice(&g->bytes);
    if (status == STATUS_OK)
        status = message_write_batch(&batch, body);
    return status == STATUS_OK
               ? status
               : failure_set(failure, status, NULL, "Event History cannot be read: %s",
                             store_failure(feed->store));
}

static enum status
post(struct feed *feed, struct slice body, struct failure *failure)
{
    struct webhook_setup setup = {
        .url = feed->output.url,
        .may_be_link_local = feed->setup->config->webhook_link_local != 0,
        .ca_pem = buffer_slice(&feed->ca),
        .certificate_pem = buffer_slice(&feed->certificate),
        .key_pem = buffer_slice(&feed->key),
        .is_told_to_stop = feed->setup->must_end,
    };
    struct buffer signature AUTO(buffer_done) = buffer_make(1024);
    struct webhook *webhook AUTO(webhook_close) = NULL;
    enum status status =
        jws_sign_detached(body, clock_now_ms(), feed->setup->server_key, &signature);

    if (status != STATUS_OK)
        return failure_set(failure, status, NULL, "the events cannot be signed");
    status = webhook_open(&setup, &webhook, failure);
    return status == STATUS_OK
               ? webhook_post(webhook, body, buffer_slice(&signature), failure)
               : status;
}

static enum status
send_webhook(struct feed *feed, int64_t *out_id, struct failure *failure)
{
    struct buffer body AUTO(buffer_done) = buffer_make(BATCH_MAX_BYTES + 4096);
    struct gathering g AUTO(gathering_done) = {
        .feed = feed,
        .bytes = buffer_make(BATCH_MAX_BYTES),
        .enough_bytes = BATCH_BYTES,
        .enough_count = BATCH_COUNT,
        .last_id = feed->output.cursor_id,
    };
    enum status status = gather_batch(&g, &body, failure);

    if (status == STATUS_OK)
        status = post(feed, buffer_slice(&body), failure);
    if (status == STATUS_OK)
        *out_id = g.last_id;
    return status;
}

enum status
feed_send(struct feed *feed, int64_t *out_id, struct failure *failure)
{
    switch (feed->output.kind) {
    case OUTPUT_TCP:
    case OUTPUT_TLS:
        return send_syslog(feed, out_id, failure);
    case OUTPUT_WEBHOOK:
        return send_webhook(feed, out_id, failure);
    case OUTPUT_EXPORT:
        break;
    }
    return failure_set(failure, STATUS_REFUSED, NULL, "nothing is sent to a cursor");
}
