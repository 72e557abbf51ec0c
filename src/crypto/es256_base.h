/* SPDX-License-Identifier: Apache-2.0
 *
 * What signing takes: k·G for a secret k, or for up to 16 of them, and the rest of their
 * signatures, in eight lanes and in constant time. Not for other folders. */
#ifndef CRYPTO_ES256_BASE_H
#define CRYPTO_ES256_BASE_H

#include "crypto/es256_sum.h"

enum {
    BASE_LANES = 8,
    BASE_ROWS = 8,    /* of eight windows, one for each lane */
    BASE_ENTRIES = 8, /* 1, 3, … 15 times 16^window · G */
    BASE_WORDS = 8,   /* x and y, as in struct table_point */

    BASE_GROUPS = 2, /* of eight k, at most, at once */
    BASE_TOGETHER = BASE_GROUPS * BASE_LANES,

    EIGHT_WINDOWS = 37,
    EIGHT_ENTRIES = 64, /* 1, 3, … 127 times 2^s · G; in the last three windows 32 */
};

/* The points of G in 64 windows of four bits: row r has windows 8r … 8r + 7. Of a row and
 * an entry, word w of all eight points lies in one line, so that the whole table is read
 * for every k, in the same order. 32 KB. */
struct base_table {
    uint64_t word[BASE_ROWS][BASE_ENTRIES][BASE_WORDS][BASE_LANES];
} __attribute__((aligned(64)));

/* Made when it is first asked for, for the life of the process. NULL: it cannot be made.
 * Any thread. */
const struct base_table *es256_base_table(void);

/* x of k·G, below p.
 *   k      odd, 0 < k < n; secret
 *   blind  0 < blind < p, uniform, for this call alone; secret. It hides what is
 *          inverted, because the inversion takes variable time
 * False, and `x` is of no meaning: an exceptional sum (for one k there is), or the
 * arithmetic has failed: the sum is not on the curve, or the quotient is wrong. Only
 * where es256_lanes_are_there(). */
MUST_CHECK bool es256_base_x(const struct base_table *table, const uint64_t k[4],
                             const uint64_t blind[4], uint64_t x[4]);
/* The points of G for eight k at once: 34 windows of seven bits and three of six. Of a
 * window, a word of all entries lies side by side, so that a lane takes its own out of
 * registers. 148 KB. */
struct eight_table {
    uint64_t word[EIGHT_WINDOWS][BASE_WORDS][EIGHT_ENTRIES];
} __attribute__((aligned(64)));

/* As es256_base_table(). */
const struct eight_table *es256_eight_table(void);

/* es256_base_x() of one or two groups of eight k, each in a lane of its own, for a third
 * of the time each. False: it is so for one of them, and nothing is known of the others.
 */
MUST_CHECK bool es256_eight_x(const struct eight_table *table, size_t groups,
                              const uint64_t k[][4], const uint64_t blind[4],
                              uint64_t x[][4]);

/* Of each signature, below 2^256; secret is k, 0 < k < n. */
struct eight_numbers {
    uint64_t k[BASE_TOGETHER][4], r[BASE_TOGETHER][4], z[BASE_TOGETHER][4];
};

/* s = (z + r·d)/k modulo n of one or two groups of eight, at most n, which stands for 0.
 *   d_r    d·2^260 modulo n; secret
 *   blind  0 < blind < n; as above
 * False: a k is 0, or the arithmetic has failed: k·(1/k) is not 1. */
MUST_CHECK bool es256_eight_s(size_t groups, const struct eight_numbers *given,
                              const uint64_t d_r[4], const uint64_t blind[4],
                              uint64_t s[][4]);

#endif
