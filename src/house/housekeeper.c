/* SPDX-License-Identifier: Apache-2.0
 *
 * The housekeeper: one thread for what comes round. Follows the store's change feed,
 * writes down how tokens were used, and prunes. */
#include "house/house_inside.h"

#include "base/auto.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/log.h"
#include "store/store_events.h"

#include <time.h>

enum {
    TICK_MS = 50,         /* a change is in force within 100 ms or so */
    FLUSH_MS = 10 * 1000, /* "last used" may lag by this */
    CHANGE_PRUNE_MS = 3600 * 1000,
    EVENT_PRUNE_MS = 60 * 1000,
    EVENT_PRUNE_COUNT = 5000, /* each time; 7 million a day */
    NS_PER_S = 1000 * 1000 * 1000,
};

/* Something that comes round. */
struct chore {
    const char *what; /* for the log */
    int64_t every_ms;
    enum status (*run)(struct house *house);
};

static enum status
follow(struct house *house)
{
    return keyring_follow(house->keyring);
}

static enum status
flush_uses(struct house *house)
{
    return keyring_flush_uses(house->keyring, house->keeper.writer);
}

static enum status
prune_changes(struct house *house)
{
    struct store *act AUTO(store_undo_done) = house->keeper.writer;
    enum status status = store_begin(act);

    if (status == STATUS_OK)
        status = store_change_prune(act);
    return status == STATUS_OK ? store_commit(act) : status;
}

/* In small acts, so that nobody waits long for their turn to write. */
static enum status
prune_events(struct house *house)
{
    int64_t keep_ms = atomic_load(&house->event_keep_days) * DAY_S * 1000;
    struct store *act AUTO(store_undo_done) = house->keeper.writer;
    enum status status = store_begin(act);

    if (status == STATUS_OK)
        status = store_event_prune(act, clock_now_ms() - keep_ms, EVENT_PRUNE_COUNT);
    return status == STATUS_OK ? store_commit(act) : status;
}

/* THE CHORES, walked at every tick. */
static const struct chore CHORES[] = {
    {"follow", TICK_MS, follow},
    {"flush uses", FLUSH_MS, flush_uses},
    {"prune changes", CHANGE_PRUNE_MS, prune_changes},
    {"prune events", EVENT_PRUNE_MS, prune_events},
};

/* A chore that begins to fail, or works again, is logged once; not at every tick. */
static void
tell_turn(const struct chore *chore, enum status before, enum status after)
{
    if (before == STATUS_OK && after != STATUS_OK)
        log_event(LOG_WARN, "housekeeping failed",
                  LOG_TEXT("what", slice_of(chore->what)),
                  LOG_TEXT("status", slice_of(status_name(after))));
    else if (before != STATUS_OK && after == STATUS_OK)
        log_event(LOG_INFO, "housekeeping works again",
                  LOG_TEXT("what", slice_of(chore->what)));
}

/* Waits for the next tick. False: it is time to stop. */
static bool
wait_for_tick(struct house_keeper *keeper)
{
    int64_t until_ns = clock_monotonic_ns() + TICK_MS * INT64_C(1000000);
    struct timespec until = {.tv_sec = until_ns / NS_PER_S,
                             .tv_nsec = until_ns % NS_PER_S};
    bool is_stopping;

    pthread_mutex_lock(&keeper->lock);
    while (!keeper->is_stopping &&
           pthread_cond_timedwait(&keeper->wake, &keeper->lock, &until) == 0)
        ;
    is_stopping = keeper->is_stopping;
    pthread_mutex_unlock(&keeper->lock);
    return !is_stopping;
}

static void *
keeper_run(void *arg)
{
    struct house *house = arg;
    int64_t due_ms[COUNT_OF(CHORES)];
    enum status last[COUNT_OF(CHORES)] = {STATUS_OK};

    for (size_t i = 0; i < COUNT_OF(CHORES); i++)
        due_ms[i] = clock_monotonic_ms() + CHORES[i].every_ms;
    keyring_thread_in();
    while (wait_for_tick(&house->keeper)) {
        int64_t now_ms = clock_monotonic_ms();
        for (size_t i = 0; i < COUNT_OF(CHORES); i++) {
            if (now_ms < due_ms[i])
                continue;
            due_ms[i] = now_ms + CHORES[i].every_ms;
            enum status status = CHORES[i].run(house);
            tell_turn(&CHORES[i], last[i], status);
            last[i] = status;
        }
    }
    tell_turn(&CHORES[1], STATUS_OK, flush_uses(house)); /* the last uses count too */
    keyring_thread_out();
    return NULL;
}

static void
keeper_init(struct house_keeper *keeper)
{
    pthread_condattr_t monotonic;

    pthread_mutex_init(&keeper->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&keeper->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    keeper->is_stopping = false;
}

enum status
housekeeper_start(struct house *house)
{
    struct house_keeper *keeper = &house->keeper;
    enum status status =
        store_open(house->config->data, STORE_WRITE, &keeper->writer, house->failure);

    if (status != STATUS_OK)
        return status;
    keeper_init(keeper);
    keeper->is_running = pthread_create(&keeper->thread, NULL, keeper_run, house) == 0;
    if (!keeper->is_running) {
        housekeeper_stop(house);
        return failure_set(house->failure, STATUS_UNAVAILABLE, NULL,
                           "the housekeeper's thread could not be started");
    }
    return STATUS_OK;
}

void
housekeeper_stop(struct house *house)
{
    struct house_keeper *keeper = &house->keeper;

    pthread_mutex_lock(&keeper->lock);
    keeper->is_stopping = true;
    pthread_cond_signal(&keeper->wake);
    pthread_mutex_unlock(&keeper->lock);
    if (keeper->is_running)
        pthread_join(keeper->thread, NULL);
    keeper->is_running = false;
    pthread_cond_destroy(&keeper->wake);
    pthread_mutex_destroy(&keeper->lock);
    store_close(&keeper->writer);
}

bool
house_is_stale(const struct house *house, int64_t *out_silent_ms)
{
    int64_t silent_ms = clock_monotonic_ms() - keyring_news_at_ms(house->keyring);

    *out_silent_ms = silent_ms;
    return silent_ms > house->config->stale_max_s * 1000;
}
