/* SPDX-License-Identifier: Apache-2.0
 *
 * What commands ask the server about refusals, which it keeps in memory. A question lives
 * for seconds. */
#ifndef STORE_STORE_REFUSAL_QUESTIONS_H
#define STORE_STORE_REFUSAL_QUESTIONS_H

#include "base/slice.h"
#include "model/refusal.h"
#include "store/store.h"

/* All of these but the last two: in the running transaction. */

/* Asks, or asks again. STATUS_MALFORMED: it is no id of a request. */
MUST_CHECK enum status store_refusal_ask(struct store *store, struct slice request_id,
                                         int64_t now_ms);
/* Answers: with the refusal, or NULL: none is kept. */
MUST_CHECK enum status store_refusal_answer(struct store *store, const char *request_id,
                                            const struct refusal *refusal);
/* Drops the questions that were asked before. */
MUST_CHECK enum status store_refusal_forget_old(struct store *store, int64_t before_ms);
MUST_CHECK enum status store_refusal_forget(struct store *store, struct slice request_id);

/* One that waits for its answer. STATUS_NOT_FOUND: none does. */
MUST_CHECK enum status store_refusal_asked(struct store *store,
                                           char out[REFUSAL_REQUEST_ID_BYTES]);
/* STATUS_NOT_FOUND: there is no answer yet. STATUS_OK: *out_is_kept says whether `out` is
 * filled. */
MUST_CHECK enum status store_refusal_answered(struct store *store,
                                              struct slice request_id, bool *out_is_kept,
                                              struct refusal *out);

#endif
