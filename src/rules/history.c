/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes Event History. */
#include "rules/history.h"

#include "base/auto.h"
#include "base/buffer.h"
#include "rules/details.h"
#include "rules/history_tree.h"
#include "store/store_events.h"

#include <stdio.h>

/* The longest details are those of a token with 256 groups: 256 × 480 bytes, twice. */
enum { DETAILS_MAX_BYTES = 512 * 1024 };

static const char *
text_or_empty(const char *text)
{
    return text ? text : "";
}

enum status
history_add(const struct act *act, const struct happening *happening)
{
    struct event event = {
        .at_ms = act->now_ms,
        .kind = happening->kind,
        .actor_kind = act->actor_kind,
        .details = happening->details,
    };
    int64_t id = 0;

    snprintf(event.actor_id, sizeof(event.actor_id), "%s", text_or_empty(act->actor_id));
    snprintf(event.actor_name, sizeof(event.actor_name), "%s",
             text_or_empty(act->actor_name));
    snprintf(event.address, sizeof(event.address), "%s", text_or_empty(act->address));
    snprintf(event.request_id, sizeof(event.request_id), "%s",
             text_or_empty(act->request_id));
    snprintf(event.object_kind, sizeof(event.object_kind), "%s",
             text_or_empty(happening->object_kind));
    snprintf(event.object_id, sizeof(event.object_id), "%s",
             text_or_empty(happening->object_id));
    snprintf(event.object_name, sizeof(event.object_name), "%s",
             text_or_empty(happening->object_name));
    enum status status = store_event_add(act->store, &event, &id);
    return status == STATUS_OK ? history_tree_grow(act->store) : status;
}

/* Drops the members that are the same in both. */
static void
drop_same(json_t *before, json_t *after)
{
    const char *name = NULL;
    json_t *value = NULL;
    void *next = NULL;

    json_object_foreach_safe(before, next, name, value)
    {
        if (json_equal(value, json_object_get(after, name))) {
            json_object_del(after, name);
            json_object_del(before, name);
        }
    }
}

static int
add_chunk(const char *bytes, size_t len, void *ctx)
{
    struct buffer *text = ctx;

    buffer_add(text, (struct slice){(const unsigned char *)bytes, len});
    return text->is_short ? -1 : 0;
}

enum status
history_add_change(const struct act *act, struct happening what, const char *action,
                   json_t *before, json_t *after)
{
    json_t *old AUTO(details_done) = before ? json_copy(before) : NULL;
    json_t *new AUTO(details_done) = after ? json_copy(after) : NULL;
    struct buffer text AUTO(buffer_done) = buffer_make(DETAILS_MAX_BYTES);

    if (old && new)
        drop_same(old, new);
    json_t *details AUTO(details_done) =
        json_pack("{s:s, s:O*, s:O*}", "action", action, "before", old, "after", new);
    if (!details || json_dump_callback(details, add_chunk, &text, JSON_COMPACT) != 0)
        return STATUS_BROKEN;
    what.details = buffer_slice(&text);
    return history_add(act, &what);
}
