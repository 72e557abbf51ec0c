/* SPDX-License-Identifier: Apache-2.0
 *
 * Alarms as events and letters. */
#include "base/auto.h"
#include "base/mem.h"
#include "rules/alarms.h"
#include "rules/details.h"
#include "rules/notices.h"
#include "store/store_tokens.h"

#include <stdio.h>

/* The day of the alarm is its date in the ledger of notices: once a day, whatever this
 * process remembers. */
static enum status
tell_used_late(const struct act *act, const struct token *token, const char *successor)
{
    char note[NOTICE_NOTE_BYTES];
    char ended[DATE_TIME_CHARS + 1];
    char used[DATE_TIME_CHARS + 1];
    struct happening what = happening_to_token(EVENT_TOKEN_USED_LATE, token);

    date_time_write(token->expires_at_s * 1000, ended);
    date_time_write(act->now_ms, used);
    snprintf(note, sizeof(note),
             "Used from %s at %s. It ended at %s and is replaced by %s.", act->address,
             used, ended, successor[0] ? successor : "a deleted token");
    json_t *after AUTO(details_done) =
        json_pack("{s:s, s:s, s:s, s:s}", "title", token->title, "endedAt", ended,
                  "replacedBy", token->replaced_by, "successor", successor);
    if (!after)
        return STATUS_BROKEN;
    enum status status =
        notices_tell(act, token, NOTICE_USED_LATE, date_of(act->now_ms / 1000), note);
    return status == STATUS_OK ? history_add_change(act, what, "refused", NULL, after)
                               : status;
}

static enum status
tell(const struct act *act, struct token *token, struct token *successor)
{
    enum status status =
        store_token_by_id(act->store, slice_of(token->replaced_by), successor);

    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        return status;
    return tell_used_late(act, token, successor->title);
}

enum status
alarm_tell(struct store *store, const struct alarm *alarm)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    struct token *tokens AUTO(mem_done) = mem_new_array(2, sizeof(*tokens));
    struct act act = {
        .store = store,
        .now_ms = alarm->at_ms,
        .actor_kind = ACTOR_TOKEN,
        .actor_id = alarm->token_id,
        .actor_name = tokens[0].title,
        .address = alarm->address,
        .request_id = alarm->request_id,
    };
    enum status status = store_begin(store);

    if (status != STATUS_OK)
        return status;
    begun = store;
    status = store_token_by_id(store, slice_of(alarm->token_id), &tokens[0]);
    if (status == STATUS_NOT_FOUND)
        return STATUS_OK; /* deleted a moment ago */
    if (status == STATUS_OK)
        status = tell(&act, &tokens[0], &tokens[1]);
    if (status == STATUS_CONFLICT)
        return STATUS_OK; /* told before */
    return status == STATUS_OK ? store_commit(store) : status;
}
