/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading and writing through inet_pton and inet_ntop; ranges by ourselves. */
#include "base/ip.h"

#include "base/auto.h"

#include "base/number.h"

#include <arpa/inet.h>
#include <stdio.h>

static const uint8_t V4_HEAD[12] = {[10] = 0xFF, [11] = 0xFF};

enum { V4_HEAD_BITS = 96, IP_BITS = 128 };

bool
ip_is_v4(const struct ip *ip)
{
    return memcmp(ip->at, V4_HEAD, sizeof(V4_HEAD)) == 0;
}

enum status
ip_read(struct slice text, struct ip *out)
{
    char closed[IP_TEXT_MAX + 1];
    struct ip ip = {0};

    if (!slice_to_text(text, closed, sizeof(closed)))
        return STATUS_MALFORMED;
    if (strchr(closed, ':')) {
        if (inet_pton(AF_INET6, closed, ip.at) != 1)
            return STATUS_MALFORMED;
    } else {
        memcpy(ip.at, V4_HEAD, sizeof(V4_HEAD));
        if (inet_pton(AF_INET, closed, ip.at + sizeof(V4_HEAD)) != 1)
            return STATUS_MALFORMED;
    }
    *out = ip;
    return STATUS_OK;
}

/* inet_ntop() asks printf, which costs as much as the rest of a short answer. */
static void
write_v4(const uint8_t bytes[4], char *out)
{
    for (int i = 0; i < 4; i++) {
        if (bytes[i] >= 100)
            *out++ = (char)('0' + bytes[i] / 100);
        if (bytes[i] >= 10)
            *out++ = (char)('0' + bytes[i] / 10 % 10);
        *out++ = (char)('0' + bytes[i] % 10);
        *out++ = '.';
    }
    out[-1] = '\0';
}

void
ip_write(const struct ip *ip, char out[IP_TEXT_MAX + 1])
{
    if (ip_is_v4(ip))
        write_v4(ip->at + sizeof(V4_HEAD), out);
    else
        inet_ntop(AF_INET6, ip->at, out, IP_TEXT_MAX + 1);
}

/* `ip` with all bits after the first `bits` cleared. */
static struct ip
ip_cut(const struct ip *ip, unsigned bits)
{
    struct ip cut = *ip;

    for (unsigned i = 0; i < sizeof(cut.at); i++) {
        unsigned kept = bits > i * 8 ? bits - i * 8 : 0;
        if (kept < 8)
            cut.at[i] &= (uint8_t)(0xFF00u >> kept);
    }
    return cut;
}

/* Reads what stands behind the slash: digits without a leading zero. */
static enum status
read_bits(struct slice text, int64_t most, int64_t *out)
{
    int64_t bits = 0;

    if (text.len == 0 || text.len > 3 || text.at[0] == '-' ||
        (text.at[0] == '0' && text.len > 1))
        return STATUS_MALFORMED;
    if (number_read(text, &bits) != STATUS_OK || bits > most)
        return STATUS_MALFORMED;
    *out = bits;
    return STATUS_OK;
}

enum status
ip_range_read(struct slice text, struct ip_range *out, struct ip_range *corrected)
{
    struct slice rest = text;
    struct slice address = text;
    bool has_bits = slice_cut(&rest, '/', &address);
    bool is_dotted = !address.len || !memchr(address.at, ':', address.len);
    struct ip ip = {0};
    struct ip_range range = {.bits = IP_BITS};
    int64_t bits = 0;

    if (ip_read(address, &ip) != STATUS_OK)
        return STATUS_MALFORMED;
    if (has_bits) {
        if (read_bits(rest, is_dotted ? 32 : IP_BITS, &bits) != STATUS_OK)
            return STATUS_MALFORMED;
        range.bits = (uint8_t)(bits + (is_dotted ? V4_HEAD_BITS : 0));
    }
    range.from = ip_cut(&ip, range.bits);
    if (memcmp(range.from.at, ip.at, sizeof(ip.at)) != 0) {
        if (corrected)
            *corrected = range;
        return STATUS_CONFLICT;
    }
    *out = range;
    return STATUS_OK;
}

void
ip_range_write(const struct ip_range *range, char out[IP_RANGE_TEXT_MAX + 1])
{
    char address[IP_TEXT_MAX + 1];
    bool is_v4 = range->bits >= V4_HEAD_BITS && ip_is_v4(&range->from);

    ip_write(&range->from, address);
    if (range->bits == IP_BITS)
        snprintf(out, IP_RANGE_TEXT_MAX + 1, "%s", address);
    else
        snprintf(out, IP_RANGE_TEXT_MAX + 1, "%s/%d", address,
                 range->bits - (is_v4 ? V4_HEAD_BITS : 0));
}

bool
ip_range_holds(const struct ip_range *range, const struct ip *ip)
{
    struct ip cut = ip_cut(ip, range->bits);

    return memcmp(cut.at, range->from.at, sizeof(cut.at)) == 0;
}

bool
ip_range_equal(const struct ip_range *a, const struct ip_range *b)
{
    return a->bits == b->bits && memcmp(a->from.at, b->from.at, sizeof(a->from.at)) == 0;
}

bool
ip_is_link_local(const struct ip *ip)
{
    static const char *const RANGES[] = {"169.254.0.0/16", "0.0.0.0/8", "fe80::/10",
                                         "fd00:ec2::254/128", "::/128"};

    for (size_t i = 0; i < COUNT_OF(RANGES); i++) {
        struct ip_range range;
        struct ip_range corrected;
        if (ip_range_read(slice_of(RANGES[i]), &range, &corrected) == STATUS_OK &&
            ip_range_holds(&range, ip))
            return true;
    }
    return false;
}
