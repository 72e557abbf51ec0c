/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines of access logs as calls of operations. */
#include "rules/calls.h"

#include "base/auto.h"
#include "base/limits.h"
#include "rules/permission_list.h"

#include <string.h>

enum { METHOD_MAX_CHARS = 10, FIRST_ROOM = 32 };

/* One line, taken apart; borrowed from it. */
struct call {
    struct slice method, path, query;
    struct json_value body;
};

/* ---- a line ---- */

static bool
is_method(struct slice word)
{
    for (size_t i = 0; i < word.len; i++) {
        if (word.at[i] < 'A' || word.at[i] > 'Z')
            return false;
    }
    return word.len >= 3 && word.len <= METHOD_MAX_CHARS;
}

static void
take_target(struct slice target, struct call *out)
{
    static const struct slice SCHEMES[] = {SLICE("http://"), SLICE("https://")};

    for (size_t i = 0; i < COUNT_OF(SCHEMES); i++) {
        struct slice host = {0};
        struct slice rest = slice_from(target, SCHEMES[i].len);
        if (slice_starts(target, SCHEMES[i]) && slice_cut(&rest, '/', &host))
            target = (struct slice){rest.at - 1, rest.len + 1};
    }
    out->path = target;
    if (slice_cut(&target, '?', &out->path))
        out->query = target;
}

/* "GET /path?query HTTP/1.1", its end may be missing. */
static bool
read_request_line(struct slice text, struct call *out)
{
    struct slice rest = slice_trim(text);
    struct slice target = {0};

    if (!slice_cut(&rest, ' ', &out->method) || !is_method(out->method))
        return false;
    rest = slice_trim(rest);
    target = rest;
    if (slice_cut(&rest, ' ', &target) && !slice_starts(slice_trim(rest), SLICE("HTTP/")))
        return false;
    take_target(target, out);
    return out->path.len > 0 && out->path.at[0] == '/';
}

/* The request stands in the first pair of quotes that holds one. */
static bool
read_log_line(struct slice line, struct call *out)
{
    struct slice quoted = {0};
    struct slice before = {0};

    while (slice_cut(&line, '"', &before) && slice_cut(&line, '"', &quoted)) {
        struct call call = {0};
        if (read_request_line(quoted, &call)) {
            *out = call;
            return true;
        }
    }
    return false;
}

/* The first of these members that is a text. */
static bool
find_text(const struct json_value *object, const char *const *names, struct arena *arena,
          struct slice *out)
{
    struct json_value value;

    for (; *names; names++) {
        if (json_find(object, slice_of(*names), &value) == STATUS_OK &&
            value.kind == JSON_KIND_STRING) {
            *out = json_text(&value, arena);
            return true;
        }
    }
    return false;
}

static bool
read_json_line(struct slice line, struct arena *arena, struct call *out)
{
    static const char *const METHODS[] = {"method", NULL};
    static const char *const PATHS[] = {"uri", "path", NULL};
    static const char *const QUERIES[] = {"query", "query-string", NULL};
    static const char *const REQUESTS[] = {"request", NULL};
    struct json_value object;
    struct slice text = {0};

    if (json_scan(line, &object) != STATUS_OK || object.kind != JSON_KIND_OBJECT)
        return false;
    if (find_text(&object, REQUESTS, arena, &text) && read_request_line(text, out))
        return true;
    if (!find_text(&object, METHODS, arena, &out->method) ||
        !find_text(&object, PATHS, arena, &text))
        return false;
    take_target(text, out);
    find_text(&object, QUERIES, arena, &out->query);
    if (json_find(&object, SLICE("body"), &out->body) != STATUS_OK)
        out->body = (struct json_value){0};
    return true;
}

static bool
read_line(struct slice line, struct arena *arena, struct call *out)
{
    *out = (struct call){0};
    if (line.at[0] == '{')
        return read_json_line(line, arena, out);
    return read_request_line(line, out) || read_log_line(line, out);
}

/* ---- all of them ---- */

struct reading {
    const struct calls_how *how;
    struct arena *arena;
    struct calls *calls;
    size_t room;
};

static struct calls_operation *
find_operation(struct reading *reading, const struct operation *operation)
{
    struct calls *calls = reading->calls;

    for (size_t i = 0; i < calls->operation_count; i++) {
        if (calls->operations[i].operation == operation)
            return &calls->operations[i];
    }
    if (calls->operation_count == reading->room) {
        struct calls_operation *old = calls->operations;
        reading->room = reading->room ? 2 * reading->room : FIRST_ROOM;
        calls->operations = arena_new(reading->arena, reading->room * sizeof(*old));
        if (old)
            memcpy(calls->operations, old, calls->operation_count * sizeof(*old));
    }
    struct calls_operation *one = &calls->operations[calls->operation_count++];
    *one = (struct calls_operation){.operation = operation};
    return one;
}

/* NULL: it is a call of an operation, and was taken. */
static const char *
take_call(struct reading *reading, const struct call *call)
{
    const struct calls_how *how = reading->how;
    unsigned char path[URI_MAX_BYTES];
    size_t len = how->prefix.len + call->path.len;
    struct route_match match;

    if (len > sizeof(path))
        return "the path is too long";
    if (how->prefix.len > 0)
        memcpy(path, how->prefix.at, how->prefix.len);
    memcpy(path + how->prefix.len, call->path.at, call->path.len);
    enum status status =
        route_map_find(how->map, call->method, (struct slice){path, len}, &match);
    if (status == STATUS_MALFORMED)
        return "the path can be read in two ways, and is always refused";
    if (status == STATUS_REFUSED)
        return "the path has other methods";
    if (status != STATUS_OK)
        return "there is no such operation";
    if (match.operation->need == OPERATION_CLOSED)
        return "the operation is open to no token";

    struct needs_request request = {call->query, &call->body, how->select_names};
    struct calls_operation *one = find_operation(reading, match.operation);
    one->count++;
    needs_add(match.operation, &request, &one->needs);
    return NULL;
}

static void
take_line(struct reading *reading, struct slice line, int64_t number)
{
    struct calls *calls = reading->calls;
    struct call call;
    const char *why = "this line names no request";

    if (read_line(line, reading->arena, &call))
        why = take_call(reading, &call);
    if (!why) {
        calls->matched_count++;
        return;
    }
    if (calls->unmatched_count < CALLS_UNMATCHED_MAX_COUNT)
        calls->unmatched[calls->unmatched_count] = (struct calls_unmatched){
            number, slice_head(line, CALLS_LINE_SHOWN_BYTES), why};
    calls->unmatched_count++;
}

void
calls_read(struct slice text, const struct calls_how *how, struct arena *arena,
           struct calls *out)
{
    struct reading reading = {how, arena, out, 0};

    *out = (struct calls){0};
    for (int64_t number = 1; text.len > 0; number++) {
        struct slice line = text;
        if (!slice_cut(&text, '\n', &line))
            text.len = 0;
        line = slice_trim(line);
        if (line.len > 0 && line.at[0] != '#')
            take_line(&reading, line, number);
    }
    for (size_t i = 0; i < out->operation_count; i++)
        out->permissions =
            permission_set_either(out->permissions, out->operations[i].needs);
    permission_set_imply(&out->permissions);
}

/* ---- as JSON ---- */

static void
write_names(struct json_writer *writer, const struct operation *operation)
{
    json_write_array(writer);
    for (size_t i = 0; i < operation->licence_count; i++)
        json_write_text(writer, operation->licences[i]);
    json_write_end(writer);
}

static bool
has_same_licences(const struct operation *a, const struct operation *b)
{
    if (a->licence_count != b->licence_count)
        return false;
    for (size_t i = 0; i < a->licence_count; i++) {
        if (strcmp(a->licences[i], b->licences[i]) != 0)
            return false;
    }
    return true;
}

/* Each list once: one licence of each is needed. */
static void
write_licences(struct json_writer *writer, const struct calls *calls)
{
    json_write_key(writer, "licences");
    json_write_array(writer);
    for (size_t i = 0; i < calls->operation_count; i++) {
        const struct operation *operation = calls->operations[i].operation;
        bool is_told = operation->licence_count == 0;
        for (size_t k = 0; k < i && !is_told; k++)
            is_told = has_same_licences(operation, calls->operations[k].operation);
        if (!is_told)
            write_names(writer, operation);
    }
    json_write_end(writer);
}

static void
write_operation(struct json_writer *writer, const struct calls_operation *one)
{
    json_write_object(writer);
    json_write_member_text(writer, "method", one->operation->method);
    json_write_member_text(writer, "path", one->operation->path);
    json_write_member_text(writer, "summary", one->operation->summary);
    json_write_member_int(writer, "calls", one->count);
    write_permissions(writer, "permissions", &one->needs);
    json_write_key(writer, "licences");
    write_names(writer, one->operation);
    json_write_end(writer);
}

static void
write_unmatched(struct json_writer *writer, const struct calls *calls)
{
    size_t count = calls->unmatched_count < CALLS_UNMATCHED_MAX_COUNT
                       ? (size_t)calls->unmatched_count
                       : CALLS_UNMATCHED_MAX_COUNT;

    json_write_key(writer, "unmatched");
    json_write_array(writer);
    for (size_t i = 0; i < count; i++) {
        json_write_object(writer);
        json_write_member_int(writer, "line", calls->unmatched[i].line);
        json_write_member_string(writer, "text", calls->unmatched[i].text);
        json_write_member_text(writer, "why", calls->unmatched[i].why);
        json_write_end(writer);
    }
    json_write_end(writer);
}

void
calls_write(const struct calls *calls, const struct permission_set *held,
            struct json_writer *writer)
{
    struct permission_set lacking = {0};

    if (held)
        lacking = permission_set_without(calls->permissions, *held);
    json_write_object(writer);
    write_permissions(writer, "permissions", &calls->permissions);
    if (held)
        write_permissions(writer, "lacking", &lacking);
    write_licences(writer, calls);
    json_write_key(writer, "operations");
    json_write_array(writer);
    for (size_t i = 0; i < calls->operation_count; i++)
        write_operation(writer, &calls->operations[i]);
    json_write_end(writer);
    json_write_member_int(writer, "matchedCount", calls->matched_count);
    json_write_member_int(writer, "unmatchedCount", calls->unmatched_count);
    write_unmatched(writer, calls);
    json_write_end(writer);
}
