/* SPDX-License-Identifier: Apache-2.0
 *
 * Tokens in the store. */
#ifndef STORE_STORE_TOKENS_H
#define STORE_STORE_TOKENS_H

#include "base/slice.h"
#include "model/records.h"
#include "store/store.h"

/* The token with this id. STATUS_NOT_FOUND: there is none; `out` is untouched. */
MUST_CHECK enum status store_token_by_id(struct store *store, struct slice id,
                                         struct token *out);
/* Adds with groups and addresses. STATUS_CONFLICT: the id is taken. */
MUST_CHECK enum status store_token_add(struct store *store, const struct token *token);
/* Writes title, description, expiry, suspension, addresses, what it is replaced by,
 * changed_*; raises version.
 * STATUS_CONFLICT: version in the store is not token->version. */
MUST_CHECK enum status store_token_change(struct store *store, const struct token *token);
MUST_CHECK enum status store_token_remove(struct store *store, struct slice id);

/* Which tokens a list wants; zeroed = all. */
struct token_query {
    int64_t user_id; /* 0 = of everybody */
    /* keyset: those after this one in the order expires_at_s, id; "" = from the start */
    int64_t after_expires_at_s;
    char after_id[TOKEN_ID_MAX_CHARS + 1];
    int64_t count; /* at most so many; 0 = all */
};
/* Calls `each` in the order earliest expiry first. `each` gives false to stop. */
MUST_CHECK enum status store_token_list(struct store *store,
                                        const struct token_query *query,
                                        bool (*each)(void *ctx, const struct token *),
                                        void *ctx);
/* For the keyring's start: all tokens in one pass, without description, fast
 * (≥ 300,000 a second). */
MUST_CHECK enum status store_token_load_all(struct store *store,
                                            bool (*each)(void *ctx, const struct token *),
                                            void *ctx);

/* Adds to the counters of use; one batch a transaction (the caller begins it). Unknown
 * ids are skipped. Writes no event and no change row. */
struct token_use {
    char id[TOKEN_ID_MAX_CHARS + 1];
    int64_t last_used_at_s;
    struct ip last_used_from;
    int64_t more; /* uses since the last flush */
};
MUST_CHECK enum status store_token_add_uses(struct store *store,
                                            const struct token_use *uses, size_t count);

/* How often a token had this outcome on a day (since 1970-01-01, UTC). */
struct token_use_day {
    char id[TOKEN_ID_MAX_CHARS + 1];
    int64_t day;
    const char *outcome; /* verdict_name(): "permitted", "expired", … */
    int64_t count;
};
/* Adds to them, as above. */
MUST_CHECK enum status store_token_add_use_days(struct store *store,
                                                const struct token_use_day *days,
                                                size_t count);
/* Calls `each` for first_day..last_day, in order; `outcome` lives until it returns. */
MUST_CHECK enum status store_token_list_use_days(
    struct store *store, struct slice id, int64_t first_day, int64_t last_day,
    void (*each)(void *ctx, const struct token_use_day *), void *ctx);
/* How often a token was let in and refused since a day. */
struct token_sum {
    char id[TOKEN_ID_MAX_CHARS + 1];
    int64_t permitted, refused;
};
/* Of a user's tokens, the busiest first; at most `max`. */
MUST_CHECK enum status store_token_list_sums(struct store *store, int64_t user_id,
                                             int64_t first_day, struct token_sum *out,
                                             size_t max, size_t *out_count);
/* The same of all of a user's tokens together. */
struct token_totals {
    int64_t tokens, living; /* living: neither dead nor suspended at `now_s` */
    int64_t permitted, refused;
    int64_t last_used_at_s; /* 0 = never */
};
MUST_CHECK enum status store_token_sum_all(struct store *store, int64_t user_id,
                                           int64_t first_day, int64_t now_s,
                                           struct token_totals *out);
/* Drops, in the running transaction, at most `count` rows of days before this one. */
MUST_CHECK enum status store_token_prune_use_days(struct store *store, int64_t before_day,
                                                  int64_t count);

MUST_CHECK enum status store_token_count(struct store *store, int64_t *out);

#endif
