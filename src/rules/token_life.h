/* SPDX-License-Identifier: Apache-2.0
 *
 * What may happen to a token after its making: rules 5, 10, 12 of DESIGN section 2. */
#ifndef RULES_TOKEN_LIFE_H
#define RULES_TOKEN_LIFE_H

#include "rules/act.h"

/* Pure. Expired wins over suspended. */
enum token_state token_state_at(const struct token *token, int64_t now_s);
const char *token_state_label(enum token_state state); /* "Active", "Expires soon", … */

/* Has somebody else than its user suspended it? Its user cannot resume it then. Pure. */
bool token_is_held(const struct token *token);
/* By whom: an e-mail address, "a command", "a user who was deleted since"; "" = it is not
 * suspended. */
enum { TOKEN_SUSPENDER_BYTES = EMAIL_MAX_CHARS + 1 };
MUST_CHECK enum status token_suspender(struct store *store, const struct token *token,
                                       char out[TOKEN_SUSPENDER_BYTES]);
/* Would its suspension by this user (0 = a command) change anything? It lives, or it is
 * its user who has suspended it, and now somebody else does. Pure. */
bool token_is_suspendable(const struct token *token, int64_t by, int64_t now_s);

/* For how many days a token has not been used; of one that was never used, since it was
 * made. Pure. */
int64_t token_idle_days(const struct token *token, int64_t now_s);
/* Is it one to be asked about: alive, and idle for `unused_days`? 0 = none is; a canary
 * never is. Pure. */
bool token_is_unused_at(const struct token *token, int64_t unused_days, int64_t now_s);
/* The first second in which it is dead: after its expiry date or, of one that is
 * replaced, at the end of the overlap, whichever comes first. Pure. */
int64_t token_end_s(const struct token *token);

/* Changes to a token; a NULL field stays as it is. */
struct token_edit {
    const struct slice *title, *description, *expires_on, *addresses;
    const struct token_limits *limits; /* all of them */
    int64_t if_version;                /* 0 = whatever it is */
};

/* STATUS_REFUSED: expired or suspended (only deleting is left), or its user is
 * suspended; STATUS_CONFLICT: changed meanwhile (if_version). Writes no event when
 * nothing differs. */
MUST_CHECK enum status token_edit(const struct act *act, struct slice id,
                                  const struct token_edit *edit, struct token *out);
/* Already so: OK, no event. STATUS_REFUSED: expired. Of a token that its user has
 * suspended, somebody else's suspension takes that one's place. */
MUST_CHECK enum status token_suspend(const struct act *act, struct slice id);
/* The same; STATUS_REFUSED too: it is held, and the actor no System Administrator. */
MUST_CHECK enum status token_resume(const struct act *act, struct slice id);
MUST_CHECK enum status token_delete(const struct act *act, struct slice id);

/* Deletes a token in the transaction that is running, with its event and its change-feed
 * row: for acts on users, whose tokens go with them. Asks for no right. */
MUST_CHECK enum status token_remove_with_event(const struct act *act,
                                               const struct token *token);

#endif
