/* SPDX-License-Identifier: Apache-2.0
 *
 * Acts on user roles. Default roles stay as they are; a role can only hold what the one
 * who makes or changes it holds. */
#include "rules/roles.h"

#include "base/auto.h"
#include "rules/authority.h"
#include "rules/details.h"
#include "rules/policy.h"
#include "rules/words.h"
#include "store/store_people.h"

#include <stdio.h>

static struct happening
happening_of(const struct role *role, char id[24])
{
    snprintf(id, 24, "%lld", (long long)role->id);
    return (struct happening){
        .kind = EVENT_ROLE_UPDATED,
        .object_kind = "role",
        .object_id = id,
        .object_name = role->name,
    };
}

/* The event and the feed row of a change that the store has. */
static enum status
record_change(const struct act *act, const struct role *role, const char *action,
              json_t *before, json_t *after)
{
    char id[24] = "";
    struct happening what = happening_of(role, id);
    enum status status = history_add_change(act, what, action, before, after);

    if (status == STATUS_OK)
        status = store_change_add_id(act->store, CHANGE_ROLE, role->id);
    return status;
}

static enum status
refuse_taken(const struct act *act, const char *name)
{
    return failure_set(act->failure, STATUS_CONFLICT, "name",
                       "there is already a user role '%.300s'", name);
}

static enum status
add_in_transaction(const struct act *act, struct role *role)
{
    struct authority authority = {0};
    json_t *after AUTO(details_done) = NULL;
    enum status status = authority_need(act, PERMISSION_ROLES_MANAGE, &authority);

    if (status == STATUS_OK)
        status = authority_covers(act, &authority, &role->permissions);
    if (status == STATUS_OK)
        status = store_role_add(act->store, role, &role->id);
    if (status == STATUS_CONFLICT)
        return refuse_taken(act, role->name);
    if (status == STATUS_OK)
        status = details_role(role, &after);
    if (status == STATUS_OK)
        status = record_change(act, role, "created", NULL, after);
    return status;
}

enum status
role_add(const struct act *act, struct slice name,
         const struct permission_set *permissions, struct role *out)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    struct role role = {
        .permissions = *permissions,
        .created_at_s = act->now_ms / 1000,
        .changed_at_s = act->now_ms / 1000,
        .version = 1,
    };
    enum status status =
        words_read(&WORDS_ROLE_NAME, name, role.name, sizeof(role.name), act->failure);

    permission_set_imply(&role.permissions);
    if (status == STATUS_OK)
        status = store_begin(act->store);
    if (status != STATUS_OK)
        return status;
    begun = act->store;
    status = add_in_transaction(act, &role);
    if (status == STATUS_OK)
        status = store_commit(act->store);
    if (status == STATUS_OK)
        *out = role;
    return status;
}

static enum status
find_role(const struct act *act, struct which which, struct role *out)
{
    struct slice name = slice_trim(which.name);
    enum status status = which.id != 0 ? store_role_by_id(act->store, which.id, out)
                                       : store_role_by_name(act->store, name, out);

    if (status == STATUS_NOT_FOUND && which.id != 0)
        return failure_set(act->failure, status, "id", "there is no such user role");
    if (status == STATUS_NOT_FOUND)
        return failure_set(act->failure, status, "name", "there is no user role '%.*s'",
                           WORDS_SHORT(name));
    return status;
}

/* A role that can be changed, and that the actor may change. */
static enum status
find_changeable(const struct act *act, struct which which, struct role *out,
                struct authority *out_authority)
{
    enum status status = authority_need(act, PERMISSION_ROLES_MANAGE, out_authority);

    if (status == STATUS_OK)
        status = find_role(act, which, out);
    if (status == STATUS_OK && out->is_default)
        return failure_set(act->failure, STATUS_REFUSED, "name",
                           "'%.100s' is a default role: it cannot be changed or deleted; "
                           "make a role of your own instead",
                           out->name);
    if (status == STATUS_OK)
        status = authority_covers(act, out_authority, &out->permissions);
    return status;
}

static enum status
apply_change(const struct act *act, const struct authority *authority,
             const struct role_edit *edit, struct role *role)
{
    enum status status = STATUS_OK;

    if (edit->if_version != 0 && edit->if_version != role->version)
        return failure_set(act->failure, STATUS_CONFLICT, "version",
                           "the user role has been changed meanwhile; read it again");
    if (edit->name)
        status = words_read(&WORDS_ROLE_NAME, *edit->name, role->name, sizeof(role->name),
                            act->failure);
    if (status != STATUS_OK || !edit->permissions)
        return status;
    role->permissions = *edit->permissions;
    permission_set_imply(&role->permissions);
    return authority_covers(act, authority, &role->permissions);
}

static enum status
change_in_transaction(const struct act *act, struct which which,
                      const struct role_edit *edit, struct role *out)
{
    struct authority authority = {0};
    struct role role = {0};
    json_t *before AUTO(details_done) = NULL;
    json_t *after AUTO(details_done) = NULL;
    enum status status = find_changeable(act, which, &role, &authority);

    if (status == STATUS_OK)
        status = details_role(&role, &before);
    if (status == STATUS_OK)
        status = apply_change(act, &authority, edit, &role);
    if (status == STATUS_OK)
        status = details_role(&role, &after);
    if (status != STATUS_OK)
        return status;
    if (!json_equal(before, after)) {
        role.changed_at_s = act->now_ms / 1000;
        status = store_role_change(act->store, &role);
        if (status == STATUS_CONFLICT)
            return refuse_taken(act, role.name);
        if (status == STATUS_OK)
            status = record_change(act, &role, "edited", before, after);
        if (status == STATUS_OK)
            status = store_role_by_id(act->store, role.id, &role);
    }
    if (status == STATUS_OK)
        *out = role;
    return status;
}

enum status
role_change(const struct act *act, struct which which, const struct role_edit *edit,
            struct role *out)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    struct role role = {0};
    enum status status = store_begin(act->store);

    if (status != STATUS_OK)
        return status;
    begun = act->store;
    status = change_in_transaction(act, which, edit, &role);
    if (status == STATUS_OK)
        status = store_commit(act->store);
    if (status == STATUS_OK)
        *out = role;
    return status;
}

enum status
role_delete(const struct act *act, struct which which)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    struct authority authority = {0};
    struct role role = {0};
    json_t *before AUTO(details_done) = NULL;
    enum status status = store_begin(act->store);

    if (status != STATUS_OK)
        return status;
    begun = act->store;
    status = find_changeable(act, which, &role, &authority);
    if (status == STATUS_OK)
        status = details_role(&role, &before);
    if (status == STATUS_OK)
        status = store_role_remove(act->store, role.id);
    if (status == STATUS_CONFLICT)
        return failure_set(act->failure, status, "name",
                           "users have the role '%.100s'; give them another one first",
                           role.name);
    if (status == STATUS_OK)
        status = record_change(act, &role, "deleted", before, NULL);
    return status == STATUS_OK ? store_commit(act->store) : status;
}
