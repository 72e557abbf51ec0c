/* SPDX-License-Identifier: Apache-2.0
 *
 * May the one who acts do this? Asked at the beginning of every act, inside its
 * transaction. Commands run by whoever holds the data folder may do everything; a user
 * may do what the role allows, and never hand out more than that; an API token may do
 * none of these acts. */
#ifndef RULES_AUTHORITY_H
#define RULES_AUTHORITY_H

#include "rules/act.h"

/* Zeroed = may do nothing. */
struct authority {
    bool is_all;                  /* a command, or the house itself */
    bool is_system_admin;         /* may manage what belongs to others (rule 13) */
    int64_t user_id;              /* ACTOR_USER */
    struct permission_set rights; /* what the role allows now */
};

/* Who is acting? STATUS_REFUSED: a suspended or deleted user, one whose session has ended
 * meanwhile, or an API token. */
MUST_CHECK enum status authority_read(const struct act *act, struct authority *out);
/* For what people do to their own account only. STATUS_REFUSED: it is another's. */
MUST_CHECK enum status authority_own(const struct act *act, const struct user *user);
/* The same, and STATUS_REFUSED, naming it, when `permission` is missing. */
MUST_CHECK enum status authority_need(const struct act *act, uint16_t permission,
                                      struct authority *out);
/* Nobody hands out, or rules over, more than they have. STATUS_REFUSED names the first
 * permission of `wanted` that the actor lacks. */
MUST_CHECK enum status authority_covers(const struct act *act,
                                        const struct authority *authority,
                                        const struct permission_set *wanted);

/* The same for who has this role. System Administrator is more than all permissions (it
 * manages everybody's tokens): only one of them gives it, or rules over another. */
MUST_CHECK enum status authority_covers_role(const struct act *act,
                                             const struct authority *authority,
                                             const struct role *role);

/* The same for what is seen: somebody who is limited to device groups rules only over
 * those who are limited to some of them. `groups` none = sees all devices. */
MUST_CHECK enum status authority_sees(const struct act *act,
                                      const struct authority *authority,
                                      const int64_t *groups, size_t count);

#endif
