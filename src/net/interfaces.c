/* SPDX-License-Identifier: Apache-2.0
 *
 * The network interfaces of this host, by getifaddrs(). */
#include "net/interfaces.h"

#include "base/auto.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

static void
list_done(struct ifaddrs **list)
{
    if (*list)
        freeifaddrs(*list);
}

static uint8_t
count_bits(const uint8_t *mask, size_t len)
{
    uint8_t bits = 0;

    for (size_t i = 0; i < len; i++)
        bits = (uint8_t)(bits + __builtin_popcount(mask[i]));
    return bits;
}

/* False: it is of another family. */
static bool
read_address(const struct ifaddrs *one, struct ip *out, uint8_t *out_bits)
{
    if (!one->ifa_addr || !one->ifa_netmask)
        return false;
    if (one->ifa_addr->sa_family == AF_INET) {
        const struct sockaddr_in *ip = (const void *)one->ifa_addr;
        const struct sockaddr_in *mask = (const void *)one->ifa_netmask;
        *out = (struct ip){.at = {[10] = 0xff, [11] = 0xff}};
        memcpy(out->at + 12, &ip->sin_addr, 4);
        *out_bits = count_bits((const uint8_t *)&mask->sin_addr, 4);
        return true;
    }
    if (one->ifa_addr->sa_family == AF_INET6) {
        const struct sockaddr_in6 *ip = (const void *)one->ifa_addr;
        const struct sockaddr_in6 *mask = (const void *)one->ifa_netmask;
        memcpy(out->at, &ip->sin6_addr, 16);
        *out_bits = count_bits((const uint8_t *)&mask->sin6_addr, 16);
        return true;
    }
    return false;
}

enum status
interfaces_each(void (*each)(void *ctx, const char *name, const struct ip *ip,
                             uint8_t bits),
                void *ctx)
{
    struct ifaddrs *list AUTO(list_done) = NULL;
    struct ip ip;
    uint8_t bits = 0;

    if (getifaddrs(&list) != 0)
        return STATUS_UNAVAILABLE;
    for (const struct ifaddrs *one = list; one; one = one->ifa_next) {
        if ((one->ifa_flags & IFF_UP) && read_address(one, &ip, &bits))
            each(ctx, one->ifa_name, &ip, bits);
    }
    return STATUS_OK;
}
