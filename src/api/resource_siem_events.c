/* SPDX-License-Identifier: Apache-2.0
 *
 * GET /v3/reporting/siem-events: Event History of the last 72 hours in the vendor's form,
 * for those who carry events to a security information and event management system. The
 * oldest first, so that a reader who stops goes on where they were. */
#include "api/answer.h"
#include "api/cursor.h"
#include "api/query_read.h"
#include "base/auto.h"
#include "base/buffer.h"
#include "base/date.h"
#include "rules/details.h"
#include "store/store_events.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    KEPT_MS = 72 * 3600 * 1000,
    PROPERTIES_MAX_BYTES = 1024 * 1024,
    PAGE_SOFT_BYTES = 24 * 1024 * 1024,
};

static const struct list_kind EVENTS = {.page_usual = 100, .page_max = 1000};

struct event_page {
    struct answer *x;
    struct json_writer writer;
    struct buffer properties;
    int64_t from_ms, to_ms; /* both inclusive */
    size_t page_size, row_count;
    int64_t last_id;
    bool has_more;
};

static const char *
actor_type(enum actor_kind kind)
{
    switch (kind) {
    case ACTOR_USER:
        return "User";
    case ACTOR_COMMAND:
    case ACTOR_SYSTEM:
        return "System";
    case ACTOR_TOKEN:
        return "API token";
    }
    return "NA";
}

/* The names that people read for what an event is about. */
static const char *
object_type(const char *kind)
{
    static const struct {
        const char *kind, *name;
    } TYPES[] = {{"account", "Account"}, {"token", "API token"},
                 {"user", "User"},       {"role", "User role"},
                 {"device", "Device"},   {"group", "Device group"},
                 {"licence", "Licence"}, {"setting", "Setting"}};

    for (size_t i = 0; i < COUNT_OF(TYPES); i++) {
        if (strcmp(TYPES[i].kind, kind) == 0)
            return TYPES[i].name;
    }
    return kind;
}

static void
add_value(struct buffer *out, const json_t *value)
{
    char *text = NULL;

    if (json_is_string(value)) {
        buffer_add(out, (struct slice){(const unsigned char *)json_string_value(value),
                                       json_string_length(value)});
        return;
    }
    text = value ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    if (text)
        buffer_add_text(out, text);
    free(text); /* jansson's own */
}

static void
add_tuple(struct buffer *out, const char *name, const json_t *before, const json_t *after)
{
    buffer_add_text(out, out->len > 1 ? ",(" : "(");
    buffer_add_text(out, name);
    if (before) {
        buffer_add_byte(out, ',');
        add_value(out, before);
    }
    if (after || before) {
        buffer_add_byte(out, ',');
        add_value(out, after);
    }
    buffer_add_byte(out, ')');
}

/* What changed as the vendor writes it: a list of (name,old,new), or of (name,value)
 * where there is nothing to compare. */
static void
write_properties(struct buffer *out, const struct event *event)
{
    json_t *details AUTO(details_done) =
        json_loadb((const char *)event->details.at, event->details.len, 0, NULL);
    json_t *before = json_object_get(details, "before");
    json_t *after = json_object_get(details, "after");
    const char *name = NULL;
    json_t *value = NULL;

    buffer_clear(out);
    buffer_add_byte(out, '[');
    json_object_foreach(after, name, value)
    {
        add_tuple(out, name, json_object_get(before, name), value);
    }
    json_object_foreach(before, name, value)
    {
        if (!json_object_get(after, name))
            add_tuple(out, name, value, NULL);
    }
    if (event->address[0] != '\0') {
        json_t *address AUTO(details_done) = json_string(event->address);
        add_tuple(out, "IpAddress", NULL, address);
    }
    buffer_add_byte(out, ']');
}

static const char *
verb_of(const struct event *event, char *out, size_t size)
{
    json_t *details AUTO(details_done) =
        json_loadb((const char *)event->details.at, event->details.len, 0, NULL);
    const char *action = json_string_value(json_object_get(details, "action"));

    snprintf(out, size, "%s", action ? action : event_name(event->kind));
    return out;
}

static void
write_text(struct json_writer *w, const char *name, const char *text)
{
    if (text[0] != '\0')
        json_write_member_text(w, name, text);
}

static void
write_event(struct event_page *page, const struct event *event)
{
    struct json_writer *w = &page->writer;
    char id[24], at[DATE_TIME_CHARS + 1], verb[64];

    snprintf(id, sizeof(id), "%lld", (long long)event->id);
    date_time_write(event->at_ms, at);
    write_properties(&page->properties, event);
    json_write_object(w);
    json_write_member_text(w, "id", id);
    json_write_member_text(w, "eventType", event_name(event->kind));
    json_write_member_text(w, "actorObjectType", actor_type(event->actor_kind));
    write_text(w, "actorDisplayName", event->actor_name);
    write_text(w, "actorDisplayId", event->actor_id);
    json_write_member_text(w, "objectObjectType", object_type(event->object_kind));
    write_text(w, "objectDisplayName", event->object_name);
    write_text(w, "objectDisplayId", event->object_id);
    json_write_member_string(w, "objectProperties", buffer_slice(&page->properties));
    json_write_member_text(w, "verb", verb_of(event, verb, sizeof(verb)));
    json_write_member_text(w, "createdDateTimeUtc", at);
    json_write_member_text(w, "eventDateTimeUtc", at);
    json_write_end(w);
}

static bool
each_event(void *ctx, const struct event *event)
{
    struct event_page *page = ctx;

    /* The clock may have been set back: a time may come again further on. */
    if (event->at_ms < page->from_ms || event->at_ms > page->to_ms)
        return true;
    if (page->row_count == page->page_size ||
        page->x->reply->body->len > PAGE_SOFT_BYTES) {
        page->has_more = true;
        return false;
    }
    write_event(page, event);
    page->row_count++;
    page->last_id = event->id;
    return true;
}

static enum status
read_moment(struct answer *x, struct slice name, int64_t *out_ms)
{
    struct slice text = {0};
    enum status status = query_text_find(&x->pairs, name, &text);

    if (status == STATUS_NOT_FOUND)
        return answer_refuse(x, "INVALID_VALUE", name,
                             "%.*s is missing; wanted is a moment, "
                             "YYYY-MM-DDThh:mm:ss.mmmZ",
                             SLICE_ARG(name));
    if (status != STATUS_OK)
        return answer_refuse(x, "INVALID_VALUE", name,
                             "%.*s is there twice, with different values",
                             SLICE_ARG(name));
    if (date_time_read(text, out_ms) != STATUS_OK)
        return answer_bad_value(x, name, text, "a moment, YYYY-MM-DDThh:mm:ss.mmmZ");
    return STATUS_OK;
}

static enum status
read_times(struct answer *x, struct event_page *page)
{
    int64_t kept_ms = x->request->now_ms - KEPT_MS;
    enum status status = read_moment(x, SLICE("fromDateTimeUtc"), &page->from_ms);

    if (status == STATUS_OK)
        status = read_moment(x, SLICE("toDateTimeUtc"), &page->to_ms);
    if (status == STATUS_OK && page->to_ms < page->from_ms)
        return answer_refuse(x, "INVALID_VALUE", SLICE("toDateTimeUtc"),
                             "toDateTimeUtc is before fromDateTimeUtc");
    if (status == STATUS_OK && page->from_ms < kept_ms)
        page->from_ms = kept_ms;
    return status;
}

static void
event_page_done(struct event_page *page)
{
    buffer_done(&page->properties);
}

enum status
answer_siem_events(struct answer *x)
{
    struct list_query *query = arena_new(x->arena, sizeof(*query));
    struct event_page page AUTO(event_page_done) = {
        .x = x, .properties = buffer_make(PROPERTIES_MAX_BYTES)};
    struct cursor from;
    struct slice next = {0};
    int64_t first_id = 0;
    enum status status = query_read(x, &EVENTS, query);

    if (status == STATUS_OK)
        status = read_times(x, &page);
    if (status == STATUS_OK)
        status = cursor_read(x, 0, &from);
    if (status == STATUS_OK)
        status = store_event_first_since(x->worker->reader, page.from_ms, &first_id);
    if (status != STATUS_OK)
        return status;
    if (from.is_there && from.id + 1 > first_id)
        first_id = from.id + 1;
    page.page_size = query->page_size;
    page.writer = answer_begin(x);
    json_write_array(&page.writer);
    if (first_id > 0)
        status = store_event_walk(x->worker->reader, first_id, each_event, &page);
    if (status != STATUS_OK)
        return status;
    json_write_end(&page.writer);
    if (page.has_more) {
        struct cursor last = {.id = page.last_id};
        next = cursor_write(x, &last);
    }
    return answer_end(&page.writer, next);
}
