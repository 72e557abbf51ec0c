/* SPDX-License-Identifier: Apache-2.0
 *
 * Sets of permissions as commands read and print them. */
#ifndef CLI_CLI_PERMISSIONS_H
#define CLI_CLI_PERMISSIONS_H

#include "cli/options.h"
#include "model/permission.h"

/* Adds each value of the repeatable option `name` to *set. EXIT_DONE, or one sentence
 * has named the first that the catalogue does not have. */
int cli_permissions_read(const struct options *options, const char *name,
                         struct permission_set *set);
/* One a line, each with two blanks before it; `none` when the set is empty. */
void cli_permissions_print(const struct permission_set *set, const char *none);

#endif
