/* SPDX-License-Identifier: Apache-2.0
 *
 * One's own name, password and sessions: /profile. */
#include "base/auto.h"
#include "console/handlers.h"
#include "console/inside.h"
#include "console/login.h"
#include "rules/people.h"
#include "rules/second_factor.h"
#include "store/store_sessions.h"

/* ---- name ---- */

enum status
profile_show(struct visit *v)
{
    bool has_factor = false;
    int64_t code_count = 0;
    enum status status = second_factor_is_in_force(v->reader, v->user.id, &has_factor);

    if (status == STATUS_OK)
        status = store_recovery_count(v->reader, v->user.id, &code_count);
    if (status != STATUS_OK)
        return status;

    struct json_writer writer = visit_json(v, 200);
    visit_etag(v, v->user.version);
    json_write_object(&writer);
    json_write_member_text(&writer, "uid", v->user.uid);
    json_write_member_text(&writer, "email", v->user.email);
    json_write_member_text(&writer, "name", v->user.name);
    json_write_member_text(&writer, "role", v->role.name);
    json_write_member_bool(&writer, "hasSecondFactor", has_factor);
    json_write_member_int(&writer, "recoveryCodesLeft", code_count);
    visit_write_time(&writer, "passwordChangedAt", v->user.password_changed_at_s);
    json_write_end(&writer);
    return json_write_done(&writer);
}

enum status
profile_change(struct visit *v)
{
    struct slice name = {0};
    const struct body_member members[] = {
        {.name = "name", .kind = BODY_TEXT, BODY_REQUIRED, .text = &name},
    };
    int64_t version = 0;
    enum status status = visit_if_match(v, &version);

    if (status == STATUS_OK)
        status = visit_body(v, members, COUNT_OF(members));
    if (status == STATUS_OK)
        status = user_set_name(&v->act, slice_of(v->user.email), name, version, &v->user);
    return status == STATUS_OK ? profile_show(v) : status;
}

/* ---- password ---- */

enum status
profile_password(struct visit *v)
{
    struct slice old = {0};
    struct slice password = {0};
    const struct body_member members[] = {
        {.name = "oldPassword", .kind = BODY_TEXT, BODY_REQUIRED, .text = &old},
        {.name = "newPassword", .kind = BODY_TEXT, BODY_REQUIRED, .text = &password},
    };
    enum status status = visit_body(v, members, COUNT_OF(members));

    if (status == STATUS_OK)
        status = login_check_password(v, "oldPassword", old);
    if (status == STATUS_OK)
        status = login_set_password(v, password);
    return status == STATUS_OK ? visit_nothing(v) : status;
}

/* ---- sessions ---- */

struct session_list {
    struct visit *v;
    struct json_writer writer;
    int64_t count;
};

static bool
write_session(void *ctx, const struct session *given)
{
    struct session_list *list = ctx;
    struct json_writer *writer = &list->writer;
    struct session session = *given;
    int64_t used_at_s = uses_find(list->v->console->uses, session.id);

    if (used_at_s > session.used_at_s)
        session.used_at_s = used_at_s;
    if (!session_is_alive(&session, &list->v->console->limits, list->v->now_s))
        return true;
    json_write_object(writer);
    json_write_member_text(writer, "id", session.uid);
    json_write_member_bool(writer, "isCurrent", session.id == list->v->session.id);
    json_write_member_text(writer, "address", session.address);
    json_write_member_text(writer, "userAgent", session.user_agent);
    visit_write_time(writer, "createdAt", session.created_at_s);
    visit_write_time(writer, "lastUsedAt", session.used_at_s);
    json_write_end(writer);
    list->count++;
    return true;
}

enum status
profile_sessions(struct visit *v)
{
    struct session_list list = {.v = v, .writer = visit_json(v, 200)};
    enum status status = STATUS_OK;

    json_write_object(&list.writer);
    json_write_key(&list.writer, "data");
    json_write_array(&list.writer);
    status = store_session_list(v->reader, v->user.id, write_session, &list);
    if (status != STATUS_OK)
        return status;
    json_write_end(&list.writer);
    json_write_key(&list.writer, "next");
    json_write_null(&list.writer);
    json_write_member_int(&list.writer, "total", list.count);
    json_write_end(&list.writer);
    return json_write_done(&list.writer);
}

enum status
profile_sign_out(struct visit *v)
{
    struct session session = {0};
    const char *uid = arena_text(v->arena, v->match.parameters[0]);
    enum status status = store_session_by_uid(v->reader, v->user.id, uid, &session);

    if (status != STATUS_OK)
        return status;
    if (session.id == v->session.id)
        return session_log_out(v);
    status = session_end(&v->act, &v->user, &session, "signed out from another session");
    return status == STATUS_OK ? visit_nothing(v) : status;
}
