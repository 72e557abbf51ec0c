/* SPDX-License-Identifier: Apache-2.0
 *
 * The threads that feed outputs, one for each, and the one that starts and ends them as
 * outputs come and go in the store. */
#include "house/house_inside.h"

#include "base/auto.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "store/store_events.h"
#include "store/store_outputs.h"

#include <stdio.h>
#include <time.h>

enum {
    TICK_MS = 200,
    LOOK_MS = 2 * 1000,    /* the figures may lag by this */
    STOP_MS = 5 * 1000,    /* a stop waits so long for what is on its way */
    TROUBLE_MS = 5 * 1000, /* the store does not answer */
    NS_PER_MS = 1000 * 1000,
};

static void
wait_ms(int64_t ms)
{
    struct timespec tick = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * NS_PER_MS};

    nanosleep(&tick, NULL);
}

/* Waits, but ends at once when it is told to. */
static void
wait_in_steps(const _Atomic bool *is_stopping, int64_t ms)
{
    for (int64_t waited = 0; waited < ms && !atomic_load(is_stopping); waited += TICK_MS)
        wait_ms(TICK_MS);
}

/* ---- one output ---- */

static void *
output_run(void *arg)
{
    struct house_output *output = arg;
    struct feed *feed AUTO(feed_close) = NULL;
    struct failure failure = {0};
    enum feed_did did = FEED_NOTHING;
    enum status status = feed_open(&output->setup, output->uid, &feed, &failure);

    if (status != STATUS_OK)
        log_event(LOG_WARN, "an output cannot be fed",
                  LOG_TEXT("why", slice_of(failure.text[0] ? failure.text
                                                           : status_text(status))));
    while (status == STATUS_OK && did != FEED_GONE &&
           !atomic_load(&output->is_stopping)) {
        status = feed_turn(feed, &did);
        if (status != STATUS_OK) {
            wait_in_steps(&output->is_stopping, TROUBLE_MS);
            status = STATUS_OK; /* the housekeeper tells of it */
        } else if (did != FEED_TAKEN && did != FEED_GONE) {
            wait_ms(TICK_MS);
        }
    }
    if (status != STATUS_OK) /* started again, but not at once */
        wait_in_steps(&output->is_stopping, TROUBLE_MS);
    atomic_store(&output->is_done, true);
    return NULL;
}

/* The place of this output; NULL: it has none. */
static struct house_output *
find_running(struct house_outputs *outputs, const char *uid)
{
    for (size_t i = 0; i < OUTPUT_MAX_COUNT; i++) {
        struct house_output *output = &outputs->at[i];
        if (output->is_running && strcmp(output->uid, uid) == 0)
            return output;
    }
    return NULL;
}

static void
start_one(struct house *house, const char *uid)
{
    struct house_output *output = NULL;

    for (size_t i = 0; i < OUTPUT_MAX_COUNT && !output; i++) {
        if (!house->outputs.at[i].is_running)
            output = &house->outputs.at[i];
    }
    if (!output)
        return; /* one that was removed is still ending: a moment later */
    snprintf(output->uid, sizeof(output->uid), "%s", uid);
    atomic_store(&output->is_stopping, false);
    atomic_store(&output->must_end, false);
    atomic_store(&output->is_done, false);
    output->setup = (struct feed_setup){
        .config = house->config,
        .master_key = house->master_key,
        .server_key = house->keeper.server_key,
        .is_stopping = &output->is_stopping,
        .must_end = &output->must_end,
    };
    output->is_running = pthread_create(&output->thread, NULL, output_run, output) == 0;
    if (!output->is_running)
        log_event(LOG_WARN, "the thread of an output could not be started");
}

/* ---- all of them ---- */

/* What a look at the store tells. */
struct looking {
    struct house *house;
    int64_t newest_id;
    int64_t count, failing_count, lag_most;
    bool is_wanted[OUTPUT_MAX_COUNT]; /* the places whose output is still to be fed */
};

static bool
look_at(void *ctx, const struct output *output)
{
    struct looking *looking = ctx;
    struct house_outputs *outputs = &looking->house->outputs;
    bool has_test = output->test_asked_ms > output->test_done_ms;

    if (output->kind == OUTPUT_EXPORT || (output->is_paused && !has_test))
        return true;
    int64_t lag = looking->newest_id - output->cursor_id;
    looking->count++;
    looking->failing_count += output->failing_since_ms > 0;
    looking->lag_most = lag > looking->lag_most ? lag : looking->lag_most;
    struct house_output *running = find_running(outputs, output->uid);
    if (running)
        looking->is_wanted[running - outputs->at] = true;
    else
        start_one(looking->house, output->uid);
    running = find_running(outputs, output->uid);
    if (running)
        looking->is_wanted[running - outputs->at] = true;
    return true;
}

static enum status
look(struct house *house)
{
    struct house_outputs *outputs = &house->outputs;
    struct looking looking = {.house = house};
    enum status status = store_event_ends(outputs->store, NULL, &looking.newest_id);

    if (status == STATUS_OK)
        status = store_output_list(outputs->store, look_at, &looking);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < OUTPUT_MAX_COUNT; i++) {
        if (outputs->at[i].is_running && !looking.is_wanted[i]) {
            atomic_store(&outputs->at[i].is_stopping, true);
            atomic_store(&outputs->at[i].must_end, true);
        }
    }
    atomic_store(&outputs->count, looking.count);
    atomic_store(&outputs->failing_count, looking.failing_count);
    atomic_store(&outputs->lag_most, looking.lag_most);
    return STATUS_OK;
}

static void
join_done(struct house_outputs *outputs)
{
    for (size_t i = 0; i < OUTPUT_MAX_COUNT; i++) {
        struct house_output *output = &outputs->at[i];
        if (output->is_running && atomic_load(&output->is_done)) {
            pthread_join(output->thread, NULL);
            output->is_running = false;
        }
    }
}

static void *
outputs_run(void *arg)
{
    struct house *house = arg;
    struct house_outputs *outputs = &house->outputs;
    int64_t seen = -1;
    int64_t look_at_ms = 0;

    while (!atomic_load(&outputs->is_stopping)) {
        int64_t version = 0;
        join_done(outputs);
        if (store_version(outputs->store, &version) == STATUS_OK &&
            (version != seen || clock_monotonic_ms() >= look_at_ms) &&
            look(house) == STATUS_OK) {
            seen = version;
            look_at_ms = clock_monotonic_ms() + LOOK_MS;
        }
        wait_ms(TICK_MS);
    }
    return NULL;
}

enum status
outputs_start(struct house *house)
{
    struct house_outputs *outputs = &house->outputs;
    enum status status =
        store_open(house->config->data, STORE_READ, &outputs->store, house->failure);

    if (status == STATUS_OK)
        status = store_keep_little(outputs->store);
    if (status == STATUS_OK) {
        outputs->is_running =
            pthread_create(&outputs->thread, NULL, outputs_run, house) == 0;
        if (!outputs->is_running)
            status = failure_set(house->failure, STATUS_UNAVAILABLE, NULL,
                                 "the thread of the outputs could not be started");
    }
    if (status != STATUS_OK)
        outputs_stop(house);
    return status;
}

/* Is any of them still at work? */
static bool
is_any_running(struct house_outputs *outputs)
{
    join_done(outputs);
    for (size_t i = 0; i < OUTPUT_MAX_COUNT; i++) {
        if (outputs->at[i].is_running)
            return true;
    }
    return false;
}

/* What is on its way is given a moment to arrive; then its connection is cut, and it is
 * sent again after the next start. */
void
outputs_stop(struct house *house)
{
    struct house_outputs *outputs = &house->outputs;
    int64_t until_ms = clock_monotonic_ms() + STOP_MS;

    atomic_store(&outputs->is_stopping, true);
    if (outputs->is_running)
        pthread_join(outputs->thread, NULL);
    outputs->is_running = false;
    for (size_t i = 0; i < OUTPUT_MAX_COUNT; i++)
        atomic_store(&outputs->at[i].is_stopping, true);
    while (is_any_running(outputs)) {
        for (size_t i = 0; clock_monotonic_ms() >= until_ms && i < OUTPUT_MAX_COUNT; i++)
            atomic_store(&outputs->at[i].must_end, true);
        wait_ms(TICK_MS / 10);
    }
    store_close(&outputs->store);
}
