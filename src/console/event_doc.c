/* SPDX-License-Identifier: Apache-2.0
 *
 * Events as JSON, and what people look for in them. */
#include "console/event_doc.h"

#include "base/auto.h"
#include "base/clock.h"
#include "base/date.h"
#include "console/list.h"
#include "console/write.h"
#include "rules/history_line.h"

enum {
    TOTAL_MAX_COUNT = 10 * 1000, /* more than that are not counted */
    SEARCH_MS = 50,              /* a page that is searched for ends after this */
    COUNT_MS = 25,
};

static const struct kind {
    enum event_kind kind;
    const char *name;
} KINDS[] = {
#define X(name, code, text, severity) {EVENT_##name, text},
    EVENT_LIST(X)
#undef X
};

static void
write_party(struct json_writer *writer, const char *name, const char *kind,
            const char *id, const char *text)
{
    json_write_key(writer, name);
    json_write_object(writer);
    json_write_member_text(writer, "kind", kind);
    json_write_member_text_or_null(writer, "id", id);
    json_write_member_text(writer, "name", text);
    json_write_end(writer);
}

void
event_doc_write(struct json_writer *writer, const struct event *event)
{
    struct slice action = history_action(event);

    json_write_object(writer);
    json_write_member_int(writer, "id", event->id);
    json_write_member_moment(writer, "at", event->at_ms);
    json_write_member_text(writer, "kind", event_name(event->kind));
    json_write_key(writer, "action");
    if (action.len > 0)
        json_write_string(writer, action);
    else
        json_write_null(writer);
    write_party(writer, "actor", history_actor_kind(event->actor_kind), event->actor_id,
                event->actor_name);
    json_write_member_text_or_null(writer, "address", event->address);
    write_party(writer, "object", event->object_kind, event->object_id,
                event->object_name);
    json_write_member_text_or_null(writer, "requestId", event->request_id);
    json_write_key(writer, "details");
    json_write_raw(writer, event->details);
    json_write_end(writer);
}

/* ---- filters ---- */

static enum status
read_kinds(struct visit *v, uint64_t *out)
{
    struct slice rest = {0};
    struct slice one = {0};
    bool is_more = visit_query(v, "kind", &rest);

    while (is_more) {
        bool is_known = false;
        is_more = slice_cut(&rest, ',', &one);
        if (!is_more)
            one = rest;
        for (size_t i = 0; i < COUNT_OF(KINDS); i++) {
            if (!slice_equal_nocase(slice_trim(one), slice_of(KINDS[i].name)))
                continue;
            *out |= UINT64_C(1) << KINDS[i].kind;
            is_known = true;
        }
        if (!is_known)
            return visit_refuse(v, PROBLEM_INVALID, "kind",
                                "there is no kind of event '%.*s'; see /events/kinds",
                                SLICE_ARG(slice_head(one, 48)));
    }
    return STATUS_OK;
}

static enum status
read_moment(struct visit *v, const char *name, int64_t *out_ms)
{
    struct slice text = {0};

    if (!visit_query(v, name, &text) || date_time_read(text, out_ms) == STATUS_OK)
        return STATUS_OK;
    return visit_refuse(v, PROBLEM_INVALID, name,
                        "%s is '%.*s', but must be a moment such as "
                        "2026-11-26T21:51:42.000Z",
                        name, SLICE_ARG(slice_head(text, 32)));
}

enum status
event_doc_filter(struct visit *v, struct event_filter *out)
{
    struct event_filter filter = {0};
    enum status status = read_kinds(v, &filter.kinds);

    if (status == STATUS_OK)
        status = read_moment(v, "from", &filter.from_ms);
    if (status == STATUS_OK)
        status = read_moment(v, "to", &filter.to_ms);
    if (status == STATUS_OK)
        status = visit_query_int(v, "newerThan", 0, INT64_MAX, &filter.newer_than_id);
    if (status == STATUS_OK)
        status = read_search(v, "actor", &filter.actor);
    if (status == STATUS_OK)
        status = read_search(v, "object", &filter.object_id);
    if (status == STATUS_OK)
        status = read_search(v, "q", &filter.text);
    if (!permission_set_has(&v->rights, PERMISSION_AUDIT_EVENT_HISTORY_VIEW))
        filter.seen_by = &v->user;
    if (status == STATUS_OK)
        *out = filter;
    return status;
}

/* ---- the page ---- */

struct page_writing {
    struct json_writer *writer;
    size_t left; /* rows of the page */
    int64_t count, last_id;
    bool is_more;
};

static bool
write_event(void *ctx, const struct event *event)
{
    struct page_writing *page = ctx;

    if (page->left == 0 || page->writer->out->len > LIST_BODY_BYTES) {
        page->is_more = true;
        return false;
    }
    page->left--;
    page->count++;
    page->last_id = event->id;
    event_doc_write(page->writer, event);
    return true;
}

/* How many there are. A list that came to its end on its first page was counted by it. */
static enum status
count_total(struct visit *v, struct event_filter *filter, const struct page_writing *page,
            int64_t reached, int64_t *out)
{
    if (filter->before_id == 0 && reached == 0 && !page->is_more) {
        *out = page->count;
        return STATUS_OK;
    }
    filter->until_ms = clock_monotonic_ms() + COUNT_MS;
    return store_event_count(v->reader, filter, TOTAL_MAX_COUNT, v->arena, out);
}

enum status
event_doc_list(struct visit *v, struct event_filter *filter)
{
    struct list_ask ask;
    struct list_mark next = {.is_there = true};
    int64_t total = 0;
    int64_t reached = 0;
    enum status status = list_read(v, NULL, &ask);

    if (status != STATUS_OK)
        return status;
    filter->before_id = ask.page.after.is_there ? ask.page.after.id_number : 0;
    filter->until_ms = clock_monotonic_ms() + SEARCH_MS;
    struct json_writer writer = list_begin(v);
    struct page_writing page = {.writer = &writer, .left = ask.page.count};
    status = store_event_find(v->reader, filter, ask.page.count + 1, v->arena,
                              write_event, &page, &reached);
    if (status == STATUS_OK)
        status = count_total(v, filter, &page, reached, &total);
    if (status != STATUS_OK)
        return status;
    next.id_number = page.is_more ? page.last_id : reached;
    return list_end(v, &writer, &ask, next.id_number > 0 ? &next : NULL, total);
}
