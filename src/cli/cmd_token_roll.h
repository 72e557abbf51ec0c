/* SPDX-License-Identifier: Apache-2.0
 *
 * tokenhouse token roll, overlap, unroll: run by their forms in cmd_token.c. Each gives
 * the exit status. */
#ifndef CLI_CMD_TOKEN_ROLL_H
#define CLI_CMD_TOKEN_ROLL_H

struct options;

int cmd_token_roll(const struct options *options);
int cmd_token_roll_overlap(const struct options *options);
int cmd_token_roll_off(const struct options *options);

#endif
