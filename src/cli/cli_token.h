/* SPDX-License-Identifier: Apache-2.0
 *
 * Tokens as commands show them: as JSON for scripts, as text and tables for people. */
#ifndef CLI_CLI_TOKEN_H
#define CLI_CLI_TOKEN_H

#include "cli/cli_house.h"
#include "store/store_tokens.h"

/* Everything about a token but its keys. */
MUST_CHECK enum status cli_token_json(struct cli_house *house, const struct token *token,
                                      json_t **out);
/* Prints one token; gives the exit status. */
int cli_token_print(struct cli_house *house, const struct options *options,
                    const struct token *token);
/* Prints the tokens that the query finds, or of these only the unused ones; gives the
 * exit status. */
int cli_token_list(struct cli_house *house, const struct options *options,
                   const struct token_query *query, bool is_unused_only);

#endif
