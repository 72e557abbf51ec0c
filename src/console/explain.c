/* SPDX-License-Identifier: Apache-2.0
 *
 * POST /explain: would this request be let in, and if not, what is missing? */
#include "rules/explanation.h"

#include "base/auto.h"
#include "base/date.h"
#include "console/handlers.h"
#include "console/token_doc.h"
#include "console/write.h"
#include "rules/refusals.h"
#include "store/store_tokens.h"
#include "json/scan.h"

/* What was asked, and where it comes from. */
struct asking {
    struct explain_request request;
    struct refusal refusal; /* with requestId */
    bool has_refusal;
};

/* A refusal that is kept, and is another's, is not told from one that is not. */
static enum status
refuse_unkept(struct visit *v)
{
    return visit_refuse(v, PROBLEM_NOT_FOUND, NULL,
                        "no refusal of this request is kept here; the latest of each "
                        "token are, since the start of the server");
}

static enum status
refuse_unseen(struct visit *v, const struct asking *asking)
{
    if (asking->has_refusal)
        return refuse_unkept(v);
    return visit_refuse(v, PROBLEM_NOT_FOUND, NULL,
                        "there is no such token, or it is not yours to see");
}

/* Only who sees a token may ask about it; who sees all may ask about one that is not
 * there. */
static enum status
check_sight(struct visit *v, const struct asking *asking)
{
    struct token *token = arena_new(v->arena, sizeof(*token));
    enum status status = store_token_by_id(v->reader, asking->request.token_id, token);

    if (status == STATUS_NOT_FOUND)
        return v->role.is_system_admin ? STATUS_OK : refuse_unseen(v, asking);
    if (status == STATUS_OK && !v->role.is_system_admin && token->user_id != v->user.id)
        return refuse_unseen(v, asking);
    return status;
}

static void
use_refusal(struct asking *asking)
{
    asking->has_refusal = true;
    refusal_describe(&asking->refusal, &asking->request);
}

static enum status
read_moment(struct visit *v, const char *field, struct slice text, int64_t *out)
{
    if (date_time_read(text, out) == STATUS_OK)
        return STATUS_OK;
    return visit_refuse(v, PROBLEM_INVALID, field,
                        "%s is '%.*s'; wanted is a moment such as "
                        "2026-11-26T21:51:42.000Z",
                        field, SLICE_ARG(slice_head(text, 48)));
}

static enum status
read_described(struct visit *v, struct slice address, struct slice at,
               struct slice issued_at, struct explain_request *out)
{
    struct json_value value;
    struct failure failure = {0};

    out->at_ms = v->request->now_ms;
    out->has_address = address.len > 0;
    if (out->has_address && ip_read(slice_trim(address), &out->address) != STATUS_OK)
        return visit_refuse(v, PROBLEM_INVALID, "address", "'%.*s' is not an IP address",
                            SLICE_ARG(slice_head(address, 48)));
    if (out->body.len > 0 && json_scan(out->body, &value) != STATUS_OK) {
        enum status why = json_explain(out->body, &failure);
        (void)why;
        return visit_refuse(v, PROBLEM_INVALID, "body", "the body is not JSON: %s",
                            failure.text);
    }
    if (at.len > 0 && read_moment(v, "at", at, &out->at_ms) != STATUS_OK)
        return STATUS_REFUSED;
    out->issued_at_ms = out->at_ms;
    return issued_at.len > 0 ? read_moment(v, "issuedAt", issued_at, &out->issued_at_ms)
                             : STATUS_OK;
}

static enum status
read_asking(struct visit *v, struct asking *out)
{
    struct slice request_id = {0};
    struct slice address = {0};
    struct slice at = {0};
    struct slice issued_at = {0};
    struct explain_request *request = &out->request;
    const struct body_member members[] = {
        {"requestId", BODY_TEXT, BODY_OPTIONAL, .text = &request_id},
        {"tokenId", BODY_TEXT, BODY_OPTIONAL, .text = &request->token_id},
        {"method", BODY_TEXT, BODY_OPTIONAL, .text = &request->method},
        {"uri", BODY_TEXT, BODY_OPTIONAL, .text = &request->uri},
        {"query", BODY_TEXT, BODY_OPTIONAL, .text = &request->query},
        {"body", BODY_TEXT, BODY_OPTIONAL, .text = &request->body},
        {"address", BODY_TEXT, BODY_OPTIONAL, .text = &address},
        {"at", BODY_TEXT, BODY_OPTIONAL, .text = &at},
        {"issuedAt", BODY_TEXT, BODY_OPTIONAL, .text = &issued_at},
    };
    enum status status = visit_body(v, members, COUNT_OF(members));

    if (status != STATUS_OK)
        return status;
    if (request_id.len > 0) {
        if (json_object_size(v->body) > 1)
            return visit_refuse(v, PROBLEM_INVALID, "requestId",
                                "with requestId nothing else is described");
        if (refusals_by_request(v->setup->refusals, request_id, &out->refusal) !=
            STATUS_OK)
            return refuse_unkept(v);
        use_refusal(out);
        return STATUS_OK;
    }
    if (request->token_id.len == 0)
        visit_add_error(v, "tokenId", "tokenId is missing");
    if (request->method.len == 0)
        visit_add_error(v, "method", "method is missing");
    if (request->uri.len == 0)
        visit_add_error(v, "uri", "uri is missing");
    status = visit_checked(v);
    return status == STATUS_OK ? read_described(v, address, at, issued_at, request)
                               : status;
}

/* Which roles there are is told to those who may know. */
static void
hide_roles(const struct visit *v, struct explanation *explanation)
{
    if (permission_set_has(&v->rights, PERMISSION_ROLES_VIEW))
        return;
    for (size_t i = 0; i < explanation->need_count; i++) {
        explanation->needs[i].role_count = 0;
        explanation->needs[i].more_role_count = 0;
    }
}

enum status
explain_answer(struct visit *v)
{
    struct asking *asking = arena_new(v->arena, sizeof(*asking));
    struct explanation *explanation = arena_new(v->arena, sizeof(*explanation));
    enum status status = read_asking(v, asking);

    if (status == STATUS_OK)
        status = check_sight(v, asking);
    if (status != STATUS_OK)
        return status;
    v->setup->explain(v->setup->explain_ctx, &asking->request, explanation);
    status = explanation_find_ways(v->reader, explanation);
    if (status != STATUS_OK)
        return status;
    hide_roles(v, explanation);
    struct json_writer writer = visit_json(v, 200);
    json_write_object(&writer);
    json_write_key(&writer, "refusal");
    if (asking->has_refusal)
        refusal_write(&asking->refusal, &writer);
    else
        json_write_null(&writer);
    json_write_key(&writer, "explanation");
    explanation_write(explanation, &asking->request, &writer);
    json_write_end(&writer);
    return json_write_done(&writer);
}
