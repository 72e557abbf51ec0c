/* SPDX-License-Identifier: Apache-2.0
 *
 * Importing devices: one act for all of them, with one event. */
#ifndef API_DEVICE_IMPORT_H
#define API_DEVICE_IMPORT_H

#include "base/slice.h"
#include "rules/act.h"

#include <stdbool.h>

struct device_import;

/* What became of the rows. */
struct device_import_count {
    int64_t added, changed, same;
    int64_t refused; /* bad rows */
    int64_t applications;
};

/* Begins the act. */
MUST_CHECK enum status device_import_begin(const struct act *act,
                                           struct device_import **out);
/* Puts one device in. A row is found by its deviceUid, or by its esn when it has no
 * deviceUid; then it keeps the one that is there, or gets a new one.
 * STATUS_MALFORMED, STATUS_TOO_LARGE: the row is bad (failure says why) and not put in;
 * it is counted, and the import may go on. Others: the import has failed. */
MUST_CHECK enum status device_import_row(struct device_import *import, struct slice json,
                                         struct failure *failure);
/* Only checks from now on: nothing of this import will stay. */
void device_import_check_only(struct device_import *import);
/* Counts a row that could not even be cut out of its file. */
void device_import_refused(struct device_import *import);
void device_import_counts(const struct device_import *import,
                          struct device_import_count *out);
/* Writes the event, and makes all of it last. Without a change no event is written. */
MUST_CHECK enum status device_import_commit(struct device_import *import);
/* Undoes what was not committed, and frees. */
void device_import_end(struct device_import **import);

#endif
