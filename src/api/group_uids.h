/* SPDX-License-Identifier: Apache-2.0
 *
 * The uids of device groups, each asked for once in a request. */
#ifndef API_GROUP_UIDS_H
#define API_GROUP_UIDS_H

#include "api/answer.h"
#include "base/uuid.h"

enum { GROUP_UID_SLOT_COUNT = 64 };

struct group_uid {
    int64_t id;
    char uid[UUID_CHARS + 1];
    struct group_uid *next;
};

struct group_uids {
    struct answer *x;
    struct group_uid *slots[GROUP_UID_SLOT_COUNT];
    bool has_any; /* false: no device is in any group */
};

/* Looks whether there is anything to ask. */
MUST_CHECK enum status group_uids_open(struct group_uids *groups, struct answer *x);
/* Appends the JSON list of a device's groups, as far as the token may see them. */
MUST_CHECK enum status group_uids_write(struct group_uids *groups, int64_t device_id,
                                        struct buffer *out);

#endif
