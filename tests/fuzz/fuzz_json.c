/* SPDX-License-Identifier: Apache-2.0
 *
 * The scanner and jansson accept and refuse the same texts, what they read in them is
 * the same, and what the writer writes both read back unchanged. */
#include "fuzz.h"

#include "base/arena.h"
#include "base/auto.h"
#include "base/limits.h"
#include "json/scan.h"
#include "json/write.h"

#include <assert.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>

enum { ANSWER_MAX_BYTES = 16 * 1024 * 1024 };

static void compare(const struct json_value *ours, json_t *theirs, struct arena *arena);

/* jansson passes over a zero byte that stands right behind a number or a word; we refuse
 * it everywhere. */
static bool
has_zero(struct slice text)
{
    return text.len && memchr(text.at, 0, text.len);
}

static struct slice
string_of(json_t *theirs)
{
    return (struct slice){(const unsigned char *)json_string_value(theirs),
                          json_string_length(theirs)};
}

/* With a name that is there twice jansson keeps the last value. */
static void
compare_object(const struct json_value *ours, json_t *theirs, struct arena *arena)
{
    struct json_walk walk = json_walk_of(ours);
    struct json_member member;
    struct json_value found = {0};

    assert(json_is_object(theirs));
    while (json_walk_next(&walk, &member)) {
        struct slice name = json_text(&member.name, arena);
        json_t *value = json_object_getn(theirs, (const char *)name.at, name.len);
        enum status status = json_find(ours, name, &found);
        assert(value);
        assert(json_text_is(&member.name, name));
        assert(status == STATUS_OK || status == STATUS_MALFORMED);
        if (status == STATUS_OK)
            compare(&found, value, arena);
    }
    assert(json_walk_end(&walk) == STATUS_OK);
}

static void
compare_array(const struct json_value *ours, json_t *theirs, struct arena *arena)
{
    struct json_walk walk = json_walk_of(ours);
    struct json_member member;
    size_t i = 0;

    assert(json_is_array(theirs));
    for (; json_walk_next(&walk, &member); i++)
        compare(&member.value, json_array_get(theirs, i), arena);
    assert(json_walk_end(&walk) == STATUS_OK && i == json_array_size(theirs));
}

static void
compare_number(const struct json_value *ours, json_t *theirs)
{
    int64_t whole = 0;
    double real = 0;

    assert(json_read_double(ours, &real) == STATUS_OK);
    if (json_is_integer(theirs)) {
        assert(json_read_int(ours, &whole) == STATUS_OK);
        assert(whole == json_integer_value(theirs));
    } else {
        assert(json_is_real(theirs) && json_read_int(ours, &whole) != STATUS_OK);
        assert(real == json_real_value(theirs) && isfinite(real));
    }
}

static void
compare(const struct json_value *ours, json_t *theirs, struct arena *arena)
{
    switch (ours->kind) {
    case JSON_KIND_NONE:
        abort();
    case JSON_KIND_OBJECT:
        compare_object(ours, theirs, arena);
        return;
    case JSON_KIND_ARRAY:
        compare_array(ours, theirs, arena);
        return;
    case JSON_KIND_STRING:
        assert(json_is_string(theirs));
        assert(slice_equal(json_text(ours, arena), string_of(theirs)));
        return;
    case JSON_KIND_NUMBER:
        compare_number(ours, theirs);
        return;
    case JSON_KIND_TRUE:
        assert(json_is_true(theirs));
        return;
    case JSON_KIND_FALSE:
        assert(json_is_false(theirs));
        return;
    case JSON_KIND_NULL:
        assert(json_is_null(theirs));
        return;
    }
}

/* Writes a value anew, from its parts. */
static void
rewrite(const struct json_value *value, struct json_writer *writer, struct arena *arena)
{
    struct json_walk walk = json_walk_of(value);
    struct json_member member;

    if (value->kind == JSON_KIND_STRING) {
        json_write_string(writer, json_text(value, arena));
        return;
    }
    if (value->kind != JSON_KIND_OBJECT && value->kind != JSON_KIND_ARRAY) {
        json_write_raw(writer, value->raw);
        return;
    }
    if (value->kind == JSON_KIND_OBJECT)
        json_write_object(writer);
    else
        json_write_array(writer);
    while (json_walk_next(&walk, &member)) {
        if (member.name.kind == JSON_KIND_STRING)
            json_write_key_slice(writer, json_text(&member.name, arena));
        rewrite(&member.value, writer, arena);
    }
    json_write_end(writer);
}

static void
check_round_trip(const struct json_value *value, json_t *theirs, struct arena *arena)
{
    struct buffer out AUTO(buffer_done) = buffer_make(ANSWER_MAX_BYTES);
    struct json_writer writer = json_write_into(&out);
    struct json_value again = {0};

    rewrite(value, &writer, arena);
    assert(json_write_done(&writer) == STATUS_OK);
    assert(json_scan(buffer_slice(&out), &again) == STATUS_OK);
    compare(&again, theirs, arena);
}

/* One pass over the text says the same as scanning it first; and the flat list is
 * refused exactly when the text is, it is no object, a name is there twice or there are
 * too many. */
static void
check_walks(struct slice text, enum status status, const struct json_value *value)
{
    struct json_walk walk = json_walk_text(text);
    struct json_member member;
    struct json_member flat[JSON_FLAT_MAX_COUNT];
    struct json_value found = {0};
    size_t flat_count = 0;
    size_t count = 0;
    bool is_nested = value->kind == JSON_KIND_OBJECT || value->kind == JSON_KIND_ARRAY;
    enum status flat_status = json_scan_flat(text, flat, COUNT_OF(flat), &flat_count);

    while (json_walk_next(&walk, &member))
        count++;
    if (status != STATUS_OK || is_nested)
        assert(json_walk_end(&walk) == status ||
               (status == STATUS_TOO_LARGE && walk.kind == JSON_KIND_NONE));
    else
        assert(json_walk_end(&walk) == STATUS_MALFORMED);
    if (flat_status == STATUS_OK)
        assert(value->kind == JSON_KIND_OBJECT && flat_count == count);
    else if (value->kind == JSON_KIND_OBJECT && flat_status == STATUS_TOO_LARGE)
        assert(count > JSON_FLAT_MAX_COUNT);
    else if (value->kind == JSON_KIND_OBJECT)
        assert(count >= 2); /* something is there twice */
    assert(json_pointer(value, text, &found) != STATUS_OK || text.len == 0 ||
           text.at[0] == '/');
}

/* The writer takes any bytes as a string. */
static void
check_any_string(struct slice bytes)
{
    struct buffer out AUTO(buffer_done) = buffer_make(ANSWER_MAX_BYTES);
    struct json_writer writer = json_write_into(&out);
    struct json_value value = {0};

    if (has_zero(bytes))
        return; /* \u0000 is written, and not taken */
    json_write_string(&writer, bytes);
    assert(json_write_done(&writer) == STATUS_OK);
    assert(json_scan(buffer_slice(&out), &value) == STATUS_OK);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = {data, size};
    struct arena arena AUTO(arena_done) = {0};
    struct json_value value = {0};
    enum status status = json_scan(text, &value);
    json_t *theirs =
        json_loadb((const char *)data, size, JSON_DECODE_ANY, &(json_error_t){0});

    assert(json_explain(text, NULL) == status);
    check_walks(text, status, &value);
    check_any_string(text);
    if (status == STATUS_OK) {
        assert(theirs);
        compare(&value, theirs, &arena);
        check_round_trip(&value, theirs, &arena);
    } else if (status == STATUS_MALFORMED && !has_zero(text)) {
        assert(!theirs);
    }
    assert(status != STATUS_OK || !has_zero(text));
    json_decref(theirs);
    return 0;
}
