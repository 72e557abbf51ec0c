/* SPDX-License-Identifier: Apache-2.0
 *
 * GET /v3/reporting/applications: one row for each application on each device. */
#include "api/page.h"

static const struct list_kind APPLICATIONS = {
    .fields = APPLICATION_FIELDS,
    .field_count = APPLICATION_FIELD_COUNT,
    .page_usual = 100,
    .page_max = 10000,
    .sort_max = APPLICATION_FIELD_COUNT,
    .sort_usual = "deviceUid,appId",
};

static bool
is_known(struct slice name)
{
    for (size_t i = 0; i < APPLICATION_FIELD_COUNT; i++) {
        if (slice_equal(name, slice_of(APPLICATION_FIELDS[i].name)))
            return true;
    }
    return false;
}

/* The bytes of two objects, as they lie in the store. */
static void
write_whole(struct page *page, const struct device_row *row)
{
    struct buffer *body = page->x->reply->body;

    json_write_raw(&page->writer, slice_head(row->beside, row->beside.len - 1));
    buffer_add_text(body, ",\"accountUid\":\"");
    buffer_add_text(body, page->x->api->account_uid);
    buffer_add_byte(body, '"');
    if (row->doc.len > 2) /* more than {} */
        buffer_add_byte(body, ',');
    buffer_add(body, slice_from(row->doc, 1));
}

static bool
write_application(struct page *page, const struct device_row *row)
{
    struct json_value head;
    struct json_value doc;

    if (select_is_all(&page->selection) && !page->selection.has_hidden) {
        write_whole(page, row);
        return true;
    }
    if (json_scan(row->beside, &head) != STATUS_OK ||
        json_scan(row->doc, &doc) != STATUS_OK)
        return false;
    json_write_object(&page->writer);
    select_write(&page->selection, &head, &page->writer);
    select_write(&page->selection, &doc, &page->writer);
    if (select_wants(&page->selection, SLICE("accountUid")))
        json_write_member_text(&page->writer, "accountUid", page->x->api->account_uid);
    json_write_end(&page->writer);
    return true;
}

enum status
answer_applications(struct answer *x)
{
    return page_answer(x, &APPLICATIONS, is_known, write_application,
                       store_application_query, NULL);
}
