/* SPDX-License-Identifier: Apache-2.0
 *
 * GET /permissions, and the grid of a new token. */
#include "console/catalogue.h"

#include "console/handlers.h"
#include "console/write.h"
#include "store/store_permissions.h"

#include <stdio.h>

/* Does the operation ask for this permission, always or for some of its parameters? */
static bool
asks_for(const struct operation *operation, uint16_t number)
{
    if (operation->need == OPERATION_NEEDS &&
        permission_set_has(&operation->permissions, number))
        return true;
    for (size_t i = 0; i < operation->when_count; i++) {
        if (permission_set_has(&operation->whens[i].permissions, number))
            return true;
    }
    return false;
}

/* Those that nothing asks for any more. When it cannot be told, none. */
static const struct permission_set *
find_unused(struct visit *v)
{
    struct permission_set *unused = arena_new(v->arena, sizeof(*unused));

    if (store_permission_unused(v->reader, unused) != STATUS_OK)
        *unused = (struct permission_set){0};
    return unused;
}

static void
write_action(struct visit *v, struct json_writer *writer, const struct permission *row,
             const struct permission_set *unused)
{
    char name[PERMISSION_NAME_MAX + 1];
    char text[512];

    permission_write(row->number, name);
    json_write_object(writer);
    json_write_member_text(writer, "name", name);
    if (row->kind == PERMISSION_OTHER)
        json_write_member_text(writer, "action", row->action);
    json_write_member_bool(writer, "isUsed", !permission_set_has(unused, row->number));
    json_write_key(writer, "operations");
    json_write_array(writer);
    for (size_t i = 0; i < route_table_count(v->table); i++) {
        const struct operation *operation = route_table_at(v->table, i);
        if (!asks_for(operation, row->number))
            continue;
        snprintf(text, sizeof(text), "%s %s", operation->method, operation->path);
        json_write_text(writer, text);
    }
    json_write_end(writer);
    json_write_end(writer);
}

/* The action of this kind of a feature whose rows are first..end-1; null when there is
 * none. */
static void
write_kind(struct visit *v, struct json_writer *writer, const char *name,
           enum permission_kind kind, const struct permission *const *rows, size_t count,
           const struct permission_set *unused)
{
    json_write_key(writer, name);
    for (size_t i = 0; i < count; i++) {
        if (rows[i]->kind == kind) {
            write_action(v, writer, rows[i], unused);
            return;
        }
    }
    json_write_null(writer);
}

static void
write_feature(struct visit *v, struct json_writer *writer,
              const struct permission *const *rows, size_t count,
              const struct permission_set *unused)
{
    json_write_object(writer);
    json_write_member_text(writer, "feature", rows[0]->feature);
    write_kind(v, writer, "view", PERMISSION_VIEW, rows, count, unused);
    write_kind(v, writer, "manage", PERMISSION_MANAGE, rows, count, unused);
    json_write_key(writer, "other");
    json_write_array(writer);
    for (size_t i = 0; i < count; i++) {
        if (rows[i]->kind == PERMISSION_OTHER)
            write_action(v, writer, rows[i], unused);
    }
    json_write_end(writer);
    json_write_end(writer);
}

void
catalogue_write(struct visit *v, struct json_writer *writer, const char *name,
                const struct permission_set *shown)
{
    const struct permission *rows[PERMISSION_MAX_COUNT];
    const struct permission_set *unused = find_unused(v);
    size_t count = 0;
    size_t first = 0;

    for (size_t i = 0; i < permission_count() && count < PERMISSION_MAX_COUNT; i++) {
        if (permission_set_has(shown, permission_at(i)->number))
            rows[count++] = permission_at(i);
    }
    permission_sort(rows, count);
    json_write_key(writer, name);
    json_write_array(writer);
    for (size_t i = 1; i <= count; i++) {
        if (i < count && strcmp(rows[first]->feature, rows[i]->feature) == 0)
            continue;
        write_feature(v, writer, rows + first, i - first, unused);
        first = i;
    }
    json_write_end(writer);
}

/* What parameters need beyond the operation. */
static void
write_whens(struct json_writer *writer, const struct operation *operation)
{
    static const char *const KINDS[] = {
        [WHEN_FIELD] = "field", [WHEN_QUERY] = "query", [WHEN_BODY] = "body"};

    json_write_key(writer, "when");
    json_write_array(writer);
    for (size_t i = 0; i < operation->when_count; i++) {
        const struct operation_when *when = &operation->whens[i];
        json_write_object(writer);
        json_write_member_text(writer, "in", KINDS[when->kind]);
        json_write_member_text(writer, "name", when->name);
        json_write_member_text_or_null(writer, "equals",
                                       when->equals ? when->equals : "");
        write_permissions(writer, "permissions", &when->permissions);
        json_write_end(writer);
    }
    json_write_end(writer);
}

void
catalogue_write_operations(struct visit *v, struct json_writer *writer, const char *name)
{
    json_write_key(writer, name);
    json_write_array(writer);
    for (size_t i = 0; i < route_table_count(v->table); i++) {
        const struct operation *operation = route_table_at(v->table, i);
        json_write_object(writer);
        json_write_member_text(writer, "method", operation->method);
        json_write_member_text(writer, "path", operation->path);
        json_write_member_text(writer, "summary", operation->summary);
        write_permissions(writer, "permissions", &operation->permissions);
        json_write_key(writer, "licences");
        json_write_array(writer);
        for (size_t k = 0; k < operation->licence_count; k++)
            json_write_text(writer, operation->licences[k]);
        json_write_end(writer);
        write_whens(writer, operation);
        json_write_end(writer);
    }
    json_write_end(writer);
}

enum status
catalogue_list(struct visit *v)
{
    struct permission_set all = permission_set_all();
    struct json_writer writer = visit_json(v, 200);

    json_write_object(&writer);
    catalogue_write(v, &writer, "data", &all);
    json_write_key(&writer, "next");
    json_write_null(&writer);
    json_write_member_int(&writer, "total", (int64_t)permission_count());
    catalogue_write_operations(v, &writer, "operations");
    json_write_end(&writer);
    return json_write_done(&writer);
}
