/* SPDX-License-Identifier: Apache-2.0
 *
 * GET /v3/reporting/devices. A row whose document is given whole is copied as it lies in
 * the store; only what is selected or hidden makes a document be read. */
#include "api/device_doc.h"
#include "api/device_names.h"
#include "api/group_uids.h"
#include "api/page.h"

static const struct list_kind DEVICES = {
    .fields = DEVICE_FIELDS,
    .field_count = DEVICE_FIELD_COUNT,
    .page_usual = 10,
    .page_max = 500,
    .sort_max = 1,
    .sort_usual = "deviceUid",
};

struct devices {
    struct group_uids groups;
    struct buffer scratch; /* deviceGroupIds of one row */
    int64_t hidden_guards; /* parts that this token may not see whole */
    bool must_read_all;    /* something is hidden that has no guard */
};

static void
find_guards(const struct answer *x, struct devices *out)
{
    for (size_t i = 0; i < x->request->operation->when_count; i++) {
        const struct operation_when *when = &x->request->operation->whens[i];
        struct slice rest = slice_of(when->name);
        struct slice top = rest;
        if (when->kind != WHEN_FIELD ||
            permission_set_covers(&x->request->rights, &when->permissions))
            continue;
        slice_cut(&rest, '.', &top);
        int64_t guard = device_doc_guard(top);
        out->hidden_guards |= guard;
        if (guard == 0)
            out->must_read_all = true;
    }
}

/* The document is given whole: its bytes are copied, and ours put before its end. */
static bool
write_whole(struct page *page, const struct device_row *row, struct devices *devices)
{
    struct buffer *body = page->x->reply->body;

    /* an opening brace through the writer, for its commas; then the rest by hand */
    json_write_raw(&page->writer, slice_head(row->doc, row->doc.len - 1));
    if (row->beside.len > 0) {
        buffer_add_text(body, ",\"customFields\":");
        buffer_add(body, row->beside);
    }
    buffer_add_text(body, ",\"accountUid\":\"");
    buffer_add_text(body, page->x->api->account_uid);
    buffer_add_text(body, "\",\"deviceGroupIds\":");
    if (group_uids_write(&devices->groups, row->device_id, body) != STATUS_OK)
        return false;
    buffer_add_byte(body, '}');
    return true;
}

/* A part that is kept beside the document. */
static bool
write_beside(struct page *page, const char *name, struct slice json)
{
    struct json_value value;

    if (json.len == 0)
        return true;
    if (json_scan(json, &value) != STATUS_OK)
        return false;
    select_write_member(&page->selection, slice_of(name), &value, &page->writer);
    return true;
}

static bool
write_account(struct page *page)
{
    if (select_wants(&page->selection, SLICE("accountUid")))
        json_write_member_text(&page->writer, "accountUid", page->x->api->account_uid);
    return true;
}

static bool
write_groups(struct page *page, const struct device_row *row, struct devices *devices)
{
    struct slice name = SLICE("deviceGroupIds");

    if (!select_wants(&page->selection, name))
        return true;
    buffer_clear(&devices->scratch);
    if (group_uids_write(&devices->groups, row->device_id, &devices->scratch) !=
        STATUS_OK)
        return false;
    json_write_key_slice(&page->writer, name);
    json_write_raw(&page->writer, buffer_slice(&devices->scratch));
    return true;
}

static bool
write_device(struct page *page, const struct device_row *row)
{
    struct devices *devices = page_ctx(page);
    struct json_value doc;

    if (select_is_all(&page->selection) && !devices->must_read_all &&
        (row->guarded & devices->hidden_guards) == 0)
        return write_whole(page, row, devices);
    if (json_scan(row->doc, &doc) != STATUS_OK)
        return false;
    json_write_object(&page->writer);
    select_write(&page->selection, &doc, &page->writer);
    bool is_done = write_beside(page, "customFields", row->beside) &&
                   write_account(page) && write_groups(page, row, devices);
    json_write_end(&page->writer);
    return is_done;
}

enum status
answer_devices(struct answer *x)
{
    struct devices devices = {.scratch = buffer_make(256 * 1024)};
    enum status status = group_uids_open(&devices.groups, x);

    if (status != STATUS_OK)
        return status;
    find_guards(x, &devices);
    status = page_answer(x, &DEVICES, device_name_is_known, write_device,
                         store_device_query, &devices);
    buffer_done(&devices.scratch);
    return status;
}
