/* SPDX-License-Identifier: Apache-2.0
 *
 * The outcomes and their words. */
#include "base/status.h"

#include <stddef.h>
#include <stdio.h>

int
status_http(enum status status)
{
    switch (status) {
#define X(name, http, text) \
    case STATUS_##name:     \
        return http;
        STATUS_LIST(X)
#undef X
    }
    return 500;
}

const char *
status_text(enum status status)
{
    switch (status) {
#define X(name, http, text) \
    case STATUS_##name:     \
        return text;
        STATUS_LIST(X)
#undef X
    }
    return "something went wrong on our side";
}

const char *
status_name(enum status status)
{
    switch (status) {
    case STATUS_OK:
        return "ok";
    case STATUS_MALFORMED:
        return "malformed";
    case STATUS_REFUSED:
        return "refused";
    case STATUS_NOT_FOUND:
        return "not_found";
    case STATUS_CONFLICT:
        return "conflict";
    case STATUS_TOO_LARGE:
        return "too_large";
    case STATUS_UNAVAILABLE:
        return "unavailable";
    case STATUS_FULL:
        return "full";
    case STATUS_BROKEN:
        return "broken";
    }
    return "broken";
}

enum status
failure_set(struct failure *failure, enum status status, const char *field,
            const char *format, ...)
{
    va_list args;

    if (!failure)
        return status;
    snprintf(failure->field, sizeof(failure->field), "%s", field ? field : "");
    va_start(args, format);
    vsnprintf(failure->text, sizeof(failure->text), format, args);
    va_end(args);
    return status;
}
