/* SPDX-License-Identifier: Apache-2.0
 *
 * Making the points of a table. Not for other folders. */
#ifndef CRYPTO_ES256_BUILD_H
#define CRYPTO_ES256_BUILD_H

#include "crypto/es256_sum.h"

/* How the 256 bits of a scalar are cut into windows: the first 256 - count·width of them
 * are one bit wider than `width`. A window of w bits that begins at bit s has 2^(w-1)
 * points: entry j is (2j + 1)·2^s times the point. Windows follow each other in a table.
 */
struct windows {
    int count, width;
};

enum {
    SCALAR_BITS = 256,
    KEY_POINTS = 2560,   /* 4 windows of 8 bits, 32 of 7 */
    BASE_POINTS = 73728, /* 16 windows of 13 bits, 4 of 12 */
};

static const struct windows KEY_WINDOWS = {SUM_KEY_WINDOWS, 7};
static const struct windows BASE_WINDOWS = {SUM_BASE_WINDOWS, 12};

/* The base point (SP 800-186, section 3.2.1.3). */
extern const uint8_t ES256_G[PUBLIC_KEY_BYTES];

static inline int
window_width(const struct windows *windows, int window)
{
    return windows->width + (window < SCALAR_BITS - windows->count * windows->width);
}

/* Writes all points of `point`, which must be on the curve, for a level. False: one that
 * was written is not on the curve, so the arithmetic has failed. */
MUST_CHECK bool es256_build(const struct windows *windows,
                            const uint8_t point[PUBLIC_KEY_BYTES], enum es256_level level,
                            struct table_point *out);

#endif
