/* SPDX-License-Identifier: Apache-2.0
 *
 * POST /permissions/for: pick calls, get permissions. */
#include "rules/calls.h"

#include "base/auto.h"
#include "console/handlers.h"
#include "console/visit.h"

enum status
calls_answer(struct visit *v)
{
    struct slice text = {0};
    struct calls_how how = {.map = route_table_map(v->table),
                            .select_names = api_select_names};
    const struct body_member members[] = {
        {"text", BODY_TEXT, BODY_REQUIRED, .text = &text},
        {"prefix", BODY_TEXT, BODY_OPTIONAL, .text = &how.prefix},
    };
    struct calls *calls = arena_new(v->arena, sizeof(*calls));
    enum status status = visit_body(v, members, COUNT_OF(members));

    if (status != STATUS_OK)
        return status;
    if (how.prefix.len > 0 && how.prefix.at[0] != '/')
        return visit_refuse(v, PROBLEM_INVALID, "prefix",
                            "the prefix begins with '/', as in /orders");
    if (slice_ends(how.prefix, SLICE("/")))
        how.prefix.len--; /* the path brings its own */
    calls_read(text, &how, v->arena, calls);
    struct json_writer writer = visit_json(v, 200);
    calls_write(calls, &v->rights, &writer);
    return json_write_done(&writer);
}
