/* SPDX-License-Identifier: Apache-2.0
 *
 * A borrowed view of bytes: how everything that comes from outside is passed on. */
#ifndef BASE_SLICE_H
#define BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* A read-only view of bytes that somebody else owns. */
struct slice {
    const unsigned char *at; /* first byte; may be NULL when len is 0 */
    size_t len;              /* in bytes; no closing zero is promised */
};

/* A slice of a string literal. */
#define SLICE(text) ((struct slice){(const unsigned char *)(text), sizeof(text) - 1})

/* For printf: "%.*s", SLICE_ARG(slice). */
#define SLICE_ARG(s) (int)(s).len, (const char *)(s).at

/* A slice of a closed (NUL-terminated) text of our own. */
static inline struct slice
slice_of(const char *text)
{
    return (struct slice){(const unsigned char *)text, strlen(text)};
}

/* Are both the same bytes? Not for secrets: see secret_equal(). */
static inline bool
slice_equal(struct slice a, struct slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

/* Does `s` begin with `head`? */
static inline bool
slice_starts(struct slice s, struct slice head)
{
    return s.len >= head.len && (head.len == 0 || memcmp(s.at, head.at, head.len) == 0);
}

/* Does `s` end with `tail`? */
static inline bool
slice_ends(struct slice s, struct slice tail)
{
    return s.len >= tail.len &&
           (tail.len == 0 || memcmp(s.at + s.len - tail.len, tail.at, tail.len) == 0);
}

/* The part of `s` from `from` on; empty when `from` is past its end. */
static inline struct slice
slice_from(struct slice s, size_t from)
{
    if (from >= s.len)
        return (struct slice){s.at, 0};
    return (struct slice){s.at + from, s.len - from};
}

/* The first `len` bytes of `s`, or all of it when it is shorter. */
static inline struct slice
slice_head(struct slice s, size_t len)
{
    return (struct slice){s.at, s.len < len ? s.len : len};
}

/* Cuts `rest` at its first `mark`: the head goes to `out`, the tail stays in
 * `rest`. False, and nothing is touched, when there is no mark. */
static inline bool
slice_cut(struct slice *rest, unsigned char mark, struct slice *out)
{
    const unsigned char *found = rest->len ? memchr(rest->at, mark, rest->len) : NULL;
    if (!found)
        return false;

    size_t head = (size_t)(found - rest->at);
    *out = (struct slice){rest->at, head};
    *rest = (struct slice){found + 1, rest->len - head - 1};
    return true;
}

/* `s` without blanks, tabs, CR and LF at both ends. */
struct slice slice_trim(struct slice s);

/* Are both the same but for the case of ASCII letters? */
bool slice_equal_nocase(struct slice a, struct slice b);

/* Copies `s` as a closed text into `out` (`size` bytes, zero included).
 * False, and `out` is the empty text, when it does not fit or holds a zero byte. */
bool slice_to_text(struct slice s, char *out, size_t size);

#endif
