/* SPDX-License-Identifier: Apache-2.0
 *
 * The routes of tokens that are there: the list, one of them, and what may happen to it.
 */
#include "base/auto.h"
#include "console/handlers.h"
#include "console/list.h"
#include "console/token_doc.h"
#include "console/write.h"
#include "rules/token_life.h"
#include "store/store_people.h"
#include "store/store_tokens.h"

/* ---- the list ---- */

static bool
has_sort(struct slice name)
{
    return store_list_has_sort(LIST_TOKENS, name);
}

static bool
find_label(struct slice name, unsigned *labels)
{
    for (int state = TOKEN_ACTIVE; state <= TOKEN_SUSPENDED; state++) {
        if (!slice_equal(name, slice_of(token_state_label((enum token_state)state))))
            continue;
        *labels |= 1u << state;
        return true;
    }
    return false;
}

static enum status
read_labels(struct visit *v, unsigned *out)
{
    struct slice rest = {0};
    struct slice one = {0};
    bool is_more = visit_query(v, "label", &rest);

    while (is_more) {
        is_more = slice_cut(&rest, ',', &one);
        if (!is_more)
            one = rest;
        if (!find_label(slice_trim(one), out))
            return visit_refuse(v, PROBLEM_INVALID, "label",
                                "label is '%.*s', but must be Active, Expires soon, "
                                "Expired or Suspended, several with commas",
                                SLICE_ARG(slice_head(one, 32)));
    }
    return STATUS_OK;
}

static enum status
read_creator(struct visit *v, int64_t *out)
{
    struct slice uid = {0};
    struct user user = {0};
    enum status status = STATUS_OK;

    if (!visit_query(v, "creator", &uid))
        return STATUS_OK;
    status = store_user_by_uid(v->reader, uid, &user);
    *out = status == STATUS_OK ? user.id : -1; /* -1: nobody's */
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static enum status
read_filter(struct visit *v, struct token_filter *out)
{
    struct slice kind = {0};
    enum status status = read_labels(v, &out->labels);

    if (status == STATUS_OK && visit_query(v, "kind", &kind) &&
        alg_read(kind, &out->alg) != STATUS_OK)
        return visit_refuse(v, PROBLEM_INVALID, "kind",
                            "kind is '%.*s', but must be ES256 or HS256",
                            SLICE_ARG(slice_head(kind, 32)));
    if (status == STATUS_OK)
        status = read_creator(v, &out->creator_id);
    if (status == STATUS_OK)
        status = visit_query_bool(v, "isUnused", &out->is_by_idle, &out->is_idle);
    if (status == STATUS_OK)
        status = read_search(v, "q", &out->text);
    out->seen_by = v->role.is_system_admin ? 0 : v->user.id;
    return status;
}

static enum status
write_rows(struct visit *v, struct json_writer *writer, struct list_found *found)
{
    struct token_docs docs;
    struct token *token = arena_new(v->arena, sizeof(*token)); /* 11 KB */
    enum status status = token_docs_begin(v, &docs);

    for (size_t i = 0; status == STATUS_OK && i < found->count; i++) {
        status = store_token_by_id(v->reader, slice_of(found->rows[i].token_id), token);
        if (status == STATUS_OK)
            status = token_doc_write(&docs, writer, token);
        else if (status == STATUS_NOT_FOUND)
            status = STATUS_OK; /* deleted a moment ago */
        if (list_is_long(v, found, i))
            break;
    }
    return status;
}

enum status
tokens_list(struct visit *v)
{
    static const char *const NAMES[] = {
        "q", "label", "kind", "creator", "isUnused", "sort", "pageSize", "after", NULL};
    int64_t unused_days = v->setup->config->unused_days;
    struct token_filter filter = {0};
    struct list_found found = {0};
    struct list_ask ask;
    enum status status = visit_query_names(v, NAMES);

    if (status == STATUS_OK)
        status = list_read(v, has_sort, &ask);
    if (status == STATUS_OK)
        status = read_filter(v, &filter);
    if (status != STATUS_OK)
        return status;
    filter.now_s = ask.moment_s;
    filter.idle_since_s = unused_days > 0 ? ask.moment_s - unused_days * DAY_S : -1;
    status = store_token_find(v->reader, &filter, &ask.page, v->arena, &found);
    if (status != STATUS_OK)
        return status;
    struct json_writer writer = list_begin(v);
    status = write_rows(v, &writer, &found);
    return status == STATUS_OK ? list_end_found(v, &writer, &ask, &found) : status;
}

/* ---- one ---- */

enum status
tokens_show(struct visit *v)
{
    struct token *token = arena_new(v->arena, sizeof(*token));
    enum status status = token_doc_find(v, token);

    return status == STATUS_OK ? token_doc_answer(v, token) : status;
}

/* The token as it is after an act. */
static enum status
answer_changed(struct visit *v, enum status status)
{
    return status == STATUS_OK ? tokens_show(v) : status;
}

static enum status
read_edit(struct visit *v, struct slice texts[3], struct token_edit *out)
{
    json_t *addresses = NULL;
    bool has[3] = {false};
    struct slice *entries = NULL;
    size_t count = 0;
    const struct body_member members[] = {
        {.name = "title", .kind = BODY_TEXT, .text = &texts[0], .is_there = &has[0]},
        {.name = "description",
         .kind = BODY_TEXT,
         .text = &texts[1],
         .is_there = &has[1]},
        {.name = "expiresOn", .kind = BODY_TEXT, .text = &texts[2], .is_there = &has[2]},
        {.name = "approvedAddresses", .kind = BODY_ARRAY, .json = &addresses},
    };
    enum status status = visit_body(v, members, COUNT_OF(members));

    if (status != STATUS_OK)
        return status;
    out->title = has[0] ? &texts[0] : NULL;
    out->description = has[1] ? &texts[1] : NULL;
    out->expires_on = has[2] ? &texts[2] : NULL;
    if (!addresses)
        return STATUS_OK;
    status = read_texts(v, addresses, "approvedAddresses", BODY_LIST_MAX_COUNT, &entries,
                        &count);
    if (status != STATUS_OK)
        return status;
    struct slice *joined = arena_new(v->arena, sizeof(*joined));
    *joined = join_texts(v, entries, count);
    out->addresses = joined;
    return STATUS_OK;
}

enum status
tokens_edit(struct visit *v)
{
    struct token_edit edit = {0};
    struct slice texts[3] = {{0}};
    struct token *token = arena_new(v->arena, sizeof(*token));
    enum status status = visit_if_match(v, &edit.if_version);

    if (status == STATUS_OK)
        status = token_doc_find(v, token);
    if (status == STATUS_OK)
        status = read_edit(v, texts, &edit);
    if (status != STATUS_OK)
        return status;
    status = token_edit(&v->act, slice_of(token->id), &edit, token);
    if (status == STATUS_OK)
        return token_doc_answer(v, token);
    rename_field(v, "expires", "expiresOn");
    rename_field(v, "addresses", "approvedAddresses");
    return status;
}

enum status
tokens_suspend(struct visit *v)
{
    return answer_changed(v, token_suspend(&v->act, v->match.parameters[0]));
}

enum status
tokens_resume(struct visit *v)
{
    return answer_changed(v, token_resume(&v->act, v->match.parameters[0]));
}

enum status
tokens_delete(struct visit *v)
{
    enum status status = token_delete(&v->act, v->match.parameters[0]);

    return status == STATUS_OK ? visit_nothing(v) : status;
}
