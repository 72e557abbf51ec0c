/* SPDX-License-Identifier: Apache-2.0
 *
 * The route map: a tree with one level for each path segment. A literal child is found
 * by bisection, a template child takes what is left. Segments are compared decoded, so
 * that another spelling of a literal is that literal and never a template's value. */
#include "rules/route_map.h"

#include "base/auto.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/percent.h"
#include "base/utf8.h"

#include <stdint.h>

enum { SEGMENT_MAX_COUNT = 32 }; /* APIs nest about ten deep */

/* One level of the tree. */
struct node {
    struct slice literal;   /* decoded; "" is the end of "/pets/" */
    struct node **literals; /* in the order of segment_compare(); owned */
    size_t literal_count;
    struct node *any;                    /* "{name}"; owned; NULL = none */
    const struct operation **operations; /* with this very path */
    size_t operation_count;
};

struct route_map {
    struct node root;
};

struct segment {
    struct slice raw, plain; /* as it came, and decoded */
};

struct segments {
    struct segment at[SEGMENT_MAX_COUNT];
    size_t count;
    unsigned char plain[URI_MAX_BYTES];
};

static int
segment_compare(struct slice a, struct slice b)
{
    if (a.len != b.len)
        return a.len < b.len ? -1 : 1;
    return a.len == 0 ? 0 : memcmp(a.at, b.at, a.len);
}

/* The place of `literal` among the children, or where it belongs. */
static size_t
literal_place(const struct node *node, struct slice literal, bool *out_is_there)
{
    size_t low = 0;
    size_t high = node->literal_count;

    *out_is_there = false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = segment_compare(node->literals[middle]->literal, literal);
        if (order == 0) {
            *out_is_there = true;
            return middle;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct node *
literal_child(struct node *node, struct slice literal)
{
    bool is_there = false;
    size_t place = literal_place(node, literal, &is_there);

    if (is_there)
        return node->literals[place];

    struct node *child = mem_new(sizeof(*child));
    child->literal =
        (struct slice){(unsigned char *)mem_text(literal.at, literal.len), literal.len};
    node->literals =
        mem_resize(node->literals, (node->literal_count + 1) * sizeof(struct node *));
    memmove(node->literals + place + 1, node->literals + place,
            (node->literal_count - place) * sizeof(struct node *));
    node->literals[place] = child;
    node->literal_count++;
    return child;
}

static bool
is_hex(unsigned char byte)
{
    return (byte >= '0' && byte <= '9') || ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'f');
}

/* May these raw bytes stand in a path at all? */
static bool
path_is_plain(struct slice path)
{
    for (size_t i = 0; i < path.len; i++) {
        unsigned char byte = path.at[i];
        if (byte <= 0x20 || byte == 0x7f || byte == '\\' || byte == '?' || byte == '#')
            return false;
        if (byte == '%' &&
            (path.len - i < 3 || !is_hex(path.at[i + 1]) || !is_hex(path.at[i + 2])))
            return false;
    }
    return true;
}

/* Can this decoded segment be read in one way only? */
static bool
segment_is_plain(struct slice plain)
{
    struct slice name = plain; /* without ";parameters", which some servers cut off */

    for (size_t i = 0; i < plain.len; i++) {
        unsigned char byte = plain.at[i];
        if (byte == '/' || byte == '\\' || byte < 0x20 || byte == 0x7f)
            return false;
        if (byte == ';' && name.len == plain.len)
            name.len = i;
    }
    if (slice_equal(name, SLICE(".")) || slice_equal(name, SLICE("..")))
        return false;
    return utf8_is(plain);
}

/* Cuts a path into segments. STATUS_NOT_FOUND: more than any operation has. */
static enum status
segments_read(struct slice path, struct segments *out)
{
    size_t used = 0;

    if (path.len == 0 || path.len > URI_MAX_BYTES || path.at[0] != '/' ||
        !path_is_plain(path))
        return STATUS_MALFORMED;

    struct slice rest = slice_from(path, 1);
    bool is_more = rest.len > 0;
    out->count = 0;
    while (is_more) {
        struct segment segment = {rest, rest};
        is_more = slice_cut(&rest, '/', &segment.raw);
        if (is_more && segment.raw.len == 0)
            return STATUS_MALFORMED;
        segment.plain.at = out->plain + used;
        segment.plain.len = percent_decode(segment.raw, out->plain + used);
        used += segment.plain.len;
        if (!segment_is_plain(segment.plain))
            return STATUS_MALFORMED;
        if (out->count < SEGMENT_MAX_COUNT)
            out->at[out->count] = segment;
        out->count++;
    }
    return out->count > SEGMENT_MAX_COUNT ? STATUS_NOT_FOUND : STATUS_OK;
}

/* Is it "{name}"? A name with braces inside, or with text around it, is not. */
static bool
segment_is_template(struct slice raw)
{
    return raw.len > 2 && raw.at[0] == '{' && raw.at[raw.len - 1] == '}' &&
           !memchr(raw.at + 1, '{', raw.len - 2) && !memchr(raw.at + 1, '}', raw.len - 2);
}

static enum status
add_one(struct route_map *map, const struct operation *operation, struct failure *failure)
{
    struct segments segments;
    struct node *node = &map->root;
    size_t parameter_count = 0;

    if (segments_read(slice_of(operation->path), &segments) != STATUS_OK)
        return failure_set(failure, STATUS_MALFORMED, "path",
                           "%s %s: this is not the template of a path", operation->method,
                           operation->path);
    for (size_t i = 0; i < segments.count; i++) {
        struct slice raw = segments.at[i].raw;
        if (segment_is_template(raw)) {
            if (!node->any)
                node->any = mem_new(sizeof(*node->any));
            node = node->any;
            parameter_count++;
        } else if (raw.len &&
                   (memchr(raw.at, '{', raw.len) || memchr(raw.at, '}', raw.len))) {
            return failure_set(failure, STATUS_MALFORMED, "path",
                               "%s %s: a parameter must be a whole segment: /{name}/",
                               operation->method, operation->path);
        } else {
            node = literal_child(node, segments.at[i].plain);
        }
    }
    if (parameter_count > OPERATION_PARAMETER_MAX_COUNT)
        return failure_set(failure, STATUS_MALFORMED, "path",
                           "%s %s: it has %zu parameters; %d are the most",
                           operation->method, operation->path, parameter_count,
                           OPERATION_PARAMETER_MAX_COUNT);
    for (size_t i = 0; i < node->operation_count; i++) {
        if (strcmp(node->operations[i]->method, operation->method) == 0)
            return failure_set(failure, STATUS_CONFLICT, "path",
                               "%s %s and %s %s answer the same requests",
                               operation->method, node->operations[i]->path,
                               operation->method, operation->path);
    }
    node->operations = mem_resize(node->operations, (node->operation_count + 1) *
                                                        sizeof(struct operation *));
    node->operations[node->operation_count++] = operation;
    return STATUS_OK;
}

struct route_map *
route_map_empty(void)
{
    return mem_new(sizeof(struct route_map));
}

enum status
route_map_add(struct route_map *map, const struct operation *operations, size_t count,
              struct failure *failure)
{
    enum status status = STATUS_OK;

    for (size_t i = 0; status == STATUS_OK && i < count; i++)
        status = add_one(map, &operations[i], failure);
    return status;
}

enum status
route_map_new(const struct operation *operations, size_t count, struct route_map **out,
              struct failure *failure)
{
    struct route_map *map AUTO(route_map_free) = route_map_empty();
    enum status status = route_map_add(map, operations, count, failure);

    if (status == STATUS_OK)
        *out = TAKE(map);
    return status;
}

/* Frees what hangs below `node`; as deep as the longest template, see add_one(). */
static void
node_done(struct node *node)
{
    for (size_t i = 0; i < node->literal_count; i++) {
        unsigned char *literal =
            (unsigned char *)(uintptr_t)node->literals[i]->literal.at;
        node_done(node->literals[i]);
        mem_free(&literal);
        mem_free(&node->literals[i]);
    }
    if (node->any)
        node_done(node->any);
    mem_free(&node->any);
    mem_free(&node->literals);
    mem_free(&node->operations);
}

void
route_map_free(struct route_map **map)
{
    if (*map)
        node_done(&(*map)->root);
    mem_free(map);
}

/* The node with operations that these segments lead to: first by the literal, then by
 * the template. At most SEGMENT_MAX_COUNT deep. */
static const struct node *
node_find(const struct node *node, const struct segments *segments, size_t index,
          struct route_match *match)
{
    if (index == segments->count)
        return node->operation_count > 0 ? node : NULL;

    const struct segment *segment = &segments->at[index];
    bool is_there = false;
    size_t place = literal_place(node, segment->plain, &is_there);
    const struct node *found = NULL;

    if (is_there)
        found = node_find(node->literals[place], segments, index + 1, match);
    if (found || !node->any || segment->raw.len == 0)
        return found;

    size_t parameter = match->parameter_count++;
    match->parameters[parameter] = segment->raw;
    found = node_find(node->any, segments, index + 1, match);
    if (!found)
        match->parameter_count = parameter;
    return found;
}

enum status
route_map_find(const struct route_map *map, struct slice method, struct slice path,
               struct route_match *out)
{
    struct segments segments;
    struct route_match match = {0};
    enum status status = segments_read(path, &segments);

    if (status != STATUS_OK)
        return status;
    const struct node *node = node_find(&map->root, &segments, 0, &match);
    if (!node)
        return STATUS_NOT_FOUND;
    for (size_t i = 0; i < node->operation_count; i++) {
        if (slice_equal(method, slice_of(node->operations[i]->method))) {
            match.operation = node->operations[i];
            *out = match;
            return STATUS_OK;
        }
    }
    return STATUS_REFUSED;
}

enum status
route_upstream_path(const struct operation *operation, struct slice uri, char *out,
                    size_t size)
{
    const struct upstream *upstream = operation->upstream;
    size_t base_len = strlen(upstream->base_path);

    /* By segments: the caller may have spelled those of the prefix in another way. */
    for (const char *at = upstream->prefix; *at; at++) {
        if (*at != '/')
            continue;
        const unsigned char *next =
            uri.len > 1 ? memchr(uri.at + 1, '/', uri.len - 1) : NULL;
        uri = next ? slice_from(uri, (size_t)(next - uri.at)) : (struct slice){0};
    }
    if (uri.len == 0)
        uri = SLICE("/");
    if (base_len + uri.len >= size)
        return STATUS_TOO_LARGE;
    memcpy(out, upstream->base_path, base_len);
    memcpy(out + base_len, uri.at, uri.len);
    out[base_len + uri.len] = '\0';
    return STATUS_OK;
}
