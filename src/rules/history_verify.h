/* SPDX-License-Identifier: Apache-2.0
 *
 * A whole store's Event History, checked; and its removal by age, which must leave
 * nothing that looks like a forgery. */
#ifndef RULES_HISTORY_VERIFY_H
#define RULES_HISTORY_VERIFY_H

#include "crypto/es256.h"
#include "rules/act.h"
#include "rules/history_check.h"
#include "store/store_events.h"

/* Checks every event against its hash, every hash against the signed heads, and the heads
 * against `key`.
 *   known  further heads, from outside the store (mails, webhooks, exports)
 * What is wrong is in the report; a status says that it could not be found out. */
MUST_CHECK enum status history_verify(struct store *store, struct es256_key *key,
                                      const struct tree_head *known, size_t known_count,
                                      struct history_report *out);

/* Removes events that need not be kept, at most `count`, in one act: whole tiles only,
 * and only what a signed head covers, so that their hashes stay and proofs of what
 * remains hold. Writes the event that says so. *out: how many.
 *
 * What an output has not taken stays longer: by `hold_ms`, and while there are no more
 * than twice as many as are kept. Then it goes all the same; an event says what an output
 * has lost, and the output goes on behind it. */
MUST_CHECK enum status history_prune(const struct act *act, const struct event_keep *keep,
                                     int64_t hold_ms, int64_t count, int64_t *out);

#endif
