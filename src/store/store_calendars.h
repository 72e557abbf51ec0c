/* SPDX-License-Identifier: Apache-2.0
 *
 * Calendars in the store: one a user, found by the SHA-256 of its secret address. */
#ifndef STORE_STORE_CALENDARS_H
#define STORE_STORE_CALENDARS_H

#include "base/slice.h"
#include "store/store.h"

/* Makes this the user's calendar, instead of what was. STATUS_NOT_FOUND: no such user. */
MUST_CHECK enum status store_calendar_set(struct store *store, int64_t user_id,
                                          struct slice secret_hash, int64_t at_s);
MUST_CHECK enum status store_calendar_remove(struct store *store, int64_t user_id);
/* When the user's calendar was made; STATUS_NOT_FOUND: there is none. */
MUST_CHECK enum status store_calendar_made(struct store *store, int64_t user_id,
                                           int64_t *out_at_s);
/* Whose calendar it is. */
MUST_CHECK enum status store_calendar_user(struct store *store, struct slice secret_hash,
                                           int64_t *out_user_id);

#endif
