/* SPDX-License-Identifier: Apache-2.0
 *
 * Finding users, and changing what they are called, may do and see. */
#include "base/auto.h"
#include "base/ids.h"
#include "rules/authority.h"
#include "rules/details.h"
#include "rules/users.h"
#include "rules/words.h"
#include "store/store_people.h"

enum status
user_find(const struct act *act, struct slice who, const char *field, struct user *out)
{
    char folded[EMAIL_MAX_CHARS + 1] = "";
    struct slice text = slice_trim(who);
    enum status status = STATUS_OK;

    if (uuid_is(text)) {
        status = store_user_by_uid(act->store, text, out);
    } else {
        status = words_read_email(text, folded, act->failure);
        if (status == STATUS_OK)
            status = store_user_by_email(act->store, slice_of(folded), out);
    }
    if (status == STATUS_NOT_FOUND)
        return failure_set(act->failure, status, field, "there is no user '%.*s'",
                           WORDS_SHORT(text));
    return status;
}

enum status
user_read_groups(const struct act *act, const struct authority *authority,
                 const struct user_groups *wanted, int64_t out_ids[TOKEN_GROUP_MAX_COUNT],
                 size_t *out_count)
{
    int64_t ids[TOKEN_GROUP_MAX_COUNT];
    size_t count = 0;

    if (wanted->count > TOKEN_GROUP_MAX_COUNT)
        return failure_set(act->failure, STATUS_TOO_LARGE, "groups",
                           "a user can have at most %d device groups",
                           TOKEN_GROUP_MAX_COUNT);
    for (size_t i = 0; i < wanted->count; i++) {
        struct device_group group = {0};
        enum status status = store_group_by_uid(act->store, wanted->uids[i], &group);
        if (status == STATUS_NOT_FOUND)
            return failure_set(act->failure, STATUS_MALFORMED, "groups",
                               "there is no device group '%.*s'",
                               WORDS_SHORT(wanted->uids[i]));
        if (status != STATUS_OK)
            return status;
        ids[count++] = group.id;
    }
    count = ids_sort(ids, count);
    enum status status = authority_sees(act, authority, ids, count);
    if (status != STATUS_OK)
        return status;
    memcpy(out_ids, ids, count * sizeof(ids[0]));
    *out_count = count;
    return STATUS_OK;
}

/* ---- changing ---- */

/* The role that was wished for; only to what the actor may do as well. */
static enum status
change_role(const struct act *act, const struct authority *authority, int64_t role_id,
            const struct role *old_role, struct user *user)
{
    struct role role = {0};
    enum status status = store_role_by_id(act->store, role_id, &role);

    if (status == STATUS_NOT_FOUND)
        return failure_set(act->failure, STATUS_MALFORMED, "roleId",
                           "there is no such user role");
    if (status != STATUS_OK || role.id == user->role_id)
        return status;
    status = authority_covers_role(act, authority, &role);
    if (status == STATUS_OK && !role.is_system_admin)
        status = user_check_not_last_admin(act, user, old_role);
    user->role_id = role.id;
    return status;
}

static enum status
change_groups(const struct act *act, const struct authority *authority,
              const struct user_groups *wanted, const struct user *user)
{
    int64_t ids[TOKEN_GROUP_MAX_COUNT];
    size_t count = 0;
    enum status status = user_read_groups(act, authority, wanted, ids, &count);

    return status == STATUS_OK ? store_user_groups_set(act->store, user->id, ids, count)
                               : status;
}

static enum status
apply_edit(const struct act *act, const struct authority *authority,
           const struct user_edit *edit, const struct role *old_role, struct user *user)
{
    enum status status = STATUS_OK;

    if (edit->if_version != 0 && edit->if_version != user->version)
        return failure_set(act->failure, STATUS_CONFLICT, "version",
                           "the user has been changed meanwhile; read it again");
    if (edit->name)
        status = words_read(&WORDS_USER_NAME, *edit->name, user->name, sizeof(user->name),
                            act->failure);
    if (status == STATUS_OK && edit->role_id != 0)
        status = change_role(act, authority, edit->role_id, old_role, user);
    if (status == STATUS_OK && edit->groups)
        status = change_groups(act, authority, edit->groups, user);
    return status;
}

static enum status
change_in_transaction(const struct act *act, struct slice who,
                      const struct user_edit *edit, struct user *user)
{
    struct authority authority = {0};
    struct role role = {0};
    json_t *before AUTO(details_done) = NULL;
    json_t *after AUTO(details_done) = NULL;
    enum status status = user_find_with_role(act, who, user, &role, &authority);

    if (status == STATUS_OK)
        status = details_user(act->store, user, &before);
    if (status == STATUS_OK)
        status = apply_edit(act, &authority, edit, &role, user);
    if (status == STATUS_OK)
        status = details_user(act->store, user, &after);
    if (status != STATUS_OK || json_equal(before, after))
        return status;
    status = user_change_with_event(act, user, "edited", before);
    return status == STATUS_OK ? store_user_by_id(act->store, user->id, user) : status;
}

enum status
user_change(const struct act *act, struct slice who, const struct user_edit *edit,
            struct user *out)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    struct user user = {0};
    enum status status = store_begin(act->store);

    if (status != STATUS_OK)
        return status;
    begun = act->store;
    status = change_in_transaction(act, who, edit, &user);
    if (status == STATUS_OK)
        status = store_commit(act->store);
    if (status == STATUS_OK)
        *out = user;
    return status;
}
