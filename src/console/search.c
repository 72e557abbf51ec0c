/* SPDX-License-Identifier: Apache-2.0
 *
 * One field that finds tokens, users, devices, groups and upstreams: of each a few, as
 * far as the visitor may see them. */
#include "base/auto.h"
#include "console/device_doc.h"
#include "console/handlers.h"
#include "console/write.h"
#include "rules/token_life.h"
#include "store/fold.h"
#include "store/store_lists.h"
#include "store/store_people.h"
#include "store/store_tokens.h"
#include "store/store_upstreams.h"

enum { FEW = 5 };

static bool
may(const struct visit *v, uint16_t permission)
{
    return permission_set_has(&v->rights, permission);
}

static enum status
search_tokens(struct visit *v, struct json_writer *writer, struct slice text)
{
    struct token_filter filter = {.text = text,
                                  .now_s = v->now_s,
                                  .seen_by = v->role.is_system_admin ? 0 : v->user.id};
    struct list_page page = {.sort = SLICE("title"), .count = FEW};
    struct list_found found = {0};
    struct token *token = arena_new(v->arena, sizeof(*token));
    enum status status = store_token_find(v->reader, &filter, &page, v->arena, &found);

    for (size_t i = 0; status == STATUS_OK && i < found.count; i++) {
        status = store_token_by_id(v->reader, slice_of(found.rows[i].token_id), token);
        if (status == STATUS_NOT_FOUND)
            status = STATUS_OK;
        else if (status == STATUS_OK) {
            json_write_object(writer);
            json_write_member_text(writer, "id", token->id);
            json_write_member_text(writer, "title", token->title);
            json_write_member_text(writer, "label",
                                   token_state_label(token_state_at(token, v->now_s)));
            json_write_end(writer);
        }
    }
    return status;
}

static enum status
search_users(struct visit *v, struct json_writer *writer, struct slice text)
{
    struct user_filter filter = {.text = text, .is_suspended = -1};
    struct list_page page = {.count = FEW};
    struct list_found found = {0};
    enum status status = STATUS_OK;

    if (!may(v, PERMISSION_USERS_VIEW))
        return STATUS_OK;
    status = store_user_find(v->reader, &filter, &page, v->arena, &found);
    for (size_t i = 0; status == STATUS_OK && i < found.count; i++) {
        struct user user = {0};
        status = store_user_by_id(v->reader, found.rows[i].id, &user);
        if (status == STATUS_NOT_FOUND)
            status = STATUS_OK;
        else if (status == STATUS_OK) {
            json_write_object(writer);
            json_write_member_text(writer, "uid", user.uid);
            json_write_member_text(writer, "name", user.name);
            json_write_member_text(writer, "email", user.email);
            json_write_end(writer);
        }
    }
    return status;
}

static enum status
search_groups(struct visit *v, const struct sight *sight, struct json_writer *writer,
              struct slice text)
{
    bool sees_all = sight->group_count == 0 && may(v, PERMISSION_DEVICE_GROUPS_VIEW);
    struct group_filter filter = {.text = text, .of_user = sees_all ? 0 : v->user.id};
    struct list_page page = {.count = FEW};
    struct list_found found = {0};
    enum status status = store_group_find(v->reader, &filter, &page, v->arena, &found);

    for (size_t i = 0; status == STATUS_OK && i < found.count; i++) {
        struct device_group group = {0};
        status = store_group_by_id(v->reader, found.rows[i].id, &group);
        if (status == STATUS_NOT_FOUND)
            status = STATUS_OK;
        else if (status == STATUS_OK) {
            json_write_object(writer);
            json_write_member_text(writer, "uid", group.uid);
            json_write_member_text(writer, "name", group.name);
            json_write_end(writer);
        }
    }
    return status;
}

static enum status
search_devices(struct visit *v, const struct sight *sight, struct json_writer *writer,
               struct slice text)
{
    bool may_see =
        may(v, PERMISSION_DEVICE_REPORTS_VIEW) && may(v, PERMISSION_DEVICE_FIELDS_VIEW);

    return device_doc_search(v, sight, may_see ? text : (struct slice){0}, FEW, writer);
}

/* ---- upstreams: there are few, so each is looked at ---- */

struct wanted_upstreams {
    struct json_writer *writer;
    char text[SEARCH_MAX_BYTES + 1]; /* folded */
    size_t count;
};

static bool
does_hold(const char *where, const char *text)
{
    char folded[UPSTREAM_NAME_BYTES];

    return fold_case(slice_of(where), folded, sizeof(folded)) &&
           strstr(folded, text) != NULL;
}

static bool
write_upstream(void *ctx, const struct upstream *upstream)
{
    struct wanted_upstreams *wanted = ctx;

    if (!does_hold(upstream->name, wanted->text) &&
        !does_hold(upstream->prefix, wanted->text))
        return true;
    json_write_object(wanted->writer);
    json_write_member_text(wanted->writer, "id", upstream->uid);
    json_write_member_text(wanted->writer, "name", upstream->name);
    json_write_member_text(wanted->writer, "prefix", upstream->prefix);
    json_write_end(wanted->writer);
    return ++wanted->count < FEW;
}

static enum status
search_upstreams(struct visit *v, struct json_writer *writer, struct slice text)
{
    struct wanted_upstreams wanted = {.writer = writer};

    if (!may(v, PERMISSION_UPSTREAMS_VIEW) || memchr(text.at, '\0', text.len) ||
        !fold_case(text, wanted.text, sizeof(wanted.text)))
        return STATUS_OK;
    return store_upstream_list(v->reader, write_upstream, &wanted);
}

enum status
search_all(struct visit *v)
{
    static const char *const NAMES[] = {"q", NULL};
    struct slice text = {0};
    struct sight sight = {0};
    enum status status = visit_query_names(v, NAMES);

    if (status == STATUS_OK)
        status = read_search(v, "q", &text);
    if (status == STATUS_OK && text.len == 0)
        return visit_refuse(v, PROBLEM_INVALID, "q", "q is missing: what to look for");
    if (status == STATUS_OK)
        status = sight_read(v, &sight);
    if (status != STATUS_OK)
        return status;
    struct json_writer writer = visit_json(v, 200);
    json_write_object(&writer);
    json_write_key(&writer, "tokens");
    json_write_array(&writer);
    status = search_tokens(v, &writer, text);
    json_write_end(&writer);
    json_write_key(&writer, "users");
    json_write_array(&writer);
    if (status == STATUS_OK)
        status = search_users(v, &writer, text);
    json_write_end(&writer);
    json_write_key(&writer, "devices");
    if (status == STATUS_OK)
        status = search_devices(v, &sight, &writer, text);
    if (status != STATUS_OK)
        return status;
    json_write_key(&writer, "groups");
    json_write_array(&writer);
    status = search_groups(v, &sight, &writer, text);
    json_write_end(&writer);
    json_write_key(&writer, "upstreams");
    json_write_array(&writer);
    if (status == STATUS_OK)
        status = search_upstreams(v, &writer, text);
    json_write_end(&writer);
    json_write_end(&writer);
    return status == STATUS_OK ? json_write_done(&writer) : status;
}
