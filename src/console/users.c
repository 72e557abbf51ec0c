/* SPDX-License-Identifier: Apache-2.0
 *
 * Users over the admin API. */
#include "base/auto.h"
#include "console/handlers.h"
#include "console/list.h"
#include "console/write.h"
#include "rules/people.h"
#include "rules/second_factor.h"
#include "store/store_people.h"

/* ---- as JSON ---- */

static enum status
write_user(struct visit *v, struct json_writer *writer, const struct user *user)
{
    int64_t groups[TOKEN_GROUP_MAX_COUNT];
    size_t group_count = 0;
    int64_t token_count = 0;
    bool has_factor = false;
    struct role role = {0};
    enum status status = store_role_by_id(v->reader, user->role_id, &role);

    if (status == STATUS_OK)
        status = store_user_groups(v->reader, user->id, groups, &group_count);
    if (status == STATUS_OK)
        status = store_user_count_tokens(v->reader, user->id, &token_count);
    if (status == STATUS_OK)
        status = second_factor_is_in_force(v->reader, user->id, &has_factor);
    if (status != STATUS_OK)
        return status;
    json_write_object(writer);
    json_write_member_text(writer, "uid", user->uid);
    json_write_member_text(writer, "email", user->email);
    json_write_member_text(writer, "name", user->name);
    json_write_key(writer, "role");
    json_write_object(writer);
    json_write_member_int(writer, "id", role.id);
    json_write_member_text(writer, "name", role.name);
    json_write_end(writer);
    json_write_member_bool(writer, "isSuspended", user->is_suspended);
    json_write_member_bool(writer, "mustChangePassword", user->must_change_password);
    json_write_member_bool(writer, "hasSecondFactor", has_factor);
    status = write_groups(v, writer, "groups", groups, group_count);
    json_write_member_int(writer, "tokenCount", token_count);
    visit_write_time(writer, "createdAt", user->created_at_s);
    visit_write_time(writer, "changedAt", user->changed_at_s);
    visit_write_time(writer, "lastLoginAt", user->last_login_at_s);
    json_write_member_int(writer, "version", user->version);
    json_write_end(writer);
    return status;
}

static enum status
answer_user(struct visit *v, int status_code, const struct user *user)
{
    struct json_writer writer = visit_json(v, status_code);
    enum status status = write_user(v, &writer, user);

    if (status != STATUS_OK)
        return status;
    visit_etag(v, user->version);
    return json_write_done(&writer);
}

/* The user that the path names: by uid, and by nothing else. */
static enum status
find_user(struct visit *v, struct user *out)
{
    enum status status = store_user_by_uid(v->reader, v->match.parameters[0], out);

    if (status == STATUS_NOT_FOUND)
        return visit_refuse(v, PROBLEM_NOT_FOUND, NULL, "there is no such user");
    return status;
}

/* The user as they are after an act. */
static enum status
answer_again(struct visit *v, const struct user *user)
{
    struct user now = {0};
    enum status status = store_user_by_id(v->reader, user->id, &now);

    return status == STATUS_OK ? answer_user(v, 200, &now) : status;
}

/* ---- the list ---- */

static bool
has_sort(struct slice name)
{
    return store_list_has_sort(LIST_USERS, name);
}

static enum status
read_filter(struct visit *v, struct user_filter *out)
{
    bool has_state = false;
    bool is_suspended = false;
    enum status status = visit_query_int(v, "role", 1, INT64_MAX, &out->role_id);

    if (status == STATUS_OK)
        status = visit_query_bool(v, "isSuspended", &has_state, &is_suspended);
    out->is_suspended = has_state ? is_suspended : -1;
    if (status == STATUS_OK)
        status = read_search(v, "q", &out->text);
    return status == STATUS_OK ? visit_query_group(v, &out->group_id) : status;
}

static enum status
show_user(struct visit *v, struct json_writer *writer, int64_t id)
{
    struct user user = {0};
    enum status status = store_user_by_id(v->reader, id, &user);

    return status == STATUS_OK ? write_user(v, writer, &user) : status;
}

enum status
users_list(struct visit *v)
{
    static const char *const NAMES[] = {"q",    "role",     "group", "isSuspended",
                                        "sort", "pageSize", "after", NULL};
    struct user_filter filter = {0};
    struct list_found found = {0};
    struct list_ask ask;
    enum status status = visit_query_names(v, NAMES);

    if (status == STATUS_OK)
        status = list_read(v, has_sort, &ask);
    if (status == STATUS_OK)
        status = read_filter(v, &filter);
    if (status == STATUS_OK)
        status = store_user_find(v->reader, &filter, &ask.page, v->arena, &found);
    if (status != STATUS_OK)
        return status;
    return list_answer(v, &ask, &found, show_user);
}

enum status
users_show(struct visit *v)
{
    struct user user = {0};
    enum status status = find_user(v, &user);

    return status == STATUS_OK ? answer_user(v, 200, &user) : status;
}

/* ---- acts ---- */

static enum status
read_group_uids(struct visit *v, const json_t *list, struct user_groups *out)
{
    struct slice *uids = NULL;
    enum status status =
        read_texts(v, list, "groups", TOKEN_GROUP_MAX_COUNT, &uids, &out->count);

    out->uids = uids;
    return status;
}

enum status
users_add(struct visit *v)
{
    struct user_wish wish = {.must_change_password = true};
    json_t *groups = NULL;
    struct user user = {0};
    const struct body_member members[] = {
        {.name = "email",
         .kind = BODY_TEXT,
         .wanted = BODY_REQUIRED,
         .text = &wish.email},
        {.name = "name", .kind = BODY_TEXT, .text = &wish.name},
        {.name = "roleId",
         .kind = BODY_INT,
         .wanted = BODY_REQUIRED,
         .number = &wish.role_id},
        {.name = "password",
         .kind = BODY_TEXT,
         .wanted = BODY_REQUIRED,
         .text = &wish.password},
        {.name = "groups", .kind = BODY_ARRAY, .json = &groups},
    };
    enum status status = visit_body(v, members, COUNT_OF(members));

    if (status == STATUS_OK && wish.password.len == 0)
        return visit_refuse(v, PROBLEM_INVALID, "password", "the password is empty");
    if (status == STATUS_OK && wish.role_id <= 0)
        return visit_refuse(v, PROBLEM_INVALID, "roleId", "there is no such user role");
    if (status == STATUS_OK)
        status = read_group_uids(v, groups, &wish.groups);
    if (status == STATUS_OK)
        status = user_add(&v->act, &wish, &user);
    return status == STATUS_OK ? answer_user(v, 201, &user) : status;
}

static enum status
read_edit(struct visit *v, struct user_edit *edit, struct slice *name,
          struct user_groups *groups)
{
    json_t *uids = NULL;
    bool has_name = false;
    bool has_role = false;
    const struct body_member members[] = {
        {.name = "name", .kind = BODY_TEXT, .text = name, .is_there = &has_name},
        {.name = "roleId",
         .kind = BODY_INT,
         .number = &edit->role_id,
         .is_there = &has_role},
        {.name = "groups", .kind = BODY_ARRAY, .json = &uids},
    };
    enum status status = visit_body(v, members, COUNT_OF(members));

    if (status == STATUS_OK && has_role && edit->role_id <= 0)
        return visit_refuse(v, PROBLEM_INVALID, "roleId", "there is no such user role");
    if (status == STATUS_OK && uids) {
        status = read_group_uids(v, uids, groups);
        edit->groups = groups;
    }
    edit->name = has_name ? name : NULL;
    return status;
}

enum status
users_edit(struct visit *v)
{
    struct user_edit edit = {0};
    struct user_groups groups = {0};
    struct slice name = {0};
    struct user user = {0};
    enum status status = visit_if_match(v, &edit.if_version);

    if (status == STATUS_OK)
        status = find_user(v, &user);
    if (status == STATUS_OK)
        status = read_edit(v, &edit, &name, &groups);
    if (status == STATUS_OK)
        status = user_change(&v->act, slice_of(user.uid), &edit, &user);
    return status == STATUS_OK ? answer_user(v, 200, &user) : status;
}

enum status
users_suspend(struct visit *v)
{
    struct user user = {0};
    enum status status = find_user(v, &user);

    if (status == STATUS_OK)
        status = user_suspend(&v->act, slice_of(user.uid));
    return status == STATUS_OK ? answer_again(v, &user) : status;
}

enum status
users_resume(struct visit *v)
{
    struct user user = {0};
    enum status status = find_user(v, &user);

    if (status == STATUS_OK)
        status = user_resume(&v->act, slice_of(user.uid));
    return status == STATUS_OK ? answer_again(v, &user) : status;
}

/* Somebody else's: they change it at their next log-in. One's own is /profile's. */
enum status
users_password(struct visit *v)
{
    struct user user = {0};
    struct slice password = {0};
    const struct body_member members[] = {
        {.name = "password",
         .kind = BODY_TEXT,
         .wanted = BODY_REQUIRED,
         .text = &password},
    };
    enum status status = visit_body(v, members, COUNT_OF(members));

    if (status == STATUS_OK)
        status = find_user(v, &user);
    if (status == STATUS_OK && user.id == v->user.id)
        return visit_refuse(v, PROBLEM_CONFLICT, NULL,
                            "one's own password is changed in one's profile");
    if (status == STATUS_OK)
        status = user_set_password(&v->act, slice_of(user.email), password, true);
    return status == STATUS_OK ? visit_nothing(v) : status;
}

/* Somebody else's: for one's own the profile asks for the password. */
enum status
users_factor_reset(struct visit *v)
{
    struct user user = {0};
    enum status status = find_user(v, &user);

    if (status == STATUS_OK && user.id == v->user.id)
        return visit_refuse(v, PROBLEM_CONFLICT, NULL,
                            "one's own second factor is switched off in one's profile");
    if (status == STATUS_OK)
        status = second_factor_reset(&v->act, slice_of(user.email));
    return status == STATUS_OK ? visit_nothing(v) : status;
}

enum status
users_delete(struct visit *v)
{
    struct user user = {0};
    enum status status = find_user(v, &user);

    if (status == STATUS_OK && user.id == v->user.id)
        return visit_refuse(v, PROBLEM_CONFLICT, NULL,
                            "you cannot delete yourself; another administrator can");
    if (status == STATUS_OK)
        status = user_delete(&v->act, slice_of(user.uid));
    return status == STATUS_OK ? visit_nothing(v) : status;
}
