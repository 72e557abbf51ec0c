/* SPDX-License-Identifier: Apache-2.0
 *
 * The routes of imports. Whoever is limited to device groups cannot import: a file may
 * hold any device. */
#include "base/auto.h"
#include "console/handlers.h"
#include "console/importer.h"
#include "console/inside.h"
#include "console/sight.h"
#include "console/write.h"

static const char *
state_name(enum import_state state)
{
    switch (state) {
    case IMPORT_UPLOADING:
        return "uploading";
    case IMPORT_RUNNING:
        return "running";
    case IMPORT_DONE:
        return "done";
    case IMPORT_FAILED:
        return "failed";
    }
    return "?";
}

static enum status
answer_view(struct visit *v, int status_code, const struct import_view *view)
{
    struct json_writer writer = visit_json(v, status_code);

    json_write_object(&writer);
    json_write_member_text(&writer, "id", view->id);
    json_write_member_text(&writer, "name", view->name);
    json_write_member_text(&writer, "state", state_name(view->state));
    json_write_member_int(&writer, "received", view->received);
    json_write_member_int(&writer, "size", view->size);
    json_write_member_int(&writer, "rows", view->rows);
    json_write_member_int(&writer, "added", view->added);
    json_write_member_int(&writer, "changed", view->changed);
    json_write_key(&writer, "bad");
    json_write_array(&writer);
    for (size_t i = 0; i < view->bad_listed; i++) {
        json_write_object(&writer);
        json_write_member_int(&writer, "line", view->bad[i].line);
        json_write_member_text(&writer, "detail", view->bad[i].detail);
        json_write_end(&writer);
    }
    json_write_end(&writer);
    json_write_member_int(&writer, "badCount", view->bad_count);
    json_write_member_text_or_null(&writer, "detail", view->detail);
    json_write_end(&writer);
    return json_write_done(&writer);
}

static enum status
answer_import(struct visit *v, int status_code, struct slice id)
{
    struct import_view *view = arena_new(v->arena, sizeof(*view));
    enum status status = importer_view(v->console->importer, v->user.id, id, view);

    if (status == STATUS_NOT_FOUND)
        return visit_refuse(v, PROBLEM_NOT_FOUND, NULL,
                            "there is no such import, or it is not yours");
    return status == STATUS_OK ? answer_view(v, status_code, view) : status;
}

enum status
imports_begin(struct visit *v)
{
    struct slice name = {0};
    int64_t size = 0;
    char *id = arena_new(v->arena, UUID_CHARS + 1);
    struct sight sight = {0};
    const struct body_member members[] = {
        {.name = "name", .kind = BODY_TEXT, .wanted = BODY_REQUIRED, .text = &name},
        {.name = "size", .kind = BODY_INT, .wanted = BODY_REQUIRED, .number = &size},
    };
    enum status status = visit_body(v, members, COUNT_OF(members));

    if (status == STATUS_OK)
        status = sight_read(v, &sight);
    if (status == STATUS_OK && sight.group_count > 0 && !v->role.is_system_admin)
        return visit_refuse(v, PROBLEM_NOT_PERMITTED, NULL,
                            "you are limited to device groups: a file may hold others' "
                            "devices");
    if (status == STATUS_OK)
        status =
            importer_begin(v->console->importer, v->user.id, name, size, id, &v->failure);
    return status == STATUS_OK ? answer_import(v, 201, slice_of(id)) : status;
}

enum status
imports_take(struct visit *v)
{
    static const char *const NAMES[] = {"offset", NULL};
    struct slice bytes = v->request->http->body;
    int64_t offset = -1;
    enum status status = visit_query_names(v, NAMES);

    if (status == STATUS_OK)
        status = visit_query_int(v, "offset", 0, IMPORT_MAX_BYTES, &offset);
    if (status == STATUS_OK && offset < 0)
        return visit_refuse(v, PROBLEM_INVALID, "offset", "offset is missing");
    if (status == STATUS_OK && bytes.len > IMPORT_PART_MAX_BYTES)
        return visit_refuse(v, PROBLEM_TOO_LARGE, NULL,
                            "the part has %zu bytes; it may have %d", bytes.len,
                            IMPORT_PART_MAX_BYTES);
    if (status == STATUS_OK)
        status = importer_take(v->console->importer, v->user.id, v->match.parameters[0],
                               offset, bytes, &v->failure);
    return status == STATUS_OK || status == STATUS_NOT_FOUND
               ? answer_import(v, 200, v->match.parameters[0])
               : status;
}

enum status
imports_run(struct visit *v)
{
    bool may_skip_bad = false;
    const struct body_member members[] = {
        {.name = "skipBad", .kind = BODY_BOOL, .truth = &may_skip_bad},
    };
    enum status status = visit_body(v, members, COUNT_OF(members));

    if (status == STATUS_OK)
        status = importer_run(v->console->importer, v->match.parameters[0], &v->act,
                              may_skip_bad);
    return status == STATUS_OK || status == STATUS_NOT_FOUND
               ? answer_import(v, 202, v->match.parameters[0])
               : status;
}

enum status
imports_show(struct visit *v)
{
    return answer_import(v, 200, v->match.parameters[0]);
}

enum status
imports_delete(struct visit *v)
{
    enum status status =
        importer_drop(v->console->importer, v->user.id, v->match.parameters[0]);

    if (status == STATUS_NOT_FOUND)
        return visit_refuse(v, PROBLEM_NOT_FOUND, NULL,
                            "there is no such import, or it is not yours");
    return status == STATUS_OK ? visit_nothing(v) : status;
}
