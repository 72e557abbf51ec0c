/* SPDX-License-Identifier: Apache-2.0
 *
 * Letters about tokens that nobody uses: each user hears of theirs once in a calendar
 * month (UTC). What counts is how things stood when the month began, so that a month is
 * one letter, and what has been used since is left out. Suspended users hear nothing. */
#ifndef RULES_UNUSED_H
#define RULES_UNUSED_H

#include "rules/act.h"

/* One act of the housekeeper: tells up to UNUSED_ACT_MAX_COUNT users, and commits.
 * *out_is_more: there may be others. `unused_days` > 0: how long is long. */
enum { UNUSED_ACT_MAX_COUNT = 50 };
MUST_CHECK enum status unused_carry_out(struct store *store, int64_t now_ms,
                                        int64_t unused_days, bool *out_is_more);

#endif
