/* SPDX-License-Identifier: Apache-2.0
 *
 * What the table levels share: which points are summed for a signature. Not for other
 * folders. */
#ifndef CRYPTO_ES256_SUM_H
#define CRYPTO_ES256_SUM_H

#include "crypto/es256_table.h"

enum {
    SUM_BASE_WINDOWS = 20,
    SUM_KEY_WINDOWS = 36,
    SUM_POINTS = SUM_BASE_WINDOWS + SUM_KEY_WINDOWS, /* seven for each of eight lanes */
};

/* An affine point, both coordinates below p, packed: one line of the processor's cache.
 * In Montgomery form; R is 2^256 in tables for level 1, and 2^260 in those for level 2.
 */
struct table_point {
    uint64_t x[4], y[4]; /* the least limb first */
} __attribute__((aligned(64)));

_Static_assert(sizeof(struct table_point) == 64, "one load, one line");

/* u1·G + u2·Q as points of both tables, and what its x is compared with. */
struct sum {
    const struct table_point *points[SUM_POINTS];
    uint64_t negative; /* bit i: point i is to be subtracted */
    uint64_t r[4];     /* r of the signature */
    uint64_t r_plus_n[4];
    bool has_r_plus_n; /* r + n is below p as well: x may be that */
};

/* Level 1: the sum in plain C. */
enum es256_answer es256_sum_plain(const struct sum *sum);
/* Level 2: eight lanes. Only where es256_lanes_are_there(). */
enum es256_answer es256_sum_lanes(const struct sum *sum);
bool es256_lanes_are_there(void);

#endif
