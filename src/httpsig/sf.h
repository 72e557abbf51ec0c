/* SPDX-License-Identifier: Apache-2.0
 *
 * Structured field values (RFC 9651, RFC 8941), strictly: dictionaries, lists, inner
 * lists and items with parameters. One value after the other is cut off the text; nothing
 * is copied and nothing allocated. Stricter than the RFC where two readers might differ:
 * a name that appears twice is refused instead of overwritten, byte sequences are base64
 * with its padding and without spare bits, and numbers of things have limits. */
#ifndef HTTPSIG_SF_H
#define HTTPSIG_SF_H

#include "base/buffer.h"
#include "base/slice.h"
#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    SF_PARAMETER_MAX_COUNT = 16, /* of one value; signatures have eight */
    SF_MEMBER_MAX_COUNT = 32,    /* of one dictionary; names are compared in pairs */
    SF_ITEM_MAX_COUNT = 64,      /* of one inner list */
};

enum sf_kind {
    SF_INTEGER = 1,
    SF_DECIMAL,
    SF_STRING,
    SF_TOKEN,
    SF_BYTES,
    SF_BOOLEAN,
    SF_DATE,
    SF_DISPLAY, /* a text of any characters: %"f%c3%bc" */
};

/* An item or an inner list, with its parameters. All slices point into the text. */
struct sf_value {
    bool is_list;
    enum sf_kind kind;       /* of an item */
    struct slice raw;        /* an item without its marks: what is between the quotes, the
                                colons, still escaped; a list: between its parentheses */
    int64_t number;          /* SF_INTEGER, SF_DATE; SF_BOOLEAN: 0 or 1 */
    struct slice parameters; /* from the first ';' on; empty = none */
};

/* A member of a dictionary, or a parameter. Without a value it is true. */
struct sf_member {
    struct slice key;
    struct sf_value value;
};

/* What came of cutting off one more. After SF_WRONG the rest must not be used. */
enum sf_cut { SF_NO_MORE = 0, SF_ONE, SF_WRONG };

/* Each takes one thing off `rest`; its text must have no blanks at its ends. */
enum sf_cut sf_next_member(struct slice *rest, struct sf_member *out); /* dictionary */
enum sf_cut sf_next_value(struct slice *rest, struct sf_value *out);   /* list */
enum sf_cut sf_next_item(struct slice *rest, struct sf_value *out);    /* inner list */
enum sf_cut sf_next_parameter(struct slice *rest, struct sf_member *out);

/* All of `text` as one item with its parameters. */
bool sf_item_read(struct slice text, struct sf_value *out);

/* Is all of `text` a dictionary, within limits and without a key twice? */
bool sf_dictionary_is_valid(struct slice text);
/* The member of this key. STATUS_NOT_FOUND; STATUS_MALFORMED: not valid as above. */
MUST_CHECK enum status sf_dictionary_find(struct slice text, struct slice key,
                                          struct sf_value *out);

/* Resolves the escapes of a string (room for raw.len bytes). Gives the length. */
size_t sf_string_read(struct slice raw, unsigned char *out);

/* Append a value that was read, in the one form that RFC 9651 §4.1 prescribes. */
void sf_write_value(struct buffer *out, const struct sf_value *value);
void sf_write_member(struct buffer *out, const struct sf_member *member);
/* Appends `text` as a string, with quotes and escapes. False: it holds characters that a
 * string cannot have. */
MUST_CHECK bool sf_write_string(struct buffer *out, struct slice text);

#endif
