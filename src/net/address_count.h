/* SPDX-License-Identifier: Apache-2.0
 *
 * How many connections each address holds, over all loops. Asked when a connection comes
 * and told when it goes, never for a request; a short lock is enough. An IPv6 client owns
 * a whole /64, so that counts as one address. */
#ifndef NET_ADDRESS_COUNT_H
#define NET_ADDRESS_COUNT_H

#include "base/ip.h"

struct address_count;

struct address_count *address_count_new(void);
void address_count_free(struct address_count **count);
/* Counts one more for `address`; false, and nothing is counted, when it already holds
 * `max`. */
MUST_CHECK bool address_count_take(struct address_count *count, const struct ip *address,
                                   int64_t max);
/* One less. */
void address_count_give(struct address_count *count, const struct ip *address);
/* How many it holds now. */
int64_t address_count_of(struct address_count *count, const struct ip *address);

#endif
