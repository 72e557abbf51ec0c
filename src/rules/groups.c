/* SPDX-License-Identifier: Apache-2.0
 *
 * Acts on device groups, and who and what belongs to them. A group limits what is seen:
 * only somebody who sees all devices may make, delete or fill one. */
#include "rules/people.h"

#include "base/auto.h"
#include "rules/authority.h"
#include "rules/details.h"
#include "rules/words.h"
#include "store/store_devices.h"
#include "store/store_people.h"

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
find_group(const struct act *act, struct slice name, struct device_group *out)
{
    enum status status = STATUS_OK;

    name = slice_trim(name);
    status = store_group_by_name(act->store, name, out);
    if (status == STATUS_NOT_FOUND)
        return failure_set(act->failure, status, "name",
                           "there is no device group '%.*s'", WORDS_SHORT(name));
    return status;
}

/* ---- making and deleting ---- */

static enum status
add_in_transaction(const struct act *act, struct device_group *group)
{
    struct authority authority = {0};
    json_t *after AUTO(details_done) = NULL;
    enum status status = check_authority(act, &authority);

    if (status == STATUS_OK)
        status = store_group_add(act->store, group, &group->id);
    if (status == STATUS_CONFLICT)
        return failure_set(act->failure, status, "name",
                           "there is already a device group '%.300s'", group->name);
    if (status == STATUS_OK)
        status = details_group(group, &after);
    if (status == STATUS_OK)
        status = history_add_change(act, happening_of(group), "created", NULL, after);
    if (status == STATUS_OK)
        status = store_change_add_id(act->store, CHANGE_GROUP, group->id);
    return status;
}

enum status
group_add(const struct act *act, struct slice name, struct slice description,
          struct device_group *out)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    struct device_group group = {
        .created_at_s = act->now_ms / 1000,
        .changed_at_s = act->now_ms / 1000,
    };
    enum status status =
        words_read(&WORDS_GROUP_NAME, name, group.name, sizeof(group.name), act->failure);

    if (status == STATUS_OK)
        status = words_read(&WORDS_GROUP_DESCRIPTION, description, group.description,
                            sizeof(group.description), act->failure);
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

enum status
group_delete(const struct act *act, struct slice name)
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
        status = find_group(act, name, &group);
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
        status = history_add_change(act, happening_of(&group), "deleted", before, NULL);
    if (status == STATUS_OK)
        status = store_change_add_id(act->store, CHANGE_GROUP, group.id);
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

static enum status
assign_user(const struct act *act, const struct device_group *group, struct slice email,
            bool is_removal)
{
    int64_t ids[TOKEN_GROUP_MAX_COUNT];
    size_t count = 0;
    char folded[EMAIL_MAX_CHARS + 1] = "";
    struct user user = {0};
    enum status status = words_read_email(email, folded, act->failure);

    if (status == STATUS_OK)
        status = store_user_by_email(act->store, slice_of(folded), &user);
    if (status == STATUS_NOT_FOUND)
        return failure_set(act->failure, status, "users", "there is no user '%.*s'",
                           WORDS_SHORT(email));
    if (status == STATUS_OK)
        status = store_user_groups(act->store, user.id, ids, &count);
    if (status != STATUS_OK)
        return status;
    if (!put_id(ids, &count, group->id, is_removal))
        return failure_set(act->failure, STATUS_TOO_LARGE, "users",
                           "%s has %d device groups already, which is the most",
                           user.email, TOKEN_GROUP_MAX_COUNT);
    status = store_user_groups_set(act->store, user.id, ids, count);
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

static json_t *
texts_of(const struct slice *texts, size_t count)
{
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append_new(list,
                              json_stringn((const char *)texts[i].at, texts[i].len));
    return list;
}

static enum status
add_assign_event(const struct act *act, const struct device_group *group,
                 json_t *assigned, bool is_removal)
{
    enum status status = history_add_change(
        act, happening_of(group), is_removal ? "unassigned" : "assigned",
        is_removal ? assigned : NULL, is_removal ? NULL : assigned);

    if (status == STATUS_OK)
        status = store_change_add_id(act->store, CHANGE_GROUP, group->id);
    return status;
}

enum status
group_assign(const struct act *act, struct slice name, const struct slice *emails,
             size_t email_count, const struct slice *devices, size_t device_count,
             bool is_removal)
{
    struct store *begun AUTO(store_undo_done) = NULL;
    struct authority authority = {0};
    struct device_group group = {0};
    json_t *assigned AUTO(details_done) =
        json_pack("{s:o, s:o}", "users", texts_of(emails, email_count), "devices",
                  texts_of(devices, device_count));
    enum status status = STATUS_OK;

    if (email_count + device_count == 0)
        return failure_set(act->failure, STATUS_MALFORMED, NULL,
                           "there is nobody and nothing to assign; wanted are users or "
                           "devices");
    status = store_begin(act->store);
    if (status != STATUS_OK)
        return status;
    begun = act->store;
    status = check_authority(act, &authority);
    if (status == STATUS_OK && email_count > 0)
        status = authority_need(act, PERMISSION_USERS_MANAGE, &authority);
    if (status == STATUS_OK)
        status = find_group(act, name, &group);
    for (size_t i = 0; status == STATUS_OK && i < email_count; i++)
        status = assign_user(act, &group, emails[i], is_removal);
    for (size_t i = 0; status == STATUS_OK && i < device_count; i++)
        status = assign_device(act, &group, devices[i], is_removal);
    if (status == STATUS_OK)
        status = add_assign_event(act, &group, assigned, is_removal);
    return status == STATUS_OK ? store_commit(act->store) : status;
}
