/* SPDX-License-Identifier: Apache-2.0
 *
 * What `sign` and `call` have in common: who signs (a token and its key) and what is
 * signed (the inner request), both read from the command line. */
#ifndef CLI_CLI_SIGNER_H
#define CLI_CLI_SIGNER_H

#include "cli/options.h"
#include "jose/jws.h"

/* The rows of both forms. */
#define OPTIONS_OF_SIGNER                                                              \
    {"token", "FILE", "the .token file: token ID and secret key", false, false},       \
        {"token-id", "ID", "the token ID, with one of the next two", false, false},    \
        {"private-key", "FILE", "the private key of an ES256 token, in PEM", false,    \
         false},                                                                       \
        {"secret-file", "FILE", "the secret key of an HS256 token, as text", false,    \
         false},                                                                       \
        {"data", "JSON", "the body: JSON, @FILE, or @- for standard input", false,     \
         false},                                                                       \
    {                                                                                  \
        "content-type", "TYPE", "the body's type; else application/json", false, false \
    }

/* A token that can sign. */
struct cli_signer {
    char token_id[TOKEN_ID_MAX_CHARS + 1];
    enum alg alg;
    struct es256_private *es256; /* ES256 only */
    struct hmac_key *hs256;      /* HS256 only */
};

/* An inner request. The slices point into argv. */
struct cli_request {
    char method[16]; /* in capitals */
    struct slice uri, query, content_type;
    struct buffer payload; /* {} or {"data":…} */
    struct slice data;     /* the body alone, in the payload; empty = none */
};

/* Opens the token that the options name. EXIT_DONE, or the reason is printed. A private
 * key that others may read is refused. */
MUST_CHECK int cli_signer_open(const struct options *options, struct cli_signer *out);
void cli_signer_close(struct cli_signer *signer);

/* Reads METHOD, PATH[?query] (the two arguments) and --data. EXIT_DONE, or the reason is
 * printed. */
MUST_CHECK int cli_request_read(const struct options *options, struct cli_request *out);
void cli_request_done(struct cli_request *request);

/* Appends the signed message. EXIT_DONE, or the reason is printed. */
MUST_CHECK int cli_request_sign(const struct options *options,
                                const struct cli_signer *signer,
                                const struct cli_request *request, int64_t issued_at_ms,
                                struct buffer *out);

#endif
