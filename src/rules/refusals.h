/* SPDX-License-Identifier: Apache-2.0
 *
 * The latest refusals of real requests whose token was proved, in memory: so that its
 * owner can open one, read why, and have it explained. Bounded; of the request only what
 * names it and what the verdict looked at is kept (rules/redact.h), never a signature, or
 * a value that may be a secret. For all threads. */
#ifndef RULES_REFUSALS_H
#define RULES_REFUSALS_H

#include "base/ip.h"
#include "base/limits.h"
#include "base/slice.h"
#include "base/status.h"
#include "model/verdict.h"

#include <stddef.h>
#include <stdint.h>

enum {
    REFUSALS_OF_TOKEN_MAX_COUNT = 50, /* as many as anybody reads */
    REFUSAL_URI_BYTES = 256,          /* cut at it */
    REFUSAL_QUERY_BYTES = 256,
    REFUSAL_BODY_BYTES = 128,
};

struct refusal {
    int64_t at_ms;
    enum verdict verdict;
    char token_id[TOKEN_ID_MAX_CHARS + 1];
    char request_id[32];
    char method[16];
    char uri[REFUSAL_URI_BYTES];                               /* path only */
    char query[REFUSAL_QUERY_BYTES], body[REFUSAL_BODY_BYTES]; /* redacted */
    int64_t issued_at_ms;
    char address[IP_TEXT_MAX + 1];
    char words[FAILURE_TEXT_MAX]; /* as the caller heard them */
};

struct refusals;

struct refusals *refusals_new(void);
void refusals_free(struct refusals **refusals);
/* Keeps a copy; the oldest of its neighbourhood goes. Tokens are spread over many
 * neighbourhoods, so that one that is refused all the time drives out few others. */
void refusals_add(struct refusals *refusals, const struct refusal *refusal);
/* Those of a token, newest first; gives how many. */
size_t refusals_find(struct refusals *refusals, struct slice token_id,
                     struct refusal out[REFUSALS_OF_TOKEN_MAX_COUNT]);
/* The one of this request. STATUS_NOT_FOUND: it was not kept, or not any more. */
MUST_CHECK enum status refusals_by_request(struct refusals *refusals,
                                           struct slice request_id, struct refusal *out);

#endif
