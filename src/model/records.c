/* SPDX-License-Identifier: Apache-2.0
 *
 * The names of events, from EVENT_LIST. */
#include "model/records.h"

const char *
event_name(enum event_kind kind)
{
    switch (kind) {
#define X(name, code, text) \
    case EVENT_##name:      \
        return text;
        EVENT_LIST(X)
#undef X
    }
    return "?"; /* a code that a newer program has stored */
}
