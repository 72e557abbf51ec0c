/* SPDX-License-Identifier: Apache-2.0
 *
 * The verdicts about a proved caller. */
#include "rules/policy.h"

#include <string.h>

enum verdict
policy_life(int64_t expires_at_s, bool is_suspended, bool is_user_suspended,
            int64_t now_s)
{
    /* A token is dead in the second it expires, not one second later. */
    if (now_s >= expires_at_s)
        return REFUSED_EXPIRED;
    if (is_suspended)
        return REFUSED_SUSPENDED;
    if (is_user_suspended)
        return REFUSED_USER_SUSPENDED;
    return PERMITTED;
}

enum verdict
policy_end(enum verdict life, bool has_successor)
{
    return life == REFUSED_EXPIRED && has_successor ? REFUSED_REPLACED : life;
}

enum verdict
policy_fresh(int64_t issued_at_ms, int64_t now_ms, int64_t freshness_s)
{
    int64_t apart_ms = 0;
    int64_t window_ms = 0;

    /* A number so far away that it cannot be reckoned with is not fresh. */
    if (__builtin_sub_overflow(issued_at_ms, now_ms, &apart_ms) ||
        __builtin_mul_overflow(freshness_s, 1000, &window_ms))
        return REFUSED_NOT_FRESH;
    if (apart_ms > window_ms || apart_ms < -window_ms)
        return REFUSED_NOT_FRESH;
    return PERMITTED;
}

struct permission_set
policy_rights(const struct permission_set *token, const struct permission_set *role,
              bool is_live_rights)
{
    return is_live_rights ? permission_set_both(*token, *role) : *token;
}

struct permission_set
policy_role_rights(const struct role *role)
{
    struct permission_set rights = role->permissions;

    if (role->is_system_admin)
        return permission_set_all();
    permission_set_imply(&rights);
    return rights;
}

enum verdict
policy_licence(const struct operation *operation, const char *const *licences,
               size_t licence_count)
{
    if (operation->licence_count == 0)
        return PERMITTED;
    for (size_t i = 0; i < operation->licence_count; i++) {
        for (size_t k = 0; k < licence_count; k++) {
            if (strcmp(operation->licences[i], licences[k]) == 0)
                return PERMITTED;
        }
    }
    return REFUSED_LICENCE;
}

uint16_t
policy_first_missing(const struct permission_set *wanted,
                     const struct permission_set *rights)
{
    for (unsigned number = 1; number < PERMISSION_MAX_COUNT; number++) {
        if (permission_set_has(wanted, (uint16_t)number) &&
            !permission_set_has(rights, (uint16_t)number))
            return (uint16_t)number;
    }
    return PERMISSION_NONE;
}

enum verdict
policy_permission(const struct operation *operation, const struct permission_set *rights,
                  uint16_t *out_missing)
{
    switch (operation->need) {
    case OPERATION_CLOSED:
        break;
    case OPERATION_OPEN_TO_ALL:
        return PERMITTED;
    case OPERATION_NEEDS:
        /* An empty need means that somebody forgot to say what: the door stays shut. */
        if (permission_set_is_empty(&operation->permissions))
            break;
        if (permission_set_covers(rights, &operation->permissions))
            return PERMITTED;
        if (out_missing)
            *out_missing = policy_first_missing(&operation->permissions, rights);
        return REFUSED_PERMISSION;
    }
    if (out_missing)
        *out_missing = PERMISSION_NONE;
    return REFUSED_PERMISSION;
}
