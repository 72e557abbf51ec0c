/* SPDX-License-Identifier: Apache-2.0
 *
 * What goes with a user who leaves: their tokens, and what these did in the last 30 days.
 * Counts for everybody who manages users; the tokens themselves for those who may see
 * them (rule 13). */
#include "console/handlers.h"
#include "console/token_doc.h"
#include "console/write.h"
#include "rules/suggest.h"
#include "rules/token_life.h"
#include "store/store_lists.h"
#include "store/store_people.h"
#include "store/store_tokens.h"

enum { LEAVING_TOKEN_MAX_COUNT = 100 };

/* What one token is and did, in one piece of memory. */
struct work_of {
    struct token token;
    struct suggestion suggestion;
};

/* What it needed its permissions and its approved addresses for, as far as it is known.
 */
static void
write_used(struct json_writer *writer, const struct work_of *work)
{
    const struct token *token = &work->token;
    char text[IP_RANGE_TEXT_MAX + 1];

    json_write_key(writer, "used");
    json_write_object(writer);
    write_permissions(writer, "permissions", &work->suggestion.used);
    json_write_key(writer, "approvedAddresses");
    json_write_array(writer);
    for (size_t i = 0; i < token->address_count; i++) {
        if (work->suggestion.address_unused[i])
            continue;
        ip_range_write(&token->addresses[i], text);
        json_write_text(writer, text);
    }
    json_write_end(writer);
    json_write_end(writer);
}

static enum status
write_token(struct token_docs *docs, struct json_writer *writer,
            const struct token_sum *sum, struct work_of *work)
{
    struct token *token = &work->token;
    enum status status = store_token_by_id(docs->v->reader, slice_of(sum->id), token);

    if (status == STATUS_OK)
        status = suggest_read(docs->v->reader, token, TOKEN_DOC_DAYS, docs->v->now_s,
                              &work->suggestion);

    if (status != STATUS_OK)
        return status == STATUS_NOT_FOUND ? STATUS_OK : status; /* deleted a moment ago */
    json_write_object(writer);
    json_write_member_int(writer, "permitted", sum->permitted);
    json_write_member_int(writer, "refused", sum->refused);
    write_used(writer, work);
    json_write_key(writer, "token");
    status = token_doc_write(docs, writer, token);
    json_write_end(writer);
    return status;
}

static enum status
write_tokens(struct visit *v, struct json_writer *writer, const struct user *user,
             int64_t first_day)
{
    struct token_docs docs;
    struct work_of *work = arena_new(v->arena, sizeof(*work));
    struct token_sum *sums = arena_new(v->arena, LEAVING_TOKEN_MAX_COUNT * sizeof(*sums));
    size_t count = 0;
    enum status status = token_docs_begin(v, &docs);

    if (status == STATUS_OK)
        status = store_token_list_sums(v->reader, user->id, first_day, sums,
                                       LEAVING_TOKEN_MAX_COUNT, &count);
    json_write_array(writer);
    for (size_t i = 0; status == STATUS_OK && i < count; i++)
        status = write_token(&docs, writer, &sums[i], work);
    json_write_end(writer);
    return status;
}

enum status
users_leaving(struct visit *v)
{
    struct user user = {0};
    struct token_totals totals = {0};
    int64_t first_day = v->now_s / DAY_S - TOKEN_DOC_DAYS + 1;
    enum status status = store_user_by_uid(v->reader, v->match.parameters[0], &user);

    if (status == STATUS_NOT_FOUND)
        return visit_refuse(v, PROBLEM_NOT_FOUND, NULL, "there is no such user");
    if (status == STATUS_OK)
        status = store_token_sum_all(v->reader, user.id, first_day, v->now_s, &totals);
    if (status != STATUS_OK)
        return status;
    struct json_writer writer = visit_json(v, 200);
    json_write_object(&writer);
    json_write_member_int(&writer, "tokenCount", totals.tokens);
    json_write_member_int(&writer, "livingCount", totals.living);
    json_write_member_int(&writer, "permitted", totals.permitted);
    json_write_member_int(&writer, "refused", totals.refused);
    visit_write_time(&writer, "lastUsedAt", totals.last_used_at_s);
    json_write_key(&writer, "tokens");
    if (v->role.is_system_admin || user.id == v->user.id)
        status = write_tokens(v, &writer, &user, first_day);
    else
        json_write_null(&writer);
    json_write_end(&writer);
    return status == STATUS_OK ? json_write_done(&writer) : status;
}
