/* SPDX-License-Identifier: Apache-2.0
 *
 * Device groups over the admin API. Whoever lacks the permission to see them, or is
 * limited to some, sees their own. */
#include "rules/groups.h"

#include "base/auto.h"
#include "console/device_doc.h"
#include "console/handlers.h"
#include "console/list.h"
#include "console/sight.h"
#include "console/write.h"
#include "store/store_people.h"

static enum status
write_group(struct visit *v, struct json_writer *writer, const struct device_group *group)
{
    struct group_counts counts = {0};
    enum status status = store_group_count(v->reader, group->id, &counts);

    json_write_object(writer);
    json_write_member_text(writer, "uid", group->uid);
    json_write_member_text(writer, "name", group->name);
    json_write_member_text(writer, "description", group->description);
    json_write_member_text(writer, "folder", group->folder);
    json_write_member_int(writer, "deviceCount", counts.devices);
    json_write_member_int(writer, "userCount", counts.users);
    json_write_member_int(writer, "tokenCount", counts.tokens);
    visit_write_time(writer, "createdAt", group->created_at_s);
    visit_write_time(writer, "changedAt", group->changed_at_s);
    json_write_member_int(writer, "version", group->version);
    json_write_end(writer);
    return status;
}

static enum status
answer_group(struct visit *v, int status_code, const struct device_group *group)
{
    struct json_writer writer = visit_json(v, status_code);
    enum status status = write_group(v, &writer, group);

    if (status != STATUS_OK)
        return status;
    visit_etag(v, group->version);
    return json_write_done(&writer);
}

/* Are groups shown that are not the visitor's own? */
static bool
may_see_all(const struct visit *v, const struct sight *sight)
{
    return sight->group_count == 0 &&
           permission_set_has(&v->rights, PERMISSION_DEVICE_GROUPS_VIEW);
}

/* The group that the path names, if it is seen. */
static enum status
find_group(struct visit *v, struct device_group *out)
{
    struct sight sight = {0};
    enum status status = sight_read(v, &sight);

    if (status == STATUS_OK)
        status = store_group_by_uid(v->reader, v->match.parameters[0], out);
    if (status == STATUS_OK && !sight_names_group(v, &sight, out->id))
        status = STATUS_NOT_FOUND;
    if (status == STATUS_NOT_FOUND)
        return visit_refuse(v, PROBLEM_NOT_FOUND, NULL,
                            "there is no such device group, or it is not yours to see");
    return status;
}

static bool
has_sort(struct slice name)
{
    return store_list_has_sort(LIST_GROUPS, name);
}

static enum status
show_group(struct visit *v, struct json_writer *writer, int64_t id)
{
    struct device_group group = {0};
    enum status status = store_group_by_id(v->reader, id, &group);

    return status == STATUS_OK ? write_group(v, writer, &group) : status;
}

enum status
groups_list(struct visit *v)
{
    static const char *const NAMES[] = {"q", "sort", "pageSize", "after", NULL};
    struct group_filter filter = {0};
    struct sight sight = {0};
    struct list_found found = {0};
    struct list_ask ask;
    enum status status = visit_query_names(v, NAMES);

    if (status == STATUS_OK)
        status = list_read(v, has_sort, &ask);
    if (status == STATUS_OK)
        status = sight_read(v, &sight);
    if (status == STATUS_OK)
        status = read_search(v, "q", &filter.text);
    filter.of_user = may_see_all(v, &sight) ? 0 : v->user.id;
    if (status == STATUS_OK)
        status = store_group_find(v->reader, &filter, &ask.page, v->arena, &found);
    if (status != STATUS_OK)
        return status;
    return list_answer(v, &ask, &found, show_group);
}

enum status
groups_show(struct visit *v)
{
    struct device_group group = {0};
    enum status status = find_group(v, &group);

    return status == STATUS_OK ? answer_group(v, 200, &group) : status;
}

enum status
groups_devices(struct visit *v)
{
    struct device_group group = {0};
    struct sight sight = {.group_count = 1};
    enum status status = find_group(v, &group);

    sight.group_ids[0] = group.id;
    return status == STATUS_OK ? device_doc_list(v, &sight, &group) : status;
}

/* ---- acts ---- */

enum status
groups_add(struct visit *v)
{
    struct group_wish wish = {0};
    struct device_group group = {0};
    const struct body_member members[] = {
        {.name = "name", .kind = BODY_TEXT, .wanted = BODY_REQUIRED, .text = &wish.name},
        {.name = "description", .kind = BODY_TEXT, .text = &wish.description},
        {.name = "folder", .kind = BODY_TEXT, .text = &wish.folder},
    };
    enum status status = visit_body(v, members, COUNT_OF(members));

    if (status == STATUS_OK)
        status = group_add(&v->act, &wish, &group);
    return status == STATUS_OK ? answer_group(v, 201, &group) : status;
}

enum status
groups_edit(struct visit *v)
{
    struct slice texts[3] = {{0}};
    bool has[3] = {false};
    struct group_edit edit = {0};
    struct device_group group = {0};
    const struct body_member members[] = {
        {.name = "name", .kind = BODY_TEXT, .text = &texts[0], .is_there = &has[0]},
        {.name = "description",
         .kind = BODY_TEXT,
         .text = &texts[1],
         .is_there = &has[1]},
        {.name = "folder", .kind = BODY_TEXT, .text = &texts[2], .is_there = &has[2]},
    };
    enum status status = visit_if_match(v, &edit.if_version);

    if (status == STATUS_OK)
        status = find_group(v, &group);
    if (status == STATUS_OK)
        status = visit_body(v, members, COUNT_OF(members));
    if (status != STATUS_OK)
        return status;
    edit.name = has[0] ? &texts[0] : NULL;
    edit.description = has[1] ? &texts[1] : NULL;
    edit.folder = has[2] ? &texts[2] : NULL;
    status = group_change(&v->act, which_uid(slice_of(group.uid)), &edit, &group);
    return status == STATUS_OK ? answer_group(v, 200, &group) : status;
}

enum status
groups_delete(struct visit *v)
{
    struct device_group group = {0};
    enum status status = find_group(v, &group);

    if (status == STATUS_OK)
        status = group_delete(&v->act, which_uid(slice_of(group.uid)));
    return status == STATUS_OK ? visit_nothing(v) : status;
}

/* One of the lists of uids; none when it is not there. */
static enum status
read_members(struct visit *v, const json_t *list, const char *field,
             const struct slice **out, size_t *out_count)
{
    struct slice *texts = NULL;
    enum status status =
        read_texts(v, list, field, BODY_LIST_MAX_COUNT, &texts, out_count);

    *out = texts;
    return status;
}

enum status
groups_members(struct visit *v)
{
    json_t *lists[4] = {NULL};
    struct group_members added = {0};
    struct group_members removed = {0};
    struct device_group group = {0};
    const struct body_member members[] = {
        {.name = "addDevices", .kind = BODY_ARRAY, .json = &lists[0]},
        {.name = "removeDevices", .kind = BODY_ARRAY, .json = &lists[1]},
        {.name = "addUsers", .kind = BODY_ARRAY, .json = &lists[2]},
        {.name = "removeUsers", .kind = BODY_ARRAY, .json = &lists[3]},
    };
    enum status status = find_group(v, &group);

    if (status == STATUS_OK)
        status = visit_body(v, members, COUNT_OF(members));
    if (status == STATUS_OK)
        status =
            read_members(v, lists[0], "addDevices", &added.devices, &added.device_count);
    if (status == STATUS_OK)
        status = read_members(v, lists[1], "removeDevices", &removed.devices,
                              &removed.device_count);
    if (status == STATUS_OK)
        status = read_members(v, lists[2], "addUsers", &added.users, &added.user_count);
    if (status == STATUS_OK)
        status =
            read_members(v, lists[3], "removeUsers", &removed.users, &removed.user_count);
    if (status != STATUS_OK)
        return status;
    status = group_assign(&v->act, which_uid(slice_of(group.uid)), &added, &removed);
    if (status == STATUS_NOT_FOUND && v->failure.field[0] &&
        strcmp(v->failure.field, "name") != 0)
        v->problem = PROBLEM_INVALID; /* it is the member that is not there */
    return status == STATUS_OK ? groups_show(v) : status;
}
