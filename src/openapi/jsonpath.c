/* SPDX-License-Identifier: Apache-2.0
 *
 * Selecting by JSONPath. The expression is read while it is carried out, segment by
 * segment; with `is_dry` it is only read, which finds its end and its faults. */
#include "openapi/jsonpath.h"

#include "base/auto.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/utf8.h"
#include "json/scan.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum {
    SELECTOR_MAX_COUNT = 64,  /* in one pair of brackets */
    FILTER_DEPTH_MAX = 16,    /* of parentheses, and filters in filters */
    DESCENT_DEPTH_MAX = 2048, /* jansson reads no deeper tree */
    NODE_FIRST_ROOM = 16,
};

/* Where we are in the expression. */
struct cursor {
    const char *whole, *at;
    struct tree_value *root;
    struct failure *failure;
    size_t *visit_count; /* of the whole selection */
    int depth;
    bool is_dry;
};

struct selector {
    enum { SELECT_NAME = 1, SELECT_INDEX, SELECT_ALL, SELECT_SLICE, SELECT_FILTER } kind;
    char *name; /* owned */
    int64_t index, end, step;
    bool has_start, has_end;
    const char *filter; /* where it begins in the expression */
};

struct selectors {
    struct selector at[SELECTOR_MAX_COUNT];
    size_t count;
};

/* What stands on a side of a comparison. */
struct operand {
    const struct tree_value *value; /* NULL: nothing */
    struct tree_value literal;      /* where it hangs in no tree */
    char *text;                     /* of a literal; owned */
    bool is_query;
    bool is_there; /* a query selected something */
};

static enum status read_query(struct cursor *c, struct jsonpath_nodes *nodes);
static enum status read_or(struct cursor *c, struct tree_value *value, bool *out);

__attribute__((format(printf, 2, 3))) MUST_CHECK static enum status
refuse(struct cursor *c, const char *format, ...)
{
    char why[FAILURE_TEXT_MAX];
    va_list args;

    va_start(args, format);
    vsnprintf(why, sizeof(why), format, args);
    va_end(args);
    return failure_set(c->failure, STATUS_MALFORMED, "overlay",
                       "'%.160s' cannot be used as a JSONPath: at character %zu: %s",
                       c->whole, (size_t)(c->at - c->whole) + 1, why);
}

static void
skip_blanks(struct cursor *c)
{
    c->at += strspn(c->at, " \t\r\n");
}

static bool
take(struct cursor *c, const char *mark)
{
    size_t len = strlen(mark);

    if (strncmp(c->at, mark, len) != 0)
        return false;
    c->at += len;
    return true;
}

/* ---- nodes ---- */

void
jsonpath_done(struct jsonpath_nodes *nodes)
{
    mem_free(&nodes->at);
    *nodes = (struct jsonpath_nodes){0};
}

/* Looks at one more value. */
static enum status
visit(struct cursor *c)
{
    if (++*c->visit_count > JSONPATH_VISIT_MAX_COUNT)
        return refuse(c, "it looks at values more than %d times",
                      JSONPATH_VISIT_MAX_COUNT);
    return STATUS_OK;
}

static enum status
add_node(struct cursor *c, struct jsonpath_nodes *nodes, struct jsonpath_node node)
{
    if (nodes->count == JSONPATH_NODE_MAX_COUNT)
        return refuse(c, "it selects more than %d values", JSONPATH_NODE_MAX_COUNT);
    enum status status = visit(c);
    if (status != STATUS_OK)
        return status;
    if (nodes->count == nodes->room) {
        nodes->room = nodes->room ? nodes->room * 2 : NODE_FIRST_ROOM;
        nodes->at = mem_resize(nodes->at, nodes->room * sizeof(nodes->at[0]));
    }
    nodes->at[nodes->count++] = node;
    return STATUS_OK;
}

/* ---- selectors, read ---- */

static void
selectors_done(struct selectors *selectors)
{
    for (size_t i = 0; i < selectors->count; i++)
        mem_free(&selectors->at[i].name);
}

/* A text in single or double quotes, by way of JSON's own. */
static enum status
read_text(struct cursor *c, char **out)
{
    unsigned char *text AUTO(mem_done) = mem_new(2 * strlen(c->at) + 3);
    struct json_value string = {0};
    char quote = *c->at;
    const char *start = c->at++;
    size_t len = 0;

    text[len++] = '"';
    for (; *c->at && *c->at != quote; c->at++) {
        if (*c->at == '"') {
            text[len++] = '\\';
        } else if (*c->at == '\\' && c->at[1] == '\'') {
            c->at++;
        } else if (*c->at == '\\' && c->at[1]) {
            text[len++] = (unsigned char)*c->at++;
        }
        text[len++] = (unsigned char)*c->at;
    }
    text[len++] = '"';
    if (*c->at != quote) {
        c->at = start;
        return refuse(c, "the text that begins here has no end");
    }
    c->at++;
    if (json_scan((struct slice){text, len}, &string) != STATUS_OK) {
        c->at = start;
        return refuse(c, "the text that begins here cannot be read");
    }
    *out = mem_new(len);
    json_unescape(&string, (unsigned char *)*out);
    return STATUS_OK;
}

static bool
read_int(struct cursor *c, int64_t *out)
{
    size_t len = (*c->at == '-') + strspn(c->at + (*c->at == '-'), "0123456789");

    if (number_read((struct slice){(const unsigned char *)c->at, len}, out) != STATUS_OK)
        return false;
    c->at += len;
    return true;
}

static enum status
read_slice(struct cursor *c, struct selector *out)
{
    out->has_start = read_int(c, &out->index);
    skip_blanks(c);
    if (!take(c, ":")) {
        out->kind = SELECT_INDEX;
        return out->has_start ? STATUS_OK
                              : refuse(c, "wanted is a name in quotes, a number, '*', a "
                                          "slice or a filter");
    }
    out->kind = SELECT_SLICE;
    out->step = 1;
    skip_blanks(c);
    out->has_end = read_int(c, &out->end);
    skip_blanks(c);
    if (take(c, ":")) {
        skip_blanks(c);
        (void)read_int(c, &out->step);
    }
    if (out->step < 1)
        return refuse(c, "a slice that steps backwards is not understood");
    return STATUS_OK;
}

static enum status
read_filter(struct cursor *c, struct selector *out)
{
    bool was_dry = c->is_dry;
    bool is_true = false;

    out->kind = SELECT_FILTER;
    out->filter = c->at;
    c->is_dry = true;
    enum status status = read_or(c, NULL, &is_true);
    c->is_dry = was_dry;
    return status;
}

static enum status
read_selector(struct cursor *c, struct selector *out)
{
    skip_blanks(c);
    if (*c->at == '\'' || *c->at == '"') {
        out->kind = SELECT_NAME;
        return read_text(c, &out->name);
    }
    if (take(c, "*")) {
        out->kind = SELECT_ALL;
        return STATUS_OK;
    }
    return take(c, "?") ? read_filter(c, out) : read_slice(c, out);
}

static enum status
read_brackets(struct cursor *c, struct selectors *out)
{
    bool is_more = true;

    while (is_more) {
        if (out->count == SELECTOR_MAX_COUNT)
            return refuse(c, "more than %d selectors stand here", SELECTOR_MAX_COUNT);
        enum status status = read_selector(c, &out->at[out->count++]);
        if (status != STATUS_OK)
            return status;
        skip_blanks(c);
        is_more = take(c, ",");
    }
    return take(c, "]") ? STATUS_OK : refuse(c, "a ']' is missing");
}

static bool
is_name_byte(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '_' || (unsigned char)byte >= 0x80;
}

/* What stands behind a '.': a name or '*'. */
static enum status
read_short(struct cursor *c, struct selectors *out)
{
    struct selector *selector = &out->at[out->count++];
    size_t len = 0;

    if (take(c, "*")) {
        selector->kind = SELECT_ALL;
        return STATUS_OK;
    }
    while (is_name_byte(c->at[len]))
        len++;
    if (len == 0 || (*c->at >= '0' && *c->at <= '9'))
        return refuse(c, "a name or '*' is wanted; other names stand in ['…']");
    selector->kind = SELECT_NAME;
    bool is_utf8 = utf8_is((struct slice){(const unsigned char *)c->at, len});
    selector->name = mem_text(c->at, len);
    c->at += len;
    if (*c->at == '-' || *c->at == '(')
        return refuse(c, *c->at == '-' ? "a name with '-' stands in ['…']"
                                       : "functions are not understood");
    return is_utf8 ? STATUS_OK : refuse(c, "a name is not UTF-8");
}

/* ---- selectors, carried out ---- */

static enum status
select_filtered(struct cursor *c, const struct selector *selector,
                struct jsonpath_node node, struct jsonpath_nodes *out)
{
    struct cursor inner = *c;
    bool is_true = false;

    inner.at = selector->filter;
    inner.depth++;
    enum status status = visit(c);
    if (status == STATUS_OK)
        status = read_or(&inner, node.value, &is_true);
    return status == STATUS_OK && is_true ? add_node(c, out, node) : status;
}

/* Each member of a value, through `selector`. */
static enum status
select_members(struct cursor *c, const struct selector *selector,
               struct tree_value *value, struct jsonpath_nodes *out)
{
    struct jsonpath_node node = {.parent = value};
    enum status status = STATUS_OK;

    for (size_t i = 0; status == STATUS_OK && (node.value = tree_next(value, &i));) {
        node.index = i - 1;
        status = selector->kind == SELECT_FILTER ? select_filtered(c, selector, node, out)
                                                 : add_node(c, out, node);
    }
    return status;
}

static int64_t
clamp(int64_t place, int64_t count)
{
    if (place < 0)
        place += count;
    return place < 0 ? 0 : place > count ? count : place;
}

static enum status
select_slice(struct cursor *c, const struct selector *selector, struct tree_value *value,
             struct jsonpath_nodes *out)
{
    int64_t count = tree_is(value, TREE_LIST) ? (int64_t)tree_count(value) : 0;
    int64_t start = selector->has_start ? clamp(selector->index, count) : 0;
    int64_t end = selector->has_end ? clamp(selector->end, count) : count;
    enum status status = STATUS_OK;

    for (int64_t i = start; status == STATUS_OK && i < end;) {
        status = add_node(
            c, out,
            (struct jsonpath_node){value, (size_t)i, tree_element(value, (size_t)i)});
        if (selector->step > end - i)
            break;
        i += selector->step;
    }
    return status;
}

static enum status
select_one(struct cursor *c, const struct selector *selector, struct tree_value *value,
           struct jsonpath_nodes *out)
{
    struct jsonpath_node node = {.parent = value};

    switch (selector->kind) {
    case SELECT_NAME:
        node.value = tree_member(value, selector->name);
        return node.value ? add_node(c, out, node) : STATUS_OK;
    case SELECT_INDEX: {
        int64_t count = tree_is(value, TREE_LIST) ? (int64_t)tree_count(value) : 0;
        int64_t index = selector->index < 0 ? selector->index + count : selector->index;
        if (index < 0 || index >= count)
            return STATUS_OK;
        node.index = (size_t)index;
        node.value = tree_element(value, node.index);
        return add_node(c, out, node);
    }
    case SELECT_SLICE:
        return select_slice(c, selector, value, out);
    case SELECT_ALL:
    case SELECT_FILTER:
        return select_members(c, selector, value, out);
    }
    return STATUS_BROKEN;
}

static enum status
select_all(struct cursor *c, const struct selectors *selectors, struct tree_value *value,
           struct jsonpath_nodes *out)
{
    enum status status = STATUS_OK;

    for (size_t i = 0; status == STATUS_OK && i < selectors->count; i++)
        status = select_one(c, &selectors->at[i], value, out);
    return status;
}

/* The value and all below it. */
static enum status
select_below(struct cursor *c, const struct selectors *selectors,
             struct tree_value *value, struct jsonpath_nodes *out, int depth)
{
    enum status status = visit(c);
    struct tree_value *member = NULL;

    if (status == STATUS_OK)
        status = select_all(c, selectors, value, out);
    if (depth > DESCENT_DEPTH_MAX)
        return refuse(c, "the document is nested too deep");
    for (size_t i = 0; status == STATUS_OK && (member = tree_next(value, &i));)
        status = select_below(c, selectors, member, out, depth + 1);
    return status;
}

/* ---- queries ---- */

/* One segment, from `nodes` to `nodes`. */
static enum status
run_segment(struct cursor *c, struct jsonpath_nodes *nodes)
{
    struct selectors selectors AUTO(selectors_done) = {0};
    bool is_descent = take(c, "..");
    bool is_anywhere = is_descent || nodes->depth_most == SIZE_MAX;
    struct jsonpath_nodes found = {.depth_most =
                                       is_anywhere ? SIZE_MAX : nodes->depth_most + 1};
    bool is_bracket = !is_descent && *c->at == '[';
    enum status status = STATUS_OK;

    if (is_bracket || (is_descent && *c->at == '[')) {
        c->at++;
        status = read_brackets(c, &selectors);
    } else {
        if (!is_descent)
            c->at++; /* '.' */
        status = read_short(c, &selectors);
    }
    for (size_t i = 0; status == STATUS_OK && !c->is_dry && i < nodes->count; i++)
        status = is_descent ? select_below(c, &selectors, nodes->at[i].value, &found, 0)
                            : select_all(c, &selectors, nodes->at[i].value, &found);
    jsonpath_done(nodes);
    *nodes = found;
    return status;
}

/* All segments that follow. */
static enum status
read_query(struct cursor *c, struct jsonpath_nodes *nodes)
{
    enum status status = STATUS_OK;

    while (status == STATUS_OK) {
        const char *before = c->at;
        skip_blanks(c);
        if (*c->at != '.' && *c->at != '[') {
            c->at = before;
            return STATUS_OK;
        }
        status = run_segment(c, nodes);
    }
    return status;
}

/* ---- filters ---- */

static void
operand_done(struct operand *operand)
{
    mem_free(&operand->text);
}

static enum status
read_operand_query(struct cursor *c, struct tree_value *start, struct operand *out)
{
    struct jsonpath_nodes nodes AUTO(jsonpath_done) = {0};
    enum status status = STATUS_OK;

    c->at++;
    if (!c->is_dry)
        status = add_node(c, &nodes, (struct jsonpath_node){.value = start});
    if (status == STATUS_OK)
        status = read_query(c, &nodes);
    if (status != STATUS_OK)
        return status;
    out->is_query = true;
    out->is_there = nodes.count > 0;
    out->value = nodes.count == 1 ? nodes.at[0].value : NULL;
    return STATUS_OK;
}

/* A number as JSON writes it. */
static bool
read_number(struct slice text, struct tree_value *out)
{
    struct json_value number = {0};

    if (text.len == 0 || json_scan(text, &number) != STATUS_OK ||
        number.kind != JSON_KIND_NUMBER)
        return false;
    out->kind = TREE_WHOLE;
    if (json_read_int(&number, &out->whole) == STATUS_OK)
        return true;
    out->kind = TREE_REAL;
    return json_read_double(&number, &out->real) == STATUS_OK;
}

static enum status
read_literal(struct cursor *c, struct operand *out)
{
    static const struct {
        const char *word;
        enum tree_kind kind;
    } WORDS[] = {{"true", TREE_TRUE}, {"false", TREE_FALSE}, {"null", TREE_NULL}};
    size_t len = strspn(c->at, "+-.0123456789eE");

    out->value = &out->literal;
    if (*c->at == '\'' || *c->at == '"') {
        enum status status = read_text(c, &out->text);
        out->literal = (struct tree_value){.kind = TREE_TEXT, .text = out->text};
        return status;
    }
    for (size_t i = 0; i < COUNT_OF(WORDS); i++) {
        size_t word_len = strlen(WORDS[i].word);
        if (strncmp(c->at, WORDS[i].word, word_len) == 0 &&
            !is_name_byte(c->at[word_len])) {
            c->at += word_len;
            out->literal.kind = WORDS[i].kind;
            return STATUS_OK;
        }
    }
    if (!read_number((struct slice){(const unsigned char *)c->at, len}, &out->literal))
        return refuse(c, "wanted is '@', '$', a text in quotes, a number, true, false or "
                         "null; functions are not understood");
    c->at += len;
    return STATUS_OK;
}

static enum status
read_operand(struct cursor *c, struct tree_value *value, struct operand *out)
{
    skip_blanks(c);
    if (*c->at == '@')
        return read_operand_query(c, value, out);
    if (*c->at == '$')
        return read_operand_query(c, c->root, out);
    return read_literal(c, out);
}

static double
number_of(const struct tree_value *number)
{
    return number->kind == TREE_REAL ? number->real : (double)number->whole;
}

/* -1, 0 or 1; false: they cannot be put in order. */
static bool
compare(const struct tree_value *a, const struct tree_value *b, int *out)
{
    if (tree_is(a, TREE_TEXT) && tree_is(b, TREE_TEXT)) {
        int order = strcmp(a->text, b->text);
        *out = (order > 0) - (order < 0);
        return true;
    }
    if (!tree_is_number(a) || !tree_is_number(b))
        return false;
    double left = number_of(a);
    double right = number_of(b);
    *out = (left > right) - (left < right);
    return true;
}

static bool
is_equal(const struct operand *a, const struct operand *b)
{
    int order = 0;

    if (!a->value || !b->value) /* two that are nothing are equal */
        return a->value == b->value;
    if (compare(a->value, b->value, &order))
        return order == 0;
    return tree_equal(a->value, b->value);
}

static bool
holds(const char *sign, const struct operand *a, const struct operand *b)
{
    int order = 0;
    bool has_order = a->value && b->value && compare(a->value, b->value, &order);

    if (strcmp(sign, "==") == 0)
        return is_equal(a, b);
    if (strcmp(sign, "!=") == 0)
        return !is_equal(a, b);
    if (strcmp(sign, "<=") == 0)
        return is_equal(a, b) || (has_order && order < 0);
    if (strcmp(sign, ">=") == 0)
        return is_equal(a, b) || (has_order && order > 0);
    return has_order && (strcmp(sign, "<") == 0 ? order < 0 : order > 0);
}

static enum status
read_comparison(struct cursor *c, struct tree_value *value, bool *out)
{
    static const char *const SIGNS[] = {"==", "!=", "<=", ">=", "<", ">"};
    struct operand left AUTO(operand_done) = {0};
    struct operand right AUTO(operand_done) = {0};
    enum status status = read_operand(c, value, &left);

    if (status != STATUS_OK)
        return status;
    skip_blanks(c);
    for (size_t i = 0; i < COUNT_OF(SIGNS); i++) {
        if (!take(c, SIGNS[i]))
            continue;
        status = read_operand(c, value, &right);
        if (status == STATUS_OK)
            *out = holds(SIGNS[i], &left, &right);
        return status;
    }
    if (!left.is_query)
        return refuse(c, "a comparison is wanted");
    *out = left.is_there;
    return STATUS_OK;
}

static enum status
read_unary(struct cursor *c, struct tree_value *value, bool *out)
{
    enum status status;

    skip_blanks(c);
    if (take(c, "!")) {
        if (++c->depth > FILTER_DEPTH_MAX)
            return refuse(c, "the filter is nested too deep");
        status = read_unary(c, value, out);
        c->depth--;
        *out = !*out;
        return status;
    }
    if (!take(c, "("))
        return read_comparison(c, value, out);
    status = read_or(c, value, out);
    skip_blanks(c);
    if (status == STATUS_OK && !take(c, ")"))
        return refuse(c, "a ')' is missing");
    return status;
}

static enum status
read_and(struct cursor *c, struct tree_value *value, bool *out)
{
    enum status status = read_unary(c, value, out);

    for (skip_blanks(c); status == STATUS_OK && take(c, "&&"); skip_blanks(c)) {
        bool also = false;
        status = read_unary(c, value, &also);
        *out = *out && also;
    }
    return status;
}

static enum status
read_or(struct cursor *c, struct tree_value *value, bool *out)
{
    enum status status;

    if (++c->depth > FILTER_DEPTH_MAX)
        return refuse(c, "the filter is nested too deep");
    status = read_and(c, value, out);
    for (skip_blanks(c); status == STATUS_OK && take(c, "||"); skip_blanks(c)) {
        bool other = false;
        status = read_and(c, value, &other);
        *out = *out || other;
    }
    c->depth--;
    return status;
}

enum status
jsonpath_select(struct tree_value *root, const char *expression,
                struct jsonpath_nodes *out, struct failure *failure)
{
    struct jsonpath_nodes nodes AUTO(jsonpath_done) = {0};
    size_t visit_count = 0;
    struct cursor c = {.whole = expression,
                       .at = expression,
                       .root = root,
                       .failure = failure,
                       .visit_count = &visit_count};

    if (!take(&c, "$"))
        return refuse(&c, "it begins with '$'");
    enum status status = add_node(&c, &nodes, (struct jsonpath_node){.value = root});
    if (status == STATUS_OK)
        status = read_query(&c, &nodes);
    if (status != STATUS_OK)
        return status;
    if (*c.at)
        return refuse(&c, "'.', '..' or '[' is wanted");
    nodes.visit_count = visit_count;
    *out = nodes;
    nodes = (struct jsonpath_nodes){0};
    return STATUS_OK;
}
