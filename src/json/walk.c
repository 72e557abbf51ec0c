/* SPDX-License-Identifier: Apache-2.0
 *
 * Walking through objects and arrays, and finding one's way in them. */
#include "base/number.h"
#include "json/core.h"
#include "json/scan.h"

static struct json_walk
walk_open(struct json_core core, bool is_whole_text)
{
    struct json_walk walk = {.status = STATUS_OK};

    if (core.at == core.end || (*core.at != '{' && *core.at != '['))
        return walk;
    walk.kind = *core.at == '{' ? JSON_KIND_OBJECT : JSON_KIND_ARRAY;
    walk.at = core.at + 1;
    walk.end = core.end;
    walk.is_open = true;
    walk.is_first = true;
    walk.is_whole_text = is_whole_text;
    return walk;
}

struct json_walk
json_walk_of(const struct json_value *value)
{
    struct json_core core = json_core_of(value->raw);

    if (value->kind != JSON_KIND_OBJECT && value->kind != JSON_KIND_ARRAY)
        return (struct json_walk){.status = STATUS_OK};
    return walk_open(core, false);
}

struct json_walk
json_walk_text(struct slice text)
{
    struct json_core core = json_core_of(text);
    struct json_walk walk;

    json_core_blanks(&core);
    walk = walk_open(core, true);
    if (!walk.is_open)
        walk.status = STATUS_MALFORMED;
    return walk;
}

/* Reaches the end, or a fault; always false, for `return walk_close(…)`. */
static bool
walk_close(struct json_walk *walk, struct json_core *core)
{
    if (core->fault == JSON_FAULT_NONE && walk->is_whole_text)
        json_core_finish(core);
    walk->status = json_core_status(core);
    walk->is_open = false;
    return false;
}

bool
json_walk_next(struct json_walk *walk, struct json_member *out)
{
    struct json_core core = {.at = walk->at, .end = walk->end};
    struct json_member member = {0};
    bool is_end = false;

    if (!walk->is_open)
        return false;
    if (walk->is_first)
        is_end = json_core_is_empty(&core, walk->kind);
    else if (!json_core_after(&core, walk->kind, &is_end))
        return walk_close(walk, &core);
    if (is_end)
        return walk_close(walk, &core);

    walk->is_first = false;
    if (walk->kind == JSON_KIND_OBJECT && !json_core_name(&core, &member.name))
        return walk_close(walk, &core);
    if (!json_core_value(&core, 1, &member.value))
        return walk_close(walk, &core);
    walk->at = core.at;
    *out = member;
    return true;
}

enum status
json_walk_end(const struct json_walk *walk)
{
    return walk->status;
}

/* Have both strings the same text, however they are spelled? */
static bool
is_same_text(const struct json_value *a, const struct json_value *b)
{
    struct slice rest_a = a->raw;
    struct slice rest_b = b->raw;

    if (!a->has_escapes && !b->has_escapes)
        return slice_equal(a->raw, b->raw);
    while (rest_a.len && rest_b.len) {
        unsigned char piece_a[4];
        unsigned char piece_b[4];
        size_t len = json_core_piece(&rest_a, piece_a);
        if (json_core_piece(&rest_b, piece_b) != len ||
            memcmp(piece_a, piece_b, len) != 0)
            return false;
    }
    return rest_a.len == 0 && rest_b.len == 0;
}

static bool
is_listed(const struct json_member *list, size_t count, const struct json_value *name)
{
    for (size_t i = 0; i < count; i++) {
        if (is_same_text(&list[i].name, name))
            return true;
    }
    return false;
}

/* The walk of json_walk_text(), written straight into the list: it is on the way of every
 * request. */
enum status
json_scan_flat(struct slice text, struct json_member *out, size_t room, size_t *out_count)
{
    struct json_core core = json_core_of(text);
    size_t count = 0;
    bool is_end;

    json_core_blanks(&core);
    if (core.at == core.end || *core.at != '{')
        return STATUS_MALFORMED;
    core.at++;
    is_end = json_core_is_empty(&core, JSON_KIND_OBJECT);
    while (!is_end) {
        struct json_member *member = &out[count];
        if (count == room || count == JSON_FLAT_MAX_COUNT)
            return STATUS_TOO_LARGE;
        if (!json_core_name(&core, &member->name) ||
            !json_core_value(&core, 1, &member->value) ||
            !json_core_after(&core, JSON_KIND_OBJECT, &is_end))
            return json_core_status(&core);
        if (is_listed(out, count, &member->name))
            return STATUS_MALFORMED;
        count++;
    }
    if (!json_core_finish(&core))
        return STATUS_MALFORMED;
    *out_count = count;
    return STATUS_OK;
}

/* The only member that `is_named` so. */
static enum status
find_member(const struct json_value *object, struct slice name,
            bool (*is_named)(const struct json_value *name, struct slice wanted),
            struct json_value *out)
{
    struct json_walk walk = json_walk_of(object);
    struct json_member member;
    struct json_value found = {0};

    while (json_walk_next(&walk, &member)) {
        if (!is_named(&member.name, name))
            continue;
        if (found.kind != JSON_KIND_NONE)
            return STATUS_MALFORMED;
        found = member.value;
    }
    if (found.kind == JSON_KIND_NONE)
        return STATUS_NOT_FOUND;
    *out = found;
    return STATUS_OK;
}

enum status
json_find(const struct json_value *object, struct slice name, struct json_value *out)
{
    if (object->kind != JSON_KIND_OBJECT)
        return STATUS_NOT_FOUND;
    return find_member(object, name, json_text_is, out);
}

/* Is `name` what one part of a pointer says: '~1' for '/', '~0' for '~'? */
static bool
is_named_by(const struct json_value *name, struct slice part)
{
    struct slice rest = name->raw;

    while (rest.len && part.len) {
        unsigned char piece[4];
        size_t len = json_core_piece(&rest, piece);
        bool is_tilde = part.at[0] == '~';
        unsigned char wanted = is_tilde ? (part.at[1] == '1' ? '/' : '~') : part.at[0];

        if (piece[0] != wanted)
            return false;
        if (len > 1 && !slice_starts(part, (struct slice){piece, len}))
            return false;
        part = slice_from(part, is_tilde ? 2 : len);
    }
    return rest.len == 0 && part.len == 0;
}

/* A '~' is only there before 0 or 1. */
static bool
is_part(struct slice part)
{
    for (size_t i = 0; i < part.len; i++) {
        if (part.at[i] != '~')
            continue;
        if (part.len - i < 2 || (part.at[i + 1] != '0' && part.at[i + 1] != '1'))
            return false;
    }
    return true;
}

/* An element by its place: digits without a leading zero. "-" and all else name none. */
static enum status
find_element(const struct json_value *array, struct slice part, struct json_value *out)
{
    struct json_walk walk = json_walk_of(array);
    struct json_member member;
    int64_t wanted = 0;

    if (part.len == 0 || part.at[0] == '-' || (part.at[0] == '0' && part.len > 1) ||
        number_read(part, &wanted) != STATUS_OK)
        return STATUS_NOT_FOUND;
    for (int64_t i = 0; json_walk_next(&walk, &member); i++) {
        if (i != wanted)
            continue;
        *out = member.value;
        return STATUS_OK;
    }
    return STATUS_NOT_FOUND;
}

enum status
json_pointer(const struct json_value *value, struct slice pointer, struct json_value *out)
{
    struct json_value here = *value;

    if (pointer.len && pointer.at[0] != '/')
        return STATUS_MALFORMED;
    if (!is_part(pointer))
        return STATUS_MALFORMED;
    while (pointer.len) {
        struct slice rest = slice_from(pointer, 1);
        struct slice part = rest;
        enum status status = STATUS_NOT_FOUND;

        if (slice_cut(&rest, '/', &part))
            pointer = (struct slice){rest.at - 1, rest.len + 1};
        else
            pointer.len = 0;
        if (here.kind == JSON_KIND_OBJECT)
            status = find_member(&here, part, is_named_by, &here);
        else if (here.kind == JSON_KIND_ARRAY)
            status = find_element(&here, part, &here);
        if (status != STATUS_OK)
            return status;
    }
    *out = here;
    return STATUS_OK;
}
