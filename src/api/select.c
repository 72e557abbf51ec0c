/* SPDX-License-Identifier: Apache-2.0
 *
 * The tree of selected and hidden fields, and the copying of documents through it. */
#include "api/select.h"

#include "base/limits.h"

static struct select_node *
find_child(const struct select_node *node, struct slice name)
{
    for (struct select_node *child = node->first; child; child = child->next) {
        if (slice_equal(child->name, name))
            return child;
    }
    return NULL;
}

/* The node of a dotted path, made where it is missing. */
static struct select_node *
make_path(struct selection *selection, struct arena *arena, struct slice path)
{
    struct select_node *node = &selection->root;
    struct slice rest = path;
    bool is_more = true;

    while (is_more) {
        struct slice name = rest;
        is_more = slice_cut(&rest, '.', &name);
        struct select_node *child = find_child(node, name);
        if (!child) {
            child = arena_new(arena, sizeof(*child));
            *child = (struct select_node){.name = name, .next = node->first};
            node->first = child;
        }
        node = child;
    }
    return node;
}

/* Is something above `path`, or within it, wanted already? */
static bool
is_entangled(const struct selection *selection, struct slice path)
{
    const struct select_node *node = &selection->root;
    struct slice rest = path;
    bool is_more = true;

    while (is_more) {
        struct slice name = rest;
        is_more = slice_cut(&rest, '.', &name);
        node = find_child(node, name);
        if (!node)
            return false;
        if (node->is_wanted)
            return is_more; /* the very same name twice is fine */
    }
    return node->first != NULL;
}

static enum status
read_names(struct answer *x, bool (*is_known)(struct slice name), struct slice list,
           struct selection *out)
{
    struct slice item;

    while (query_text_next_item(&list, &item)) {
        struct slice shown = slice_head(item, 80);
        if (!is_known(item))
            return answer_refuse(x, "INVALID_VALUE", shown,
                                 "select: there is no field '%.*s'", SLICE_ARG(shown));
        if (is_entangled(out, item))
            return answer_refuse(x, "INVALID_VALUE", shown,
                                 "select: '%.*s' cannot be asked for together with an "
                                 "object that holds it, or a field within it",
                                 SLICE_ARG(shown));
        make_path(out, x->arena, item)->is_wanted = true;
    }
    return STATUS_OK;
}

static void
hide_fields(struct answer *x, struct selection *out)
{
    const struct operation *operation = x->request->operation;

    for (size_t i = 0; i < operation->when_count; i++) {
        const struct operation_when *when = &operation->whens[i];
        if (when->kind != WHEN_FIELD ||
            permission_set_covers(&x->request->rights, &when->permissions))
            continue;
        make_path(out, x->arena, slice_of(when->name))->is_hidden = true;
        out->has_hidden = true;
    }
}

enum status
select_read(struct answer *x, bool (*is_known)(struct slice name), struct selection *out)
{
    struct slice list = {0};
    enum status status = query_text_find(&x->pairs, SLICE("select"), &list);

    *out = (struct selection){0};
    if (status == STATUS_CONFLICT)
        return answer_refuse(x, "INVALID_VALUE", SLICE("select"),
                             "select is given twice");
    if (status == STATUS_NOT_FOUND)
        out->root.is_wanted = true;
    status = read_names(x, is_known, list, out);
    if (status != STATUS_OK)
        return status;
    make_path(out, x->arena, SLICE("deviceUid"))->is_wanted = true;
    hide_fields(x, out);
    return STATUS_OK;
}

bool
select_wants(const struct selection *selection, struct slice name)
{
    const struct select_node *node = find_child(&selection->root, name);

    if (node && node->is_hidden)
        return false;
    return selection->root.is_wanted || (node && node->is_wanted);
}

/* A value as it stands in its document; a string with its quotes. */
static struct slice
value_text(const struct json_value *value)
{
    if (value->kind != JSON_KIND_STRING)
        return value->raw;
    return (struct slice){value->raw.at - 1, value->raw.len + 2};
}

static void write_value(const struct select_node *node, bool is_wanted,
                        const struct json_value *value, struct json_writer *writer,
                        int depth);

/* One member; nothing is left of it when nothing in it is given. */
static void
write_member(const struct select_node *parent, bool is_wanted, struct slice name,
             const struct json_value *value, struct json_writer *writer, int depth)
{
    const struct select_node *node = find_child(parent, name);

    if (node ? node->is_hidden || (!is_wanted && !node->is_wanted && !node->first)
             : !is_wanted)
        return;
    struct json_writer before = *writer;
    size_t len = writer->out->len;
    json_write_key_slice(writer, name);
    if (!node || !node->first) {
        json_write_raw(writer, value_text(value));
        return;
    }
    size_t start = writer->out->len;
    write_value(node, is_wanted || node->is_wanted, value, writer, depth);
    if (writer->out->len == start) {
        *writer = before;
        writer->out->len = len;
    }
}

static void
write_members(const struct select_node *node, bool is_wanted,
              const struct json_value *object, struct json_writer *writer, int depth)
{
    struct json_member member;

    for (struct json_walk walk = json_walk_of(object); json_walk_next(&walk, &member);)
        write_member(node, is_wanted, member.name.raw, &member.value, writer, depth);
}

/* The parts of a value that are given; writes nothing when there are none. Documents are
 * at most JSON_DEPTH_MAX deep: they were scanned. */
static void
write_value(const struct select_node *node, bool is_wanted,
            const struct json_value *value, struct json_writer *writer, int depth)
{
    struct json_writer before = *writer;
    size_t len = writer->out->len;
    struct json_member member;

    if (depth > JSON_DEPTH_MAX)
        return;
    if (value->kind == JSON_KIND_OBJECT) {
        json_write_object(writer);
        write_members(node, is_wanted, value, writer, depth + 1);
    } else if (value->kind == JSON_KIND_ARRAY) {
        json_write_array(writer);
        for (struct json_walk walk = json_walk_of(value); json_walk_next(&walk, &member);)
            write_value(node, is_wanted, &member.value, writer, depth + 1);
    } else {
        return; /* a name within what is no object: there is no such thing */
    }
    bool is_empty = !writer->needs_comma;
    json_write_end(writer);
    if (is_empty) {
        *writer = before;
        writer->out->len = len;
    }
}

void
select_write(const struct selection *selection, const struct json_value *object,
             struct json_writer *writer)
{
    write_members(&selection->root, selection->root.is_wanted, object, writer, 0);
}

void
select_write_member(const struct selection *selection, struct slice name,
                    const struct json_value *value, struct json_writer *writer)
{
    write_member(&selection->root, selection->root.is_wanted, name, value, writer, 0);
}
