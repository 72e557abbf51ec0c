/* SPDX-License-Identifier: Apache-2.0
 *
 * Rolling a token: a successor with another key takes its place, and both work until an
 * overlap ends. A successor has at most the rights of the old token, of its user's role
 * and groups as they are now, and of who rolls it. */
#ifndef RULES_TOKEN_ROLL_H
#define RULES_TOKEN_ROLL_H

#include "base/secret.h"
#include "rules/act.h"

enum { ROLL_OVERLAP_MAX_DAYS = 30, ROLL_OVERLAP_USUAL_DAYS = 7 };

/* What somebody asks for. Texts are as they were typed; NULL = the old token's. */
struct token_roll {
    const struct slice *title, *description;
    struct slice public_key, proof, proof_message; /* as in struct token_wish */
    bool is_bearer;                                /* the same; of bearer tokens only */
    struct slice expires_on; /* YYYY-MM-DD; empty: as long a life as the old one's */
    const struct permission_set *permissions; /* NULL = all that it can have */
    const struct slice *addresses;            /* each within those of the old token */
    const int64_t *group_ids; /* none = all that it can have; else of these */
    size_t group_count;
    const struct token_limits *limits; /* all of them */
    int64_t overlap_days;              /* 0 = the old one ends at once */
    int64_t if_version;                /* of the old one; 0 = whatever it is */
};

/* What came of it: the old token as it is now, and its successor. 22 KB. */
struct token_rolled {
    struct token old, successor;
    struct secret secret; /* as token_make() gives it */
};

/* In one transaction: the successor, the old token's end, events and letters.
 * STATUS_NOT_FOUND, STATUS_CONFLICT (if_version), STATUS_MALFORMED: as in token_edit()
 * and token_make(). STATUS_REFUSED: the token is expired, suspended or being replaced
 * already (the words name its successor), or more is wanted than the successor can have.
 */
MUST_CHECK enum status token_roll(const struct act *act, struct slice id,
                                  const struct token_roll *roll,
                                  struct token_rolled *out);

/* What a successor can have at most, for those who choose. */
struct roll_offer {
    struct permission_set permissions;
    struct permission_set lost; /* what the old token has and the successor cannot */
    int64_t group_ids[TOKEN_GROUP_MAX_COUNT]; /* none = all devices */
    size_t group_count;
    struct date expires_on; /* the usual one */
};
/* Without a change; outside of an act as well. STATUS_REFUSED: as token_roll() would. */
MUST_CHECK enum status token_roll_offer(const struct act *act, struct slice id,
                                        struct token *out_old, struct roll_offer *out);

/* The overlap ends so many days after the token was rolled; at once when that is past.
 * 0..ROLL_OVERLAP_MAX_DAYS. STATUS_REFUSED: the token is not replaced, or its end was. */
MUST_CHECK enum status token_roll_end(const struct act *act, struct slice id,
                                      int64_t overlap_days, int64_t if_version,
                                      struct token *out);

/* Calls a roll off while the overlap runs: the successor is deleted, and the old token
 * lives to its expiry date as if nothing had been. STATUS_REFUSED: as token_roll_end().
 */
MUST_CHECK enum status token_unroll(const struct act *act, struct slice id,
                                    int64_t if_version, struct token *out);

#endif
