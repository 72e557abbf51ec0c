/* SPDX-License-Identifier: Apache-2.0
 *
 * Acts on the account and its users: rules 12 and 13 of DESIGN section 2. */
#ifndef RULES_PEOPLE_H
#define RULES_PEOPLE_H

#include "rules/act.h"

/* Device groups by their uids; none = the user sees all devices. */
struct user_groups {
    const struct slice *uids;
    size_t count;
};

struct user_wish {
    struct slice email, name, role; /* role by name; empty: "Guest User" */
    int64_t role_id;                /* the role by number, instead; 0 = by name */
    struct slice password;          /* empty: cannot log in until one is set */
    bool must_change_password;
    struct user_groups groups;
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
/* Would suspending or deleting the user be refused? Changes nothing; for those who show
 * first what it would do. Gives the user. */
MUST_CHECK enum status user_may_leave(const struct act *act, struct slice email,
                                      struct user *out);
/* Whoever's password it is: all their sessions end, but for the one of the act; set by
 * somebody else, their calendar address too. */
MUST_CHECK enum status user_set_password(const struct act *act, struct slice email,
                                         struct slice password, bool must_change);
/* One's own, or with Users:Manage. STATUS_CONFLICT (field "version"): `if_version` is not
 * 0 and not the user's. */
MUST_CHECK enum status user_set_name(const struct act *act, struct slice email,
                                     struct slice name, int64_t if_version,
                                     struct user *out);
MUST_CHECK enum status user_set_role(const struct act *act, struct slice email,
                                     struct slice role);

/* A NULL field (0) stays as it is. */
struct user_edit {
    const struct slice *name;
    int64_t role_id;
    const struct user_groups *groups;
    int64_t if_version; /* 0 = whatever it is */
};
/* STATUS_CONFLICT: changed meanwhile (field "version"). STATUS_REFUSED: the last System
 * Administrator; more than the actor may hand out, or has a sight of. Writes no event
 * when nothing differs. */
MUST_CHECK enum status user_change(const struct act *act, struct slice who,
                                   const struct user_edit *edit, struct user *out);

#endif
