/* SPDX-License-Identifier: Apache-2.0
 *
 * The house: opens everything in order, serves until it is told to stop, closes
 * everything in reverse. THE STAGE TABLE is in house.c. */
#ifndef HOUSE_HOUSE_H
#define HOUSE_HOUSE_H

#include "base/status.h"
#include "config/config.h"

/* Serves with this configuration until SIGTERM or SIGINT. Logs "listening" when ready.
 * `config_path` is the file that SIGHUP reads again, NULL for the usual one in the data
 * folder. `failure` says why it could not open. */
MUST_CHECK enum status house_run(const struct config *config, const char *config_path,
                                 struct failure *failure);

/* What house_run() would say to the settings themselves. Opens no port and no database;
 * `failure` says what is wrong. */
MUST_CHECK enum status house_check(const struct config *config, struct failure *failure);

#endif
