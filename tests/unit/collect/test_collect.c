/* SPDX-License-Identifier: Apache-2.0
 *
 * A host made of files below a folder gives the device that those files describe, and
 * this very host gives one that has a name. */
#include "base/auto.h"
#include "collect/collect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>
#include <jansson.h>

enum { PATH_ROOM = 512 };

struct fixture {
    char root[64];
    json_t *device;
};

static int
open_root(void **state)
{
    struct fixture *f = test_calloc(1, sizeof(*f));

    snprintf(f->root, sizeof(f->root), "/tmp/tokenhouse-unit-XXXXXX");
    if (!mkdtemp(f->root))
        return -1;
    *state = f;
    return 0;
}

static int
remove_root(void **state)
{
    struct fixture *f = *state;
    json_decref(f->device);
    pid_t pid = fork();
    if (pid == 0) {
        execlp("rm", "rm", "-rf", f->root, (char *)NULL);
        _exit(127);
    }
    waitpid(pid, NULL, 0);
    test_free(f);
    return 0;
}

static void
put(struct fixture *f, const char *path, const char *text)
{
    char whole[PATH_ROOM];

    snprintf(whole, sizeof(whole), "%s%s", f->root, path);
    for (char *at = whole + strlen(f->root) + 1; (at = strchr(at, '/')); at++) {
        *at = '\0';
        mkdir(whole, 0755);
        *at = '/';
    }
    FILE *file = fopen(whole, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static enum status
collect(struct fixture *f, const char *root)
{
    struct buffer text AUTO(buffer_done) = buffer_make(COLLECT_MAX_BYTES);
    struct collect_host host = {.root = root, .now_ms = 1795643502000};
    struct failure failure = {0};
    enum status status = collect_write(&host, &text, &failure);

    json_decref(f->device);
    f->device = NULL;
    if (status != STATUS_OK) {
        assert_true(failure.text[0] != '\0');
        return status;
    }
    f->device = json_loadb((const char *)text.at, text.len, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(f->device);
    return status;
}

/* "cpu.name", "disks.0.model"; NULL when it is not there. */
static json_t *
at(const struct fixture *f, const char *path)
{
    json_t *value = f->device;
    char words[256];
    char *rest = words;

    snprintf(words, sizeof(words), "%s", path);
    for (char *word; value && (word = strsep(&rest, "."));)
        value = json_is_array(value) ? json_array_get(value, strtoul(word, NULL, 10))
                                     : json_object_get(value, word);
    return value;
}

static const char *
text_at(const struct fixture *f, const char *path)
{
    const char *text = json_string_value(at(f, path));

    return text ? text : "(nothing)";
}

static void
make_laptop(struct fixture *f)
{
    put(f, "/etc/machine-id", "0123456789abcdef0123456789abcdef\n");
    put(f, "/proc/sys/kernel/hostname", "lt-17\n");
    put(f, "/proc/sys/kernel/domainname", "example.com\n");
    put(f, "/etc/timezone", "America/Montreal\n");
    put(f, "/etc/default/locale", "LANG=\"fr_CA.UTF-8\"\n");
    put(f, "/sys/class/dmi/id/sys_vendor", "LENOVO\n");
    put(f, "/sys/class/dmi/id/product_name", "20XW \n");
    put(f, "/sys/class/dmi/id/product_serial", "PF-1234\n");
    put(f, "/sys/class/dmi/id/chassis_type", "10\n");
    put(f, "/sys/class/dmi/id/bios_vendor", "LENOVO\n");
    put(f, "/sys/class/dmi/id/bios_version", "N32ET86W\n");
    put(f, "/sys/class/dmi/id/bios_date", "05/23/2023\n");
    put(f, "/sys/class/dmi/id/chassis_asset_tag", "To Be Filled By O.E.M.\n");
    put(f, "/etc/os-release",
        "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\n"
        "VERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\n");
    put(f, "/proc/stat", "cpu  1 2 3\nbtime 1795600000\n");
    put(f, "/proc/cpuinfo",
        "processor\t: 0\nmodel name\t: Core i7\ncpu MHz\t\t: 2803.204\n"
        "physical id\t: 0\ncpu cores\t: 2\n\n"
        "processor\t: 1\nmodel name\t: Core i7\nphysical id\t: 0\ncpu cores\t: 2\n\n");
    put(f, "/sys/devices/system/cpu/cpu0/cache/index2/size", "1280K\n");
    put(f, "/sys/devices/system/cpu/cpu0/cache/index3/size", "12M\n");
    put(f, "/proc/meminfo",
        "MemTotal:       16000000 kB\nMemAvailable:    8000000 kB\n"
        "SwapTotal:       1000000 kB\nSwapFree:         500000 kB\n");
    put(f, "/sys/block/nvme0n1/size", "1000215216\n");
    put(f, "/sys/block/nvme0n1/device/model", "Samsung SSD\n");
    put(f, "/sys/block/nvme0n1/device/serial", "S64D\n");
    put(f, "/sys/block/nvme0n1/queue/rotational", "0\n");
    put(f, "/sys/block/loop0/size", "100\n");
    put(f, "/sys/block/sdz/size", "0\n");
    put(f, "/proc/self/mounts",
        "/dev/nvme0n1p2 / ext4 rw 0 0\nproc /proc proc rw 0 0\n"
        "/dev/sdb1 /media/my\\040stick vfat rw 0 0\nnas:/x /mnt nfs rw 0 0\n");
    put(f, "/sys/class/power_supply/BAT0/type", "Battery\n");
    put(f, "/sys/class/power_supply/BAT0/energy_full", "55440000\n");
    put(f, "/sys/class/power_supply/BAT0/capacity", "83\n");
    put(f, "/sys/class/net/wlan0/address", "a0:51:0b:00:11:22\n");
    put(f, "/sys/class/net/wlan0/type", "1\n");
    put(f, "/sys/class/net/wlan0/device/vendor", "0x8086\n");
    put(f, "/sys/class/net/docker0/address", "02:42:00:00:00:01\n");
    put(f, "/sys/class/net/docker0/type", "1\n");
    put(f, "/proc/net/route",
        "Iface\tDestination\tGateway\tFlags\n"
        "wlan0\t0001A8C0\t00000000\t0001\nwlan0\t00000000\t0101A8C0\t0003\n");
    put(f, "/var/lib/dpkg/status",
        "Package: bash\nStatus: install ok installed\nPriority: required\n"
        "Maintainer: Matthias Klose <doko@example.org>\nArchitecture: amd64\n"
        "Version: 1:5.2.15-2+b2\nDescription: shell\n Version: 9.9\n .\n more\n\n"
        "Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n\n"
        "Package: kept\nStatus: hold ok installed\nVersion: 20230311\n\n"
        "Package: half\nStatus: install ok half-installed\nVersion: 2.0");
}

static void
test_host_is_told_with_the_vendors_names(void **state)
{
    struct fixture *f = *state;

    make_laptop(f);
    assert_int_equal(collect(f, f->root), STATUS_OK);
    assert_string_equal(text_at(f, "deviceName"), "lt-17");
    assert_string_equal(text_at(f, "fullSystemName"), "lt-17.example.com");
    assert_string_equal(text_at(f, "domain"), "example.com");
    assert_string_equal(text_at(f, "platformOSType"), "Linux");
    assert_string_equal(text_at(f, "systemManufacturer"), "LENOVO");
    assert_string_equal(text_at(f, "systemModel"), "20XW");
    assert_string_equal(text_at(f, "serialNumber"), "PF-1234");
    assert_string_equal(text_at(f, "chassisType"), "Notebook");
    assert_string_equal(text_at(f, "locale"), "fr-CA");
    assert_string_equal(text_at(f, "timeZone"), "America/Montreal");
    assert_string_equal(text_at(f, "operatingSystem.name"),
                        "Debian GNU/Linux 12 (bookworm)");
    assert_string_equal(text_at(f, "operatingSystem.lastBootDateTimeUtc"),
                        "2026-11-25T09:46:40.000Z");
    assert_string_equal(text_at(f, "lastUpdatedDateTimeUtc"), "2026-11-25T21:51:42.000Z");
    assert_string_equal(text_at(f, "bios.releaseDateTimeUtc"),
                        "2023-05-23T00:00:00.000Z");
}

static void
test_hardware_is_told_in_the_vendors_units(void **state)
{
    struct fixture *f = *state;

    make_laptop(f);
    assert_int_equal(collect(f, f->root), STATUS_OK);
    assert_string_equal(text_at(f, "cpu.name"), "Core i7");
    assert_int_equal(json_integer_value(at(f, "cpu.logicalCores")), 2);
    assert_int_equal(json_integer_value(at(f, "cpu.physicalCores")), 2);
    assert_int_equal(json_integer_value(at(f, "cpu.processorSpeed")), 2803);
    assert_int_equal(json_integer_value(at(f, "cpu.l2CacheSize")), 1280 * 1024);
    assert_int_equal(json_integer_value(at(f, "cpu.l3CacheSize")), 12 * 1024 * 1024);
    assert_int_equal(json_integer_value(at(f, "totalPhysicalRamBytes")), 16384000000);
    assert_int_equal(json_integer_value(at(f, "totalVirtualMemoryBytes")), 17408000000);
    assert_int_equal(json_array_size(at(f, "disks")), 1); /* no loop, no empty reader */
    assert_int_equal(json_integer_value(at(f, "disks.0.sizeBytes")), 512110190592);
    assert_string_equal(text_at(f, "disks.0.mediaType"), "Solid state");
    assert_int_equal(json_array_size(at(f, "volumes")), 2); /* no network, no /proc */
    assert_string_equal(text_at(f, "volumes.1.mountPoint"), "/media/my stick");
    assert_int_equal(json_integer_value(at(f, "battery.capacity")), 55440);
    assert_int_equal(json_array_size(at(f, "networkAdapters")), 1); /* no bridge */
    assert_string_equal(text_at(f, "networkAdapters.0.macAddress"), "a0:51:0b:00:11:22");
    assert_string_equal(text_at(f, "defaultGateway"), "192.168.1.1");
}

static void
test_what_makers_did_not_fill_in_is_left_out(void **state)
{
    struct fixture *f = *state;

    make_laptop(f);
    put(f, "/sys/class/dmi/id/product_serial", "Default string\n");
    assert_int_equal(collect(f, f->root), STATUS_OK);
    assert_null(at(f, "bios.assetTag"));
    assert_null(at(f, "serialNumber"));
    assert_null(at(f, "networkAdapters.0.manufacturer")); /* a number is no name */
}

static void
test_installed_packages_are_applications_and_others_are_not(void **state)
{
    struct fixture *f = *state;

    make_laptop(f);
    put(f, "/var/lib/dpkg/info/bash.list", "/bin/bash\n");
    assert_int_equal(collect(f, f->root), STATUS_OK);
    assert_int_equal(json_array_size(at(f, "applications")), 2);
    assert_string_equal(text_at(f, "applications.0.appName"), "bash");
    assert_string_equal(text_at(f, "applications.0.appVersion"), "5.2.15");
    assert_string_equal(text_at(f, "applications.0.appOriginalVersion"), "1:5.2.15-2+b2");
    assert_string_equal(text_at(f, "applications.0.appPublisher"), "Matthias Klose");
    assert_int_equal(json_integer_value(at(f, "applications.0.major")), 5);
    assert_int_equal(json_integer_value(at(f, "applications.0.minor")), 2);
    assert_non_null(at(f, "applications.0.installDateTimeUtc"));
    assert_string_equal(text_at(f, "applications.1.appName"), "kept");
    assert_null(at(f, "applications.1.minor"));
    assert_null(at(f, "applications.1.installDateTimeUtc"));
}

/* The same host is the same device, whatever else changes on it; another is another. */
static void
test_host_is_known_again_and_its_machine_id_is_not_told(void **state)
{
    struct fixture *f = *state;
    char uid[64], esn[64];

    make_laptop(f);
    assert_int_equal(collect(f, f->root), STATUS_OK);
    snprintf(uid, sizeof(uid), "%s", text_at(f, "deviceUid"));
    snprintf(esn, sizeof(esn), "%s", text_at(f, "esn"));
    assert_int_equal(strlen(uid), 36);
    assert_int_equal(strlen(esn), 20);
    char *all = json_dumps(f->device, 0);
    assert_null(strstr(all, "0123456789abcdef"));
    free(all);

    put(f, "/proc/sys/kernel/hostname", "renamed\n");
    assert_int_equal(collect(f, f->root), STATUS_OK);
    assert_string_equal(text_at(f, "deviceUid"), uid);
    assert_string_equal(text_at(f, "esn"), esn);

    put(f, "/etc/machine-id", "0123456789abcdef0123456789abcdee\n");
    assert_int_equal(collect(f, f->root), STATUS_OK);
    assert_string_not_equal(text_at(f, "deviceUid"), uid);
    assert_string_not_equal(text_at(f, "esn"), esn);
}

static void
test_host_without_machine_id_is_known_by_a_burnt_in_address(void **state)
{
    struct fixture *f = *state;

    put(f, "/sys/class/net/br0/address", "02:42:00:00:00:01\n"); /* made up */
    put(f, "/sys/class/net/lo/address", "00:00:00:00:00:00\n");
    assert_int_equal(collect(f, f->root), STATUS_NOT_FOUND);
    put(f, "/sys/class/net/eth0/address", "a0:51:0b:00:11:22\n");
    assert_int_equal(collect(f, f->root), STATUS_OK);
    put(f, "/etc/machine-id", "uninitialized\n"); /* machine-id(5): not yet made */
    assert_int_equal(collect(f, f->root), STATUS_OK);
}

static void
test_hostile_files_do_no_harm(void **state)
{
    struct fixture *f = *state;

    put(f, "/etc/machine-id", "0123456789abcdef0123456789abcdef\n");
    put(f, "/proc/sys/kernel/hostname", "\"\\\x01\xff\n");
    put(f, "/proc/self/mounts", "/dev/x /\\0 t\n/dev/y\n/dev/z /a\\777b t o 0 0\n\n");
    put(f, "/var/lib/dpkg/status", "Package\n\nStatus: install ok installed\n\n: x\n");
    put(f, "/proc/net/route", "a\tb\nlongername0123456789\t00000000\tZZ\n");
    put(f, "/sys/devices/system/cpu/cpu0/cache/index2/size", "99999999999999999999K\n");
    put(f, "/sys/class/dmi/id/bios_vendor", "x\n");
    put(f, "/sys/class/dmi/id/bios_date", "99/99/9999\n");
    assert_int_equal(collect(f, f->root), STATUS_OK);
    assert_int_equal(json_array_size(at(f, "applications")), 0);
    assert_null(at(f, "bios.releaseDateTimeUtc"));
}

static void
test_this_very_host_has_a_name_and_memory(void **state)
{
    struct fixture *f = *state;
    char name[256];

    assert_int_equal(collect(f, ""), STATUS_OK);
    assert_int_equal(gethostname(name, sizeof(name)), 0);
    assert_string_equal(text_at(f, "deviceName"), name);
    assert_true(json_integer_value(at(f, "totalPhysicalRamBytes")) > 0);
    assert_true(json_integer_value(at(f, "cpu.logicalCores")) > 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_root, remove_root)
        TEST(test_host_is_told_with_the_vendors_names),
        TEST(test_hardware_is_told_in_the_vendors_units),
        TEST(test_what_makers_did_not_fill_in_is_left_out),
        TEST(test_installed_packages_are_applications_and_others_are_not),
        TEST(test_host_is_known_again_and_its_machine_id_is_not_told),
        TEST(test_host_without_machine_id_is_known_by_a_burnt_in_address),
        TEST(test_hostile_files_do_no_harm),
        TEST(test_this_very_host_has_a_name_and_memory),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
