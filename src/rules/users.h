/* SPDX-License-Identifier: Apache-2.0
 *
 * What the acts on users share among themselves, with the making of an account, and
 * with second factors. */
#ifndef RULES_USERS_H
#define RULES_USERS_H

#include "rules/authority.h"
#include "rules/details.h"
#include "rules/people.h"

/* Reads what was typed, and hashes the password; role and groups are left out. Needs no
 * transaction, and should not have one: hashing is slow. */
MUST_CHECK enum status user_read_wish(const struct act *act, const struct user_wish *wish,
                                      struct user *out);
/* Gives uid and times, and adds in the running transaction, with event and change-feed
 * row. Asks for no right. STATUS_CONFLICT: the e-mail address is taken. */
MUST_CHECK enum status user_add_with_event(const struct act *act, struct user *user,
                                           const int64_t *groups, size_t group_count);
/* The same for a change; `before` is what details_user() said. */
MUST_CHECK enum status user_change_with_event(const struct act *act, struct user *user,
                                              const char *action, json_t *before);

/* The user with this e-mail address or uid. STATUS_NOT_FOUND: failure names `field`. */
MUST_CHECK enum status user_find(const struct act *act, struct slice who,
                                 const char *field, struct user *out);
/* The same with the role, when the actor may manage users and rules over this one:
 * nobody does over somebody who may do, or sees, more than they themselves. */
MUST_CHECK enum status user_find_with_role(const struct act *act, struct slice who,
                                           struct user *out_user, struct role *out_role,
                                           struct authority *out_authority);
/* STATUS_REFUSED: without this one the account would have no System Administrator who
 * can act. */
MUST_CHECK enum status user_check_not_last_admin(const struct act *act,
                                                 const struct user *user,
                                                 const struct role *role);
/* Device groups by uid, as ascending ids, when the actor may limit somebody to them. */
MUST_CHECK enum status user_read_groups(const struct act *act,
                                        const struct authority *authority,
                                        const struct user_groups *wanted,
                                        int64_t out_ids[TOKEN_GROUP_MAX_COUNT],
                                        size_t *out_count);

/* A user over whom the actor may rule; in the running transaction. */
MUST_CHECK enum status user_find_managed(const struct act *act, struct slice email,
                                         struct user *out);

#endif
