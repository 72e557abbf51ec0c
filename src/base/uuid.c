/* SPDX-License-Identifier: Apache-2.0
 *
 * UUIDs from the kernel's randomness. */
#include "base/uuid.h"

#include "base/hex.h"
#include "base/random.h"

static bool
has_dash_at(size_t i)
{
    return i == 8 || i == 13 || i == 18 || i == 23;
}

void
uuid_make(char out[UUID_CHARS + 1])
{
    static const char HEX[] = "0123456789abcdef";
    unsigned char bytes[16];
    size_t at = 0;

    random_fill(bytes, sizeof(bytes));
    bytes[6] = (unsigned char)((bytes[6] & 0x0F) | 0x40); /* version 4 */
    bytes[8] = (unsigned char)((bytes[8] & 0x3F) | 0x80); /* the RFC's variant */
    for (size_t i = 0; i < sizeof(bytes); i++) {
        if (has_dash_at(at))
            out[at++] = '-';
        out[at++] = HEX[bytes[i] >> 4];
        out[at++] = HEX[bytes[i] & 15];
    }
    out[at] = '\0';
}

bool
uuid_is(struct slice text)
{
    if (text.len != UUID_CHARS)
        return false;
    for (size_t i = 0; i < UUID_CHARS; i++) {
        if (has_dash_at(i) ? text.at[i] != '-' : hex_value(text.at[i]) < 0)
            return false;
    }
    return true;
}
