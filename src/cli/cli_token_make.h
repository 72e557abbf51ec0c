/* SPDX-License-Identifier: Apache-2.0
 *
 * What the commands share that make a token: reading what is typed of its key, addresses
 * and groups, and handing its secret key out, once. */
#ifndef CLI_CLI_TOKEN_MAKE_H
#define CLI_CLI_TOKEN_MAKE_H

#include "base/buffer.h"
#include "base/secret.h"
#include "cli/cli_house.h"

enum { CLI_KEY_FILE_MAX_BYTES = 64 * 1024, CLI_ADDRESSES_MAX_BYTES = 64 * 1024 };

/* All values of --approved-ip as one list. */
void cli_join_addresses(const struct options *options, struct buffer *out);
/* The file of --public-key; an empty one is refused here, because a wish without key
 * asks for a secret key. Gives the exit status, as all below. */
MUST_CHECK int cli_read_key_file(const struct options *options, struct buffer *out);
/* The device groups of --group; `ids` has room for them. */
MUST_CHECK int cli_find_groups(struct cli_house *house, const struct options *options,
                               int64_t *ids);
/* Before anything is made: --out names a new file, and only where there is a secret. */
MUST_CHECK int cli_check_out(const struct options *options);

/* What was made, and how it is taken back when its secret key cannot be handed out:
 * nobody could use it. */
struct cli_made {
    const struct token *token, *old; /* old: whom it replaces; NULL = nobody */
    const struct secret *secret;     /* empty: ES256 */
    enum status (*take_back)(const struct act *act, const struct cli_made *made);
};
/* Writes the .token file of --out, or shows the secret key. */
int cli_hand_out(struct cli_house *house, const struct options *options,
                 const struct cli_made *made);

#endif
