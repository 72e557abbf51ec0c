/* SPDX-License-Identifier: Apache-2.0
 *
 * GET /v3/reporting/licenses: what the account has bought. They are few, so they are
 * listed whole and filtered here. */
#include "api/answer.h"
#include "api/cursor.h"
#include "api/query_read.h"
#include "base/auto.h"
#include "store/store_people.h"

#define IS         (1u << MATCH_IS)
#define NOT        (1u << MATCH_IS_NOT)
#define STARTS     (1u << MATCH_STARTS)
#define NOT_STARTS (1u << MATCH_NOT_STARTS)
#define EMPTY      (1u << MATCH_EMPTY | 1u << MATCH_NOT_EMPTY)

enum { LICENCE_UID, LICENCE_NAME, LICENCE_ORDER, LICENCE_EXPIRED, LICENCE_FIELD_COUNT };

static const struct device_field FIELDS[LICENCE_FIELD_COUNT] = {
    [LICENCE_UID] = {"licenseUid", "", "", FIELD_TEXT, IS, false, false, false},
    [LICENCE_NAME] = {"licenseName", "", "", FIELD_TEXT, IS | NOT | STARTS | NOT_STARTS,
                      false, false, false},
    [LICENCE_ORDER] = {"orderNo", "", "", FIELD_TEXT,
                       IS | NOT | STARTS | NOT_STARTS | EMPTY, false, false, false},
    [LICENCE_EXPIRED] = {"expiredOrder", "", "", FIELD_TRUTH, IS, false, false, false},
};

static const struct list_kind LICENCES = {
    .fields = FIELDS,
    .field_count = LICENCE_FIELD_COUNT,
    .page_usual = 100,
    .page_max = 10000,
};

struct licence_page {
    struct answer *x;
    const struct list_query *query;
    struct json_writer writer;
    struct buffer folded;
    int64_t skip_to; /* the last one of the page before; 0 = none */
    int64_t last_id;
    size_t row_count;
    bool has_more;
};

static bool
is_expired(const struct licence_page *page, const struct licence *licence)
{
    return licence->ends_at_s != 0 &&
           licence->ends_at_s <= page->x->request->now_ms / 1000;
}

static void
write_date(struct json_writer *writer, const char *name, int64_t at_s)
{
    if (at_s != 0) /* else it is not said: left out */
        json_write_member_moment(writer, name, at_s * 1000);
}

static void
write_licence(struct licence_page *page, const struct licence *licence)
{
    struct json_writer *writer = &page->writer;
    int64_t now_s = page->x->request->now_ms / 1000;

    json_write_object(writer);
    json_write_member_text(writer, "licenseUid", licence->uid);
    json_write_member_text(writer, "accountUid", page->x->api->account_uid);
    json_write_member_text(writer, "licenseName", licence->name);
    if (licence->order_no[0] != '\0')
        json_write_member_text(writer, "orderNo", licence->order_no);
    write_date(writer, "startDateUtc", licence->starts_at_s);
    write_date(writer, "endDateUtc", licence->ends_at_s);
    json_write_member_int(writer, "licenseCount", licence->seat_count);
    json_write_member_bool(writer, "activatedOrder", licence->starts_at_s <= now_s);
    json_write_member_bool(writer, "expiredOrder", is_expired(page, licence));
    json_write_end(writer);
}

static bool
licence_passes(struct licence_page *page, const struct licence *licence)
{
    const char *const values[LICENCE_FIELD_COUNT] = {
        licence->uid, licence->name, licence->order_no,
        is_expired(page, licence) ? "true" : "false"};

    for (size_t i = 0; i < page->query->filter_count; i++) {
        const struct device_filter *filter = &page->query->filters[i];
        const char *value = values[filter->field - FIELDS];
        if (device_field_fold(filter->field->kind, slice_of(value), &page->folded) !=
                STATUS_OK ||
            !query_value_passes(buffer_slice(&page->folded), filter))
            return false;
    }
    return true;
}

static bool
each_licence(void *ctx, const struct licence *licence)
{
    struct licence_page *page = ctx;

    if (page->skip_to != 0) {
        if (licence->id == page->skip_to)
            page->skip_to = 0;
        return true;
    }
    if (!licence_passes(page, licence))
        return true;
    if (page->row_count == page->query->page_size) {
        page->has_more = true;
        return false;
    }
    write_licence(page, licence);
    page->row_count++;
    page->last_id = licence->id;
    return true;
}

static void
licence_page_done(struct licence_page *page)
{
    buffer_done(&page->folded);
}

enum status
answer_licences(struct answer *x)
{
    struct list_query *query = arena_new(x->arena, sizeof(*query));
    struct cursor from;
    struct slice next = {0};
    enum status status = query_read(x, &LICENCES, query);

    if (status == STATUS_OK)
        status = cursor_read(x, 0, &from);
    if (status != STATUS_OK)
        return status;
    struct licence_page page AUTO(licence_page_done) = {
        .x = x,
        .query = query,
        .folded = buffer_make(TEXT_DESCRIPTION_BYTES),
        .skip_to = from.is_there ? from.id : 0,
    };
    page.writer = answer_begin(x);
    json_write_array(&page.writer);
    status = store_licence_list(x->worker->reader, each_licence, &page);
    if (status != STATUS_OK)
        return status;
    json_write_end(&page.writer);
    if (page.has_more) {
        struct cursor last = {.id = page.last_id};
        next = cursor_write(x, &last);
    }
    return answer_end(&page.writer, next);
}
