/* SPDX-License-Identifier: Apache-2.0
 *
 * Expiry dates: rule 5 of DESIGN section 2. Pure. */
#ifndef RULES_EXPIRY_H
#define RULES_EXPIRY_H

#include "base/date.h"
#include "base/status.h"

enum { EXPIRY_DEFAULT_DAYS = 90 };

/* Reads an expiry date typed on the UTC day `today`: at least one day ahead, at most one
 * year. Empty text: 90 days. STATUS_MALFORMED: failure (field "expires") gives what was
 * typed and the first and last date that would do. */
MUST_CHECK enum status expiry_read(struct slice text, struct date today, struct date *out,
                                   struct failure *failure);
/* The first second in which a token that expires on `date` is dead. */
int64_t expiry_end_s(struct date date);

#endif
