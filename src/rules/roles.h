/* SPDX-License-Identifier: Apache-2.0
 *
 * Acts on user roles. `permissions` are implied-completed (Manage adds View). Default
 * roles cannot be changed or deleted (STATUS_REFUSED). */
#ifndef RULES_ROLES_H
#define RULES_ROLES_H

#include "rules/act.h"
#include "rules/which.h"

MUST_CHECK enum status role_add(const struct act *act, struct slice name,
                                const struct permission_set *permissions,
                                struct role *out);

/* A NULL field stays as it is. */
struct role_edit {
    const struct slice *name;
    const struct permission_set *permissions;
    int64_t if_version; /* 0 = whatever it is */
};
/* STATUS_CONFLICT: the name is taken (field "name"), or it has been changed meanwhile
 * (field "version"). Writes no event when nothing differs. */
MUST_CHECK enum status role_change(const struct act *act, struct which which,
                                   const struct role_edit *edit, struct role *out);
/* STATUS_CONFLICT: users have it. */
MUST_CHECK enum status role_delete(const struct act *act, struct which which);

#endif
