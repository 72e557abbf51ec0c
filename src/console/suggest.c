/* SPDX-License-Identifier: Apache-2.0
 *
 * GET /tokens/{id}/suggestion: what the token has and has not used for a while. */
#include "rules/suggest.h"

#include "base/auto.h"
#include "console/handlers.h"
#include "console/token_doc.h"
#include "console/write.h"

static void
write_addresses(struct json_writer *writer, const char *name, const struct token *token,
                const struct suggestion *suggestion, bool is_unused)
{
    char text[IP_RANGE_TEXT_MAX + 1];

    json_write_key(writer, name);
    json_write_array(writer);
    for (size_t i = 0; i < token->address_count; i++) {
        if (suggestion->address_unused[i] != is_unused)
            continue;
        ip_range_write(&token->addresses[i], text);
        json_write_text(writer, text);
    }
    json_write_end(writer);
}

static enum status
write_those_groups(struct visit *v, struct json_writer *writer, const char *name,
                   const struct token *token, const struct suggestion *suggestion,
                   bool is_unused)
{
    int64_t ids[TOKEN_GROUP_MAX_COUNT];
    size_t count = 0;

    for (size_t i = 0; i < token->group_count; i++) {
        if (suggestion->group_unused[i] == is_unused)
            ids[count++] = token->group_ids[i];
    }
    return write_groups(v, writer, name, ids, count);
}

static enum status
write_part(struct visit *v, struct json_writer *writer, const struct token *token,
           const struct suggestion *suggestion, bool is_unused)
{
    json_write_object(writer);
    write_permissions(writer, "permissions",
                      is_unused ? &suggestion->unused : &suggestion->used);
    write_addresses(writer, "approvedAddresses", token, suggestion, is_unused);
    enum status status =
        write_those_groups(v, writer, "groups", token, suggestion, is_unused);
    json_write_end(writer);
    return status;
}

enum status
tokens_suggestion(struct visit *v)
{
    static const char *const NAMES[] = {"days", NULL};
    struct token *token = arena_new(v->arena, sizeof(*token));
    struct suggestion *suggestion = arena_new(v->arena, sizeof(*suggestion));
    int64_t days = SUGGEST_USUAL_DAYS;
    enum status status = visit_query_names(v, NAMES);

    if (status == STATUS_OK)
        status = visit_query_int(v, "days", 1, SUGGEST_MAX_DAYS, &days);
    if (status == STATUS_OK)
        status = token_doc_find(v, token);
    if (status == STATUS_OK)
        status = suggest_read(v->reader, token, days, v->now_s, suggestion);
    if (status != STATUS_OK)
        return status;
    struct json_writer writer = visit_json(v, 200);
    json_write_object(&writer);
    json_write_member_int(&writer, "days", days);
    write_date(&writer, "since", date_of(suggestion->since_day * DAY_S));
    json_write_member_bool(&writer, "isWhole", suggestion->is_whole);
    json_write_member_bool(&writer, "isUsed", suggestion->is_used);
    json_write_key(&writer, "used");
    status = write_part(v, &writer, token, suggestion, false);
    json_write_key(&writer, "unused");
    if (status == STATUS_OK)
        status = write_part(v, &writer, token, suggestion, true);
    if (status != STATUS_OK)
        return status;
    json_write_end(&writer);
    return json_write_done(&writer);
}
