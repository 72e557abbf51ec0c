/* SPDX-License-Identifier: Apache-2.0
 *
 * Is it within the limits of token and account? The token's comes first, so that one
 * token that asks too often does not use up what the others have. */
#include "gate/inside.h"

#include "gate/rate.h"

enum go
step_rate(struct exchange *x)
{
    struct gate *gate = x->lane->gate;
    const struct config *config = gate->config;
    bool (*take)(_Atomic int64_t *, int64_t, int64_t, int64_t *) =
        x->is_described ? rate_has : rate_take;

    if (!take(&keyring_entry_use(x->entry)->rate_ns, config->token_rate_per_s, x->now_ns,
              &x->retry_after_s))
        return refuse(x, REFUSED_RATE, NULL,
                      "the token has made more than %lld requests in a second; try again "
                      "in %lld s",
                      (long long)config->token_rate_per_s, (long long)x->retry_after_s);
    if (!take(&gate->account_rate_ns, config->account_rate_per_s, x->now_ns,
              &x->retry_after_s))
        return refuse(x, REFUSED_RATE, NULL,
                      "the account has made more than %lld requests in a second; try "
                      "again in %lld s",
                      (long long)config->account_rate_per_s, (long long)x->retry_after_s);
    return GO_ON;
}
