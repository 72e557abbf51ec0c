/* SPDX-License-Identifier: Apache-2.0
 *
 * Is it a trap? A canary token is put where nobody should look; whoever signs with it has
 * looked there. They hear what everybody hears who has proved nothing, to the last byte,
 * as if the token had been deleted: so they do not learn that they were seen. The use is
 * written down by a worker before they hear it, and it is as lasting as any event. */
#include "gate/inside.h"

#include "rules/canaries.h"

#include <stdio.h>

static void
fill_use(const struct exchange *x, struct canary_use *out)
{
    struct slice agent = {0};

    *out = (struct canary_use){.at_ms = x->now_ms};
    slice_to_text(keyring_entry_id(x->entry), out->token_id, sizeof(out->token_id));
    ip_write(&x->address, out->address);
    snprintf(out->request_id, sizeof(out->request_id), "%s", x->request_id);
    if (x->call && http_call_header(x->call, SLICE("User-Agent"), &agent))
        canary_clean_agent(agent, out->agent);
}

/* The housekeeper writes what no worker can take, and what only a gateway asks about,
 * which waits for nobody. */
static void
raise(struct exchange *x)
{
    const struct gate_ports *ports = &x->lane->gate->ports;
    struct canary_use use;

    if (!ports->canaries)
        return;
    fill_use(x, &use);
    if (!canaries_note(ports->canaries, &use) || !x->call || !ports->tell ||
        x->is_only_asked)
        return;
    x->is_handed_over = ports->tell(ports->ctx, exchange_take_along(x));
}

enum go
step_canary(struct exchange *x)
{
    static const char WORDS[] = "the token is a canary: whatever it signs is refused";

    if (!keyring_entry_is_canary(x->entry))
        return GO_ON;
    if (x->is_described)
        return refuse(x, REFUSED_CANARY, NULL, "%s", WORDS);
    /* whoever suspends it wants silence */
    if (!keyring_entry_is_suspended(x->entry))
        raise(x);
    refuse_unproved(x, REFUSED_CANARY);
    x->words = WORDS; /* for its owner and the log */
    return ANSWERED;
}
