/* SPDX-License-Identifier: Apache-2.0
 *
 * One turn of a feed: what is there, is it time, and what became of it. */
#include "outputs/feed.h"

#include "base/auto.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "outputs/feed_inside.h"
#include "rules/outputs.h"
#include "store/store_event_tree.h"
#include "store/store_events.h"
#include "store/store_outputs.h"

#include <stdio.h>
#include <unistd.h>

enum { PAUSE_LEAST_MS = 1000, PAUSE_DOUBLE_COUNT = 8 /* to four minutes */ };

/* ---- opening ---- */

enum status
feed_open(const struct feed_setup *setup, const char *uid, struct feed **out,
          struct failure *failure)
{
    struct feed *feed AUTO(feed_close) = mem_new(sizeof(*feed));
    size_t len = 0;

    feed->setup = setup;
    feed->store_version = -1;
    feed->head_size = -1;
    feed->ca = buffer_make(OUTPUT_PEM_MAX_BYTES);
    feed->certificate = buffer_make(OUTPUT_PEM_MAX_BYTES);
    feed->key = buffer_make(OUTPUT_PEM_MAX_BYTES);
    snprintf(feed->uid, sizeof(feed->uid), "%s", uid);
    if (gethostname(feed->host, sizeof(feed->host) - 1) != 0)
        feed->host[0] = '\0';
    feed->sender = (struct message_sender){feed->host, feed->account_uid};
    enum status status =
        store_open(setup->config->data, STORE_WRITE, &feed->store, failure);
    if (status == STATUS_OK)
        status = store_keep_little(feed->store);
    if (status == STATUS_OK)
        status = store_fact_get(feed->store, "account_uid", feed->account_uid,
                                sizeof(feed->account_uid), &len);
    if (status == STATUS_OK)
        *out = TAKE(feed);
    return status;
}

void
feed_close(struct feed **feed)
{
    if (!*feed)
        return;
    buffer_done(&(*feed)->ca);
    buffer_done(&(*feed)->certificate);
    buffer_wipe(&(*feed)->key);
    store_close(&(*feed)->store);
    mem_free(feed);
}

/* ---- what is there ---- */

static enum status
read_tls(struct feed *feed)
{
    struct buffer sealed AUTO(buffer_done) =
        buffer_make(OUTPUT_PEM_MAX_BYTES + SEAL_EXTRA_BYTES);

    buffer_clear(&feed->ca);
    buffer_clear(&feed->certificate);
    buffer_wipe(&feed->key);
    feed->key = buffer_make(OUTPUT_PEM_MAX_BYTES);
    enum status status = store_output_tls(feed->store, feed->output.id, &feed->ca,
                                          &feed->certificate, &sealed);
    if (status != STATUS_OK || sealed.len == 0)
        return status;
    return output_key_open(feed->setup->master_key, buffer_slice(&sealed), &feed->key);
}

static enum status
read_output(struct feed *feed)
{
    struct output output = {0};
    bool is_other = false;
    enum status status = store_output_by_uid(feed->store, slice_of(feed->uid), &output);

    if (status != STATUS_OK)
        return status;
    is_other = output.version != feed->output.version;
    feed->output = output;
    if (!is_other)
        return STATUS_OK;
    feed->due_ms = 0; /* other settings are tried at once */
    feed->failure_count = 0;
    feed->head_size = -1;
    return read_tls(feed);
}

/* STATUS_NOT_FOUND: the output is gone. */
static enum status
look(struct feed *feed)
{
    int64_t version = 0;
    enum status status = store_version(feed->store, &version);

    if (status != STATUS_OK || version == feed->store_version)
        return status;
    status = read_output(feed);
    if (status == STATUS_OK)
        status = store_event_ends(feed->store, NULL, &feed->newest_id);
    if (status != STATUS_OK)
        return status;
    status = store_event_head_newest(feed->store, &feed->head);
    if (status == STATUS_OK || status == STATUS_NOT_FOUND) {
        feed->store_version = version;
        status = STATUS_OK;
    }
    return status;
}

/* ---- what became of it ---- */

/* What one writes down about an output, in an act of its own. */
struct outcome {
    bool is_test;
    int64_t to_id;     /* taken up to here */
    const char *words; /* "" = it was taken */
};

static enum status
write_outcome(struct feed *feed, const struct outcome *outcome, int64_t now_ms)
{
    int64_t id = feed->output.id;

    if (outcome->is_test)
        return store_output_test_done(feed->store, id, now_ms, outcome->words);
    if (outcome->words[0])
        return store_output_failed(feed->store, id, now_ms, outcome->words);
    return store_output_advance(feed->store, id, feed->output.cursor_id, outcome->to_id,
                                now_ms);
}

static enum status
keep_outcome(struct feed *feed, const struct outcome *outcome)
{
    struct store *act AUTO(store_undo_done) = feed->store;
    enum status status = store_begin(act);

    if (status == STATUS_OK)
        status = write_outcome(feed, outcome, clock_now_ms());
    if (status == STATUS_OK)
        status = store_commit(act);
    feed->store_version = -1; /* our own changes do not show in it */
    return status == STATUS_NOT_FOUND ? STATUS_OK
                                      : status; /* moved, or gone, meanwhile */
}

static void
tell(const struct feed *feed, const struct failure *failure)
{
    struct slice name = slice_of(feed->output.name);

    if (failure && feed->failure_count == 0)
        log_event(LOG_WARN, "an output takes no events", LOG_TEXT("output", name),
                  LOG_TEXT("why", slice_of(failure->text)));
    else if (!failure && feed->output.failing_since_ms > 0)
        log_event(LOG_INFO, "an output takes events again", LOG_TEXT("output", name));
}

static enum status
deliver(struct feed *feed, enum feed_did *out)
{
    struct failure failure = {0};
    struct outcome outcome = {.to_id = feed->output.cursor_id, .words = ""};
    enum status status = feed_send(feed, &outcome.to_id, &failure);

    if (status == STATUS_OK) {
        tell(feed, NULL);
        feed->failure_count = 0;
        feed->head_size = feed->head.size;
        *out = FEED_TAKEN;
        return keep_outcome(feed, &outcome);
    }
    *out = FEED_FAILED;
    if (feed_is_told(feed->setup->must_end))
        return STATUS_OK; /* it was us who broke off */
    tell(feed, &failure);
    int64_t doubled = feed->failure_count < PAUSE_DOUBLE_COUNT ? feed->failure_count
                                                               : PAUSE_DOUBLE_COUNT;
    feed->failure_count++;
    feed->due_ms = clock_monotonic_ms() + ((int64_t)PAUSE_LEAST_MS << doubled);
    outcome.words = failure.text[0] ? failure.text : status_text(status);
    return keep_outcome(feed, &outcome);
}

enum status
feed_test(struct feed *feed, struct failure *failure)
{
    int64_t nothing = 0;
    enum status status = look(feed);

    if (status != STATUS_OK)
        return failure_set(failure, status, NULL, "the output cannot be read: %s",
                           status_text(status));
    feed->is_test = true;
    status = feed_send(feed, &nothing, failure);
    feed->is_test = false;
    return status;
}

static enum status
answer_test(struct feed *feed)
{
    struct failure failure = {0};
    struct outcome outcome = {.is_test = true};
    enum status status = feed_test(feed, &failure);

    if (status != STATUS_OK && feed_is_told(feed->setup->must_end))
        return STATUS_OK;
    outcome.words = status == STATUS_OK ? "" : failure.text;
    feed->due_ms = 0; /* who tests wants to see it work */
    return keep_outcome(feed, &outcome);
}

enum status
feed_turn(struct feed *feed, enum feed_did *out)
{
    enum status status = look(feed);
    const struct output *output = &feed->output;

    *out = status == STATUS_NOT_FOUND ? FEED_GONE : FEED_NOTHING;
    if (status != STATUS_OK)
        return status == STATUS_NOT_FOUND ? STATUS_OK : status;
    if (output->test_asked_ms > output->test_done_ms)
        status = answer_test(feed);
    if (status != STATUS_OK)
        return status;
    if (output->is_paused || output->kind == OUTPUT_EXPORT) {
        *out = FEED_GONE;
        return STATUS_OK;
    }
    bool has_more = feed->newest_id > output->cursor_id ||
                    (feed->head.size > 0 && feed->head.size != feed->head_size);
    if (!has_more || clock_monotonic_ms() < feed->due_ms)
        return STATUS_OK;
    return deliver(feed, out);
}
