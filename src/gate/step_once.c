/* SPDX-License-Identifier: Apache-2.0
 *
 * Has this very request been used already? It is used from here on, also when a later
 * step refuses it: whoever wants to try again signs again. */
#include "gate/inside.h"

static bool
is_asked(const struct exchange *x)
{
    if (x->door->is_unsigned) /* the same twice may be two that are alike */
        return false;
    switch ((enum replay_mode)x->lane->gate->config->replay) {
    case REPLAY_MODE_ALL:
        return true;
    case REPLAY_MODE_UNSAFE:
        return !is_safe_method(x->header.method);
    case REPLAY_MODE_OFF:
        return false;
    }
    return true;
}

enum go
step_once(struct exchange *x)
{
    struct gate *gate = x->lane->gate;

    if (!is_asked(x))
        return GO_ON;
    if (x->header.issued_at_ms < gate->issued_least_ms)
        return refuse(x, REFUSED_REPLAYED, x->door->moment,
                      "the request was issued before this server started, which cannot "
                      "know whether it was used then; sign it again");
    if (!x->has_digest)
        sha256(x->signed_bytes, x->digest);
    x->has_digest = true;
    switch (replay_use(gate->replay, keyring_entry_id(x->entry), x->digest,
                       x->header.issued_at_ms)) {
    case REPLAY_FIRST:
        return GO_ON;
    case REPLAY_AGAIN:
        return refuse(x, REFUSED_REPLAYED, NULL,
                      "this very request has been used already; sign a new one");
    case REPLAY_FULL:
        x->retry_after_s = 60;
        return refuse(x, REFUSED_BUSY, NULL,
                      "this server cannot remember more used requests of this minute; "
                      "sign it again later");
    }
    return refuse(x, REFUSED_BROKEN, NULL, "the list of used requests gave no answer");
}
