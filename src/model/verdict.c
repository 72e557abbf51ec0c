/* SPDX-License-Identifier: Apache-2.0
 *
 * The codes and names of verdicts, all from VERDICT_LIST. */
#include "model/verdict.h"

#include <assert.h>

static const struct verdict_row {
    int http;
    const char *code, *detail;
} ROWS[VERDICT_COUNT] = {
#define X(name, http, code, detail) [name] = {http, code, detail},
    VERDICT_LIST(X)
#undef X
};

/* As operators read them in log and metrics. A test holds them against VERDICT_LIST. */
static const char *const NAMES[VERDICT_COUNT] = {
    [UNDECIDED] = "undecided",
    [PERMITTED] = "permitted",
    [REFUSED_NOT_A_JWS] = "not_a_jws",
    [REFUSED_TOO_LARGE] = "too_large",
    [REFUSED_BAD_HEADER] = "bad_header",
    [REFUSED_SIGNATURE_INPUT] = "signature_input",
    [REFUSED_NOT_SIGNED] = "not_signed",
    [REFUSED_PLAIN_TEXT] = "plain_text",
    [REFUSED_UNKNOWN_TOKEN] = "unknown_token",
    [REFUSED_WRONG_ALG] = "wrong_alg",
    [REFUSED_BAD_SIGNATURE] = "bad_signature",
    [REFUSED_CANARY] = "canary",
    [REFUSED_BEARER] = "bearer",
    [REFUSED_ADDRESS] = "address",
    [REFUSED_EXPIRED] = "expired",
    [REFUSED_REPLACED] = "replaced",
    [REFUSED_SUSPENDED] = "suspended",
    [REFUSED_USER_SUSPENDED] = "user_suspended",
    [REFUSED_NOT_YET] = "not_yet",
    [REFUSED_USED_UP] = "used_up",
    [REFUSED_NOT_FRESH] = "not_fresh",
    [REFUSED_REPLAYED] = "replayed",
    [REFUSED_BAD_REQUEST] = "bad_request",
    [REFUSED_DIGEST] = "digest",
    [REFUSED_NO_ROUTE] = "no_route",
    [REFUSED_LICENCE] = "licence",
    [REFUSED_PERMISSION] = "permission",
    [REFUSED_RATE] = "rate",
    [REFUSED_QUOTA] = "quota",
    [REFUSED_CONCURRENT] = "concurrent",
    [REFUSED_STALE] = "stale",
    [REFUSED_BUSY] = "busy",
    [REFUSED_UPSTREAM] = "upstream",
    [REFUSED_BROKEN] = "broken",
};

static const struct verdict_row *
row_of(enum verdict verdict)
{
    assert((int)verdict >= 0 && verdict < VERDICT_COUNT);
    return &ROWS[verdict];
}

int
verdict_http(enum verdict verdict)
{
    return row_of(verdict)->http;
}

const char *
verdict_code(enum verdict verdict)
{
    return row_of(verdict)->code;
}

const char *
verdict_detail(enum verdict verdict)
{
    return row_of(verdict)->detail;
}

const char *
verdict_name(enum verdict verdict)
{
    assert((int)verdict >= 0 && verdict < VERDICT_COUNT);
    return NAMES[verdict];
}
