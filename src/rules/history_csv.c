/* SPDX-License-Identifier: Apache-2.0
 *
 * Events as CSV. */
#include "rules/history_csv.h"

#include "base/auto.h"
#include "base/csv.h"
#include "base/date.h"
#include "rules/history_line.h"

#include <stdio.h>

void
history_csv_head(struct buffer *out)
{
    static const char *const NAMES[] = {
        "id",         "at",        "kind",    "action",     "actorKind",
        "actorId",    "actorName", "address", "objectKind", "objectId",
        "objectName", "requestId", "details"};

    for (size_t i = 0; i < COUNT_OF(NAMES); i++)
        csv_add(out, slice_of(NAMES[i]));
    csv_end(out);
}

void
history_csv_row(struct buffer *out, const struct event *event)
{
    char id[24];
    char at[DATE_TIME_CHARS + 1];

    snprintf(id, sizeof(id), "%lld", (long long)event->id);
    date_time_write(event->at_ms, at);
    csv_add(out, slice_of(id));
    csv_add(out, slice_of(at));
    csv_add(out, slice_of(event_name(event->kind)));
    csv_add(out, history_action(event));
    csv_add(out, slice_of(history_actor_kind(event->actor_kind)));
    csv_add(out, slice_of(event->actor_id));
    csv_add(out, slice_of(event->actor_name));
    csv_add(out, slice_of(event->address));
    csv_add(out, slice_of(event->object_kind));
    csv_add(out, slice_of(event->object_id));
    csv_add(out, slice_of(event->object_name));
    csv_add(out, slice_of(event->request_id));
    csv_add(out, event->details);
    csv_end(out);
}
