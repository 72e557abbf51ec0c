/* SPDX-License-Identifier: Apache-2.0
 *
 * What goes with a user who is suspended or deleted: their tokens, and what these did. */
#ifndef CLI_CLI_LEAVING_H
#define CLI_CLI_LEAVING_H

#include "cli/cli_house.h"
#include "model/records.h"

/* Prints it. EXIT_DONE, or the reason is printed. */
MUST_CHECK int cli_leaving_show(struct cli_house *house, const struct user *user);

#endif
