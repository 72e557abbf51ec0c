/* SPDX-License-Identifier: Apache-2.0
 *
 * What handlers need to say: no, an answer, a header, a version. */
#include "console/visit.h"

#include "base/date.h"
#include "base/number.h"

#include <assert.h>
#include <stdio.h>

/* ---- saying no ---- */

enum status
visit_refuse(struct visit *v, enum problem problem, const char *field, const char *format,
             ...)
{
    va_list args;

    v->problem = problem;
    snprintf(v->failure.field, sizeof(v->failure.field), "%s", field ? field : "");
    va_start(args, format);
    vsnprintf(v->failure.text, sizeof(v->failure.text), format, args);
    va_end(args);
    return STATUS_REFUSED;
}

const char *
visit_words(struct visit *v)
{
    return arena_text(v->arena, slice_of(v->failure.text));
}

void
visit_add_error(struct visit *v, const char *field, const char *format, ...)
{
    struct failure *error = NULL;
    va_list args;

    if (v->error_count == VISIT_ERROR_MAX_COUNT)
        return; /* the first sixteen are enough to work on */
    error = &v->errors[v->error_count++];
    *error = (struct failure){0};
    snprintf(error->field, sizeof(error->field), "%s", field);
    va_start(args, format);
    vsnprintf(error->text, sizeof(error->text), format, args);
    va_end(args);
}

enum status
visit_checked(struct visit *v)
{
    if (v->error_count == 0)
        return STATUS_OK;
    v->problem = PROBLEM_INVALID;
    v->failure = v->errors[0];
    return STATUS_REFUSED;
}

/* ---- versions ---- */

enum status
visit_if_match(struct visit *v, int64_t *out_version)
{
    struct slice tag = {0};

    if (!http_request_header(v->request->http, SLICE("If-Match"), &tag))
        return visit_refuse(v, PROBLEM_IF_MATCH_NEEDED, NULL,
                            "the header If-Match must hold the ETag of what is edited");
    if (tag.len < 3 || tag.at[0] != '"' || tag.at[tag.len - 1] != '"' ||
        number_read((struct slice){tag.at + 1, tag.len - 2}, out_version) != STATUS_OK ||
        *out_version < 1) /* rules/ takes 0 for "whatever it is" */
        return visit_refuse(v, PROBLEM_CHANGED, NULL, "If-Match names no version of it");
    return STATUS_OK;
}

void
visit_etag(struct visit *v, int64_t version)
{
    char tag[32];

    snprintf(tag, sizeof(tag), "\"%lld\"", (long long)version);
    visit_header(v, "ETag", tag);
}

/* ---- the answer ---- */

struct json_writer
visit_json(struct visit *v, int status)
{
    buffer_clear(v->reply->body);
    v->reply->http.status = status;
    v->reply->http.content_type = SLICE("application/json");
    return json_write_into(v->reply->body);
}

enum status
visit_nothing(struct visit *v)
{
    buffer_clear(v->reply->body);
    v->reply->http.status = 204;
    v->reply->http.content_type = (struct slice){0};
    return STATUS_OK;
}

void
visit_header(struct visit *v, const char *name, const char *value)
{
    struct http_reply *http = &v->reply->http;

    assert(http->header_count < HTTP_REPLY_HEADER_MAX_COUNT);
    http->headers[http->header_count++] = (struct http_header){
        slice_of(name),
        arena_copy(v->arena, slice_of(value)),
    };
}

void
visit_write_time(struct json_writer *writer, const char *name, int64_t at_s)
{
    if (at_s != 0) {
        json_write_member_moment(writer, name, at_s * 1000);
    } else {
        json_write_key(writer, name);
        json_write_null(writer);
    }
}
