/* SPDX-License-Identifier: Apache-2.0
 *
 * User roles over the admin API. */
#include "rules/roles.h"

#include "base/auto.h"
#include "base/number.h"
#include "console/handlers.h"
#include "console/list.h"
#include "console/write.h"
#include "rules/policy.h"
#include "store/store_people.h"

static enum status
write_role(struct visit *v, struct json_writer *writer, const struct role *role)
{
    struct permission_set rights = policy_role_rights(role);
    int64_t user_count = 0;
    enum status status = store_role_count_users(v->reader, role->id, &user_count);

    json_write_object(writer);
    json_write_member_int(writer, "id", role->id);
    json_write_member_text(writer, "name", role->name);
    json_write_member_bool(writer, "isDefault", role->is_default);
    json_write_member_bool(writer, "isSystemAdmin", role->is_system_admin);
    write_permissions(writer, "permissions", &rights);
    json_write_member_int(writer, "userCount", user_count);
    visit_write_time(writer, "createdAt", role->created_at_s);
    visit_write_time(writer, "changedAt", role->changed_at_s);
    json_write_member_int(writer, "version", role->version);
    json_write_end(writer);
    return status;
}

static enum status
answer_role(struct visit *v, int status_code, const struct role *role)
{
    struct json_writer writer = visit_json(v, status_code);
    enum status status = write_role(v, &writer, role);

    if (status != STATUS_OK)
        return status;
    visit_etag(v, role->version);
    return json_write_done(&writer);
}

static enum status
find_role(struct visit *v, struct role *out)
{
    int64_t id = 0;
    enum status status = STATUS_NOT_FOUND;

    if (number_read(v->match.parameters[0], &id) == STATUS_OK && id > 0)
        status = store_role_by_id(v->reader, id, out);
    if (status == STATUS_NOT_FOUND)
        return visit_refuse(v, PROBLEM_NOT_FOUND, NULL, "there is no such user role");
    return status;
}

static bool
has_sort(struct slice name)
{
    return store_list_has_sort(LIST_ROLES, name);
}

static enum status
show_role(struct visit *v, struct json_writer *writer, int64_t id)
{
    struct role role = {0};
    enum status status = store_role_by_id(v->reader, id, &role);

    return status == STATUS_OK ? write_role(v, writer, &role) : status;
}

enum status
roles_list(struct visit *v)
{
    static const char *const NAMES[] = {"q", "sort", "pageSize", "after", NULL};
    struct slice text = {0};
    struct list_found found = {0};
    struct list_ask ask;
    enum status status = visit_query_names(v, NAMES);

    if (status == STATUS_OK)
        status = list_read(v, has_sort, &ask);
    if (status == STATUS_OK)
        status = read_search(v, "q", &text);
    if (status == STATUS_OK)
        status = store_role_find(v->reader, text, &ask.page, v->arena, &found);
    if (status != STATUS_OK)
        return status;
    return list_answer(v, &ask, &found, show_role);
}

enum status
roles_show(struct visit *v)
{
    struct role role = {0};
    enum status status = find_role(v, &role);

    return status == STATUS_OK ? answer_role(v, 200, &role) : status;
}

enum status
roles_add(struct visit *v)
{
    struct slice name = {0};
    json_t *names = NULL;
    struct permission_set permissions = {{0}};
    struct role role = {0};
    const struct body_member members[] = {
        {.name = "name", .kind = BODY_TEXT, .wanted = BODY_REQUIRED, .text = &name},
        {.name = "permissions",
         .kind = BODY_ARRAY,
         .wanted = BODY_REQUIRED,
         .json = &names},
    };
    enum status status = visit_body(v, members, COUNT_OF(members));

    if (status == STATUS_OK)
        status = read_permissions(v, names, &permissions);
    if (status == STATUS_OK)
        status = role_add(&v->act, name, &permissions, &role);
    return status == STATUS_OK ? answer_role(v, 201, &role) : status;
}

enum status
roles_edit(struct visit *v)
{
    struct slice name = {0};
    bool has_name = false;
    json_t *names = NULL;
    struct permission_set permissions = {{0}};
    struct role_edit edit = {0};
    struct role role = {0};
    const struct body_member members[] = {
        {.name = "name", .kind = BODY_TEXT, .text = &name, .is_there = &has_name},
        {.name = "permissions", .kind = BODY_ARRAY, .json = &names},
    };
    enum status status = visit_if_match(v, &edit.if_version);

    if (status == STATUS_OK)
        status = find_role(v, &role);
    if (status == STATUS_OK)
        status = visit_body(v, members, COUNT_OF(members));
    if (status == STATUS_OK && names)
        status = read_permissions(v, names, &permissions);
    if (status != STATUS_OK)
        return status;
    edit.name = has_name ? &name : NULL;
    edit.permissions = names ? &permissions : NULL;
    status = role_change(&v->act, which_numbered(role.id), &edit, &role);
    return status == STATUS_OK ? answer_role(v, 200, &role) : status;
}

enum status
roles_delete(struct visit *v)
{
    struct role role = {0};
    enum status status = find_role(v, &role);

    if (status == STATUS_OK)
        status = role_delete(&v->act, which_numbered(role.id));
    return status == STATUS_OK ? visit_nothing(v) : status;
}
