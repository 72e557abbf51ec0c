/* SPDX-License-Identifier: Apache-2.0
 *
 * What a visitor sees of the inventory. */
#include "console/sight.h"

#include "base/ids.h"
#include "store/store_people.h"

enum status
sight_read(struct visit *v, struct sight *out)
{
    return store_user_groups(v->reader, v->user.id, out->group_ids, &out->group_count);
}

bool
sight_has_group(const struct sight *sight, int64_t group_id)
{
    return sight->group_count == 0 ||
           ids_hold(sight->group_ids, sight->group_count, group_id);
}

bool
sight_names_group(const struct visit *v, const struct sight *sight, int64_t group_id)
{
    if (sight->group_count == 0)
        return permission_set_has(&v->rights, PERMISSION_DEVICE_GROUPS_VIEW);
    return sight_has_group(sight, group_id);
}
