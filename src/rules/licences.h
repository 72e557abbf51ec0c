/* SPDX-License-Identifier: Apache-2.0
 *
 * Acts on licences: what the account has bought. They need Licenses:Manage. */
#ifndef RULES_LICENCES_H
#define RULES_LICENCES_H

#include "rules/act.h"

enum { LICENCE_SEATS_MAX = INT32_MAX }; /* licenceCount is an int32 on the wire */

/* The first second in which a licence without end would end. */
int64_t licence_endless_s(void);

/* What somebody wants of a licence; a NULL field stays as it is (a new one gets: no order
 * number, from today, without end, seats without limit). */
struct licence_wish {
    const struct slice *name;
    const struct slice *order_no;
    const struct slice *starts_on; /* YYYY-MM-DD */
    const struct slice *ends_on;   /* the last day; empty: without end */
    const int64_t *seat_count;     /* 0..LICENCE_SEATS_MAX */
    int64_t if_version;            /* changing: 0 = whatever it is */
};
/* STATUS_MALFORMED: failure names the field ("name", "orderNo", "startsOn", "endsOn",
 * "seatCount"). STATUS_CONFLICT: changed meanwhile (field "version"). */
MUST_CHECK enum status licence_add(const struct act *act, const struct licence_wish *wish,
                                   struct licence *out);
MUST_CHECK enum status licence_change(const struct act *act, struct slice uid,
                                      const struct licence_wish *wish,
                                      struct licence *out);
MUST_CHECK enum status licence_delete(const struct act *act, struct slice uid);

#endif
