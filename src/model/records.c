/* SPDX-License-Identifier: Apache-2.0
 *
 * The names of events, from EVENT_LIST. */
#include "model/records.h"

const char *
event_name(enum event_kind kind)
{
    switch (kind) {
#define X(name, code, text, severity) \
    case EVENT_##name:                \
        return text;
        EVENT_LIST(X)
#undef X
    }
    return "?"; /* a code that a newer program has stored */
}

enum severity
event_severity(enum event_kind kind)
{
    switch (kind) {
#define X(name, code, text, severity) \
    case EVENT_##name:                \
        return SEVERITY_##severity;
        EVENT_LIST(X)
#undef X
    }
    return SEVERITY_NOTICE; /* a code that a newer program has stored */
}

enum status
event_kind_read(struct slice name, int64_t *out)
{
    static const struct {
        int64_t kind;
        struct slice name;
    } KINDS[] = {
#define X(name, code, text, severity) {(code), SLICE(text)},
        EVENT_LIST(X)
#undef X
    };

    for (size_t i = 0; i < sizeof(KINDS) / sizeof(KINDS[0]); i++) {
        if (slice_equal_nocase(KINDS[i].name, name)) {
            *out = KINDS[i].kind;
            return STATUS_OK;
        }
    }
    return STATUS_NOT_FOUND;
}
