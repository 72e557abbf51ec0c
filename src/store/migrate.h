/* SPDX-License-Identifier: Apache-2.0
 *
 * Brings a database to the form that this program knows: the numbered files of
 * migrations/, carried in the program. */
#ifndef STORE_MIGRATE_H
#define STORE_MIGRATE_H

#include "base/status.h"
#include "store/db.h"

/* Is the database of the form we know? STATUS_REFUSED: a newer program has written it.
 * STATUS_CONFLICT: migrations are missing. `path` is for the words. */
MUST_CHECK enum status migrate_check(struct db *db, const char *path,
                                     struct failure *failure);
/* Does what is missing, each file in a transaction of its own. */
MUST_CHECK enum status migrate_run(struct db *db, const char *path,
                                   struct failure *failure);

#endif
