/* SPDX-License-Identifier: Apache-2.0
 *
 * The user roles that every new account has: THE DEFAULT ROLE TABLE (roles.c). They can
 * be assigned and duplicated, but not changed or deleted. */
#ifndef MODEL_ROLES_H
#define MODEL_ROLES_H

#include "model/permission.h"

#include <stdbool.h>
#include <stddef.h>

#define ROLE_SYSTEM_ADMINISTRATOR "System Administrator"

/* One default role. */
struct default_role {
    const char *name;
    const char *meaning;  /* one sentence */
    bool is_system_admin; /* may do all, also what the catalogue gets later */
    struct permission_set permissions; /* Manage already implies View in it */
};

size_t default_role_count(void);
/* 0 .. count - 1, the mightiest first. */
struct default_role default_role_at(size_t index);

#endif
