/* SPDX-License-Identifier: Apache-2.0
 *
 * Clean documents and folded columns. */
#include "api/doc_write.h"

#include "base/date.h"
#include "base/limits.h"
#include "base/utf8.h"

enum status
doc_name_add(struct doc_names *names, size_t from, const struct json_value *name,
             struct failure *failure)
{
    if (name->has_escapes || name->raw.len == 0 || name->raw.len > 128 ||
        utf8_has_control(name->raw))
        return failure_set(failure, STATUS_MALFORMED, NULL,
                           "'%.*s' cannot be the name of a field: it must have 1 to 128 "
                           "characters without quotes, backslashes and control "
                           "characters",
                           SLICE_ARG(slice_head(name->raw, 64)));
    if (names->count == DOC_NAME_MAX_COUNT)
        return failure_set(failure, STATUS_TOO_LARGE, NULL,
                           "an object has more than %d names", DOC_NAME_MAX_COUNT);
    for (size_t i = from; i < names->count; i++) {
        if (slice_equal(names->at[i], name->raw))
            return failure_set(failure, STATUS_MALFORMED, NULL, "'%.*s' is there twice",
                               SLICE_ARG(slice_head(name->raw, 64)));
    }
    names->at[names->count++] = name->raw;
    return STATUS_OK;
}

/* Is the string a date that is not yet in our form? Then it is in `out`. */
static bool
is_other_date(struct slice name, const struct json_value *value,
              char out[DATE_TIME_CHARS + 1])
{
    int64_t at_ms = 0;

    if (value->kind != JSON_KIND_STRING || value->has_escapes || name.len < 3 ||
        !slice_equal(slice_from(name, name.len - 3), SLICE("Utc")) ||
        date_time_read(value->raw, &at_ms) != STATUS_OK)
        return false;
    date_time_write(at_ms, out);
    return !slice_equal(value->raw, slice_of(out));
}

/* What a value is written with. */
struct writing {
    struct json_writer *writer;
    struct doc_names *names;
    struct failure *failure;
};

static enum status write_value(const struct writing *w, const struct json_value *value,
                               int depth);

static enum status
write_member(const struct writing *w, struct slice name, const struct json_value *value,
             int depth)
{
    char date[DATE_TIME_CHARS + 1];

    if (value->kind == JSON_KIND_NULL)
        return STATUS_OK;
    json_write_key_slice(w->writer, name);
    if (is_other_date(name, value, date)) {
        json_write_text(w->writer, date);
        return STATUS_OK;
    }
    return write_value(w, value, depth);
}

static enum status
write_members(const struct writing *w, const struct json_value *object, int depth)
{
    size_t from = w->names->count;
    struct json_member member;

    for (struct json_walk walk = json_walk_of(object); json_walk_next(&walk, &member);) {
        enum status status = doc_name_add(w->names, from, &member.name, w->failure);
        if (status == STATUS_OK)
            status = write_member(w, member.name.raw, &member.value, depth);
        if (status != STATUS_OK)
            return status;
    }
    w->names->count = from;
    return STATUS_OK;
}

static enum status
write_elements(const struct writing *w, const struct json_value *array, int depth)
{
    struct json_member member;

    for (struct json_walk walk = json_walk_of(array); json_walk_next(&walk, &member);) {
        if (member.value.kind == JSON_KIND_NULL)
            continue;
        enum status status = write_value(w, &member.value, depth);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

/* A scanned text is at most JSON_DEPTH_MAX deep. */
static enum status
write_value(const struct writing *w, const struct json_value *value, int depth)
{
    bool is_object = value->kind == JSON_KIND_OBJECT;
    enum status status = STATUS_OK;

    if (!is_object && value->kind != JSON_KIND_ARRAY) {
        json_write_raw(w->writer, doc_value_text(value));
        return STATUS_OK;
    }
    if (depth > JSON_DEPTH_MAX)
        return failure_set(w->failure, STATUS_TOO_LARGE, NULL, "it nests too deep");
    if (is_object) {
        json_write_object(w->writer);
        status = write_members(w, value, depth + 1);
    } else {
        json_write_array(w->writer);
        status = write_elements(w, value, depth + 1);
    }
    if (status == STATUS_OK)
        json_write_end(w->writer);
    return status;
}

enum status
doc_write_clean(struct json_writer *writer, const struct json_value *value,
                struct doc_names *names, struct failure *failure)
{
    return write_value(&(struct writing){writer, names, failure}, value, 0);
}

enum status
doc_write_member(struct json_writer *writer, struct slice name,
                 const struct json_value *value, struct doc_names *names,
                 struct failure *failure)
{
    return write_member(&(struct writing){writer, names, failure}, name, value, 1);
}

/* As much of a text as a sorted column holds, cut between letters. */
static struct slice
cut_sorted(struct slice text)
{
    size_t len = SORTED_TEXT_MAX_BYTES;

    if (text.len <= len)
        return text;
    while (len > 0 && (text.at[len] & 0xC0) == 0x80)
        len--;
    return slice_head(text, len);
}

static enum status
refuse_column(const struct device_field *field, struct slice text,
              struct failure *failure)
{
    return failure_set(
        failure, STATUS_MALFORMED, field->path, "%s is '%.*s', but must be %s",
        field->path, SLICE_ARG(slice_head(text, 64)),
        field->kind == FIELD_DATE ? "a date and time like 2026-01-31T00:00:00.000Z"
                                  : "true or false");
}

enum status
doc_column(const struct device_field *field, const struct json_value *value,
           struct arena *arena, struct buffer *scratch, struct slice *out,
           struct failure *failure)
{
    bool is_strict = field->kind == FIELD_DATE || field->kind == FIELD_TRUTH;
    struct slice text = value->raw;

    if (value->kind == JSON_KIND_STRING)
        text = json_text(value, arena);
    else if (value->kind == JSON_KIND_OBJECT || value->kind == JSON_KIND_ARRAY)
        return is_strict ? refuse_column(field, text, failure) : STATUS_OK;
    if (device_field_fold(field->kind, text, scratch) != STATUS_OK)
        return is_strict ? refuse_column(field, text, failure) : STATUS_OK;
    struct slice folded = buffer_slice(scratch);
    *out = arena_copy(arena, field->is_sortable ? cut_sorted(folded) : folded);
    return STATUS_OK;
}
