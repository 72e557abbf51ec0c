/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON as a tree. The text is copied once, and each string is made plain and closed at
 * its place in the copy: behind it stands its quote, which nobody needs any more. */
#include "openapi/tree.h"

#include "base/auto.h"
#include "base/mem.h"
#include "base/number.h"
#include "json/pieces.h"

_Static_assert((int)JSON_PIECES_DEPTH_MAX == (int)TREE_DEPTH_MAX,
               "JSON and YAML have one limit");

enum { OPEN_FIRST_ROOM = 1024 };

/* An object or list that is not closed. */
struct level {
    struct tree_value *value;
    size_t first; /* of its members, in open[] */
};

struct building {
    struct tree tree;
    struct slice text; /* as it came */
    struct json_pieces pieces;
    struct failure *failure;
    struct tree_value **open; /* members of all that is not closed; owned */
    size_t open_count, open_room;
    struct level levels[TREE_DEPTH_MAX];
    size_t depth;
    size_t value_count;
};

static void
building_done(struct building *b)
{
    mem_free(&b->open);
    tree_done(&b->tree);
}

/* Makes a string plain and closed at its place. */
static struct slice
make_plain(const struct building *b, const struct json_value *string)
{
    unsigned char *at = b->tree.plain + (string->raw.at - b->tree.plain);
    size_t len = string->raw.len;

    if (string->has_escapes)
        len = json_unescape(string, at);
    at[len] = '\0';
    return (struct slice){at, len};
}

static void
fill_in_number(const struct json_value *number, struct tree_value *out)
{
    out->kind = TREE_WHOLE;
    if (json_read_int(number, &out->whole) == STATUS_OK)
        return;
    out->kind = TREE_REAL;
    (void)!json_read_double(number, &out->real);
}

static void
fill_in(const struct building *b, const struct json_value *read, struct tree_value *out)
{
    switch (read->kind) {
    case JSON_KIND_OBJECT:
        out->kind = TREE_OBJECT;
        break;
    case JSON_KIND_ARRAY:
        out->kind = TREE_LIST;
        break;
    case JSON_KIND_STRING:
        out->kind = TREE_TEXT;
        out->text = (const char *)make_plain(b, read).at;
        break;
    case JSON_KIND_NUMBER:
        fill_in_number(read, out);
        break;
    case JSON_KIND_TRUE:
        out->kind = TREE_TRUE;
        break;
    case JSON_KIND_FALSE:
        out->kind = TREE_FALSE;
        break;
    case JSON_KIND_NULL:
    case JSON_KIND_NONE:
        out->kind = TREE_NULL;
        break;
    }
}

static enum status
add_value(struct building *b, const struct json_piece *piece)
{
    struct tree_value *value;

    if (++b->value_count > TREE_NODE_MAX_COUNT)
        return failure_set(b->failure, STATUS_TOO_LARGE, "openapi",
                           "it holds more than %d values", TREE_NODE_MAX_COUNT);
    value = tree_new_value(&b->tree, TREE_NULL);
    fill_in(b, &piece->value, value);
    if (piece->name.kind == JSON_KIND_STRING) {
        struct slice name = make_plain(b, &piece->name);
        value->name = (const char *)name.at;
        value->name_len = (uint32_t)name.len;
    }
    if (b->depth == 0) {
        b->tree.root = value;
    } else {
        if (b->open_count == b->open_room) {
            b->open_room *= 2;
            b->open = mem_resize(b->open, b->open_room * sizeof(b->open[0]));
        }
        b->open[b->open_count++] = value;
    }
    if (piece->kind == JSON_PIECE_OPEN)
        b->levels[b->depth++] = (struct level){value, b->open_count};
    return STATUS_OK;
}

static size_t
line_of(const struct building *b, const char *place)
{
    size_t end = (size_t)((const unsigned char *)place - b->tree.plain);
    size_t line = 1;

    for (size_t i = 0; i < end; i++)
        line += b->text.at[i] == '\n';
    return line;
}

static enum status
close_level(struct building *b)
{
    const struct level *level = &b->levels[--b->depth];
    const struct tree_value *twice = NULL;

    if (!tree_fill(&b->tree, level->value, b->open + level->first,
                   b->open_count - level->first, &twice))
        return failure_set(b->failure, STATUS_MALFORMED, "openapi",
                           "this is not JSON that can be taken: line %zu: the name "
                           "'%.80s' stands there twice",
                           line_of(b, twice->name), twice->name);
    b->open_count = level->first;
    return STATUS_OK;
}

static enum status
read_pieces(struct building *b)
{
    struct json_piece piece = {.kind = JSON_PIECE_VALUE};
    struct failure why = {0};

    while (piece.kind != JSON_PIECE_END) {
        enum status status = json_pieces_next(&b->pieces, &piece);
        if (status == STATUS_TOO_LARGE)
            return failure_set(b->failure, STATUS_MALFORMED, "openapi",
                               "it is nested more than %d deep", TREE_DEPTH_MAX);
        if (status != STATUS_OK) {
            (void)!json_pieces_explain(&b->pieces, b->text, &why);
            return failure_set(b->failure, STATUS_MALFORMED, "openapi",
                               "this is not JSON: %s", why.text);
        }
        if (piece.kind == JSON_PIECE_CLOSE)
            status = close_level(b);
        else if (piece.kind != JSON_PIECE_END)
            status = add_value(b, &piece);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

enum status
tree_read_json(struct slice text, struct tree *out, struct failure *failure)
{
    struct building b AUTO(building_done) = {.text = text, .failure = failure};

    b.open_room = OPEN_FIRST_ROOM;
    b.open = mem_new(b.open_room * sizeof(b.open[0]));
    b.tree.plain = mem_resize(NULL, text.len + 1);
    if (text.len > 0)
        memcpy(b.tree.plain, text.at, text.len);
    b.pieces = json_pieces_of((struct slice){b.tree.plain, text.len});
    enum status status = read_pieces(&b);
    if (status != STATUS_OK)
        return status;
    *out = b.tree;
    b.tree = (struct tree){0};
    return STATUS_OK;
}
