/* SPDX-License-Identifier: Apache-2.0
 *
 * Who is told what of a token, and when. What is due is found by the token's own date,
 * never by what was done last: so it does not matter when the housekeeper looks, how
 * often, or how many of them there are. */
#include "rules/notices.h"

#include "base/auto.h"
#include "base/mem.h"
#include "rules/details.h"
#include "rules/expiry.h"
#include "store/store_letters.h"
#include "store/store_notices.h"
#include "store/store_people.h"
#include "store/store_webhook.h"

#include <stdio.h>

/* 00:00:00 UTC of the third day before the expiry date: the token can then be used for
 * four days less one second. */
static int64_t
soon_at_s(struct date expires_on)
{
    return expiry_end_s(expires_on) - TOKEN_SOON_S; /* lists say "Expires soon" as well */
}

struct notice_plan
notice_plan_at(struct date expires_on, int64_t now_s)
{
    int64_t soon_s = soon_at_s(expires_on);
    int64_t end_s = expiry_end_s(expires_on);

    if (now_s < soon_s)
        return (struct notice_plan){.next_at_s = soon_s};
    if (now_s < end_s)
        return (struct notice_plan){.is_soon_due = true, .next_at_s = end_s};
    return (struct notice_plan){
        .is_soon_due = true, .is_expired_due = true, .next_at_s = INT64_MAX};
}

/* ---- letters ---- */

/* Tokens of which the same is to be told, and to whom. */
struct telling {
    struct store *store;
    enum notice_kind kind;
    int64_t now_ms;
    const struct notice_line *lines;
    size_t count;
    bool *is_told; /* for each line: its user is an administrator and has it */
};

static enum status
tell(const struct telling *telling, const char *email, const char *name, size_t first,
     size_t count)
{
    struct letter_to to = {
        .email = email,
        .name = name,
        .kind = telling->kind,
        .now_ms = telling->now_ms,
        .gap_ms = (int64_t)NOTICE_GAP_S * 1000,
        .keep_ms = (int64_t)NOTICE_KEEP_S * 1000,
    };

    return store_letter_add_lines(telling->store, &to, telling->lines + first, count);
}

/* An administrator hears of all. */
static enum status
tell_admin(void *ctx, const char *email, const char *name)
{
    const struct telling *telling = ctx;

    for (size_t i = 0; i < telling->count; i++) {
        if (strcmp(telling->lines[i].user_email, email) == 0)
            telling->is_told[i] = true;
    }
    return tell(telling, email, name, 0, telling->count);
}

/* Everybody hears of their own tokens, once. `is_told` comes in with those whose user is
 * not to be told. */
static enum status
tell_all(struct telling *telling)
{
    enum status status = STATUS_OK;

    if (telling->count == 0)
        return STATUS_OK;
    status = store_webhook_add(telling->store, telling->kind, telling->lines,
                               telling->count, telling->now_ms);
    if (status == STATUS_OK)
        status = store_admin_list(telling->store, tell_admin, telling);
    for (size_t i = 0; status == STATUS_OK && i < telling->count; i++) {
        const struct notice_line *line = &telling->lines[i];
        if (!telling->is_told[i])
            status = tell(telling, line->user_email, line->user_name, i, 1);
    }
    return status;
}

/* Tells one thing of one token, now. */
static enum status
tell_one(const struct act *act, const struct token *token, enum notice_kind kind,
         const char *note)
{
    struct notice_line line = {.expires_on = token->expires_on};
    struct user user = {0};
    enum status status = store_user_by_id(act->store, token->user_id, &user);
    bool is_told = user.is_suspended; /* they are told nothing */

    if (status != STATUS_OK)
        return status;
    snprintf(line.token_id, sizeof(line.token_id), "%s", token->id);
    snprintf(line.title, sizeof(line.title), "%s", token->title);
    snprintf(line.user_email, sizeof(line.user_email), "%s", user.email);
    snprintf(line.user_name, sizeof(line.user_name), "%s", user.name);
    snprintf(line.note, sizeof(line.note), "%s", note);

    struct telling telling = {
        .store = act->store,
        .kind = kind,
        .now_ms = act->now_ms,
        .lines = &line,
        .count = 1,
        .is_told = &is_told,
    };
    return tell_all(&telling);
}

enum status
notices_tell(const struct act *act, const struct token *token, enum notice_kind kind,
             struct date date, const char *note)
{
    enum status status = store_notice_add(act->store, token->id, kind, date, act->now_ms);

    return status == STATUS_OK ? tell_one(act, token, kind, note) : status;
}

enum status
notices_add_canary(const struct act *act, const struct token *token, const char *note)
{
    return tell_one(act, token, NOTICE_CANARY, note);
}

/* ---- what time does ---- */

/* Tokens of one act of which the same is to be told. */
struct pile {
    struct notice_line lines[NOTICE_ACT_MAX_COUNT];
    bool is_told[NOTICE_ACT_MAX_COUNT];
    size_t count;
};

/* What an act needs, in one piece of memory. */
struct carrying {
    struct act act;
    struct due_token due[NOTICE_ACT_MAX_COUNT];
    size_t due_count;
    struct pile soon, expired;
};

static void
put_on(struct pile *pile, const struct due_token *due, bool is_late)
{
    pile->lines[pile->count] = due->line;
    pile->lines[pile->count].is_late = is_late;
    pile->is_told[pile->count] = due->is_user_suspended;
    pile->count++;
}

static enum status
add_expired_event(const struct act *act, const struct notice_line *line)
{
    char date[DATE_CHARS + 1];
    struct happening what = {
        .kind = EVENT_TOKEN_EXPIRED,
        .object_kind = "token",
        .object_id = line->token_id,
        .object_name = line->title,
    };

    date_write(line->expires_on, date);
    json_t *after AUTO(details_done) =
        json_pack("{s:s, s:s, s:s}", "title", line->title, "user", line->user_email,
                  "expires", date);
    return after ? history_add_change(act, what, "expired", NULL, after) : STATUS_BROKEN;
}

/* Is this to be told for the first time? */
static enum status
is_new(const struct act *act, const struct notice_line *line, enum notice_kind kind,
       bool *out)
{
    enum status status =
        store_notice_add(act->store, line->token_id, kind, line->expires_on, act->now_ms);

    *out = status == STATUS_OK;
    return status == STATUS_CONFLICT ? STATUS_OK : status;
}

/* Of a token that is replaced nobody is told that it will die: somebody has said so. */
static enum status
carry_out_replaced(const struct act *act, const struct due_token *due)
{
    char moment[DATE_TIME_CHARS + 1];
    struct happening what = {
        .kind = EVENT_TOKEN_REPLACED,
        .object_kind = "token",
        .object_id = due->line.token_id,
        .object_name = due->line.title,
    };
    bool is_first = false;
    enum status status = STATUS_OK;

    if (act->now_ms / 1000 < due->expires_at_s)
        return store_due_set(act->store, due->line.token_id, due->expires_at_s);
    date_time_write(due->expires_at_s * 1000, moment);
    json_t *after AUTO(details_done) =
        json_pack("{s:s, s:s, s:s, s:s, s:s}", "title", due->line.title, "user",
                  due->line.user_email, "endedAt", moment, "replacedBy", due->replaced_by,
                  "successor", due->successor_title);
    if (!after)
        return STATUS_BROKEN;
    status = is_new(act, &due->line, NOTICE_REPLACED, &is_first);
    if (status == STATUS_OK && is_first)
        status = history_add_change(act, what, "ended", NULL, after);
    if (status == STATUS_OK)
        status = store_due_set(act->store, due->line.token_id, INT64_MAX);
    return status;
}

/* Of a token that is dead already nobody is told that it will die: the letter of its end
 * says that the notice before it comes too late. */
static enum status
carry_out_one(struct carrying *all, const struct due_token *due)
{
    const struct act *act = &all->act;
    struct notice_plan plan = notice_plan_at(due->line.expires_on, act->now_ms / 1000);
    bool is_soon_new = false;
    bool is_expired_new = false;
    enum status status = STATUS_OK;

    if (due->replaced_by[0])
        return carry_out_replaced(act, due);
    if (plan.is_soon_due)
        status = is_new(act, &due->line, NOTICE_SOON, &is_soon_new);
    if (status == STATUS_OK && plan.is_expired_due)
        status = is_new(act, &due->line, NOTICE_EXPIRED, &is_expired_new);
    if (status == STATUS_OK && is_expired_new)
        status = add_expired_event(act, &due->line);
    if (status == STATUS_OK)
        status = store_due_set(act->store, due->line.token_id, plan.next_at_s);
    if (status != STATUS_OK)
        return status;
    if (is_expired_new)
        put_on(&all->expired, due, is_soon_new);
    else if (is_soon_new)
        put_on(&all->soon, due, false);
    return STATUS_OK;
}

static enum status
tell_pile(const struct carrying *all, struct pile *pile, enum notice_kind kind)
{
    struct telling telling = {
        .store = all->act.store,
        .kind = kind,
        .now_ms = all->act.now_ms,
        .lines = pile->lines,
        .count = pile->count,
        .is_told = pile->is_told,
    };

    return tell_all(&telling);
}

static enum status
carry_out_all(struct carrying *all)
{
    enum status status = STATUS_OK;

    for (size_t i = 0; status == STATUS_OK && i < all->due_count; i++)
        status = carry_out_one(all, &all->due[i]);
    if (status == STATUS_OK)
        status = tell_pile(all, &all->soon, NOTICE_SOON);
    if (status == STATUS_OK)
        status = tell_pile(all, &all->expired, NOTICE_EXPIRED);
    return status;
}

enum status
notices_carry_out(struct store *store, int64_t now_ms, bool *out_is_more)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    struct carrying *all AUTO(mem_done) = mem_new(sizeof(*all));
    enum status status =
        store_due_list(store, now_ms / 1000, all->due, 1, &all->due_count);

    *out_is_more = false;
    if (status != STATUS_OK || all->due_count == 0)
        return status; /* nearly always: nobody has to wait for their turn to write */
    all->act = (struct act){
        .store = store,
        .now_ms = now_ms,
        .actor_kind = ACTOR_SYSTEM,
        .actor_name = "housekeeper",
    };
    status = store_begin(store);
    if (status != STATUS_OK)
        return status;
    begun = store;
    status = store_due_list(store, now_ms / 1000, all->due, NOTICE_ACT_MAX_COUNT,
                            &all->due_count);
    if (status == STATUS_OK)
        status = carry_out_all(all);
    if (status == STATUS_OK)
        status = store_commit(store);
    if (status == STATUS_OK)
        *out_is_more = all->due_count == NOTICE_ACT_MAX_COUNT;
    return status;
}
