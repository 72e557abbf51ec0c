/* SPDX-License-Identifier: Apache-2.0
 *
 * /v3/configurations/customfields/…: fields that people fill in, their definitions, and
 * the one act of our API: changing them. */
#include "api/field_values.h"
#include "base/auto.h"
#include "base/limits.h"
#include "rules/details.h"
#include "rules/history.h"
#include "store/store_devices.h"

static void
write_definition(struct json_writer *writer, const struct field_definition *definition)
{
    json_write_object(writer);
    json_write_member_string(writer, "cdfUid", definition->uid);
    json_write_member_string(writer, "cdfFieldName", definition->name);
    json_write_member_string(writer, "type", definition->type);
    json_write_member_string(writer, "categoryCode", definition->category);
    if (definition->dropdowns.len > 2) { /* more than [] */
        json_write_key(writer, "dropdowns");
        json_write_raw(writer, definition->dropdowns);
    }
    json_write_end(writer);
}

enum status
answer_field_definitions(struct answer *x)
{
    struct field_value *first = NULL;
    enum status status = field_values_open(x, x->worker->reader, &first);

    if (status != STATUS_OK)
        return status;
    struct json_writer writer = answer_begin(x);
    json_write_array(&writer);
    for (const struct field_value *value = first; value; value = value->next)
        write_definition(&writer, &value->definition);
    json_write_end(&writer);
    return answer_end(&writer, (struct slice){0});
}

enum status
answer_field_definition(struct answer *x)
{
    struct field_value *first = NULL;
    enum status status = field_values_open(x, x->worker->reader, &first);

    if (status != STATUS_OK)
        return status;
    const struct field_value *value = field_values_find(first, x->request->parameters[0]);
    if (!value)
        return STATUS_NOT_FOUND;
    struct json_writer writer = answer_begin(x);
    write_definition(&writer, &value->definition);
    return answer_end(&writer, (struct slice){0});
}

static void
write_value(struct json_writer *writer, const struct field_value *value)
{
    json_write_object(writer);
    json_write_member_string(writer, "cdfUid", value->definition.uid);
    json_write_member_string(writer, "cdfFieldKey", value->definition.key);
    json_write_member_string(writer, "cdfFieldName", value->definition.name);
    if (value->value.len > 0)
        json_write_member_string(writer, "cdfFieldValue", value->value);
    json_write_member_string(writer, "categoryCode", value->definition.category);
    json_write_member_string(writer, "type", value->definition.type);
    json_write_end(writer);
}

/* The device of the path with its fields. `custom_fields` takes what the store has. */
static enum status
open_device(struct answer *x, struct store *store, int64_t *out_id,
            struct field_value **out_first, struct buffer *custom_fields)
{
    struct field_value *first = NULL;
    enum status status =
        store_device_by_uid(store, x->request->parameters[0], x->request->group_ids,
                            x->request->group_count, out_id, custom_fields);

    if (status == STATUS_OK)
        status = field_values_open(x, store, &first);
    if (status == STATUS_OK)
        status = field_values_fill(x, first, buffer_slice(custom_fields));
    if (status == STATUS_OK)
        *out_first = first;
    return status;
}

enum status
answer_custom_fields(struct answer *x)
{
    struct buffer custom_fields AUTO(buffer_done) = buffer_make(DEVICE_DOC_MAX_BYTES);
    struct buffer folded AUTO(buffer_done) = buffer_make(QUERY_MAX_BYTES + 1);
    struct buffer wanted AUTO(buffer_done) = buffer_make(QUERY_MAX_BYTES + 1);
    struct slice name = SLICE("cdfFieldNameContains");
    struct slice contains = {0};
    struct field_value *first = NULL;
    int64_t id = 0;
    enum status status = open_device(x, x->worker->reader, &id, &first, &custom_fields);

    if (status != STATUS_OK)
        return status;
    if (query_text_find(&x->pairs, name, &contains) == STATUS_CONFLICT)
        return answer_refuse(x, "INVALID_VALUE", name,
                             "cdfFieldNameContains is given twice");
    if (device_field_fold(FIELD_TEXT, contains, &wanted) != STATUS_OK)
        return answer_bad_value(x, name, contains, "UTF-8 text");
    struct json_writer writer = answer_begin(x);
    json_write_array(&writer);
    for (const struct field_value *value = first; value; value = value->next) {
        if (device_field_fold(FIELD_TEXT, value->definition.name, &folded) != STATUS_OK ||
            (wanted.len > 0 && !memmem(folded.at, folded.len, wanted.at, wanted.len)))
            continue;
        write_value(&writer, value);
    }
    json_write_end(&writer);
    return answer_end(&writer, (struct slice){0});
}

enum status
answer_custom_field(struct answer *x)
{
    struct buffer custom_fields AUTO(buffer_done) = buffer_make(DEVICE_DOC_MAX_BYTES);
    struct field_value *first = NULL;
    int64_t id = 0;
    enum status status = open_device(x, x->worker->reader, &id, &first, &custom_fields);

    if (status != STATUS_OK)
        return status;
    const struct field_value *value = field_values_find(first, x->request->parameters[1]);
    if (!value)
        return STATUS_NOT_FOUND;
    struct json_writer writer = answer_begin(x);
    write_value(&writer, value);
    return answer_end(&writer, (struct slice){0});
}

static json_t *
text_json(struct slice text)
{
    return json_stringn(text.len ? (const char *)text.at : "", text.len);
}

/* Writes the event: what the fields were and what they are. */
static enum status
add_event(struct answer *x, const struct field_value *first)
{
    const struct api_request *request = x->request;
    char *uid = arena_text(x->arena, request->parameters[0]);
    struct act act = {.store = x->worker->writer,
                      .now_ms = request->now_ms,
                      .actor_kind = ACTOR_TOKEN,
                      .actor_name = arena_text(x->arena, request->token_title),
                      .actor_id = arena_text(x->arena, request->token_id),
                      .address = request->address,
                      .request_id = request->request_id};
    struct happening what = {.kind = EVENT_DEVICE_FIELDS_UPDATED,
                             .object_kind = "device",
                             .object_id = uid,
                             .object_name = uid};
    json_t *before AUTO(details_done) = json_object();
    json_t *after AUTO(details_done) = json_object();

    for (const struct field_value *value = first; value; value = value->next) {
        char *name = arena_text(x->arena, value->definition.name);
        if (!value->is_changed)
            continue;
        json_object_set_new(before, name, text_json(value->value));
        json_object_set_new(after, name, text_json(value->changed));
    }
    return history_add_change(&act, what, "updated", before, after);
}

static bool
differs(const struct field_value *first)
{
    for (const struct field_value *value = first; value; value = value->next) {
        if (value->is_changed && !slice_equal(value->changed, value->value))
            return true;
    }
    return false;
}

enum status
answer_custom_fields_set(struct answer *x)
{
    struct buffer old AUTO(buffer_done) = buffer_make(DEVICE_DOC_MAX_BYTES);
    struct buffer changed AUTO(buffer_done) = buffer_make(DEVICE_DOC_MAX_BYTES);
    struct store *writer AUTO(store_undo_done) = x->worker->writer;
    struct field_value *first = NULL;
    int64_t id = 0;
    enum status status = store_begin(writer);

    if (status == STATUS_OK)
        status = open_device(x, writer, &id, &first, &old);
    if (status == STATUS_OK)
        status = field_values_change(x, first, x->request->body);
    if (status != STATUS_OK || !differs(first))
        return status;
    status = field_values_write(x, first, buffer_slice(&old), &changed);
    if (status == STATUS_OK)
        status = store_device_custom_fields_set(writer, id, buffer_slice(&changed));
    if (status == STATUS_OK)
        status = add_event(x, first);
    return status == STATUS_OK ? store_commit(writer) : status;
}
