/* SPDX-License-Identifier: Apache-2.0
 *
 * What a request has done that people have to hear of, on its way from the gate, which
 * may not wait, to the housekeeper, who writes it down. In memory and bounded: what is
 * lost with the process comes again with the next such request. */
#ifndef RULES_ALARMS_H
#define RULES_ALARMS_H

#include "base/ip.h"
#include "base/limits.h"
#include "base/slice.h"
#include "base/status.h"
#include "store/store.h"

#include <stddef.h>
#include <stdint.h>

enum alarm_kind {
    ALARM_USED_LATE = 1, /* a replaced token, after its end; its signature was right */
};

struct alarm {
    enum alarm_kind kind;
    int64_t at_ms;
    char token_id[TOKEN_ID_MAX_CHARS + 1];
    char address[IP_TEXT_MAX + 1];
    char request_id[32];
};

struct alarms;

struct alarms *alarms_new(void);
void alarms_free(struct alarms **alarms);
/* From any thread. Of a token, a kind and a day (UTC) the first is kept, the others are
 * not; when too many wait, it is dropped. */
void alarms_add(struct alarms *alarms, const struct alarm *alarm);
/* The next that waits; STATUS_NOT_FOUND: none. */
MUST_CHECK enum status alarms_take(struct alarms *alarms, struct alarm *out);
/* It could not be written down: it waits again. */
void alarms_give_back(struct alarms *alarms, const struct alarm *alarm);

/* Writes an alarm down: event and letters, in one transaction; once for a token, a kind
 * and a day, whoever else has written it or will. Nothing when the token is gone. */
MUST_CHECK enum status alarm_tell(struct store *store, const struct alarm *alarm);

#endif
