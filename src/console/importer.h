/* SPDX-License-Identifier: Apache-2.0
 *
 * Imports of devices: a file comes up in parts, and is then put into the inventory by a
 * thread of its own, so that no worker waits for it. In parts as well, each an act with
 * its event: others get their turn to write in between. For all threads. */
#ifndef CONSOLE_IMPORTER_H
#define CONSOLE_IMPORTER_H

#include "base/uuid.h"
#include "rules/act.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    IMPORT_MAX_COUNT = 8,         /* at a time; their files lie in the data folder */
    IMPORT_OF_USER_MAX_COUNT = 3, /* one cannot take all */
    IMPORT_NAME_MAX_CHARS = 120,
    IMPORT_BAD_MAX_COUNT = 100, /* bad rows that are told one by one */
    IMPORT_PART_MAX_BYTES = 512 * 1024,
    IMPORT_IDLE_MAX_MS = 3600 * 1000, /* untouched for so long it is dropped */
};
#define IMPORT_MAX_BYTES (INT64_C(1) << 30)

enum import_state { IMPORT_UPLOADING = 1, IMPORT_RUNNING, IMPORT_DONE, IMPORT_FAILED };

struct import_bad {
    int line;
    char detail[240];
};

/* What is told of an import. */
struct import_view {
    char id[UUID_CHARS + 1];
    char name[IMPORT_NAME_MAX_CHARS * 4 + 1];
    enum import_state state;
    int64_t size, received; /* bytes */
    int64_t rows;           /* looked at in the pass that runs, or ran last */
    int64_t added, changed;
    int64_t bad_count;
    struct import_bad bad[IMPORT_BAD_MAX_COUNT];
    size_t bad_listed;
    char detail[FAILURE_TEXT_MAX]; /* why it failed; "" = it did not */
};

struct importer;

/* `data` is the data folder; borrowed. */
struct config;
struct importer *importer_new(const struct config *config);
/* Ends what runs, and drops all. */
void importer_free(struct importer **importer);
/* Drops what nobody has touched for long. */
void importer_sweep(struct importer *importer);

/* Every import belongs to the user who began it; others' are NOT_FOUND. */

/* STATUS_REFUSED: there are too many (field "imports"). STATUS_MALFORMED: name, size. */
MUST_CHECK enum status importer_begin(struct importer *importer, int64_t user_id,
                                      struct slice name, int64_t size,
                                      char out_id[UUID_CHARS + 1],
                                      struct failure *failure);
/* Takes a part. STATUS_CONFLICT: another offset is expected, which `failure` says, or it
 * does not wait for parts. STATUS_TOO_LARGE: more than its size. */
MUST_CHECK enum status importer_take(struct importer *importer, int64_t user_id,
                                     struct slice id, int64_t offset, struct slice bytes,
                                     struct failure *failure);
/* Has it put in by `act`'s actor. STATUS_CONFLICT: not whole yet, running, or done. */
MUST_CHECK enum status importer_run(struct importer *importer, struct slice id,
                                    const struct act *act, bool may_skip_bad);
MUST_CHECK enum status importer_view(struct importer *importer, int64_t user_id,
                                     struct slice id, struct import_view *out);
/* Drops it; one that runs ends after the part that it is at. */
MUST_CHECK enum status importer_drop(struct importer *importer, int64_t user_id,
                                     struct slice id);

#endif
