/* SPDX-License-Identifier: Apache-2.0
 *
 * Packed columns. */
#include "store/pack.h"

#include <string.h>

size_t
pack_groups(const int64_t *ids, size_t count, uint8_t out[PACKED_GROUPS_MAX_BYTES])
{
    size_t len = 0;

    for (size_t i = 0; i < count; i++) {
        for (int shift = 56; shift >= 0; shift -= 8)
            out[len++] = (uint8_t)((uint64_t)ids[i] >> shift);
    }
    return len;
}

size_t
pack_addresses(const struct ip_range *ranges, size_t count,
               uint8_t out[PACKED_ADDRESSES_MAX_BYTES])
{
    size_t len = 0;

    for (size_t i = 0; i < count; i++) {
        memcpy(out + len, ranges[i].from.at, PACKED_ADDRESS_BYTES - 1);
        out[len + PACKED_ADDRESS_BYTES - 1] = ranges[i].bits;
        len += PACKED_ADDRESS_BYTES;
    }
    return len;
}

void
row_groups(struct row *row, int64_t out[TOKEN_GROUP_MAX_COUNT], size_t *out_count)
{
    struct slice packed = row_blob(row);
    size_t count = packed.len / PACKED_GROUP_BYTES;

    if (packed.len % PACKED_GROUP_BYTES != 0 || count > TOKEN_GROUP_MAX_COUNT) {
        row->is_bad = true;
        return;
    }
    *out_count = count;
    for (size_t i = 0; i < count; i++) {
        uint64_t id = 0;
        for (size_t at = 0; at < PACKED_GROUP_BYTES; at++)
            id = id << 8 | packed.at[i * PACKED_GROUP_BYTES + at];
        out[i] = (int64_t)id;
        row->is_bad = row->is_bad || out[i] <= 0 || (i > 0 && out[i] <= out[i - 1]);
    }
}

void
row_addresses(struct row *row, struct ip_range out[TOKEN_ADDRESS_MAX_COUNT],
              size_t *out_count)
{
    struct slice packed = row_blob(row);
    size_t count = packed.len / PACKED_ADDRESS_BYTES;

    if (packed.len % PACKED_ADDRESS_BYTES != 0 || count > TOKEN_ADDRESS_MAX_COUNT) {
        row->is_bad = true;
        return;
    }
    *out_count = count;
    for (size_t i = 0; i < count; i++) {
        const uint8_t *at = packed.at + i * PACKED_ADDRESS_BYTES;
        memcpy(out[i].from.at, at, PACKED_ADDRESS_BYTES - 1);
        out[i].bits = at[PACKED_ADDRESS_BYTES - 1];
        row->is_bad = row->is_bad || out[i].bits > 128;
    }
}
