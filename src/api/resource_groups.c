/* SPDX-License-Identifier: Apache-2.0
 *
 * GET /v3/configurations/device-groups/…: the groups that the token may see. They are
 * few, so they are listed whole and filtered here. */
#include "api/answer.h"
#include "api/cursor.h"
#include "api/query_read.h"
#include "base/auto.h"
#include "store/store_devices.h"
#include "store/store_people.h"

#define IS     (1u << MATCH_IS)
#define STARTS (1u << MATCH_STARTS)

enum { GROUP_UID, GROUP_NAME, GROUP_TYPE, GROUP_FIELD_COUNT };

static const struct device_field FIELDS[GROUP_FIELD_COUNT] = {
    [GROUP_UID] = {"deviceGroupUid", "", "", FIELD_TEXT, IS | 1u << MATCH_BIT_ANY_OF,
                   false, false, false},
    [GROUP_NAME] = {"displayName", "", "", FIELD_TEXT, IS | STARTS, false, false, false},
    [GROUP_TYPE] = {"groupType", "", "", FIELD_TEXT, IS, false, false, false},
};

static const struct list_kind GROUPS = {
    .fields = FIELDS,
    .field_count = GROUP_FIELD_COUNT,
    .page_usual = 100,
    .page_max = 500,
};

/* Groups are made by people, one by one: all of ours are of this type. */
static const char TYPE[] = "Fixed";

struct group_page {
    struct answer *x;
    const struct list_query *query;
    const struct cursor *from;
    struct json_writer writer;
    struct cursor last;
    struct buffer folded, last_name;
    size_t row_count;
    bool has_more;
};

static void
write_group(struct json_writer *writer, const struct device_group *group)
{
    json_write_object(writer);
    json_write_member_text(writer, "deviceGroupUid", group->uid);
    json_write_member_text(writer, "groupType", TYPE);
    json_write_member_text(writer, "displayName", group->name);
    if (group->description[0] != '\0')
        json_write_member_text(writer, "description", group->description);
    json_write_end(writer);
}

static bool
group_passes(struct group_page *page, const struct device_group *group)
{
    const char *const values[GROUP_FIELD_COUNT] = {group->uid, group->name, TYPE};

    for (size_t i = 0; i < page->query->filter_count; i++) {
        const struct device_filter *filter = &page->query->filters[i];
        const char *value = values[filter->field - FIELDS];
        if (device_field_fold(FIELD_TEXT, slice_of(value), &page->folded) != STATUS_OK ||
            !query_value_passes(buffer_slice(&page->folded), filter))
            return false;
    }
    return true;
}

/* Does it come after the last one of the page before? Names are unique. */
static bool
is_after(struct group_page *page, const struct device_group *group)
{
    if (device_field_fold(FIELD_TEXT, slice_of(group->name), &page->folded) != STATUS_OK)
        return false;
    if (!page->from->is_there)
        return true;
    struct slice name = buffer_slice(&page->folded);
    struct slice last = page->from->values[0];
    size_t len = name.len < last.len ? name.len : last.len;
    int order = len ? memcmp(name.at, last.at, len) : 0;
    return order != 0 ? order > 0 : name.len > last.len;
}

static bool
each_group(void *ctx, const struct device_group *group, int64_t device_count)
{
    struct group_page *page = ctx;

    (void)device_count;
    if (!answer_sees_group(page->x, group->id) || !group_passes(page, group) ||
        !is_after(page, group))
        return true;
    if (page->row_count == page->query->page_size) {
        page->has_more = true;
        return false;
    }
    write_group(&page->writer, group);
    page->row_count++;
    page->last.id = group->id;
    buffer_clear(&page->last_name);
    buffer_add(&page->last_name, buffer_slice(&page->folded));
    return true;
}

static void
group_page_done(struct group_page *page)
{
    buffer_done(&page->folded);
    buffer_done(&page->last_name);
}

enum status
answer_groups(struct answer *x)
{
    struct list_query *query = arena_new(x->arena, sizeof(*query));
    struct cursor from;
    struct slice next = {0};
    enum status status = query_read(x, &GROUPS, query);

    if (status == STATUS_OK)
        status = cursor_read(x, 1, &from);
    if (status != STATUS_OK)
        return status;
    struct group_page page AUTO(group_page_done) = {
        .x = x,
        .query = query,
        .from = &from,
        .folded = buffer_make(TEXT_DESCRIPTION_BYTES),
        .last_name = buffer_make(TEXT_DESCRIPTION_BYTES),
    };
    page.writer = answer_begin(x);
    json_write_array(&page.writer);
    status = store_group_list(x->worker->reader, each_group, &page);
    if (status != STATUS_OK)
        return status;
    json_write_end(&page.writer);
    if (page.has_more) {
        page.last.values[page.last.value_count++] = buffer_slice(&page.last_name);
        next = cursor_write(x, &page.last);
    }
    return answer_end(&page.writer, next);
}

/* The groups of one device, in the order of their names. */
struct device_groups {
    struct answer *x;
    struct json_writer writer;
    int64_t ids[TOKEN_GROUP_MAX_COUNT * 4];
    size_t count;
};

static void
add_group(void *ctx, int64_t group_id)
{
    struct device_groups *groups = ctx;

    if (groups->count < COUNT_OF(groups->ids) && answer_sees_group(groups->x, group_id))
        groups->ids[groups->count++] = group_id;
}

static bool
write_if_member(void *ctx, const struct device_group *group, int64_t device_count)
{
    struct device_groups *groups = ctx;

    (void)device_count;
    for (size_t i = 0; i < groups->count; i++) {
        if (groups->ids[i] == group->id)
            write_group(&groups->writer, group);
    }
    return true;
}

enum status
answer_groups_of_device(struct answer *x)
{
    struct device_groups *groups = arena_new(x->arena, sizeof(*groups));
    struct store *store = x->worker->reader;
    int64_t id = 0;

    groups->x = x;
    enum status status =
        store_device_by_uid(store, x->request->parameters[0], x->request->group_ids,
                            x->request->group_count, &id, NULL);
    if (status == STATUS_OK)
        status = store_device_groups(store, id, add_group, groups);
    if (status != STATUS_OK)
        return status;
    groups->writer = answer_begin(x);
    json_write_array(&groups->writer);
    status = store_group_list(store, write_if_member, groups);
    if (status != STATUS_OK)
        return status;
    json_write_end(&groups->writer);
    return answer_end(&groups->writer, (struct slice){0});
}
