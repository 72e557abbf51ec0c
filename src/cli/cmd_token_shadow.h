/* SPDX-License-Identifier: Apache-2.0
 *
 * tokenhouse token shadow: trying a tightened set out. */
#ifndef CLI_CMD_TOKEN_SHADOW_H
#define CLI_CMD_TOKEN_SHADOW_H

#include "cli/options.h"

int cmd_token_shadow(const struct options *options);

#endif
