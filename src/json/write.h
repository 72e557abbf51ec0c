/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing JSON as a stream into a buffer. Commas and colons come by themselves. Whoever
 * opens and closes in a wrong order has made a mistake in the program: it ends.
 *
 *     struct json_writer w = json_write_into(&body);
 *
 *     json_write_object(&w);
 *     json_write_member_string(&w, "id", id);
 *     json_write_key(&w, "addresses");
 *     json_write_array(&w);
 *     …
 *     json_write_end(&w);
 *     json_write_end(&w);
 *     return json_write_done(&w); */
#ifndef JSON_WRITE_H
#define JSON_WRITE_H

#include "base/buffer.h"
#include "base/slice.h"
#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

enum { JSON_WRITE_DEPTH_MAX = 64 };

struct json_writer {
    struct buffer *out;  /* borrowed */
    uint64_t is_object;  /* bit 0: what is open is an object; bit 1: what holds it; … */
    unsigned char depth; /* how many are open */
    bool needs_comma;    /* something stands before, in what is open */
    bool has_key;        /* a key waits for its value */
};

/* Appends to `out`, which must live as long as the writer. */
struct json_writer json_write_into(struct buffer *out);
/* All that was opened is closed; STATUS_TOO_LARGE when `out` could not take it all. */
MUST_CHECK enum status json_write_done(const struct json_writer *writer);

void json_write_object(struct json_writer *writer);
void json_write_array(struct json_writer *writer);
void json_write_end(struct json_writer *writer); /* of what was opened last */

/* The name of the next value, in an object; not checked for names that are twice. A word
 * is one of our own and written as it is: letters, digits, marks that need no escape. */
void json_write_key_word(struct json_writer *writer, struct slice name);
void json_write_key_slice(struct json_writer *writer, struct slice name);

/* A word of the program's text: its length is known when it is compiled. */
static inline void
json_write_key(struct json_writer *writer, const char *name)
{
    json_write_key_word(writer, slice_of(name));
}

/* Any bytes: what is not UTF-8 becomes U+FFFD, so the result is always JSON. */
void json_write_string(struct json_writer *writer, struct slice text);
void json_write_int(struct json_writer *writer, int64_t number);
void json_write_bool(struct json_writer *writer, bool truth);
void json_write_null(struct json_writer *writer);
/* A value that is JSON already, taken as it is: the caller has scanned it. */
void json_write_raw(struct json_writer *writer, struct slice json);

static inline void
json_write_text(struct json_writer *writer, const char *text)
{
    json_write_string(writer, slice_of(text));
}

static inline void
json_write_member_string(struct json_writer *writer, const char *name, struct slice text)
{
    json_write_key(writer, name);
    json_write_string(writer, text);
}

static inline void
json_write_member_text(struct json_writer *writer, const char *name, const char *text)
{
    json_write_key(writer, name);
    json_write_text(writer, text);
}

/* null for the empty text. */
void json_write_member_text_or_null(struct json_writer *writer, const char *name,
                                    const char *text);
/* "2026-11-23T12:00:00.000Z" */
void json_write_member_moment(struct json_writer *writer, const char *name,
                              int64_t at_ms);

static inline void
json_write_member_int(struct json_writer *writer, const char *name, int64_t number)
{
    json_write_key(writer, name);
    json_write_int(writer, number);
}

static inline void
json_write_member_bool(struct json_writer *writer, const char *name, bool truth)
{
    json_write_key(writer, name);
    json_write_bool(writer, truth);
}

#endif
