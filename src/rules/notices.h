/* SPDX-License-Identifier: Apache-2.0
 *
 * What time does to a token, and who is told: rule 11 of DESIGN section 2. A notice is
 * given once for a token, a kind and an expiry date: the ledger of the store sees to
 * that, in the transaction that holds event and letters as well. */
#ifndef RULES_NOTICES_H
#define RULES_NOTICES_H

#include "model/notice.h"
#include "rules/act.h"

/* What has to have been told at a moment, and when to look again. Pure. */
struct notice_plan {
    bool is_soon_due;    /* it is the third day before, or later */
    bool is_expired_due; /* it is dead */
    int64_t next_at_s;   /* INT64_MAX: nothing more will happen to it */
};
struct notice_plan notice_plan_at(struct date expires_on, int64_t now_s);

/* In the running transaction: tells the token's user and all System Administrators.
 *   date  once for a token, a kind and a date: its expiry date, or a day
 *   note  a sentence for the letter, or ""
 * STATUS_CONFLICT: it was told before; nothing is written. */
MUST_CHECK enum status notices_tell(const struct act *act, const struct token *token,
                                    enum notice_kind kind, struct date date,
                                    const char *note);

/* In the transaction of its event: tells the same people that a canary token was used;
 * `note` says when, from where and by what. */
MUST_CHECK enum status notices_add_canary(const struct act *act,
                                          const struct token *token, const char *note);

/* One act of the housekeeper: takes up to NOTICE_ACT_MAX_COUNT tokens that are due,
 * writes what has happened to them (event "API token expired") and the letters about it,
 * and commits. *out_is_more: others may be due. */
enum { NOTICE_ACT_MAX_COUNT = 200 };
MUST_CHECK enum status notices_carry_out(struct store *store, int64_t now_ms,
                                         bool *out_is_more);

/* For so long a letter is tried; and no reader gets two letters of a kind within the
 * gap: what happens meanwhile is gathered in the second. */
enum {
    NOTICE_KEEP_S = 3 * DAY_S,
    NOTICE_GAP_S = 60,
};

#endif
