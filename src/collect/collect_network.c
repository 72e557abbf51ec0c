/* SPDX-License-Identifier: Apache-2.0
 *
 * Network adapters and the addresses of the host. */
#include "collect/inside.h"

#include "base/ip.h"
#include "net/interfaces.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { ADDRESS_MAX_COUNT = 64, ADAPTER_MAX_CHARS = 15, LIST_CHARS = 512 };

/* The addresses of one adapter. */
struct address_list {
    const char *adapter;
    struct ip ips[ADDRESS_MAX_COUNT];
    uint8_t bits[ADDRESS_MAX_COUNT];
    size_t count;
};

static void
keep_address(void *ctx, const char *name, const struct ip *ip, uint8_t bits)
{
    struct address_list *list = ctx;

    if (strcmp(name, list->adapter) != 0 || list->count == ADDRESS_MAX_COUNT)
        return;
    list->ips[list->count] = *ip;
    list->bits[list->count++] = bits;
}

/* fe80::/10 is of no use to anybody elsewhere. */
static bool
is_link_local(const struct ip *ip)
{
    return ip->at[0] == 0xfe && (ip->at[1] & 0xc0) == 0x80;
}

/* The addresses of one family, separated by commas. */
static void
put_addresses(struct collecting *c, const char *name, const struct address_list *list,
              bool is_v4)
{
    char one[IP_TEXT_MAX + 1];
    struct buffer text = buffer_make(LIST_CHARS);

    for (size_t i = 0; i < list->count; i++) {
        if (ip_is_v4(&list->ips[i]) != is_v4 || is_link_local(&list->ips[i]))
            continue;
        ip_write(&list->ips[i], one);
        buffer_print(&text, "%s%s", text.len > 0 ? "," : "", one);
    }
    put_text(c, name, buffer_slice(&text));
    buffer_done(&text);
}

/* The mask of the first IPv4 address, in dots. */
static void
put_mask(struct collecting *c, const struct address_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        char text[IP_TEXT_MAX + 1];
        if (!ip_is_v4(&list->ips[i]) || list->bits[i] > 32)
            continue;
        uint32_t mask = list->bits[i] ? UINT32_MAX << (32 - list->bits[i]) : 0;
        snprintf(text, sizeof(text), "%u.%u.%u.%u", mask >> 24, mask >> 16 & 255,
                 mask >> 8 & 255, mask & 255);
        json_write_member_text(c->w, "ipSubnet", text);
        return;
    }
}

static void
put_first_v4(struct collecting *c, const struct address_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        if (!ip_is_v4(&list->ips[i]))
            continue;
        ip_write(&list->ips[i], c->local_ip);
        return;
    }
}

/* Made of hardware, or by the machine that we are a guest of: bridges, tunnels and the
 * pairs of containers have no device. Where no adapter has one (containers), those that
 * have an address must do. */
static bool
is_adapter(struct collecting *c, const char *name)
{
    char path[COLLECT_PATH_MAX];
    int64_t type = 0;

    return host_number(c, &type, "/sys/class/net/%s/type", name) && type == 1 &&
           access(host_path(c, path, "/sys/class/net/%s/device", name), F_OK) == 0;
}

static void
put_speed(struct collecting *c, const char *name)
{
    int64_t megabits = 0;

    /* -1 = the driver does not know */
    if (host_number(c, &megabits, "/sys/class/net/%s/speed", name) && megabits > 0)
        json_write_member_int(c->w, "speed", megabits * 1000 * 1000);
}

static void
put_adapter(struct collecting *c, const char *name)
{
    struct address_list list = {.adapter = name};
    int64_t index = 0;

    if (strcmp(name, "lo") == 0 || strlen(name) > ADAPTER_MAX_CHARS)
        return;
    if (c->is_live && interfaces_each(keep_address, &list) != STATUS_OK)
        list.count = 0;
    if (!is_adapter(c, name) && list.count == 0)
        return;
    json_write_object(c->w);
    json_write_member_text(c->w, "name", name);
    put_text(c, "macAddress", host_line(c, "/sys/class/net/%s/address", name));
    put_addresses(c, "ipV4Address", &list, true);
    put_addresses(c, "ipV6Address", &list, false);
    put_mask(c, &list);
    put_vendor(c, host_line(c, "/sys/class/net/%s/device/vendor", name));
    put_speed(c, name);
    if (host_number(c, &index, "/sys/class/net/%s/ifindex", name))
        json_write_member_int(c->w, "interfaceIndex", index);
    json_write_end(c->w);
    if (c->local_ip[0] == '\0' || strcmp(name, c->gateway_adapter) == 0)
        put_first_v4(c, &list);
}

/* /proc/net/route has the default route with destination 0 and its gateway as the eight
 * digits of a number in the processor's own order. */
static void
find_gateway(struct collecting *c)
{
    struct slice text = host_read(c, "/proc/net/route");
    struct slice line, name, to, gateway;

    while (slice_cut(&text, '\n', &line)) {
        char digits[9];
        if (!slice_cut(&line, '\t', &name) || !slice_cut(&line, '\t', &to) ||
            !slice_cut(&line, '\t', &gateway) || !slice_equal(to, SLICE("00000000")) ||
            !slice_to_text(slice_trim(gateway), digits, sizeof(digits)) ||
            !slice_to_text(name, c->gateway_adapter, sizeof(c->gateway_adapter)))
            continue;
        uint32_t number = (uint32_t)strtoul(digits, NULL, 16);
        uint8_t bytes[4];
        memcpy(bytes, &number, sizeof(bytes));
        if (number != 0)
            snprintf(c->gateway, sizeof(c->gateway), "%u.%u.%u.%u", bytes[0], bytes[1],
                     bytes[2], bytes[3]);
        return;
    }
}

void
collect_network(struct collecting *c)
{
    find_gateway(c);
    json_write_key(c->w, "networkAdapters");
    json_write_array(c->w);
    host_each_name(c, "/sys/class/net", put_adapter);
    json_write_end(c->w);
    put_text(c, "localIp", slice_of(c->local_ip));
    put_text(c, "defaultGateway", slice_of(c->gateway));
}
