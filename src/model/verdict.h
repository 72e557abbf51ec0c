/* SPDX-License-Identifier: Apache-2.0
 *
 * What the house decided about an exchange. The outside hears a code and, once the
 * signature is proved, exactly what is missing. A refusal is an answer, not an error. */
#ifndef MODEL_VERDICT_H
#define MODEL_VERDICT_H

/* X(name, HTTP status, the vendor's code, our precise code) */
#define VERDICT_LIST(X)                                                        \
    X(UNDECIDED, 500, "INTERNAL_SERVER_ERROR", "UNDECIDED")                    \
    X(PERMITTED, 200, "OK", "PERMITTED")                                       \
    X(REFUSED_NOT_A_JWS, 400, "INVALID_REQUEST", "NOT_A_JWS")                  \
    X(REFUSED_TOO_LARGE, 413, "INVALID_REQUEST", "TOO_LARGE")                  \
    X(REFUSED_BAD_HEADER, 400, "INVALID_REQUEST", "BAD_JWS_HEADER")            \
    X(REFUSED_SIGNATURE_INPUT, 400, "INVALID_REQUEST", "BAD_SIGNATURE_INPUT")  \
    X(REFUSED_NOT_SIGNED, 401, "NOT_AUTHENTICATED", "NOT_SIGNED")              \
    X(REFUSED_PLAIN_TEXT, 400, "INVALID_REQUEST", "TLS_REQUIRED")              \
    X(REFUSED_UNKNOWN_TOKEN, 401, "NOT_AUTHENTICATED", "NOT_AUTHENTICATED")    \
    X(REFUSED_WRONG_ALG, 401, "NOT_AUTHENTICATED", "NOT_AUTHENTICATED")        \
    X(REFUSED_BAD_SIGNATURE, 401, "NOT_AUTHENTICATED", "NOT_AUTHENTICATED")    \
    X(REFUSED_CANARY, 401, "NOT_AUTHENTICATED", "NOT_AUTHENTICATED")           \
    X(REFUSED_BEARER, 401, "NOT_AUTHENTICATED", "BEARER_NOT_ALLOWED")          \
    X(REFUSED_ADDRESS, 401, "NOT_AUTHENTICATED", "ADDRESS_NOT_APPROVED")       \
    X(REFUSED_EXPIRED, 401, "NOT_AUTHENTICATED", "TOKEN_EXPIRED")              \
    X(REFUSED_REPLACED, 401, "NOT_AUTHENTICATED", "TOKEN_REPLACED")            \
    X(REFUSED_SUSPENDED, 401, "NOT_AUTHENTICATED", "TOKEN_SUSPENDED")          \
    X(REFUSED_USER_SUSPENDED, 401, "NOT_AUTHENTICATED", "USER_SUSPENDED")      \
    X(REFUSED_NOT_YET, 401, "NOT_AUTHENTICATED", "TOKEN_NOT_YET_VALID")        \
    X(REFUSED_USED_UP, 401, "NOT_AUTHENTICATED", "TOKEN_USED_UP")              \
    X(REFUSED_NOT_FRESH, 401, "NOT_AUTHENTICATED", "ISSUED_AT_OUTSIDE_WINDOW") \
    X(REFUSED_REPLAYED, 401, "NOT_AUTHENTICATED", "REQUEST_ALREADY_USED")      \
    X(REFUSED_BAD_REQUEST, 400, "INVALID_REQUEST", "BAD_INNER_REQUEST")        \
    X(REFUSED_DIGEST, 400, "INVALID_REQUEST", "CONTENT_DIGEST_MISMATCH")       \
    X(REFUSED_NO_ROUTE, 404, "RESOURCE_NOT_FOUND", "NO_SUCH_OPERATION")        \
    X(REFUSED_LICENCE, 403, "NOT_AUTHORIZED", "LICENCE_MISSING")               \
    X(REFUSED_PERMISSION, 403, "NOT_AUTHORIZED", "PERMISSION_MISSING")         \
    X(REFUSED_RATE, 429, "RATE_LIMITED", "RATE_LIMITED")                       \
    X(REFUSED_QUOTA, 429, "RATE_LIMITED", "QUOTA_USED_UP")                     \
    X(REFUSED_CONCURRENT, 429, "RATE_LIMITED", "TOO_MANY_AT_ONCE")             \
    X(REFUSED_STALE, 503, "SERVICE_UNAVAILABLE", "STORE_SILENT")               \
    X(REFUSED_BUSY, 503, "SERVICE_UNAVAILABLE", "TOO_BUSY")                    \
    X(REFUSED_UPSTREAM, 502, "BAD_GATEWAY", "UPSTREAM_NOT_ASKED")              \
    X(REFUSED_BROKEN, 500, "INTERNAL_SERVER_ERROR", "INTERNAL_SERVER_ERROR")

enum verdict {
#define X(name, http, code, detail) name,
    VERDICT_LIST(X)
#undef X
        VERDICT_COUNT
};

int verdict_http(enum verdict verdict);
const char *verdict_code(enum verdict verdict);   /* the vendor's code */
const char *verdict_detail(enum verdict verdict); /* ours, precise */
const char *verdict_name(enum verdict verdict); /* for log and metrics: "bad_signature" */

#endif
