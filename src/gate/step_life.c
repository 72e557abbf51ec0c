/* SPDX-License-Identifier: Apache-2.0
 *
 * Not expired, not suspended, and neither is its owner? */
#include "gate/inside.h"

#include "base/date.h"
#include "rules/policy.h"

enum go
step_life(struct exchange *x)
{
    int64_t expires_at_s = keyring_entry_expires_at_s(x->entry);
    enum verdict verdict =
        policy_life(expires_at_s, keyring_entry_is_suspended(x->entry),
                    keyring_entry_owner(x->entry)->is_suspended, x->now_ms / 1000);
    char day[DATE_CHARS + 1];

    if (verdict == PERMITTED)
        return GO_ON;
    if (verdict == REFUSED_SUSPENDED)
        return refuse(x, verdict, NULL, "the token is suspended");
    if (verdict == REFUSED_USER_SUSPENDED)
        return refuse(x, verdict, NULL, "the user who owns the token is suspended");
    date_write(date_of(expires_at_s - 1), day);
    return refuse(x, verdict, NULL, "the token has expired: its last day was %s (UTC)",
                  day);
}
