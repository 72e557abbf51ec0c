/* SPDX-License-Identifier: Apache-2.0
 *
 * The routes of tokens that are there: the list, one of them, and what may happen to it.
 */
#include "base/auto.h"
#include "console/handlers.h"
#include "console/limits_doc.h"
#include "console/list.h"
#include "console/token_doc.h"
#include "console/token_filter.h"
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
    static const char *const NAMES[] = {TOKEN_FILTER_NAMES, "sort", "pageSize", "after",
                                        NULL};
    struct token_filter filter = {0};
    struct list_found found = {0};
    struct list_ask ask;
    enum status status = visit_query_names(v, NAMES);

    if (status == STATUS_OK)
        status = list_read(v, has_sort, &ask);
    if (status == STATUS_OK)
        status = token_filter_read(v, ask.moment_s, &filter);
    if (status != STATUS_OK)
        return status;
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
    json_t *limits = NULL;
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
        {.name = "limits", .kind = BODY_OBJECT, .json = &limits},
    };
    enum status status = visit_body(v, members, COUNT_OF(members));

    if (status != STATUS_OK)
        return status;
    if (limits) {
        struct token_limits *wanted = arena_new(v->arena, sizeof(*wanted));
        status = read_limits(v, limits, wanted);
        if (status != STATUS_OK)
            return status;
        out->limits = wanted;
    }
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
    rename_limits(v);
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
