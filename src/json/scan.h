/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading JSON where it lies: strict (RFC 8259, UTF-8 checked), without allocating and
 * without a tree. A value is a view of the text that it stands in, and every value that
 * these functions give out has been checked from its first to its last byte, so that
 * walking through it later cannot fail.
 *
 * Accepted is what jansson accepts (JSON_DECODE_ANY), and nothing else. Beyond the RFC's
 * grammar this refuses: \u0000, a surrogate without its other half, a whole number
 * outside int64_t, a number that a double cannot hold, a byte order mark. The two
 * differences: more than JSON_DEPTH_MAX levels are STATUS_TOO_LARGE, and a zero byte is
 * refused everywhere (jansson passes over one that stands right behind a number).
 *
 *     struct json_value device;
 *     struct json_member member;
 *
 *     if (json_scan(text, &device) != STATUS_OK)
 *         return json_explain(text, failure);
 *     for (struct json_walk walk = json_walk_of(&device); json_walk_next(&walk,
 * &member);) if (json_text_is(&member.name, SLICE("esn"))) … */
#ifndef JSON_SCAN_H
#define JSON_SCAN_H

#include "base/slice.h"
#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

struct arena;

enum json_kind {
    JSON_KIND_NONE = 0, /* zeroed: there is no value */
    JSON_KIND_OBJECT,
    JSON_KIND_ARRAY,
    JSON_KIND_STRING,
    JSON_KIND_NUMBER,
    JSON_KIND_TRUE,
    JSON_KIND_FALSE,
    JSON_KIND_NULL,
};

/* A value as it was written; a view of the text that was scanned. */
struct json_value {
    enum json_kind kind;
    bool has_escapes; /* a string that holds a '\': `raw` is not yet its text */
    struct slice raw; /* a string without its quotes; all others whole, without blanks */
};

/* A member of an object, or an element of an array: then `name` is JSON_KIND_NONE. */
struct json_member {
    struct json_value name; /* JSON_KIND_STRING */
    struct json_value value;
};

enum { JSON_FLAT_MAX_COUNT = 64 }; /* members of a JWS header; senders use about seven */

/* Checks a whole text, which is one value of any kind, with blanks around it.
 * STATUS_MALFORMED: it is not JSON. STATUS_TOO_LARGE: it nests too deep. Does not look
 * for names that are twice in an object. */
MUST_CHECK enum status json_scan(struct slice text, struct json_value *out);

/* Why json_scan() refuses `text`: "line 3, column 17: …" in `failure` (may be NULL), and
 * the status that json_scan() gave. */
MUST_CHECK enum status json_explain(struct slice text, struct failure *failure);

/* Checks a whole text, which must be an object, and lists its members as they stand;
 * nested values are checked and listed as one. A name that is there twice is refused,
 * also when it is spelled with escapes ("kid" and "\u006bid" are one).
 *
 *   out        room for `room` members, at most JSON_FLAT_MAX_COUNT; what is in them is
 *              undefined unless OK
 *
 * STATUS_TOO_LARGE: more members than `room`, or too deep. For JWS headers (RFC 7515 §4).
 */
MUST_CHECK enum status json_scan_flat(struct slice text, struct json_member *out,
                                      size_t room, size_t *out_count);

/* Where a walk through an object or an array stands. */
struct json_walk {
    const unsigned char *at, *end;
    enum json_kind kind; /* object or array; JSON_KIND_NONE: nothing to walk through */
    enum status status;  /* ask json_walk_end() */
    bool is_open;        /* its end was not reached */
    bool is_first;       /* nothing was given out */
    bool is_whole_text;  /* nothing but blanks may follow the end */
};

/* Walks through a value that was scanned; one that is neither object nor array has
 * nothing in it. */
struct json_walk json_walk_of(const struct json_value *value);
/* Walks through a text that was not scanned before, in one pass: for long ones. Each
 * member was checked when it is given out; the whole text only when json_walk_end()
 * says OK. */
struct json_walk json_walk_text(struct slice text);
/* The next member or element. False at the end and at the first fault. */
bool json_walk_next(struct json_walk *walk, struct json_member *out);
/* After json_walk_next() said false: STATUS_OK, or what was wrong. Always OK for
 * json_walk_of(). STATUS_MALFORMED too for a text that is neither object nor array. */
MUST_CHECK enum status json_walk_end(const struct json_walk *walk);

/* The member called `name` (its text, not its spelling).
 * STATUS_NOT_FOUND  there is none, or `object` is no object
 * STATUS_MALFORMED  it is there twice: two readers could see two values */
MUST_CHECK enum status json_find(const struct json_value *object, struct slice name,
                                 struct json_value *out);
/* What a JSON pointer (RFC 6901) names within `value`; "" is `value` itself.
 * STATUS_NOT_FOUND  there is no such place
 * STATUS_MALFORMED  not a pointer, or a name on its way is there twice */
MUST_CHECK enum status json_pointer(const struct json_value *value, struct slice pointer,
                                    struct json_value *out);

/* Writes the text of a string into `out`, which has room for raw.len bytes (a text is
 * never longer than its spelling) and may be where raw itself stands; gives its length.
 * UTF-8, no closing zero. */
size_t json_unescape(const struct json_value *string, unsigned char *out);
/* The text of a string: a view of the scanned text where it is written plainly, else a
 * copy in `arena`. Empty for what is no string. */
struct slice json_text(const struct json_value *string, struct arena *arena);
/* Is it a string, and is this its text? */
bool json_text_is(const struct json_value *string, struct slice text);
/* A number that is written without fraction and exponent; STATUS_MALFORMED for others. */
MUST_CHECK enum status json_read_int(const struct json_value *number, int64_t *out);
/* Any number, rounded to a double; STATUS_MALFORMED for what is no number. */
MUST_CHECK enum status json_read_double(const struct json_value *number, double *out);

#endif
