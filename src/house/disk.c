/* SPDX-License-Identifier: Apache-2.0
 *
 * How much room is left on the disk of the data folder: for /readyz, the figures and the
 * log. Whether a change may still be written is asked by the store itself. */
#include "house/house_inside.h"

#include "base/disk.h"
#include "base/log.h"

enum { KIB = 1024 };

static void
tell(const struct disk *disk, bool was_low, bool is_low)
{
    if (is_low && !was_low)
        log_event(LOG_WARN, "the disk is nearly full",
                  LOG_INT("freeBytes", disk->free_bytes),
                  LOG_INT("freePercent", disk->free_percent));
    else if (was_low && !is_low)
        log_event(LOG_INFO, "the disk has room again",
                  LOG_INT("freeBytes", disk->free_bytes),
                  LOG_INT("freePercent", disk->free_percent));
}

enum status
disk_watch(struct house *house)
{
    const struct config *config = house->config;
    struct disk disk = {0};
    enum status status = disk_look(config->data, &disk);

    if (status != STATUS_OK)
        return status;
    bool is_low = disk.free_percent < config->disk_min_free_percent ||
                  disk.free_bytes < config->disk_min_free_kib * KIB;
    atomic_store(&house->disk_free_bytes, disk.free_bytes);
    atomic_store(&house->disk_free_percent, disk.free_percent);
    tell(&disk, atomic_exchange(&house->is_disk_low, is_low), is_low);
    return STATUS_OK;
}
