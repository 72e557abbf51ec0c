/* SPDX-License-Identifier: Apache-2.0
 *
 * Five bytes become eight characters. */
#include "base/base32.h"

#include <assert.h>
#include <stdint.h>

void
base32_encode(struct slice bytes, char *out)
{
    static const char ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    assert(bytes.len % 5 == 0);
    for (size_t i = 0; i < bytes.len; i += 5) {
        uint64_t group = 0;
        for (size_t k = 0; k < 5; k++)
            group = group << 8 | bytes.at[i + k];
        for (int shift = 35; shift >= 0; shift -= 5)
            *out++ = ALPHABET[group >> shift & 31];
    }
    *out = '\0';
}
