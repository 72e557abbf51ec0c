/* SPDX-License-Identifier: Apache-2.0
 *
 * The client side of `call`: one request by libcurl, byte for byte as it was signed.
 * Knows nothing of tokens. Redirects are not followed: a signed message is for one
 * server. */
#ifndef CLI_CLI_CLIENT_H
#define CLI_CLI_CLIENT_H

#include "base/buffer.h"
#include "base/status.h"
#include "http/call.h"
#include "httpsig/message.h"

#include <stdbool.h>
#include <stdint.h>

enum { CLI_ANSWER_MAX_BYTES = 64 * 1024 * 1024 };

struct cli_client;

/* What came back. */
struct cli_answer {
    long http;             /* the status; 0 = nothing came */
    struct buffer head;    /* status line and headers, as they came */
    struct buffer body;    /* at most CLI_ANSWER_MAX_BYTES */
    int64_t retry_after_s; /* of Retry-After, as seconds or as a date; 0 = not said */
};

/* `server` is a URL with http or https, without path. STATUS_MALFORMED, `failure` says
 * why. `ca_file` (may be NULL) is trusted instead of the system's list. */
MUST_CHECK enum status cli_client_open(const char *server, const char *ca_file,
                                       bool is_insecure, struct cli_client **out,
                                       struct failure *failure);
void cli_client_close(struct cli_client **client);

/* What is sent. */
struct cli_send {
    const char *method;
    const char *target; /* path and query, as it stands in the request line */
    struct slice body;  /* empty = none */
    struct http_header headers[8];
    size_t header_count;
};

/* What is sent as its signer sees it; borrows from both. */
struct httpsig_message cli_client_message(const struct cli_client *client,
                                          const struct cli_send *send);

/* The buffers of `out` are cleared before. STATUS_UNAVAILABLE: no answer, or not all of
 * it; `failure` says why. */
MUST_CHECK enum status cli_client_send(struct cli_client *client,
                                       const struct cli_send *send,
                                       struct cli_answer *out, struct failure *failure);

struct cli_answer cli_answer_make(void);
void cli_answer_done(struct cli_answer *answer);

#endif
