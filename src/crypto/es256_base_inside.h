/* SPDX-License-Identifier: Apache-2.0
 *
 * What both ways to k·G have in common (es256_base_lanes.c, es256_base_eight.c). Only for
 * files that are compiled for such processors and run on nothing else. */
#ifndef CRYPTO_ES256_BASE_INSIDE_H
#define CRYPTO_ES256_BASE_INSIDE_H

#include "crypto/es256_base.h"

#include "crypto/p256_order.h"
#include "crypto/p256_points8.h"

/* b of y² = x³ - 3x + b, times R. */
static const uint64_t B8[LIMBS8] = {0xdf6229c4bddfd, 0xca8843090d89c, 0x212ed6acf005c,
                                    0x83415a220abf7, 0x0c30061dd4874};

/* Is 0 < a < p? For what is public. */
static inline bool
is_in_field(const uint64_t a[4])
{
    return !order_is_zero(a) && order_less(a, FIELD_P);
}

/* The same number in every lane. */
LANES_INLINE void
load_same8(struct fe8 *out, const uint64_t limbs[LIMBS8])
{
#pragma GCC unroll 5
    for (int i = 0; i < LIMBS8; i++)
        out->l[i] = all(limbs[i]);
}

/* Four limbs of 64 bits, in every lane. */
LANES_INLINE void
load_all8(struct fe8 *out, const uint64_t a[4])
{
    unpack8(out, all(a[0]), all(a[1]), all(a[2]), all(a[3]));
}

/* Lane 0 as four limbs of 64 bits; below 2^256. */
LANES_INLINE void
store_first8(const struct fe8 *a, uint64_t out[4])
{
    uint64_t l[LIMBS8];

#pragma GCC unroll 5
    for (int i = 0; i < LIMBS8; i++)
        l[i] = (uint64_t)_mm_cvtsi128_si64(_mm512_castsi512_si128(a->l[i]));
    out[0] = l[0] | l[1] << 52;
    out[1] = l[1] >> 12 | l[2] << 40;
    out[2] = l[2] >> 24 | l[3] << 28;
    out[3] = l[3] >> 36 | l[4] << 16;
}

/* a/R, at most p; p itself only for a = 0 modulo p. */
LANES_INLINE void
settle8(struct fe8 *out, const struct fe8 *a)
{
    static const uint64_t ONE[LIMBS8] = {1};
    struct fe8 one;

    load_same8(&one, ONE);
    mul8(out, a, &one);
}

/* The bits that say the digits of k, which is odd: (k + 2^256 - 1)/2. The place i of k is
 * worth ±2^i, and bit i says which (docs/es256.md, odd digits). */
static inline void
digit_bits(const uint64_t k[4], uint64_t out[4])
{
    for (int i = 0; i < 4; i++)
        out[i] = k[i] >> 1 | (i < 3 ? k[i + 1] << 63 : UINT64_C(1) << 63);
}

/* Which entry of its window each lane takes, and with which sign. */
struct digit8 {
    lane index;
    __mmask8 negative;
};

/* `bits` are those of a digit, and nothing else; `half` is the worth of its highest. */
LANES_INLINE struct digit8
read_digits8(lane bits, uint64_t half)
{
    struct digit8 out = {.negative = _mm512_cmplt_epu64_mask(bits, all(half))};
    lane turned = _mm512_xor_si512(bits, all(half - 1)); /* all but the highest */

    out.index = _mm512_and_si512(_mm512_mask_blend_epi64(out.negative, bits, turned),
                                 all(half - 1));
    return out;
}

#endif
