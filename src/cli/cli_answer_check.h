/* SPDX-License-Identifier: Apache-2.0
 *
 * Asking for a signed answer (RFC 9421 §5), and checking it: is it the server's, and is
 * it the answer to this very request? */
#ifndef CLI_CLI_ANSWER_CHECK_H
#define CLI_CLI_ANSWER_CHECK_H

#include "cli/cli_client.h"
#include "cli/options.h"
#include "crypto/es256.h"
#include "httpsig/content_digest.h"

enum { CLI_NONCE_CHARS = 22, CLI_ACCEPT_MAX_BYTES = 256 };

/* What an answer is held against. */
struct cli_answer_check {
    struct es256_key *key; /* the server's; owned */
    char nonce[CLI_NONCE_CHARS + 1];
    char accept[CLI_ACCEPT_MAX_BYTES];
    char digest[CONTENT_DIGEST_CHARS]; /* of what we send as a JWS */
};

/* Reads the server's public key. EXIT_DONE, or the reason is printed. */
MUST_CHECK int cli_answer_check_open(const struct options *options, const char *path,
                                     struct cli_answer_check *out);
void cli_answer_check_close(struct cli_answer_check *check);

/* Adds Accept-Signature with a new nonce to what is sent; and, when the request is not
 * signed itself, the digest of its body, so that the answer can name it. */
void cli_answer_check_ask(struct cli_answer_check *check, bool is_native,
                          struct cli_send *send);

/* EXIT_DONE: the answer to `send` is the server's, whole and fresh. Otherwise the reason
 * is printed. */
MUST_CHECK int cli_answer_check_run(const struct options *options,
                                    const struct cli_answer_check *check,
                                    const struct cli_client *client,
                                    const struct cli_send *send,
                                    const struct cli_answer *answer);

#endif
