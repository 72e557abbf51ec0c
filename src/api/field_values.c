/* SPDX-License-Identifier: Apache-2.0
 *
 * Values of custom fields: read, changed and written as the array that a device has. */
#include "api/field_values.h"

#include "api/doc_write.h"
#include "base/auto.h"
#include "base/date.h"
#include "base/number.h"
#include "base/utf8.h"

enum { FIELD_VALUE_MAX_CHARS = 1000, CHANGE_MAX_COUNT = 1000 };

struct collecting {
    struct arena *arena;
    struct field_value *first;
    struct field_value **end;
};

static bool
add_definition(void *ctx, const struct field_definition *definition)
{
    struct collecting *c = ctx;
    struct field_value *value = arena_new(c->arena, sizeof(*value));

    value->definition = (struct field_definition){
        .id = definition->id,
        .uid = arena_copy(c->arena, definition->uid),
        .key = arena_copy(c->arena, definition->key),
        .name = arena_copy(c->arena, definition->name),
        .category = arena_copy(c->arena, definition->category),
        .type = arena_copy(c->arena, definition->type),
        .dropdowns = arena_copy(c->arena, definition->dropdowns)};
    *c->end = value;
    c->end = &value->next;
    return true;
}

enum status
field_values_open(struct answer *x, struct store *store, struct field_value **out)
{
    struct collecting c = {.arena = x->arena};

    c.end = &c.first;
    enum status status = store_field_definition_list(store, add_definition, &c);
    if (status == STATUS_OK)
        *out = c.first;
    return status;
}

struct field_value *
field_values_find(struct field_value *first, struct slice uid)
{
    for (struct field_value *value = first; value; value = value->next) {
        if (slice_equal(value->definition.uid, uid))
            return value;
    }
    return NULL;
}

/* The definition that an element of the device's array belongs to; imports may know
 * only the name. */
static struct field_value *
find_of_element(struct field_value *first, const struct json_value *element,
                struct arena *arena)
{
    struct json_value part;

    if (json_find(element, SLICE("cdfUid"), &part) == STATUS_OK)
        return field_values_find(first, json_text(&part, arena));
    if (json_find(element, SLICE("cdfFieldName"), &part) != STATUS_OK)
        return NULL;
    struct slice name = json_text(&part, arena);
    for (struct field_value *value = first; value; value = value->next) {
        if (slice_equal_nocase(value->definition.name, name))
            return value;
    }
    return NULL;
}

/* The text of a value: strings, but clients send numbers and truths too. */
static struct slice
text_of(const struct json_value *value, struct arena *arena)
{
    switch (value->kind) {
    case JSON_KIND_STRING:
        return json_text(value, arena);
    case JSON_KIND_NUMBER:
    case JSON_KIND_TRUE:
    case JSON_KIND_FALSE:
        return arena_copy(arena, value->raw);
    case JSON_KIND_NONE:
    case JSON_KIND_NULL:
    case JSON_KIND_OBJECT:
    case JSON_KIND_ARRAY:
        break;
    }
    return (struct slice){0};
}

enum status
field_values_fill(struct answer *x, struct field_value *first, struct slice custom_fields)
{
    struct json_value array;
    struct json_value text;
    struct json_member member;

    if (custom_fields.len == 0)
        return STATUS_OK;
    if (json_scan(custom_fields, &array) != STATUS_OK)
        return STATUS_BROKEN;
    for (struct json_walk walk = json_walk_of(&array); json_walk_next(&walk, &member);) {
        struct field_value *value = find_of_element(first, &member.value, x->arena);
        if (value && json_find(&member.value, SLICE("cdfFieldValue"), &text) == STATUS_OK)
            value->value = text_of(&text, x->arena);
    }
    return STATUS_OK;
}

/* YYYY-MM-DD, or MM/DD/YYYY as some consoles write it. */
static bool
is_date(struct slice text)
{
    struct date date;
    unsigned char iso[DATE_CHARS];

    if (date_read(text, &date) == STATUS_OK)
        return true;
    if (text.len != DATE_CHARS || text.at[2] != '/' || text.at[5] != '/')
        return false;
    memcpy(iso, text.at + 6, 4);
    iso[4] = '-';
    memcpy(iso + 5, text.at, 2);
    iso[7] = '-';
    memcpy(iso + 8, text.at + 3, 2);
    return date_read((struct slice){iso, DATE_CHARS}, &date) == STATUS_OK;
}

static bool
is_in_dropdown(struct slice dropdowns, struct slice text, struct arena *arena)
{
    struct json_value list;
    struct json_value value;
    struct json_member member;

    if (json_scan(dropdowns, &list) != STATUS_OK)
        return false;
    for (struct json_walk walk = json_walk_of(&list); json_walk_next(&walk, &member);) {
        if (json_find(&member.value, SLICE("elementValue"), &value) == STATUS_OK &&
            slice_equal(json_text(&value, arena), text))
            return true;
    }
    return false;
}

/* May this text be the value of this field? */
static enum status
check_value(struct answer *x, const struct field_definition *definition,
            struct slice text)
{
    struct slice field = SLICE("cdfFieldValue");

    if (text.len == 0)
        return STATUS_OK; /* takes the value away */
    if (utf8_count(text) > FIELD_VALUE_MAX_CHARS || utf8_has_control(text))
        return answer_refuse(x, "INVALID_VALUE", field,
                             "the value of '%.*s' must be a text of at most %d "
                             "characters without control characters",
                             SLICE_ARG(slice_head(definition->name, 64)),
                             FIELD_VALUE_MAX_CHARS);
    if (slice_equal(definition->type, SLICE("Date")) && !is_date(text))
        return answer_refuse(x, "INVALID_VALUE", field,
                             "the value of '%.*s' is '%.*s', but must be a date like "
                             "2026-01-31 or 01/31/2026",
                             SLICE_ARG(slice_head(definition->name, 64)),
                             SLICE_ARG(slice_head(text, 64)));
    if (slice_equal(definition->type, SLICE("Dropdown")) &&
        !is_in_dropdown(definition->dropdowns, text, x->arena))
        return answer_refuse(x, "INVALID_VALUE", field,
                             "the value of '%.*s' is '%.*s', which is not in its list",
                             SLICE_ARG(slice_head(definition->name, 64)),
                             SLICE_ARG(slice_head(text, 64)));
    return STATUS_OK;
}

static enum status
read_change(struct answer *x, struct field_value *first, const struct json_value *element)
{
    struct json_value uid;
    struct json_value given;

    if (json_find(element, SLICE("cdfUid"), &uid) != STATUS_OK ||
        uid.kind != JSON_KIND_STRING)
        return answer_refuse(x, "INVALID_VALUE", SLICE("cdfUid"),
                             "each change must be an object with a cdfUid and a "
                             "cdfFieldValue");
    if (json_find(element, SLICE("cdfFieldValue"), &given) != STATUS_OK ||
        given.kind == JSON_KIND_OBJECT || given.kind == JSON_KIND_ARRAY)
        return answer_refuse(x, "INVALID_VALUE", SLICE("cdfFieldValue"),
                             "each change must have a cdfFieldValue that is a text");

    struct field_value *value = field_values_find(first, json_text(&uid, x->arena));
    if (!value)
        return STATUS_NOT_FOUND;
    struct slice text = text_of(&given, x->arena);
    if (value->is_changed && !slice_equal(value->changed, text))
        return answer_refuse(x, "INVALID_VALUE", SLICE("cdfUid"),
                             "'%.*s' is changed twice",
                             SLICE_ARG(slice_head(value->definition.name, 64)));
    value->is_changed = true;
    value->changed = text;
    return check_value(x, &value->definition, text);
}

enum status
field_values_change(struct answer *x, struct field_value *first, struct slice body)
{
    struct json_value root;
    struct json_value inner;
    struct json_member member;
    size_t count = 0;

    if (body.len == 0 || json_scan(body, &root) != STATUS_OK)
        return answer_refuse(x, "INVALID_JSON", SLICE("data"),
                             "the body must hold a list of changes");
    if (root.kind == JSON_KIND_OBJECT &&
        json_find(&root, SLICE("data"), &inner) == STATUS_OK)
        root = inner; /* wrapped once more than needed */
    if (root.kind == JSON_KIND_OBJECT)
        return read_change(x, first, &root);
    if (root.kind != JSON_KIND_ARRAY)
        return answer_refuse(x, "INVALID_VALUE", SLICE("data"),
                             "the body must hold a list of changes");
    for (struct json_walk walk = json_walk_of(&root); json_walk_next(&walk, &member);) {
        if (++count > CHANGE_MAX_COUNT)
            return answer_refuse(x, "INVALID_VALUE", SLICE("data"),
                                 "there are more than %d changes", CHANGE_MAX_COUNT);
        enum status status = read_change(x, first, &member.value);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

/* Copies the elements that belong to no definition. */
static enum status
copy_strangers(struct answer *x, struct field_value *first, struct slice custom_fields,
               struct json_writer *writer)
{
    struct json_value array;
    struct json_member member;

    if (custom_fields.len == 0)
        return STATUS_OK;
    if (json_scan(custom_fields, &array) != STATUS_OK)
        return STATUS_BROKEN;
    for (struct json_walk walk = json_walk_of(&array); json_walk_next(&walk, &member);) {
        if (!find_of_element(first, &member.value, x->arena))
            json_write_raw(writer, member.value.raw);
    }
    return STATUS_OK;
}

enum status
field_values_write(struct answer *x, struct field_value *first,
                   struct slice custom_fields, struct buffer *out)
{
    struct json_writer writer = json_write_into(out);

    json_write_array(&writer);
    for (const struct field_value *value = first; value; value = value->next) {
        struct slice text = value->is_changed ? value->changed : value->value;
        if (text.len == 0)
            continue;
        json_write_object(&writer);
        json_write_member_string(&writer, "cdfUid", value->definition.uid);
        json_write_member_string(&writer, "cdfFieldName", value->definition.name);
        json_write_member_string(&writer, "cdfFieldValue", text);
        json_write_end(&writer);
    }
    enum status status = copy_strangers(x, first, custom_fields, &writer);
    if (status != STATUS_OK)
        return status;
    json_write_end(&writer);
    if (json_write_done(&writer) != STATUS_OK)
        return STATUS_TOO_LARGE;
    if (out->len == 2) /* [] is nothing */
        buffer_clear(out);
    return STATUS_OK;
}
