/* SPDX-License-Identifier: Apache-2.0
 *
 * OpenAPI 3 into operations. Only what deciding needs is read: servers, paths, methods
 * and x-tokenhouse. What x-tokenhouse holds is read strictly: a word we do not know
 * could be a condition that somebody relies on. */
#include "openapi/openapi_read.h"

#include "base/auto.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>

/* What is being read, for the words of a failure. */
struct reading {
    struct arena *arena;
    const struct upstream *upstream; /* NULL: we answer */
    struct failure *failure;
    const char *path, *method;
};

static const char *const METHODS[][2] = {
    {"get", "GET"},     {"put", "PUT"},         {"post", "POST"}, {"delete", "DELETE"},
    {"patch", "PATCH"}, {"options", "OPTIONS"}, {"head", "HEAD"}, {"trace", "TRACE"},
};

__attribute__((format(printf, 2, 3))) MUST_CHECK static enum status
refuse(const struct reading *reading, const char *format, ...)
{
    char why[FAILURE_TEXT_MAX];
    va_list args;

    va_start(args, format);
    vsnprintf(why, sizeof(why), format, args);
    va_end(args);
    return failure_set(reading->failure, STATUS_MALFORMED, "openapi", "%s %s: %s",
                       reading->method, reading->path, why);
}

static void
json_done(json_t **json)
{
    json_decref(*json);
    *json = NULL;
}

static const char *
keep(const struct reading *reading, const char *text)
{
    return arena_text(reading->arena, slice_of(text));
}

/* Reads a list of "Feature:Action" into `out`. */
static enum status
permissions_read(const struct reading *reading, const json_t *list,
                 struct permission_set *out)
{
    struct permission_set set = {0};

    if (!json_is_array(list))
        return refuse(reading, "'permissions' must be a list of \"Feature:Action\"");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *name = json_string_value(json_array_get(list, i));
        uint8_t number = PERMISSION_NONE;
        if (!name)
            return refuse(reading, "'permissions' must hold texts: \"Feature:Action\"");
        if (permission_read(slice_of(name), &number) != STATUS_OK)
            return refuse(reading, "there is no permission '%.80s'", name);
        permission_set_add(&set, number);
    }
    *out = set;
    return STATUS_OK;
}

static enum status
licences_read(const struct reading *reading, const json_t *list, struct operation *out)
{
    if (!json_is_array(list) || json_array_size(list) > OPERATION_LICENCE_MAX_COUNT)
        return refuse(reading, "'licences' must be a list of at most %d names",
                      OPERATION_LICENCE_MAX_COUNT);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *name = json_string_value(json_array_get(list, i));
        if (!name || name[0] == '\0')
            return refuse(reading, "'licences' must hold names");
        out->licences[out->licence_count++] = keep(reading, name);
    }
    return STATUS_OK;
}

/* "equals": true and "equals": "true" mean the same; so do numbers. */
static enum status
equals_read(const struct reading *reading, const json_t *value, const char **out)
{
    char number[32];

    if (json_is_string(value)) {
        *out = keep(reading, json_string_value(value));
    } else if (json_is_boolean(value)) {
        *out = json_is_true(value) ? "true" : "false";
    } else if (json_is_integer(value)) {
        snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(value));
        *out = keep(reading, number);
    } else {
        return refuse(reading, "'equals' must be a text, a whole number, true or false");
    }
    return STATUS_OK;
}

static enum status
when_member_read(const struct reading *reading, const char *key, const json_t *value,
                 struct operation_when *out)
{
    static const struct {
        const char *key;
        int kind;
    } KINDS[] = {{"field", WHEN_FIELD}, {"query", WHEN_QUERY}, {"body", WHEN_BODY}};

    if (strcmp(key, "permissions") == 0)
        return permissions_read(reading, value, &out->permissions);
    if (strcmp(key, "equals") == 0)
        return equals_read(reading, value, &out->equals);
    for (size_t i = 0; i < COUNT_OF(KINDS); i++) {
        if (strcmp(key, KINDS[i].key) != 0)
            continue;
        if (out->name)
            return refuse(reading, "a 'when' names more than one of field, query, body");
        if (!json_is_string(value) || json_string_length(value) == 0)
            return refuse(reading, "'%s' in 'when' must be a name", key);
        out->kind = KINDS[i].kind;
        out->name = keep(reading, json_string_value(value));
        return STATUS_OK;
    }
    return refuse(reading, "'when' has an unknown member '%.80s'", key);
}

static enum status
when_read(const struct reading *reading, json_t *row, struct operation_when *out)
{
    struct operation_when when = {0};
    const char *key = NULL;
    json_t *value = NULL;

    if (!json_is_object(row))
        return refuse(reading, "'when' must be a list of objects");
    json_object_foreach(row, key, value)
    {
        enum status status = when_member_read(reading, key, value, &when);
        if (status != STATUS_OK)
            return status;
    }
    if (!when.name)
        return refuse(reading, "a 'when' must name a field, a query or a body");
    if (permission_set_is_empty(&when.permissions))
        return refuse(reading, "the 'when' of '%.80s' asks for no permission", when.name);
    if (when.kind == WHEN_FIELD && when.equals)
        return refuse(reading, "the 'when' of field '%.80s' cannot have 'equals'",
                      when.name);
    if (when.kind == WHEN_BODY && when.name[0] != '/')
        return refuse(reading, "'%.80s' is not a JSON pointer; it begins with '/'",
                      when.name);
    *out = when;
    return STATUS_OK;
}

static enum status
whens_read(const struct reading *reading, const json_t *list, struct operation *out)
{
    if (!json_is_array(list) || json_array_size(list) > OPERATION_WHEN_MAX_COUNT)
        return refuse(reading, "'when' must be a list of at most %d objects",
                      OPERATION_WHEN_MAX_COUNT);
    for (size_t i = 0; i < json_array_size(list); i++) {
        enum status status =
            when_read(reading, json_array_get(list, i), &out->whens[out->when_count]);
        if (status != STATUS_OK)
            return status;
        out->when_count++;
    }
    return STATUS_OK;
}

/* Reads x-tokenhouse. Without "permissions" the operation stays closed. */
static enum status
needs_read(const struct reading *reading, json_t *needs, struct operation *out)
{
    const char *key = NULL;
    json_t *value = NULL;

    if (!needs)
        return STATUS_OK;
    if (!json_is_object(needs))
        return refuse(reading, "x-tokenhouse must be an object");
    json_object_foreach(needs, key, value)
    {
        enum status status = STATUS_OK;
        if (strcmp(key, "permissions") == 0) {
            status = permissions_read(reading, value, &out->permissions);
            out->need = permission_set_is_empty(&out->permissions) ? OPERATION_OPEN_TO_ALL
                                                                   : OPERATION_NEEDS;
        } else if (strcmp(key, "licences") == 0) {
            status = licences_read(reading, value, out);
        } else if (strcmp(key, "when") == 0) {
            status = whens_read(reading, value, out);
        } else {
            status = refuse(reading, "x-tokenhouse has an unknown member '%.80s'", key);
        }
        if (status != STATUS_OK)
            return status;
    }
    if (out->need == OPERATION_CLOSED)
        return refuse(reading, "x-tokenhouse says no 'permissions'; [] opens it to all");
    return STATUS_OK;
}

static enum status
operation_read(const struct reading *reading, const char *base, const json_t *json,
               struct operation *out)
{
    const char *id = json_string_value(json_object_get(json, "operationId"));
    const char *summary = json_string_value(json_object_get(json, "summary"));
    char fallback[256];
    size_t size = strlen(base) + strlen(reading->path) + 1;
    char *path = arena_new(reading->arena, size);

    if (!json_is_object(json))
        return refuse(reading, "it must be an object");
    if (!id) {
        snprintf(fallback, sizeof(fallback), "%s %s", reading->method, reading->path);
        id = fallback;
    }
    snprintf(path, size, "%s%s", base, reading->path);
    out->upstream = reading->upstream;
    out->id = keep(reading, id);
    out->method = reading->method;
    out->path = path;
    out->summary = keep(reading, summary ? summary : "");
    return needs_read(reading, json_object_get(json, "x-tokenhouse"), out);
}

/* The path of the first server, without a '/' at its end: "/v3". */
static enum status
base_read(const json_t *document, struct arena *arena, const char **out,
          struct failure *failure)
{
    const json_t *servers = json_object_get(document, "servers");
    const char *url =
        json_string_value(json_object_get(json_array_get(servers, 0), "url"));

    if (servers && !json_is_array(servers))
        return failure_set(failure, STATUS_MALFORMED, "openapi",
                           "/servers: it must be a list");
    if (!url)
        url = "";
    if (strchr(url, '{'))
        return failure_set(failure, STATUS_MALFORMED, "openapi",
                           "/servers/0/url: variables are not understood: '%.200s'", url);

    const char *host = strstr(url, "://");
    struct slice path = slice_of(url);
    if (host) {
        const char *slash = strchr(host + 3, '/');
        path = slash ? slice_of(slash) : (struct slice){0};
    }
    while (path.len > 0 && path.at[path.len - 1] == '/')
        path.len--;
    if (path.len > 0 && path.at[0] != '/')
        return failure_set(failure, STATUS_MALFORMED, "openapi",
                           "/servers/0/url: '%.200s' has no path that begins with '/'",
                           url);
    *out = arena_text(arena, path);
    return STATUS_OK;
}

static const json_t *
method_of(const json_t *item, size_t index)
{
    return json_object_get(item, METHODS[index][0]);
}

static size_t
operations_count(json_t *paths)
{
    size_t count = 0;
    const char *path = NULL;
    json_t *item = NULL;

    json_object_foreach(paths, path, item)
    {
        for (size_t i = 0; i < COUNT_OF(METHODS); i++)
            count += method_of(item, i) != NULL;
    }
    return count;
}

static enum status
paths_read(struct reading *reading, const char *base, json_t *paths,
           struct operation *out)
{
    const char *path = NULL;
    json_t *item = NULL;
    size_t count = 0;

    json_object_foreach(paths, path, item)
    {
        reading->path = path;
        reading->method = "/paths";
        if (!json_is_object(item) || path[0] != '/')
            return refuse(reading, "a path begins with '/' and holds an object");
        if (json_object_get(item, "$ref"))
            return refuse(reading, "a '$ref' instead of a path is not understood");
        for (size_t i = 0; i < COUNT_OF(METHODS); i++) {
            const json_t *json = method_of(item, i);
            if (!json)
                continue;
            reading->method = METHODS[i][1];
            enum status status = operation_read(reading, base, json, &out[count++]);
            if (status != STATUS_OK)
                return status;
        }
    }
    return STATUS_OK;
}

enum status
openapi_read(struct slice document, const struct upstream *upstream, struct arena *arena,
             const struct operation **out, size_t *out_count, struct failure *failure)
{
    json_error_t error;
    json_t *root AUTO(json_done) = json_loadb((const char *)document.at, document.len,
                                              JSON_REJECT_DUPLICATES, &error);
    const char *version = json_string_value(json_object_get(root, "openapi"));
    json_t *paths = json_object_get(root, "paths");
    const char *base = "";

    if (!root)
        return failure_set(failure, STATUS_MALFORMED, "openapi",
                           "this is not JSON: line %d: %s", error.line, error.text);
    if (!version || strncmp(version, "3.", 2) != 0)
        return failure_set(failure, STATUS_MALFORMED, "openapi",
                           "/openapi: it must be 3.x, not '%.20s'",
                           version ? version : "missing");
    if (!json_is_object(paths))
        return failure_set(failure, STATUS_MALFORMED, "openapi",
                           "/paths: there must be an object");
    enum status status = base_read(root, arena, &base, failure);
    if (status != STATUS_OK)
        return status;
    if (upstream)
        base = upstream->prefix;

    size_t count = operations_count(paths);
    struct operation *operations = arena_new(arena, (count + 1) * sizeof(*operations));
    struct reading reading = {.arena = arena, .upstream = upstream, .failure = failure};
    status = paths_read(&reading, base, paths, operations);
    if (status != STATUS_OK)
        return status;
    *out = operations;
    *out_count = count;
    return STATUS_OK;
}
