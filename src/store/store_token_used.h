/* SPDX-License-Identifier: Apache-2.0
 *
 * What tokens have used, and on which day last. A row for each permission, approved
 * address and device group, written when it is used for the first time on a day. */
#ifndef STORE_STORE_TOKEN_USED_H
#define STORE_STORE_TOKEN_USED_H

#include "base/ip.h"
#include "base/limits.h"
#include "base/slice.h"
#include "model/records.h"
#include "store/store.h"

enum { USED_ITEM_BYTES = IP_RANGE_TEXT_MAX + 1 };

/* The numbers are stored. */
enum used_kind { USED_PERMISSION = 1, USED_ADDRESS = 2, USED_GROUP = 3 };

struct token_used {
    char token_id[TOKEN_ID_MAX_CHARS + 1];
    enum used_kind kind;
    char item[USED_ITEM_BYTES]; /* a permission's number, a range, a group's id */
    int64_t day;                /* the last one; since 1970-01-01, UTC */
};

/* In the running transaction. A day before the one that is known changes nothing; of a
 * token that is gone nothing is written. */
MUST_CHECK enum status store_token_used_add(struct store *store,
                                            const struct token_used *used);
MUST_CHECK enum status store_token_used_list(struct store *store, struct slice token_id,
                                             void (*each)(void *ctx,
                                                          const struct token_used *),
                                             void *ctx);
/* Which living tokens, of users who are not suspended, used one of these permissions on
 * `first_day` or later. */
struct used_by_query {
    const struct permission_set *permissions;
    int64_t first_day, now_s;
};
struct used_by {
    char token_id[TOKEN_ID_MAX_CHARS + 1];
    char title[TEXT_TITLE_BYTES];
    char user_email[EMAIL_MAX_CHARS + 1];
    int64_t day; /* the last on which it used one of them */
};
/* The latest first, at most `room`; *out_total is of all. */
MUST_CHECK enum status store_token_used_by(struct store *store,
                                           const struct used_by_query *query,
                                           struct used_by *out, size_t room,
                                           size_t *out_count, int64_t *out_total);
/* The day from which on it is known what tokens use. */
MUST_CHECK enum status store_used_since_day(struct store *store, int64_t *out);
/* The groups that hold a device, ascending, at most `room`; none for one that is not
 * there. */
MUST_CHECK enum status store_groups_of_device(struct store *store,
                                              struct slice device_uid, int64_t *out_ids,
                                              size_t room, size_t *out_count);

#endif
