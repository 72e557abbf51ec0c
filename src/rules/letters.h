/* SPDX-License-Identifier: Apache-2.0
 *
 * What people do with the outbox. Who may is asked by whoever calls: commands may, and
 * the console's routes name a permission. */
#ifndef RULES_LETTERS_H
#define RULES_LETTERS_H

#include "model/notice.h"
#include "rules/act.h"

/* The letter is sent (once more) as soon as can be. STATUS_NOT_FOUND: there is none.
 * STATUS_REFUSED: it is being sent at this moment. */
MUST_CHECK enum status letter_send_again(const struct act *act, int64_t id,
                                         struct letter *out);
/* All that have failed, at most LETTER_AGAIN_MAX_COUNT, in one act. */
enum { LETTER_AGAIN_MAX_COUNT = 1000 };
MUST_CHECK enum status letter_send_failed_again(const struct act *act, size_t *out_count);
/* A test letter to this person; if one is still waiting, that one. */
MUST_CHECK enum status letter_add_test(const struct act *act, const struct user *user,
                                       struct letter *out);

#endif
