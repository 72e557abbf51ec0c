/* SPDX-License-Identifier: Apache-2.0
 *
 * The shadow of a token: starting, showing what it has found, stopping. */
#include "rules/token_shadow.h"

#include "base/auto.h"
#include "console/handlers.h"
#include "console/token_doc.h"
#include "console/token_new.h"
#include "console/write.h"
#include "rules/shadow_report.h"

static void
write_days(struct json_writer *writer)
{
    json_write_key(writer, "days");
    json_write_object(writer);
    json_write_member_int(writer, "usual", SHADOW_USUAL_DAYS);
    json_write_member_int(writer, "most", SHADOW_MAX_DAYS);
    json_write_end(writer);
}

/* What the token's shadow has found, or null. */
static enum status
answer(struct visit *v, int http, struct store *store, const struct token *token)
{
    struct shadow_report *report AUTO(shadow_report_free) = NULL;
    enum status status = shadow_report_read(store, token, v->now_s, &report);

    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        return status;
    struct json_writer writer = visit_json(v, http);
    json_write_object(&writer);
    write_days(&writer);
    json_write_key(&writer, "shadow");
    if (!report)
        json_write_null(&writer);
    status = report ? shadow_report_write(store, report, &writer) : STATUS_OK;
    json_write_end(&writer);
    return status == STATUS_OK ? json_write_done(&writer) : status;
}

enum status
tokens_shadow_show(struct visit *v)
{
    struct token *token = arena_new(v->arena, sizeof(*token));
    enum status status = token_doc_find(v, token);

    return status == STATUS_OK ? answer(v, 200, v->reader, token) : status;
}

/* What the members point to. */
struct shadow_body {
    struct permission_set permissions;
    struct slice addresses;
    json_t *names, *address_list, *groups;
};

static enum status
read_body(struct visit *v, struct shadow_body *body, struct shadow_wish *wish)
{
    const struct body_member members[] = {
        {.name = "permissions", .kind = BODY_ARRAY, .json = &body->names},
        {.name = "groups", .kind = BODY_ARRAY, .json = &body->groups},
        {.name = "approvedAddresses", .kind = BODY_ARRAY, .json = &body->address_list},
        {.name = "days", .kind = BODY_INT, .number = &wish->days},
    };
    enum status status = visit_body(v, members, COUNT_OF(members));

    if (status == STATUS_OK && body->names)
        status = read_permissions(v, body->names, &body->permissions);
    if (status == STATUS_OK && body->groups)
        status = read_groups(v, body->groups, &wish->group_ids, &wish->group_count);
    if (status == STATUS_OK && body->address_list)
        status = read_addresses(v, body->address_list, &body->addresses);
    wish->permissions = body->names ? &body->permissions : NULL;
    wish->addresses = body->address_list ? &body->addresses : NULL;
    return status;
}

/* The token that an act has just found; the visit's reader may not see the act yet. */
static enum status
answer_act(struct visit *v, int http)
{
    struct token *token = arena_new(v->arena, sizeof(*token));
    enum status status = token_doc_find(v, token);

    return status == STATUS_OK ? answer(v, http, v->act.store, token) : status;
}

enum status
tokens_shadow_start(struct visit *v)
{
    struct shadow_wish wish = {.days = SHADOW_USUAL_DAYS};
    struct shadow_body *body = arena_new(v->arena, sizeof(*body));
    struct shadow *shadow = arena_new(v->arena, sizeof(*shadow));
    enum status status = read_body(v, body, &wish);

    if (status != STATUS_OK)
        return status;
    status = token_shadow_start(&v->act, v->match.parameters[0], &wish, shadow);
    return status == STATUS_OK ? answer_act(v, 201) : token_new_translate(v, status);
}

enum status
tokens_shadow_stop(struct visit *v)
{
    struct shadow *shadow = arena_new(v->arena, sizeof(*shadow));
    enum status status = token_shadow_stop(&v->act, v->match.parameters[0], shadow);

    return status == STATUS_OK ? answer_act(v, 200) : status;
}
