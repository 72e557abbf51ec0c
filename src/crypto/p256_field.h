/* SPDX-License-Identifier: Apache-2.0
 *
 * The field of P-256 in plain C: five limbs of 52 bits, Montgomery form with R = 2^260,
 * the same numbers as the eight lanes of es256_ifma.c work on. Variable time is of no
 * concern: all that is computed here is public.
 *
 * A number is known by a bound k: it is below k·p, not necessarily below p. Its limbs are
 * 0 … 2^52 - 1 (the last one is what is left: below 2^52 as long as k ≤ 15).
 * p = 2^256 - 2^224 + 2^192 + 2^96 - 1, and -1/p = 1 modulo 2^52, so a reduction step
 * needs no multiplication for its quotient. docs/es256.md argues the bounds. */
#ifndef CRYPTO_P256_FIELD_H
#define CRYPTO_P256_FIELD_H

#include <stdbool.h>
#include <stdint.h>

enum { FE_LIMBS = 5, FE_LIMB_BITS = 52 };

#define FE_MASK ((UINT64_C(1) << FE_LIMB_BITS) - 1)

struct fe {
    uint64_t l[FE_LIMBS];
};

typedef unsigned __int128 fe_wide;

/* p, and R, R², R³ modulo p. */
static const struct fe FE_P = {
    {0xfffffffffffff, 0x00fffffffffff, 0, 0x0001000000000, 0x0ffffffff0000}};
static const struct fe FE_ONE = {{0x0000000000010, 0xf000000000000, 0xfffffffffffff,
                                  0xffeffffffffff, 0x00000000fffff}};
static const struct fe FE_RR = {{0x0000000000300, 0xffffffff00000, 0xffffefffffffb,
                                 0xfdfffffffffff, 0x0000004ffffff}};
static const struct fe FE_RRR = {{0xfd0000000a000, 0xffffff7ffffff, 0xfffcffffffedf,
                                  0x100000005ffff, 0x0000180000000}};

/* One step of the reduction: adds q·p with q = c[i] modulo 2^52, which makes the lowest
 * limb zero, and drops it. Sums stay below 2^110. */
#define FE_STEP(c, i)                                                  \
    do {                                                               \
        uint64_t q = (uint64_t)(c)[i] & FE_MASK;                       \
        (c)[(i) + 1] += ((c)[i] >> FE_LIMB_BITS) + ((fe_wide)q << 44); \
        (c)[(i) + 3] += (fe_wide)q << 36;                              \
        (c)[(i) + 4] += (fe_wide)q * FE_P.l[4];                        \
    } while (0)

/* c / 2^260 modulo p. Written out: as loops, the columns would live in memory. */
static inline void
fe_reduce(fe_wide c[2 * FE_LIMBS], struct fe *out)
{
    FE_STEP(c, 0);
    FE_STEP(c, 1);
    FE_STEP(c, 2);
    FE_STEP(c, 3);
    FE_STEP(c, 4);
    c[6] += c[5] >> FE_LIMB_BITS;
    c[7] += c[6] >> FE_LIMB_BITS;
    c[8] += c[7] >> FE_LIMB_BITS;
    c[9] += c[8] >> FE_LIMB_BITS;
    *out =
        (struct fe){{(uint64_t)c[5] & FE_MASK, (uint64_t)c[6] & FE_MASK,
                     (uint64_t)c[7] & FE_MASK, (uint64_t)c[8] & FE_MASK, (uint64_t)c[9]}};
}

/* One product of two limbs. */
#define FE_AB(i, j) ((fe_wide)(a)->l[i] * (b)->l[j])

static inline void
fe_accumulate(fe_wide c[2 * FE_LIMBS], const struct fe *a, const struct fe *b)
{
    c[0] += FE_AB(0, 0);
    c[1] += FE_AB(0, 1) + FE_AB(1, 0);
    c[2] += FE_AB(0, 2) + FE_AB(1, 1) + FE_AB(2, 0);
    c[3] += FE_AB(0, 3) + FE_AB(1, 2) + FE_AB(2, 1) + FE_AB(3, 0);
    c[4] += FE_AB(0, 4) + FE_AB(1, 3) + FE_AB(2, 2) + FE_AB(3, 1) + FE_AB(4, 0);
    c[5] += FE_AB(1, 4) + FE_AB(2, 3) + FE_AB(3, 2) + FE_AB(4, 1);
    c[6] += FE_AB(2, 4) + FE_AB(3, 3) + FE_AB(4, 2);
    c[7] += FE_AB(3, 4) + FE_AB(4, 3);
    c[8] += FE_AB(4, 4);
}

/* a·b/R; k = 1 + ka·kb/16, because p/2^260 is 1/16. */
static inline void
fe_mul(struct fe *out, const struct fe *a, const struct fe *b)
{
    fe_wide c[2 * FE_LIMBS] = {0};

    fe_accumulate(c, a, b);
    fe_reduce(c, out);
}

/* (a·b + d·e)/R; k = 1 + (ka·kb + kd·ke)/16. */
static inline void
fe_mul_add(struct fe *out, const struct fe *a, const struct fe *b, const struct fe *d,
           const struct fe *e)
{
    fe_wide c[2 * FE_LIMBS] = {0};

    fe_accumulate(c, a, b);
    fe_accumulate(c, d, e);
    fe_reduce(c, out);
}

/* Each product of two different limbs is there twice: 15 multiplications, not 25. */
static inline void
fe_square(struct fe *out, const struct fe *a)
{
    const struct fe twice = {
        {a->l[0] * 2, a->l[1] * 2, a->l[2] * 2, a->l[3] * 2, a->l[4] * 2}};
    const struct fe *b = &twice;
    fe_wide c[2 * FE_LIMBS] = {0};

    c[0] = (fe_wide)a->l[0] * a->l[0];
    c[1] = FE_AB(0, 1);
    c[2] = FE_AB(0, 2) + (fe_wide)a->l[1] * a->l[1];
    c[3] = FE_AB(0, 3) + FE_AB(1, 2);
    c[4] = FE_AB(0, 4) + FE_AB(1, 3) + (fe_wide)a->l[2] * a->l[2];
    c[5] = FE_AB(1, 4) + FE_AB(2, 3);
    c[6] = FE_AB(2, 4) + (fe_wide)a->l[3] * a->l[3];
    c[7] = FE_AB(3, 4);
    c[8] = (fe_wide)a->l[4] * a->l[4];
    fe_reduce(c, out);
}

#undef FE_AB
#undef FE_STEP

/* Limbs that may be negative come to rest; the whole must not be negative. */
static inline void
fe_carry(struct fe *out, int64_t t[FE_LIMBS])
{
    for (int i = 0; i < FE_LIMBS - 1; i++) {
        t[i + 1] += t[i] >> FE_LIMB_BITS;
        out->l[i] = (uint64_t)t[i] & FE_MASK;
    }
    out->l[FE_LIMBS - 1] = (uint64_t)t[FE_LIMBS - 1];
}

/* a - b + k·p, for kb ≤ k: below (ka + k)·p. */
static inline void
fe_sub(struct fe *out, const struct fe *a, const struct fe *b, int64_t k)
{
    int64_t t[FE_LIMBS];

    for (int i = 0; i < FE_LIMBS; i++)
        t[i] = (int64_t)a->l[i] - (int64_t)b->l[i] + k * (int64_t)FE_P.l[i];
    fe_carry(out, t);
}

/* Below 2p, from anything below 15p: q·p is taken away, q being a little less than the
 * number over 2^256. */
static inline void
fe_weaken(struct fe *out, int64_t t[FE_LIMBS])
{
    struct fe rest;

    fe_carry(&rest, t);
    int64_t q = ((int64_t)rest.l[4] - 16) >> 48;
    for (int i = 0; i < FE_LIMBS; i++)
        t[i] = (int64_t)rest.l[i] - q * (int64_t)FE_P.l[i];
    fe_carry(out, t);
}

/* Is it 0 modulo p? For any k up to 15. */
static inline bool
fe_is_zero(const struct fe *a)
{
    struct fe out;
    struct fe one = {{1}};
    uint64_t all = 0;
    uint64_t other = 0;

    fe_mul(&out, a, &one); /* at most p */
    for (int i = 0; i < FE_LIMBS; i++) {
        all |= out.l[i];
        other |= out.l[i] ^ FE_P.l[i];
    }
    return all == 0 || other == 0;
}

/* From and to four limbs of 64 bits, the least first; no change of the number. */
static inline void
fe_from_64(struct fe *out, const uint64_t in[4])
{
    out->l[0] = in[0] & FE_MASK;
    out->l[1] = (in[0] >> 52 | in[1] << 12) & FE_MASK;
    out->l[2] = (in[1] >> 40 | in[2] << 24) & FE_MASK;
    out->l[3] = (in[2] >> 28 | in[3] << 36) & FE_MASK;
    out->l[4] = in[3] >> 16;
}

static inline void
fe_to_64(const struct fe *in, uint64_t out[4])
{
    out[0] = in->l[0] | in->l[1] << 52;
    out[1] = in->l[1] >> 12 | in->l[2] << 40;
    out[2] = in->l[2] >> 24 | in->l[3] << 28;
    out[3] = in->l[3] >> 36 | in->l[4] << 16;
}

/* The one number below p that is a modulo p. */
static inline void
fe_canon(struct fe *out, const struct fe *a)
{
    int64_t t[FE_LIMBS];
    struct fe less;

    for (int i = 0; i < FE_LIMBS; i++)
        t[i] = (int64_t)a->l[i];
    fe_weaken(out, t);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < FE_LIMBS; i++)
            t[i] = (int64_t)out->l[i] - (int64_t)FE_P.l[i];
        fe_carry(&less, t);
        if ((int64_t)less.l[FE_LIMBS - 1] >= 0)
            *out = less;
    }
}

#endif
