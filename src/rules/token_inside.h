/* SPDX-License-Identifier: Apache-2.0
 *
 * What the acts on tokens share. Each works in the transaction that is running. */
#ifndef RULES_TOKEN_INSIDE_H
#define RULES_TOKEN_INSIDE_H

#include "rules/act.h"
#include "rules/token_make.h"

#include <jansson.h>

/* Finds a token for an actor who manages tokens: their own, or any as a System
 * Administrator. Somebody else's token is not told from one that does not exist. */
MUST_CHECK enum status token_find_managed(const struct act *act, struct slice id,
                                          struct token *out);

/* One act on one token in a transaction of its own: finds it as token_find_managed()
 * does, lets `work` do with it what is wished, and commits. A failure of any of them
 * undoes all. *out is the token as `work` leaves it; may be NULL. */
typedef enum status token_work(const struct act *act, struct token *token,
                               const void *wish);
MUST_CHECK enum status token_act(const struct act *act, struct slice id, token_work *work,
                                 const void *wish, struct token *out);

/* STATUS_REFUSED: of a token that is dead, in words that say how it ended. */
MUST_CHECK enum status token_refuse_dead(const struct act *act,
                                         const struct token *token);

/* Writes the changed token, its event with this action, and its feed row. */
MUST_CHECK enum status token_change_with_event(const struct act *act, struct token *token,
                                               const char *action, json_t *before);

/* Suspends or resumes it, with its event and feed row. */
MUST_CHECK enum status token_set_suspended(const struct act *act, struct token *token,
                                           bool is_suspended);

/* token_make() without asking whether the actor may: for acts that make a token for its
 * user as a part of more. `replaces`: whose successor it is, or NULL. */
MUST_CHECK enum status token_make_within(const struct act *act, int64_t user_id,
                                         const struct token_wish *wish,
                                         const struct token *replaces, struct token *out,
                                         struct secret *out_secret);

/* Could a successor of `old` have what is wanted of it? As token_roll() would say of
 * permissions, groups and addresses. */
struct token_roll;
MUST_CHECK enum status token_roll_check(const struct act *act, const struct token *old,
                                        const struct token_roll *roll);

/* Of the permissions that a role has, those that its users' tokens may have. */
struct permission_set token_rights_of_role(const struct role *role);

#endif
