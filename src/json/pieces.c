/* SPDX-License-Identifier: Apache-2.0
 *
 * The grammar of core.c, with a bit for each bracket that is open in place of a stack. */
#include "json/pieces.h"

#include "json/core.h"

struct json_pieces
json_pieces_of(struct slice text)
{
    struct json_core core = json_core_of(text);

    return (struct json_pieces){.at = core.at, .end = core.end};
}

static enum json_kind
kind_at(const struct json_pieces *pieces, unsigned depth)
{
    return pieces->is_object[depth / 64] >> depth % 64 & 1 ? JSON_KIND_OBJECT
                                                           : JSON_KIND_ARRAY;
}

static bool
open_one(struct json_pieces *pieces, struct json_core *core, struct json_piece *out)
{
    uint64_t bit = (uint64_t)1 << pieces->depth % 64;
    uint64_t *bits = &pieces->is_object[pieces->depth / 64];
    bool is_object = *core->at == '{';

    if (pieces->depth == JSON_PIECES_DEPTH_MAX) {
        core->fault = JSON_FAULT_DEEP;
        return false;
    }
    *bits = is_object ? *bits | bit : *bits & ~bit;
    pieces->depth++;
    pieces->is_opened = true;
    core->at++;
    out->kind = JSON_PIECE_OPEN;
    out->value =
        (struct json_value){.kind = is_object ? JSON_KIND_OBJECT : JSON_KIND_ARRAY};
    return true;
}

static bool
read_value(struct json_pieces *pieces, struct json_core *core, struct json_piece *out)
{
    json_core_blanks(core);
    if (core->at < core->end && (*core->at == '{' || *core->at == '['))
        return open_one(pieces, core, out);
    out->kind = JSON_PIECE_VALUE;
    return json_core_value(core, 0, &out->value);
}

static bool
read_piece(struct json_pieces *pieces, struct json_core *core, struct json_piece *out)
{
    enum json_kind kind;
    bool is_end;

    *out = (struct json_piece){.kind = JSON_PIECE_END};
    if (pieces->depth == 0 && pieces->is_begun)
        return json_core_finish(core);
    pieces->is_begun = true;
    if (pieces->depth == 0)
        return read_value(pieces, core, out);
    kind = kind_at(pieces, pieces->depth - 1);
    if (pieces->is_opened)
        is_end = json_core_is_empty(core, kind);
    else if (!json_core_after(core, kind, &is_end))
        return false;
    pieces->is_opened = false;
    if (is_end) {
        pieces->depth--;
        out->kind = JSON_PIECE_CLOSE;
        return true;
    }
    if (kind == JSON_KIND_OBJECT && !json_core_name(core, &out->name))
        return false;
    return read_value(pieces, core, out);
}

enum status
json_pieces_next(struct json_pieces *pieces, struct json_piece *out)
{
    struct json_core core = {.at = pieces->at,
                             .end = pieces->end,
                             .fault = (enum json_fault)pieces->fault,
                             .takes_large_whole = true};
    struct json_piece piece;

    if (core.fault == JSON_FAULT_NONE && read_piece(pieces, &core, &piece))
        *out = piece;
    pieces->at = core.at;
    pieces->fault = (int)core.fault;
    return json_core_status(&core);
}

enum status
json_pieces_explain(const struct json_pieces *pieces, struct slice text,
                    struct failure *failure)
{
    struct json_core core = {.fault = (enum json_fault)pieces->fault};
    size_t place = text.len - (size_t)(pieces->end - pieces->at);

    return json_core_explain(&core, text, place, failure);
}
