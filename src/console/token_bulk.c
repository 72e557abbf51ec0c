/* SPDX-License-Identifier: Apache-2.0
 *
 * Many tokens at once: which ones a filter finds, and the act on exactly these. The
 * filter is the query of the list of tokens. */
#include "rules/token_bulk.h"
#include "base/auto.h"
#include "base/number.h"
#include "console/handlers.h"
#include "console/token_filter.h"
#include "console/write.h"
#include "rules/token_life.h"
#include "store/store_people.h"

#include <stdio.h>

/* A token as the body names it: "ID@VERSION". */
enum { REF_CHARS = TOKEN_ID_MAX_CHARS + 21 };

static enum status
read_act(struct visit *v, struct slice name, enum bulk_act *out)
{
    if (slice_equal(name, SLICE("suspend")))
        *out = BULK_SUSPEND;
    else if (slice_equal(name, SLICE("delete")))
        *out = BULK_DELETE;
    else
        return visit_refuse(v, PROBLEM_INVALID, "act", "act must be suspend or delete");
    return STATUS_OK;
}

/* ---- GET /tokens/bulk ---- */

struct shown {
    struct visit *v;
    struct json_writer *writer;
};

static enum status
write_one(void *ctx, const struct token *token)
{
    struct shown *shown = ctx;
    struct json_writer *writer = shown->writer;
    struct user user = {0};
    char address[IP_TEXT_MAX + 1] = "";
    char ref[REF_CHARS + 1];
    enum status status = store_user_by_id(shown->v->reader, token->user_id, &user);

    if (status != STATUS_OK)
        return status == STATUS_NOT_FOUND ? STATUS_OK : status;
    if (token->last_used_at_s != 0)
        ip_write(&token->last_used_from, address);
    snprintf(ref, sizeof(ref), "%s@%lld", token->id, (long long)token->version);
    json_write_object(writer);
    json_write_member_text(writer, "ref", ref);
    json_write_member_text(writer, "id", token->id);
    json_write_member_text(writer, "title", token->title);
    json_write_member_text(writer, "label",
                           token_state_label(token_state_at(token, shown->v->now_s)));
    json_write_member_text(writer, "creator", user.email);
    visit_write_time(writer, "lastUsedAt", token->last_used_at_s);
    json_write_member_text_or_null(writer, "lastUsedFrom", address);
    json_write_end(writer);
    return STATUS_OK;
}

enum status
tokens_bulk_show(struct visit *v)
{
    static const char *const NAMES[] = {TOKEN_FILTER_NAMES, "act", NULL};
    struct token_filter filter = {0};
    struct token_set set = {0};
    struct slice name = {0};
    struct act act = v->act; /* changes nothing */
    enum bulk_act what = BULK_SUSPEND;
    enum status status = visit_query_names(v, NAMES);

    act.store = v->reader;
    visit_query(v, "act", &name);
    if (status == STATUS_OK)
        status = read_act(v, name, &what);
    if (status == STATUS_OK)
        status = token_filter_read(v, v->now_s, &filter);
    if (status != STATUS_OK)
        return status;
    struct json_writer writer = visit_json(v, 200);
    struct shown shown = {v, &writer};
    json_write_object(&writer);
    json_write_key(&writer, "tokens");
    json_write_array(&writer);
    status = token_bulk_find(&act, what, &filter, v->arena, write_one, &shown, &set);
    json_write_end(&writer);
    json_write_member_int(&writer, "count", (int64_t)set.count);
    json_write_end(&writer);
    return status == STATUS_OK ? json_write_done(&writer) : status;
}

/* ---- POST /tokens/bulk ---- */

static enum status
read_refs(struct visit *v, const json_t *list, struct token_set *out)
{
    struct slice *texts = NULL;
    enum status status =
        read_texts(v, list, "tokens", BULK_MAX_COUNT, &texts, &out->count);

    if (status != STATUS_OK)
        return status;
    out->refs = arena_new(v->arena, (out->count + 1) * sizeof(out->refs[0]));
    for (size_t i = 0; i < out->count; i++) {
        struct slice version = texts[i];
        struct slice id = {0};

        if (!slice_cut(&version, '@', &id) ||
            !slice_to_text(id, out->refs[i].id, sizeof(out->refs[i].id)) ||
            number_read(version, &out->refs[i].version) != STATUS_OK)
            return visit_refuse(v, PROBLEM_INVALID, "tokens",
                                "'%.*s' is not a token and its version, ID@VERSION",
                                SLICE_ARG(slice_head(texts[i], 64)));
    }
    return STATUS_OK;
}

enum status
tokens_bulk(struct visit *v)
{
    static const char *const NAMES[] = {TOKEN_FILTER_NAMES, NULL};
    struct token_filter filter = {0};
    struct token_set set = {0};
    struct slice name = {0};
    bool is_all = false;
    json_t *list = NULL;
    enum bulk_act what = BULK_SUSPEND;
    const struct body_member members[] = {
        {.name = "act", .kind = BODY_TEXT, .wanted = BODY_REQUIRED, .text = &name},
        {.name = "tokens", .kind = BODY_ARRAY, .wanted = BODY_REQUIRED, .json = &list},
        {.name = "isAllFound", .kind = BODY_BOOL, .truth = &is_all},
    };
    enum status status = visit_query_names(v, NAMES);

    if (status == STATUS_OK)
        status = visit_body(v, members, COUNT_OF(members));
    if (status == STATUS_OK)
        status = read_act(v, name, &what);
    if (status == STATUS_OK)
        status = read_refs(v, list, &set);
    if (status == STATUS_OK)
        status = token_filter_read(v, v->now_s, &filter);
    if (status != STATUS_OK)
        return status;
    status = token_bulk(&v->act, what, &set, is_all ? &filter : NULL, v->arena);
    if (status != STATUS_OK)
        return status;
    struct json_writer writer = visit_json(v, 200);
    json_write_object(&writer);
    json_write_member_int(&writer, "count", (int64_t)set.count);
    json_write_end(&writer);
    return json_write_done(&writer);
}
