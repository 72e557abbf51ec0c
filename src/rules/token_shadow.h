/* SPDX-License-Identifier: Apache-2.0
 *
 * Trying a tightened set of rights out beside a token's own (model/shadow.h): starting,
 * stopping, and its end by itself. The set is one that a successor of the token could
 * have: what was tried out can be rolled to. */
#ifndef RULES_TOKEN_SHADOW_H
#define RULES_TOKEN_SHADOW_H

#include "model/shadow.h"
#include "rules/act.h"

/* What somebody asks for; what is left out is the token's own. */
struct shadow_wish {
    const struct permission_set *permissions; /* NULL = the token's */
    const struct slice *addresses; /* as typed, each within those of the token; NULL */
    const int64_t *group_ids;      /* none = the token's; else of these */
    size_t group_count;
    int64_t days; /* 1..SHADOW_MAX_DAYS */
};

/* In one transaction: the shadow, in place of one that is over, and the event.
 * STATUS_NOT_FOUND, STATUS_MALFORMED: as in token_roll(). STATUS_MALFORMED too: the set
 * is all that the token has. STATUS_REFUSED: one runs, or the token could not be rolled.
 */
MUST_CHECK enum status token_shadow_start(const struct act *act, struct slice id,
                                          const struct shadow_wish *wish,
                                          struct shadow *out);
/* Before its time; what it has found stays. STATUS_REFUSED: none runs. */
MUST_CHECK enum status token_shadow_stop(const struct act *act, struct slice id,
                                         struct shadow *out);

/* Ends those whose time has come, some in an act, each with its event. Other servers may
 * take SHADOW_GRACE_S to write down what they have counted: an end is told after that. */
enum { SHADOW_GRACE_S = 30, SHADOW_ACT_MAX_COUNT = 20 };
MUST_CHECK enum status token_shadow_end_due(const struct act *act, bool *out_is_more);

/* How far it is: "running", "ended", "stopped". */
const char *token_shadow_state(const struct shadow *shadow, int64_t now_s);

#endif
