/* SPDX-License-Identifier: Apache-2.0
 *
 * Name and arguments go to the command table (cli/commands.c); nothing else is here. */
#include "cli/commands.h"

int
main(int argc, char **argv)
{
    return commands_run(argc, argv);
}
