/* SPDX-License-Identifier: Apache-2.0
 *
 * A refused request whose token was proved, as its owner may read it: what names it and
 * what the verdict looked at, never a signature, or a value that may be a secret
 * (rules/redact.h). A plain record. */
#ifndef MODEL_REFUSAL_H
#define MODEL_REFUSAL_H

#include "base/ip.h"
#include "base/limits.h"
#include "base/status.h"
#include "model/verdict.h"

#include <stdint.h>

enum {
    REFUSAL_REQUEST_ID_BYTES = 32,
    REFUSAL_URI_BYTES = 256, /* cut at it */
    REFUSAL_QUERY_BYTES = 256,
    REFUSAL_BODY_BYTES = 128,
};

struct refusal {
    int64_t at_ms;
    enum verdict verdict;
    char token_id[TOKEN_ID_MAX_CHARS + 1];
    char request_id[REFUSAL_REQUEST_ID_BYTES];
    char method[16];
    char uri[REFUSAL_URI_BYTES];                               /* path only */
    char query[REFUSAL_QUERY_BYTES], body[REFUSAL_BODY_BYTES]; /* redacted */
    int64_t issued_at_ms;
    char address[IP_TEXT_MAX + 1];
    char words[FAILURE_TEXT_MAX]; /* as the caller heard them */
};

#endif
