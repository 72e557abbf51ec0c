/* SPDX-License-Identifier: Apache-2.0
 *
 * Limits within their bounds, and from whom. */
#include "rules/token_limits.h"

#include "rules/authority.h"

static enum status
check_number(const struct act *act, const char *name, int64_t number, int64_t most)
{
    if (number >= 0 && number <= most)
        return STATUS_OK;
    return failure_set(act->failure, STATUS_MALFORMED, name,
                       "%s is %lld, but must be 1 to %lld, or 0 for no limit", name,
                       (long long)number, (long long)most);
}

static enum status
check_rate(const struct act *act, struct rate rate, struct rate before)
{
    struct authority authority = {0};

    if (rate.count == before.count &&
        (rate.count == 0 || rate.window_s == before.window_s))
        return STATUS_OK;
    enum status status = authority_read(act, &authority);
    if (status != STATUS_OK || authority.is_all || authority.is_system_admin)
        return status;
    return failure_set(act->failure, STATUS_REFUSED, "rate",
                       "a rate of its own takes the place of the server's: only a System "
                       "Administrator can give it");
}

enum status
token_limits_check(const struct act *act, const struct token *token,
                   const struct token_limits *before)
{
    const struct token_limits *wanted = &token->limits;
    enum status status =
        check_number(act, "quotaPerDay", wanted->quota_per_day, LIMIT_COUNT_MAX);

    if (status == STATUS_OK)
        status =
            check_number(act, "concurrent", wanted->concurrent_max, LIMIT_CONCURRENT_MAX);
    if (status == STATUS_OK)
        status = check_number(act, "maxUses", wanted->max_uses, LIMIT_COUNT_MAX);
    if (status == STATUS_OK && wanted->not_before_s >= token->expires_at_s)
        return failure_set(act->failure, STATUS_MALFORMED, "notBefore",
                           "the token would have expired before its first day");
    if (status == STATUS_OK && token->is_canary && !token_limits_are_none(wanted))
        return failure_set(act->failure, STATUS_MALFORMED, "maxUses",
                           "a canary token has no limits: it can do nothing anyway");
    return status == STATUS_OK ? check_rate(act, wanted->rate, before->rate) : status;
}
