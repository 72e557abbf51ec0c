/* SPDX-License-Identifier: Apache-2.0
 *
 * The way of a request to the admin API. Read THE STEP TABLE first; each step goes on
 * with STATUS_OK, anything else ends the way. */
#include "base/auto.h"
#include "base/log.h"
#include "console/guard.h"
#include "console/inside.h"
#include "rules/policy.h"
#include "store/store_people.h"
#include "store/store_sessions.h"
#include "json/scan.h"

#include <stdio.h>

static enum status find_route(struct visit *v);
static enum status check_origin(struct visit *v);
static enum status find_session(struct visit *v);
static enum status check_state(struct visit *v);
static enum status check_mark(struct visit *v);
static enum status check_permission(struct visit *v);
static enum status read_query(struct visit *v);
static enum status read_body(struct visit *v);
static enum status serve(struct visit *v);

/* THE STEP TABLE. */
static enum status (*const STEPS[])(struct visit *v) = {
    find_route,       /* is there such a thing? */
    check_origin,     /* does a foreign page send it? */
    find_session,     /* who asks? */
    check_state,      /* have they come all the way in? */
    check_mark,       /* is it the console, or a script that knows the session's mark? */
    check_permission, /* may they? */
    read_query,       /* what do they say? */
    read_body,        /* … */
    serve,            /* do it */
};

static enum status
find_route(struct visit *v)
{
    const struct http_request *http = v->request->http;
    char allow[64];
    enum status status = route_find(http->method, http->path, v->arena, &v->match, allow);

    if (status == STATUS_REFUSED) {
        visit_header(v, "Allow", allow);
        return visit_refuse(v, PROBLEM_METHOD, NULL, "this path takes %s", allow);
    }
    if (status != STATUS_OK)
        return visit_refuse(v, PROBLEM_NOT_FOUND, NULL, "the admin API has no such path");
    return STATUS_OK;
}

static enum status
check_origin(struct visit *v)
{
    if (guard_is_safe(v->request->http->method) || !guard_is_foreign(v->request->http))
        return STATUS_OK;
    return visit_refuse(v, PROBLEM_CSRF, NULL, "the request comes from a foreign page");
}

static void
fill_act(struct visit *v)
{
    bool changes = (v->match.route->flags & ROUTE_CHANGES) != 0;

    v->act = (struct act){
        .store = changes ? v->worker->writer : NULL,
        .master_key = v->setup->master_key,
        .now_ms = v->request->now_ms,
        .actor_kind = ACTOR_USER,
        .actor_user_id = v->user.id,
        .session_id = v->session.id,
        .actor_name = v->user.email,
        .actor_id = v->user.uid,
        .address = v->address,
        .request_id = v->request->request_id,
        .failure = &v->failure,
    };
}

/* The session of this cookie, if it lives; session.id stays 0 when it does not. */
static enum status
read_session(struct visit *v)
{
    struct session session = {0};
    enum status status = store_session_by_hash(v->reader, v->session_hash, &session);
    int64_t used_at_s = 0;

    if (status != STATUS_OK)
        return status == STATUS_NOT_FOUND ? STATUS_OK : status;
    used_at_s = uses_find(v->console->uses, session.id);
    if (used_at_s > session.used_at_s)
        session.used_at_s = used_at_s;
    if (!session_is_alive(&session, &v->console->limits, v->now_s))
        return STATUS_OK;
    status = store_user_by_id(v->reader, session.user_id, &v->user);
    if (status == STATUS_OK)
        status = store_role_by_id(v->reader, v->user.role_id, &v->role);
    if (status != STATUS_OK || v->user.is_suspended)
        return status == STATUS_NOT_FOUND ? STATUS_OK : status;
    v->session = session;
    return STATUS_OK;
}

static void
note_use(struct visit *v)
{
    struct slice mark = {0};

    if (http_request_header(v->request->http, SLICE("X-Background"), &mark) &&
        slice_equal(mark, SLICE("1")))
        return;
    v->session.used_at_s = v->now_s;
    uses_note(v->console->uses, v->session.id, v->now_s);
}

static enum status
find_session(struct visit *v)
{
    struct slice cookie = {0};
    enum status status = STATUS_OK;

    if (guard_cookie(v->request->http, &cookie)) {
        session_hash(cookie, v->session_hash);
        status = read_session(v);
    }
    if (status != STATUS_OK)
        return status;
    if (v->session.id != 0) {
        if (v->session.state == SESSION_ACTIVE)
            v->rights = policy_role_rights(&v->role);
        note_use(v);
    } else {
        v->user = (struct user){0};
        v->role = (struct role){0};
    }
    fill_act(v);
    if (v->session.id == 0 && v->match.route->need != NEED_NOBODY)
        return visit_refuse(v, PROBLEM_NOT_LOGGED_IN, NULL, "log in first");
    return STATUS_OK;
}

static enum status
check_state(struct visit *v)
{
    int need = v->match.route->need;

    if (need == NEED_NOBODY || need == NEED_ANY_STATE)
        return STATUS_OK;
    switch (v->session.state) {
    case SESSION_ACTIVE:
        return STATUS_OK;
    case SESSION_SECOND_FACTOR:
        return visit_refuse(v, PROBLEM_SECOND_FACTOR_NEEDED, NULL,
                            "the password was right; a code is needed as well");
    case SESSION_PASSWORD_CHANGE:
        return visit_refuse(v, PROBLEM_PASSWORD_CHANGE_NEEDED, NULL,
                            "somebody else has set the password; change it first");
    }
    return STATUS_BROKEN;
}

/* Where there is no session there is nothing that a foreign page could use. */
static enum status
check_mark(struct visit *v)
{
    if (guard_is_safe(v->request->http->method) || v->session.id == 0 ||
        v->match.route->need == NEED_NOBODY)
        return STATUS_OK;
    if (guard_csrf_fits(v->console->csrf_key, v->session_hash, v->request->http))
        return STATUS_OK;
    return visit_refuse(v, PROBLEM_CSRF, NULL,
                        "the header X-CSRF-Token is missing or wrong; GET "
                        "/console/api/session says it");
}

static enum status
need_permission(struct visit *v, int need)
{
    char name[PERMISSION_NAME_MAX + 1];

    if (need <= NEED_FORGOTTEN || need >= PERMISSION_MAX_COUNT)
        return STATUS_BROKEN; /* the row is wrong: the door stays shut */
    if (permission_set_has(&v->rights, (uint16_t)need))
        return STATUS_OK;
    permission_write((uint16_t)need, name);
    return visit_refuse(v, PROBLEM_NOT_PERMITTED, NULL,
                        "your user role lacks the permission %s", name);
}

static enum status
check_permission(struct visit *v)
{
    const struct route *route = v->match.route;
    enum status status = STATUS_OK;

    if (route->need != NEED_NOBODY && route->need != NEED_SESSION &&
        route->need != NEED_ANY_STATE)
        status = need_permission(v, route->need);
    if (status == STATUS_OK && route->also != 0)
        status = need_permission(v, route->also);
    return status;
}

static enum status
read_query(struct visit *v)
{
    if (visit_query_split(v, v->request->http->query) == STATUS_OK)
        return STATUS_OK;
    return visit_refuse(v, PROBLEM_MALFORMED, NULL,
                        "the query cannot be read: wanted are at most %d names, each "
                        "once, percent-encoded UTF-8",
                        VISIT_QUERY_MAX_COUNT);
}

/* A form of a foreign page can send text and forms, but not this. */
static bool
is_json(const struct http_request *http)
{
    struct slice type = {0};
    struct slice head = {0};

    if (!http_request_header(http, SLICE("Content-Type"), &type))
        return false;
    head = type;
    slice_cut(&type, ';', &head);
    return slice_equal_nocase(slice_trim(head), SLICE("application/json"));
}

static enum status
read_body(struct visit *v)
{
    const struct http_request *http = v->request->http;
    struct failure failure = {0};
    struct json_value value = {0};
    json_error_t error;
    size_t max = (v->match.route->flags & ROUTE_LONG) != 0 ? DESCRIPTION_BODY_MAX_BYTES
                                                           : VISIT_BODY_MAX_BYTES;

    if (http->body.len == 0 || (v->match.route->flags & ROUTE_RAW) != 0)
        return STATUS_OK;
    if (http->body.len > max)
        return visit_refuse(v, PROBLEM_TOO_LARGE, NULL,
                            "the body has %zu bytes; it may have %zu", http->body.len,
                            max);
    if (!is_json(http))
        return visit_refuse(v, PROBLEM_MALFORMED, NULL,
                            "the body's Content-Type must be application/json");
    /* limits the depth, which jansson does not */
    if (json_scan(http->body, &value) != STATUS_OK) {
        (void)!json_explain(http->body, &failure);
        return visit_refuse(v, PROBLEM_MALFORMED, NULL, "the body is no JSON: %s",
                            failure.text);
    }
    if (value.kind != JSON_KIND_OBJECT)
        return visit_refuse(v, PROBLEM_MALFORMED, NULL, "the body must be an object");
    v->body = json_loadb((const char *)http->body.at, http->body.len,
                         JSON_REJECT_DUPLICATES, &error);
    if (!v->body)
        return visit_refuse(v, PROBLEM_MALFORMED, NULL,
                            "a member of the body is there twice");
    return STATUS_OK;
}

static enum status
serve(struct visit *v)
{
    return v->match.route->serve(v);
}

/* ---- the answer when it is no ---- */

static void
write_errors(struct json_writer *writer, const struct visit *v)
{
    json_write_key(writer, "errors");
    json_write_array(writer);
    for (size_t i = 0; i < v->error_count; i++) {
        json_write_object(writer);
        json_write_member_text(writer, "field", v->errors[i].field);
        json_write_member_text(writer, "detail", v->errors[i].text);
        json_write_end(writer);
    }
    json_write_end(writer);
}

static void
write_problem(struct visit *v)
{
    struct json_writer writer;
    const char *detail =
        v->failure.text[0] ? v->failure.text : problem_detail(v->problem);

    buffer_clear(v->reply->body);
    v->reply->http.status = problem_http(v->problem);
    v->reply->http.content_type = SLICE("application/problem+json");
    writer = json_write_into(v->reply->body);
    json_write_object(&writer);
    json_write_member_text(&writer, "type", "about:blank");
    json_write_member_text(&writer, "title", problem_title(v->problem));
    json_write_member_int(&writer, "status", problem_http(v->problem));
    json_write_member_text(&writer, "code", problem_code(v->problem));
    json_write_member_text(&writer, "detail", detail);
    write_errors(&writer, v);
    json_write_end(&writer);
}

/* What went wrong on our side is the operator's to know, not the caller's. */
static void
hide_inside(struct visit *v, enum status status)
{
    const char *words = v->failure.text;

    if (v->problem != PROBLEM_BROKEN && v->problem != PROBLEM_UNAVAILABLE &&
        v->problem != PROBLEM_DISK_FULL)
        return;
    if (!words[0])
        words = store_failure(v->worker->writer);
    if (!words[0])
        words = store_failure(v->reader);
    log_event(v->problem == PROBLEM_BROKEN ? LOG_ERROR : LOG_WARN,
              "the admin API could not answer",
              LOG_TEXT("status", slice_of(status_name(status))),
              LOG_TEXT("method", v->request->http->method),
              LOG_TEXT("path", v->request->http->path), LOG_TEXT("why", slice_of(words)),
              LOG_TEXT("id", slice_of(v->request->request_id)));
    v->failure = (struct failure){0};
    v->error_count = 0;
}

static void
fail(struct visit *v, enum status status)
{
    char seconds[24];

    if (v->problem == PROBLEM_NONE)
        v->problem = problem_of(status, &v->failure);
    hide_inside(v, status);
    if ((v->problem == PROBLEM_INVALID || v->problem == PROBLEM_CONFLICT) &&
        v->error_count == 0 && v->failure.field[0])
        v->errors[v->error_count++] = v->failure; /* to be shown beside the field */
    if (v->problem == PROBLEM_UNAVAILABLE && v->retry_after_s == 0)
        v->retry_after_s = 1;
    if (v->problem == PROBLEM_DISK_FULL)
        v->retry_after_s = 60; /* somebody must make room */
    if (v->retry_after_s > 0) {
        snprintf(seconds, sizeof(seconds), "%lld", (long long)v->retry_after_s);
        visit_header(v, "Retry-After", seconds);
    }
    write_problem(v);
}

/* What every answer says: it is nobody's to keep, to guess at or to frame. */
static void
add_headers(struct visit *v)
{
    visit_header(v, "Cache-Control", "no-store");
    visit_header(v, "X-Content-Type-Options", "nosniff");
    visit_header(v, "Content-Security-Policy",
                 "default-src 'none'; "
                 "frame-ancestors 'none'");
    visit_header(v, "Cross-Origin-Resource-Policy", "same-origin");
    if (v->request->is_https)
        visit_header(v, "Strict-Transport-Security", "max-age=31536000");
}

void
serve_visit(struct visit *v)
{
    enum status status = STATUS_OK;

    add_headers(v);
    for (size_t i = 0; status == STATUS_OK && i < COUNT_OF(STEPS); i++)
        status = STEPS[i](v);
    if (status == STATUS_OK)
        status = buffer_check(v->reply->body);
    if (status == STATUS_OK && v->reply->http.status == 0)
        status = STATUS_BROKEN; /* a handler that has not answered */
    if (status != STATUS_OK)
        fail(v, status);
    json_decref(v->body);
    v->body = NULL;
}
