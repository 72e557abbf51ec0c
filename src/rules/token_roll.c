/* SPDX-License-Identifier: Apache-2.0
 *
 * Rolls tokens: reckons what the successor can have at most, makes it as any token is
 * made, and gives the old one its end. */
#include "rules/token_roll.h"

#include "base/auto.h"
#include "base/buffer.h"
#include "base/ids.h"
#include "base/mem.h"
#include "rules/addresses.h"
#include "rules/details.h"
#include "rules/expiry.h"
#include "rules/policy.h"
#include "rules/token_inside.h"
#include "rules/token_life.h"
#include "rules/words.h"
#include "store/store_people.h"
#include "store/store_tokens.h"

#include <stdio.h>

enum { ADDRESS_LIST_BYTES = TOKEN_ADDRESS_MAX_COUNT * (IP_RANGE_TEXT_MAX + 2) };

/* ---- may it be rolled? ---- */

static enum status
refuse_twice(const struct act *act, const struct token *old)
{
    struct token *successor AUTO(mem_done) = mem_new(sizeof(*successor));
    char moment[DATE_TIME_CHARS + 1];
    enum status status =
        store_token_by_id(act->store, slice_of(old->replaced_by), successor);

    if (status == STATUS_NOT_FOUND)
        return STATUS_OK; /* deleted: the old one may be rolled anew */
    if (status != STATUS_OK)
        return status;
    if (token_state_at(successor, act->now_ms / 1000) == TOKEN_EXPIRED)
        return STATUS_OK;
    date_time_write(old->expires_at_s * 1000, moment);
    return failure_set(act->failure, STATUS_REFUSED, "id",
                       "the token is being replaced by '%.100s' (%s) already: it ends at "
                       "%s",
                       successor->title, successor->id, moment);
}

static enum status
check_version(const struct act *act, const struct token *token, int64_t if_version)
{
    if (if_version == 0 || if_version == token->version)
        return STATUS_OK;
    return failure_set(act->failure, STATUS_CONFLICT, "version",
                       "the token has been changed meanwhile; read it again");
}

static enum status
check_can_be_rolled(const struct act *act, const struct token *old)
{
    if (old->is_canary)
        return failure_set(
            act->failure, STATUS_REFUSED, "id",
            "a canary token has no successor: make another one, and delete "
            "this one");
    switch (token_state_at(old, act->now_ms / 1000)) {
    case TOKEN_ACTIVE:
    case TOKEN_EXPIRES_SOON:
        return old->replaced_by[0] ? refuse_twice(act, old) : STATUS_OK;
    case TOKEN_SUSPENDED:
        return failure_set(act->failure, STATUS_REFUSED, "id",
                           "the token is suspended: resume it before it is rolled");
    case TOKEN_EXPIRED:
        break;
    }
    return token_refuse_dead(act, old);
}

/* ---- what a successor can have ---- */

/* The old token's groups as far as they are its user's still. None means all devices, so
 * nothing in common is not none: it is a refusal. */
static enum status
offer_groups(const struct act *act, const struct token *old, struct roll_offer *out)
{
    int64_t own[TOKEN_GROUP_MAX_COUNT];
    size_t own_count = 0;
    enum status status = store_user_groups(act->store, old->user_id, own, &own_count);

    if (status != STATUS_OK)
        return status;
    if (old->group_count == 0) {
        memcpy(out->group_ids, own, own_count * sizeof(own[0]));
        out->group_count = own_count;
        return STATUS_OK;
    }
    for (size_t i = 0; i < old->group_count; i++) {
        if (own_count == 0 || ids_hold(own, own_count, old->group_ids[i]))
            out->group_ids[out->group_count++] = old->group_ids[i];
    }
    if (out->group_count == 0)
        return failure_set(act->failure, STATUS_REFUSED, "groups",
                           "none of the token's device groups is one of its user's any "
                           "more: a successor could see no device");
    return STATUS_OK;
}

static void
offer_permissions(const struct role *role, const struct token *old,
                  struct roll_offer *out)
{
    struct permission_set rights = token_rights_of_role(role);

    out->permissions = permission_set_both(old->permissions, rights);
    for (unsigned number = 1; number < PERMISSION_MAX_COUNT; number++) {
        if (permission_set_has(&old->permissions, (uint16_t)number) &&
            !permission_set_has(&out->permissions, (uint16_t)number))
            permission_set_add(&out->lost, (uint16_t)number);
    }
}

/* As long a life as the old one was given, within what is allowed. */
static struct date
offer_expiry(const struct act *act, const struct token *old)
{
    struct date today = date_of(act->now_ms / 1000);
    struct date last = date_add_year(today);
    int64_t days =
        (date_start_s(old->expires_on) - date_start_s(date_of(old->created_at_s))) /
        DAY_S;
    struct date day = date_add_days(today, days < 1 ? 1 : (int)days);

    return date_compare(day, last) > 0 ? last : day;
}

/* Who rolls is the token's user, a System Administrator or a command: the latter two may
 * do all, so the bounds are the old token's and its user's. */
static enum status
make_offer(const struct act *act, const struct token *old, struct roll_offer *out)
{
    struct user user = {0};
    struct role role = {0};
    enum status status = store_user_by_id(act->store, old->user_id, &user);

    *out = (struct roll_offer){0};
    if (status == STATUS_OK)
        status = store_role_by_id(act->store, user.role_id, &role);
    if (status != STATUS_OK)
        return status == STATUS_NOT_FOUND ? STATUS_BROKEN : status;
    offer_permissions(&role, old, out);
    out->expires_on = offer_expiry(act, old);
    return offer_groups(act, old, out);
}

enum status
token_roll_offer(const struct act *act, struct slice id, struct token *out_old,
                 struct roll_offer *out)
{
    struct token *old AUTO(mem_done) = mem_new(sizeof(*old));
    enum status status = token_find_managed(act, id, old);

    if (status == STATUS_OK)
        status = check_can_be_rolled(act, old);
    if (status == STATUS_OK)
        status = make_offer(act, old, out);
    if (status == STATUS_OK)
        *out_old = *old;
    return status;
}

/* ---- what is wanted of it ---- */

static enum status
check_permissions(const struct act *act, const struct token *old,
                  const struct permission_set *wanted)
{
    char name[PERMISSION_NAME_MAX + 1] = "";
    struct permission_set chosen = *wanted;

    permission_set_imply(&chosen);
    uint16_t missing = policy_first_missing(&chosen, &old->permissions);
    if (missing == PERMISSION_NONE)
        return STATUS_OK;
    permission_write(missing, name);
    return failure_set(act->failure, STATUS_REFUSED, "permissions",
                       "a successor cannot have %s: the token that it replaces lacks it",
                       name);
}

static enum status
check_groups(const struct act *act, const struct token_roll *roll,
             const struct roll_offer *offer)
{
    for (size_t i = 0; offer->group_count > 0 && i < roll->group_count; i++) {
        struct device_group group = {0};

        if (ids_hold(offer->group_ids, offer->group_count, roll->group_ids[i]))
            continue;
        enum status status = store_group_by_id(act->store, roll->group_ids[i], &group);
        if (status == STATUS_NOT_FOUND)
            return failure_set(act->failure, STATUS_MALFORMED, "groups",
                               "there is no such device group");
        if (status != STATUS_OK)
            return status;
        return failure_set(act->failure, STATUS_REFUSED, "groups",
                           "a successor cannot have the device group '%.100s': the "
                           "token that it replaces, or its user, lacks it",
                           group.name);
    }
    return STATUS_OK;
}

static bool
is_within(const struct ip_range *inner, const struct token *old)
{
    for (size_t i = 0; i < old->address_count; i++) {
        if (inner->bits >= old->addresses[i].bits &&
            ip_range_holds(&old->addresses[i], &inner->from))
            return true;
    }
    return old->address_count == 0;
}

static enum status
check_addresses(const struct act *act, const struct token *old, struct slice typed)
{
    struct ip_range ranges[TOKEN_ADDRESS_MAX_COUNT];
    char text[IP_RANGE_TEXT_MAX + 1];
    size_t count = 0;
    enum status status = addresses_read(typed, ranges, &count, act->failure);

    if (status != STATUS_OK)
        return status;
    if (count == 0 && old->address_count > 0)
        return failure_set(act->failure, STATUS_REFUSED, "addresses",
                           "a successor cannot be usable from anywhere: the token that "
                           "it replaces has approved addresses");
    for (size_t i = 0; i < count; i++) {
        if (is_within(&ranges[i], old))
            continue;
        ip_range_write(&ranges[i], text);
        return failure_set(act->failure, STATUS_REFUSED, "addresses",
                           "a successor cannot be used from %s: the token that it "
                           "replaces cannot either",
                           text);
    }
    return STATUS_OK;
}

static enum status
check_overlap(const struct act *act, int64_t days)
{
    if (days >= 0 && days <= ROLL_OVERLAP_MAX_DAYS)
        return STATUS_OK;
    return failure_set(act->failure, STATUS_MALFORMED, "overlap",
                       "an overlap of %lld days cannot be; wanted are 0 to %d",
                       (long long)days, ROLL_OVERLAP_MAX_DAYS);
}

static enum status
check_wanted(const struct act *act, const struct token *old,
             const struct token_roll *roll, const struct roll_offer *offer)
{
    enum status status = STATUS_OK;

    if (roll->is_bearer && old->alg != ALG_BEARER)
        return failure_set(act->failure, STATUS_MALFORMED, "kind",
                           "a token with a key is not rolled into a bearer token");
    if (roll->permissions)
        status = check_permissions(act, old, roll->permissions);
    if (status == STATUS_OK)
        status = check_groups(act, roll, offer);
    if (status == STATUS_OK && roll->addresses)
        status = check_addresses(act, old, *roll->addresses);
    return status;
}

enum status
token_roll_check(const struct act *act, const struct token *old,
                 const struct token_roll *roll)
{
    struct roll_offer offer;
    enum status status = check_can_be_rolled(act, old);

    if (status == STATUS_OK)
        status = make_offer(act, old, &offer);
    return status == STATUS_OK ? check_wanted(act, old, roll, &offer) : status;
}

/* ---- the act ---- */

/* All that is left open is the old token's, as far as the successor can have it. */
static enum status
make_successor(const struct act *act, const struct token *old,
               const struct token_roll *roll, const struct roll_offer *offer,
               struct token_rolled *out)
{
    struct buffer addresses AUTO(buffer_done) = buffer_make(ADDRESS_LIST_BYTES);
    char expires[DATE_CHARS + 1];
    bool has_expiry = slice_trim(roll->expires_on).len > 0;
    bool has_groups = roll->group_ids && roll->group_count > 0;

    addresses_write(old->addresses, old->address_count, &addresses);
    date_write(offer->expires_on, expires);
    struct token_wish wish = {
        .title = roll->title ? *roll->title : slice_of(old->title),
        .description =
            roll->description ? *roll->description : slice_of(old->description),
        .public_key = roll->public_key,
        .is_bearer = roll->is_bearer,
        .proof = roll->proof,
        .proof_message = roll->proof_message,
        .expires_on = has_expiry ? roll->expires_on : slice_of(expires),
        .permissions = roll->permissions ? roll->permissions : &offer->permissions,
        .addresses = roll->addresses ? *roll->addresses : buffer_slice(&addresses),
        .group_ids = has_groups ? roll->group_ids : offer->group_ids,
        .group_count = has_groups ? roll->group_count : offer->group_count,
        .limits = roll->limits ? *roll->limits : old->limits,
    };
    return token_make_within(act, old->user_id, &wish, old, &out->successor,
                             &out->secret);
}

/* The key must be another: a successor with the old key replaces nothing. */
static enum status
check_key_differs(const struct act *act, const struct token *old,
                  const struct token *successor)
{
    if (successor->alg != ALG_ES256 || old->alg != ALG_ES256 ||
        memcmp(successor->public_key, old->public_key, PUBLIC_KEY_BYTES) != 0)
        return STATUS_OK;
    return failure_set(act->failure, STATUS_MALFORMED, "public_key",
                       "this is the key of the token that is replaced; wanted is a new "
                       "one");
}

static enum status
end_old(const struct act *act, const struct token *successor, int64_t overlap_days,
        struct token *old)
{
    json_t *before AUTO(details_done) = NULL;
    enum status status = details_token(act->store, old, &before);

    memcpy(old->replaced_by, successor->id, sizeof(old->replaced_by));
    old->replaced_at_s = act->now_ms / 1000;
    old->overlap_ends_at_s = old->replaced_at_s + overlap_days * DAY_S;
    old->expires_at_s = token_end_s(old);
    if (status == STATUS_OK)
        status = token_change_with_event(act, old, "rolled", before);
    return status;
}

struct rolling {
    const struct token_roll *roll;
    struct token_rolled *rolled; /* all but the old token, which the act gives */
};

static enum status
roll_found(const struct act *act, struct token *old, const void *wish)
{
    const struct rolling *rolling = wish;
    const struct token_roll *roll = rolling->roll;
    struct token_rolled *rolled = rolling->rolled;
    struct roll_offer offer;
    enum status status = check_can_be_rolled(act, old);

    if (status == STATUS_OK)
        status = check_version(act, old, roll->if_version);
    if (status == STATUS_OK)
        status = check_overlap(act, roll->overlap_days);
    if (status == STATUS_OK)
        status = make_offer(act, old, &offer);
    if (status == STATUS_OK)
        status = check_wanted(act, old, roll, &offer);
    if (status == STATUS_OK)
        status = make_successor(act, old, roll, &offer, rolled);
    if (status == STATUS_OK)
        status = check_key_differs(act, old, &rolled->successor);
    if (status == STATUS_OK)
        status = end_old(act, &rolled->successor, roll->overlap_days, old);
    if (status == STATUS_OK)
        status = store_token_by_id(act->store, slice_of(old->id), old);
    return status;
}

enum status
token_roll(const struct act *act, struct slice id, const struct token_roll *roll,
           struct token_rolled *out)
{
    struct token_rolled *rolled AUTO(mem_done) = mem_new(sizeof(*rolled));
    struct rolling rolling = {.roll = roll, .rolled = rolled};
    enum status status = token_act(act, id, roll_found, &rolling, &rolled->old);

    if (status == STATUS_OK)
        *out = *rolled;
    secret_done(&rolled->secret);
    return status;
}

/* ---- the end of the overlap ---- */

static enum status
set_end(const struct act *act, int64_t overlap_days, struct token *token)
{
    json_t *before AUTO(details_done) = NULL;
    int64_t now_s = act->now_ms / 1000;
    int64_t end_s = token->replaced_at_s + overlap_days * DAY_S;
    enum status status = details_token(act->store, token, &before);

    end_s = end_s < now_s ? now_s : end_s;
    if (status != STATUS_OK || end_s == token->overlap_ends_at_s)
        return status;
    token->overlap_ends_at_s = end_s;
    token->expires_at_s = token_end_s(token);
    status = token_change_with_event(act, token, "overlap changed", before);
    if (status == STATUS_OK)
        status = store_token_by_id(act->store, slice_of(token->id), token);
    return status;
}

/* Is it in its overlap? */
static enum status
check_overlaps(const struct act *act, const struct token *token, int64_t if_version)
{
    if (!token->replaced_by[0])
        return failure_set(act->failure, STATUS_REFUSED, "id",
                           "the token is not being replaced: roll it first");
    if (token_state_at(token, act->now_ms / 1000) == TOKEN_EXPIRED)
        return token_refuse_dead(act, token);
    if (token->is_suspended)
        return failure_set(act->failure, STATUS_REFUSED, "id",
                           "the token is suspended: it can only be resumed or deleted");
    return check_version(act, token, if_version);
}

static enum status
remove_successor(const struct act *act, struct slice id)
{
    struct token *successor AUTO(mem_done) = mem_new(sizeof(*successor));
    enum status status = store_token_by_id(act->store, id, successor);

    if (status == STATUS_NOT_FOUND)
        return STATUS_OK; /* deleted before */
    return status == STATUS_OK ? token_remove_with_event(act, successor) : status;
}

static enum status
undo_roll(const struct act *act, struct token *token)
{
    json_t *before AUTO(details_done) = NULL;
    enum status status = details_token(act->store, token, &before);

    if (status == STATUS_OK)
        status = remove_successor(act, slice_of(token->replaced_by));
    token->replaced_by[0] = '\0';
    token->replaced_at_s = 0;
    token->overlap_ends_at_s = 0;
    token->expires_at_s = token_end_s(token);
    if (status == STATUS_OK)
        status = token_change_with_event(act, token, "roll called off", before);
    if (status == STATUS_OK)
        status = store_token_by_id(act->store, slice_of(token->id), token);
    return status;
}

static enum status
unroll_found(const struct act *act, struct token *token, const void *wish)
{
    const int64_t *if_version = wish;
    enum status status = check_overlaps(act, token, *if_version);

    return status == STATUS_OK ? undo_roll(act, token) : status;
}

enum status
token_unroll(const struct act *act, struct slice id, int64_t if_version,
             struct token *out)
{
    return token_act(act, id, unroll_found, &if_version, out);
}

struct overlap_wish {
    int64_t days, if_version;
};

static enum status
end_found(const struct act *act, struct token *token, const void *wish)
{
    const struct overlap_wish *end = wish;
    enum status status = check_overlaps(act, token, end->if_version);

    if (status == STATUS_OK)
        status = check_overlap(act, end->days);
    return status == STATUS_OK ? set_end(act, end->days, token) : status;
}

enum status
token_roll_end(const struct act *act, struct slice id, int64_t overlap_days,
               int64_t if_version, struct token *out)
{
    struct overlap_wish end = {.days = overlap_days, .if_version = if_version};

    return token_act(act, id, end_found, &end, out);
}
