/* SPDX-License-Identifier: Apache-2.0
 *
 * The words and numbers of problems, from PROBLEM_LIST. */
#include "console/problem.h"

#include "base/auto.h"

#include <string.h>

static const struct {
    int http;
    const char *code, *title, *detail;
} PROBLEMS[] = {[PROBLEM_NONE] = {500, "BROKEN", "Internal Server Error", ""},
#define X(code, status, title, detail) [PROBLEM_##code] = {status, #code, title, detail},
                PROBLEM_LIST(X)
#undef X
};

enum problem
problem_of(enum status status, const struct failure *failure)
{
    switch (status) {
    case STATUS_OK:
        return PROBLEM_NONE;
    case STATUS_MALFORMED:
        return PROBLEM_INVALID;
    case STATUS_REFUSED:
        return failure->field[0] ? PROBLEM_CONFLICT : PROBLEM_NOT_PERMITTED;
    case STATUS_NOT_FOUND:
        return PROBLEM_NOT_FOUND;
    case STATUS_CONFLICT:
        return strcmp(failure->field, "version") == 0 ? PROBLEM_CHANGED
                                                      : PROBLEM_CONFLICT;
    case STATUS_TOO_LARGE:
        return failure->field[0] ? PROBLEM_INVALID : PROBLEM_TOO_LARGE;
    case STATUS_FULL:
        return PROBLEM_DISK_FULL;
    case STATUS_UNAVAILABLE:
        return PROBLEM_UNAVAILABLE;
    case STATUS_BROKEN:
        return PROBLEM_BROKEN;
    }
    return PROBLEM_BROKEN;
}

int
problem_http(enum problem problem)
{
    return PROBLEMS[problem].http;
}

const char *
problem_code(enum problem problem)
{
    return PROBLEMS[problem].code;
}

const char *
problem_title(enum problem problem)
{
    return PROBLEMS[problem].title;
}

const char *
problem_detail(enum problem problem)
{
    return PROBLEMS[problem].detail;
}
