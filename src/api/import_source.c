/* SPDX-License-Identifier: Apache-2.0
 *
 * The window: it grows to one row at most, and is moved only when more is read. */
#include "api/import_source.h"

#include <errno.h>

bool
import_source_more(struct import_source *source)
{
    if (source->is_at_end || source->failed_errno != 0)
        return false;
    buffer_drop(&source->window, source->start);
    source->start = 0;
    if (source->window.len > IMPORT_ROW_MAX_BYTES)
        return false;
    unsigned char *room = buffer_reserve(&source->window, IMPORT_CHUNK_BYTES);
    if (!room)
        return false;
    ssize_t got = source->read(source->ctx, room, IMPORT_CHUNK_BYTES);
    if (got < 0) {
        source->failed_errno = errno ? errno : EIO;
        return false;
    }
    source->is_at_end = got == 0;
    source->window.len += (size_t)got;
    source->read_bytes += got;
    return got > 0;
}

void
import_source_take(struct import_source *source, size_t len)
{
    const unsigned char *at = source->window.at + source->start;
    const unsigned char *end = at + len;

    while (at < end && (at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        source->line++;
        at++;
    }
    source->start += len;
}

int
import_source_peek(struct import_source *source)
{
    for (;;) {
        struct slice view = import_source_view(source);
        size_t blanks = 0;
        while (blanks < view.len && (view.at[blanks] == ' ' || view.at[blanks] == '\t' ||
                                     view.at[blanks] == '\r' || view.at[blanks] == '\n'))
            blanks++;
        import_source_take(source, blanks);
        if (blanks < view.len)
            return view.at[blanks];
        if (!import_source_more(source))
            return -1;
    }
}
