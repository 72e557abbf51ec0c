/* SPDX-License-Identifier: Apache-2.0
 *
 * What may happen to a token after its making. Each act: find the token among those that
 * the actor may see (rule 13), ask whether its state allows it, change, event, feed. */
#include "rules/token_life.h"

#include "base/auto.h"
#include "base/mem.h"
#include "rules/addresses.h"
#include "rules/authority.h"
#include "rules/details.h"
#include "rules/expiry.h"
#include "rules/token_inside.h"
#include "rules/token_limits.h"
#include "rules/words.h"
#include "store/store_people.h"
#include "store/store_tokens.h"

#include <stdio.h>

enum token_state
token_state_at(const struct token *token, int64_t now_s)
{
    if (now_s >= token->expires_at_s)
        return TOKEN_EXPIRED;
    if (token->is_suspended)
        return TOKEN_SUSPENDED;
    return now_s >= token->expires_at_s - TOKEN_SOON_S ? TOKEN_EXPIRES_SOON
                                                       : TOKEN_ACTIVE;
}

const char *
token_state_label(enum token_state state)
{
    switch (state) {
    case TOKEN_ACTIVE:
        return "Active";
    case TOKEN_EXPIRES_SOON:
        return "Expires soon";
    case TOKEN_EXPIRED:
        return "Expired";
    case TOKEN_SUSPENDED:
        return "Suspended";
    }
    return "?";
}

bool
token_is_held(const struct token *token)
{
    return token->is_suspended && token->suspended_by != token->user_id;
}

enum status
token_suspender(struct store *store, const struct token *token,
                char out[TOKEN_SUSPENDER_BYTES])
{
    struct user by = {0};
    enum status status = STATUS_OK;

    if (token->is_suspended && token->suspended_by == 0)
        snprintf(by.email, sizeof(by.email), "a command");
    else if (token->is_suspended)
        status = store_user_by_id(store, token->suspended_by, &by);
    if (status == STATUS_NOT_FOUND)
        snprintf(by.email, sizeof(by.email), "a user who was deleted since");
    else if (status != STATUS_OK)
        return status;
    snprintf(out, TOKEN_SUSPENDER_BYTES, "%s", by.email);
    return STATUS_OK;
}

bool
token_is_suspendable(const struct token *token, int64_t by, int64_t now_s)
{
    if (token_state_at(token, now_s) == TOKEN_EXPIRED)
        return false;
    return !token->is_suspended || (!token_is_held(token) && by != token->user_id);
}

int64_t
token_idle_days(const struct token *token, int64_t now_s)
{
    int64_t since_s = token->last_used_at_s > token->created_at_s ? token->last_used_at_s
                                                                  : token->created_at_s;

    return now_s > since_s ? (now_s - since_s) / DAY_S : 0;
}

bool
token_is_unused_at(const struct token *token, int64_t unused_days, int64_t now_s)
{
    return unused_days > 0 && !token->is_canary &&
           token_state_at(token, now_s) != TOKEN_EXPIRED &&
           token_idle_days(token, now_s) >= unused_days;
}

int64_t
token_end_s(const struct token *token)
{
    int64_t end_s = expiry_end_s(token->expires_on);
    bool is_overlap_first = token->replaced_by[0] && token->overlap_ends_at_s < end_s;

    return is_overlap_first ? token->overlap_ends_at_s : end_s;
}

/* ---- common to all acts ---- */

enum status
token_find_managed(const struct act *act, struct slice id, struct token *out)
{
    struct authority authority = {0};
    enum status status =
        authority_need(act, PERMISSION_API_CREDENTIALS_MANAGE, &authority);

    if (status != STATUS_OK)
        return status;
    status = store_token_by_id(act->store, id, out);
    if (status == STATUS_OK && !authority.is_system_admin &&
        out->user_id != authority.user_id)
        status = STATUS_NOT_FOUND;
    if (status == STATUS_NOT_FOUND)
        return failure_set(act->failure, status, "id", "there is no token '%.*s'",
                           WORDS_SHORT(id));
    return status;
}

/* The transaction has begun. */
static enum status
act_and_commit(const struct act *act, struct slice id, token_work *work, const void *wish,
               struct token *out)
{
    struct store *begun AUTO(store_undo_done) = act->store;
    struct token *token AUTO(mem_done) = mem_new(sizeof(*token));
    enum status status = token_find_managed(act, id, token);

    if (status == STATUS_OK)
        status = work(act, token, wish);
    if (status == STATUS_OK)
        status = store_commit(begun);
    if (status == STATUS_OK && out)
        *out = *token;
    return status;
}

enum status
token_act(const struct act *act, struct slice id, token_work *work, const void *wish,
          struct token *out)
{
    enum status status = store_begin(act->store);

    return status == STATUS_OK ? act_and_commit(act, id, work, wish, out) : status;
}

/* The same for what must be possible when the disk is nearly full. */
static enum status
act_urgently(const struct act *act, struct slice id, token_work *work, const void *wish)
{
    enum status status = store_begin_urgent(act->store);

    return status == STATUS_OK ? act_and_commit(act, id, work, wish, NULL) : status;
}

static bool
is_expired(const struct act *act, const struct token *token)
{
    return token_state_at(token, act->now_ms / 1000) == TOKEN_EXPIRED;
}

enum status
token_refuse_dead(const struct act *act, const struct token *token)
{
    char date[DATE_CHARS + 1] = "";
    char moment[DATE_TIME_CHARS + 1] = "";

    if (token->replaced_by[0]) {
        date_time_write(token->expires_at_s * 1000, moment);
        return failure_set(act->failure, STATUS_REFUSED, "id",
                           "the token was replaced and ended at %s: it can only be "
                           "deleted",
                           moment);
    }
    date_write(token->expires_on, date);
    return failure_set(act->failure, STATUS_REFUSED, "id",
                       "the token expired on %s: it can only be deleted", date);
}

enum status
token_change_with_event(const struct act *act, struct token *token, const char *action,
                        json_t *before)
{
    json_t *after AUTO(details_done) = NULL;
    enum status status = details_token(act->store, token, &after);

    token->changed_at_s = act->now_ms / 1000;
    token->changed_by = act->actor_user_id;
    if (status == STATUS_OK)
        status = store_token_change(act->store, token);
    if (status == STATUS_CONFLICT)
        return failure_set(act->failure, status, "version",
                           "the token has been changed meanwhile; read it again");
    if (status == STATUS_OK)
        status = history_add_change(act, happening_to_token(EVENT_TOKEN_UPDATED, token),
                                    action, before, after);
    if (status == STATUS_OK)
        status = store_change_add(act->store, CHANGE_TOKEN, token->id);
    return status;
}

/* ---- editing ---- */

static enum status
check_editable(const struct act *act, const struct token *token, int64_t if_version)
{
    struct user user = {0};
    enum status status = store_user_by_id(act->store, token->user_id, &user);

    if (status != STATUS_OK)
        return status == STATUS_NOT_FOUND ? STATUS_BROKEN : status;
    if (is_expired(act, token))
        return token_refuse_dead(act, token);
    if (token->is_suspended)
        return failure_set(act->failure, STATUS_REFUSED, "id",
                           "the token is suspended: it can only be resumed or deleted");
    if (user.is_suspended)
        return failure_set(act->failure, STATUS_REFUSED, "id",
                           "the token's user %s is suspended: the token can only be "
                           "deleted",
                           user.email);
    if (if_version != 0 && if_version != token->version)
        return failure_set(act->failure, STATUS_CONFLICT, "version",
                           "the token has been changed meanwhile; read it again");
    return STATUS_OK;
}

/* The date that the token has already may stay, whatever the day is. */
static enum status
edit_expiry(const struct act *act, struct slice typed, struct token *token)
{
    struct date date = {0};
    struct slice text = slice_trim(typed);
    enum status status = STATUS_OK;

    if (date_read(text, &date) == STATUS_OK && date_compare(date, token->expires_on) == 0)
        return STATUS_OK;
    if (text.len == 0)
        return failure_set(act->failure, STATUS_MALFORMED, "expires",
                           "the expiry date is empty; wanted is YYYY-MM-DD");
    status = expiry_read(text, date_of(act->now_ms / 1000), &date, act->failure);
    if (status != STATUS_OK)
        return status;
    token->expires_on = date;
    token->expires_at_s = token_end_s(token);
    return STATUS_OK;
}

static enum status
edit_addresses(const struct act *act, struct slice typed, struct token *token)
{
    struct ip_range addresses[TOKEN_ADDRESS_MAX_COUNT] = {0};
    size_t count = 0;
    enum status status = addresses_read(typed, addresses, &count, act->failure);

    if (status != STATUS_OK)
        return status;
    if (token->is_canary && count > 0)
        return failure_set(act->failure, STATUS_MALFORMED, "addresses",
                           "a canary token has no approved addresses: its use is told "
                           "from wherever it comes");
    memcpy(token->addresses, addresses, sizeof(addresses));
    token->address_count = count;
    return STATUS_OK;
}

static enum status
edit_limits(const struct act *act, const struct token_limits *limits, struct token *token)
{
    struct token_limits before = token->limits;

    token->limits = *limits;
    return token_limits_check(act, token, &before);
}

static enum status
apply_edit(const struct act *act, const struct token_edit *edit, struct token *token)
{
    enum status status = STATUS_OK;

    if (edit->title)
        status = words_read(&WORDS_TITLE, *edit->title, token->title,
                            sizeof(token->title), act->failure);
    if (status == STATUS_OK && edit->description)
        status = words_read(&WORDS_DESCRIPTION, *edit->description, token->description,
                            sizeof(token->description), act->failure);
    if (status == STATUS_OK && edit->expires_on)
        status = edit_expiry(act, *edit->expires_on, token);
    if (status == STATUS_OK && edit->addresses)
        status = edit_addresses(act, *edit->addresses, token);
    if (status == STATUS_OK && edit->limits)
        status = edit_limits(act, edit->limits, token);
    return status;
}

static enum status
edit_found(const struct act *act, struct token *token, const void *wish)
{
    const struct token_edit *edit = wish;
    json_t *before AUTO(details_done) = NULL;
    json_t *after AUTO(details_done) = NULL;
    enum status status = check_editable(act, token, edit->if_version);

    if (status == STATUS_OK)
        status = details_token(act->store, token, &before);
    if (status == STATUS_OK)
        status = apply_edit(act, edit, token);
    if (status == STATUS_OK)
        status = details_token(act->store, token, &after);
    if (status != STATUS_OK || json_equal(before, after))
        return status;
    status = token_change_with_event(act, token, "edited", before);
    if (status == STATUS_OK)
        status = store_token_by_id(act->store, slice_of(token->id), token);
    return status;
}

enum status
token_edit(const struct act *act, struct slice id, const struct token_edit *edit,
           struct token *out)
{
    return token_act(act, id, edit_found, edit, out);
}

/* ---- suspending, resuming, deleting ---- */

enum status
token_set_suspended(const struct act *act, struct token *token, bool is_suspended)
{
    json_t *before AUTO(details_done) = NULL;
    enum status status = details_token(act->store, token, &before);

    token->is_suspended = is_suspended;
    token->suspended_by = is_suspended ? act->actor_user_id : 0;
    token->suspended_at_s = is_suspended ? act->now_ms / 1000 : 0;
    if (status == STATUS_OK)
        status = token_change_with_event(act, token,
                                         is_suspended ? "suspended" : "resumed", before);
    return status;
}

/* What is held, only those resume who have a right over everybody's tokens. */
static enum status
check_resumable(const struct act *act, const struct token *token)
{
    char moment[DATE_TIME_CHARS + 1] = "";
    char by[TOKEN_SUSPENDER_BYTES] = "";
    struct authority authority = {0};
    enum status status = STATUS_OK;

    if (!token_is_held(token))
        return STATUS_OK;
    status = authority_read(act, &authority);
    if (status != STATUS_OK || authority.is_system_admin)
        return status;
    status = token_suspender(act->store, token, by);
    if (status != STATUS_OK)
        return status;
    date_time_write(token->suspended_at_s * 1000, moment);
    return failure_set(act->failure, STATUS_REFUSED, "id",
                       "the token was suspended by %s at %s: only a System "
                       "Administrator can resume it",
                       by, moment);
}

static enum status
set_suspended(const struct act *act, struct token *token, const void *wish)
{
    bool is_suspended = *(const bool *)wish;
    enum status status = STATUS_OK;

    if (is_expired(act, token))
        return token_refuse_dead(act, token);
    if (!is_suspended)
        status = check_resumable(act, token);
    bool is_so = is_suspended ? !token_is_suspendable(token, act->actor_user_id,
                                                      act->now_ms / 1000)
                              : !token->is_suspended;
    if (status != STATUS_OK || is_so)
        return status;
    return token_set_suspended(act, token, is_suspended);
}

enum status
token_suspend(const struct act *act, struct slice id)
{
    return act_urgently(act, id, set_suspended, &(bool){true});
}

enum status
token_resume(const struct act *act, struct slice id)
{
    return act_urgently(act, id, set_suspended, &(bool){false});
}

enum status
token_remove_with_event(const struct act *act, const struct token *token)
{
    json_t *before AUTO(details_done) = NULL;
    enum status status = details_token(act->store, token, &before);

    if (status == STATUS_OK)
        status = store_token_remove(act->store, slice_of(token->id));
    if (status == STATUS_OK)
        status = history_add_change(act, happening_to_token(EVENT_TOKEN_UPDATED, token),
                                    "deleted", before, NULL);
    if (status == STATUS_OK)
        status = store_change_add(act->store, CHANGE_TOKEN, token->id);
    return status;
}

static enum status
remove_found(const struct act *act, struct token *token, const void *wish)
{
    (void)wish;
    return token_remove_with_event(act, token);
}

enum status
token_delete(const struct act *act, struct slice id)
{
    return act_urgently(act, id, remove_found, NULL);
}
