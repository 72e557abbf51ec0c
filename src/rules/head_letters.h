/* SPDX-License-Identifier: Apache-2.0
 *
 * Letters with the newest signed head of Event History to all System Administrators: kept
 * where who runs the server cannot reach them, they prove that nothing was cut off. */
#ifndef RULES_HEAD_LETTERS_H
#define RULES_HEAD_LETTERS_H

#include "rules/act.h"

/* One act of the housekeeper: when the last such letters are `every_days` old, and events
 * were signed since, writes new ones, and commits. The first time only begins to count.
 *
 * Two housekeepers write them once. A clock that jumped ahead and came back delays the
 * next by no more than `every_days`. */
MUST_CHECK enum status head_letters_carry_out(struct store *store, int64_t now_ms,
                                              int64_t every_days);

#endif
