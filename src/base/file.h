/* SPDX-License-Identifier: Apache-2.0
 *
 * Whole small files, and the care that files with secrets need. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/buffer.h"
#include "base/status.h"

#include <sys/types.h>

/* Reads a whole file of at most out->max_bytes into `out` (appends). `failure` says
 * which file and why. "-" reads standard input. */
MUST_CHECK enum status file_read(const char *path, struct buffer *out,
                                 struct failure *failure);
/* The same for a file that holds a secret: refused when group or others may read or
 * write it (STATUS_REFUSED). */
MUST_CHECK enum status file_read_secret(const char *path, struct buffer *out,
                                        struct failure *failure);
/* Makes a new file with exactly this mode and content, synced to disk; an existing file
 * is never overwritten (STATUS_CONFLICT). */
MUST_CHECK enum status file_write_new(const char *path, struct slice bytes, mode_t mode,
                                      struct failure *failure);

#endif
