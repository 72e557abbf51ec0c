/* SPDX-License-Identifier: Apache-2.0
 *
 * deviceGroupIds: membership with the uids of the groups. */
#include "api/group_uids.h"

#include "store/store_devices.h"
#include "store/store_people.h"

enum { DEVICE_GROUPS_SHOWN_MAX = 1024 };

struct member_list {
    const struct answer *x;
    int64_t ids[DEVICE_GROUPS_SHOWN_MAX];
    size_t count;
};

enum status
group_uids_open(struct group_uids *groups, struct answer *x)
{
    *groups = (struct group_uids){.x = x};
    return store_device_has_groups(x->worker->reader, &groups->has_any);
}

static void
add_member(void *ctx, int64_t group_id)
{
    struct member_list *list = ctx;

    if (list->count < DEVICE_GROUPS_SHOWN_MAX && answer_sees_group(list->x, group_id))
        list->ids[list->count++] = group_id;
}

/* The uid of a group. STATUS_NOT_FOUND: it has just been deleted. */
static enum status
find_uid(struct group_uids *groups, int64_t id, const char **out)
{
    struct group_uid **slot = &groups->slots[(uint64_t)id % GROUP_UID_SLOT_COUNT];

    for (const struct group_uid *known = *slot; known; known = known->next) {
        if (known->id == id) {
            *out = known->uid;
            return STATUS_OK;
        }
    }
    struct device_group *group = arena_new(groups->x->arena, sizeof(*group));
    enum status status = store_group_by_id(groups->x->worker->reader, id, group);
    if (status != STATUS_OK)
        return status;
    struct group_uid *known = arena_new(groups->x->arena, sizeof(*known));
    *known = (struct group_uid){.id = id, .next = *slot};
    memcpy(known->uid, group->uid, sizeof(known->uid));
    *slot = known;
    *out = known->uid;
    return STATUS_OK;
}

enum status
group_uids_write(struct group_uids *groups, int64_t device_id, struct buffer *out)
{
    struct member_list list;
    const char *uid = NULL;
    bool is_first = true;

    list.x = groups->x;
    list.count = 0;
    if (groups->has_any) {
        enum status status =
            store_device_groups(groups->x->worker->reader, device_id, add_member, &list);
        if (status != STATUS_OK)
            return status;
    }
    buffer_add_byte(out, '[');
    for (size_t i = 0; i < list.count; i++) {
        enum status status = find_uid(groups, list.ids[i], &uid);
        if (status == STATUS_NOT_FOUND)
            continue;
        if (status != STATUS_OK)
            return status;
        buffer_add_text(out, is_first ? "\"" : ",\"");
        buffer_add_text(out, uid);
        buffer_add_byte(out, '"');
        is_first = false;
    }
    buffer_add_byte(out, ']');
    return STATUS_OK;
}
