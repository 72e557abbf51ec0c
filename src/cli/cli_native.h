/* SPDX-License-Identifier: Apache-2.0
 *
 * A request that is signed itself (RFC 9421), as `call --native` sends it. */
#ifndef CLI_CLI_NATIVE_H
#define CLI_CLI_NATIVE_H

#include "cli/cli_client.h"
#include "cli/cli_signer.h"
#include "httpsig/content_digest.h"
#include "httpsig/message.h"

/* Everything that goes into its head. */
struct cli_native {
    struct buffer target; /* closed text */
    char digest[CONTENT_DIGEST_CHARS];
    struct buffer input, signature; /* the values of the two fields */
    struct buffer base;             /* what was signed */
};

struct cli_native cli_native_make(void);
void cli_native_done(struct cli_native *native);

/* Signs `request` for the server of `client` and fills `out`, which points into `native`
 * and `request`. EXIT_DONE, or the reason is printed. */
MUST_CHECK int cli_native_sign(const struct options *options,
                               const struct cli_signer *signer,
                               const struct cli_request *request,
                               const struct cli_client *client, int64_t now_s,
                               struct cli_native *native, struct cli_send *out);

#endif
