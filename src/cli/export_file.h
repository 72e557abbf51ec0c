/* SPDX-License-Identifier: Apache-2.0
 *
 * Where an export is written: a file that appears whole or not at all, or standard
 * output, which may be a file that grows. */
#ifndef CLI_EXPORT_FILE_H
#define CLI_EXPORT_FILE_H

#include "base/status.h"
#include "cli/options.h"

#include <limits.h>
#include <stdio.h>

/* Zeroed = closed. */
struct export_file {
    FILE *out;
    char path[PATH_MAX], part[PATH_MAX]; /* "" = standard output */
    bool is_continued; /* standard output is a file that holds something already */
};

/* `path` NULL: standard output. A file that is there is never overwritten. EXIT_DONE, or
 * one sentence has said what is wrong. */
MUST_CHECK int export_file_open(const struct options *options, const char *path,
                                struct export_file *out);
/* All is on disk (where it is a disk) under its name. */
MUST_CHECK int export_file_keep(const struct options *options, struct export_file *file);
/* Closes; what was not kept is gone. */
void export_file_done(struct export_file *file);

#endif
