/* SPDX-License-Identifier: Apache-2.0
 *
 * How much room is left where a file lies. */
#ifndef BASE_DISK_H
#define BASE_DISK_H

#include "base/status.h"

#include <stdint.h>

struct disk {
    int64_t free_bytes;   /* for us; what is kept for root is not in it */
    int64_t free_percent; /* of what we could have, as df counts */
};
/* STATUS_UNAVAILABLE: the system does not say. */
MUST_CHECK enum status disk_look(const char *path, struct disk *out);

#endif
