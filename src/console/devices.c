/* SPDX-License-Identifier: Apache-2.0
 *
 * The inventory over the admin API: the list, one device, its applications. */
#include "base/auto.h"
#include "console/device_doc.h"
#include "console/handlers.h"
#include "console/list.h"
#include "console/write.h"
#include "store/store_device_query.h"
#include "store/store_devices.h"
#include "store/store_people.h"
#include "json/scan.h"

/* Narrows what is seen to one group of it; a group that is not seen leaves nothing. */
static enum status
narrow(struct visit *v, struct sight *sight, struct device_group *group,
       bool *out_is_none)
{
    struct slice uid = {0};
    enum status status = STATUS_OK;

    *out_is_none = false;
    if (!visit_query(v, "group", &uid))
        return STATUS_OK;
    status = store_group_by_uid(v->reader, uid, group);
    *out_is_none = status == STATUS_NOT_FOUND ||
                   (status == STATUS_OK && !sight_has_group(sight, group->id));
    sight->group_ids[0] = group->id;
    sight->group_count = 1;
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

enum status
devices_list(struct visit *v)
{
    struct sight sight = {0};
    struct device_group group = {0};
    bool is_none = false;
    enum status status = sight_read(v, &sight);

    if (status == STATUS_OK)
        status = narrow(v, &sight, &group, &is_none);
    if (status != STATUS_OK)
        return status;
    if (is_none)
        return visit_refuse(v, PROBLEM_INVALID, "group",
                            "there is no such device group, or it is not yours to see");
    return device_doc_list(v, &sight, group.id != 0 ? &group : NULL);
}

/* ---- one device ---- */

struct found_device {
    int64_t id;
    struct buffer doc, custom_fields;
};

static void
found_device_done(struct found_device *found)
{
    buffer_done(&found->doc);
    buffer_done(&found->custom_fields);
}

static bool
keep_doc(void *ctx, const struct device_row *row)
{
    struct found_device *found = ctx;

    found->id = row->id;
    buffer_add(&found->doc, row->doc);
    buffer_add(&found->custom_fields, row->beside);
    return false;
}

static const struct device_field *
uid_field(void)
{
    for (size_t i = 0; i < DEVICE_FIELD_COUNT; i++) {
        if (slice_equal(slice_of(DEVICE_FIELDS[i].name), SLICE("deviceUid")))
            return &DEVICE_FIELDS[i];
    }
    return NULL;
}

/* The device that the path names, if it is seen. */
static enum status
find_device(struct visit *v, struct sight *sight, struct found_device *out)
{
    struct buffer folded AUTO(buffer_done) = buffer_make(2048);
    struct device_filter filter = {.field = uid_field(), .match = MATCH_IS};
    enum status status = sight_read(v, sight);

    if (status != STATUS_OK)
        return status;
    if (device_field_fold(FIELD_TEXT, v->match.parameters[0], &folded) == STATUS_OK &&
        folded.len > 0) {
        filter.value = buffer_slice(&folded);
        struct device_query query = {
            .filters = &filter,
            .filter_count = 1,
            .group_ids = sight->group_ids,
            .group_count = sight->group_count,
            .count = 1,
        };
        status = store_device_query(v->reader, &query, v->arena, keep_doc, out);
    }
    if (status == STATUS_OK && out->id == 0)
        return visit_refuse(v, PROBLEM_NOT_FOUND, NULL,
                            "there is no such device, or it is not yours to see");
    return status;
}

/* The document without what the visitor has no right to, and with the custom fields. */
static enum status
write_device(struct visit *v, struct json_writer *writer,
             const struct found_device *found)
{
    struct json_value doc;
    struct json_member member;

    if (json_scan(buffer_slice(&found->doc), &doc) != STATUS_OK)
        return STATUS_BROKEN;
    struct json_walk walk = json_walk_of(&doc);
    json_write_object(writer);
    while (json_walk_next(&walk, &member)) {
        if (device_doc_is_hidden(v, member.name.raw))
            continue;
        json_write_key_slice(writer, member.name.raw); /* no name has escapes */
        if (member.value.kind == JSON_KIND_STRING)
            json_write_raw(writer, (struct slice){member.value.raw.at - 1,
                                                  member.value.raw.len + 2});
        else
            json_write_raw(writer, member.value.raw);
    }
    if (found->custom_fields.len > 0) {
        json_write_key(writer, "customFields");
        json_write_raw(writer, buffer_slice(&found->custom_fields));
    }
    json_write_end(writer);
    return json_walk_end(&walk) == STATUS_OK ? STATUS_OK : STATUS_BROKEN;
}

/* The groups of a device, as far as the visitor may know of them. */
struct group_ids {
    const struct visit *v;
    struct sight sight;
    int64_t at[TOKEN_GROUP_MAX_COUNT];
    size_t count;
};

static void
keep_group(void *ctx, int64_t group_id)
{
    struct group_ids *ids = ctx;

    if (ids->count < TOKEN_GROUP_MAX_COUNT &&
        sight_names_group(ids->v, &ids->sight, group_id))
        ids->at[ids->count++] = group_id;
}

enum status
devices_show(struct visit *v)
{
    struct found_device found AUTO(found_device_done) = {
        .doc = buffer_make(2 * DEVICE_DOC_MAX_BYTES),
        .custom_fields = buffer_make(2 * DEVICE_DOC_MAX_BYTES)};
    struct group_ids *ids = arena_new(v->arena, sizeof(*ids));
    int64_t application_count = 0;
    enum status status = find_device(v, &ids->sight, &found);

    ids->v = v;
    if (status == STATUS_OK)
        status = store_device_groups(v->reader, found.id, keep_group, ids);
    if (status == STATUS_OK)
        status = store_device_count_applications(v->reader, found.id, &application_count);
    if (status != STATUS_OK)
        return status;
    struct json_writer writer = visit_json(v, 200);
    json_write_object(&writer);
    json_write_key(&writer, "device");
    status = write_device(v, &writer, &found);
    if (status == STATUS_OK)
        status = write_groups(v, &writer, "groups", ids->at, ids->count);
    if (status != STATUS_OK)
        return status;
    json_write_member_int(&writer, "applicationCount", application_count);
    json_write_end(&writer);
    return json_write_done(&writer);
}

/* ---- its applications ---- */

struct applications {
    struct visit *v;
    struct json_writer *writer;
    size_t left;
    struct list_mark last;
    bool is_more;
};

static bool
write_application(void *ctx, const struct device_row *row)
{
    struct applications *list = ctx;

    if (list->left == 0 || list->writer->out->len > LIST_BODY_BYTES) {
        list->is_more = true;
        return false;
    }
    list->left--;
    list->last = (struct list_mark){
        .is_there = true,
        .text = arena_copy(list->v->arena, row->sorted_by[0]),
        .id_number = row->id,
    };
    json_write_raw(list->writer, row->doc);
    return true;
}

static const struct device_field *
application_field(struct slice name)
{
    for (size_t i = 0; i < APPLICATION_FIELD_COUNT; i++) {
        if (slice_equal(slice_of(APPLICATION_FIELDS[i].name), name))
            return &APPLICATION_FIELDS[i];
    }
    return NULL;
}

/* Adds "the name holds what was asked for", if it was. */
static enum status
filter_by_name(struct visit *v, struct buffer *folded, struct device_filter *filters,
               size_t *count)
{
    struct slice text = {0};
    struct device_filter *filter = &filters[*count];

    if (!visit_query(v, "q", &text) || text.len == 0)
        return STATUS_OK;
    if (device_field_fold(FIELD_TEXT, text, folded) != STATUS_OK)
        return visit_refuse(v, PROBLEM_INVALID, "q", "q is not a text, or too long");
    *filter = (struct device_filter){.field = application_field(SLICE("appName")),
                                     .match = MATCH_CONTAINS,
                                     .value = buffer_slice(folded)};
    (*count)++;
    return STATUS_OK;
}

enum status
devices_applications(struct visit *v)
{
    static const char *const NAMES[] = {"q", "pageSize", "after", NULL};
    struct found_device found AUTO(found_device_done) = {
        .doc = buffer_make(2 * DEVICE_DOC_MAX_BYTES),
        .custom_fields = buffer_make(2 * DEVICE_DOC_MAX_BYTES)};
    struct buffer folded AUTO(buffer_done) = buffer_make(2048);
    struct buffer folded_name AUTO(buffer_done) = buffer_make(2048);
    struct device_sort sort = {application_field(SLICE("appName")), false};
    struct device_filter filters[2] = {
        {.field = application_field(SLICE("deviceUid")), .match = MATCH_IS}};
    size_t filter_count = 1;
    int64_t total = 0;
    struct list_ask ask;
    struct sight sight;
    enum status status = visit_query_names(v, NAMES);

    if (!permission_set_has(&v->rights, PERMISSION_DEVICE_FIELDS_VIEW))
        return visit_refuse(v, PROBLEM_NOT_PERMITTED, NULL,
                            "your user role lacks the permission Device Fields:View");
    if (status == STATUS_OK)
        status = list_read(v, NULL, &ask);
    if (status == STATUS_OK)
        status = find_device(v, &sight, &found);
    if (status == STATUS_OK)
        status = store_device_count_applications(v->reader, found.id, &total);
    if (status == STATUS_OK)
        status = device_field_fold(FIELD_TEXT, v->match.parameters[0], &folded);
    if (status == STATUS_OK)
        status = filter_by_name(v, &folded_name, filters, &filter_count);
    if (status != STATUS_OK)
        return status;
    filters[0].value = buffer_slice(&folded);
    struct device_query query = {
        .filters = filters,
        .filter_count = filter_count,
        .sorts = &sort,
        .sort_count = 1,
        .after = ask.page.after.is_there ? &ask.page.after.text : NULL,
        .after_id = ask.page.after.id_number,
        .count = ask.page.count + 1,
    };
    struct json_writer writer = list_begin(v);
    struct applications list = {.v = v, .writer = &writer, .left = ask.page.count};
    status =
        store_application_query(v->reader, &query, v->arena, write_application, &list);
    if (status != STATUS_OK)
        return status;
    if (filter_count > 1)
        total = -1;
    return list_end(v, &writer, &ask, list.is_more ? &list.last : NULL, total);
}
