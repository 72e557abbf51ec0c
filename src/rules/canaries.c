/* SPDX-License-Identifier: Apache-2.0
 *
 * A table of the canaries that were used of late, and how their uses are told. */
#include "rules/canaries.h"

#include "base/auto.h"
#include "base/mem.h"
#include "rules/details.h"
#include "rules/notices.h"
#include "store/store_tokens.h"

#include <pthread.h>
#include <stdio.h>

enum { PATIENCE_MS = 2000 }; /* for so long a use is left to the worker that was asked */

/* What is known of one token. */
struct canary {
    struct canary_use last;            /* token_id "" = a free place */
    int64_t first_at_ms;               /* of those that are not written yet */
    int64_t count;                     /* of those; 0 = all are written */
    int64_t event_at_ms, letter_at_ms; /* 0 = none yet */
};

struct canaries {
    pthread_mutex_t lock;
    struct canary all[CANARY_MAX_COUNT];
};

void
canary_clean_agent(struct slice agent, char out[CANARY_AGENT_BYTES])
{
    size_t len = agent.len < CANARY_AGENT_BYTES - 1 ? agent.len : CANARY_AGENT_BYTES - 1;

    for (size_t i = 0; i < len; i++)
        out[i] = agent.at[i] < 0x20 || agent.at[i] >= 0x7f ? '?' : (char)agent.at[i];
    out[len] = '\0';
}

struct canaries *
canaries_new(void)
{
    struct canaries *canaries = mem_new(sizeof(*canaries));

    pthread_mutex_init(&canaries->lock, NULL);
    return canaries;
}

void
canaries_free(struct canaries **canaries)
{
    if (*canaries)
        pthread_mutex_destroy(&(*canaries)->lock);
    mem_free(canaries);
}

static bool
is_due(const struct canary *canary, int64_t now_ms)
{
    int64_t apart_ms = now_ms - canary->event_at_ms;

    /* a clock that was turned back makes nobody wait */
    return canary->count > 0 &&
           (canary->event_at_ms == 0 || apart_ms >= CANARY_EVENT_GAP_MS || apart_ms < 0);
}

/* Its place; or a free one, or that of whoever was quiet for longest. */
static struct canary *
place_of(struct canaries *canaries, const char *token_id, bool may_be_new)
{
    struct canary *place = &canaries->all[0];

    for (size_t i = 0; i < CANARY_MAX_COUNT; i++) {
        struct canary *one = &canaries->all[i];
        if (strcmp(one->last.token_id, token_id) == 0)
            return one;
        bool is_better = (one->count > 0) == (place->count > 0)
                             ? one->last.at_ms < place->last.at_ms
                             : one->count == 0;
        if (is_better)
            place = one;
    }
    if (!may_be_new)
        return NULL;
    *place = (struct canary){0};
    return place;
}

bool
canaries_note(struct canaries *canaries, const struct canary_use *use)
{
    pthread_mutex_lock(&canaries->lock);
    struct canary *canary = place_of(canaries, use->token_id, true);
    canary->last = *use;
    if (canary->count++ == 0)
        canary->first_at_ms = use->at_ms;
    bool is_now = is_due(canary, use->at_ms);
    pthread_mutex_unlock(&canaries->lock);
    return is_now;
}

/* ---- writing ---- */

/* Takes what is to be told out of the table. */
static bool
take(struct canaries *canaries, const char *token_id, int64_t now_ms, bool is_forced,
     struct canary *out)
{
    pthread_mutex_lock(&canaries->lock);
    struct canary *canary = place_of(canaries, token_id, false);
    bool is_taken = canary && canary->count > 0 && (is_forced || is_due(canary, now_ms));
    if (is_taken) {
        *out = *canary;
        canary->count = 0;
        canary->event_at_ms = now_ms;
    }
    pthread_mutex_unlock(&canaries->lock);
    return is_taken;
}

/* It was not written: as if nobody had taken it. */
static void
put_back(struct canaries *canaries, const struct canary *taken)
{
    pthread_mutex_lock(&canaries->lock);
    struct canary *canary = place_of(canaries, taken->last.token_id, true);
    if (canary->last.token_id[0] == '\0')
        canary->last = taken->last;
    canary->count += taken->count;
    canary->first_at_ms = taken->first_at_ms;
    canary->event_at_ms = taken->event_at_ms;
    pthread_mutex_unlock(&canaries->lock);
}

static void
note_letter(struct canaries *canaries, const char *token_id, int64_t at_ms)
{
    pthread_mutex_lock(&canaries->lock);
    struct canary *canary = place_of(canaries, token_id, false);
    if (canary)
        canary->letter_at_ms = at_ms;
    pthread_mutex_unlock(&canaries->lock);
}

static enum status
add_event(const struct act *act, const struct token *token, const struct canary *taken)
{
    char first[DATE_TIME_CHARS + 1];
    char last[DATE_TIME_CHARS + 1];
    struct act by_token = *act;
    struct happening what = happening_to_token(EVENT_CANARY_USED, token);

    by_token.actor_kind = ACTOR_TOKEN;
    by_token.actor_id = token->id;
    by_token.actor_name = token->title;
    by_token.address = taken->last.address;
    by_token.request_id = taken->last.request_id;
    date_time_write(taken->first_at_ms, first);
    date_time_write(taken->last.at_ms, last);
    json_t *after AUTO(details_done) =
        json_pack("{s:I, s:s, s:s, s:s}", "count", (json_int_t)taken->count, "userAgent",
                  taken->last.agent, "firstAt", first, "lastAt", last);
    return after ? history_add_change(&by_token, what, "used", NULL, after)
                 : STATUS_BROKEN;
}

/* "It was used at 2026-11-27T10:00:03.120Z from 203.0.113.9 by a program that calls
 * itself curl/8.0." */
static void
write_note(const struct canary *taken, char out[NOTICE_NOTE_BYTES])
{
    char at[DATE_TIME_CHARS + 1];
    char times[64] = "";

    date_time_write(taken->last.at_ms, at);
    if (taken->count > 1)
        snprintf(times, sizeof(times), " %lld times, the last time",
                 (long long)taken->count);
    snprintf(out, NOTICE_NOTE_BYTES, "It was used%s at %s from %s%s%s.", times, at,
             taken->last.address,
             taken->last.agent[0] ? " by a program that calls itself " : "",
             taken->last.agent);
}

static bool
is_letter_due(const struct canary *taken, int64_t now_ms)
{
    int64_t apart_ms = now_ms - taken->letter_at_ms;

    return taken->letter_at_ms == 0 || apart_ms >= CANARY_LETTER_GAP_MS || apart_ms < 0;
}

static enum status
tell(const struct act *act, const struct canary *taken, bool with_letter)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    struct token *token AUTO(mem_done) = mem_new(sizeof(*token));
    char note[NOTICE_NOTE_BYTES];
    enum status status = store_begin(act->store);

    if (status != STATUS_OK)
        return status;
    begun = act->store;
    status = store_token_by_id(act->store, slice_of(taken->last.token_id), token);
    if (status == STATUS_NOT_FOUND)
        return STATUS_OK; /* deleted meanwhile: there is nobody to be told */
    if (status == STATUS_OK)
        status = add_event(act, token, taken);
    write_note(taken, note);
    if (status == STATUS_OK && with_letter)
        status = notices_add_canary(act, token, note);
    return status == STATUS_OK ? store_commit(act->store) : status;
}

static enum status
write_one(struct canaries *canaries, const struct act *act, const char *token_id,
          bool is_forced)
{
    struct canary taken;

    if (!take(canaries, token_id, act->now_ms, is_forced, &taken))
        return STATUS_OK;
    bool with_letter = is_letter_due(&taken, act->now_ms);
    enum status status = tell(act, &taken, with_letter);
    if (status != STATUS_OK)
        put_back(canaries, &taken);
    else if (with_letter)
        note_letter(canaries, token_id, act->now_ms);
    return status;
}

enum status
canaries_write(struct canaries *canaries, const struct act *act, const char *token_id)
{
    return write_one(canaries, act, token_id, false);
}

/* Is there something in this place that the housekeeper has to write? */
static bool
find_waiting(struct canaries *canaries, size_t place, int64_t now_ms, bool is_last,
             char out_id[TOKEN_ID_MAX_CHARS + 1])
{
    pthread_mutex_lock(&canaries->lock);
    const struct canary *canary = &canaries->all[place];
    int64_t waits_ms = now_ms - canary->first_at_ms;
    bool is_waiting =
        canary->count > 0 && (is_last || (is_due(canary, now_ms) &&
                                          (waits_ms >= PATIENCE_MS || waits_ms < 0)));
    if (is_waiting)
        memcpy(out_id, canary->last.token_id, TOKEN_ID_MAX_CHARS + 1);
    pthread_mutex_unlock(&canaries->lock);
    return is_waiting;
}

enum status
canaries_write_all(struct canaries *canaries, const struct act *act, bool is_last)
{
    char id[TOKEN_ID_MAX_CHARS + 1];

    for (size_t i = 0; i < CANARY_MAX_COUNT; i++) {
        if (!find_waiting(canaries, i, act->now_ms, is_last, id))
            continue;
        enum status status = write_one(canaries, act, id, is_last);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}
