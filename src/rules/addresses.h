/* SPDX-License-Identifier: Apache-2.0
 *
 * Approved addresses: rule 8 of DESIGN section 2. Pure. */
#ifndef RULES_ADDRESSES_H
#define RULES_ADDRESSES_H

#include "base/buffer.h"
#include "base/ip.h"
#include "base/limits.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

/* Reads a list as typed or pasted: entries between blanks, tabs, commas, semicolons and
 * line breaks. Duplicates (after normalising) are left out; order stays.
 * STATUS_MALFORMED: the first invalid entry; failure: field "addresses",
 * "Invalid IP address: …", with the corrected range when host bits are set.
 * STATUS_TOO_LARGE: more than TOKEN_ADDRESS_MAX_COUNT. */
MUST_CHECK enum status addresses_read(struct slice text,
                                      struct ip_range out[TOKEN_ADDRESS_MAX_COUNT],
                                      size_t *out_count, struct failure *failure);

/* Writes them one a line: as addresses_read() takes them. */
void addresses_write(const struct ip_range *ranges, size_t count, struct buffer *out);

/* One entry of such a list, looked at by itself. */
struct address_entry {
    struct slice typed; /* borrowed from the text */
    struct ip_range range;
    bool is_valid;
    bool is_duplicate;      /* of a valid one before it */
    struct failure failure; /* why it is not valid */
};
/* Looks at each entry; for people who type. Gives how many there are, which may be more
 * than `most`: then the first `most` are in `out`. */
size_t addresses_look(struct slice text, struct address_entry *out, size_t most);

/* The place of the first that holds `ip`; `count` when none does. */
size_t addresses_find(const struct ip_range *ranges, size_t count, const struct ip *ip);
/* May `ip` use a token with these? An empty list means any. */
bool addresses_hold(const struct ip_range *ranges, size_t count, const struct ip *ip);

#endif
