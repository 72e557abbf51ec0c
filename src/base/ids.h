/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers of records as plain arrays: the device groups of a token or a user. */
#ifndef BASE_IDS_H
#define BASE_IDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Is `id` among them? */
static inline bool
ids_hold(const int64_t *ids, size_t count, int64_t id)
{
    for (size_t i = 0; i < count; i++) {
        if (ids[i] == id)
            return true;
    }
    return false;
}

/* Puts them in ascending order, each once; gives how many are left. */
size_t ids_sort(int64_t *ids, size_t count);

#endif
