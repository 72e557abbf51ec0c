/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests without what nobody needs to know of them. */
#include "rules/redact.h"

#include "base/auto.h"
#include "base/buffer.h"
#include "base/limits.h"
#include "base/percent.h"
#include "json/write.h"

enum { NAME_MAX_BYTES = 64, POINTER_DEPTH_MAX = 8 };

/* ---- the query ---- */

/* The next pair. Some write ';' between them: what stands behind it is another's value.
 */
static struct slice
next_pair(struct slice *query)
{
    struct slice pair = {query->at, 0};

    while (pair.len < query->len && query->at[pair.len] != '&' &&
           query->at[pair.len] != ';')
        pair.len++;
    *query = slice_from(*query, pair.len + (pair.len < query->len));
    return pair;
}

/* Does the verdict depend on this parameter? */
static bool
is_looked_at(struct slice name, const struct operation *operation)
{
    unsigned char room[NAME_MAX_BYTES];
    struct slice plain = {room, percent_decode(name, room)};

    if (slice_equal(plain, SLICE("select")))
        return true;
    for (size_t i = 0; operation && i < operation->when_count; i++) {
        const struct operation_when *when = &operation->whens[i];
        if (when->kind == WHEN_QUERY &&
            slice_equal_nocase(slice_trim(plain), slice_of(when->name)))
            return true;
    }
    return false;
}

static void
write_pair(struct slice pair, const struct operation *operation, struct buffer *out)
{
    struct slice value = pair;
    struct slice name = {0};

    if (!slice_cut(&value, '=', &name)) { /* a bare word: it may be anything */
        if (pair.len <= NAME_MAX_BYTES && is_looked_at(pair, operation))
            buffer_add(out, pair);
        else
            buffer_add_text(out, "***");
        return;
    }
    if (name.len > NAME_MAX_BYTES) {
        buffer_add_text(out, "***=***");
        return;
    }
    buffer_add(out, name);
    buffer_add_byte(out, '=');
    if (is_looked_at(name, operation))
        buffer_add(out, value);
    else
        buffer_add_text(out, "***");
}

void
redact_query(struct slice query, const struct operation *operation, char *out,
             size_t size)
{
    struct buffer text AUTO(buffer_done) = buffer_make(size - 1);

    while (query.len > 0) {
        const unsigned char *before = query.at;
        size_t whole = text.len;
        struct slice pair = next_pair(&query);
        if (pair.len == 0)
            continue;
        if (text.len > 0)
            buffer_add_byte(&text, before[-1]);
        write_pair(pair, operation, &text);
        if (buffer_check(&text) != STATUS_OK) {
            text.len = whole;
            break;
        }
    }
    slice_to_text(buffer_slice(&text), out, size);
}

/* ---- the body ---- */

/* The next name of a JSON pointer, "~1" and "~0" resolved (RFC 6901 §4). */
static bool
next_name(struct slice *pointer, unsigned char room[NAME_MAX_BYTES], struct slice *out)
{
    struct slice name = {0};

    if (pointer->len == 0 || pointer->at[0] != '/')
        return false;
    *pointer = slice_from(*pointer, 1);
    while (name.len < pointer->len && pointer->at[name.len] != '/')
        name.len++;
    name.at = pointer->at;
    *pointer = slice_from(*pointer, name.len);
    if (name.len > NAME_MAX_BYTES)
        return false;
    *out = (struct slice){room, 0};
    for (size_t i = 0; i < name.len; i++) {
        bool is_mark = name.at[i] == '~' && i + 1 < name.len;
        room[out->len++] = !is_mark ? name.at[i] : name.at[i + 1] == '1' ? '/' : '~';
        i += is_mark;
    }
    return true;
}

static void
write_value(struct json_writer *writer, const char *equals)
{
    struct json_value value;

    if (!equals)
        json_write_text(writer, "***");
    else if (json_scan(slice_of(equals), &value) == STATUS_OK)
        json_write_raw(writer, slice_of(equals)); /* true, 1 */
    else
        json_write_text(writer, equals);
}

/* Opens the objects on the way to a place, and closes them again behind its value. */
static void
write_place(struct json_writer *writer, const struct operation_when *when)
{
    struct slice pointer = slice_of(when->name);
    struct slice name = {0};
    unsigned char room[NAME_MAX_BYTES];
    int depth = 0;

    while (depth < POINTER_DEPTH_MAX && next_name(&pointer, room, &name)) {
        if (depth++ > 0)
            json_write_object(writer);
        json_write_key_slice(writer, name);
    }
    write_value(writer, when->equals);
    while (depth-- > 1)
        json_write_end(writer);
}

/* Would the name stand twice in the object? */
static bool
is_first_of_its_name(const struct operation *operation,
                     const struct needs_request *request, size_t index)
{
    unsigned char rooms[2][NAME_MAX_BYTES];
    struct slice own = slice_of(operation->whens[index].name);
    struct slice name = {0};

    if (!next_name(&own, rooms[0], &name))
        return false;
    for (size_t i = 0; i < index; i++) {
        const struct operation_when *when = &operation->whens[i];
        struct slice pointer = slice_of(when->name);
        struct slice other = {0};
        if (when->kind == WHEN_BODY && next_name(&pointer, rooms[1], &other) &&
            slice_equal(other, name) && needs_is_asked(when, request))
            return false;
    }
    return true;
}

void
redact_body(const struct operation *operation, const struct needs_request *request,
            char *out, size_t size)
{
    struct buffer text AUTO(buffer_done) = buffer_make(size - 1);
    struct json_writer writer = json_write_into(&text);
    size_t count = 0;

    out[0] = '\0';
    json_write_object(&writer);
    for (size_t i = 0; i < operation->when_count; i++) {
        const struct operation_when *when = &operation->whens[i];
        if (when->kind != WHEN_BODY || !needs_is_asked(when, request) ||
            !is_first_of_its_name(operation, request, i))
            continue;
        write_place(&writer, when);
        count++;
    }
    json_write_end(&writer);
    if (count > 0 && json_write_done(&writer) == STATUS_OK)
        slice_to_text(buffer_slice(&text), out, size);
}
