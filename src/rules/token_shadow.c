/* SPDX-License-Identifier: Apache-2.0
 *
 * Shadows begin and end here; what they see is counted by the keyring. */
#include "rules/token_shadow.h"

#include "base/auto.h"
#include "base/ids.h"
#include "base/mem.h"
#include "rules/addresses.h"
#include "rules/details.h"
#include "rules/token_inside.h"
#include "rules/token_life.h"
#include "rules/token_roll.h"
#include "store/store_shadows.h"
#include "store/store_tokens.h"

const char *
token_shadow_state(const struct shadow *shadow, int64_t now_s)
{
    if (shadow->is_stopped)
        return "stopped";
    return shadow->over_at_s != 0 || now_s >= shadow->ends_at_s ? "ended" : "running";
}

/* ---- may it begin? ---- */

static enum status
check_token(const struct act *act, const struct token *token)
{
    if (token_state_at(token, act->now_ms / 1000) != TOKEN_SUSPENDED)
        return STATUS_OK; /* the rest is as for a roll */
    return failure_set(act->failure, STATUS_REFUSED, "id",
                       "the token is suspended: it makes no calls to be tried out");
}

static enum status
check_days(const struct act *act, int64_t days)
{
    if (days >= 1 && days <= SHADOW_MAX_DAYS)
        return STATUS_OK;
    return failure_set(act->failure, STATUS_MALFORMED, "days",
                       "a shadow cannot run for %lld days; wanted are 1 to %d",
                       (long long)days, SHADOW_MAX_DAYS);
}

/* ---- what is tried out ---- */

/* STATUS_MALFORMED: too many. */
static enum status
take_groups(const struct act *act, const struct shadow_wish *wish, struct rights_set *set)
{
    if (wish->group_count > TOKEN_GROUP_MAX_COUNT)
        return failure_set(act->failure, STATUS_MALFORMED, "groups",
                           "more than %d device groups are named", TOKEN_GROUP_MAX_COUNT);
    memcpy(set->group_ids, wish->group_ids, wish->group_count * sizeof(int64_t));
    set->group_count = ids_sort(set->group_ids, wish->group_count);
    return STATUS_OK;
}

static enum status
take_set(const struct act *act, const struct token *token, const struct shadow_wish *wish,
         struct rights_set *set)
{
    enum status status = STATUS_OK;

    *set = (struct rights_set){.permissions = token->permissions,
                               .group_count = token->group_count,
                               .address_count = token->address_count};
    memcpy(set->group_ids, token->group_ids, sizeof(set->group_ids));
    memcpy(set->addresses, token->addresses, sizeof(set->addresses));
    if (wish->permissions) {
        set->permissions = *wish->permissions;
        permission_set_imply(&set->permissions); /* as a token has them */
    }
    if (wish->group_count > 0)
        status = take_groups(act, wish, set);
    if (status == STATUS_OK && wish->addresses)
        status = addresses_read(*wish->addresses, set->addresses, &set->address_count,
                                act->failure);
    return status;
}

/* Could a successor have it? */
static enum status
check_set(const struct act *act, const struct token *token,
          const struct shadow_wish *wish, const struct rights_set *set)
{
    struct token_roll roll = {
        .permissions = wish->permissions ? &set->permissions : NULL,
        .addresses = wish->addresses,
        .group_ids = set->group_ids,
        .group_count = wish->group_count > 0 ? set->group_count : 0,
    };

    return token_roll_check(act, token, &roll);
}

static bool
has_range(const struct rights_set *set, const struct ip_range *range)
{
    for (size_t i = 0; i < set->address_count; i++) {
        if (memcmp(&set->addresses[i], range, sizeof(*range)) == 0)
            return true;
    }
    return set->address_count == 0;
}

/* Is something of the token's left out? */
static bool
is_tighter(const struct token *token, const struct rights_set *set)
{
    bool is_less = !permission_set_covers(&set->permissions, &token->permissions) ||
                   set->group_count != token->group_count ||
                   (token->address_count == 0 && set->address_count > 0);

    for (size_t i = 0; !is_less && i < token->address_count; i++)
        is_less = !has_range(set, &token->addresses[i]);
    return is_less;
}

static enum status
check_is_tighter(const struct act *act, const struct token *token,
                 const struct rights_set *set)
{
    if (is_tighter(token, set))
        return STATUS_OK;
    return failure_set(act->failure, STATUS_MALFORMED, "permissions",
                       "this is all that the token has: there is nothing to try out");
}

/* ---- the acts ---- */

static enum status
add_begin_event(const struct act *act, const struct token *token,
                const struct shadow *shadow)
{
    json_t *after AUTO(details_done) = NULL;
    enum status status = details_shadow(act->store, shadow, &after);

    return status == STATUS_OK
               ? history_add_change(act, happening_to_token(EVENT_TOKEN_UPDATED, token),
                                    "shadow started", NULL, after)
               : status;
}

static enum status
add_end_event(const struct act *act, const struct token *token,
              const struct shadow *shadow, const char *action)
{
    json_t *after AUTO(details_done) =
        json_pack("{s:I, s:I, s:I}", "shadowCalls", (json_int_t)shadow->counts.calls,
                  "shadowWouldHaveFailed", (json_int_t)shadow->counts.failed,
                  "shadowWouldHaveToldLess", (json_int_t)shadow->counts.less);

    return after ? history_add_change(act, happening_to_token(EVENT_TOKEN_UPDATED, token),
                                      action, NULL, after)
                 : STATUS_BROKEN;
}

/* Of a shadow that runs; with its event and feed row. */
static enum status
end_found(const struct act *act, const struct token *token, struct shadow *shadow,
          bool is_stopped)
{
    enum status status =
        store_shadow_over(act->store, shadow->id, act->now_ms / 1000, is_stopped);

    if (status == STATUS_OK)
        status = add_end_event(act, token, shadow,
                               is_stopped ? "shadow stopped" : "shadow ended");
    if (status == STATUS_OK)
        status = store_change_add(act->store, CHANGE_SHADOW, token->id);
    return status;
}

/* One whose days are over and whose end was not told yet ends now. */
static enum status
end_old(const struct act *act, const struct token *token, struct shadow *old)
{
    struct act of_time = *act;
    char moment[DATE_TIME_CHARS + 1];

    if (act->now_ms / 1000 >= old->ends_at_s) {
        of_time.actor_kind = ACTOR_SYSTEM;
        of_time.actor_user_id = 0;
        of_time.actor_name = "housekeeper";
        of_time.actor_id = of_time.address = "";
        return end_found(&of_time, token, old, false);
    }
    date_time_write(old->ends_at_s * 1000, moment);
    return failure_set(act->failure, STATUS_REFUSED, "id",
                       "a shadow of the token runs until %s: stop it first", moment);
}

static enum status
clear_way(const struct act *act, const struct token *token)
{
    struct shadow *old AUTO(mem_done) = mem_new(sizeof(*old));
    enum status status = store_shadow_of(act->store, slice_of(token->id), old);

    if (status == STATUS_OK && old->over_at_s == 0)
        return end_old(act, token, old);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static enum status
check_wish(const struct act *act, const struct token *token,
           const struct shadow_wish *wish, struct rights_set *out)
{
    enum status status = check_token(act, token);

    if (status == STATUS_OK)
        status = check_days(act, wish->days);
    if (status == STATUS_OK)
        status = take_set(act, token, wish, out);
    if (status == STATUS_OK)
        status = check_set(act, token, wish, out);
    return status == STATUS_OK ? check_is_tighter(act, token, out) : status;
}

/* What the two acts on a token's shadow are given. */
struct shadow_act {
    const struct shadow_wish *wish; /* to start one */
    struct shadow *shadow;          /* as it is afterwards */
};

static enum status
start_found(const struct act *act, struct token *token, const void *wish)
{
    const struct shadow_act *start = wish;
    struct shadow *shadow = start->shadow;
    struct slice who = slice_head(slice_of(act->actor_name), TEXT_NAME_BYTES - 1);
    enum status status = check_wish(act, token, start->wish, &shadow->set);

    if (status == STATUS_OK)
        status = clear_way(act, token);
    if (status != STATUS_OK)
        return status;
    memcpy(shadow->token_id, token->id, sizeof(shadow->token_id));
    slice_to_text(who, shadow->started_by, sizeof(shadow->started_by));
    shadow->started_at_s = act->now_ms / 1000;
    shadow->ends_at_s = shadow->started_at_s + start->wish->days * DAY_S;
    status = store_shadow_put(act->store, shadow);
    if (status == STATUS_OK)
        status = add_begin_event(act, token, shadow);
    if (status == STATUS_OK)
        status = store_change_add(act->store, CHANGE_SHADOW, token->id);
    return status;
}

enum status
token_shadow_start(const struct act *act, struct slice id, const struct shadow_wish *wish,
                   struct shadow *out)
{
    struct shadow *shadow AUTO(mem_done) = mem_new(sizeof(*shadow));
    struct shadow_act start = {.wish = wish, .shadow = shadow};
    enum status status = token_act(act, id, start_found, &start, NULL);

    if (status == STATUS_OK)
        *out = *shadow;
    return status;
}

static enum status
find_running(const struct act *act, const struct token *token, struct shadow *out)
{
    enum status status = store_shadow_of(act->store, slice_of(token->id), out);

    if (status == STATUS_NOT_FOUND)
        return failure_set(act->failure, STATUS_REFUSED, "id",
                           "the token has no shadow: start one first");
    if (status != STATUS_OK ||
        (out->over_at_s == 0 && act->now_ms / 1000 < out->ends_at_s))
        return status;
    return failure_set(act->failure, STATUS_REFUSED, "id",
                       "the token's shadow is over already");
}

static enum status
stop_found(const struct act *act, struct token *token, const void *wish)
{
    const struct shadow_act *stop = wish;
    enum status status = find_running(act, token, stop->shadow);

    if (status == STATUS_OK)
        status = end_found(act, token, stop->shadow, true);
    if (status == STATUS_OK)
        status = store_shadow_of(act->store, slice_of(token->id), stop->shadow);
    return status;
}

enum status
token_shadow_stop(const struct act *act, struct slice id, struct shadow *out)
{
    struct shadow *shadow AUTO(mem_done) = mem_new(sizeof(*shadow));
    struct shadow_act stop = {.shadow = shadow};
    enum status status = token_act(act, id, stop_found, &stop, NULL);

    if (status == STATUS_OK)
        *out = *shadow;
    return status;
}

static enum status
end_some(const struct act *act, int64_t due_s, bool *out_is_more)
{
    struct shadow *shadow AUTO(mem_done) = mem_new(sizeof(*shadow));
    struct token *token AUTO(mem_done) = mem_new(sizeof(*token));
    enum status status = STATUS_OK;

    for (int i = 0; status == STATUS_OK && i < SHADOW_ACT_MAX_COUNT; i++) {
        status = store_shadow_due(act->store, due_s, shadow);
        if (status == STATUS_NOT_FOUND)
            return STATUS_OK;
        if (status == STATUS_OK)
            status = store_token_by_id(act->store, slice_of(shadow->token_id), token);
        if (status == STATUS_OK)
            status = end_found(act, token, shadow, false);
    }
    *out_is_more = status == STATUS_OK;
    return status;
}

enum status
token_shadow_end_due(const struct act *act, bool *out_is_more)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    struct shadow *first AUTO(mem_done) = mem_new(sizeof(*first));
    int64_t due_s = act->now_ms / 1000 - SHADOW_GRACE_S;
    enum status status = store_shadow_due(act->store, due_s, first);

    *out_is_more = false;
    if (status != STATUS_OK) /* nearly always there is none */
        return status == STATUS_NOT_FOUND ? STATUS_OK : status;
    status = store_begin(act->store);
    if (status != STATUS_OK)
        return status;
    begun = act->store;
    bool is_more = false;
    status = end_some(act, due_s, &is_more);
    if (status == STATUS_OK)
        status = store_commit(act->store);
    if (status == STATUS_OK)
        *out_is_more = is_more;
    return status;
}
