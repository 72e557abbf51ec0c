/* SPDX-License-Identifier: Apache-2.0
 *
 * THE COMMAND TABLE's door: everything that the program can be told to do. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

/* Runs the command that argv names. Gives the exit status: 0 done, 1 it could not be
 * done, 2 it was asked for wrongly. */
int commands_run(int argc, char **argv);

#endif
