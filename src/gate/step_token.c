/* SPDX-License-Identifier: Apache-2.0
 *
 * Is there a token with this id, and is the algorithm its own? A message states an
 * algorithm, it never chooses one (RFC 8725 §3.1). What is found out here is not told
 * before the next step has verified a signature: an unknown token takes the same time. */
#include "gate/inside.h"

enum go
step_token(struct exchange *x)
{
    const struct gate *gate = x->lane->gate;
    int64_t silent_ms = x->now_ns / 1000000 - keyring_news_at_ms(gate->keyring);

    /* we could no longer know of a token that was deleted */
    if (silent_ms > gate->config->stale_max_s * 1000)
        return refuse(x, REFUSED_STALE, NULL,
                      "this server has heard nothing from its store for %lld s, so it "
                      "cannot tell which tokens are good; try again later",
                      (long long)(silent_ms / 1000));

    x->entry = keyring_find(gate->keyring, x->header.kid);
    x->hidden = PERMITTED;
    if (!x->entry)
        x->hidden = REFUSED_UNKNOWN_TOKEN;
    else if (keyring_entry_alg(x->entry) != x->header.alg)
        x->hidden = REFUSED_WRONG_ALG;
    return GO_ON;
}
