/* SPDX-License-Identifier: Apache-2.0
 *
 * Devices in a file, one after the other: a JSON array, {"data": [...]}, JSON lines, or
 * CSV with a row of field names. Reads as it goes: memory does not grow with the file. */
#ifndef API_IMPORT_ROWS_H
#define API_IMPORT_ROWS_H

#include "base/slice.h"
#include "base/status.h"

#include <stdint.h>
#include <sys/types.h>

/* Fills `out` with at most `size` bytes; 0 at the end, -1 when it cannot (errno). */
typedef ssize_t import_read(void *ctx, void *out, size_t size);

struct import_rows;
struct import_rows *import_rows_new(import_read *read, void *ctx);
void import_rows_free(struct import_rows **rows);

/* The next row as the text of a JSON value, not checked yet; it lives until the next
 * call. `out_line` is where it begins, from 1.
 * STATUS_NOT_FOUND   there is no more
 * STATUS_MALFORMED   this row cannot be read, the next one can: failure says why
 * STATUS_TOO_LARGE   the same: it is longer than a device may be
 * STATUS_REFUSED     the file goes wrong here and cannot be read on
 * STATUS_UNAVAILABLE it cannot be read: failure has the system's words */
MUST_CHECK enum status import_rows_next(struct import_rows *rows, struct slice *out,
                                        int *out_line, struct failure *failure);
/* Bytes that were read so far; for progress. */
int64_t import_rows_bytes(const struct import_rows *rows);

#endif
