/* SPDX-License-Identifier: Apache-2.0
 *
 * Tokens that nobody uses, and the ledger of who was told of them. */
#ifndef STORE_STORE_UNUSED_H
#define STORE_STORE_UNUSED_H

#include "model/notice.h"
#include "store/store.h"

/* Which tokens, and of which month the letters are. */
struct unused_query {
    int64_t now_s;     /* not expired then */
    int64_t idle_s;    /* neither made nor used after this */
    const char *month; /* "YYYY-MM" */
};

/* The first user after `after`, not suspended, who has such tokens and was not told this
 * month. STATUS_NOT_FOUND: nobody. */
MUST_CHECK enum status store_unused_user(struct store *store,
                                         const struct unused_query *query, int64_t after,
                                         int64_t *out);
/* Writes into the ledger. STATUS_CONFLICT: it is there already. */
MUST_CHECK enum status store_unused_told(struct store *store, int64_t user_id,
                                         const char *month, int64_t at_ms);

struct unused_token {
    struct notice_line line; /* without a note */
    int64_t created_at_s;
    int64_t last_used_at_s; /* 0 = never */
};
/* Those of a user after the one with the id `after` ("" = from the start), by id. */
MUST_CHECK enum status store_unused_list(struct store *store, int64_t user_id,
                                         const struct unused_query *query,
                                         const char *after, struct unused_token *out,
                                         size_t max, size_t *out_count);

#endif
