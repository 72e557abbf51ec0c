/* SPDX-License-Identifier: Apache-2.0
 *
 * Did a function do its work? The one list of outcomes for the whole house, and the
 * words that go to a human beside a bad one. What we *decided* about a request is a
 * verdict (model/verdict.h), not a status. */
#ifndef BASE_STATUS_H
#define BASE_STATUS_H

#include <stdarg.h>

/* X(name, HTTP status, the only text a caller from outside ever sees) */
#define STATUS_LIST(X)                                                           \
    X(OK, 200, "ok")                                                             \
    X(MALFORMED, 400, "the request cannot be read")                              \
    X(REFUSED, 403, "this may not be done")                                      \
    X(NOT_FOUND, 404, "there is no such thing")                                  \
    X(CONFLICT, 409, "it has changed meanwhile")                                 \
    X(TOO_LARGE, 413, "the request is too large")                                \
    X(UNAVAILABLE, 503, "try again later")                                       \
    X(FULL, 503, "the disk is full: nothing can be changed until there is room") \
    X(BROKEN, 500, "something went wrong on our side")

enum status {
#define X(name, http, text) STATUS_##name,
    STATUS_LIST(X)
#undef X
};

int status_http(enum status status);
const char *status_text(enum status status);
/* The name in lower case, for the log: "not_found". */
const char *status_name(enum status status);

/* Every function that can fail carries this: the compiler asks for the answer. */
#define MUST_CHECK __attribute__((warn_unused_result))

enum { FAILURE_TEXT_MAX = 512, FAILURE_FIELD_MAX = 64 };

/* The detail of a failure when a human is at the other end: one plain sentence that
 * names the thing, what was given and what is wanted. Zeroed = nothing to say. */
struct failure {
    char field[FAILURE_FIELD_MAX]; /* which input, by its public name; may be "" */
    char text[FAILURE_TEXT_MAX];   /* never a secret */
    int line;                      /* of a file that was read; 0 = none */
};

/* Fills `failure` (may be NULL) and gives `status` back, for `return failure_set(…)`.
 * `field` may be NULL. */
__attribute__((format(printf, 4, 5))) MUST_CHECK enum status failure_set(
    struct failure *failure, enum status status, const char *field, const char *format,
    ...);

#endif
