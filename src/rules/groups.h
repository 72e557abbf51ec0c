/* SPDX-License-Identifier: Apache-2.0
 *
 * Acts on device groups. */
#ifndef RULES_GROUPS_H
#define RULES_GROUPS_H

#include "rules/act.h"
#include "rules/which.h"

struct group_wish {
    struct slice name, description, folder;
};
MUST_CHECK enum status group_add(const struct act *act, const struct group_wish *wish,
                                 struct device_group *out);

/* A NULL field stays as it is. */
struct group_edit {
    const struct slice *name, *description, *folder;
    int64_t if_version; /* 0 = whatever it is */
};
/* STATUS_CONFLICT: the name is taken (field "name"), or it has been changed meanwhile
 * (field "version"). Writes no event when nothing differs. */
MUST_CHECK enum status group_change(const struct act *act, struct which which,
                                    const struct group_edit *edit,
                                    struct device_group *out);
MUST_CHECK enum status group_delete(const struct act *act, struct which which);

/* Users by e-mail address or uid, devices by uid or esn. */
struct group_members {
    const struct slice *users, *devices;
    size_t user_count, device_count;
};
/* Who and what belongs to it from now on, and no more. One transaction, one event.
 * STATUS_NOT_FOUND names the first unknown one, and nothing is changed. */
MUST_CHECK enum status group_assign(const struct act *act, struct which which,
                                    const struct group_members *added,
                                    const struct group_members *removed);

/* Reads a path of names: "Europe / France" becomes "Europe/France". STATUS_MALFORMED:
 * an empty name in it, control characters, too long. Pure. */
MUST_CHECK enum status group_read_folder(struct slice typed, char out[TEXT_FOLDER_BYTES],
                                         struct failure *failure);

#endif
