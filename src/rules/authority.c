/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads from the store, in the act's own transaction, what the actor may do. */
#include "rules/authority.h"

#include "base/ids.h"
#include "rules/policy.h"
#include "store/store_people.h"
#include "store/store_sessions.h"

/* Who was let in a moment ago may have been signed out since, or somebody else has set
 * the password: what is on its way ends with the session. */
static enum status
check_session(const struct act *act)
{
    enum status status = STATUS_OK;

    if (act->session_id != 0)
        status = store_session_is_of(act->store, act->session_id, act->actor_user_id);
    if (status == STATUS_NOT_FOUND)
        return failure_set(act->failure, STATUS_REFUSED, NULL,
                           "your session has ended; log in again");
    return status;
}

static enum status
read_user(const struct act *act, struct authority *out)
{
    struct user user = {0};
    struct role role = {0};
    enum status status = store_user_by_id(act->store, act->actor_user_id, &user);

    if (status == STATUS_NOT_FOUND)
        return failure_set(act->failure, STATUS_REFUSED, NULL,
                           "your user account does not exist any more");
    if (status == STATUS_OK)
        status = store_role_by_id(act->store, user.role_id, &role);
    if (status != STATUS_OK)
        return status == STATUS_NOT_FOUND ? STATUS_BROKEN : status;
    if (user.is_suspended)
        return failure_set(act->failure, STATUS_REFUSED, NULL,
                           "your user account is suspended");
    status = check_session(act);
    if (status != STATUS_OK)
        return status;

    out->user_id = user.id;
    out->is_system_admin = role.is_system_admin;
    out->rights = policy_role_rights(&role);
    return STATUS_OK;
}

enum status
authority_read(const struct act *act, struct authority *out)
{
    struct authority authority = {0};
    enum status status = STATUS_OK;

    switch (act->actor_kind) {
    case ACTOR_COMMAND:
    case ACTOR_SYSTEM:
        authority.is_all = true;
        authority.is_system_admin = true;
        authority.rights = permission_set_all();
        break;
    case ACTOR_USER:
        status = read_user(act, &authority);
        break;
    case ACTOR_TOKEN:
        status = failure_set(act->failure, STATUS_REFUSED, NULL,
                             "an API token may not do this");
        break;
    }
    if (status == STATUS_OK)
        *out = authority;
    return status;
}

enum status
authority_own(const struct act *act, const struct user *user)
{
    struct authority authority = {0};
    enum status status = authority_read(act, &authority);

    if (status == STATUS_OK && !authority.is_all && authority.user_id != user->id)
        return failure_set(act->failure, STATUS_REFUSED, NULL,
                           "this can only be done for oneself");
    return status;
}

enum status
authority_need(const struct act *act, uint16_t permission, struct authority *out)
{
    struct authority authority = {0};
    char name[PERMISSION_NAME_MAX + 1] = "";
    enum status status = authority_read(act, &authority);

    if (status != STATUS_OK)
        return status;
    if (!permission_set_has(&authority.rights, permission)) {
        permission_write(permission, name);
        return failure_set(act->failure, STATUS_REFUSED, NULL,
                           "your user role lacks the permission %s", name);
    }
    *out = authority;
    return STATUS_OK;
}

enum status
authority_covers(const struct act *act, const struct authority *authority,
                 const struct permission_set *wanted)
{
    char name[PERMISSION_NAME_MAX + 1] = "";
    uint16_t missing = policy_first_missing(wanted, &authority->rights);

    if (authority->is_all || authority->is_system_admin || missing == PERMISSION_NONE)
        return STATUS_OK;
    permission_write(missing, name);
    return failure_set(act->failure, STATUS_REFUSED, NULL,
                       "this needs the permission %s, which your own user role lacks",
                       name);
}

enum status
authority_covers_role(const struct act *act, const struct authority *authority,
                      const struct role *role)
{
    struct permission_set rights = policy_role_rights(role);

    if (role->is_system_admin && !authority->is_all && !authority->is_system_admin)
        return failure_set(act->failure, STATUS_REFUSED, NULL,
                           "only a System Administrator does this to another one, or "
                           "makes one");
    return authority_covers(act, authority, &rights);
}

enum status
authority_sees(const struct act *act, const struct authority *authority,
               const int64_t *groups, size_t count)
{
    int64_t own[TOKEN_GROUP_MAX_COUNT];
    size_t own_count = 0;
    bool is_within = count > 0;

    if (authority->is_all || authority->is_system_admin)
        return STATUS_OK;
    enum status status =
        store_user_groups(act->store, authority->user_id, own, &own_count);
    if (status != STATUS_OK || own_count == 0)
        return status;
    for (size_t i = 0; i < count; i++)
        is_within = is_within && ids_hold(own, own_count, groups[i]);
    if (!is_within)
        return failure_set(act->failure, STATUS_REFUSED, NULL,
                           "you are limited to device groups yourself: this is possible "
                           "only for users who are limited to some of yours");
    return STATUS_OK;
}
