/* SPDX-License-Identifier: Apache-2.0
 *
 * Pauses, cookies, and the session as the caller sees it. */
#include "console/login.h"

#include "base/auto.h"
#include "console/guard.h"
#include "console/inside.h"
#include "console/write.h"
#include "crypto/password.h"
#include "rules/account_settings.h"
#include "rules/people.h"
#include "rules/policy.h"
#include "rules/second_factor.h"
#include "store/store_people.h"

/* ---- pauses ---- */

static enum status
refuse_throttled(struct visit *v, int64_t wait_s)
{
    v->retry_after_s = wait_s;
    return visit_refuse(v, PROBLEM_THROTTLED, NULL,
                        "too many attempts; try again in %lld %s", (long long)wait_s,
                        wait_s == 1 ? "second" : "seconds");
}

enum status
login_attempt(struct visit *v, enum throttle_kind kind, struct slice who)
{
    struct throttle *throttle = v->console->throttle;
    int64_t now_ms = v->request->now_ms;
    struct slice address = throttle_address(v->request->address);
    int64_t wait_s = throttle_try(throttle, THROTTLE_ADDRESS, address, now_ms);

    if (wait_s == 0 && who.len > 0)
        wait_s = throttle_try(throttle, kind, who, now_ms);
    return wait_s == 0 ? STATUS_OK : refuse_throttled(v, wait_s);
}

void
login_was_good(struct visit *v, enum throttle_kind kind, struct slice who)
{
    throttle_good(v->console->throttle, THROTTLE_ADDRESS,
                  throttle_address(v->request->address));
    throttle_good(v->console->throttle, kind, who);
}

enum status
login_check_password(struct visit *v, const char *field, struct slice password)
{
    struct slice who = slice_of(v->user.email);
    enum status status = login_attempt(v, THROTTLE_USER, who);

    if (status != STATUS_OK)
        return status;
    if (!password_fits(slice_head(password, PASSWORD_MAX_BYTES + 1),
                       v->user.password_hash))
        return visit_refuse(v, PROBLEM_INVALID, field, "the password is wrong");
    login_was_good(v, THROTTLE_USER, who);
    return STATUS_OK;
}

/* The words of rules/ speak of "password"; the caller's field has another name. */
static enum status
check_new_password(struct visit *v, struct slice password)
{
    enum status status = password_check(password, slice_of(v->user.email), &v->failure);

    if (status != STATUS_OK)
        return visit_refuse(v, PROBLEM_INVALID, "newPassword", "%s", visit_words(v));
    if (password_fits(password, v->user.password_hash))
        return visit_refuse(v, PROBLEM_INVALID, "newPassword",
                            "this is the password that is to be changed");
    return STATUS_OK;
}

enum status
login_set_password(struct visit *v, struct slice password)
{
    enum status status = check_new_password(v, password);

    if (status == STATUS_OK)
        status = user_set_password(&v->act, slice_of(v->user.email), password, false);
    if (status == STATUS_OK)
        status = store_user_by_id(v->worker->writer, v->user.id, &v->user);
    return status;
}

/* ---- the session ---- */

static void
set_cookie(struct visit *v, struct slice cookie)
{
    char text[GUARD_COOKIE_MAX_CHARS + 1];

    guard_cookie_write(cookie, v->request->is_https, text);
    visit_header(v, "Set-Cookie", text);
    secret_wipe(text, sizeof(text));
}

void
login_drop_cookie(struct visit *v)
{
    set_cookie(v, (struct slice){0});
}

enum status
login_begin(struct visit *v, enum session_state state, bool is_log_in)
{
    struct secret cookie AUTO(secret_done) = {0};
    struct session_wish wish = {
        .user = &v->user,
        .state = state,
        .before = v->session.id != 0 ? &v->session : NULL,
        .is_log_in = is_log_in,
    };
    enum status status = STATUS_OK;

    (void)!http_request_header(v->request->http, SLICE("User-Agent"), &wish.user_agent);
    status = session_start(&v->act, &wish, &cookie, &v->session);
    if (status == STATUS_NOT_FOUND) /* suspended, or signed out, in this very moment */
        return visit_refuse(v, PROBLEM_NOT_LOGGED_IN, NULL, "log in first");
    if (status != STATUS_OK)
        return status;
    v->act.session_id = v->session.id;
    session_hash(secret_slice(&cookie), v->session_hash);
    set_cookie(v, secret_slice(&cookie));
    v->rights = state == SESSION_ACTIVE ? policy_role_rights(&v->role)
                                        : (struct permission_set){{0}};
    return STATUS_OK;
}

/* ---- the answer ---- */

static const char *
state_name(enum session_state state)
{
    switch (state) {
    case SESSION_ACTIVE:
        return "active";
    case SESSION_SECOND_FACTOR:
        return "second-factor";
    case SESSION_PASSWORD_CHANGE:
        return "password-change";
    }
    return "?";
}

static enum status
write_user(struct visit *v, struct json_writer *writer)
{
    bool has_second_factor = false;
    enum status status =
        second_factor_is_in_force(v->reader, v->user.id, &has_second_factor);

    json_write_key(writer, "user");
    json_write_object(writer);
    json_write_member_text(writer, "uid", v->user.uid);
    json_write_member_text(writer, "email", v->user.email);
    json_write_member_text(writer, "name", v->user.name);
    json_write_member_text(writer, "role", v->role.name);
    json_write_member_int(writer, "roleId", v->role.id);
    json_write_member_bool(writer, "isSystemAdmin", v->role.is_system_admin);
    json_write_member_bool(writer, "hasSecondFactor", has_second_factor);
    json_write_end(writer);
    return status;
}

/* The groups are told to nobody who has not yet come in whole. */
static enum status
write_own_groups(struct visit *v, struct json_writer *writer)
{
    int64_t ids[TOKEN_GROUP_MAX_COUNT];
    size_t count = 0;
    enum status status = STATUS_OK;

    if (v->session.state == SESSION_ACTIVE)
        status = store_user_groups(v->reader, v->user.id, ids, &count);
    return status == STATUS_OK ? write_groups(v, writer, "groups", ids, count) : status;
}

static enum status
write_account(struct visit *v, struct json_writer *writer)
{
    struct account account = {0};
    enum status status = account_read(v->reader, &account);

    json_write_key(writer, "account");
    json_write_object(writer);
    json_write_member_text(writer, "name", account.name);
    json_write_member_bool(writer, "liveRights", account.is_live_rights);
    json_write_member_bool(writer, "allowBearer", account.is_bearer_allowed);
    json_write_end(writer);
    return status;
}

enum status
login_answer(struct visit *v)
{
    const struct session_limits *limits = &v->console->limits;
    char csrf[GUARD_CSRF_CHARS + 1];
    struct json_writer writer = visit_json(v, 200);
    enum status status = STATUS_OK;

    guard_csrf_write(v->console->csrf_key, v->session_hash, csrf);
    json_write_object(&writer);
    json_write_member_text(&writer, "state", state_name(v->session.state));
    json_write_member_text(&writer, "csrf", csrf);
    visit_write_time(&writer, "idleEndsAt", session_idle_end_s(&v->session, limits));
    visit_write_time(&writer, "endsAt", session_end_s(&v->session, limits));
    status = write_user(v, &writer);
    write_permissions(&writer, "permissions", &v->rights);
    if (status == STATUS_OK)
        status = write_own_groups(v, &writer);
    if (status == STATUS_OK)
        status = write_account(v, &writer);
    if (status != STATUS_OK)
        return status;
    json_write_end(&writer);
    return json_write_done(&writer);
}
