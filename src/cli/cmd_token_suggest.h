/* SPDX-License-Identifier: Apache-2.0
 *
 * tokenhouse token suggest: run by its form in cmd_token.c. Gives the exit status. */
#ifndef CLI_CMD_TOKEN_SUGGEST_H
#define CLI_CMD_TOKEN_SUGGEST_H

struct options;

int cmd_token_suggest(const struct options *options);

#endif
