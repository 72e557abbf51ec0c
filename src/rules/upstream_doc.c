/* SPDX-License-Identifier: Apache-2.0
 *
 * Upstreams as JSON, for the command and the admin API alike. */
#include "rules/upstream_doc.h"

#include "base/auto.h"
#include "base/date.h"
#include "rules/upstream_url.h"

#include <stdio.h>

enum { TEXT_MAX_BYTES = 16 * 1024 };

static json_t *
time_json(int64_t at_s)
{
    char text[DATE_TIME_CHARS + 1];

    date_time_write(at_s * 1000, text);
    return json_string(text);
}

static json_t *
json_bytes(const struct buffer *text)
{
    return json_stringn(text->len ? (const char *)text->at : "", text->len);
}

static json_t *
urls_json(const struct upstream *upstream)
{
    json_t *urls = json_array();

    for (size_t i = 0; i < upstream->address_count; i++) {
        struct buffer url AUTO(buffer_done) = buffer_make(TEXT_MAX_BYTES);
        upstream_url_write(upstream, i, &url);
        json_array_append_new(urls, json_bytes(&url));
    }
    return urls;
}

json_t *
upstream_doc(const struct upstream *upstream)
{
    return json_pack(
        "{s:s, s:s, s:s, s:o, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:s, s:I, s:I, s:b, s:o,"
        " s:o, s:I}",
        "id", upstream->uid, "name", upstream->name, "prefix", upstream->prefix, "urls",
        urls_json(upstream), "tlsCaFile", upstream->tls_ca_file, "tlsCertificateFile",
        upstream->tls_certificate_file, "tlsKeyFile", upstream->tls_key_file,
        "tlsServerName", upstream->tls_server_name, "connectTimeoutMs",
        (json_int_t)upstream->connect_timeout_ms, "firstByteTimeoutMs",
        (json_int_t)upstream->first_byte_timeout_ms, "wholeTimeoutMs",
        (json_int_t)upstream->whole_timeout_ms, "healthPath", upstream->health_path,
        "healthStatus", (json_int_t)upstream->health_status, "healthIntervalS",
        (json_int_t)upstream->health_interval_s, "isSuspended", upstream->is_suspended,
        "createdAt", time_json(upstream->created_at_s), "changedAt",
        time_json(upstream->changed_at_s), "version", (json_int_t)upstream->version);
}

static const char *
need_name(enum operation_need need)
{
    switch (need) {
    case OPERATION_CLOSED:
        return "refused";
    case OPERATION_OPEN_TO_ALL:
        return "open";
    case OPERATION_NEEDS:
        return "permissions";
    }
    return "refused";
}

static json_t *
operations_json(const struct route_source *source, const struct description *description)
{
    json_t *list = json_array();

    for (size_t i = 0; i < source->operation_count; i++) {
        const struct operation *operation = &source->operations[i];
        struct buffer needs AUTO(buffer_done) = buffer_make(TEXT_MAX_BYTES);
        upstream_needs_write(operation, description, &needs);
        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:o}", "method",
                                              operation->method, "path", operation->path,
                                              "summary", operation->summary, "access",
                                              need_name(operation->need), "needs",
                                              json_bytes(&needs)));
    }
    return list;
}

static json_t *
names_json(const char *const *names, size_t count)
{
    json_t *list = json_array();

    for (size_t i = 0; i < count && names[i]; i++)
        json_array_append_new(list, json_string(names[i]));
    return list;
}

static json_t *
diff_json(const struct upstream_diff *diff)
{
    static const char *const KINDS[] = {
        [DIFF_ADDED] = "added", [DIFF_REMOVED] = "removed", [DIFF_CHANGED] = "changed"};
    json_t *operations = json_array();
    json_t *tokens = json_array();

    for (size_t i = 0; i < diff->operation_count; i++) {
        const struct diff_operation *row = &diff->operations[i];
        json_array_append_new(
            operations, json_pack("{s:s, s:s, s:s, s:s, s:s}", "change", KINDS[row->kind],
                                  "method", row->method, "path", row->path, "before",
                                  row->before, "after", row->after));
    }
    for (size_t i = 0; i < diff->token_count; i++) {
        const struct diff_token *row = &diff->tokens[i];
        json_array_append_new(
            tokens, json_pack("{s:s, s:s, s:s, s:I, s:I, s:o, s:o}", "id", row->id,
                              "title", row->title, "user", row->user_email, "lostCount",
                              (json_int_t)row->lost_count, "gainedCount",
                              (json_int_t)row->gained_count, "lost",
                              names_json(row->lost, DIFF_NAMED_MAX_COUNT), "gained",
                              names_json(row->gained, DIFF_NAMED_MAX_COUNT)));
    }
    return json_pack("{s:o, s:o, s:I, s:I}", "operations", operations, "tokens", tokens,
                     "losingCount", (json_int_t)diff->losing_count, "gainingCount",
                     (json_int_t)diff->gaining_count);
}

static json_t *
notes_json(const struct description *description)
{
    json_t *notes = json_array();

    for (size_t i = 0; i < description->note_count; i++)
        json_array_append_new(notes, json_pack("{s:s, s:s}", "pointer",
                                               description->notes[i].pointer, "words",
                                               description->notes[i].words));
    return notes;
}

json_t *
upstream_whole_doc(const struct upstream *upstream, const struct route_source *source,
                   const struct description *description)
{
    return json_pack("{s:o, s:s, s:s, s:o, s:o}", "upstream", upstream_doc(upstream),
                     "title", description->title, "version", description->version,
                     "operations", operations_json(source, description), "notes",
                     notes_json(description));
}

json_t *
upstream_check_doc(const struct upstream_check *check)
{
    const struct description *description = &check->description;
    json_t *permissions = json_array();

    for (size_t i = 0; i < description->introduced_count; i++) {
        char name[2 * PERMISSION_NAME_MAX + 2];
        snprintf(name, sizeof(name), "%s:%s", description->introduced[i].feature,
                 description->introduced[i].action);
        json_array_append_new(permissions, json_string(name));
    }
    return json_pack(
        "{s:o, s:s, s:s, s:o, s:I, s:o, s:o, s:o, s:o}", "upstream",
        upstream_doc(&check->upstream), "title", description->title, "version",
        description->version, "operations", operations_json(check->source, description),
        "refusedCount", (json_int_t)check->closed_count, "clashes",
        names_json(check->clashes, check->clash_count), "newPermissions", permissions,
        "notes", notes_json(description), "difference", diff_json(&check->diff));
}

json_t *
upstream_use_doc(const struct upstream_use *use)
{
    char day[DATE_CHARS + 1];
    json_t *tokens = json_array();

    for (size_t i = 0; i < use->count; i++) {
        const struct used_by *row = &use->tokens[i];
        date_write(date_of(row->day * DAY_S), day);
        json_array_append_new(
            tokens, json_pack("{s:s, s:s, s:s, s:s}", "id", row->token_id, "title",
                              row->title, "user", row->user_email, "lastUsedOn", day));
    }
    date_write(date_of(use->since_day * DAY_S), day);
    return json_pack("{s:i, s:s, s:b, s:I, s:o, s:I}", "days", (int)UPSTREAM_USE_DAYS,
                     "since", day, "isWhole", use->is_whole, "tokenCount",
                     (json_int_t)use->total, "tokens", tokens, "openCount",
                     (json_int_t)use->open_count);
}
