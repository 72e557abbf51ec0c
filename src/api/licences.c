/* SPDX-License-Identifier: Apache-2.0
 *
 * GET /v3/reporting/licenses: what the account has bought. */
#include "api/inside.h"
#include "base/date.h"
#include "store/store_people.h"
#include "json/write.h"

struct licence_page {
    struct json_writer w;
    const char *account_uid;
    int64_t now_s;
};

static void
write_moment(struct json_writer *w, const char *name, int64_t at_s)
{
    char text[DATE_TIME_CHARS + 1];

    date_time_write(at_s * 1000, text);
    json_write_member_text(w, name, text);
}

static bool
write_licence(void *ctx, const struct licence *licence)
{
    struct licence_page *page = ctx;

    json_write_object(&page->w);
    json_write_member_text(&page->w, "licenseUid", licence->uid);
    json_write_member_text(&page->w, "accountUid", page->account_uid);
    json_write_member_text(&page->w, "licenseName", licence->name);
    if (licence->order_no[0] != '\0')
        json_write_member_text(&page->w, "orderNo", licence->order_no);
    write_moment(&page->w, "startDateUtc", licence->starts_at_s);
    write_moment(&page->w, "endDateUtc", licence->ends_at_s);
    json_write_member_int(&page->w, "licenseCount", licence->seat_count);
    json_write_member_bool(&page->w, "activatedOrder",
                           page->now_s >= licence->starts_at_s);
    json_write_member_bool(&page->w, "expiredOrder", page->now_s >= licence->ends_at_s);
    json_write_end(&page->w);
    return true;
}

enum status
api_licences(const struct api *api, const struct api_worker *worker,
             const struct api_request *request, struct api_reply *reply)
{
    struct licence_page page = {
        .w = json_write_into(reply->body),
        .account_uid = api->account_uid,
        .now_s = request->now_ms / 1000,
    };

    json_write_object(&page.w);
    json_write_key(&page.w, "data");
    json_write_array(&page.w);
    enum status status = store_licence_list(worker->reader, write_licence, &page);
    if (status != STATUS_OK)
        return status;
    json_write_end(&page.w);
    json_write_key(&page.w, "metadata");
    json_write_object(&page.w);
    json_write_end(&page.w);
    json_write_end(&page.w);
    return STATUS_OK;
}
