/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON texts, pointers and references (RFC 6901). */
#include "openapi/tree.h"

#include "base/auto.h"
#include "base/number.h"
#include "base/percent.h"
#include "base/utf8.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>

enum { REF_MAX_COUNT = 32, NAME_BYTES = 1024 };

static const double WHOLE_MAX = 9007199254740992.0; /* 2^53: exact in both */

/* How many values there are at most: each but the first stands behind one of these. */
static size_t
count_marks(struct slice text)
{
    size_t count = 1;

    for (size_t i = 0; i < text.len; i++)
        count += text.at[i] == ',' || text.at[i] == '[' || text.at[i] == '{';
    return count;
}

size_t
tree_depth(const json_t *value)
{
    size_t most = 0;
    const char *key = NULL;
    json_t *member = NULL;
    size_t i = 0;

    if (!json_is_object(value) && !json_is_array(value))
        return 0;
    json_object_foreach((json_t *)(uintptr_t)value, key, member)
    {
        size_t depth = tree_depth(member);
        most = depth > most ? depth : most;
    }
    json_array_foreach(value, i, member)
    {
        size_t depth = tree_depth(member);
        most = depth > most ? depth : most;
    }
    return most + 1;
}

size_t
tree_size(const json_t *value, size_t most)
{
    size_t count = 1;
    const char *key = NULL;
    json_t *member = NULL;
    size_t index = 0;

    if (json_is_object(value)) {
        json_object_foreach((json_t *)(uintptr_t)value, key, member)
        {
            if (count < most)
                count += tree_size(member, most - count);
        }
    }
    json_array_foreach(value, index, member)
    {
        if (count < most)
            count += tree_size(member, most - count);
    }
    return count;
}

/* A whole number that was read as a real is one again, if it has 64 bits. */
static json_t *
whole_again(const json_t *value)
{
    double real = json_real_value(value);

    if (!json_is_real(value) || !(real > -WHOLE_MAX && real < WHOLE_MAX) ||
        real != trunc(real))
        return NULL;
    return json_integer((json_int_t)real);
}

/* As deep as jansson reads. */
static void
make_whole_again(json_t *tree)
{
    const char *key = NULL;
    json_t *member = NULL;
    size_t i = 0;

    json_object_foreach(tree, key, member)
    {
        json_t *whole = whole_again(member);
        if (whole)
            json_object_iter_set_new(tree, json_object_key_to_iter(key), whole);
        else
            make_whole_again(member);
    }
    json_array_foreach(tree, i, member)
    {
        json_t *whole = whole_again(member);
        if (whole)
            json_array_set_new(tree, i, whole);
        else
            make_whole_again(member);
    }
}

static enum status
read_json(struct slice text, json_t **out, struct failure *failure)
{
    json_error_t error;
    const char *at = (const char *)text.at;
    json_t *tree AUTO(tree_done) = NULL;

    if (count_marks(text) > TREE_NODE_MAX_COUNT)
        return failure_set(failure, STATUS_TOO_LARGE, "openapi",
                           "it may hold more than %d values", TREE_NODE_MAX_COUNT);
    tree = json_loadb(at, text.len, JSON_REJECT_DUPLICATES, &error);
    /* numbers beyond 64 bits are limits of others, and matter nowhere to us */
    if (!tree && json_error_code(&error) == json_error_numeric_overflow) {
        tree = json_loadb(at, text.len, JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL,
                          &error);
        make_whole_again(tree);
    }
    if (!tree)
        return failure_set(failure, STATUS_MALFORMED, "openapi",
                           "this is not JSON: line %d: %.200s", error.line, error.text);
    if (tree_depth(tree) > TREE_DEPTH_MAX)
        return failure_set(failure, STATUS_MALFORMED, "openapi",
                           "it is nested more than %d deep", TREE_DEPTH_MAX);
    *out = TAKE(tree);
    return STATUS_OK;
}

enum status
tree_read(struct slice text, json_t **out, struct failure *failure)
{
    struct slice rest = text;

    if (text.len > TREE_TEXT_MAX_BYTES)
        return failure_set(failure, STATUS_TOO_LARGE, "openapi",
                           "the text has %zu bytes; %d are the most", text.len,
                           TREE_TEXT_MAX_BYTES);
    if (!utf8_is(text))
        return failure_set(failure, STATUS_MALFORMED, "openapi", "the text is not UTF-8");
    if (slice_starts(rest, SLICE("\xEF\xBB\xBF"))) /* editors' byte order mark */
        rest = slice_from(rest, 3);
    text = rest;
    rest = slice_trim(rest);
    if (rest.len == 0)
        return failure_set(failure, STATUS_MALFORMED, "openapi", "the text is empty");
    return rest.at[0] == '{' ? read_json(text, out, failure)
                             : tree_read_yaml(text, out, failure);
}

/* One name of a pointer: percent-decoded, then ~1 is '/' and ~0 is '~'. */
static bool
read_name(struct slice text, char out[NAME_BYTES])
{
    unsigned char plain[NAME_BYTES];
    size_t len = 0;

    if (text.len >= NAME_BYTES)
        return false;

    struct slice decoded = {plain, percent_decode(text, plain)};
    for (size_t i = 0; i < decoded.len; i++) {
        unsigned char byte = decoded.at[i];
        if (byte == '~' && i + 1 < decoded.len &&
            (decoded.at[i + 1] == '0' || decoded.at[i + 1] == '1'))
            byte = decoded.at[++i] == '0' ? '~' : '/';
        else if (byte == '~' || byte == 0)
            return false;
        out[len++] = (char)byte;
    }
    out[len] = '\0';
    return true;
}

static json_t *
member_of(json_t *value, const char *name)
{
    int64_t index = 0;

    if (json_is_object(value))
        return json_object_get(value, name);
    if (json_is_array(value) && number_read(slice_of(name), &index) == STATUS_OK &&
        index >= 0)
        return json_array_get(value, (size_t)index);
    return NULL;
}

json_t *
tree_at(json_t *root, struct slice fragment)
{
    char name[NAME_BYTES];
    struct slice rest = fragment;
    bool is_more = true;

    if (!slice_starts(rest, SLICE("#")))
        return NULL;
    rest = slice_from(rest, 1);
    if (rest.len == 0)
        return root;
    if (rest.at[0] != '/')
        return NULL;
    rest = slice_from(rest, 1);
    while (root && is_more) {
        struct slice one = rest;
        is_more = slice_cut(&rest, '/', &one);
        root = read_name(one, name) ? member_of(root, name) : NULL;
    }
    return root;
}

enum status
tree_follow(json_t *root, json_t *value, const char *pointer, json_t **out,
            struct failure *failure)
{
    for (int i = 0; i < REF_MAX_COUNT; i++) {
        const json_t *ref = json_object_get(value, "$ref");
        const char *text = json_string_value(ref);
        if (!ref) {
            *out = value;
            return STATUS_OK;
        }
        if (!text)
            return failure_set(failure, STATUS_MALFORMED, "openapi",
                               "%s/$ref: it must be a text", pointer);
        if (text[0] != '#')
            return failure_set(failure, STATUS_MALFORMED, "openapi",
                               "%s/$ref: '%.120s' is in another file; put all into one",
                               pointer, text);
        value = tree_at(root, slice_of(text));
        if (!value)
            return failure_set(failure, STATUS_MALFORMED, "openapi",
                               "%s/$ref: there is nothing at '%.120s'", pointer, text);
    }
    return failure_set(failure, STATUS_MALFORMED, "openapi",
                       "%s/$ref: it leads through more than %d others, or in a circle",
                       pointer, REF_MAX_COUNT);
}

void
tree_pointer(const char *base, const char *name, char out[TREE_POINTER_BYTES])
{
    size_t len = 0;

    for (const char *at = base; *at && len < TREE_POINTER_BYTES - 1; at++)
        out[len++] = *at;
    if (len < TREE_POINTER_BYTES - 1)
        out[len++] = '/';
    for (const char *at = name; *at && len < TREE_POINTER_BYTES - 2; at++) {
        if (*at == '~' || *at == '/') {
            out[len++] = '~';
            out[len++] = *at == '~' ? '0' : '1';
        } else {
            out[len++] = *at;
        }
    }
    out[len] = '\0';
}
