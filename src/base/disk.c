/* SPDX-License-Identifier: Apache-2.0
 *
 * statvfs(3). */
#include "base/disk.h"

#include <sys/statvfs.h>

enum { WHOLE_PERCENT = 100 };

enum status
disk_look(const char *path, struct disk *out)
{
    struct statvfs facts;

    if (statvfs(path, &facts) != 0)
        return STATUS_UNAVAILABLE;
    uint64_t used = facts.f_blocks - facts.f_bfree;
    uint64_t whole = used + facts.f_bavail;
    out->free_bytes = (int64_t)(facts.f_bavail * facts.f_frsize);
    out->free_percent =
        whole > 0 ? (int64_t)(facts.f_bavail * WHOLE_PERCENT / whole) : WHOLE_PERCENT;
    return STATUS_OK;
}
