/* SPDX-License-Identifier: Apache-2.0
 *
 * Texts as trees, pointers and references (RFC 6901). */
#include "openapi/tree.h"

#include "base/number.h"
#include "base/percent.h"

enum { REF_MAX_COUNT = 32, NAME_BYTES = 1024 };

enum status
tree_read(struct slice text, struct tree *out, struct failure *failure)
{
    struct slice rest = text;

    if (text.len > TREE_TEXT_MAX_BYTES)
        return failure_set(failure, STATUS_TOO_LARGE, "openapi",
                           "the text has %zu bytes; %d are the most", text.len,
                           TREE_TEXT_MAX_BYTES);
    if (slice_starts(text, SLICE("\xEF\xBB\xBF"))) /* editors' byte order mark */
        text = slice_from(text, 3);
    rest = slice_trim(text);
    if (rest.len == 0)
        return failure_set(failure, STATUS_MALFORMED, "openapi", "the text is empty");
    return rest.at[0] == '{' ? tree_read_json(text, out, failure)
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

static struct tree_value *
member_of(const struct tree_value *value, const char *name)
{
    int64_t index = 0;

    if (tree_is(value, TREE_LIST) && number_read(slice_of(name), &index) == STATUS_OK &&
        index >= 0)
        return tree_element(value, (size_t)index);
    return tree_member(value, name);
}

struct tree_value *
tree_at(struct tree_value *root, struct slice fragment)
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
tree_follow(struct tree_value *root, struct tree_value *value, const char *pointer,
            struct tree_value **out, struct failure *failure)
{
    for (int i = 0; i < REF_MAX_COUNT; i++) {
        const struct tree_value *ref = tree_member(value, "$ref");
        const char *text = tree_text(ref);
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
