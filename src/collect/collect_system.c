/* SPDX-License-Identifier: Apache-2.0
 *
 * What the host is called, who made it, and what runs on it. */
#include "collect/inside.h"

#include "base/auto.h"
#include "base/number.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

enum { YEAR_2000_S = 946684800 };

/* System Management BIOS 3.4, table 17; the numbers not named here are no devices that
 * people have. */
static const struct chassis {
    int number;
    const char *name;
} CHASSIS[] = {
    {3, "Desktop"},
    {4, "Low Profile Desktop"},
    {5, "Pizza Box"},
    {6, "Mini Tower"},
    {7, "Tower"},
    {8, "Portable"},
    {9, "Laptop"},
    {10, "Notebook"},
    {11, "Hand Held"},
    {12, "Docking Station"},
    {13, "All in One"},
    {14, "Sub Notebook"},
    {15, "Space-Saving"},
    {17, "Main Server Chassis"},
    {23, "Rack Mount Chassis"},
    {24, "Sealed-case PC"},
    {28, "Blade"},
    {30, "Tablet"},
    {31, "Convertible"},
    {32, "Detachable"},
    {35, "Mini PC"},
    {36, "Stick PC"},
};

static void
put_dmi(struct collecting *c, const char *name, const char *file)
{
    put_text(c, name, host_line(c, "/sys/class/dmi/id/%s", file));
}

static void
put_names(struct collecting *c)
{
    char name[256], full[600];
    struct slice line = host_line(c, "/proc/sys/kernel/hostname");

    if (line.len == 0)
        line = host_line(c, "/etc/hostname");
    if (line.len == 0 || !slice_to_text(line, name, sizeof(name)))
        return;
    struct slice domain = host_line(c, "/proc/sys/kernel/domainname");
    bool has_domain = domain.len > 0 && domain.len < 256 && !strchr(name, '.');
    snprintf(full, sizeof(full), has_domain ? "%s.%.*s" : "%s", name, SLICE_ARG(domain));
    json_write_member_text(c->w, "deviceName", name);
    json_write_member_text(c->w, "fullSystemName", full);
    if (has_domain)
        json_write_member_string(c->w, "domain", domain);
}

static void
put_chassis(struct collecting *c)
{
    int64_t number = 0;

    if (!host_number(c, &number, "/sys/class/dmi/id/chassis_type"))
        return;
    for (size_t i = 0; i < COUNT_OF(CHASSIS); i++) {
        if (CHASSIS[i].number == number)
            json_write_member_text(c->w, "chassisType", CHASSIS[i].name);
    }
}

/* /etc/localtime is a link to …/zoneinfo/Europe/Paris. */
static void
put_time_zone(struct collecting *c)
{
    static const char ZONES[] = "/zoneinfo/";
    char path[COLLECT_PATH_MAX], target[COLLECT_PATH_MAX];
    struct slice line = host_line(c, "/etc/timezone");
    ssize_t len = readlink(host_path(c, path, "/etc/localtime"), target, sizeof(target));

    if (line.len == 0 && len > 0) {
        struct slice whole = {(const unsigned char *)target, (size_t)len};
        const unsigned char *zone = memmem(target, (size_t)len, ZONES, sizeof(ZONES) - 1);
        if (zone)
            line = slice_from(whole, (size_t)(zone - whole.at) + sizeof(ZONES) - 1);
    }
    put_text(c, "timeZone", line);
}

/* "fr_CA.UTF-8" is told as "fr-CA". */
static void
put_locale(struct collecting *c)
{
    struct slice value = host_value(host_read(c, "/etc/default/locale"), "LANG", '=');
    char text[32];

    if (value.len >= 2 && value.at[0] == '"')
        value = slice_head(slice_from(value, 1), value.len - 2);
    slice_cut(&(struct slice){value.at, value.len}, '.', &value);
    if (!slice_to_text(value, text, sizeof(text)))
        return;
    for (char *at = text; *at; at++)
        *at = *at == '_' ? '-' : *at;
    put_text(c, "locale", slice_of(text));
}

/* Who asked for the collection, also behind sudo. */
static void
put_user(struct collecting *c)
{
    const char *name = c->is_live ? getenv("SUDO_USER") : NULL;

    if (c->is_live && !name)
        name = getenv("LOGNAME");
    if (c->is_live && !name)
        name = getenv("USER");
    if (!name || !*name)
        return;
    json_write_member_text(c->w, "username", name);
    json_write_member_text(c->w, "currentUsername", name);
}

static void
put_architecture(struct collecting *c, const char *name)
{
    struct utsname kernel;

    if (c->is_live && uname(&kernel) == 0)
        json_write_member_text(c->w, name, kernel.machine);
}

void
collect_system(struct collecting *c)
{
    put_names(c);
    json_write_member_text(c->w, "agentStatus", "A");
    json_write_member_text(c->w, "platformOSType", "Linux");
    put_time(c, "lastUpdatedDateTimeUtc", c->host->now_ms);
    put_time(c, "lastConnectedDateTimeUtc", c->host->now_ms);
    put_dmi(c, "systemManufacturer", "sys_vendor");
    put_dmi(c, "systemModel", "product_name");
    put_architecture(c, "systemType");
    put_dmi(c, "serialNumber", "product_serial");
    put_chassis(c);
    put_user(c);
    put_locale(c);
    put_time_zone(c);
    json_write_member_text(c->w, "systemDirectory", "/usr");
}

/* When the root file system was made: the nearest to when the system was installed. */
static void
put_installed(struct collecting *c)
{
    static const char *const OLDEST[] = {"/var/log/installer", "/lost+found",
                                         "/etc/machine-id"};
    char path[COLLECT_PATH_MAX];
    struct stat facts;

    for (size_t i = 0; i < COUNT_OF(OLDEST); i++) {
        /* Images are made with times of 1970. */
        if (stat(host_path(c, path, "%s", OLDEST[i]), &facts) != 0 ||
            facts.st_mtim.tv_sec < YEAR_2000_S)
            continue;
        put_time(c, "installDateTimeUtc", (int64_t)facts.st_mtim.tv_sec * 1000);
        return;
    }
}

static void
put_kernel(struct collecting *c)
{
    struct utsname kernel;

    if (!c->is_live || uname(&kernel) != 0)
        return;
    json_write_member_text(c->w, "build", kernel.release);
    json_write_member_text(c->w, "otherOSDescription", kernel.version);
}

static void
put_boot_time(struct collecting *c)
{
    int64_t at_s = 0;
    struct slice value = host_value(host_read(c, "/proc/stat"), "btime", ' ');

    if (number_read(value, &at_s) == STATUS_OK)
        put_time(c, "lastBootDateTimeUtc", at_s * 1000);
}

/* A value of os-release(5), without its quotes. */
static struct slice
release_value(struct slice text, const char *key)
{
    struct slice value = host_value(text, key, '=');

    if (value.len >= 2 && (value.at[0] == '"' || value.at[0] == '\''))
        return slice_head(slice_from(value, 1), value.len - 2);
    return value;
}

void
collect_os(struct collecting *c)
{
    json_write_key(c->w, "operatingSystem");
    json_write_object(c->w);

    struct slice text = host_read(c, "/etc/os-release");
    if (text.len == 0)
        text = host_read(c, "/usr/lib/os-release");
    struct slice name = release_value(text, "PRETTY_NAME");
    put_text(c, "name", name);
    put_text(c, "version", release_value(text, "VERSION_ID"));
    put_text(c, "edition", release_value(text, "VERSION_CODENAME"));
    if (!slice_to_text(name, c->os_name, sizeof(c->os_name)))
        c->os_name[0] = '\0';
    put_architecture(c, "architecture");
    put_kernel(c);
    put_boot_time(c);
    put_installed(c);
    json_write_end(c->w);
}
