/* SPDX-License-Identifier: Apache-2.0
 *
 * Not expired, not suspended, and neither is its owner? Does the account take its kind?
 */
#include "gate/inside.h"

#include "base/date.h"
#include "keyring/allowance.h"
#include "rules/policy.h"

/* The successor's title is known here; it may have been deleted. */
static enum go
refuse_replaced(struct exchange *x, int64_t ended_at_s, struct slice successor_id)
{
    const struct keyring_entry *successor =
        keyring_find(x->lane->gate->keyring, successor_id);
    char moment[DATE_TIME_CHARS + 1];

    date_time_write(ended_at_s * 1000, moment);
    if (!successor)
        return refuse(x, REFUSED_REPLACED, NULL, "the token was replaced and ended at %s",
                      moment);
    return refuse(x, REFUSED_REPLACED, NULL,
                  "the token was replaced by '%.*s' and ended at %s",
                  SLICE_ARG(keyring_entry_title(successor)), moment);
}

enum go
refuse_used_up(struct exchange *x)
{
    return refuse(x, REFUSED_USED_UP, NULL,
                  "the token has made the %lld requests that it may make in all",
                  (long long)keyring_entry_limits(x->entry)->max_uses);
}

static enum go
check_limits(struct exchange *x)
{
    const struct token_limits *limits = keyring_entry_limits(x->entry);
    char moment[DATE_TIME_CHARS + 1];

    if (!limits)
        return GO_ON;
    if (x->now_ms / 1000 < limits->not_before_s) {
        date_time_write(limits->not_before_s * 1000, moment);
        return refuse(x, REFUSED_NOT_YET, NULL, "the token works from %s on", moment);
    }
    return keyring_is_used_up(x->entry) ? refuse_used_up(x) : GO_ON;
}

static enum go
check_kind(struct exchange *x)
{
    if (keyring_entry_alg(x->entry) != ALG_BEARER ||
        keyring_is_bearer_allowed(x->lane->gate->keyring))
        return check_limits(x);
    return refuse(x, REFUSED_BEARER, NULL,
                  "the account does not take bearer tokens: sign the request with a "
                  "token that has a key");
}

enum go
step_life(struct exchange *x)
{
    int64_t expires_at_s = keyring_entry_expires_at_s(x->entry);
    struct slice successor = keyring_entry_successor(x->entry);
    enum verdict verdict = policy_end(
        policy_life(expires_at_s, keyring_entry_is_suspended(x->entry),
                    keyring_entry_owner(x->entry)->is_suspended, x->now_ms / 1000),
        successor.len > 0);
    char day[DATE_CHARS + 1];

    if (verdict == PERMITTED)
        return check_kind(x);
    if (verdict == REFUSED_SUSPENDED)
        return refuse(x, verdict, NULL, "the token is suspended");
    if (verdict == REFUSED_USER_SUSPENDED)
        return refuse(x, verdict, NULL, "the user who owns the token is suspended");
    if (verdict == REFUSED_REPLACED)
        return refuse_replaced(x, expires_at_s, successor);
    date_write(date_of(expires_at_s - 1), day);
    return refuse(x, verdict, NULL, "the token has expired: its last day was %s (UTC)",
                  day);
}
