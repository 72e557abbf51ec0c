/* SPDX-License-Identifier: Apache-2.0
 *
 * IP addresses and ranges as numbers. IPv4 is kept as IPv4-mapped IPv6 (::ffff:a.b.c.d),
 * so one comparison serves both. */
#ifndef BASE_IP_H
#define BASE_IP_H

#include "base/slice.h"
#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

enum { IP_TEXT_MAX = 46, IP_RANGE_TEXT_MAX = 50 }; /* without the closing zero */

/* Zeroed = "::", the unspecified address: belongs to nobody. */
struct ip {
    uint8_t at[16]; /* network order; IPv4 mapped */
};

/* All addresses whose first `bits` bits are those of `from`. */
struct ip_range {
    struct ip from; /* bits after `bits` are zero */
    uint8_t bits;   /* 0..128; an IPv4 /n is 96 + n */
};

/* Reads one address in any usual spelling; no zone, no port, no brackets; leading zeros
 * in IPv4 are refused (inet_pton). */
MUST_CHECK enum status ip_read(struct slice text, struct ip *out);
/* RFC 5952 text; IPv4 as a.b.c.d. With a closing zero. */
void ip_write(const struct ip *ip, char out[IP_TEXT_MAX + 1]);
bool ip_is_v4(const struct ip *ip);

/* Reads "address" or "address/bits". STATUS_MALFORMED: not an address at all, or bits
 * out of range. STATUS_CONFLICT: host bits are set; then *corrected holds the range
 * that was probably meant (may be NULL). */
MUST_CHECK enum status ip_range_read(struct slice text, struct ip_range *out,
                                     struct ip_range *corrected);
/* A single address is written without "/bits". */
void ip_range_write(const struct ip_range *range, char out[IP_RANGE_TEXT_MAX + 1]);
bool ip_range_holds(const struct ip_range *range, const struct ip *ip);
/* Is it link-local (RFC 3927, RFC 4291), among which are the addresses where clouds keep
 * their secrets, or one of "this host"? Loopback is not. */
bool ip_is_link_local(const struct ip *ip);
bool ip_range_equal(const struct ip_range *a, const struct ip_range *b);

#endif
