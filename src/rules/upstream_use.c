/* SPDX-License-Identifier: Apache-2.0
 *
 * Who would miss an upstream. */
#include "rules/upstream_use.h"

#include "base/auto.h"
#include "rules/upstreams.h"

static size_t
count_open(const struct description *description)
{
    size_t count = 0;

    for (size_t i = 0; i < description->operation_count; i++)
        count += description->operations[i].need == OPERATION_OPEN_TO_ALL;
    return count;
}

enum status
upstream_use_read(struct store *store, const struct upstream *upstream, int64_t now_s,
                  struct upstream_use *out, struct failure *failure)
{
    struct route_source *source AUTO(route_source_drop) = NULL;
    struct description description = {0};
    int64_t today = now_s / DAY_S;
    int64_t since_day = 0;
    struct upstream_use use = {.since_day = today - UPSTREAM_USE_DAYS + 1};
    enum status status =
        upstream_read_stored(store, upstream, &source, &description, failure);

    if (status != STATUS_OK)
        return status;
    status = store_used_since_day(store, &since_day);
    if (status == STATUS_NOT_FOUND) /* nobody has written it down: nothing is known */
        since_day = today;
    else if (status != STATUS_OK)
        return status;
    use.is_whole = since_day <= use.since_day;
    if (!use.is_whole)
        use.since_day = since_day;
    struct permission_set asked = upstream_asks_for(&description);
    struct used_by_query wanted = {&asked, use.since_day, now_s};
    use.open_count = count_open(&description);
    status = store_token_used_by(store, &wanted, use.tokens, UPSTREAM_USE_SHOWN,
                                 &use.count, &use.total);
    if (status == STATUS_OK)
        *out = use;
    return status;
}
