/* SPDX-License-Identifier: Apache-2.0
 *
 * Sessions at the console and second factors in the store. All that changes something
 * needs a transaction. STATUS_NOT_FOUND leaves `out` untouched. */
#ifndef STORE_STORE_SESSIONS_H
#define STORE_STORE_SESSIONS_H

#include "model/session.h"
#include "store/store.h"

/* `hash` is SESSION_HASH_BYTES long. */
MUST_CHECK enum status store_session_add(struct store *store,
                                         const struct session *session,
                                         const uint8_t *hash, int64_t *out_id);
MUST_CHECK enum status store_session_by_hash(struct store *store, const uint8_t *hash,
                                             struct session *out);
/* One of this user's. */
MUST_CHECK enum status store_session_by_uid(struct store *store, int64_t user_id,
                                            const char *uid, struct session *out);
/* Is it there, and this user's? STATUS_NOT_FOUND: it has ended. */
MUST_CHECK enum status store_session_is_of(struct store *store, int64_t id,
                                           int64_t user_id);
/* The one that was used last comes first. `each` gives false to stop. */
MUST_CHECK enum status store_session_list(struct store *store, int64_t user_id,
                                          bool (*each)(void *ctx, const struct session *),
                                          void *ctx);
/* Remembers a use; never an earlier one than it knows. A session that has gone is no
 * failure. */
MUST_CHECK enum status store_session_use(struct store *store, int64_t id, int64_t at_s);
MUST_CHECK enum status store_session_remove(struct store *store, int64_t id);
/* All of this user's but `but_id` (0 = all). */
MUST_CHECK enum status store_session_remove_of_user(struct store *store, int64_t user_id,
                                                    int64_t but_id);
/* All of this user's but the `count` that were used last. */
MUST_CHECK enum status store_session_keep_newest(struct store *store, int64_t user_id,
                                                 int64_t count);
/* Those that were used, or made, before these moments. */
MUST_CHECK enum status store_session_prune(struct store *store, int64_t used_before_s,
                                           int64_t created_before_s);

MUST_CHECK enum status store_second_factor(struct store *store, int64_t user_id,
                                           struct second_factor *out);
/* Instead of what there was. */
MUST_CHECK enum status store_second_factor_set(struct store *store,
                                               const struct second_factor *factor);
/* Takes this step if it is newer than all that were used; STATUS_NOT_FOUND: it is not. */
MUST_CHECK enum status store_second_factor_use(struct store *store, int64_t user_id,
                                               int64_t step);
/* With the recovery codes. */
MUST_CHECK enum status store_second_factor_remove(struct store *store, int64_t user_id);

MUST_CHECK enum status store_recovery_clear(struct store *store, int64_t user_id);
MUST_CHECK enum status store_recovery_add(struct store *store, int64_t user_id,
                                          const uint8_t *hash);
/* Takes the code away; STATUS_NOT_FOUND: there is none. */
MUST_CHECK enum status store_recovery_use(struct store *store, int64_t user_id,
                                          const uint8_t *hash);
MUST_CHECK enum status store_recovery_count(struct store *store, int64_t user_id,
                                            int64_t *out);

#endif
