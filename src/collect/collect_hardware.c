/* SPDX-License-Identifier: Apache-2.0
 *
 * Processor, memory, firmware, disks, volumes and battery. */
#include "collect/inside.h"

#include "base/auto.h"
#include "base/date.h"
#include "base/number.h"

#include <stdio.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>

enum { SECTOR_BYTES = 512, MOUNT_MAX_COUNT = 200, MOUNT_PATH_MAX = 512 };

/* "1024K" and "8M" of /sys are bytes. */
static bool
read_size(struct slice text, int64_t *out)
{
    int64_t unit = 1;

    if (text.len > 0 && text.at[text.len - 1] == 'K')
        unit = 1024;
    else if (text.len > 0 && text.at[text.len - 1] == 'M')
        unit = 1024 * 1024;
    if (unit > 1)
        text = slice_head(text, text.len - 1);
    if (number_read(text, out) != STATUS_OK || *out < 0 || *out > INT64_MAX / unit)
        return false;
    *out *= unit;
    return true;
}

static void
put_caches(struct collecting *c)
{
    int64_t size = 0;

    if (read_size(host_line(c, "/sys/devices/system/cpu/cpu0/cache/index2/size"), &size))
        json_write_member_int(c->w, "l2CacheSize", size);
    if (read_size(host_line(c, "/sys/devices/system/cpu/cpu0/cache/index3/size"), &size))
        json_write_member_int(c->w, "l3CacheSize", size);
}

static int64_t
count_lines(struct slice text, struct slice head)
{
    struct slice line;
    int64_t count = 0;

    while (slice_cut(&text, '\n', &line))
        count += slice_starts(line, head);
    return count;
}

/* Packages (sockets) are numbered from 0 in the order of /proc/cpuinfo. */
static int64_t
count_sockets(struct slice text)
{
    struct slice line, name;
    int64_t most = 0, id = 0;

    while (slice_cut(&text, '\n', &line)) {
        if (slice_cut(&line, ':', &name) &&
            slice_equal(slice_trim(name), SLICE("physical id")) &&
            number_read(slice_trim(line), &id) == STATUS_OK && id > most)
            most = id;
    }
    return most + 1;
}

void
collect_cpu(struct collecting *c)
{
    struct utsname kernel;
    int64_t cores = 0;

    json_write_key(c->w, "cpu");
    json_write_object(c->w);

    struct slice text = host_read(c, "/proc/cpuinfo");
    put_text(c, "name", host_value(text, "model name", ':'));
    int64_t sockets = count_sockets(text);
    json_write_member_int(c->w, "processorNumber", sockets);
    json_write_member_int(c->w, "logicalCores", count_lines(text, SLICE("processor")));
    if (number_read(host_value(text, "cpu cores", ':'), &cores) == STATUS_OK)
        json_write_member_int(c->w, "physicalCores", cores * sockets);

    struct slice speed = host_value(text, "cpu MHz", ':');
    struct slice whole = speed;
    slice_cut(&speed, '.', &whole);
    int64_t mhz = 0;
    if (number_read(whole, &mhz) == STATUS_OK)
        json_write_member_int(c->w, "processorSpeed", mhz);
    if (c->is_live && uname(&kernel) == 0) {
        json_write_member_text(c->w, "architecture", kernel.machine);
        json_write_member_int(c->w, "dataWidth", (int64_t)sizeof(void *) * 8);
    }
    put_caches(c);
    json_write_end(c->w);
}

/* "MemTotal:       24684096 kB" */
static bool
read_kb(struct slice text, const char *name, int64_t *out_bytes)
{
    struct slice value = host_value(text, name, ':');

    slice_cut(&(struct slice){value.at, value.len}, ' ', &value);
    if (number_read(value, out_bytes) != STATUS_OK)
        return false;
    *out_bytes *= 1024;
    return true;
}

void
collect_memory(struct collecting *c)
{
    struct slice text = host_read(c, "/proc/meminfo");
    int64_t total = 0, available = 0, swap = 0, swap_free = 0;

    if (read_kb(text, "MemTotal", &total))
        json_write_member_int(c->w, "totalPhysicalRamBytes", total);
    if (read_kb(text, "MemAvailable", &available))
        json_write_member_int(c->w, "availablePhysicalRamBytes", available);
    if (!read_kb(text, "SwapTotal", &swap) || !read_kb(text, "SwapFree", &swap_free))
        return;
    json_write_member_int(c->w, "totalVirtualMemoryBytes", total + swap);
    json_write_member_int(c->w, "availableVirtualMemoryBytes", available + swap_free);
    json_write_member_int(c->w, "pageFileSpaceBytes", swap);
}

/* "05/23/2023" of the firmware. */
static void
put_bios_date(struct collecting *c, struct slice text)
{
    char iso[DATE_CHARS + 1];
    struct date date;

    if (text.len != DATE_CHARS || text.at[2] != '/' || text.at[5] != '/')
        return;
    snprintf(iso, sizeof(iso), "%.4s-%.2s-%.2s", text.at + 6, text.at, text.at + 3);
    if (date_read(slice_of(iso), &date) == STATUS_OK)
        put_time(c, "releaseDateTimeUtc", date_start_s(date) * 1000);
}

void
collect_bios(struct collecting *c)
{
    struct slice vendor = host_line(c, "/sys/class/dmi/id/bios_vendor");

    if (vendor.len == 0)
        return; /* no firmware that tells: a board without DMI, a container */
    json_write_key(c->w, "bios");
    json_write_object(c->w);
    put_text(c, "manufacturer", vendor);
    put_text(c, "version", host_line(c, "/sys/class/dmi/id/bios_version"));
    put_bios_date(c, host_line(c, "/sys/class/dmi/id/bios_date"));
    put_text(c, "serialNumber", host_line(c, "/sys/class/dmi/id/product_serial"));
    put_text(c, "assetTag", host_line(c, "/sys/class/dmi/id/chassis_asset_tag"));
    json_write_end(c->w);
}

/* Disks that are there as hardware: not loops, RAM, or what is made of other disks. */
static bool
is_disk(struct collecting *c, const char *name)
{
    static const char *const MADE[] = {"loop", "ram", "zram", "dm-", "md", "sr", "fd"};
    int64_t sectors = 0;

    for (size_t i = 0; i < COUNT_OF(MADE); i++) {
        if (strncmp(name, MADE[i], strlen(MADE[i])) == 0)
            return false;
    }
    return host_number(c, &sectors, "/sys/block/%s/size", name) && sectors > 0;
}

static void
put_disk(struct collecting *c, const char *name)
{
    int64_t number = 0;

    if (!is_disk(c, name))
        return;
    json_write_object(c->w);
    json_write_member_text(c->w, "name", name);
    put_text(c, "model", host_line(c, "/sys/block/%s/device/model", name));
    put_vendor(c, host_line(c, "/sys/block/%s/device/vendor", name));
    put_text(c, "serialNumber", host_line(c, "/sys/block/%s/device/serial", name));
    put_text(c, "firmwareRevision",
             host_line(c, "/sys/block/%s/device/firmware_rev", name));
    if (host_number(c, &number, "/sys/block/%s/size", name))
        json_write_member_int(c->w, "sizeBytes", number * SECTOR_BYTES);
    if (host_number(c, &number, "/sys/block/%s/queue/logical_block_size", name))
        json_write_member_int(c->w, "bytesPerSector", number);
    if (host_number(c, &number, "/sys/block/%s/queue/rotational", name))
        json_write_member_text(c->w, "mediaType",
                               number ? "Fixed hard disk media" : "Solid state");
    json_write_end(c->w);
}

void
collect_disks(struct collecting *c)
{
    json_write_key(c->w, "disks");
    json_write_array(c->w);
    host_each_name(c, "/sys/block", put_disk);
    json_write_end(c->w);
}

/* The kernel writes a blank in a path as \040 (getmntent(3)). */
static bool
read_mount_path(struct slice from, char *out, size_t size)
{
    size_t len = 0;

    for (size_t i = 0; i < from.len; i++) {
        char byte = (char)from.at[i];
        if (byte == '\\' && i + 3 < from.len) {
            byte = (char)((from.at[i + 1] - '0') << 6 | (from.at[i + 2] - '0') << 3 |
                          (from.at[i + 3] - '0'));
            i += 3;
        }
        if (len + 1 >= size || byte == '\0')
            return false;
        out[len++] = byte;
    }
    out[len] = '\0';
    return len > 0;
}

static void
put_volume(struct collecting *c, struct slice device, const char *mount,
           struct slice type)
{
    struct statvfs facts;

    json_write_object(c->w);
    json_write_member_string(c->w, "name", device);
    json_write_member_text(c->w, "mountPoint", mount);
    json_write_member_string(c->w, "fileSystem", type);
    json_write_member_bool(c->w, "boot", strcmp(mount, "/") == 0);
    if (c->is_live && statvfs(mount, &facts) == 0) {
        json_write_member_int(c->w, "sizeBytes",
                              (int64_t)(facts.f_blocks * facts.f_frsize));
        json_write_member_int(c->w, "freeSpaceBytes",
                              (int64_t)(facts.f_bavail * facts.f_frsize));
    }
    json_write_end(c->w);
}

void
collect_volumes(struct collecting *c)
{
    char mount[MOUNT_PATH_MAX];
    struct slice text = host_read(c, "/proc/self/mounts");
    struct slice line, device, path, type;
    size_t count = 0;

    json_write_key(c->w, "volumes");
    json_write_array(c->w);
    while (count < MOUNT_MAX_COUNT && slice_cut(&text, '\n', &line)) {
        if (!slice_cut(&line, ' ', &device) || !slice_cut(&line, ' ', &path) ||
            !slice_cut(&line, ' ', &type))
            continue;
        /* Only what lies on a disk; asking a network for its size may hang. */
        if (!slice_starts(device, SLICE("/dev/")) ||
            slice_starts(device, SLICE("/dev/loop")) ||
            !read_mount_path(path, mount, sizeof(mount)))
            continue;
        put_volume(c, device, mount, type);
        count++;
    }
    json_write_end(c->w);
}

static void
put_battery(struct collecting *c, const char *name)
{
    int64_t number = 0;

    /* The object has room for one: the first. */
    if (c->has_battery ||
        !slice_equal(host_line(c, "/sys/class/power_supply/%s/type", name),
                     SLICE("Battery")))
        return;
    c->has_battery = true;
    json_write_key(c->w, "battery");
    json_write_object(c->w);
    json_write_member_text(c->w, "id", name);
    put_text(c, "name", host_line(c, "/sys/class/power_supply/%s/model_name", name));
    put_text(c, "serialNumber",
             host_line(c, "/sys/class/power_supply/%s/serial_number", name));
    if (host_number(c, &number, "/sys/class/power_supply/%s/energy_full", name))
        json_write_member_int(c->w, "capacity", number / 1000); /* from µWh */
    if (host_number(c, &number, "/sys/class/power_supply/%s/capacity", name))
        json_write_member_int(c->w, "estimatedChargeRemaining", number);
    json_write_end(c->w);
}

void
collect_battery(struct collecting *c)
{
    host_each_name(c, "/sys/class/power_supply", put_battery);
}
