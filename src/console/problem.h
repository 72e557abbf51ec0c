/* SPDX-License-Identifier: Apache-2.0
 *
 * THE PROBLEM TABLE: all that the admin API can answer instead of what was asked for, as
 * problem details (RFC 9457). docs/admin-api.md lists the codes. */
#ifndef CONSOLE_PROBLEM_H
#define CONSOLE_PROBLEM_H

#include "base/status.h"

/* X(code, HTTP status, title, what is said when nobody said more) */
#define PROBLEM_LIST(X)                                                                  \
    X(MALFORMED, 400, "Bad Request", "the request cannot be read")                       \
    X(NOT_LOGGED_IN, 401, "Unauthorized", "log in first; the session has ended")         \
    X(LOGIN_FAILED, 401, "Unauthorized", "the e-mail or the password is wrong")          \
    X(SECOND_FACTOR_NEEDED, 401, "Unauthorized", "a code of the app is needed")          \
    X(SECOND_FACTOR_WRONG, 401, "Unauthorized", "the code is wrong or was used")         \
    X(SETUP_CODE_WRONG, 401, "Unauthorized", "the set-up code is wrong")                 \
    X(PASSWORD_CHANGE_NEEDED, 403, "Forbidden", "the password must be changed")          \
    X(CSRF, 403, "Forbidden", "the request does not come from the console")              \
    X(NOT_PERMITTED, 403, "Forbidden", "this may not be done")                           \
    X(NOT_FOUND, 404, "Not Found", "there is no such thing")                             \
    X(METHOD, 405, "Method Not Allowed", "see the header Allow")                         \
    X(CONFLICT, 409, "Conflict", "it is taken, in use, or not in a state for this")      \
    X(CHANGED, 412, "Precondition Failed", "somebody has changed it meanwhile")          \
    X(TOO_LARGE, 413, "Content Too Large", "the request is too large")                   \
    X(INVALID, 422, "Unprocessable Content", "a field is wrong")                         \
    X(IF_MATCH_NEEDED, 428, "Precondition Required",                                     \
      "say by If-Match which version this is an edit of")                                \
    X(THROTTLED, 429, "Too Many Requests", "too many attempts; wait a little")           \
    X(BROKEN, 500, "Internal Server Error", "something went wrong on our side")          \
    X(DISK_FULL, 503, "Service Unavailable",                                             \
      "the server's disk is full: nothing can be changed until there is room; requests " \
      "are checked as before")                                                           \
    X(UNAVAILABLE, 503, "Service Unavailable", "the database does not answer")

enum problem {
    PROBLEM_NONE = 0,
#define X(code, status, title, detail) PROBLEM_##code,
    PROBLEM_LIST(X)
#undef X
};

/* What a bad status of rules/ or store/ is to the caller. A CONFLICT in "version" is
 * CHANGED. MALFORMED names a field of what
 * was typed: INVALID. REFUSED is NOT_PERMITTED, but a CONFLICT where `field` says that
 * the thing itself stands in the way and not the caller's rights. */
enum problem problem_of(enum status status, const struct failure *failure);
int problem_http(enum problem problem);
const char *problem_code(enum problem problem);
const char *problem_title(enum problem problem);
const char *problem_detail(enum problem problem);

#endif
