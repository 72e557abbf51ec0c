/* SPDX-License-Identifier: Apache-2.0
 *
 * Asking before something dangerous is done, at a terminal. */
#ifndef CLI_CLI_ASK_H
#define CLI_CLI_ASK_H

#include "cli/options.h"

/* Is somebody there who can be asked? */
bool cli_ask_can(void);
/* Asks on stderr; true when the answer begins with y. */
bool cli_ask_yes(const char *question);

#endif
