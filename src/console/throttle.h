/* SPDX-License-Identifier: Apache-2.0
 *
 * Pauses for those who try secrets: after a few free attempts each one must wait twice as
 * long as the one before. Kept in memory, in a table of fixed size, for this node. */
#ifndef CONSOLE_THROTTLE_H
#define CONSOLE_THROTTLE_H

#include "base/ip.h"
#include "base/slice.h"

#include <stdint.h>

/* What is counted; each has its own measure (THE THROTTLE TABLE in throttle.c). */
enum throttle_kind {
    THROTTLE_USER = 1, /* passwords of one user, known or not, by folded e-mail */
    THROTTLE_ADDRESS,  /* passwords and set-up codes from one address */
    THROTTLE_CODE,     /* second factors of one user, by uid */
    THROTTLE_KIND_COUNT,
};

struct throttle;

struct throttle *throttle_new(void);
void throttle_free(struct throttle **throttle);

/* Counts an attempt before it is made, so that many at once do not slip through. Gives 0,
 * or the seconds to wait: then nothing was counted, and nothing may be tried. */
int64_t throttle_try(struct throttle *throttle, enum throttle_kind kind, struct slice who,
                     int64_t now_ms);
/* It was a good one: of a user all is forgotten, of an address just this one. */
void throttle_good(struct throttle *throttle, enum throttle_kind kind, struct slice who);

/* An IPv4 address, or the /64 of an IPv6 one: nobody has less than that. */
struct slice throttle_address(const struct ip *address);

#endif
