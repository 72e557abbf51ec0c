/* SPDX-License-Identifier: Apache-2.0
 *
 * Event History: the list, its kinds, and an export of what passes the filters. */
#include "base/auto.h"
#include "base/date.h"
#include "base/number.h"
#include "console/event_doc.h"
#include "console/handlers.h"
#include "rules/history_csv.h"

#include <stdio.h>

enum {
    EXPORT_MAX_COUNT = 100 * 1000,
    EXPORT_MAX_BYTES = 48 * 1024 * 1024, /* the answer is made in memory */
    EXPORT_AT_ONCE_COUNT = 1000,
};

struct showing {
    struct visit *v;
    struct json_writer writer;
    bool is_found;
};

#define FILTER_NAMES "kind", "actor", "object", "q", "from", "to", "newerThan"

enum status
events_list(struct visit *v)
{
    static const char *const NAMES[] = {FILTER_NAMES, "pageSize", "after", NULL};
    struct event_filter filter = {0};
    enum status status = visit_query_names(v, NAMES);

    if (status == STATUS_OK)
        status = event_doc_filter(v, &filter);
    return status == STATUS_OK ? event_doc_list(v, &filter) : status;
}

static bool
keep_event(void *ctx, const struct event *event)
{
    struct showing *showing = ctx;

    showing->writer = visit_json(showing->v, 200);
    event_doc_write(&showing->writer, event);
    showing->is_found = true;
    return false;
}

/* One that the reader may not see is not there. */
enum status
events_show(struct visit *v)
{
    static const char *const NAMES[] = {NULL};
    struct event_filter filter = {0};
    struct showing showing = {.v = v};
    int64_t id = 0;
    int64_t reached = 0;
    enum status status = visit_query_names(v, NAMES);

    if (status == STATUS_OK)
        status = event_doc_filter(v, &filter);
    if (status != STATUS_OK)
        return status;
    if (number_read(v->match.parameters[0], &id) == STATUS_OK && id > 0 &&
        id < INT64_MAX) {
        filter.newer_than_id = id - 1;
        filter.before_id = id + 1;
        status = store_event_find(v->reader, &filter, 1, v->arena, keep_event, &showing,
                                  &reached);
    }
    if (status != STATUS_OK)
        return status;
    return showing.is_found
               ? json_write_done(&showing.writer)
               : visit_refuse(v, PROBLEM_NOT_FOUND, NULL, "there is no such event");
}

enum status
events_kinds(struct visit *v)
{
    static const char *const KIND_NAMES[] = {
#define X(name, code, text, severity) text,
        EVENT_LIST(X)
#undef X
    };
    struct json_writer writer = visit_json(v, 200);

    json_write_object(&writer);
    json_write_key(&writer, "data");
    json_write_array(&writer);
    for (size_t i = 0; i < COUNT_OF(KIND_NAMES); i++)
        json_write_text(&writer, KIND_NAMES[i]);
    json_write_end(&writer);
    json_write_end(&writer);
    return json_write_done(&writer);
}

/* ---- export ---- */

struct exporting {
    struct buffer *body;
    void (*write)(struct buffer *out, const struct event *event);
    int64_t count, last_id;
    bool is_full; /* there is more than may be given */
};

static void
write_json_line(struct buffer *out, const struct event *event)
{
    struct json_writer writer = json_write_into(out);

    event_doc_write(&writer, event);
    buffer_add_byte(out, '\n');
}

static bool
export_event(void *ctx, const struct event *event)
{
    struct exporting *export = ctx;

    if (export->count == EXPORT_MAX_COUNT || export->body->len > EXPORT_MAX_BYTES) {
        export->is_full = true;
        return false;
    }
    export->write(export->body, event);
    export->count++;
    export->last_id = event->id;
    return true;
}

static enum status
export_all(struct visit *v, struct event_filter *filter, struct exporting *export)
{
    struct arena pages AUTO(arena_done) = {0};
    int64_t before = -1;
    int64_t reached = 0;
    enum status status = STATUS_OK;

    while (status == STATUS_OK && !export->is_full && export->count != before) {
        before = export->count;
        filter->before_id = export->last_id;
        status = store_event_find(v->reader, filter, EXPORT_AT_ONCE_COUNT, &pages,
                                  export_event, export, &reached);
        arena_reset(&pages);
        if (export->count - before < EXPORT_AT_ONCE_COUNT)
            break;
    }
    return status;
}

static enum status
read_format(struct visit *v, bool *out_is_csv)
{
    struct slice format = SLICE("csv");

    (void)visit_query(v, "format", &format);
    *out_is_csv = slice_equal(format, SLICE("csv"));
    if (*out_is_csv || slice_equal(format, SLICE("jsonl")))
        return STATUS_OK;
    return visit_refuse(v, PROBLEM_INVALID, "format",
                        "format is '%.*s', but must be csv or jsonl",
                        SLICE_ARG(slice_head(format, 32)));
}

static void
name_file(struct visit *v, bool is_csv)
{
    char date[DATE_CHARS + 1];
    char text[96];

    date_write(date_of(v->now_s), date);
    snprintf(text, sizeof(text), "attachment; filename=\"event-history-%s.%s\"", date,
             is_csv ? "csv" : "jsonl");
    visit_header(v, "Content-Disposition", text);
}

enum status
events_export(struct visit *v)
{
    static const char *const NAMES[] = {FILTER_NAMES, "format", NULL};
    struct event_filter filter = {0};
    struct exporting export = {.body = v->reply->body};
    bool is_csv = true;
    enum status status = visit_query_names(v, NAMES);

    if (status == STATUS_OK)
        status = event_doc_filter(v, &filter);
    if (status == STATUS_OK)
        status = read_format(v, &is_csv);
    if (status != STATUS_OK)
        return status;
    v->reply->http.status = 200;
    v->reply->http.content_type =
        is_csv ? SLICE("text/csv; charset=utf-8") : SLICE("application/jsonl");
    export.write = is_csv ? history_csv_row : write_json_line;
    if (is_csv)
        history_csv_head(export.body);
    status = export_all(v, &filter, &export);
    if (status != STATUS_OK)
        return status;
    name_file(v, is_csv);
    if (export.is_full)
        visit_header(v, "X-Truncated", "true");
    return STATUS_OK;
}
