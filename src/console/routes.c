/* SPDX-License-Identifier: Apache-2.0
 *
 * Everything the admin API can be asked for. */
#include "console/routes.h"

#include "base/auto.h"
#include "base/percent.h"
#include "console/handlers.h"
#include "model/permission.h"

#include <stdio.h>
#include <string.h>

#define API_PREFIX "/console/api"

/* THE ROUTE TABLE. A fixed path stands before one with parameters that it fits as well
 * ("/tokens/new" before "/tokens/{id}"). */
const struct route ROUTES[] = {
    /* state, set-up, session */
    {"GET", "/state", NEED_NOBODY, 0, ROUTE_READS, setup_state},
    {"POST", "/setup", NEED_NOBODY, 0, ROUTE_CHANGES | ROUTE_HASHES, setup_first_user},
    {"GET", "/session", NEED_ANY_STATE, 0, ROUTE_READS, session_show},
    {"POST", "/session", NEED_NOBODY, 0, ROUTE_CHANGES | ROUTE_HASHES, session_log_in},
    {"DELETE", "/session", NEED_ANY_STATE, 0, ROUTE_CHANGES, session_log_out},
    {"POST", "/session/second-factor", NEED_ANY_STATE, 0, ROUTE_CHANGES,
     session_second_factor},
    {"POST", "/session/password", NEED_ANY_STATE, 0, ROUTE_CHANGES | ROUTE_HASHES,
     session_password},

    /* my profile */
    {"GET", "/profile", NEED_SESSION, 0, ROUTE_READS, profile_show},
    {"PATCH", "/profile", NEED_SESSION, 0, ROUTE_CHANGES, profile_change},
    {"POST", "/profile/password", NEED_SESSION, 0, ROUTE_CHANGES | ROUTE_HASHES,
     profile_password},
    {"POST", "/profile/second-factor", NEED_SESSION, 0, ROUTE_CHANGES | ROUTE_HASHES,
     profile_factor_begin},
    {"PUT", "/profile/second-factor", NEED_SESSION, 0, ROUTE_CHANGES,
     profile_factor_prove},
    {"DELETE", "/profile/second-factor", NEED_SESSION, 0, ROUTE_CHANGES | ROUTE_HASHES,
     profile_factor_remove},
    {"POST", "/profile/recovery-codes", NEED_SESSION, 0, ROUTE_CHANGES | ROUTE_HASHES,
     profile_recovery_codes},
    {"GET", "/profile/calendar", NEED_SESSION, 0, ROUTE_READS, profile_calendar_show},
    {"POST", "/profile/calendar", NEED_SESSION, 0, ROUTE_CHANGES, profile_calendar_renew},
    {"DELETE", "/profile/calendar", NEED_SESSION, 0, ROUTE_CHANGES,
     profile_calendar_remove},
    {"GET", "/profile/sessions", NEED_SESSION, 0, ROUTE_READS, profile_sessions},
    {"DELETE", "/profile/sessions/{id}", NEED_SESSION, 0, ROUTE_CHANGES,
     profile_sign_out},

    /* tokens: everybody's own; a System Administrator's are all */
    {"GET", "/tokens", NEED_SESSION, 0, ROUTE_READS, tokens_list},
    {"POST", "/tokens", PERMISSION_API_CREDENTIALS_MANAGE, 0, ROUTE_CHANGES, tokens_make},
    {"GET", "/tokens/new", PERMISSION_API_CREDENTIALS_MANAGE, 0, ROUTE_READS, tokens_new},
    {"POST", "/tokens/check-key", PERMISSION_API_CREDENTIALS_MANAGE, 0, ROUTE_READS,
     tokens_check_key},
    {"POST", "/tokens/check-addresses", PERMISSION_API_CREDENTIALS_MANAGE, 0, ROUTE_READS,
     tokens_check_addresses},
    {"GET", "/tokens/bulk", PERMISSION_API_CREDENTIALS_MANAGE, 0, ROUTE_READS,
     tokens_bulk_show},
    {"POST", "/tokens/bulk", PERMISSION_API_CREDENTIALS_MANAGE, 0, ROUTE_CHANGES,
     tokens_bulk},
    {"GET", "/tokens/{id}", NEED_SESSION, 0, ROUTE_READS, tokens_show},
    {"PATCH", "/tokens/{id}", PERMISSION_API_CREDENTIALS_MANAGE, 0, ROUTE_CHANGES,
     tokens_edit},
    {"DELETE", "/tokens/{id}", PERMISSION_API_CREDENTIALS_MANAGE, 0, ROUTE_CHANGES,
     tokens_delete},
    {"POST", "/tokens/{id}/suspend", PERMISSION_API_CREDENTIALS_MANAGE, 0, ROUTE_CHANGES,
     tokens_suspend},
    {"POST", "/tokens/{id}/resume", PERMISSION_API_CREDENTIALS_MANAGE, 0, ROUTE_CHANGES,
     tokens_resume},
    {"GET", "/tokens/{id}/roll", PERMISSION_API_CREDENTIALS_MANAGE, 0, ROUTE_READS,
     tokens_roll_show},
    {"POST", "/tokens/{id}/roll", PERMISSION_API_CREDENTIALS_MANAGE, 0, ROUTE_CHANGES,
     tokens_roll},
    {"PATCH", "/tokens/{id}/roll", PERMISSION_API_CREDENTIALS_MANAGE, 0, ROUTE_CHANGES,
     tokens_roll_end},
    {"DELETE", "/tokens/{id}/roll", PERMISSION_API_CREDENTIALS_MANAGE, 0, ROUTE_CHANGES,
     tokens_roll_off},
    {"GET", "/tokens/{id}/shadow", NEED_SESSION, 0, ROUTE_READS, tokens_shadow_show},
    {"POST", "/tokens/{id}/shadow", PERMISSION_API_CREDENTIALS_MANAGE, 0, ROUTE_CHANGES,
     tokens_shadow_start},
    {"DELETE", "/tokens/{id}/shadow", PERMISSION_API_CREDENTIALS_MANAGE, 0, ROUTE_CHANGES,
     tokens_shadow_stop},
    {"GET", "/tokens/{id}/events", NEED_SESSION, 0, ROUTE_READS, tokens_events},
    {"GET", "/tokens/{id}/use", NEED_SESSION, 0, ROUTE_READS, tokens_use},
    {"GET", "/tokens/{id}/refusals", NEED_SESSION, 0, ROUTE_READS, tokens_refusals},
    {"GET", "/tokens/{id}/suggestion", NEED_SESSION, 0, ROUTE_READS, tokens_suggestion},

    /* Event History: whose role lacks the permission sees their own */
    {"GET", "/events", NEED_SESSION, 0, ROUTE_READS, events_list},
    {"GET", "/events/kinds", NEED_SESSION, 0, ROUTE_READS, events_kinds},
    {"GET", "/events/export", NEED_SESSION, 0, ROUTE_READS, events_export},
    {"GET", "/events/{id}", NEED_SESSION, 0, ROUTE_READS, events_show},

    /* would it be let in? of one's own tokens; a System Administrator's are all */
    {"POST", "/explain", NEED_SESSION, 0, ROUTE_READS, explain_answer},

    {"POST", "/permissions/for", NEED_SESSION, 0, ROUTE_READS, calls_answer},
    {"GET", "/permissions", NEED_SESSION, 0, ROUTE_READS, catalogue_list},

    /* users */
    {"GET", "/users", PERMISSION_USERS_VIEW, 0, ROUTE_READS, users_list},
    {"POST", "/users", PERMISSION_USERS_MANAGE, 0, ROUTE_CHANGES | ROUTE_HASHES,
     users_add},
    {"GET", "/users/{uid}", PERMISSION_USERS_VIEW, 0, ROUTE_READS, users_show},
    {"PATCH", "/users/{uid}", PERMISSION_USERS_MANAGE, 0, ROUTE_CHANGES, users_edit},
    {"DELETE", "/users/{uid}", PERMISSION_USERS_MANAGE, 0, ROUTE_CHANGES, users_delete},
    {"GET", "/users/{uid}/leaving", PERMISSION_USERS_MANAGE, 0, ROUTE_READS,
     users_leaving},
    {"POST", "/users/{uid}/suspend", PERMISSION_USERS_MANAGE, 0, ROUTE_CHANGES,
     users_suspend},
    {"POST", "/users/{uid}/resume", PERMISSION_USERS_MANAGE, 0, ROUTE_CHANGES,
     users_resume},
    {"POST", "/users/{uid}/password", PERMISSION_USERS_MANAGE, 0,
     ROUTE_CHANGES | ROUTE_HASHES, users_password},
    {"DELETE", "/users/{uid}/second-factor", PERMISSION_USERS_MANAGE, 0, ROUTE_CHANGES,
     users_factor_reset},

    /* user roles */
    {"GET", "/roles", PERMISSION_ROLES_VIEW, 0, ROUTE_READS, roles_list},
    {"POST", "/roles", PERMISSION_ROLES_MANAGE, 0, ROUTE_CHANGES, roles_add},
    {"GET", "/roles/{id}", PERMISSION_ROLES_VIEW, 0, ROUTE_READS, roles_show},
    {"PATCH", "/roles/{id}", PERMISSION_ROLES_MANAGE, 0, ROUTE_CHANGES, roles_edit},
    {"DELETE", "/roles/{id}", PERMISSION_ROLES_MANAGE, 0, ROUTE_CHANGES, roles_delete},

    /* device groups: whose role lacks the permission sees their own */
    {"GET", "/groups", NEED_SESSION, 0, ROUTE_READS, groups_list},
    {"POST", "/groups", PERMISSION_DEVICE_GROUPS_MANAGE, 0, ROUTE_CHANGES, groups_add},
    {"GET", "/groups/{uid}", NEED_SESSION, 0, ROUTE_READS, groups_show},
    {"PATCH", "/groups/{uid}", PERMISSION_DEVICE_GROUPS_MANAGE, 0, ROUTE_CHANGES,
     groups_edit},
    {"DELETE", "/groups/{uid}", PERMISSION_DEVICE_GROUPS_MANAGE, 0, ROUTE_CHANGES,
     groups_delete},
    {"GET", "/groups/{uid}/devices", PERMISSION_DEVICE_GROUPS_VIEW, 0, ROUTE_READS,
     groups_devices},
    {"POST", "/groups/{uid}/members", PERMISSION_DEVICE_GROUPS_MANAGE, 0, ROUTE_CHANGES,
     groups_members},

    /* devices */
    {"GET", "/devices", PERMISSION_DEVICE_REPORTS_VIEW, PERMISSION_DEVICE_FIELDS_VIEW,
     ROUTE_READS, devices_list},
    {"GET", "/devices/{uid}", PERMISSION_DEVICE_REPORTS_VIEW,
     PERMISSION_DEVICE_FIELDS_VIEW, ROUTE_READS, devices_show},
    {"GET", "/devices/{uid}/applications", PERMISSION_DEVICE_REPORTS_VIEW,
     PERMISSION_SOFTWARE_REPORTS_VIEW, ROUTE_READS, devices_applications},

    {"POST", "/imports", PERMISSION_DEVICE_IMPORT_PERFORM, 0, ROUTE_CHANGES,
     imports_begin},
    {"GET", "/imports/{id}", PERMISSION_DEVICE_IMPORT_PERFORM, 0, ROUTE_READS,
     imports_show},
    {"PUT", "/imports/{id}", PERMISSION_DEVICE_IMPORT_PERFORM, 0,
     ROUTE_CHANGES | ROUTE_RAW, imports_take},
    {"DELETE", "/imports/{id}", PERMISSION_DEVICE_IMPORT_PERFORM, 0, ROUTE_CHANGES,
     imports_delete},
    {"POST", "/imports/{id}/run", PERMISSION_DEVICE_IMPORT_PERFORM, 0, ROUTE_CHANGES,
     imports_run},

    /* the account */
    {"GET", "/account", PERMISSION_SETTINGS_VIEW, 0, ROUTE_READS, account_show},
    {"PATCH", "/account", PERMISSION_SETTINGS_MANAGE, 0, ROUTE_CHANGES, account_edit},
    {"GET", "/licences", PERMISSION_LICENSES_VIEW, 0, ROUTE_READS, licences_list},
    {"POST", "/licences", PERMISSION_LICENSES_MANAGE, 0, ROUTE_CHANGES, licences_add},
    {"GET", "/licences/{uid}", PERMISSION_LICENSES_VIEW, 0, ROUTE_READS, licences_show},
    {"PATCH", "/licences/{uid}", PERMISSION_LICENSES_MANAGE, 0, ROUTE_CHANGES,
     licences_edit},
    {"DELETE", "/licences/{uid}", PERMISSION_LICENSES_MANAGE, 0, ROUTE_CHANGES,
     licences_delete},

    /* letters */
    {"GET", "/mail", PERMISSION_SETTINGS_VIEW, 0, ROUTE_READS, mail_show},
    {"GET", "/mail/letters", PERMISSION_SETTINGS_VIEW, 0, ROUTE_READS, mail_list},
    {"POST", "/mail/letters/{id}/send-again", PERMISSION_SETTINGS_MANAGE, 0,
     ROUTE_CHANGES, mail_send_again},
    {"POST", "/mail/test", PERMISSION_SETTINGS_MANAGE, 0, ROUTE_CHANGES, mail_test},

    /* where Event History goes */
    {"GET", "/outputs", PERMISSION_SETTINGS_VIEW, 0, ROUTE_READS, outputs_list},
    {"POST", "/outputs", PERMISSION_SETTINGS_MANAGE, 0, ROUTE_CHANGES, outputs_add},
    {"GET", "/outputs/{uid}", PERMISSION_SETTINGS_VIEW, 0, ROUTE_READS, outputs_show},
    {"PATCH", "/outputs/{uid}", PERMISSION_SETTINGS_MANAGE, 0, ROUTE_CHANGES,
     outputs_edit},
    {"DELETE", "/outputs/{uid}", PERMISSION_SETTINGS_MANAGE, 0, ROUTE_CHANGES,
     outputs_delete},
    {"POST", "/outputs/{uid}/test", PERMISSION_SETTINGS_MANAGE, 0, ROUTE_CHANGES,
     outputs_test},
    /* upstreams */
    {"GET", "/upstreams", PERMISSION_UPSTREAMS_VIEW, 0, ROUTE_READS, upstreams_list},
    {"POST", "/upstreams", PERMISSION_UPSTREAMS_MANAGE, 0, ROUTE_CHANGES | ROUTE_LONG,
     upstreams_add},
    {"POST", "/upstreams/check", PERMISSION_UPSTREAMS_VIEW, 0, ROUTE_READS | ROUTE_LONG,
     upstreams_check},
    {"POST", "/upstreams/draft", PERMISSION_UPSTREAMS_VIEW, 0, ROUTE_READS | ROUTE_LONG,
     upstreams_draft},
    {"GET", "/upstreams/{id}", PERMISSION_UPSTREAMS_VIEW, 0, ROUTE_READS, upstreams_show},
    {"GET", "/upstreams/{id}/health", PERMISSION_UPSTREAMS_VIEW, 0, ROUTE_READS,
     upstreams_health},
    {"GET", "/upstreams/{id}/use", PERMISSION_UPSTREAMS_MANAGE, 0, ROUTE_READS,
     upstreams_use},
    {"GET", "/upstreams/{id}/texts", PERMISSION_UPSTREAMS_VIEW, 0, ROUTE_READS,
     upstreams_texts},
    {"PATCH", "/upstreams/{id}", PERMISSION_UPSTREAMS_MANAGE, 0,
     ROUTE_CHANGES | ROUTE_LONG, upstreams_edit},
    {"POST", "/upstreams/{id}/check", PERMISSION_UPSTREAMS_VIEW, 0,
     ROUTE_READS | ROUTE_LONG, upstreams_check},
    {"POST", "/upstreams/{id}/suspend", PERMISSION_UPSTREAMS_MANAGE, 0, ROUTE_CHANGES,
     upstreams_suspend},
    {"POST", "/upstreams/{id}/resume", PERMISSION_UPSTREAMS_MANAGE, 0, ROUTE_CHANGES,
     upstreams_resume},
    {"DELETE", "/upstreams/{id}", PERMISSION_UPSTREAMS_MANAGE, 0, ROUTE_CHANGES,
     upstreams_delete},

    {"GET", "/search", NEED_SESSION, 0, ROUTE_READS, search_all},
};

const size_t ROUTE_COUNT = COUNT_OF(ROUTES);

/* The next part of a path, without its slash; false at its end. */
static bool
next_part(struct slice *rest, struct slice *out)
{
    if (rest->len == 0 || rest->at[0] != '/')
        return false;
    *rest = slice_from(*rest, 1);
    *out = *rest;
    for (size_t i = 0; i < rest->len; i++) {
        if (rest->at[i] == '/') {
            out->len = i;
            break;
        }
    }
    *rest = slice_from(*rest, out->len);
    return true;
}

static bool
is_parameter(struct slice part)
{
    return part.len > 2 && part.at[0] == '{' && part.at[part.len - 1] == '}';
}

/* Does the path fit the template? Parameters are given as they came. */
static bool
fits(const char *template, struct slice path, struct route_found *out)
{
    struct slice wanted = slice_of(template);
    struct slice part = {0};
    struct slice given = {0};

    out->parameter_count = 0;
    while (next_part(&wanted, &part)) {
        if (!next_part(&path, &given) || given.len == 0)
            return false;
        if (is_parameter(part) && out->parameter_count < ROUTE_PARAMETER_MAX_COUNT)
            out->parameters[out->parameter_count++] = given;
        else if (!slice_equal(part, given))
            return false;
    }
    return path.len == 0 && wanted.len == 0;
}

static bool
takes(const struct route *route, struct slice method)
{
    struct slice own = slice_of(route->method);

    return slice_equal(own, method) ||
           (slice_equal(own, SLICE("GET")) && slice_equal(method, SLICE("HEAD")));
}

static void
add_method(const struct route *route, char out_allow[64])
{
    size_t len = strlen(out_allow);
    bool is_get = strcmp(route->method, "GET") == 0;

    if (!strstr(out_allow, route->method))
        snprintf(out_allow + len, 64 - len, "%s%s%s", len > 0 ? ", " : "", route->method,
                 is_get ? ", HEAD" : "");
}

static void
decode_parameters(struct route_found *match, struct arena *arena)
{
    for (size_t i = 0; i < match->parameter_count; i++) {
        unsigned char *plain = arena_new(arena, match->parameters[i].len + 1);
        size_t len = percent_decode(match->parameters[i], plain);
        match->parameters[i] = (struct slice){plain, len};
    }
}

enum status
route_find(struct slice method, struct slice path, struct arena *arena,
           struct route_found *out, char out_allow[64])
{
    struct route_found match = {0};
    const char *path_found = NULL;

    out_allow[0] = '\0';
    if (!slice_starts(path, SLICE(API_PREFIX)))
        return STATUS_NOT_FOUND;
    path = slice_from(path, sizeof(API_PREFIX) - 1);
    for (size_t i = 0; i < ROUTE_COUNT; i++) {
        /* once a path fits, only rows of that very path count */
        if (path_found ? strcmp(path_found, ROUTES[i].path) != 0
                       : !fits(ROUTES[i].path, path, &match))
            continue;
        path_found = ROUTES[i].path;
        if (!takes(&ROUTES[i], method)) {
            add_method(&ROUTES[i], out_allow);
            continue;
        }
        match.route = &ROUTES[i];
        if (arena)
            decode_parameters(&match, arena);
        *out = match;
        return STATUS_OK;
    }
    return path_found ? STATUS_REFUSED : STATUS_NOT_FOUND;
}
