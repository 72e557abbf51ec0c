/* SPDX-License-Identifier: Apache-2.0
 *
 * GET /v3/configurations/device-groups/groups: the groups that the token may see. */
#include "api/inside.h"
#include "store/store_people.h"
#include "json/write.h"

struct group_page {
    struct json_writer w;
    const struct api_request *request;
};

static bool
is_visible(const struct api_request *request, int64_t group_id)
{
    for (size_t i = 0; i < request->group_count; i++) {
        if (request->group_ids[i] == group_id)
            return true;
    }
    return request->group_count == 0;
}

static bool
write_group(void *ctx, const struct device_group *group, int64_t device_count)
{
    struct group_page *page = ctx;

    (void)device_count;
    if (!is_visible(page->request, group->id))
        return true;
    json_write_object(&page->w);
    json_write_member_text(&page->w, "deviceGroupUid", group->uid);
    json_write_member_text(&page->w, "groupType", "Fixed");
    json_write_member_text(&page->w, "displayName", group->name);
    if (group->description[0] != '\0')
        json_write_member_text(&page->w, "description", group->description);
    json_write_end(&page->w);
    return true;
}

enum status
api_device_groups(const struct api *api, const struct api_worker *worker,
                  const struct api_request *request, struct api_reply *reply)
{
    struct group_page page = {.w = json_write_into(reply->body), .request = request};

    (void)api;
    json_write_object(&page.w);
    json_write_key(&page.w, "data");
    json_write_array(&page.w);
    enum status status = store_group_list(worker->reader, write_group, &page);
    if (status != STATUS_OK)
        return status;
    json_write_end(&page.w);
    json_write_key(&page.w, "metadata");
    json_write_object(&page.w);
    json_write_end(&page.w);
    json_write_end(&page.w);
    return STATUS_OK;
}
