/* SPDX-License-Identifier: Apache-2.0
 *
 * Acts on users, user roles and device groups: rules 12 and 13 of DESIGN section 2. */
#ifndef RULES_PEOPLE_H
#define RULES_PEOPLE_H

#include "rules/act.h"

struct user_wish {
    struct slice email, name, role; /* role by name; empty: "Guest User" */
    struct slice password;          /* empty: cannot log in until one is set */
    bool must_change_password;
};

/* Fills an empty store, in one transaction: default roles, the account's facts, a licence
 * for every product (a self-hosted account owns what it runs). STATUS_CONFLICT: it is not
 * empty. */
MUST_CHECK enum status account_found(const struct act *act);
/* Adds the first user, who gets the role System Administrator (wish->role is not looked
 * at); founds the account if nobody has. STATUS_CONFLICT: there are users. */
MUST_CHECK enum status account_make(const struct act *act, const struct user_wish *wish,
                                    struct user *out);

/* Is this a password we take? 12 characters at least, not the e-mail. Pure. */
MUST_CHECK enum status password_check(struct slice password, struct slice email,
                                      struct failure *failure);

MUST_CHECK enum status user_add(const struct act *act, const struct user_wish *wish,
                                struct user *out);
/* Suspending makes all tokens of the user invalid, resuming makes them valid again.
 * STATUS_REFUSED: the last System Administrator. */
MUST_CHECK enum status user_suspend(const struct act *act, struct slice email);
MUST_CHECK enum status user_resume(const struct act *act, struct slice email);
/* Deletes the user's tokens too; an event for each. STATUS_REFUSED as above. */
MUST_CHECK enum status user_delete(const struct act *act, struct slice email);
/* Whoever's password it is: all their sessions end, but for the one of the act. */
MUST_CHECK enum status user_set_password(const struct act *act, struct slice email,
                                         struct slice password, bool must_change);
/* One's own, or with Users:Manage. */
MUST_CHECK enum status user_set_name(const struct act *act, struct slice email,
                                     struct slice name, struct user *out);
MUST_CHECK enum status user_set_role(const struct act *act, struct slice email,
                                     struct slice role);

/* `permissions` are implied-completed (Manage adds View). Default roles cannot be changed
 * or deleted (STATUS_REFUSED); a role in use cannot be deleted (STATUS_CONFLICT). */
MUST_CHECK enum status role_add(const struct act *act, struct slice name,
                                const struct permission_set *permissions,
                                struct role *out);
MUST_CHECK enum status role_change(const struct act *act, struct slice name,
                                   const struct slice *new_name,
                                   const struct permission_set *permissions,
                                   struct role *out);
MUST_CHECK enum status role_delete(const struct act *act, struct slice name);

MUST_CHECK enum status group_add(const struct act *act, struct slice name,
                                 struct slice description, struct device_group *out);
MUST_CHECK enum status group_delete(const struct act *act, struct slice name);
/* Which users and devices (by device uid or esn) belong to it from now on, beside or
 * (is_removal) no more. One transaction, one event. Devices: STATUS_NOT_FOUND names the
 * first unknown one, nothing is changed. */
MUST_CHECK enum status group_assign(const struct act *act, struct slice name,
                                    const struct slice *emails, size_t email_count,
                                    const struct slice *devices, size_t device_count,
                                    bool is_removal);

#endif
