/* SPDX-License-Identifier: Apache-2.0
 *
 * Which user role or device group is meant: by its name, as people type it, or by the
 * number or uid that the admin API gives. (Users need no such thing: an e-mail address
 * is never a uid.) */
#ifndef RULES_WHICH_H
#define RULES_WHICH_H

#include "base/slice.h"

#include <stdint.h>

/* The first that is there counts. */
struct which {
    int64_t id;
    struct slice uid;
    struct slice name;
};

static inline struct which
which_named(struct slice name)
{
    return (struct which){.name = name};
}

static inline struct which
which_numbered(int64_t id)
{
    return (struct which){.id = id};
}

static inline struct which
which_uid(struct slice uid)
{
    return (struct which){.uid = uid};
}

#endif
