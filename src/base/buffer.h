/* SPDX-License-Identifier: Apache-2.0
 *
 * Growing bytes with a maximum. A write that does not fit is remembered, so a chain of
 * writes is checked once, at its end. */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include "base/slice.h"
#include "base/status.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

struct buffer {
    unsigned char *at; /* len bytes are filled; owned */
    size_t len, room;  /* in bytes */
    size_t max_bytes;  /* never grows past this */
    bool is_short;     /* a write did not fit: what is here is not whole */
};

/* An empty buffer that may grow to `max_bytes`. Allocates nothing yet. */
static inline struct buffer
buffer_make(size_t max_bytes)
{
    return (struct buffer){.max_bytes = max_bytes};
}

void buffer_done(struct buffer *buffer); /* frees; leaves a buffer that holds nothing */
void buffer_wipe(struct buffer *buffer); /* the same, after overwriting with zeros */
void buffer_clear(
    struct buffer *buffer); /* len = 0, keeps the memory, forgets is_short */

void buffer_add(struct buffer *buffer, struct slice bytes);
void buffer_add_text(struct buffer *buffer, const char *text);
void buffer_add_int(struct buffer *buffer, int64_t number); /* decimal */
__attribute__((format(printf, 2, 3))) void buffer_print(struct buffer *buffer,
                                                        const char *format, ...);
/* Room for `len` more bytes, to be filled by the caller, who then raises `len`.
 * NULL, and is_short is set, when it does not fit. */
unsigned char *buffer_reserve(struct buffer *buffer, size_t len);
/* Drops the first `len` bytes. */
void buffer_drop(struct buffer *buffer, size_t len);

static inline void
buffer_add_byte(struct buffer *buffer, unsigned char byte)
{
    if (buffer->len < buffer->room && !buffer->is_short)
        buffer->at[buffer->len++] = byte;
    else
        buffer_add(buffer, (struct slice){&byte, 1});
}

static inline struct slice
buffer_slice(const struct buffer *buffer)
{
    return (struct slice){buffer->at, buffer->len};
}

/* STATUS_TOO_LARGE when a write did not fit since the last clear. */
MUST_CHECK enum status buffer_check(const struct buffer *buffer);

#endif
