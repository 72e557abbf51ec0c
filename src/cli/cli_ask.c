/* SPDX-License-Identifier: Apache-2.0
 *
 * Questions at a terminal. */
#include "cli/cli_ask.h"

#include <stdio.h>
#include <unistd.h>

bool
cli_ask_can(void)
{
    return isatty(STDIN_FILENO) != 0;
}

bool
cli_ask_yes(const char *question)
{
    char answer[16] = "";

    fflush(stdout);
    fprintf(stderr, "%s [y/N] ", question);
    fflush(stderr);
    return fgets(answer, sizeof(answer), stdin) && (answer[0] == 'y' || answer[0] == 'Y');
}
