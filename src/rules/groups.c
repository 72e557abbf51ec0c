/* SPDX-License-Identifier: Apache-2.0
 *
 * Acts on device groups, and who and what belongs to them. A group limits what is seen:
 * only somebody who sees all devices may make, delete or fill one. */
#include "rules/groups.h"

#include "base/auto.h"
#include "rules/authority.h"
#include "rules/details.h"
#include "rules/users.h"
#include "rules/words.h"
#include "store/store_devices.h"
#include "store/store_people.h"

#include <stdio.h>

/* ---- common ---- */

static struct happening
happening_of(const struct device_group *group)
{
    return (struct happening){
        .kind = EVENT_GROUP_UPDATED,
        .object_kind = "group",
        .object_id = group->uid,
        .object_name = group->name,
    };
}

/* The permission, and a sight of all devices: whoever is limited to groups could widen
 * what they see. */
static enum status
check_authority(const struct act *act, struct authority *out)
{
    int64_t ids[TOKEN_GROUP_MAX_COUNT];
    size_t count = 0;
    enum status status = authority_need(act, PERMISSION_DEVICE_GROUPS_MANAGE, out);

    if (status != STATUS_OK || out->is_all || out->is_system_admin)
        return status;
    status = store_user_groups(act->store, out->user_id, ids, &count);
    if (status == STATUS_OK && count > 0)
        return failure_set(act->failure, STATUS_REFUSED, NULL,
                           "you are limited to device groups yourself; wanted is "
                           "somebody who sees all devices");
    return status;
}

static enum status
find_group(const struct act *act, struct which which, struct device_group *out)
{
    struct slice name = slice_trim(which.name);
    enum status status = STATUS_OK;

    if (which.uid.len > 0) {
        status = store_group_by_uid(act->store, which.uid, out);
        name = which.uid;
    } else {
        status = store_group_by_name(act->store, name, out);
    }
    if (status == STATUS_NOT_FOUND)
        return failure_set(act->failure, status, "name",
                           "there is no device group '%.*s'", WORDS_SHORT(name));
    return status;
}

/* ---- what was typed ---- */

enum status
group_read_folder(struct slice typed, char out[TEXT_FOLDER_BYTES],
                  struct failure *failure)
{
    struct slice rest = slice_trim(typed);
    char part[TEXT_FOLDER_BYTES] = "";
    char path[TEXT_FOLDER_BYTES] = "";
    size_t len = 0;
    bool is_more = rest.len > 0;

    if (words_read(&WORDS_FOLDER, rest, path, sizeof(path), failure) != STATUS_OK)
        return STATUS_MALFORMED;
    while (is_more) {
        struct slice head = {0};
        is_more = slice_cut(&rest, '/', &head);
        if (!is_more)
            head = rest;
        if (words_read(&WORDS_FOLDER_NAME, head, part, sizeof(part), failure) !=
            STATUS_OK)
            return STATUS_MALFORMED;
        /* never longer than what was typed, which has been measured */
        len += (size_t)snprintf(path + len, sizeof(path) - len, "%s%s",
                                len > 0 ? "/" : "", part);
    }
    memcpy(out, path, sizeof(path));
    return STATUS_OK;
}

static enum status
read_texts(const struct act *act, const struct group_edit *edit,
           struct device_group *group)
{
    enum status status = STATUS_OK;

    if (edit->name)
        status = words_read(&WORDS_GROUP_NAME, *edit->name, group->name,
                            sizeof(group->name), act->failure);
    if (status == STATUS_OK && edit->description)
        status = words_read(&WORDS_GROUP_DESCRIPTION, *edit->description,
                            group->description, sizeof(group->description), act->failure);
    if (status == STATUS_OK && edit->folder)
        status = group_read_folder(*edit->folder, group->folder, act->failure);
    return status;
}

/* ---- making, changing and deleting ---- */

static enum status
refuse_taken(const struct act *act, const struct device_group *group)
{
    return failure_set(act->failure, STATUS_CONFLICT, "name",
                       "there is already a device group '%.300s'", group->name);
}

/* The event and the feed row of a change that the store has. */
static enum status
record_change(const struct act *act, const struct device_group *group, const char *action,
              json_t *before, json_t *after)
{
    enum status status =
        history_add_change(act, happening_of(group), action, before, after);

    if (status == STATUS_OK)
        status = store_change_add_id(act->store, CHANGE_GROUP, group->id);
    return status;
}

static enum status
add_in_transaction(const struct act *act, struct device_group *group)
{
    struct authority authority = {0};
    json_t *after AUTO(details_done) = NULL;
    enum status status = check_authority(act, &authority);

    if (status == STATUS_OK)
        status = store_group_add(act->store, group, &group->id);
    if (status == STATUS_CONFLICT)
        return refuse_taken(act, group);
    if (status == STATUS_OK)
        status = details_group(group, &after);
    if (status == STATUS_OK)
        status = record_change(act, group, "created", NULL, after);
    return status;
}

enum status
group_add(const struct act *act, const struct group_wish *wish, struct device_group *out)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    struct device_group group = {
        .created_at_s = act->now_ms / 1000,
        .changed_at_s = act->now_ms / 1000,
        .version = 1,
    };
    struct group_edit texts = {&wish->name, &wish->description, &wish->folder, 0};
    enum status status = read_texts(act, &texts, &group);

    if (status == STATUS_OK)
        status = store_begin(act->store);
    if (status != STATUS_OK)
        return status;
    begun = act->store;
    uuid_make(group.uid);
    status = add_in_transaction(act, &group);
    if (status == STATUS_OK)
        status = store_commit(act->store);
    if (status == STATUS_OK)
        *out = group;
    return status;
}

static enum status
change_in_transaction(const struct act *act, struct which which,
                      const struct group_edit *edit, struct device_group *group)
{
    struct authority authority = {0};
    json_t *before AUTO(details_done) = NULL;
    json_t *after AUTO(details_done) = NULL;
    enum status status = check_authority(act, &authority);

    if (status == STATUS_OK)
        status = find_group(act, which, group);
    if (status == STATUS_OK && edit->if_version != 0 &&
        edit->if_version != group->version)
        return failure_set(act->failure, STATUS_CONFLICT, "version",
                           "the device group has been changed meanwhile; read it again");
    if (status == STATUS_OK)
        status = details_group(group, &before);
    if (status == STATUS_OK)
        status = read_texts(act, edit, group);
    if (status == STATUS_OK)
        status = details_group(group, &after);
    if (status != STATUS_OK || json_equal(before, after))
        return status;
    group->changed_at_s = act->now_ms / 1000;
    status = store_group_change(act->store, group);
    if (status == STATUS_CONFLICT)
        return refuse_taken(act, group);
    if (status == STATUS_OK)
        status = record_change(act, group, "edited", before, after);
    return status == STATUS_OK ? store_group_by_id(act->store, group->id, group) : status;
}

enum status
group_change(const struct act *act, struct which which, const struct group_edit *edit,
             struct device_group *out)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    struct device_group group = {0};
    enum status status = store_begin(act->store);

    if (status != STATUS_OK)
        return status;
    begun = act->store;
    status = change_in_transaction(act, which, edit, &group);
    if (status == STATUS_OK)
        status = store_commit(act->store);
    if (status == STATUS_OK)
        *out = group;
    return status;
}

enum status
group_delete(const struct act *act, struct which which)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    struct authority authority = {0};
    struct device_group group = {0};
    json_t *before AUTO(details_done) = NULL;
    enum status status = store_begin(act->store);

    if (status != STATUS_OK)
        return status;
    begun = act->store;
    status = check_authority(act, &authority);
    if (status == STATUS_OK)
        status = find_group(act, which, &group);
    if (status == STATUS_OK)
        status = details_group(&group, &before);
    if (status == STATUS_OK)
        status = store_group_remove(act->store, group.id);
    if (status == STATUS_CONFLICT)
        return failure_set(act->failure, status, "name",
                           "users or tokens are limited to the device group '%.100s'; "
                           "take it from them first",
                           group.name);
    if (status == STATUS_OK)
        status = record_change(act, &group, "deleted", before, NULL);
    return status == STATUS_OK ? store_commit(act->store) : status;
}

/* ---- assigning ---- */

/* Puts `id` into the ascending list, or takes it out. False when the list is full. */
static bool
put_id(int64_t ids[TOKEN_GROUP_MAX_COUNT], size_t *count, int64_t id, bool is_removal)
{
    size_t at = 0;

    while (at < *count && ids[at] < id)
        at++;
    bool is_there = at < *count && ids[at] == id;
    if (is_there != is_removal)
        return true;
    if (is_removal) {
        memmove(ids + at, ids + at + 1, (*count - at - 1) * sizeof(ids[0]));
        (*count)--;
        return true;
    }
    if (*count == TOKEN_GROUP_MAX_COUNT)
        return false;
    memmove(ids + at + 1, ids + at, (*count - at) * sizeof(ids[0]));
    ids[at] = id;
    (*count)++;
    return true;
}

/* What somebody sees is decided by those who may as much as they. */
static enum status
check_rules_over(const struct act *act, const struct user *user)
{
    struct authority authority = {0};
    struct role role = {0};
    enum status status = authority_read(act, &authority);

    if (status == STATUS_OK)
        status = store_role_by_id(act->store, user->role_id, &role);
    if (status != STATUS_OK)
        return status == STATUS_NOT_FOUND ? STATUS_BROKEN : status;
    return authority_covers_role(act, &authority, &role);
}

static enum status
assign_user(const struct act *act, const struct device_group *group, struct slice who,
            bool is_removal)
{
    int64_t ids[TOKEN_GROUP_MAX_COUNT];
    size_t count = 0;
    struct user user = {0};
    enum status status = user_find(act, who, "users", &user);

    if (status == STATUS_OK)
        status = check_rules_over(act, &user);
    if (status == STATUS_OK)
        status = store_user_groups(act->store, user.id, ids, &count);
    if (status != STATUS_OK)
        return status;
    if (!put_id(ids, &count, group->id, is_removal))
        return failure_set(act->failure, STATUS_TOO_LARGE, "users",
                           "%s has %d device groups already, which is the most",
                           user.email, TOKEN_GROUP_MAX_COUNT);
    status = store_user_groups_set(act->store, user.id, ids, count);
    /* the groups are a part of the user: whoever edits an older version hears of it */
    user.changed_at_s = act->now_ms / 1000;
    if (status == STATUS_OK)
        status = store_user_change(act->store, &user);
    if (status == STATUS_OK)
        status = store_change_add_id(act->store, CHANGE_USER, user.id);
    return status;
}

static enum status
assign_device(const struct act *act, const struct device_group *group, struct slice name,
              bool is_removal)
{
    int64_t device_id = 0;
    enum status status =
        store_device_id_by_name(act->store, slice_trim(name), &device_id);

    if (status == STATUS_NOT_FOUND)
        return failure_set(act->failure, status, "devices",
                           "there is no device '%.*s'; wanted is a device UID or ESN",
                           WORDS_SHORT(name));
    if (status != STATUS_OK)
        return status;
    return store_device_group_set(act->store, device_id, group->id, !is_removal);
}

static void
json_array_add_texts(json_t *list, const struct slice *texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list,
                              json_stringn((const char *)texts[i].at, texts[i].len));
}

/* What an event says about members; NULL for none. */
static json_t *
details_members(const struct group_members *members)
{
    json_t *users = json_array();
    json_t *devices = json_array();

    json_array_add_texts(users, members->users, members->user_count);
    json_array_add_texts(devices, members->devices, members->device_count);
    return json_pack("{s:o, s:o}", "users", users, "devices", devices);
}

static bool
is_nobody(const struct group_members *members)
{
    return members->user_count + members->device_count == 0;
}

static enum status
add_assign_event(const struct act *act, const struct device_group *group,
                 const struct group_members *added, const struct group_members *removed)
{
    json_t *before AUTO(details_done) =
        is_nobody(removed) ? NULL : details_members(removed);
    json_t *after AUTO(details_done) = is_nobody(added) ? NULL : details_members(added);
    const char *action = is_nobody(removed) ? "assigned"
                         : is_nobody(added) ? "unassigned"
                                            : "members changed";

    return record_change(act, group, action, before, after);
}

static enum status
assign_all(const struct act *act, const struct device_group *group,
           const struct group_members *members, bool is_removal)
{
    enum status status = STATUS_OK;

    for (size_t i = 0; status == STATUS_OK && i < members->user_count; i++)
        status = assign_user(act, group, members->users[i], is_removal);
    for (size_t i = 0; status == STATUS_OK && i < members->device_count; i++)
        status = assign_device(act, group, members->devices[i], is_removal);
    return status;
}

enum status
group_assign(const struct act *act, struct which which, const struct group_members *added,
             const struct group_members *removed)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    struct authority authority = {0};
    struct device_group group = {0};
    enum status status = STATUS_OK;

    if (is_nobody(added) && is_nobody(removed))
        return failure_set(act->failure, STATUS_MALFORMED, NULL,
                           "there is nobody and nothing to assign; wanted are users or "
                           "devices");
    status = store_begin(act->store);
    if (status != STATUS_OK)
        return status;
    begun = act->store;
    status = check_authority(act, &authority);
    if (status == STATUS_OK && added->user_count + removed->user_count > 0)
        status = authority_need(act, PERMISSION_USERS_MANAGE, &authority);
    if (status == STATUS_OK)
        status = find_group(act, which, &group);
    if (status == STATUS_OK)
        status = assign_all(act, &group, added, false);
    if (status == STATUS_OK)
        status = assign_all(act, &group, removed, true);
    if (status == STATUS_OK)
        status = add_assign_event(act, &group, added, removed);
    return status == STATUS_OK ? store_commit(act->store) : status;
}
