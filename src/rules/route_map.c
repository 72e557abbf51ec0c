/* SPDX-License-Identifier: Apache-2.0
 *
 * The route map: a tree with one level for each path segment. A literal child is found
 * by bisection; then come those with a parameter among text, longest literal first; a
 * child for any segment takes what is left. Segments are compared decoded, so
 * that another spelling of a literal is that literal and never a template's value. */
#include "rules/route_map.h"

#include "base/auto.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/percent.h"
#include "base/utf8.h"
#include "rules/route_pattern.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

enum { SEGMENT_MAX_COUNT = 32 }; /* APIs nest about ten deep */

/* A child for segments with parameters among text. */
struct pattern_child {
    struct route_pattern pattern; /* its literals lie in `plain` */
    char *text;                   /* as it is written, for words; owned */
    unsigned char *plain;         /* owned */
    struct node *node;            /* owned */
};

/* One level of the tree. */
struct node {
    struct slice literal;   /* decoded; "" is the end of "/pets/" */
    struct node **literals; /* in the order of segment_compare(); owned */
    size_t literal_count;
    struct pattern_child *patterns; /* "{id}.json", longest literal first; owned */
    size_t pattern_count;
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

/* The path of an operation, read. */
struct template
{
    struct segments segments;
    struct route_pattern patterns[SEGMENT_MAX_COUNT]; /* one for each segment */
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

__attribute__((format(printf, 4, 5))) MUST_CHECK static enum status
refuse(const struct operation *operation, enum status status, struct failure *failure,
       const char *format, ...)
{
    char why[FAILURE_TEXT_MAX];
    va_list args;

    va_start(args, format);
    vsnprintf(why, sizeof(why), format, args);
    va_end(args);
    return failure_set(failure, status, "path", "%s %.200s: %s", operation->method,
                       operation->path, why);
}

/* ---- adding ---- */

static bool
is_whole(const struct route_pattern *pattern)
{
    return pattern->parameter_count == 1 && pattern->literals[0].len == 0 &&
           pattern->literals[1].len == 0;
}

/* Reads the template and checks all that can be said before the tree is looked at. */
static enum status
template_read(const struct operation *operation, struct template *out,
              struct failure *failure)
{
    const struct segments *segments = &out->segments;
    unsigned char *plain = out->plain;
    size_t parameters = 0;

    if (segments_read(slice_of(operation->path), &out->segments) != STATUS_OK)
        return refuse(operation, STATUS_MALFORMED, failure,
                      "this is not the template of a path");
    for (size_t i = 0; i < segments->count; i++) {
        struct slice raw = segments->at[i].raw;
        struct route_pattern *pattern = &out->patterns[i];
        if (route_pattern_read(raw, plain, pattern) != STATUS_OK)
            return refuse(operation, STATUS_MALFORMED, failure,
                          "the braces in '%.*s' are not those of parameters",
                          (int)raw.len, (const char *)raw.at);
        if (pattern->parameter_count > 0 && !is_whole(pattern) && !operation->upstream)
            return refuse(operation, STATUS_MALFORMED, failure,
                          "a parameter must be a whole segment: /{name}/");
        parameters += pattern->parameter_count > 0;
        plain += raw.len;
    }
    if (parameters > OPERATION_PARAMETER_MAX_COUNT)
        return refuse(operation, STATUS_MALFORMED, failure,
                      "it has %zu parameters; %d are the most", parameters,
                      OPERATION_PARAMETER_MAX_COUNT);
    return STATUS_OK;
}

/* The child for segments with parameters among text; NULL: there is none. In *out_place
 * then, where it belongs: before the first that says less. In *out_mixed one beside which
 * it cannot stand, for neither says more of the segments that fit both; NULL = none. */
static struct node *
pattern_find(const struct node *node, const struct route_pattern *pattern,
             size_t *out_place, const struct pattern_child **out_mixed)
{
    *out_place = 0;
    *out_mixed = NULL;
    for (size_t i = 0; i < node->pattern_count; i++) {
        const struct pattern_child *other = &node->patterns[i];
        int order = route_pattern_compare(&other->pattern, pattern);
        if (route_pattern_equal(&other->pattern, pattern))
            return other->node;
        if (order == 0 && route_pattern_may_overlap(&other->pattern, pattern))
            *out_mixed = other;
        if (order > 0)
            *out_place = i + 1;
    }
    return NULL;
}

/* The child that segment `index` of the template leads to; NULL: there is none. */
static struct node *
child_find(const struct node *node, const struct template *template, size_t index,
           const struct pattern_child **out_mixed)
{
    const struct route_pattern *pattern = &template->patterns[index];
    bool is_there = false;
    size_t place = 0;

    *out_mixed = NULL;
    if (pattern->parameter_count > 0 && is_whole(pattern))
        return node->any;
    if (pattern->parameter_count > 0)
        return pattern_find(node, pattern, &place, out_mixed);
    place = literal_place(node, template->segments.at[index].plain, &is_there);
    return is_there ? node->literals[place] : NULL;
}

static struct node *
literal_add(struct node *node, struct slice literal)
{
    bool is_there = false;
    size_t place = literal_place(node, literal, &is_there);
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

static struct node *
pattern_add(struct node *node, struct slice raw, const struct route_pattern *pattern)
{
    const struct pattern_child *mixed = NULL;
    size_t place = 0;

    pattern_find(node, pattern, &place, &mixed);
    node->patterns =
        mem_resize(node->patterns, (node->pattern_count + 1) * sizeof(node->patterns[0]));
    memmove(node->patterns + place + 1, node->patterns + place,
            (node->pattern_count - place) * sizeof(node->patterns[0]));
    struct pattern_child *child = &node->patterns[place];
    *child = (struct pattern_child){.text = mem_text(raw.at, raw.len),
                                    .plain = mem_new(raw.len),
                                    .node = mem_new(sizeof(struct node))};
    node->pattern_count++;
    enum status status = route_pattern_read(raw, child->plain, &child->pattern);
    assert(status == STATUS_OK); /* it was read before */
    (void)status;
    return child->node;
}

static struct node *
child_add(struct node *node, const struct template *template, size_t index)
{
    const struct route_pattern *pattern = &template->patterns[index];
    const struct segment *segment = &template->segments.at[index];

    if (pattern->parameter_count == 0)
        return literal_add(node, segment->plain);
    if (!is_whole(pattern))
        return pattern_add(node, segment->raw, pattern);
    return node->any = mem_new(sizeof(*node->any));
}

static const struct operation *
with_method(const struct node *node, struct slice method)
{
    for (size_t i = 0; i < node->operation_count; i++) {
        if (slice_equal(slice_of(node->operations[i]->method), method))
            return node->operations[i];
    }
    return NULL;
}

/* Can it stand beside those that are there? *out is the last node on its way that is
 * there, *out_depth how many segments lead to it. */
static enum status
find_place(struct route_map *map, const struct operation *operation,
           const struct template *template, struct node **out, size_t *out_depth,
           const struct operation **out_rival, struct failure *failure)
{
    struct node *node = &map->root;
    size_t depth = 0;

    while (depth < template->segments.count) {
        const struct pattern_child *mixed = NULL;
        struct slice raw = template->segments.at[depth].raw;
        struct node *child = child_find(node, template, depth, &mixed);
        if (!child && mixed)
            return refuse(operation, STATUS_CONFLICT, failure,
                          "some paths fit both '%.*s' and '%s': nobody can say which is "
                          "meant",
                          (int)raw.len, (const char *)raw.at, mixed->text);
        if (!child)
            break;
        node = child;
        depth++;
    }
    *out = node;
    *out_depth = depth;
    if (depth < template->segments.count)
        return STATUS_OK;
    *out_rival = with_method(node, slice_of(operation->method));
    if (!*out_rival)
        return STATUS_OK;
    return failure_set(failure, STATUS_CONFLICT, "path",
                       "%s %.160s and %s %.160s answer the same requests",
                       operation->method, (*out_rival)->path, operation->method,
                       operation->path);
}

enum status
route_map_add_one(struct route_map *map, const struct operation *operation,
                  const struct operation **out_rival, struct failure *failure)
{
    struct template template;
    struct node *node = NULL;
    size_t depth = 0;

    *out_rival = NULL;
    enum status status = template_read(operation, &template, failure);
    if (status == STATUS_OK)
        status = find_place(map, operation, &template, &node, &depth, out_rival, failure);
    if (status != STATUS_OK)
        return status;
    for (; depth < template.segments.count; depth++)
        node = child_add(node, &template, depth);
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
    const struct operation *rival = NULL;

    for (size_t i = 0; status == STATUS_OK && i < count; i++)
        status = route_map_add_one(map, &operations[i], &rival, failure);
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

/* ---- freeing ---- */

/* Frees what hangs below `node`; as deep as the longest template. */
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
    for (size_t i = 0; i < node->pattern_count; i++) {
        node_done(node->patterns[i].node);
        mem_free(&node->patterns[i].node);
        mem_free(&node->patterns[i].text);
        mem_free(&node->patterns[i].plain);
    }
    mem_free(&node->patterns);
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

/* ---- finding ---- */

static const struct node *node_find(const struct node *node,
                                    const struct segments *segments, size_t index,
                                    struct route_match *match);

/* Behind a child that takes `segment` as a parameter. */
static const struct node *
find_behind(const struct node *child, const struct segments *segments, size_t index,
            struct route_match *match)
{
    size_t parameter = match->parameter_count++;

    match->parameters[parameter] = segments->at[index].raw;
    const struct node *found = node_find(child, segments, index + 1, match);
    if (!found)
        match->parameter_count = parameter;
    return found;
}

/* The node with operations that these segments lead to: first by the literal, then by
 * the templates. At most SEGMENT_MAX_COUNT deep, and never twice in one node. */
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
    for (size_t i = 0; !found && i < node->pattern_count; i++) {
        if (route_pattern_fits(&node->patterns[i].pattern, segment->plain))
            found = find_behind(node->patterns[i].node, segments, index, match);
    }
    if (found || !node->any || segment->raw.len == 0)
        return found;
    return find_behind(node->any, segments, index, match);
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
    match.operation = with_method(node, method);
    if (!match.operation)
        return STATUS_REFUSED;
    *out = match;
    return STATUS_OK;
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
