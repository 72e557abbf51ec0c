/* SPDX-License-Identifier: Apache-2.0
 *
 * OpenAPI 3 into operations. Only what deciding needs is read: info, servers, paths,
 * methods, parameters by their names, tags and x-tokenhouse. */
#include "openapi/description.h"

#include "base/auto.h"
#include "openapi/inside.h"
#include "openapi/overlay.h"

#include <stdarg.h>
#include <stdio.h>

enum { NOTE_FIRST_ROOM = 16, NOTE_MAX_COUNT = 10 * 1000, URL_BYTES = 2048 };

static const char *const METHODS[][2] = {
    {"get", "GET"},     {"put", "PUT"},         {"post", "POST"}, {"delete", "DELETE"},
    {"patch", "PATCH"}, {"options", "OPTIONS"}, {"head", "HEAD"}, {"trace", "TRACE"},
};

/* ---- words ---- */

enum status
reading_refuse(const struct reading *reading, const char *format, ...)
{
    char why[FAILURE_TEXT_MAX];
    va_list args;

    va_start(args, format);
    vsnprintf(why, sizeof(why), format, args);
    va_end(args);
    return failure_set(reading->failure, STATUS_MALFORMED, "openapi", "%s: %s",
                       reading->pointer, why);
}

void
reading_note(struct reading *reading, const struct operation *operation,
             const char *format, ...)
{
    char why[FAILURE_TEXT_MAX];
    va_list args;

    if (reading->note_count == NOTE_MAX_COUNT)
        return;
    if (reading->note_count == reading->note_room) {
        size_t room = reading->note_room ? reading->note_room * 2 : NOTE_FIRST_ROOM;
        struct description_note *more = arena_new(reading->arena, room * sizeof(more[0]));
        if (reading->note_count > 0)
            memcpy(more, reading->notes, reading->note_count * sizeof(more[0]));
        reading->notes = more;
        reading->note_room = room;
    }
    va_start(args, format);
    vsnprintf(why, sizeof(why), format, args);
    va_end(args);
    reading->notes[reading->note_count++] = (struct description_note){
        operation, reading_keep(reading, reading->pointer), reading_keep(reading, why)};
}

const char *
reading_keep(const struct reading *reading, const char *text)
{
    return arena_text(reading->arena, slice_of(text));
}

static const char *
text_of(const struct reading *reading, const struct tree_value *object, const char *name)
{
    const char *text = tree_text(tree_member(object, name));

    return reading_keep(reading, text ? text : "");
}

/* ---- servers ---- */

/* Writes `url` with the usual values of its variables. False: one has none. */
static bool
fill_in(const char *url, const struct tree_value *variables, char out[URL_BYTES])
{
    size_t len = 0;

    for (const char *at = url; *at;) {
        const char *end = *at == '{' ? strchr(at, '}') : NULL;
        char name[128];
        int added;
        if (end) {
            if (!slice_to_text(
                    (struct slice){(const unsigned char *)at + 1, (size_t)(end - at - 1)},
                    name, sizeof(name)))
                return false;
            const char *usual =
                tree_text(tree_member(tree_member(variables, name), "default"));
            if (!usual)
                return false;
            added = snprintf(out + len, URL_BYTES - len, "%s", usual);
            at = end + 1;
        } else {
            added = snprintf(out + len, URL_BYTES - len, "%c", *at++);
        }
        if (added < 0 || (size_t)added >= URL_BYTES - len)
            return false;
        len += (size_t)added;
    }
    out[len] = '\0';
    return true;
}

/* The path of a URL, without '/' at its end. */
static struct slice
path_of(const char *url)
{
    const char *scheme = strstr(url, "://");
    const char *host = scheme ? scheme + 3 : strncmp(url, "//", 2) == 0 ? url + 2 : NULL;
    struct slice path = slice_of(url);

    if (host) {
        const char *slash = strchr(host, '/');
        path = slash ? slice_of(slash) : (struct slice){0};
    }
    for (size_t i = 0; i < path.len; i++) {
        if (path.at[i] == '?' || path.at[i] == '#')
            path.len = i;
    }
    while (path.len > 0 && path.at[path.len - 1] == '/')
        path.len--;
    return path;
}

static void
read_server(struct reading *reading, struct description *out)
{
    struct tree_value *server = tree_element(tree_member(reading->root, "servers"), 0);
    const char *url = tree_text(tree_member(server, "url"));
    char whole[URL_BYTES];
    char words[FAILURE_TEXT_MAX];

    out->server_base = "";
    out->server_words = "";
    if (!url)
        return;
    if (!fill_in(url, tree_member(server, "variables"), whole)) {
        snprintf(words, sizeof(words),
                 "/servers/0/url: a variable without a usual value, or it is too long: "
                 "'%.200s'",
                 url);
    } else {
        struct slice path = path_of(whole);
        if (path.len == 0 || path.at[0] == '/') {
            out->server_base = arena_text(reading->arena, path);
            return;
        }
        snprintf(words, sizeof(words),
                 "/servers/0/url: '%.200s' has no path that begins with '/'", url);
    }
    out->server_base = NULL;
    out->server_words = reading_keep(reading, words);
}

/* "//host/path" of a URL, for the scheme may be left out; else the whole. */
static const char *
without_scheme(const char *url)
{
    const char *scheme = strstr(url, "://");

    return scheme ? scheme + 1 : url;
}

/* Does it name a server that the document names as a whole? */
static bool
is_usual_server(const struct reading *reading, const struct tree_value *servers)
{
    const struct tree_value *all = tree_member(reading->root, "servers");
    const char *url = tree_text(tree_member(tree_element(servers, 0), "url"));
    const struct tree_value *other = NULL;

    if (!url)
        return true;
    for (size_t i = 0; (other = tree_next(all, &i));) {
        const char *text = tree_text(tree_member(other, "url"));
        if (text && strcmp(without_scheme(text), without_scheme(url)) == 0)
            return true;
    }
    return false;
}

/* ---- parameters ---- */

/* Is there a query parameter of this name in the list? Those in other files, which cannot
 * be read here, may be it. */
static bool
has_query_parameter(const struct reading *reading, struct tree_value *list,
                    const char *name)
{
    struct tree_value *row = NULL;

    for (size_t i = 0; (row = tree_next(list, &i));) {
        struct tree_value *parameter = NULL;
        if (tree_follow(reading->root, row, "", &parameter, NULL) != STATUS_OK)
            return true;
        const char *in = tree_text(tree_member(parameter, "in"));
        const char *its = tree_text(tree_member(parameter, "name"));
        if (in && its && strcmp(in, "query") == 0 && strcasecmp(its, name) == 0)
            return true;
    }
    return false;
}

/* A condition on a parameter that is not there guards nothing: mostly it is misspelled.
 */
static void
note_unknown_parameters(struct reading *reading, struct tree_value *item,
                        struct tree_value *json, const struct operation *operation)
{
    for (size_t i = 0; i < operation->when_count; i++) {
        const struct operation_when *when = &operation->whens[i];
        if (when->kind == WHEN_QUERY &&
            !has_query_parameter(reading, tree_member(json, "parameters"), when->name) &&
            !has_query_parameter(reading, tree_member(item, "parameters"), when->name))
            reading_note(reading, operation,
                         "'when' names the query parameter '%.80s', which the "
                         "description does not have",
                         when->name);
    }
}

/* ---- operations ---- */

/* A path that can never be asked for, or that servers read in different ways. */
static const char *
fault_of_path(const char *path)
{
    if (path[0] != '/')
        return "a path begins with '/'";
    if (strpbrk(path, "?#"))
        return "a path ends before '?' and '#'; they never reach a server as part of it";
    if (strstr(path, "//"))
        return "a path with an empty segment ('//') is read in different ways";
    return NULL;
}

static enum status
operation_read(struct reading *reading, struct tree_value *item, struct tree_value *json)
{
    struct operation *out = &reading->operations[reading->operation_count];
    const char *id = tree_text(tree_member(json, "operationId"));
    const char *tag = tree_text(tree_element(tree_member(json, "tags"), 0));
    size_t size = strlen(reading->base) + strlen(reading->path) + 1;
    char *path = arena_new(reading->arena, size);
    char fallback[256];

    if (!tree_is(json, TREE_OBJECT))
        return reading_refuse(reading, "it must be an object");
    if (!id) {
        snprintf(fallback, sizeof(fallback), "%s %.200s", reading->method, reading->path);
        id = fallback;
    }
    snprintf(path, size, "%s%s", reading->base, reading->path);
    *out = (struct operation){
        .upstream = reading->wish->upstream,
        .id = reading_keep(reading, id),
        .method = reading->method,
        .path = path,
        .summary = text_of(reading, json, "summary"),
    };
    reading->tags[reading->operation_count] = reading_keep(reading, tag ? tag : "");
    enum status status = needs_read(reading, tree_member(json, "x-tokenhouse"), out);
    if (status != STATUS_OK)
        return status;
    note_unknown_parameters(reading, item, json, out);
    reading->operation_count++;
    return STATUS_OK;
}

/* What is left out of an item's operations, in words; NULL = it is taken. */
static const char *
fault_of_operation(const struct reading *reading, const struct tree_value *item,
                   const struct tree_value *json)
{
    const struct tree_value *servers = tree_member(json, "servers");

    if (!servers)
        servers = tree_member(item, "servers");
    if (reading->wish->upstream && servers && !is_usual_server(reading, servers))
        return "it has a server of its own, which is not this upstream";
    return fault_of_path(reading->path);
}

static enum status
method_read(struct reading *reading, struct tree_value *item, struct tree_value *given,
            size_t method)
{
    char pointer[TREE_POINTER_BYTES];
    struct tree_value *json = NULL;

    memcpy(pointer, reading->pointer, sizeof(pointer));
    reading->method = METHODS[method][1];
    tree_pointer(pointer, METHODS[method][0], reading->pointer);
    enum status status =
        tree_follow(reading->root, given, reading->pointer, &json, reading->failure);
    if (status == STATUS_OK && json != given && tree_member(given, "x-tokenhouse"))
        status = reading_refuse(reading, "x-tokenhouse stands beside a $ref, where "
                                         "nobody reads it; put it where that leads");
    const char *fault =
        status == STATUS_OK ? fault_of_operation(reading, item, json) : NULL;
    if (fault && !reading->wish->upstream)
        status = reading_refuse(reading, "%s", fault);
    else if (fault)
        reading_note(reading, NULL, "left out: %s", fault);
    else if (status == STATUS_OK)
        status = operation_read(reading, item, json);
    memcpy(reading->pointer, pointer, sizeof(pointer));
    return status;
}

/* A member of the path item, be it its own or of what its $ref points at. */
static enum status
item_member(const struct reading *reading, struct tree_value *item,
            struct tree_value *followed, const char *name, struct tree_value **out)
{
    struct tree_value *own = tree_member(item, name);
    struct tree_value *other = followed == item ? NULL : tree_member(followed, name);

    if (own && other)
        return reading_refuse(reading, "'%s' stands here and behind its $ref too", name);
    *out = own ? own : other;
    return STATUS_OK;
}

static enum status
item_read(struct reading *reading, struct tree_value *item)
{
    struct tree_value *followed = NULL;
    enum status status =
        tree_follow(reading->root, item, reading->pointer, &followed, reading->failure);

    if (status != STATUS_OK)
        return status;
    if (!tree_is(item, TREE_OBJECT) || !tree_is(followed, TREE_OBJECT))
        return reading_refuse(reading, "it must be an object");
    for (size_t i = 0; i < COUNT_OF(METHODS); i++) {
        struct tree_value *json = NULL;
        status = item_member(reading, item, followed, METHODS[i][0], &json);
        if (status == STATUS_OK && json)
            status = method_read(reading, followed, json, i);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

/* So many operations there may be in a path item, those behind its $ref counted. */
static size_t
count_methods(const struct tree_value *item)
{
    size_t count = 0;

    if (tree_member(item, "$ref"))
        return COUNT_OF(METHODS);
    for (size_t i = 0; i < COUNT_OF(METHODS); i++)
        count += tree_member(item, METHODS[i][0]) != NULL;
    return count;
}

static enum status
paths_read(struct reading *reading, struct tree_value *paths)
{
    struct tree_value *item = NULL;
    size_t room = 1;

    for (size_t i = 0; (item = tree_next(paths, &i));)
        room += count_methods(item);

    reading->operations = arena_new(reading->arena, room * sizeof(struct operation));
    reading->tags = arena_new(reading->arena, room * sizeof(reading->tags[0]));
    for (size_t i = 0; (item = tree_next(paths, &i));) {
        const char *path = item->name;
        if (strncmp(path, "x-", 2) == 0)
            continue;
        reading->path = path;
        tree_pointer("/paths", path, reading->pointer);
        if (!reading->wish->upstream && fault_of_path(path))
            return reading_refuse(reading, "%s", fault_of_path(path));
        enum status status = item_read(reading, item);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

/* ---- the whole ---- */

static enum status
version_check(struct reading *reading)
{
    const struct tree_value *version = tree_member(reading->root, "openapi");
    const char *text = tree_text(version);
    const char *old = tree_text(tree_member(reading->root, "swagger"));

    snprintf(reading->pointer, sizeof(reading->pointer), "/openapi");
    if (!tree_is(reading->root, TREE_OBJECT))
        return failure_set(reading->failure, STATUS_MALFORMED, "openapi",
                           "this is no OpenAPI description: it must be an object");
    if (!version && old)
        return failure_set(reading->failure, STATUS_MALFORMED, "openapi",
                           "/swagger: this is Swagger %.20s; OpenAPI 3.0 or 3.1 is "
                           "wanted, into which converters turn it",
                           old);
    if (tree_is(version, TREE_REAL)) /* YAML: `openapi: 3.0` */
        return reading_refuse(reading, "the version must be a text, as '3.0.3'");
    if (!text || (strncmp(text, "3.0", 3) != 0 && strncmp(text, "3.1", 3) != 0) ||
        (text[3] != '\0' && text[3] != '.'))
        return reading_refuse(reading, "it must be 3.0.x or 3.1.x, not '%.20s'",
                              text ? text : "missing");
    return STATUS_OK;
}

static enum status
root_read(struct reading *reading, struct description *out)
{
    enum status status = version_check(reading);
    const struct tree_value *info = tree_member(reading->root, "info");
    const struct tree_value *servers = tree_member(reading->root, "servers");
    struct tree_value *paths = tree_member(reading->root, "paths");

    if (status != STATUS_OK)
        return status;
    if (servers && !tree_is(servers, TREE_LIST))
        return failure_set(reading->failure, STATUS_MALFORMED, "openapi",
                           "/servers: it must be a list");
    if (!tree_is(paths, TREE_OBJECT))
        return failure_set(reading->failure, STATUS_MALFORMED, "openapi",
                           "/paths: there must be an object");
    out->title = text_of(reading, info, "title");
    out->version = text_of(reading, info, "version");
    read_server(reading, out);
    if (!reading->wish->upstream && !out->server_base)
        return failure_set(reading->failure, STATUS_MALFORMED, "openapi", "%s",
                           out->server_words);
    reading->base =
        reading->wish->upstream ? reading->wish->upstream->prefix : out->server_base;
    return paths_read(reading, paths);
}

/* An action that selects nothing changes nothing: mostly its target is misspelled. */
static void
note_action(void *ctx, size_t action, const char *target, size_t count)
{
    struct reading *reading = ctx;

    if (count > 0)
        return;
    snprintf(reading->pointer, sizeof(reading->pointer), "overlay: /actions/%zu", action);
    reading_note(reading, NULL, "its target '%.200s' selects nothing", target);
}

enum status
description_read(const struct description_wish *wish, struct arena *arena,
                 struct description *out, struct failure *failure)
{
    struct tree tree AUTO(tree_done) = {0};
    struct reading reading = {.wish = wish, .arena = arena, .failure = failure};
    struct description description = {0};
    enum status status = tree_read(wish->document, &tree, failure);

    if (status == STATUS_OK && wish->overlay.len > 0)
        status = overlay_apply(wish->overlay, &tree, note_action, &reading, failure);
    if (status != STATUS_OK)
        return status;
    reading.root = tree.root;
    status = root_read(&reading, &description);
    if (status != STATUS_OK)
        return status;
    description.operations = reading.operations;
    description.operation_count = reading.operation_count;
    description.tags = reading.tags;
    description.notes = reading.notes;
    description.note_count = reading.note_count;
    description.introduced = reading.introduced;
    description.introduced_numbers = reading.introduced_numbers;
    description.introduced_count = reading.introduced_count;
    *out = description;
    return STATUS_OK;
}
