/* SPDX-License-Identifier: Apache-2.0
 *
 * YAML as a tree, by libyaml's events. YAML can say one thing in many ways; here is taken
 * what can stand in JSON, and the rest is refused in words. Scalars are those of the core
 * schema (YAML 1.2.2 §10.3.2): libyaml itself leaves them as texts. */
#include "openapi/tree.h"

#include "base/auto.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/utf8.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <yaml.h>

enum { ANCHOR_MAX_COUNT = 10 * 1000, NUMBER_MAX_CHARS = 64 };

struct anchor {
    char *name; /* owned */
    const struct tree_value *value;
};

/* A collection that is not closed. */
struct level {
    struct tree_value *value;
    struct slice key; /* of an object: the name whose value comes next */
};

struct building {
    yaml_parser_t parser;
    struct failure *failure;
    struct tree tree;
    struct level levels[TREE_DEPTH_MAX];
    size_t depth;
    struct anchor *anchors; /* owned */
    size_t anchor_count;
    size_t node_count;
    bool has_document;
};

__attribute__((format(printf, 3, 4))) MUST_CHECK static enum status
refuse(struct building *b, const yaml_event_t *event, const char *format, ...)
{
    char why[FAILURE_TEXT_MAX];
    size_t line = (event ? event->start_mark.line : b->parser.problem_mark.line) + 1;
    va_list args;

    va_start(args, format);
    vsnprintf(why, sizeof(why), format, args);
    va_end(args);
    return failure_set(b->failure, STATUS_MALFORMED, "openapi",
                       "this is not YAML that can be taken: line %zu: %s", line, why);
}

static void
building_done(struct building *b)
{
    for (size_t i = 0; i < b->anchor_count; i++)
        mem_free(&b->anchors[i].name);
    mem_free(&b->anchors);
    tree_done(&b->tree);
    yaml_parser_delete(&b->parser);
}

/* ---- scalars ---- */

static bool
is_one_of(const char *text, const char *const *words)
{
    for (; *words; words++) {
        if (strcmp(text, *words) == 0)
            return true;
    }
    return false;
}

static size_t
digits_at(const char *text)
{
    size_t count = 0;

    while (text[count] >= '0' && text[count] <= '9')
        count++;
    return count;
}

/* [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )? */
static bool
is_float(const char *text)
{
    const char *at = text + (*text == '-' || *text == '+');
    size_t before = digits_at(at);
    size_t after = 0;

    at += before;
    if (*at == '.') {
        after = digits_at(at + 1);
        at += 1 + after;
    }
    if (before + after == 0)
        return false;
    if (*at == 'e' || *at == 'E') {
        at += 1 + (at[1] == '-' || at[1] == '+');
        size_t exponent = digits_at(at);
        if (exponent == 0)
            return false;
        at += exponent;
    }
    return *at == '\0';
}

/* A number as it is written in JSON or YAML. False: it is none, or too large for us; then
 * it stays a text, and nothing that we read is one. */
static bool
read_number(const char *text, size_t len, struct tree_value *out)
{
    char *end = NULL;
    const char *digits = text + (*text == '+');

    if (len >= NUMBER_MAX_CHARS)
        return false;
    out->kind = TREE_WHOLE;
    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'o') && text[2] != '\0') {
        bool is_sign = text[2] == '-' || text[2] == '+' || text[2] == ' ';
        out->whole = strtoll(text + 2, &end, text[1] == 'x' ? 16 : 8);
        return *end == '\0' && !is_sign && out->whole < LLONG_MAX;
    }
    if (!is_float(text))
        return false;
    if (number_read(slice_of(digits), &out->whole) == STATUS_OK)
        return true;
    out->kind = TREE_REAL;
    out->real = strtod(text, &end);
    return isfinite(out->real);
}

static struct tree_value *
read_plain(struct building *b, const char *text, size_t len)
{
    static const char *const NOTHING[] = {"", "~", "null", "Null", "NULL", NULL};
    static const char *const YES[] = {"true", "True", "TRUE", NULL};
    static const char *const NO[] = {"false", "False", "FALSE", NULL};
    struct tree_value number = {0};
    bool may_be_word = strchr("~nNtTfF", text[0]); /* or empty */

    if (may_be_word && is_one_of(text, NOTHING))
        return tree_new_value(&b->tree, TREE_NULL);
    if (may_be_word && is_one_of(text, YES))
        return tree_new_value(&b->tree, TREE_TRUE);
    if (may_be_word && is_one_of(text, NO))
        return tree_new_value(&b->tree, TREE_FALSE);
    if (!read_number(text, len, &number))
        return tree_new_text(&b->tree, (struct slice){(const unsigned char *)text, len});
    struct tree_value *value = tree_new_value(&b->tree, number.kind);
    *value = number;
    return value;
}

static enum status
read_scalar(struct building *b, const yaml_event_t *event, struct tree_value **out)
{
    const char *text = (const char *)event->data.scalar.value;
    const char *tag = (const char *)event->data.scalar.tag;
    size_t len = event->data.scalar.length;
    bool is_plain = event->data.scalar.plain_implicit;

    if (memchr(text, 0, len))
        return refuse(b, event, "a text holds a zero byte");
    if (tag && strcmp(tag, YAML_STR_TAG) == 0)
        is_plain = false;
    else if (tag && strcmp(tag, "!") == 0)
        is_plain = false;
    else if (tag)
        return refuse(b, event, "the tag '%.80s' is not understood", tag);
    *out = is_plain
               ? read_plain(b, text, len)
               : tree_new_text(&b->tree, (struct slice){event->data.scalar.value, len});
    return STATUS_OK;
}

/* ---- the tree ---- */

static enum status
take_key(struct building *b, const yaml_event_t *event, struct level *level)
{
    const char *text = (const char *)event->data.scalar.value;
    size_t len = event->data.scalar.length;

    if (event->type != YAML_SCALAR_EVENT)
        return refuse(b, event, "the name of a member must be a plain text");
    if (memchr(text, 0, len))
        return refuse(b, event, "a name holds a zero byte");
    if (event->data.scalar.plain_implicit && strcmp(text, "<<") == 0)
        return refuse(b, event, "merge keys ('<<') are not understood; write it out");
    if (event->data.scalar.anchor)
        return refuse(b, event, "the anchor '%.80s' on a name is not understood",
                      (const char *)event->data.scalar.anchor);
    if (tree_member(level->value, text))
        return refuse(b, event, "the name '%.80s' stands there twice", text);
    level->key = tree_keep(&b->tree, (struct slice){event->data.scalar.value, len});
    return STATUS_OK;
}

/* Hangs a value where it belongs. */
static void
hang(struct building *b, struct tree_value *value)
{
    struct level *level = b->depth > 0 ? &b->levels[b->depth - 1] : NULL;

    if (!level) {
        b->tree.root = value;
    } else if (level->key.at) {
        tree_set(&b->tree, level->value, level->key, value);
        level->key.at = NULL;
    } else {
        tree_append(&b->tree, level->value, value);
    }
}

static enum status
count_nodes(struct building *b, const yaml_event_t *event, size_t count)
{
    b->node_count += count;
    if (b->node_count > TREE_NODE_MAX_COUNT)
        return refuse(b, event, "it holds more than %d values", TREE_NODE_MAX_COUNT);
    return STATUS_OK;
}

static enum status
name_anchor(struct building *b, const yaml_event_t *event, const unsigned char *name,
            const struct tree_value *value)
{
    if (!name)
        return STATUS_OK;
    if (b->anchor_count == ANCHOR_MAX_COUNT)
        return refuse(b, event, "it has more than %d anchors", ANCHOR_MAX_COUNT);
    b->anchors = mem_resize(b->anchors, (b->anchor_count + 1) * sizeof(b->anchors[0]));
    b->anchors[b->anchor_count++] =
        (struct anchor){mem_text(name, strlen((const char *)name)), value};
    return STATUS_OK;
}

static enum status
take_alias(struct building *b, const yaml_event_t *event)
{
    const char *name = (const char *)event->data.alias.anchor;
    const struct tree_value *value = NULL;

    for (size_t i = b->anchor_count; !value && i > 0; i--) { /* the newest counts */
        if (strcmp(b->anchors[i - 1].name, name) == 0)
            value = b->anchors[i - 1].value;
    }
    if (!value)
        return refuse(b, event, "there is no anchor '%.80s' before", name);
    for (size_t i = 0; i < b->depth; i++) {
        if (b->levels[i].value == value)
            return refuse(b, event, "'%.80s' would contain itself", name);
    }
    if (b->depth + tree_depth(value) > TREE_DEPTH_MAX)
        return refuse(b, event, "with '%.80s' it is nested more than %d deep", name,
                      TREE_DEPTH_MAX);
    enum status status =
        count_nodes(b, event, tree_size(value, TREE_NODE_MAX_COUNT + (size_t)1));
    if (status == STATUS_OK)
        hang(b, tree_copy(&b->tree, value));
    return status;
}

static enum status
open_level(struct building *b, const yaml_event_t *event)
{
    bool is_map = event->type == YAML_MAPPING_START_EVENT;
    const unsigned char *tag =
        is_map ? event->data.mapping_start.tag : event->data.sequence_start.tag;
    const unsigned char *anchor =
        is_map ? event->data.mapping_start.anchor : event->data.sequence_start.anchor;
    const char *usual = is_map ? YAML_MAP_TAG : YAML_SEQ_TAG;
    struct tree_value *value;

    if (tag && strcmp((const char *)tag, usual) != 0)
        return refuse(b, event, "the tag '%.80s' is not understood", (const char *)tag);
    if (b->depth == TREE_DEPTH_MAX)
        return refuse(b, event, "it is nested more than %d deep", TREE_DEPTH_MAX);
    value = tree_new_value(&b->tree, is_map ? TREE_OBJECT : TREE_LIST);
    hang(b, value);
    b->levels[b->depth++] = (struct level){.value = value};
    enum status status = name_anchor(b, event, anchor, value);
    return status == STATUS_OK ? count_nodes(b, event, 1) : status;
}

static enum status
take_scalar(struct building *b, const yaml_event_t *event)
{
    struct tree_value *value = NULL;
    enum status status = read_scalar(b, event, &value);

    if (status != STATUS_OK)
        return status;
    hang(b, value);
    status = name_anchor(b, event, event->data.scalar.anchor, value);
    return status == STATUS_OK ? count_nodes(b, event, 1) : status;
}

static bool
wants_key(const struct building *b)
{
    const struct level *level = b->depth > 0 ? &b->levels[b->depth - 1] : NULL;

    return level && tree_is(level->value, TREE_OBJECT) && !level->key.at;
}

static enum status
take_event(struct building *b, const yaml_event_t *event)
{
    bool is_end =
        event->type == YAML_MAPPING_END_EVENT || event->type == YAML_SEQUENCE_END_EVENT;
    bool is_value = event->type == YAML_SCALAR_EVENT || event->type == YAML_ALIAS_EVENT ||
                    event->type == YAML_MAPPING_START_EVENT ||
                    event->type == YAML_SEQUENCE_START_EVENT;

    if (event->type == YAML_DOCUMENT_START_EVENT) {
        if (b->has_document)
            return refuse(b, event, "a second document begins here; one is wanted");
        b->has_document = true;
    }
    if (is_end)
        b->depth--;
    if (!is_value)
        return STATUS_OK;
    if (wants_key(b))
        return take_key(b, event, &b->levels[b->depth - 1]);
    if (event->type == YAML_SCALAR_EVENT)
        return take_scalar(b, event);
    return event->type == YAML_ALIAS_EVENT ? take_alias(b, event) : open_level(b, event);
}

static enum status
build(struct building *b)
{
    enum status status = STATUS_OK;
    bool is_end = false;

    while (status == STATUS_OK && !is_end) {
        yaml_event_t event;
        if (!yaml_parser_parse(&b->parser, &event))
            return refuse(b, NULL, "%s",
                          b->parser.problem ? b->parser.problem : "it cannot be read");
        is_end = event.type == YAML_STREAM_END_EVENT;
        status = take_event(b, &event);
        yaml_event_delete(&event);
    }
    if (status == STATUS_OK && !b->tree.root)
        return refuse(b, NULL, "there is nothing in it");
    return status;
}

static size_t
line_at(struct slice text, size_t place)
{
    size_t line = 1;

    for (size_t i = 0; i < place; i++)
        line += text.at[i] == '\n';
    return line;
}

/* The line of the first character at which libyaml, as YAML 1.1, ends a line and all
 * other readers do not; 0 = there is none. What is a comment to them must not be read
 * here. */
static size_t
find_doubtful_line(struct slice text)
{
    static const struct slice DOUBTFUL[] = {
        {(const unsigned char *)"\xC2\x85", 2},
        {(const unsigned char *)"\xE2\x80\xA8", 3},
        {(const unsigned char *)"\xE2\x80\xA9", 3},
    };
    size_t i = 0;

    while (i < text.len) {
        uint64_t eight = 0;
        if (text.len - i >= sizeof(eight)) {
            memcpy(&eight, text.at + i, sizeof(eight));
            if ((eight & 0x8080808080808080u) == 0) {
                i += sizeof(eight);
                continue;
            }
        }
        for (size_t k = 0; text.at[i] >= 0x80 && k < COUNT_OF(DOUBTFUL); k++) {
            if (slice_starts(slice_from(text, i), DOUBTFUL[k]))
                return line_at(text, i);
        }
        i++;
    }
    return 0;
}

enum status
tree_read_yaml(struct slice text, struct tree *out, struct failure *failure)
{
    struct building *b AUTO(mem_done) = NULL;
    size_t doubtful = 0;
    enum status status;

    if (!utf8_is(text))
        return failure_set(failure, STATUS_MALFORMED, "openapi", "the text is not UTF-8");
    doubtful = find_doubtful_line(text);
    if (doubtful > 0)
        return failure_set(failure, STATUS_MALFORMED, "openapi",
                           "this is not YAML that can be taken: line %zu: U+0085, U+2028 "
                           "or U+2029 ends the line to some readers and not to others; "
                           "write \"\\u2028\"",
                           doubtful);
    b = mem_new(sizeof(*b));
    b->failure = failure;
    if (!yaml_parser_initialize(&b->parser)) {
        return failure_set(failure, STATUS_UNAVAILABLE, "openapi",
                           "there is no memory to read YAML");
    }
    yaml_parser_set_encoding(&b->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&b->parser, text.at, text.len);
    status = build(b);
    if (status == STATUS_OK) {
        *out = b->tree;
        b->tree = (struct tree){0};
    }
    building_done(b);
    return status;
}
