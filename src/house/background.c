/* SPDX-License-Identifier: Apache-2.0
 *
 * The background thread: what waits for other people's machines. It sends the letters of
 * the outbox, one after the other, and feeds the webhook, with a store connection of its
 * own. */
#include "house/house_inside.h"

#include "base/auto.h"
#include "base/clock.h"
#include "base/log.h"
#include "store/store_letters.h"

#include <time.h>

enum {
    TICK_MS = 200,
    STOP_MS = 5 * 1000,       /* a stop waits so long for what is on its way */
    COUNT_MS = 2 * 1000,      /* the figures may lag by this */
    RELEASE_MS = 60 * 1000,   /* how often lost letters are looked for */
    LOST_MS = 15 * 60 * 1000, /* no sending lasts so long: see smtp.c */
    NS_PER_MS = 1000 * 1000,
    MS_PER_S = 1000,
};

static void
wait_for_tick(void)
{
    struct timespec tick = {.tv_nsec = (long)TICK_MS * NS_PER_MS};

    nanosleep(&tick, NULL);
}

static enum status
release(struct house_background *background, int64_t before_ms)
{
    struct store *act AUTO(store_undo_done) = background->store;
    enum status status = store_begin(act);

    if (status == STATUS_OK)
        status = store_letter_release(act, before_ms);
    return status == STATUS_OK ? store_commit(act) : status;
}

static enum status
count(struct house_background *background)
{
    struct letter_counts counts = {0};
    enum status status = store_letter_count(background->store, &counts);

    if (status == STATUS_OK) {
        atomic_store(&background->waiting_count, counts.waiting);
        atomic_store(&background->failed_count, counts.failed);
        atomic_store(&background->oldest_at_ms, counts.oldest_at_ms);
    }
    return status;
}

/* Sends what may be sent, until there is nothing more or it does not work. */
static enum status
send_due(struct house_background *background)
{
    enum outbox_did did = OUTBOX_SENT;
    enum status status = STATUS_OK;

    while (status == STATUS_OK && did == OUTBOX_SENT &&
           !atomic_load(&background->is_stopping)) {
        status = outbox_turn(background->outbox, background->store, clock_now_ms(), &did);
        if (status == STATUS_OK && did == OUTBOX_SENT)
            atomic_fetch_add(&background->sent_count, 1);
        else if (status == STATUS_OK && did == OUTBOX_FAILED)
            atomic_fetch_add(&background->failure_count, 1);
        if (did != OUTBOX_NOTHING && status == STATUS_OK)
            status = count(background);
    }
    return status;
}

static void
tell_turn(enum status before, enum status after)
{
    if (before == STATUS_OK && after != STATUS_OK)
        log_event(LOG_WARN, "the outbox cannot be read",
                  LOG_TEXT("status", slice_of(status_name(after))));
    else if (before != STATUS_OK && after == STATUS_OK)
        log_event(LOG_INFO, "the outbox can be read again");
}

static void *
background_run(void *arg)
{
    struct house *house = arg;
    struct house_background *background = &house->background;
    int64_t count_at_ms = 0;
    int64_t release_at_ms = clock_monotonic_ms() + RELEASE_MS;
    enum status last = STATUS_OK;

    while (!atomic_load(&background->is_stopping)) {
        enum status status = send_due(background);

        if (status == STATUS_OK)
            status = webhook_turn(house);
        if (status == STATUS_OK && clock_monotonic_ms() >= count_at_ms) {
            status = count(background);
            count_at_ms = clock_monotonic_ms() + COUNT_MS;
        }
        if (status == STATUS_OK && clock_monotonic_ms() >= release_at_ms) {
            status = release(background, clock_now_ms() - LOST_MS);
            release_at_ms = clock_monotonic_ms() + RELEASE_MS;
        }
        tell_turn(last, status);
        last = status;
        wait_for_tick();
    }
    atomic_store(&background->is_done, true);
    return NULL;
}

/* Only we serve this folder, so whatever is being sent was left by a crash. */
static enum status
open_outbox(struct house *house)
{
    struct house_background *background = &house->background;
    enum status status =
        store_open(house->config->data, STORE_WRITE, &background->store, house->failure);

    if (status == STATUS_OK)
        status = release(background, INT64_MAX);
    if (status == STATUS_OK)
        status = outbox_open(house->config, &background->must_end, &background->outbox,
                             house->failure);
    struct webhook_setup webhook = {
        .url = house->config->webhook_url,
        .may_be_link_local = house->config->webhook_link_local != 0,
        .is_told_to_stop = &background->must_end,
    };
    if (status == STATUS_OK && webhook.url[0])
        status = webhook_open(&webhook, &background->webhook, house->failure);
    return status;
}

enum status
background_start(struct house *house)
{
    struct house_background *background = &house->background;
    enum status status = open_outbox(house);

    if (status == STATUS_OK) {
        background->is_running =
            pthread_create(&background->thread, NULL, background_run, house) == 0;
        if (!background->is_running)
            status = failure_set(house->failure, STATUS_UNAVAILABLE, NULL,
                                 "the background thread could not be started");
    }
    if (status != STATUS_OK)
        background_stop(house);
    return status;
}

/* A letter that is on its way is given a moment; then its connection is cut, and it comes
 * again after the next start. */
void
background_stop(struct house *house)
{
    struct house_background *background = &house->background;
    int64_t until_ms = clock_monotonic_ms() + STOP_MS;

    atomic_store(&background->is_stopping, true);
    while (background->is_running && !atomic_load(&background->is_done) &&
           clock_monotonic_ms() < until_ms)
        wait_for_tick();
    atomic_store(&background->must_end, true);
    if (background->is_running)
        pthread_join(background->thread, NULL);
    background->is_running = false;
    outbox_close(&background->outbox);
    webhook_close(&background->webhook);
    store_close(&background->store);
}

int64_t
background_oldest_s(const struct house *house)
{
    int64_t at_ms = atomic_load(&house->background.oldest_at_ms);
    int64_t age_ms = at_ms > 0 ? clock_now_ms() - at_ms : 0;

    return age_ms > 0 ? age_ms / MS_PER_S : 0;
}
