/* SPDX-License-Identifier: Apache-2.0
 *
 * The account and its licences over the admin API. */
#include "base/auto.h"
#include "console/handlers.h"
#include "console/list.h"
#include "console/write.h"
#include "rules/account_settings.h"
#include "rules/licences.h"
#include "store/store_devices.h"
#include "store/store_people.h"
#include "store/store_tokens.h"

/* ---- the account ---- */

static void
write_settings(struct visit *v, struct json_writer *writer)
{
    json_write_key(writer, "settings");
    json_write_array(writer);
    for (size_t i = 0; i < config_setting_count(); i++) {
        struct config_view setting = {0};
        config_setting_view(v->setup->config, i, &setting);
        json_write_object(writer);
        json_write_member_text(writer, "name", setting.name);
        json_write_member_text(writer, "section", setting.section);
        if (strcmp(setting.name, "webhook_url") == 0 && setting.value[0])
            write_url(v, writer, "value", setting.value);
        else
            json_write_member_text(writer, "value", setting.value);
        json_write_member_text(writer, "usual", setting.usual);
        json_write_member_text(writer, "bounds", setting.bounds);
        json_write_member_text(writer, "meaning", setting.meaning);
        json_write_member_bool(writer, "isUsual", setting.is_usual);
        json_write_end(writer);
    }
    json_write_end(writer);
}

static enum status
answer_account(struct visit *v, const struct account *account)
{
    int64_t tokens = 0;
    int64_t users = 0;
    int64_t devices = 0;
    enum status status = store_token_count(v->reader, &tokens);
    struct json_writer writer = visit_json(v, 200);

    if (status == STATUS_OK)
        status = store_user_count(v->reader, &users);
    if (status == STATUS_OK)
        status = store_device_count(v->reader, &devices);
    if (status != STATUS_OK)
        return status;
    json_write_object(&writer);
    json_write_member_text(&writer, "uid", account->uid);
    json_write_member_text(&writer, "name", account->name);
    json_write_member_bool(&writer, "liveRights", account->is_live_rights);
    json_write_member_bool(&writer, "allowBearer", account->is_bearer_allowed);
    visit_write_time(&writer, "createdAt", account->created_at_s);
    json_write_member_int(&writer, "tokenCount", tokens);
    json_write_member_int(&writer, "userCount", users);
    json_write_member_int(&writer, "deviceCount", devices);
    write_settings(v, &writer);
    json_write_member_int(&writer, "version", account->version);
    json_write_end(&writer);
    visit_etag(v, account->version);
    return json_write_done(&writer);
}

enum status
account_show(struct visit *v)
{
    struct account account = {0};
    enum status status = account_read(v->reader, &account);

    return status == STATUS_OK ? answer_account(v, &account) : status;
}

enum status
account_edit(struct visit *v)
{
    struct slice name = {0};
    bool is_live = false;
    bool is_bearer = false;
    bool has_name = false;
    bool has_live = false;
    bool has_bearer = false;
    struct account_edit edit = {0};
    struct account account = {0};
    const struct body_member members[] = {
        {.name = "name", .kind = BODY_TEXT, .text = &name, .is_there = &has_name},
        {.name = "liveRights",
         .kind = BODY_BOOL,
         .truth = &is_live,
         .is_there = &has_live},
        {.name = "allowBearer",
         .kind = BODY_BOOL,
         .truth = &is_bearer,
         .is_there = &has_bearer},
    };
    enum status status = visit_if_match(v, &edit.if_version);

    if (status == STATUS_OK)
        status = visit_body(v, members, COUNT_OF(members));
    if (status != STATUS_OK)
        return status;
    edit.name = has_name ? &name : NULL;
    edit.is_live_rights = has_live ? &is_live : NULL;
    edit.is_bearer_allowed = has_bearer ? &is_bearer : NULL;
    status = account_change(&v->act, &edit, &account);
    return status == STATUS_OK ? answer_account(v, &account) : status;
}

/* ---- licences ---- */

static void
write_licence(struct json_writer *writer, const struct licence *licence, int64_t now_s)
{
    bool is_endless = licence->ends_at_s >= licence_endless_s();

    json_write_object(writer);
    json_write_member_text(writer, "uid", licence->uid);
    json_write_member_text(writer, "name", licence->name);
    json_write_member_text(writer, "orderNo", licence->order_no);
    write_date(writer, "startsOn", date_of(licence->starts_at_s));
    if (is_endless)
        json_write_member_text_or_null(writer, "endsOn", "");
    else
        write_date(writer, "endsOn", date_of(licence->ends_at_s - 1));
    json_write_member_int(writer, "seatCount", licence->seat_count);
    json_write_member_bool(writer, "isInForce",
                           licence->starts_at_s <= now_s && now_s < licence->ends_at_s);
    json_write_member_int(writer, "version", licence->version);
    json_write_end(writer);
}

struct licence_list {
    struct json_writer *writer;
    int64_t now_s, count;
};

static bool
add_licence(void *ctx, const struct licence *licence)
{
    struct licence_list *list = ctx;

    write_licence(list->writer, licence, list->now_s);
    list->count++;
    return true;
}

/* An account has a handful: one page holds them all. */
enum status
licences_list(struct visit *v)
{
    struct json_writer writer = list_begin(v);
    struct licence_list list = {&writer, v->now_s, 0};
    struct list_ask ask = {.moment_s = v->now_s};
    enum status status = store_licence_list(v->reader, add_licence, &list);

    return status == STATUS_OK ? list_end(v, &writer, &ask, NULL, list.count) : status;
}

/* null says: without end, and seats without limit. */
struct licence_body {
    struct slice name, order_no, starts_on, ends_on;
    int64_t seat_count;
    bool has_name, has_order_no, has_starts_on, has_ends_on, has_seat_count;
};

static bool
is_null(const struct visit *v, const char *name)
{
    return json_is_null(json_object_get(v->body, name));
}

static enum status
read_licence(struct visit *v, struct licence_body *body, struct licence_wish *out)
{
    const struct body_member members[] = {
        {.name = "name",
         .kind = BODY_TEXT,
         .text = &body->name,
         .is_there = &body->has_name},
        {.name = "orderNo",
         .kind = BODY_TEXT,
         .text = &body->order_no,
         .is_there = &body->has_order_no},
        {.name = "startsOn",
         .kind = BODY_TEXT,
         .text = &body->starts_on,
         .is_there = &body->has_starts_on},
        {.name = "endsOn",
         .kind = BODY_TEXT,
         .text = &body->ends_on,
         .is_there = &body->has_ends_on},
        {.name = "seatCount",
         .kind = BODY_INT,
         .number = &body->seat_count,
         .is_there = &body->has_seat_count},
    };
    enum status status = visit_body(v, members, COUNT_OF(members));

    if (status != STATUS_OK)
        return status;
    if (is_null(v, "seatCount"))
        body->seat_count = LICENCE_SEATS_MAX;
    out->name = body->has_name ? &body->name : NULL;
    out->order_no = body->has_order_no ? &body->order_no : NULL;
    out->starts_on = body->has_starts_on ? &body->starts_on : NULL;
    out->ends_on = body->has_ends_on || is_null(v, "endsOn") ? &body->ends_on : NULL;
    out->seat_count =
        body->has_seat_count || is_null(v, "seatCount") ? &body->seat_count : NULL;
    return STATUS_OK;
}

static enum status
answer_licence(struct visit *v, int status_code, const struct licence *licence)
{
    struct json_writer writer = visit_json(v, status_code);

    write_licence(&writer, licence, v->now_s);
    visit_etag(v, licence->version);
    return json_write_done(&writer);
}

enum status
licences_show(struct visit *v)
{
    struct licence licence = {0};
    enum status status =
        store_licence_by_uid(v->reader, v->match.parameters[0], &licence);

    if (status == STATUS_NOT_FOUND)
        return visit_refuse(v, PROBLEM_NOT_FOUND, NULL, "there is no such licence");
    return status == STATUS_OK ? answer_licence(v, 200, &licence) : status;
}

enum status
licences_add(struct visit *v)
{
    struct licence_body body = {0};
    struct licence_wish wish = {0};
    struct licence licence = {0};
    enum status status = read_licence(v, &body, &wish);

    if (status == STATUS_OK)
        status = licence_add(&v->act, &wish, &licence);
    return status == STATUS_OK ? answer_licence(v, 201, &licence) : status;
}

enum status
licences_edit(struct visit *v)
{
    struct licence_body body = {0};
    struct licence_wish wish = {0};
    struct licence licence = {0};
    enum status status = visit_if_match(v, &wish.if_version);

    if (status == STATUS_OK)
        status = read_licence(v, &body, &wish);
    if (status == STATUS_OK)
        status = licence_change(&v->act, v->match.parameters[0], &wish, &licence);
    return status == STATUS_OK ? answer_licence(v, 200, &licence) : status;
}

enum status
licences_delete(struct visit *v)
{
    enum status status = licence_delete(&v->act, v->match.parameters[0]);

    return status == STATUS_OK ? visit_nothing(v) : status;
}
