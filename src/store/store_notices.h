/* SPDX-License-Identifier: Apache-2.0
 *
 * What time has to do with tokens: which of them are due, and the ledger of what people
 * were told. */
#ifndef STORE_STORE_NOTICES_H
#define STORE_STORE_NOTICES_H

#include "model/notice.h"
#include "store/store.h"

/* A token that somebody has to look at. */
struct due_token {
    struct notice_line line;
    int64_t user_id;
    bool is_user_suspended;
    int64_t expires_at_s;                     /* its end, also by an overlap */
    char replaced_by[TOKEN_ID_MAX_CHARS + 1]; /* "" = not replaced */
    char successor_title[TEXT_TITLE_BYTES];   /* "" = deleted since */
};
/* Those that were due at `now_s`, the longest due first; at most `max`. */
MUST_CHECK enum status store_due_list(struct store *store, int64_t now_s,
                                      struct due_token *out, size_t max,
                                      size_t *out_count);
/* When this token is due next; INT64_MAX: never again (until its date is changed, which
 * makes it due at once). */
MUST_CHECK enum status store_due_set(struct store *store, const char *token_id,
                                     int64_t due_at_s);

/* Writes into the ledger. STATUS_CONFLICT: it is there already. */
MUST_CHECK enum status store_notice_add(struct store *store, const char *token_id,
                                        enum notice_kind kind, struct date expires_on,
                                        int64_t at_ms);

/* Users that are not suspended and have the default System Administrator role. */
MUST_CHECK enum status store_admin_list(struct store *store,
                                        enum status (*each)(void *ctx, const char *email,
                                                            const char *name),
                                        void *ctx);

#endif
