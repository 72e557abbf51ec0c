/* SPDX-License-Identifier: Apache-2.0
 *
 * Acts on users. Somebody who manages users rules over those who may no more than they
 * themselves; and one System Administrator who can act is always left. */
#include "rules/people.h"

#include "base/auto.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "crypto/password.h"
#include "rules/authority.h"
#include "rules/calendar.h"
#include "rules/details.h"
#include "rules/token_life.h"
#include "rules/users.h"
#include "rules/words.h"
#include "store/store_people.h"
#include "store/store_sessions.h"
#include "store/store_tokens.h"

#include <stdio.h>

static const char ROLE_USUAL[] = "Guest User";

/* ---- passwords ---- */

enum status
password_check(struct slice password, struct slice email, struct failure *failure)
{
    struct slice domain = email;
    struct slice local = email;

    if (!utf8_is(password) || utf8_has_control(password))
        return failure_set(failure, STATUS_MALFORMED, "password",
                           "the password holds a control character or is not UTF-8; "
                           "wanted is one line of plain text");
    if (utf8_count(password) < PASSWORD_MIN_CHARS)
        return failure_set(failure, STATUS_MALFORMED, "password",
                           "the password has %zu characters; wanted are at least %d",
                           utf8_count(password), PASSWORD_MIN_CHARS);
    if (password.len > PASSWORD_MAX_BYTES)
        return failure_set(failure, STATUS_MALFORMED, "password",
                           "the password has %zu bytes; wanted are at most %d",
                           password.len, PASSWORD_MAX_BYTES);
    if (!slice_cut(&domain, '@', &local))
        local = email;
    if (slice_equal_nocase(password, email) || slice_equal_nocase(password, local))
        return failure_set(failure, STATUS_MALFORMED, "password",
                           "the password is the e-mail address; wanted is one that "
                           "nobody can guess");
    return STATUS_OK;
}

static enum status
hash_password(const struct act *act, struct slice password, struct slice email,
              char out[PASSWORD_HASH_MAX_CHARS + 1])
{
    char hash[PASSWORD_HASH_CHARS + 1] = "";
    enum status status = password_check(password, email, act->failure);

    if (status == STATUS_OK)
        status = password_hash(password, hash);
    if (status == STATUS_OK)
        snprintf(out, PASSWORD_HASH_MAX_CHARS + 1, "%s", hash);
    return status;
}

/* ---- finding ---- */

static enum status
find_role(const struct act *act, struct slice name, struct role *out)
{
    enum status status = STATUS_OK;

    name = slice_trim(name);
    status = store_role_by_name(act->store, name, out);
    if (status == STATUS_NOT_FOUND)
        return failure_set(act->failure, status, "role", "there is no user role '%.*s'",
                           WORDS_SHORT(name));
    return status;
}

static enum status
find_role_by_id(const struct act *act, int64_t id, struct role *out)
{
    enum status status = store_role_by_id(act->store, id, out);

    if (status == STATUS_NOT_FOUND)
        return failure_set(act->failure, STATUS_MALFORMED, "roleId",
                           "there is no such user role");
    return status;
}

/* A user and the role. */
static enum status
find_user(const struct act *act, struct slice who, struct user *out_user,
          struct role *out_role)
{
    struct user user = {0};
    enum status status = user_find(act, who, "email", &user);

    if (status == STATUS_OK)
        status = store_role_by_id(act->store, user.role_id, out_role);
    if (status == STATUS_NOT_FOUND && user.id != 0)
        return STATUS_BROKEN;
    if (status == STATUS_OK)
        *out_user = user;
    return status;
}

enum status
user_find_with_role(const struct act *act, struct slice who, struct user *out_user,
                    struct role *out_role, struct authority *out_authority)
{
    int64_t groups[TOKEN_GROUP_MAX_COUNT];
    size_t group_count = 0;
    enum status status = authority_need(act, PERMISSION_USERS_MANAGE, out_authority);

    if (status == STATUS_OK)
        status = find_user(act, who, out_user, out_role);
    if (status == STATUS_OK)
        status = store_user_groups(act->store, out_user->id, groups, &group_count);
    if (status != STATUS_OK)
        return status;
    status = authority_covers_role(act, out_authority, out_role);
    return status == STATUS_OK ? authority_sees(act, out_authority, groups, group_count)
                               : status;
}

enum status
user_find_managed(const struct act *act, struct slice email, struct user *out)
{
    struct authority authority = {0};
    struct role role = {0};

    return user_find_with_role(act, email, out, &role, &authority);
}

enum status
user_check_not_last_admin(const struct act *act, const struct user *user,
                          const struct role *role)
{
    int64_t count = 0;
    enum status status = STATUS_OK;

    if (!role->is_system_admin || user->is_suspended)
        return STATUS_OK;
    status = store_user_count_admins(act->store, &count);
    if (status == STATUS_OK && count <= 1)
        return failure_set(act->failure, STATUS_REFUSED, "email",
                           "%s is the last System Administrator; give another user this "
                           "role first",
                           user->email);
    return status;
}

/* ---- writing ---- */

static enum status
change_with_event_of(const struct act *act, enum event_kind kind, struct user *user,
                     const char *action, json_t *before)
{
    struct happening what = happening_to_user(kind, user);
    json_t *after AUTO(details_done) = NULL;
    enum status status = details_user(act->store, user, &after);

    user->changed_at_s = act->now_ms / 1000;
    if (status == STATUS_OK)
        status = store_user_change(act->store, user);
    if (status == STATUS_OK)
        status = history_add_change(act, what, action, before, after);
    if (status == STATUS_OK)
        status = store_change_add_id(act->store, CHANGE_USER, user->id);
    return status;
}

enum status
user_change_with_event(const struct act *act, struct user *user, const char *action,
                       json_t *before)
{
    return change_with_event_of(act, EVENT_USER_UPDATED, user, action, before);
}

enum status
user_add_with_event(const struct act *act, struct user *user, const int64_t *groups,
                    size_t group_count)
{
    json_t *after AUTO(details_done) = NULL;
    enum status status = STATUS_OK;

    uuid_make(user->uid);
    user->created_at_s = act->now_ms / 1000;
    user->changed_at_s = user->created_at_s;
    user->password_changed_at_s = user->password_hash[0] ? user->created_at_s : 0;
    user->version = 1;
    status = store_user_add(act->store, user, &user->id);
    if (status == STATUS_CONFLICT)
        return failure_set(act->failure, status, "email", "there is already a user '%s'",
                           user->email);
    if (status == STATUS_OK && group_count > 0)
        status = store_user_groups_set(act->store, user->id, groups, group_count);
    if (status == STATUS_OK)
        status = details_user(act->store, user, &after);
    if (status == STATUS_OK)
        status = history_add_change(act, happening_to_user(EVENT_USER_UPDATED, user),
                                    "created", NULL, after);
    if (status == STATUS_OK)
        status = store_change_add_id(act->store, CHANGE_USER, user->id);
    return status;
}

/* ---- adding ---- */

enum status
user_read_wish(const struct act *act, const struct user_wish *wish, struct user *out)
{
    struct user user = {.must_change_password = wish->must_change_password};
    enum status status = words_read_email(wish->email, user.email, act->failure);

    if (status == STATUS_OK)
        status = words_read(&WORDS_USER_NAME, wish->name, user.name, sizeof(user.name),
                            act->failure);
    if (status == STATUS_OK && wish->password.len > 0)
        status =
            hash_password(act, wish->password, slice_of(user.email), user.password_hash);
    if (status == STATUS_OK)
        *out = user;
    return status;
}

enum status
user_add(const struct act *act, const struct user_wish *wish, struct user *out)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    struct authority authority = {0};
    struct slice role_name = wish->role.len > 0 ? wish->role : slice_of(ROLE_USUAL);
    int64_t groups[TOKEN_GROUP_MAX_COUNT];
    size_t group_count = 0;
    struct role role = {0};
    struct user user = {0};
    enum status status = user_read_wish(act, wish, &user);

    if (status == STATUS_OK)
        status = store_begin(act->store);
    if (status != STATUS_OK)
        return status;
    begun = act->store;
    status = authority_need(act, PERMISSION_USERS_MANAGE, &authority);
    if (status == STATUS_OK && wish->role_id != 0)
        status = find_role_by_id(act, wish->role_id, &role);
    else if (status == STATUS_OK)
        status = find_role(act, role_name, &role);
    if (status != STATUS_OK)
        return status;
    status = authority_covers_role(act, &authority, &role);
    user.role_id = role.id;
    if (status == STATUS_OK)
        status = user_read_groups(act, &authority, &wish->groups, groups, &group_count);
    if (status == STATUS_OK)
        status = user_add_with_event(act, &user, groups, group_count);
    if (status == STATUS_OK)
        status = store_commit(act->store);
    if (status == STATUS_OK)
        *out = user;
    return status;
}

/* ---- suspending and resuming ---- */

static enum status
set_suspended(const struct act *act, struct slice email, bool is_suspended)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    json_t *before AUTO(details_done) = NULL;
    struct authority authority = {0};
    struct user user = {0};
    struct role role = {0};
    enum status status = store_begin_urgent(act->store);

    if (status != STATUS_OK)
        return status;
    begun = act->store;
    status = user_find_with_role(act, email, &user, &role, &authority);
    if (status != STATUS_OK || user.is_suspended == is_suspended)
        return status;
    if (is_suspended)
        status = user_check_not_last_admin(act, &user, &role);
    if (status == STATUS_OK)
        status = details_user(act->store, &user, &before);
    user.is_suspended = is_suspended;
    if (status == STATUS_OK && is_suspended)
        status = store_session_remove_of_user(act->store, user.id, 0);
    if (status == STATUS_OK)
        status = user_change_with_event(act, &user,
                                        is_suspended ? "suspended" : "resumed", before);
    return status == STATUS_OK ? store_commit(act->store) : status;
}

enum status
user_suspend(const struct act *act, struct slice email)
{
    return set_suspended(act, email, true);
}

enum status
user_resume(const struct act *act, struct slice email)
{
    return set_suspended(act, email, false);
}

enum status
user_may_leave(const struct act *act, struct slice email, struct user *out)
{
    struct authority authority = {0};
    struct role role = {0};
    enum status status = user_find_with_role(act, email, out, &role, &authority);

    return status == STATUS_OK ? user_check_not_last_admin(act, out, &role) : status;
}

/* ---- deleting ---- */

struct id_list {
    char (*ids)[TOKEN_ID_MAX_CHARS + 1];
    size_t count, room;
};

static void
id_list_done(struct id_list *list)
{
    mem_free(&list->ids);
}

static bool
keep_id(void *ctx, const struct token *token)
{
    struct id_list *list = ctx;

    if (list->count == list->room) {
        list->room = list->room ? 2 * list->room : 16;
        list->ids = mem_resize(list->ids, list->room * sizeof(*list->ids));
    }
    snprintf(list->ids[list->count++], sizeof(*list->ids), "%s", token->id);
    return true;
}

/* The ids first, then one by one: nothing is deleted from a list that is being read. */
static enum status
remove_tokens(const struct act *act, int64_t user_id)
{
    struct id_list list AUTO(id_list_done) = {0};
    struct token_query query = {.user_id = user_id};
    enum status status = store_token_list(act->store, &query, keep_id, &list);

    for (size_t i = 0; status == STATUS_OK && i < list.count; i++) {
        struct token token = {0};
        status = store_token_by_id(act->store, slice_of(list.ids[i]), &token);
        if (status == STATUS_OK)
            status = token_remove_with_event(act, &token);
    }
    return status;
}

enum status
user_delete(const struct act *act, struct slice email)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    json_t *before AUTO(details_done) = NULL;
    struct authority authority = {0};
    struct user user = {0};
    struct role role = {0};
    enum status status = store_begin_urgent(act->store);

    if (status != STATUS_OK)
        return status;
    begun = act->store;
    status = user_find_with_role(act, email, &user, &role, &authority);
    if (status == STATUS_OK)
        status = user_check_not_last_admin(act, &user, &role);
    if (status == STATUS_OK)
        status = details_user(act->store, &user, &before);
    if (status == STATUS_OK)
        status = remove_tokens(act, user.id);
    if (status == STATUS_OK)
        status = store_user_remove(act->store, user.id);
    if (status == STATUS_OK)
        status = history_add_change(act, happening_to_user(EVENT_USER_UPDATED, &user),
                                    "deleted", before, NULL);
    if (status == STATUS_OK)
        status = store_change_add_id(act->store, CHANGE_USER, user.id);
    return status == STATUS_OK ? store_commit(act->store) : status;
}

/* ---- name, password and role ---- */

/* One's own name and password are one's own affair. */
static enum status
find_own_or_managed(const struct act *act, struct slice email, struct user *out)
{
    struct authority authority = {0};
    struct role role = {0};
    enum status status = authority_read(act, &authority);

    if (status == STATUS_OK)
        status = find_user(act, email, out, &role);
    if (status != STATUS_OK || (!authority.is_all && out->id == authority.user_id))
        return status;
    return user_find_with_role(act, email, out, &role, &authority);
}

enum status
user_set_name(const struct act *act, struct slice email, struct slice name,
              int64_t if_version, struct user *out)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    json_t *before AUTO(details_done) = NULL;
    struct user user = {0};
    enum status status = store_begin(act->store);

    if (status != STATUS_OK)
        return status;
    begun = act->store;
    status = find_own_or_managed(act, email, &user);
    if (status == STATUS_OK && if_version != 0 && if_version != user.version)
        return failure_set(act->failure, STATUS_CONFLICT, "version",
                           "the user has been changed meanwhile; read it again");
    if (status == STATUS_OK)
        status = details_user(act->store, &user, &before);
    if (status == STATUS_OK)
        status = words_read(&WORDS_USER_NAME, name, user.name, sizeof(user.name),
                            act->failure);
    if (status == STATUS_OK)
        status = user_change_with_event(act, &user, "renamed", before);
    if (status == STATUS_OK)
        status = store_user_by_id(act->store, user.id, &user);
    if (status == STATUS_OK)
        status = store_commit(act->store);
    if (status == STATUS_OK)
        *out = user;
    return status;
}

enum status
user_set_password(const struct act *act, struct slice email, struct slice password,
                  bool must_change)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    json_t *before AUTO(details_done) = NULL;
    char hash[PASSWORD_HASH_MAX_CHARS + 1] = "";
    struct user user = {0};
    enum status status = hash_password(act, password, slice_trim(email), hash);

    if (status == STATUS_OK)
        status = store_begin(act->store);
    if (status != STATUS_OK)
        return status;
    begun = act->store;
    status = find_own_or_managed(act, email, &user);
    if (status == STATUS_OK)
        status = details_user(act->store, &user, &before);
    memcpy(user.password_hash, hash, sizeof(hash));
    user.must_change_password = must_change;
    user.password_changed_at_s = act->now_ms / 1000;
    if (status == STATUS_OK)
        status = store_session_remove_of_user(act->store, user.id, act->session_id);
    /* who was kept out for a while may have kept the address */
    if (status == STATUS_OK && act->actor_user_id != user.id)
        status = calendar_end(act, &user);
    if (status == STATUS_OK)
        status = change_with_event_of(act, EVENT_PASSWORD_CHANGED, &user,
                                      "password changed", before);
    return status == STATUS_OK ? store_commit(act->store) : status;
}

enum status
user_set_role(const struct act *act, struct slice email, struct slice role_name)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    json_t *before AUTO(details_done) = NULL;
    struct authority authority = {0};
    struct user user = {0};
    struct role old_role = {0};
    struct role role = {0};
    enum status status = store_begin(act->store);

    if (status != STATUS_OK)
        return status;
    begun = act->store;
    status = user_find_with_role(act, email, &user, &old_role, &authority);
    if (status == STATUS_OK)
        status = find_role(act, role_name, &role);
    if (status != STATUS_OK || role.id == old_role.id)
        return status;
    status = authority_covers_role(act, &authority, &role);
    if (status == STATUS_OK && !role.is_system_admin)
        status = user_check_not_last_admin(act, &user, &old_role);
    if (status == STATUS_OK)
        status = details_user(act->store, &user, &before);
    user.role_id = role.id;
    if (status == STATUS_OK)
        status = user_change_with_event(act, &user, "role changed", before);
    return status == STATUS_OK ? store_commit(act->store) : status;
}
