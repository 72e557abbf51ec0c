/* SPDX-License-Identifier: Apache-2.0
 *
 * THE PART TABLE: what a collection is made of, in the order of its members. */
#include "collect/collect.h"

#include "base/auto.h"
#include "collect/inside.h"
#include "crypto/sha256.h"

#include <stdio.h>

enum { HOST_FILE_MAX_BYTES = 16 * 1024 * 1024, ESN_DIGITS = 20 };

static void (*const PARTS[])(struct collecting *c) = {
    collect_system,   /* names, maker, model, serial number, locale, time zone */
    collect_os,       /* operatingSystem */
    collect_cpu,      /* cpu */
    collect_memory,   /* bytes of memory and swap */
    collect_bios,     /* bios */
    collect_disks,    /* disks */
    collect_volumes,  /* volumes */
    collect_battery,  /* battery, where there is one */
    collect_network,  /* networkAdapters, localIp, defaultGateway */
    collect_packages, /* applications: last, because there are many */
};

/* Given by the maker: not the zeros of loopback, and not one of those that bridges and
 * the like make up at each start (bit 1 of the first byte). */
static bool
is_burnt_in(struct slice mac)
{
    static const char LOCAL[] = "2367abefABEF";

    return !slice_equal(mac, SLICE("00:00:00:00:00:00")) && !strchr(LOCAL, mac.at[1]);
}

static void
read_mac(struct collecting *c, const char *name)
{
    struct slice mac = host_line(c, "/sys/class/net/%s/address", name);

    if (c->mac[0] == '\0' && mac.len == sizeof(c->mac) - 1 && is_burnt_in(mac))
        slice_to_text(mac, c->mac, sizeof(c->mac));
}

/* By what is this host known again? */
static enum status
find_identity(struct collecting *c, struct buffer *out, struct failure *failure)
{
    static const char *const PLACES[] = {"/etc/machine-id",
                                         "/sys/class/dmi/id/product_uuid",
                                         "/sys/class/dmi/id/product_serial"};

    for (size_t i = 0; i < COUNT_OF(PLACES); i++) {
        struct slice line = host_line(c, "%s", PLACES[i]);
        if (line.len < 8 || slice_equal(line, SLICE("uninitialized")))
            continue;
        buffer_add(out, line);
        return STATUS_OK;
    }
    host_each_name(c, "/sys/class/net", read_mac);
    buffer_add_text(out, c->mac);
    if (c->mac[0] != '\0')
        return STATUS_OK;
    return failure_set(failure, STATUS_NOT_FOUND, NULL,
                       "this host cannot be known again: it has no /etc/machine-id "
                       "(systemd-machine-id-setup makes one)");
}

/* A UUID of version 8 (RFC 9562 §5.8: made by the maker's own method) and 20 digits. */
static enum status
write_identity(struct collecting *c, struct failure *failure)
{
    struct buffer text AUTO(buffer_wipe) = buffer_make(4096);
    uint8_t hash[SHA256_BYTES];
    char uid[37], esn[ESN_DIGITS + 1];
    size_t len = 0;

    buffer_add_text(&text, "tokenhouse device\n");
    enum status status = find_identity(c, &text, failure);
    if (status != STATUS_OK)
        return status;
    sha256(buffer_slice(&text), hash);
    hash[6] = (uint8_t)((hash[6] & 0x0f) | 0x80);
    hash[8] = (uint8_t)((hash[8] & 0x3f) | 0x80);
    for (size_t i = 0; i < 16; i++)
        len +=
            (size_t)snprintf(uid + len, sizeof(uid) - len, "%s%02x",
                             i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", hash[i]);
    for (size_t i = 0; i < ESN_DIGITS / 2; i++)
        snprintf(esn + 2 * i, 3, "%02X", hash[16 + i]);
    json_write_member_text(c->w, "deviceUid", uid);
    json_write_member_text(c->w, "esn", esn);
    return STATUS_OK;
}

static void
collecting_done(struct collecting *c)
{
    buffer_done(&c->file);
}

enum status
collect_write(const struct collect_host *host, struct buffer *out,
              struct failure *failure)
{
    struct json_writer writer = json_write_into(out);
    struct collecting c AUTO(collecting_done) = {
        .host = host,
        .w = &writer,
        .file = buffer_make(HOST_FILE_MAX_BYTES),
        .is_live = host->root[0] == '\0',
    };

    json_write_object(&writer);
    enum status status = write_identity(&c, failure);
    for (size_t i = 0; status == STATUS_OK && i < COUNT_OF(PARTS); i++)
        PARTS[i](&c);
    if (status != STATUS_OK)
        return status;
    json_write_end(&writer);
    return json_write_done(&writer);
}
