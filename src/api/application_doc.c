/* SPDX-License-Identifier: Apache-2.0
 *
 * Applications as documents and columns. */
#include "api/application_doc.h"

#include "base/auto.h"
#include "base/limits.h"
#include "crypto/sha256.h"

#include <stdio.h>

enum { APP_DOC_MAX_BYTES = 64 * 1024, MADE_ID_CHARS = 36 };

void
application_doc_open(struct application_doc *doc)
{
    *doc = (struct application_doc){.doc = buffer_make(APP_DOC_MAX_BYTES),
                                    .scratch = buffer_make(APP_DOC_MAX_BYTES)};
}

void
application_doc_close(struct application_doc *doc)
{
    arena_done(&doc->arena);
    buffer_done(&doc->doc);
    buffer_done(&doc->scratch);
}

static size_t
index_of(const char *name)
{
    size_t index = 0;

    while (strcmp(APPLICATION_FIELDS[index].name, name) != 0)
        index++;
    return index;
}

/* Is it said by the device, or by the account? */
static bool
is_of_device(const struct device_field *field)
{
    return field->column[0] != 'a';
}

/* An id that the same texts always give: the first half of their SHA-256, written like
 * a UUID. */
static struct slice
made_id(struct application_doc *doc, const struct slice *parts, size_t count)
{
    uint8_t hash[SHA256_BYTES];
    char *text = arena_new(&doc->arena, MADE_ID_CHARS + 1);
    size_t len = 0;

    buffer_clear(&doc->scratch);
    for (size_t i = 0; i < count; i++) {
        buffer_add(&doc->scratch, parts[i]);
        buffer_add_byte(&doc->scratch, '\n');
    }
    sha256(buffer_slice(&doc->scratch), hash);
    for (size_t i = 0; i < SHA256_BYTES / 2; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            text[len++] = '-';
        len += (size_t)snprintf(text + len, 3, "%02x", hash[i]);
    }
    return (struct slice){(unsigned char *)text, len};
}

static void
fill_ids(struct application_doc *doc, struct slice device_uid,
         struct application_write *out, struct json_writer *writer)
{
    size_t id = index_of("appId");
    size_t device_id = index_of("deviceAppId");

    if (out->columns[id].len == 0) {
        const struct slice parts[] = {out->columns[index_of("appName")],
                                      out->columns[index_of("appPublisher")]};
        out->columns[id] = made_id(doc, parts, COUNT_OF(parts));
        json_write_member_string(writer, "appId", out->columns[id]);
    }
    if (out->columns[device_id].len == 0) {
        const struct slice parts[] = {
            device_uid, out->columns[id], out->columns[index_of("appVersion")],
            out->columns[index_of("installPath")], out->columns[index_of("userName")]};
        out->columns[device_id] = made_id(doc, parts, COUNT_OF(parts));
        json_write_member_string(writer, "deviceAppId", out->columns[device_id]);
    }
}

/* Is the member written? What nobody knows is kept, as with devices. */
static enum status
read_member(struct application_doc *doc, const struct json_member *member,
            struct application_write *out, bool *out_is_kept, struct failure *failure)
{
    *out_is_kept = member->value.kind != JSON_KIND_NULL;
    for (size_t i = 0; *out_is_kept && i < APPLICATION_FIELD_COUNT; i++) {
        const struct device_field *field = &APPLICATION_FIELDS[i];
        if (!slice_equal(member->name.raw, slice_of(field->name)))
            continue;
        if (is_of_device(field)) {
            *out_is_kept = false;
            return STATUS_OK;
        }
        return doc_column(field, &member->value, &doc->arena, &doc->scratch,
                          &out->columns[i], failure);
    }
    return STATUS_OK;
}

enum status
application_doc_read(struct application_doc *doc, const struct json_value *value,
                     struct slice device_uid, struct application_write *out,
                     struct failure *failure)
{
    struct json_writer writer = json_write_into(&doc->doc);
    struct json_member member;
    bool is_kept = false;

    if (value->kind != JSON_KIND_OBJECT)
        return failure_set(failure, STATUS_MALFORMED, "applications",
                           "applications must be a list of objects");
    arena_reset(&doc->arena);
    buffer_clear(&doc->doc);
    doc->names.count = 0;
    *out = (struct application_write){0};
    json_write_object(&writer);
    for (struct json_walk walk = json_walk_of(value); json_walk_next(&walk, &member);) {
        enum status status = doc_name_add(&doc->names, 0, &member.name, failure);
        if (status == STATUS_OK)
            status = read_member(doc, &member, out, &is_kept, failure);
        if (status == STATUS_OK && is_kept)
            status = doc_write_member(&writer, member.name.raw, &member.value,
                                      &doc->names, failure);
        if (status != STATUS_OK)
            return status;
    }
    if (out->columns[index_of("appName")].len == 0)
        return failure_set(failure, STATUS_MALFORMED, "applications",
                           "an application has no appName");
    fill_ids(doc, device_uid, out, &writer);
    json_write_end(&writer);
    if (json_write_done(&writer) != STATUS_OK)
        return failure_set(failure, STATUS_TOO_LARGE, "applications",
                           "an application has more than %d bytes", APP_DOC_MAX_BYTES);
    out->doc = buffer_slice(&doc->doc);
    return STATUS_OK;
}
