/* SPDX-License-Identifier: Apache-2.0
 *
 * Growing bytes. After a write that did not fit nothing more is taken, so what is there
 * is always the beginning of what was meant. */
#include "base/buffer.h"

#include "base/mem.h"
#include "base/secret.h"

#include <stdio.h>

enum { BUFFER_LEAST_BYTES = 256 };

void
buffer_done(struct buffer *buffer)
{
    mem_free(&buffer->at);
    *buffer = buffer_make(buffer->max_bytes);
}

void
buffer_wipe(struct buffer *buffer)
{
    if (buffer->at)
        secret_wipe(buffer->at, buffer->room);
    buffer_done(buffer);
}

void
buffer_clear(struct buffer *buffer)
{
    buffer->len = 0;
    buffer->is_short = false;
}

static void
buffer_grow(struct buffer *buffer, size_t wanted)
{
    size_t room = buffer->room ? buffer->room : BUFFER_LEAST_BYTES;

    while (room < wanted)
        room = room > buffer->max_bytes / 2 ? buffer->max_bytes : room * 2;
    if (room > buffer->max_bytes)
        room = buffer->max_bytes;
    buffer->at = mem_resize(buffer->at, room);
    buffer->room = room;
}

unsigned char *
buffer_reserve(struct buffer *buffer, size_t len)
{
    if (buffer->is_short || len > buffer->max_bytes - buffer->len) {
        buffer->is_short = true;
        return NULL;
    }
    if (!buffer->at || len > buffer->room - buffer->len)
        buffer_grow(buffer, buffer->len + len);
    return buffer->at + buffer->len;
}

void
buffer_add(struct buffer *buffer, struct slice bytes)
{
    unsigned char *at;

    if (bytes.len == 0)
        return;
    at = buffer_reserve(buffer, bytes.len);
    if (!at)
        return;
    memcpy(at, bytes.at, bytes.len);
    buffer->len += bytes.len;
}

void
buffer_add_text(struct buffer *buffer, const char *text)
{
    buffer_add(buffer, slice_of(text));
}

void
buffer_add_int(struct buffer *buffer, int64_t number)
{
    unsigned char digits[20];
    size_t from = sizeof(digits);
    uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;

    do {
        digits[--from] = (unsigned char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (number < 0)
        digits[--from] = '-';
    buffer_add(buffer, (struct slice){digits + from, sizeof(digits) - from});
}

void
buffer_print(struct buffer *buffer, const char *format, ...)
{
    char small[256];
    char *large;
    va_list args;
    int len;

    va_start(args, format);
    len = vsnprintf(small, sizeof(small), format, args);
    va_end(args);
    if (len < 0) {
        buffer->is_short = true;
        return;
    }
    if ((size_t)len < sizeof(small)) {
        buffer_add(buffer, (struct slice){(unsigned char *)small, (size_t)len});
        return;
    }
    /* The closing zero needs a place too, but it is not part of the text. */
    if (!buffer_reserve(buffer, (size_t)len))
        return;
    large = mem_new((size_t)len + 1);
    va_start(args, format);
    vsnprintf(large, (size_t)len + 1, format, args);
    va_end(args);
    buffer_add(buffer, (struct slice){(unsigned char *)large, (size_t)len});
    mem_free(&large);
}

void
buffer_drop(struct buffer *buffer, size_t len)
{
    if (len >= buffer->len) {
        buffer->len = 0;
        return;
    }
    if (len == 0)
        return;
    memmove(buffer->at, buffer->at + len, buffer->len - len);
    buffer->len -= len;
}

enum status
buffer_check(const struct buffer *buffer)
{
    return buffer->is_short ? STATUS_TOO_LARGE : STATUS_OK;
}
