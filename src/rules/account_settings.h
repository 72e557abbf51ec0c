/* SPDX-License-Identifier: Apache-2.0
 *
 * What an account has decided about itself, kept in the store and not in the operator's
 * file: its name, whether rights follow the role at once (rule 12),
 * and whether bearer tokens are taken. */
#ifndef RULES_ACCOUNT_SETTINGS_H
#define RULES_ACCOUNT_SETTINGS_H

#include "rules/act.h"

struct account {
    char uid[UUID_CHARS + 1];
    char name[TEXT_NAME_BYTES]; /* may be "" */
    bool is_live_rights;        /* on unless somebody has switched it off */
    bool is_bearer_allowed;     /* off unless somebody has switched it on */
    int64_t created_at_s;       /* 0 = not known */
    int64_t version;
};

MUST_CHECK enum status account_read(struct store *store, struct account *out);

/* A NULL field stays as it is. */
struct account_edit {
    const struct slice *name;
    const bool *is_live_rights, *is_bearer_allowed;
    int64_t if_version; /* 0 = whatever it is */
};
/* Needs Settings:Manage. STATUS_CONFLICT: changed meanwhile (field "version"). Writes no
 * event when nothing differs. */
MUST_CHECK enum status account_change(const struct act *act,
                                      const struct account_edit *edit,
                                      struct account *out);

#endif
