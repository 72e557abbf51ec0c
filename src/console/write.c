/* SPDX-License-Identifier: Apache-2.0
 *
 * Parts of answers, and of what is asked, that several groups have in common. */
#include "console/write.h"

#include "model/output.h"
#include "store/store_people.h"

#include <stdio.h>

void
write_url(const struct visit *v, struct json_writer *writer, const char *name,
          const char *url)
{
    struct output_place place = {0};

    if (url[0] && !permission_set_has(&v->rights, PERMISSION_SETTINGS_MANAGE)) {
        if (output_place_read(slice_of(url), &place, NULL) != STATUS_OK)
            place.origin[0] = '\0';
        url = place.origin;
    }
    json_write_member_text_or_null(writer, name, url);
}

void
write_date(struct json_writer *writer, const char *name, struct date date)
{
    char text[DATE_CHARS + 1];

    date_write(date, text);
    json_write_member_text(writer, name, text);
}

enum status
write_groups(struct visit *v, struct json_writer *writer, const char *name,
             const int64_t *ids, size_t count)
{
    json_write_key(writer, name);
    json_write_array(writer);
    for (size_t i = 0; i < count; i++) {
        struct device_group group = {0};
        enum status status = store_group_by_id(v->reader, ids[i], &group);
        if (status == STATUS_NOT_FOUND)
            continue;
        if (status != STATUS_OK)
            return status;
        json_write_object(writer);
        json_write_member_text(writer, "uid", group.uid);
        json_write_member_text(writer, "name", group.name);
        json_write_end(writer);
    }
    json_write_end(writer);
    return STATUS_OK;
}

void
rename_field(struct visit *v, const char *from, const char *to)
{
    if (strcmp(v->failure.field, from) == 0)
        snprintf(v->failure.field, sizeof(v->failure.field), "%s", to);
}

enum status
read_permissions(struct visit *v, const json_t *names, struct permission_set *out)
{
    struct permission_set set = {{0}};
    size_t index = 0;
    json_t *item = NULL;

    json_array_foreach(names, index, item)
    {
        struct slice name = {(const unsigned char *)json_string_value(item),
                             json_string_length(item)};
        uint16_t number = PERMISSION_NONE;

        if (!json_is_string(item))
            return visit_refuse(v, PROBLEM_INVALID, "permissions",
                                "permissions must be a list of names");
        if (permission_read(name, &number) != STATUS_OK)
            return visit_refuse(v, PROBLEM_INVALID, "permissions",
                                "there is no permission '%.*s'",
                                SLICE_ARG(slice_head(name, 64)));
        permission_set_add(&set, number);
    }
    *out = set;
    return STATUS_OK;
}

enum status
read_search(struct visit *v, const char *name, struct slice *out)
{
    struct slice text = {0};

    if (!visit_query(v, name, &text))
        return STATUS_OK;
    if (text.len > SEARCH_MAX_BYTES)
        return visit_refuse(v, PROBLEM_INVALID, name, "%s has %zu bytes; it may have %d",
                            name, text.len, SEARCH_MAX_BYTES);
    *out = text;
    return STATUS_OK;
}

enum status
read_texts(struct visit *v, const json_t *list, const char *field, size_t most,
           struct slice **out, size_t *out_count)
{
    size_t count = json_array_size(list);
    struct slice *texts = arena_new(v->arena, (count + 1) * sizeof(*texts));

    if (count > most)
        return visit_refuse(v, PROBLEM_INVALID, field,
                            "%s has %zu entries; it may have %zu", field, count, most);
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(list, i);
        texts[i] = (struct slice){(const unsigned char *)json_string_value(item),
                                  json_string_length(item)};
        if (!json_is_string(item) || slice_trim(texts[i]).len == 0)
            return visit_refuse(v, PROBLEM_INVALID, field,
                                "%s must be a list of texts that are not empty", field);
    }
    *out = texts;
    *out_count = count;
    return STATUS_OK;
}

struct slice
join_texts(struct visit *v, const struct slice *texts, size_t count)
{
    size_t size = 1;
    size_t len = 0;

    for (size_t i = 0; i < count; i++)
        size += texts[i].len + 1;
    unsigned char *at = arena_new(v->arena, size);
    for (size_t i = 0; i < count; i++) {
        memcpy(at + len, texts[i].at, texts[i].len);
        len += texts[i].len;
        at[len++] = '\n';
    }
    return (struct slice){at, len};
}

enum status
read_groups(struct visit *v, const json_t *list, const int64_t **out, size_t *out_count)
{
    struct slice *uids = NULL;
    size_t count = 0;
    enum status status =
        read_texts(v, list, "groups", TOKEN_GROUP_MAX_COUNT, &uids, &count);

    if (status != STATUS_OK)
        return status;
    int64_t *ids = arena_new(v->arena, (count + 1) * sizeof(*ids));
    for (size_t i = 0; i < count; i++) {
        struct device_group group = {0};

        status = store_group_by_uid(v->reader, uids[i], &group);
        if (status == STATUS_NOT_FOUND)
            return visit_refuse(v, PROBLEM_INVALID, "groups",
                                "there is no device group '%.*s'",
                                SLICE_ARG(slice_head(uids[i], UUID_CHARS)));
        if (status != STATUS_OK)
            return status;
        ids[i] = group.id;
    }
    *out = ids;
    *out_count = count;
    return STATUS_OK;
}

enum status
read_addresses(struct visit *v, const json_t *list, struct slice *out)
{
    struct slice *entries = NULL;
    size_t count = 0;
    enum status status =
        read_texts(v, list, "approvedAddresses", BODY_LIST_MAX_COUNT, &entries, &count);

    if (status == STATUS_OK)
        *out = join_texts(v, entries, count);
    return status;
}
