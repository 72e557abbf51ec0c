/* SPDX-License-Identifier: Apache-2.0
 *
 * Parts of users.c that the making of an account and second factors share. */
#ifndef RULES_USERS_H
#define RULES_USERS_H

#include "rules/people.h"

/* Reads what was typed, and hashes the password; the role is left out. Needs no
 * transaction, and should not have one: hashing is slow. */
MUST_CHECK enum status user_read_wish(const struct act *act, const struct user_wish *wish,
                                      struct user *out);
/* Gives uid and times, and adds in the running transaction, with event and change-feed
 * row. Asks for no right. STATUS_CONFLICT: the e-mail address is taken. */
MUST_CHECK enum status user_add_with_event(const struct act *act, struct user *user);

/* A user over whom the actor may rule; in the running transaction. */
MUST_CHECK enum status user_find_managed(const struct act *act, struct slice email,
                                         struct user *out);

#endif
