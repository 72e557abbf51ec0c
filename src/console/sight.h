/* SPDX-License-Identifier: Apache-2.0
 *
 * What a visitor sees of the inventory: users who are limited to device groups see these
 * and what is in them. */
#ifndef CONSOLE_SIGHT_H
#define CONSOLE_SIGHT_H

#include "console/visit.h"

struct sight {
    int64_t group_ids[TOKEN_GROUP_MAX_COUNT]; /* ascending */
    size_t group_count;                       /* 0 = all devices */
};

MUST_CHECK enum status sight_read(struct visit *v, struct sight *out);
/* Is this group among what is seen? */
bool sight_has_group(const struct sight *sight, int64_t group_id);
/* May its name be told? Who sees all devices needs the permission to see groups; others
 * know their own. */
bool sight_names_group(const struct visit *v, const struct sight *sight,
                       int64_t group_id);

#endif
