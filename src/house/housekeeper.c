/* SPDX-License-Identifier: Apache-2.0
 *
 * The housekeeper, for what comes round: follows the store's change feed on one thread;
 * carries out what time does to tokens, writes down how they were used, and prunes, on
 * another; renews the route table on a third. */
#include "house/house_inside.h"

#include "base/auto.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/log.h"
#include "keyring/allowance.h"
#include "keyring/key_tables.h"
#include "rules/alarms.h"
#include "rules/head_letters.h"
#include "rules/history.h"
#include "rules/history_tree.h"
#include "rules/history_verify.h"
#include "rules/notices.h"
#include "rules/server_key.h"
#include "rules/token_shadow.h"
#include "rules/unused.h"
#include "store/store_letters.h"
#include "store/store_tokens.h"

#include <time.h>

enum {
    TICK_MS = 50,         /* a change is in force within 100 ms or so */
    FLUSH_MS = 10 * 1000, /* "last used" may lag by this */
    CHANGE_PRUNE_MS = 3600 * 1000,
    SESSION_KEEP_MS = 5 * 1000, /* another node learns so late that one was used */
    EVENT_PRUNE_MS = 60 * 1000,
    EVENT_PRUNE_COUNT = 5120, /* each time, whole tiles; 7 million a day */
    ES256_WATCH_MS = 1000,
    DISK_WATCH_MS = 1000,
    HEAD_MS = 10 * 1000, /* is one due? */
    USE_DAY_KEEP = 90,   /* days; the console shows 30 */
    USE_DAY_PRUNE_MS = 60 * 1000,
    USE_DAY_PRUNE_COUNT = 5000,
    ALARM_MS = TICK_MS,     /* in memory until then: a crash forgets no more than this */
    NOTICE_MS = 1000,       /* a token is refused in its second; its letter may lag */
    NOTICE_ACT_COUNT = 100, /* acts in a row, before other chores have their turn */
    CANARY_MS = 1000,
    SHADOW_MS = 5 * 1000,
    QUESTION_MS = 200,    /* somebody waits before a terminal */
    UNUSED_MS = 5 * 1000, /* nearly always one look at a fact */
    HEAD_LETTER_MS = 5 * 1000,
    LETTER_PRUNE_MS = 3600 * 1000,
    LETTER_KEEP_DAYS = 90,     /* letters that were sent, for `mail list` */
    LETTER_PRUNE_COUNT = 1000, /* each time; 24,000 a day */
    NS_PER_S = 1000 * 1000 * 1000,
};

/* Something that comes round. */
struct chore {
    const char *what; /* for the log */
    enum keeper_who who;
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
    return keyring_flush_uses(house->keyring, house->keeper.writer, clock_now_s());
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

static struct act
act_of(struct house *house)
{
    return (struct act){
        .store = house->keeper.writer,
        .master_key = house->master_key,
        .now_ms = clock_now_ms(),
        .actor_kind = ACTOR_SYSTEM,
        .actor_name = "housekeeper",
    };
}

/* In small acts, so that nobody waits long for their turn to write. */
static enum status
prune_events(struct house *house)
{
    int64_t keep_ms = atomic_load(&house->event_keep_days) * DAY_S * 1000;
    int64_t hold_ms = atomic_load(&house->event_hold_days) * DAY_S * 1000;
    struct act act = act_of(house);
    struct event_keep keep = {
        .before_ms = act.now_ms - keep_ms,
        .keep_count = atomic_load(&house->event_keep_count),
    };
    int64_t count = 0;

    return history_prune(&act, &keep, hold_ms, EVENT_PRUNE_COUNT, &count);
}

static enum status
sign_head(struct house *house, bool is_forced)
{
    struct tree_head head;
    bool is_new = false;

    /* one who cannot open, for a port that is taken, says so and nothing else */
    if (atomic_load(&house->state) == HOUSE_OPENING)
        return STATUS_OK;
    enum status status = history_tree_sign(house->keeper.writer, house->keeper.server_key,
                                           clock_now_ms(), is_forced, &head, &is_new);

    if (status == STATUS_OK && is_new)
        log_event(LOG_INFO, "tree head signed", LOG_INT("events", head.size));
    return status == STATUS_NOT_FOUND ? STATUS_OK : status; /* no event yet */
}

static enum status
sign_due_head(struct house *house)
{
    return sign_head(house, false);
}

static enum status
prune_use_days(struct house *house)
{
    struct store *act AUTO(store_undo_done) = house->keeper.writer;
    enum status status = store_begin(act);

    if (status == STATUS_OK)
        status = store_token_prune_use_days(act, clock_now_s() / DAY_S - USE_DAY_KEEP,
                                            USE_DAY_PRUNE_COUNT);
    return status == STATUS_OK ? store_commit(act) : status;
}

static bool
is_stopping(struct house_keeper *keeper)
{
    pthread_mutex_lock(&keeper->lock);
    bool is_stopping = keeper->is_stopping;
    pthread_mutex_unlock(&keeper->lock);
    return is_stopping;
}

/* Each act is small and whole: whoever waits to write is let in between, and a stop or a
 * crash leaves only what the next turn finds due again. */
static enum status
carry_out_time(struct house *house)
{
    enum status status = STATUS_OK;
    bool is_more = true;

    for (int i = 0; status == STATUS_OK && is_more && i < NOTICE_ACT_COUNT &&
                    !is_stopping(&house->keeper);
         i++)
        status = notices_carry_out(house->keeper.writer, clock_now_ms(), &is_more);
    return status;
}

/* Limited uses of tokens are given out in blocks. */
static enum status
reserve_uses(struct house *house)
{
    return keyring_reserve(house->keyring, house->keeper.writer, clock_now_s());
}

/* What no worker could write, and what came after the first use. */
static enum status
tell_of_canaries(struct house *house)
{
    struct act act = act_of(house);

    return canaries_write_all(house->canaries, &act, false);
}

/* A letter a month to whoever has tokens that nobody uses. */
static enum status
tell_of_unused(struct house *house)
{
    const struct config *config = house->config;
    enum status status = STATUS_OK;
    bool is_more = config->unused_days > 0 && config->unused_notice != 0;

    for (int i = 0; status == STATUS_OK && is_more && i < NOTICE_ACT_COUNT &&
                    !is_stopping(&house->keeper);
         i++)
        status = unused_carry_out(house->keeper.writer, clock_now_ms(),
                                  config->unused_days, &is_more);
    return status;
}

/* Heads leave the house, so that a cut tail is found by whoever kept one. */
static enum status
tell_of_heads(struct house *house)
{
    int64_t every_days = house->config->head_letter_days;

    return every_days == 0
               ? STATUS_OK
               : head_letters_carry_out(house->keeper.writer, clock_now_ms(), every_days);
}

/* What commands ask about refusals. */
static enum status
answer_questions(struct house *house)
{
    struct act act = act_of(house);

    return refusals_answer(house->refusals, &act);
}

/* Shadows of tokens whose days are over. */
static enum status
end_shadows(struct house *house)
{
    struct act act = act_of(house);
    enum status status = STATUS_OK;
    bool is_more = true;

    for (int i = 0; status == STATUS_OK && is_more && i < NOTICE_ACT_COUNT &&
                    !is_stopping(&house->keeper);
         i++)
        status = token_shadow_end_due(&act, &is_more);
    return status;
}

static enum status
tell_alarms(struct house *house)
{
    struct alarm alarm;
    enum status status = STATUS_OK;

    while (status == STATUS_OK && alarms_take(house->alarms, &alarm) == STATUS_OK) {
        status = alarm_tell(house->keeper.writer, &alarm);
        if (status != STATUS_OK)
            alarms_give_back(house->alarms, &alarm);
    }
    return status;
}

static enum status
prune_letters(struct house *house)
{
    int64_t before_ms = clock_now_ms() - (int64_t)LETTER_KEEP_DAYS * DAY_S * 1000;
    struct store *act AUTO(store_undo_done) = house->keeper.writer;
    enum status status = store_begin(act);

    if (status == STATUS_OK)
        status = store_letter_prune(act, before_ms, LETTER_PRUNE_COUNT);
    return status == STATUS_OK ? store_commit(act) : status;
}

/* What OpenSSL did not confirm is off: said once, in the log and in Event History. */
static enum status
tell_difference(struct house *house, struct slice details, bool *is_told)
{
    struct act act = act_of(house);
    struct store *begun AUTO(store_undo_done) = NULL;
    struct happening what = {
        .kind = EVENT_CHECK_DIFFERED,
        .object_kind = "account",
        .details = details,
    };

    enum status status = store_begin(act.store);
    if (status != STATUS_OK)
        return status;
    begun = act.store;
    status = history_add(&act, &what);
    if (status == STATUS_OK)
        status = store_commit(begun);
    if (status != STATUS_OK)
        return status;
    *is_told = true;
    log_event(LOG_ERROR, "a check of ES256 differed from OpenSSL's answer",
              LOG_TEXT("details", details));
    return STATUS_OK;
}

static enum status
watch_es256(struct house *house)
{
    struct house_keeper *keeper = &house->keeper;
    enum status status = STATUS_OK;

    if (!house->is_es256_told && key_tables_figures(house->tables).difference_total > 0)
        status = tell_difference(
            house, SLICE("{\"action\":\"switched off\",\"what\":\"ES256 by tables\"}"),
            &house->is_es256_told);
    if (keeper->is_key_quick && !es256_private_is_quick(keeper->server_key)) {
        bool is_told = false;
        enum status told = tell_difference(
            house, SLICE("{\"action\":\"switched off\",\"what\":\"signing in lanes\"}"),
            &is_told);
        keeper->is_key_quick = !is_told;
        status = status == STATUS_OK ? told : status;
    }
    return status;
}

/* THE CHORES, walked at every tick by those who do them. */
static const struct chore CHORES[] = {
    {"follow", KEEPER_READS, TICK_MS, follow},
    {"watch the disk", KEEPER_READS, DISK_WATCH_MS, disk_watch},
    {"follow upstreams", KEEPER_ROUTES, TICK_MS, route_stage_follow},
    {"flush uses", KEEPER_WRITES, FLUSH_MS, flush_uses},
    {"keep sessions", KEEPER_WRITES, SESSION_KEEP_MS, console_stage_keep},
    {"prune changes", KEEPER_WRITES, CHANGE_PRUNE_MS, prune_changes},
    {"prune days of use", KEEPER_WRITES, USE_DAY_PRUNE_MS, prune_use_days},
    {"sign tree head", KEEPER_WRITES, HEAD_MS, sign_due_head},
    {"carry out time", KEEPER_WRITES, NOTICE_MS, carry_out_time},
    {"reserve uses", KEEPER_WRITES, TICK_MS, reserve_uses},
    {"tell of canaries", KEEPER_WRITES, CANARY_MS, tell_of_canaries},
    {"tell of unused tokens", KEEPER_WRITES, UNUSED_MS, tell_of_unused},
    {"tell of tree heads", KEEPER_WRITES, HEAD_LETTER_MS, tell_of_heads},
    {"answer questions", KEEPER_WRITES, QUESTION_MS, answer_questions},
    {"end shadows", KEEPER_WRITES, SHADOW_MS, end_shadows},
    {"tell alarms", KEEPER_WRITES, ALARM_MS, tell_alarms},
    {"prune letters", KEEPER_WRITES, LETTER_PRUNE_MS, prune_letters},
    {"prune events", KEEPER_WRITES, EVENT_PRUNE_MS, prune_events},
    {"watch es256", KEEPER_WRITES, ES256_WATCH_MS, watch_es256},
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

/* A chore's next time and how it went last. */
struct turn {
    int64_t due_ms; /* monotonic */
    enum status last;
};

static void
do_chore(struct house *house, const struct chore *chore, struct turn *turn)
{
    enum status status = chore->run(house);

    tell_turn(chore, turn->last, status);
    turn->last = status;
    turn->due_ms = clock_monotonic_ms() + chore->every_ms;
}

static void *
keeper_run(void *arg)
{
    const struct keeper_thread *self = arg;
    struct turn turns[COUNT_OF(CHORES)] = {0};

    keyring_thread_in();
    for (size_t i = 0; i < COUNT_OF(CHORES); i++)
        turns[i].due_ms = clock_monotonic_ms() + CHORES[i].every_ms;
    while (wait_for_tick(&self->house->keeper)) {
        for (size_t i = 0; i < COUNT_OF(CHORES); i++) {
            if (CHORES[i].who == self->who && clock_monotonic_ms() >= turns[i].due_ms)
                do_chore(self->house, &CHORES[i], &turns[i]);
        }
    }
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

    if (status == STATUS_OK)
        status = server_key_open(keeper->writer, house->master_key, &keeper->server_key,
                                 house->failure);
    if (status != STATUS_OK) {
        store_close(&keeper->writer);
        return status == STATUS_CONFLICT
                   ? status /* it has its words */
                   : failure_set(house->failure, status, NULL,
                                 "the server's own key can neither be read nor made: %s",
                                 status_text(status));
    }
    keeper->is_key_quick = memory_quicken_key(house, keeper->server_key);
    if (reserve_uses(house) != STATUS_OK)
        log_event(LOG_WARN, "limited uses are not reserved yet");
    keeper_init(keeper);
    for (int i = 0; status == STATUS_OK && i < KEEPER_COUNT; i++) {
        struct keeper_thread *thread = &keeper->threads[i];
        *thread = (struct keeper_thread){.house = house, .who = (enum keeper_who)i};
        thread->is_running =
            pthread_create(&thread->thread, NULL, keeper_run, thread) == 0;
        if (!thread->is_running)
            status = failure_set(house->failure, STATUS_UNAVAILABLE, NULL,
                                 "a thread of the housekeeper could not be started");
    }
    if (status != STATUS_OK)
        housekeeper_stop(house);
    return status;
}

/* The last uses count too, and the last events get their head. */
static void
write_last_things(struct house *house)
{
    struct act act = act_of(house);

    if (canaries_write_all(house->canaries, &act, true) != STATUS_OK)
        log_event(LOG_ERROR, "the last uses of canary tokens are not written down");
    if (tell_alarms(house) != STATUS_OK || flush_uses(house) != STATUS_OK ||
        console_stage_keep(house) != STATUS_OK)
        log_event(LOG_WARN, "the last uses were not written down");
    if (house->keeper.server_key && sign_head(house, true) != STATUS_OK)
        log_event(LOG_WARN, "the tree head was not signed");
}

void
housekeeper_stop(struct house *house)
{
    struct house_keeper *keeper = &house->keeper;

    pthread_mutex_lock(&keeper->lock);
    keeper->is_stopping = true;
    pthread_cond_broadcast(&keeper->wake);
    pthread_mutex_unlock(&keeper->lock);
    for (int i = 0; i < KEEPER_COUNT; i++) {
        if (keeper->threads[i].is_running)
            pthread_join(keeper->threads[i].thread, NULL);
        keeper->threads[i].is_running = false;
    }
    /* a house that could not open changes nothing and says one sentence */
    if (atomic_load(&house->state) != HOUSE_OPENING)
        write_last_things(house);
    if (keyring_give_back(house->keyring, keeper->writer) != STATUS_OK)
        log_event(LOG_WARN, "uses that were reserved and not used are lost");
    es256_private_free(&keeper->server_key);
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
