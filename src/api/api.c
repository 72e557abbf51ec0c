/* SPDX-License-Identifier: Apache-2.0
 *
 * The door of our own resources: finds the handler of an operation, and turns whatever
 * comes of it into an answer. */
#include "api/answer.h"

#include "base/auto.h"
#include "base/embedded.h"
#include "base/mem.h"
#include "crypto/hmac.h"
#include "crypto/seal.h"

#include <assert.h>
#include <stdio.h>

/* The files of api/, written by tools/embed.py. */
extern const struct embedded API_DOCUMENTS[];

/* Every operation of our own document but get-whoami, which the gate answers itself. */
static const struct resource {
    const char *operation_id;
    enum status (*answer)(struct answer *x);
    int success; /* HTTP status */
} RESOURCES[] = {
    {"get-devices", answer_devices, 200},
    {"get-applications", answer_applications, 200},
    {"get-reporting-account-licenses", answer_licences, 200},
    {"get-siem-events", answer_siem_events, 200},
    {"get-device-groups", answer_groups, 200},
    {"get-device-groups-by-device-uid", answer_groups_of_device, 200},
    {"get-cdf-definitions", answer_field_definitions, 200},
    {"get-cdf-definition-by-cdf-uid", answer_field_definition, 200},
    {"get-device-cdf", answer_custom_fields, 200},
    {"get-device-cdf-by-cdf-uid", answer_custom_field, 200},
    {"update-device-cdf", answer_custom_fields_set, 202},
};

/* What a bad status says to the outside; the vendor's codes and words. */
static const struct {
    enum status status;
    int http;
    const char *code, *message;
} ERRORS[] = {
    {STATUS_MALFORMED, 400, "INVALID_REQUEST", "invalid request"},
    {STATUS_REFUSED, 403, "NOT_AUTHORIZED", "not authorized"},
    {STATUS_NOT_FOUND, 404, "RESOURCE_NOT_FOUND", "resource not found"},
    {STATUS_CONFLICT, 409, "CONFLICT", "it has changed meanwhile"},
    {STATUS_TOO_LARGE, 400, "INVALID_REQUEST", "invalid request"},
    {STATUS_FULL, 503, "SERVICE_UNAVAILABLE",
     "the disk is full: nothing can be changed until there is room"},
    {STATUS_UNAVAILABLE, 503, "SERVICE_UNAVAILABLE", "service temporarily unavailable"},
};

enum status
api_open(const struct master_key *master_key, const char *account_uid, struct api **out)
{
    struct secret secret AUTO(secret_done) = {0};
    struct api *api AUTO(api_close) = mem_new(sizeof(*api));

    if (!slice_to_text(slice_of(account_uid), api->account_uid, sizeof(api->account_uid)))
        return STATUS_MALFORMED;
    master_key_derive(master_key, SLICE("cursor"), &secret);
    api->cursor_key = hmac_key_new(secret_slice(&secret));
    if (!api->cursor_key)
        return STATUS_BROKEN;
    *out = TAKE(api);
    return STATUS_OK;
}

void
api_close(struct api **api)
{
    if (*api)
        hmac_key_free(&(*api)->cursor_key);
    mem_free(api);
}

struct slice
api_openapi_document(void)
{
    for (const struct embedded *file = API_DOCUMENTS; file->name; file++) {
        if (strcmp(file->name, "tokenhouse.openapi.json") == 0)
            return file->bytes;
    }
    return (struct slice){0};
}

void
api_error_write(struct buffer *out, const char *code, const char *message,
                const char *detail_code, const char *detail_message, const char *field)
{
    struct json_writer writer = json_write_into(out);

    json_write_object(&writer);
    json_write_member_text(&writer, "code", code);
    json_write_member_text(&writer, "message", message);
    json_write_key(&writer, "details");
    json_write_array(&writer);
    if (detail_code) {
        json_write_object(&writer);
        json_write_member_text(&writer, "message",
                               detail_message ? detail_message : message);
        json_write_member_text(&writer, "code", detail_code);
        if (field && field[0])
            json_write_member_text(&writer, "field", field);
        json_write_end(&writer);
    }
    json_write_end(&writer);
    json_write_end(&writer);
}

static void
fail(struct answer *x, enum status status)
{
    const char *detail = x->failure.text[0] ? x->failure.text : NULL;
    const char *detail_code = x->detail_code;

    if (status == STATUS_TOO_LARGE && !detail_code)
        detail_code = "INVALID_VALUE";
    buffer_clear(x->reply->body);
    for (size_t i = 0; i < COUNT_OF(ERRORS); i++) {
        if (ERRORS[i].status != status)
            continue;
        x->reply->status = ERRORS[i].http;
        api_error_write(x->reply->body, ERRORS[i].code, ERRORS[i].message,
                        detail ? detail_code : NULL, detail, x->failure.field);
        return;
    }
    x->reply->status = 500;
    api_error_write(x->reply->body, "INTERNAL_SERVER_ERROR",
                    "We are sorry, something went wrong on our side. Please try again.",
                    NULL, NULL, NULL);
}

void
api_answer(const struct api *api, const struct api_worker *worker,
           const struct api_request *request, struct api_reply *reply)
{
    struct answer *x = arena_new(worker->arena, sizeof(*x));
    enum status status = STATUS_NOT_FOUND;

    *x = (struct answer){.api = api,
                         .worker = worker,
                         .request = request,
                         .reply = reply,
                         .arena = worker->arena};
    reply->content_type = (struct slice){0};
    for (size_t i = 0; i < COUNT_OF(RESOURCES); i++) {
        if (strcmp(request->operation->id, RESOURCES[i].operation_id) != 0)
            continue;
        reply->status = RESOURCES[i].success;
        status = query_text_split(request->query, x->arena, &x->pairs);
        if (status != STATUS_OK)
            status = answer_refuse(x, "INVALID_VALUE", SLICE("query-string"),
                                   "the query string has more than %d parameters",
                                   QUERY_PAIR_MAX_COUNT);
        else
            status = RESOURCES[i].answer(x);
        break;
    }
    if (status != STATUS_OK)
        fail(x, status);
}

enum status
answer_refuse(struct answer *x, const char *detail_code, struct slice field,
              const char *format, ...)
{
    va_list args;

    x->detail_code = detail_code;
    slice_to_text(slice_head(field, FAILURE_FIELD_MAX - 1), x->failure.field,
                  sizeof(x->failure.field));
    va_start(args, format);
    vsnprintf(x->failure.text, sizeof(x->failure.text), format, args);
    va_end(args);
    return STATUS_MALFORMED;
}

enum status
answer_bad_value(struct answer *x, struct slice name, struct slice value,
                 const char *wanted)
{
    return answer_refuse(x, "INVALID_VALUE", name, "%.*s is '%.*s', but must be %s",
                         SLICE_ARG(slice_head(name, 64)),
                         SLICE_ARG(slice_head(value, 64)), wanted);
}

struct json_writer
answer_begin(struct answer *x)
{
    struct json_writer writer = json_write_into(x->reply->body);

    json_write_object(&writer);
    json_write_key(&writer, "data");
    return writer;
}

enum status
answer_end(struct json_writer *writer, struct slice next_page)
{
    json_write_key(writer, "metadata");
    json_write_object(writer);
    if (next_page.len > 0) {
        json_write_key(writer, "pagination");
        json_write_object(writer);
        json_write_member_string(writer, "nextPage", next_page);
        json_write_end(writer);
    }
    json_write_end(writer);
    json_write_end(writer);
    return json_write_done(writer);
}

bool
answer_sees_group(const struct answer *x, int64_t group_id)
{
    for (size_t i = 0; i < x->request->group_count; i++) {
        if (x->request->group_ids[i] == group_id)
            return true;
    }
    return x->request->group_count == 0;
}
