/* SPDX-License-Identifier: Apache-2.0
 *
 * An explanation as JSON. */
#include "rules/explanation.h"

#include "base/auto.h"
#include "base/date.h"

#include <string.h>

/* What each step asks, for people. */
static const struct {
    const char *step, *question;
} QUESTIONS[] = {
    {"read", "Is it one message within limits?"},
    {"header", "Can its header be read?"},
    {"token", "Is there such a token?"},
    {"signature", "Is it signed with the token's key?"},
    {"canary", "Is the token more than a trap?"},
    {"address", "Does it come from an approved address?"},
    {"life", "Is the token alive, and its user?"},
    {"fresh", "Was it signed just now?"},
    {"once", "Is it used for the first time?"},
    {"route", "Is there such an operation?"},
    {"licence", "Has the account a licence that covers it?"},
    {"permission", "Has the token every permission it needs?"},
    {"rate", "Is it within the limits?"},
    {"answer", "Is it answered?"},
};

const char *
explanation_question(const char *step_name)
{
    for (size_t i = 0; i < COUNT_OF(QUESTIONS); i++) {
        if (strcmp(QUESTIONS[i].step, step_name) == 0)
            return QUESTIONS[i].question;
    }
    return "";
}

const char *
explain_outcome_name(enum explain_outcome outcome)
{
    switch (outcome) {
    case EXPLAIN_NOT_REACHED:
        return "not reached";
    case EXPLAIN_PASSED:
        return "passed";
    case EXPLAIN_FAILED:
        return "failed";
    case EXPLAIN_NOT_ASKED:
        return "not asked";
    }
    return "?";
}

static void
write_request(const struct explain_request *request, struct json_writer *writer)
{
    char address[IP_TEXT_MAX + 1] = "";

    if (request->has_address)
        ip_write(&request->address, address);
    json_write_key(writer, "request");
    json_write_object(writer);
    json_write_member_string(writer, "tokenId", request->token_id);
    json_write_member_string(writer, "method", request->method);
    json_write_member_string(writer, "uri", request->uri);
    json_write_member_string(writer, "query", request->query);
    json_write_key(writer, "body");
    if (request->body.len > 0)
        json_write_string(writer, request->body);
    else
        json_write_null(writer);
    json_write_member_text_or_null(writer, "address", address);
    json_write_member_moment(writer, "at", request->at_ms);
    json_write_member_moment(writer, "issuedAt", request->issued_at_ms);
    json_write_end(writer);
}

static void
write_token(const struct explanation *explanation, struct json_writer *writer)
{
    json_write_key(writer, "token");
    if (!explanation->has_token) {
        json_write_null(writer);
        return;
    }
    json_write_object(writer);
    json_write_member_text(writer, "id", explanation->token_id);
    json_write_member_text(writer, "title", explanation->title);
    json_write_member_text(writer, "user", explanation->user_email);
    json_write_member_text(writer, "role", explanation->role_name);
    json_write_end(writer);
}

/* "the field geoData", "the parameter unenroll = true"; null: the operation itself. */
static void
write_because(const struct explain_need *need, struct json_writer *writer)
{
    json_write_key(writer, "because");
    if (need->when_kind == 0) {
        json_write_null(writer);
        return;
    }
    json_write_object(writer);
    json_write_member_text(writer,
                           need->when_kind == WHEN_FIELD   ? "field"
                           : need->when_kind == WHEN_QUERY ? "query"
                                                           : "body",
                           need->when);
    json_write_member_text_or_null(writer, "equals", need->equals);
    json_write_end(writer);
}

static void
write_need(const struct explain_need *need, struct json_writer *writer)
{
    char name[PERMISSION_NAME_MAX + 1];

    permission_write(need->permission, name);
    json_write_object(writer);
    json_write_member_text(writer, "permission", name);
    write_because(need, writer);
    json_write_member_bool(writer, "isMissing", need->is_missing);
    json_write_member_bool(writer, "isInToken", need->is_in_token);
    json_write_member_bool(writer, "isInRole", need->is_in_role);
    json_write_key(writer, "otherRoles");
    json_write_array(writer);
    for (size_t i = 0; i < need->role_count; i++)
        json_write_text(writer, need->roles[i].name);
    json_write_end(writer);
    json_write_member_int(writer, "moreRoles", (int64_t)need->more_role_count);
    json_write_end(writer);
}

static void
write_operation(const struct explanation *explanation, struct json_writer *writer)
{
    json_write_key(writer, "operation");
    if (!explanation->has_operation) {
        json_write_null(writer);
        return;
    }
    json_write_object(writer);
    json_write_member_text(writer, "method", explanation->method);
    json_write_member_text(writer, "path", explanation->path);
    json_write_member_text(writer, "summary", explanation->summary);
    json_write_member_bool(writer, "isClosed", explanation->is_closed);
    json_write_key(writer, "needs");
    json_write_array(writer);
    for (size_t i = 0; i < explanation->need_count; i++)
        write_need(&explanation->needs[i], writer);
    json_write_end(writer);
    json_write_key(writer, "licences");
    json_write_array(writer);
    for (size_t i = 0; i < explanation->licence_count; i++)
        json_write_text(writer, explanation->licences[i].name);
    json_write_end(writer);
    json_write_end(writer);
}

static void
write_step(const struct explanation *explanation, const struct explain_request *request,
           const struct explain_step *step, struct json_writer *writer)
{
    char words[FAILURE_TEXT_MAX];
    char link[EXPLAIN_LINK_BYTES];
    bool is_failed = step->outcome == EXPLAIN_FAILED;

    explanation_way(explanation, request, step, words, link);
    json_write_object(writer);
    json_write_member_text(writer, "name", step->name);
    json_write_member_text(writer, "question", explanation_question(step->name));
    json_write_member_text(writer, "outcome", explain_outcome_name(step->outcome));
    json_write_member_text_or_null(writer, "verdict",
                                   is_failed ? verdict_name(step->verdict) : "");
    json_write_member_text_or_null(writer, "detail", step->words);
    json_write_member_text_or_null(writer, "whatToDo", words);
    json_write_member_text_or_null(writer, "link", link);
    json_write_end(writer);
}

void
explanation_write(const struct explanation *explanation,
                  const struct explain_request *request, struct json_writer *writer)
{
    enum verdict verdict = explanation->verdict;

    json_write_object(writer);
    json_write_member_bool(writer, "isPermitted", verdict == PERMITTED);
    json_write_member_text(writer, "verdict", verdict_name(verdict));
    json_write_member_text(writer, "code", verdict_detail(verdict));
    json_write_member_int(writer, "status", verdict_http(verdict));
    write_request(request, writer);
    write_token(explanation, writer);
    write_operation(explanation, writer);
    json_write_key(writer, "steps");
    json_write_array(writer);
    for (size_t i = 0; i < explanation->step_count; i++)
        write_step(explanation, request, &explanation->steps[i], writer);
    json_write_end(writer);
    json_write_end(writer);
}
