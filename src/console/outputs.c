/* SPDX-License-Identifier: Apache-2.0
 *
 * Where Event History goes, at the console: the outputs and how it goes with each. */
#include "rules/outputs.h"
#include "base/auto.h"
#include "console/handlers.h"
#include "console/list.h"
#include "console/write.h"
#include "store/store_events.h"
#include "store/store_outputs.h"

/* null: none was ever asked for. */
static void
write_test(struct json_writer *writer, const struct output *output)
{
    bool is_done = output->test_done_ms >= output->test_asked_ms;

    json_write_key(writer, "test");
    if (output->test_asked_ms == 0) {
        json_write_null(writer);
        return;
    }
    json_write_object(writer);
    visit_write_time(writer, "askedAt", output->test_asked_ms / 1000);
    visit_write_time(writer, "doneAt", is_done ? output->test_done_ms / 1000 : 0);
    json_write_member_text_or_null(writer, "failure",
                                   is_done ? output->test_failure : "");
    json_write_end(writer);
}

static void
write_output(const struct visit *v, struct json_writer *writer,
             const struct output *output, int64_t newest_id)
{
    json_write_object(writer);
    json_write_member_text(writer, "uid", output->uid);
    json_write_member_text(writer, "name", output->name);
    json_write_member_text(writer, "kind", output_kind_name(output->kind));
    json_write_member_text(writer, "format", output_format_name(output->format));
    write_url(v, writer, "url", output->url);
    json_write_member_bool(writer, "isPaused", output->is_paused);
    json_write_member_bool(writer, "hasCa", output->has_ca);
    json_write_member_bool(writer, "hasCertificate", output->has_certificate);
    json_write_member_text(writer, "state", output_state_name(output));
    json_write_member_int(writer, "cursor", output->cursor_id);
    json_write_member_int(writer, "lag", newest_id - output->cursor_id);
    visit_write_time(writer, "takenAt", output->taken_at_ms / 1000);
    visit_write_time(writer, "failingSince", output->failing_since_ms / 1000);
    json_write_member_text_or_null(writer, "lastFailure", output->last_failure);
    write_test(writer, output);
    visit_write_time(writer, "createdAt", output->created_at_s);
    visit_write_time(writer, "changedAt", output->changed_at_s);
    json_write_member_int(writer, "version", output->version);
    json_write_end(writer);
}

static enum status
answer_output(struct visit *v, int status_code, const struct output *output)
{
    int64_t newest_id = 0;
    enum status status = store_event_ends(v->reader, NULL, &newest_id);
    struct json_writer writer = visit_json(v, status_code);

    if (status != STATUS_OK)
        return status;
    write_output(v, &writer, output, newest_id);
    visit_etag(v, output->version);
    return json_write_done(&writer);
}

struct output_list {
    const struct visit *v;
    struct json_writer *writer;
    int64_t newest_id, count;
};

static bool
add_output(void *ctx, const struct output *output)
{
    struct output_list *list = ctx;

    write_output(list->v, list->writer, output, list->newest_id);
    list->count++;
    return true;
}

/* There are a handful: one page holds them all. */
enum status
outputs_list(struct visit *v)
{
    struct json_writer writer = list_begin(v);
    struct output_list list = {.v = v, .writer = &writer};
    struct list_ask ask = {.moment_s = v->now_s};
    enum status status = store_event_ends(v->reader, NULL, &list.newest_id);

    if (status == STATUS_OK)
        status = store_output_list(v->reader, add_output, &list);
    return status == STATUS_OK ? list_end(v, &writer, &ask, NULL, list.count) : status;
}

enum status
outputs_show(struct visit *v)
{
    struct output output = {0};
    enum status status = store_output_by_uid(v->reader, v->match.parameters[0], &output);

    if (status == STATUS_NOT_FOUND)
        return visit_refuse(v, PROBLEM_NOT_FOUND, NULL, "there is no such output");
    return status == STATUS_OK ? answer_output(v, 200, &output) : status;
}

/* ---- acts ---- */

struct output_body {
    struct slice name, url, format, ca, certificate, key;
    bool is_paused;
    bool has_name, has_url, has_format, has_ca, has_certificate, has_key, has_paused;
};

/* null takes certificates away. */
static bool
is_null(const struct visit *v, const char *name)
{
    return json_is_null(json_object_get(v->body, name));
}

static enum status
read_output(struct visit *v, struct output_body *body, struct output_wish *out)
{
    const struct body_member members[] = {
        {.name = "name",
         .kind = BODY_TEXT,
         .text = &body->name,
         .is_there = &body->has_name},
        {.name = "url",
         .kind = BODY_TEXT,
         .text = &body->url,
         .is_there = &body->has_url},
        {.name = "format",
         .kind = BODY_TEXT,
         .text = &body->format,
         .is_there = &body->has_format},
        {.name = "isPaused",
         .kind = BODY_BOOL,
         .truth = &body->is_paused,
         .is_there = &body->has_paused},
        {.name = "fromNow", .kind = BODY_BOOL, .truth = &out->is_from_now},
        {.name = "ca", .kind = BODY_TEXT, .text = &body->ca, .is_there = &body->has_ca},
        {.name = "certificate",
         .kind = BODY_TEXT,
         .text = &body->certificate,
         .is_there = &body->has_certificate},
        {.name = "key",
         .kind = BODY_TEXT,
         .text = &body->key,
         .is_there = &body->has_key},
    };
    enum status status = visit_body(v, members, COUNT_OF(members));

    if (status != STATUS_OK)
        return status;
    out->name = body->has_name ? &body->name : NULL;
    out->url = body->has_url ? &body->url : NULL;
    out->format = body->has_format ? &body->format : NULL;
    out->is_paused = body->has_paused ? &body->is_paused : NULL;
    out->ca_pem = body->has_ca || is_null(v, "ca") ? &body->ca : NULL;
    out->certificate_pem =
        body->has_certificate || is_null(v, "certificate") ? &body->certificate : NULL;
    out->key_pem = body->has_key || is_null(v, "key") ? &body->key : NULL;
    return STATUS_OK;
}

enum status
outputs_add(struct visit *v)
{
    struct output_body body = {0};
    struct output_wish wish = {0};
    struct output output = {0};
    enum status status = read_output(v, &body, &wish);

    if (status == STATUS_OK)
        status = output_add(&v->act, &wish, &output);
    return status == STATUS_OK ? answer_output(v, 201, &output) : status;
}

enum status
outputs_edit(struct visit *v)
{
    struct output_body body = {0};
    struct output_wish wish = {0};
    struct output output = {0};
    enum status status = visit_if_match(v, &wish.if_version);

    if (status == STATUS_OK)
        status = read_output(v, &body, &wish);
    if (status == STATUS_OK)
        status = output_change(&v->act, v->match.parameters[0], &wish, &output);
    return status == STATUS_OK ? answer_output(v, 200, &output) : status;
}

enum status
outputs_delete(struct visit *v)
{
    enum status status = output_delete(&v->act, v->match.parameters[0]);

    return status == STATUS_OK ? visit_nothing(v) : status;
}

enum status
outputs_test(struct visit *v)
{
    struct output output = {0};
    enum status status = output_ask_test(&v->act, v->match.parameters[0], &output);

    return status == STATUS_OK ? answer_output(v, 202, &output) : status;
}
