/* SPDX-License-Identifier: Apache-2.0
 *
 * Removing the old end of Event History. */
#include "base/auto.h"
#include "crypto/merkle.h"
#include "rules/history.h"
#include "rules/history_verify.h"
#include "store/store_event_tree.h"
#include "store/store_outputs.h"

#include <stdio.h>

enum { TILE = MERKLE_TILE_COUNT, DETAILS_BYTES = 160 };

/* A removal on its way. */
struct pruning {
    const struct act *act;
    int64_t first_id, up_to;
    enum status status;
};

static enum status
add_removal_event(const struct pruning *p)
{
    char details[DETAILS_BYTES];
    int len = snprintf(details, sizeof(details),
                       "{\"action\":\"removed\",\"upTo\":%lld,\"count\":%lld}",
                       (long long)p->up_to, (long long)(p->up_to - p->first_id + 1));
    struct happening what = {.kind = EVENT_EVENTS_REMOVED,
                             .object_kind = "account",
                             .details = {(const unsigned char *)details, (size_t)len}};

    return history_add(p->act, &what);
}

/* An output loses what it has not taken: said by an event, which it gets. */
static bool
tell_loss(void *ctx, const struct output *output)
{
    struct pruning *p = ctx;
    char details[DETAILS_BYTES];

    if (output->cursor_id >= p->up_to)
        return true;
    int len = snprintf(details, sizeof(details),
                       "{\"action\":\"events lost\",\"from\":%lld,\"upTo\":%lld}",
                       (long long)output->cursor_id + 1, (long long)p->up_to);
    struct happening what = {.kind = EVENT_OUTPUT_UPDATED,
                             .object_kind = "output",
                             .object_id = output->uid,
                             .object_name = output->name,
                             .details = {(const unsigned char *)details, (size_t)len}};
    p->status = history_add(p->act, &what);
    if (p->status == STATUS_OK)
        p->status = store_output_skip(p->act->store, output->id, p->up_to);
    return p->status == STATUS_OK;
}

/* Of what may go: as much as every output has taken, or must go all the same. */
static enum status
hold_back(const struct act *act, const struct event_keep *keep, int64_t hold_ms,
          int64_t count, int64_t *last_old)
{
    struct event_keep longer = {.before_ms = keep->before_ms - hold_ms,
                                .keep_count = 2 * keep->keep_count};
    int64_t first = 0, forced = 0, taken = 0;
    enum status status = store_output_least(act->store, &taken);

    if (status != STATUS_OK || taken < 0 || taken >= *last_old)
        return status;
    status = store_event_old(act->store, &longer, count, &first, &forced);
    if (status == STATUS_OK)
        *last_old = forced > taken ? forced : taken;
    return status;
}

/* What may go, in whole tiles under a head: *up_to 0 = nothing. */
static enum status
find_end(const struct act *act, const struct event_keep *keep, int64_t hold_ms,
         int64_t count, struct pruning *out)
{
    struct tree_head head = {0};
    int64_t last_old = 0;
    enum status status =
        store_event_old(act->store, keep, count, &out->first_id, &last_old);

    if (status == STATUS_OK)
        status = store_event_head_newest(act->store, &head);
    if (status == STATUS_OK)
        status = hold_back(act, keep, hold_ms, count, &last_old);
    if (status != STATUS_OK)
        return status == STATUS_NOT_FOUND ? STATUS_OK : status;
    int64_t covered = last_old < head.size ? last_old : head.size;
    int64_t up_to = covered / TILE * TILE;
    out->up_to = out->first_id > 0 && up_to >= out->first_id ? up_to : 0;
    return STATUS_OK;
}

enum status
history_prune(const struct act *act, const struct event_keep *keep, int64_t hold_ms,
              int64_t count, int64_t *out)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    struct pruning p = {.act = act};
    enum status status = find_end(act, keep, hold_ms, count, &p);

    *out = 0;
    if (status != STATUS_OK || p.up_to == 0)
        return status;
    status = store_begin(act->store);
    if (status != STATUS_OK)
        return status;
    begun = act->store;
    status = find_end(act, keep, hold_ms, count, &p); /* an output may be new */
    if (status != STATUS_OK || p.up_to == 0)
        return status;
    status = store_event_remove(begun, p.up_to);
    if (status == STATUS_OK)
        status = add_removal_event(&p);
    if (status == STATUS_OK)
        status = store_output_list(begun, tell_loss, &p);
    if (status == STATUS_OK)
        status = p.status;
    if (status == STATUS_OK)
        status = store_commit(begun);
    if (status == STATUS_OK)
        *out = p.up_to - p.first_id + 1;
    return status;
}
