/* SPDX-License-Identifier: Apache-2.0
 *
 * The checking of one value, shared by the files of this folder only. */
#ifndef JSON_CORE_H
#define JSON_CORE_H

#include "json/scan.h"

/* X(name, what json_explain() says) */
#define JSON_FAULT_LIST(X)                                                   \
    X(NONE, "nothing is wrong")                                              \
    X(ENDS, "the text ends here, too early")                                 \
    X(VALUE, "a value is wanted here")                                       \
    X(NAME, "a member's name in double quotes is wanted here")               \
    X(COLON, "':' is wanted after a member's name")                          \
    X(COMMA_OBJECT, "',' or '}' is wanted here")                             \
    X(COMMA_ARRAY, "',' or ']' is wanted here")                              \
    X(NUMBER, "this is not how JSON writes a number")                        \
    X(NUMBER_LARGE, "this number is too large")                              \
    X(CONTROL, "a control character in a string must be written as \\u00XX") \
    X(UTF8, "this is not UTF-8")                                             \
    X(ESCAPE, "there is no such escape")                                     \
    X(SURROGATE, "half of a surrogate pair")                                 \
    X(ZERO, "\\u0000 is not taken")                                          \
    X(DEEP, "this nests too deep")                                           \
    X(AFTER, "nothing may follow the value")

enum json_fault {
#define X(name, words) JSON_FAULT_##name,
    JSON_FAULT_LIST(X)
#undef X
};

/* Where the checking stands. After a fault, `at` is the place of it. */
struct json_core {
    const unsigned char *at, *end;
    enum json_fault fault;
    bool takes_large_whole; /* whole numbers outside int64_t are no fault, as long as a
                               double can hold them */
};

/* The beginning of `text`. */
static inline struct json_core
json_core_of(struct slice text)
{
    if (!text.at)
        text.at = (const unsigned char *)""; /* never NULL: it is counted on from */
    return (struct json_core){.at = text.at, .end = text.at + text.len};
}

void json_core_blanks(struct json_core *core);
/* A value that stands under `depth` others; blanks before it are passed. */
bool json_core_value(struct json_core *core, unsigned depth, struct json_value *out);
/* A member's name and its colon; blanks before it are passed. */
bool json_core_name(struct json_core *core, struct json_value *out);
/* Nothing but blanks up to the end. */
bool json_core_finish(struct json_core *core);
/* After an element: true, and `at` is behind it, if a comma or the end of the object or
 * array follows; which of the two is in *out_is_end. */
bool json_core_after(struct json_core *core, enum json_kind kind, bool *out_is_end);
/* Is the object or array that was opened right before `at` empty? Then `at` is behind. */
bool json_core_is_empty(struct json_core *core, enum json_kind kind);
enum status json_core_status(const struct json_core *core);
/* Puts the fault into words: "line 3, column 17: …"; it stands at `place` in `text`.
 * Gives the status; OK without a fault. */
enum status json_core_explain(const struct json_core *core, struct slice text,
                              size_t place, struct failure *failure);

/* Reads one code point of a string that was checked, escaped or not, and moves on.
 * Gives its UTF-8 and the length of that. */
size_t json_core_piece(struct slice *rest, unsigned char out[4]);

#endif
