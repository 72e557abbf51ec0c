/* SPDX-License-Identifier: Apache-2.0
 *
 * What a token has and has not used for a while: what a successor may do without. */
#ifndef RULES_SUGGEST_H
#define RULES_SUGGEST_H

#include "base/status.h"
#include "model/records.h"
#include "model/shadow.h"
#include "store/store.h"

#include <stdbool.h>
#include <stdint.h>

enum { SUGGEST_USUAL_DAYS = 90, SUGGEST_MAX_DAYS = 365 };

/* Bits of addresses and groups are by their place in the token. */
struct suggestion {
    int64_t days;      /* asked about; today counts */
    int64_t since_day; /* from this day on it is known what the token used */
    bool is_whole;     /* all of these days are known */
    bool is_used;      /* it was used at all in them */
    struct permission_set used, unused; /* of the token's permissions */
    bool address_unused[TOKEN_ADDRESS_MAX_COUNT];
    bool group_unused[TOKEN_GROUP_MAX_COUNT];
    size_t unused_address_count, unused_group_count;
};

/* A View whose Manage was used counts as used: the one brings the other. A group counts
 * as used when a device in it was told of or changed by itself, or when an operation
 * asked over all of the token's groups (lists do, and every API behind us). */
MUST_CHECK enum status suggest_read(struct store *store, const struct token *token,
                                    int64_t days, int64_t now_s, struct suggestion *out);

/* What is left of the token's rights when all that was not used goes. Nobody can have no
 * address and no group, so where none of a kind was used the token's own stay. */
void suggest_set(const struct token *token, const struct suggestion *suggestion,
                 struct rights_set *out);

#endif
