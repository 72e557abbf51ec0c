/* SPDX-License-Identifier: Apache-2.0
 *
 * What the log-in, the set-up and the profile share: pauses, cookies, the session as the
 * caller sees it. */
#ifndef CONSOLE_LOGIN_H
#define CONSOLE_LOGIN_H

#include "console/throttle.h"
#include "console/visit.h"

/* Counts an attempt of this address, and, where `who` is not empty, of who. Refuses with
 * THROTTLED when a pause is not over; then nothing may be tried. */
MUST_CHECK enum status login_attempt(struct visit *v, enum throttle_kind kind,
                                     struct slice who);
/* It was a good one. */
void login_was_good(struct visit *v, enum throttle_kind kind, struct slice who);

/* Is this the user's password? Counted as an attempt; PROBLEM_INVALID `field` when not.
 */
MUST_CHECK enum status login_check_password(struct visit *v, const char *field,
                                            struct slice password);

/* Makes this the user's password, chosen by themselves. PROBLEM_INVALID newPassword: we
 * do not take it, or it is the old one. All their other sessions end. */
MUST_CHECK enum status login_set_password(struct visit *v, struct slice password);

/* Begins a session for v->user in this state (in place of v->session, if there is one),
 * sets its cookie, and makes it the visit's own. */
MUST_CHECK enum status login_begin(struct visit *v, enum session_state state,
                                   bool is_log_in);
/* Takes the cookie away. */
void login_drop_cookie(struct visit *v);

/* Answers with the visit's session. */
MUST_CHECK enum status login_answer(struct visit *v);

#endif
