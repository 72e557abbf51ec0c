/* SPDX-License-Identifier: Apache-2.0
 *
 * A window on a file that is read as it goes. */
#ifndef API_IMPORT_SOURCE_H
#define API_IMPORT_SOURCE_H

#include "api/import_rows.h"
#include "base/buffer.h"

#include <stdbool.h>

enum { IMPORT_ROW_MAX_BYTES = 16 * 1024 * 1024, IMPORT_CHUNK_BYTES = 256 * 1024 };

struct import_source {
    import_read *read;
    void *ctx;
    struct buffer window; /* bytes that were read and not yet dropped */
    size_t start;         /* of what was not yet taken, in the window */
    int64_t read_bytes;
    int line; /* of `start`, from 1 */
    bool is_at_end;
    int failed_errno; /* 0 = none */
};

/* Makes at least one more byte visible, if there is one. False at the end, or when the
 * window is full, or when reading fails. May move the window. */
bool import_source_more(struct import_source *source);
/* The bytes from `start` on. */
static inline struct slice
import_source_view(const struct import_source *source)
{
    return slice_from(buffer_slice(&source->window), source->start);
}
/* Takes `len` bytes away, and counts their lines. */
void import_source_take(struct import_source *source, size_t len);
/* Takes blanks and line ends; gives the next byte without taking it, -1 at the end. */
int import_source_peek(struct import_source *source);

#endif
