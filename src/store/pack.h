/* SPDX-License-Identifier: Apache-2.0
 *
 * Device groups and approved addresses as they lie packed in a column. A row that does
 * not read back as it was written is bad: half of a set would open doors. */
#ifndef STORE_PACK_H
#define STORE_PACK_H

#include "base/ip.h"
#include "base/limits.h"
#include "store/inside.h"

enum {
    PACKED_GROUP_BYTES = 8,    /* an id, big endian */
    PACKED_ADDRESS_BYTES = 17, /* 16 of the address, 1 of bits */
    PACKED_GROUPS_MAX_BYTES = TOKEN_GROUP_MAX_COUNT * PACKED_GROUP_BYTES,
    PACKED_ADDRESSES_MAX_BYTES = TOKEN_ADDRESS_MAX_COUNT * PACKED_ADDRESS_BYTES,
};

/* Both give how many bytes they wrote. */
size_t pack_groups(const int64_t *ids, size_t count,
                   uint8_t out[PACKED_GROUPS_MAX_BYTES]);
size_t pack_addresses(const struct ip_range *ranges, size_t count,
                      uint8_t out[PACKED_ADDRESSES_MAX_BYTES]);

void row_groups(struct row *row, int64_t out[TOKEN_GROUP_MAX_COUNT], size_t *out_count);
void row_addresses(struct row *row, struct ip_range out[TOKEN_ADDRESS_MAX_COUNT],
                   size_t *out_count);

#endif
