/* SPDX-License-Identifier: Apache-2.0
 *
 * The field of P-256 in plain C: four limbs of 64 bits, Montgomery form with R = 2^256.
 * Every number here is below p, before and after each function, so there is one way to
 * write it. Variable time is of no concern: all that is computed here is public.
 *
 * p = 2^256 - 2^224 + 2^192 + 2^96 - 1, so -1/p = 1 modulo 2^64: the lowest limb itself
 * says how many p must be added to make it zero. docs/es256.md has the mathematics. */
#ifndef CRYPTO_P256_FIELD_H
#define CRYPTO_P256_FIELD_H

#include "crypto/carry.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

enum { FE_LIMBS = 4 };

/* Inside of another function the limbs stay in registers: a fifth quicker. */
#define FE_INLINE static inline __attribute__((always_inline))

struct fe {
    uint64_t l[FE_LIMBS]; /* the least first */
};

#define FE_P1                                                                 \
    UINT64_C(0x00000000ffffffff) /* limbs 1 and 3 of p; 0 is all ones, 2 zero \
                                  */
#define FE_P3 UINT64_C(0xffffffff00000001)

/* p; R and R² modulo p: one, and what brings a number into Montgomery form. */
static const struct fe FE_P = {{UINT64_MAX, FE_P1, 0, FE_P3}};
static const struct fe FE_ONE = {
    {1, 0xffffffff00000000, 0xffffffffffffffff, 0x00000000fffffffe}};
static const struct fe FE_RR = {
    {0x0000000000000003, 0xfffffffbffffffff, 0xfffffffffffffffe, 0x00000004fffffffd}};

/* Is it below p? Asserted of every operand in builds with sanitizers. */
static inline bool
fe_is_settled(const struct fe *a)
{
    carry_bit borrow = 0;

    for (int i = 0; i < FE_LIMBS; i++)
        carry_sub(a->l[i], FE_P.l[i], &borrow);
    return borrow == 1;
}

#ifdef P256_CHECK_BOUNDS
#define FE_ASSERT(claim) assert(claim)
#else
#define FE_ASSERT(claim) ((void)0)
#endif

/* The number of five limbs, which is below 2p, less p where it is not below p. */
FE_INLINE void
fe_settle(struct fe *out, uint64_t t0, uint64_t t1, uint64_t t2, uint64_t t3, uint64_t t4)
{
    carry_bit borrow = 0;
    uint64_t s0 = carry_sub(t0, UINT64_MAX, &borrow);
    uint64_t s1 = carry_sub(t1, FE_P1, &borrow);
    uint64_t s2 = carry_sub(t2, 0, &borrow);
    uint64_t s3 = carry_sub(t3, FE_P3, &borrow);

    carry_sub(t4, 0, &borrow);
    *out = (struct fe){
        {borrow ? t0 : s0, borrow ? t1 : s1, borrow ? t2 : s2, borrow ? t3 : s3}};
}

static inline void
fe_add(struct fe *out, const struct fe *a, const struct fe *b)
{
    FE_ASSERT(fe_is_settled(a) && fe_is_settled(b));
    carry_bit carry = 0;
    uint64_t t0 = carry_add(a->l[0], b->l[0], &carry);
    uint64_t t1 = carry_add(a->l[1], b->l[1], &carry);
    uint64_t t2 = carry_add(a->l[2], b->l[2], &carry);
    uint64_t t3 = carry_add(a->l[3], b->l[3], &carry);

    fe_settle(out, t0, t1, t2, t3, carry);
}

static inline void
fe_sub(struct fe *out, const struct fe *a, const struct fe *b)
{
    FE_ASSERT(fe_is_settled(a) && fe_is_settled(b));
    carry_bit borrow = 0;
    carry_bit carry = 0;
    uint64_t t0 = carry_sub(a->l[0], b->l[0], &borrow);
    uint64_t t1 = carry_sub(a->l[1], b->l[1], &borrow);
    uint64_t t2 = carry_sub(a->l[2], b->l[2], &borrow);
    uint64_t t3 = carry_sub(a->l[3], b->l[3], &borrow);
    uint64_t all = 0 - (uint64_t)borrow; /* p is added where a < b */

    out->l[0] = carry_add(t0, all, &carry);
    out->l[1] = carry_add(t1, all & FE_P1, &carry);
    out->l[2] = carry_add(t2, 0, &carry);
    out->l[3] = carry_add(t3, all & FE_P3, &carry);
}

/* The lowest limb becomes zero by adding q·p, q being that limb; then it stands for the
 * limb above the highest. All is shifts: q·p + q is q·2^96 below limb 3, and from there
 * q·FE_P3 = q·2^64 - q·2^32 + q. */
FE_INLINE void
fe_reduce_limb(uint64_t *t0, uint64_t *t1, uint64_t *t2, uint64_t *t3)
{
    uint64_t q = *t0;
    carry_bit borrow = 0;
    carry_bit carry = 0;
    uint64_t low = carry_sub(q, q << 32, &borrow);
    uint64_t high = carry_sub(q, q >> 32, &borrow);

    *t1 = carry_add(*t1, q << 32, &carry);
    *t2 = carry_add(*t2, q >> 32, &carry);
    *t3 = carry_add(*t3, low, &carry);
    *t0 = high + carry; /* below 2^64: the upper half of a product has room for 1 */
}

/* t/R modulo p, for t < p·R. */
FE_INLINE void
fe_reduce(struct fe *out, const uint64_t t[2 * FE_LIMBS])
{
    uint64_t t0 = t[0], t1 = t[1], t2 = t[2], t3 = t[3];
    carry_bit carry = 0;

    fe_reduce_limb(&t0, &t1, &t2, &t3);
    fe_reduce_limb(&t1, &t2, &t3, &t0);
    fe_reduce_limb(&t2, &t3, &t0, &t1);
    fe_reduce_limb(&t3, &t0, &t1, &t2);
    t0 = carry_add(t0, t[4], &carry);
    t1 = carry_add(t1, t[5], &carry);
    t2 = carry_add(t2, t[6], &carry);
    t3 = carry_add(t3, t[7], &carry);
    fe_settle(out, t0, t1, t2, t3, carry);
    FE_ASSERT(fe_is_settled(out)); /* t was below p·R */
}

/* t[0 … 4] = a·b + t[0 … 3] */
FE_INLINE void
fe_row(uint64_t *t, uint64_t a, const struct fe *b)
{
    uint64_t high = 0;

    t[0] = carry_mul_add(t[0], a, b->l[0], &high);
    t[1] = carry_mul_add(t[1], a, b->l[1], &high);
    t[2] = carry_mul_add(t[2], a, b->l[2], &high);
    t[3] = carry_mul_add(t[3], a, b->l[3], &high);
    t[4] = high;
}

/* a·b/R */
FE_INLINE void
fe_mul(struct fe *out, const struct fe *a, const struct fe *b)
{
    uint64_t t[2 * FE_LIMBS] = {0};

    FE_ASSERT(fe_is_settled(a) && fe_is_settled(b));
    fe_row(t, a->l[0], b);
    fe_row(t + 1, a->l[1], b);
    fe_row(t + 2, a->l[2], b);
    fe_row(t + 3, a->l[3], b);
    fe_reduce(out, t);
}

/* a²/R: each product of two different limbs once, doubled, and the four squares. */
FE_INLINE void
fe_square(struct fe *out, const struct fe *a)
{
    const uint64_t *l = a->l;
    uint64_t t[2 * FE_LIMBS] = {0};
    uint64_t high = 0;
    carry_bit carry = 0;

    FE_ASSERT(fe_is_settled(a));
    t[1] = carry_mul_add(0, l[0], l[1], &high);
    t[2] = carry_mul_add(0, l[0], l[2], &high);
    t[3] = carry_mul_add(0, l[0], l[3], &high);
    t[4] = high;
    high = 0;
    t[3] = carry_mul_add(t[3], l[1], l[2], &high);
    t[4] = carry_mul_add(t[4], l[1], l[3], &high);
    t[5] = high;
    high = 0;
    t[5] = carry_mul_add(t[5], l[2], l[3], &high);
    t[6] = high;
    t[7] = t[6] >> 63;
    t[6] = t[6] << 1 | t[5] >> 63;
    t[5] = t[5] << 1 | t[4] >> 63;
    t[4] = t[4] << 1 | t[3] >> 63;
    t[3] = t[3] << 1 | t[2] >> 63;
    t[2] = t[2] << 1 | t[1] >> 63;
    t[1] = t[1] << 1;
#pragma GCC unroll 4
    for (int i = 0; i < FE_LIMBS; i++) {
        unsigned __int128 square = (unsigned __int128)l[i] * l[i];
        t[2 * i] = carry_add(t[2 * i], (uint64_t)square, &carry);
        t[2 * i + 1] = carry_add(t[2 * i + 1], (uint64_t)(square >> 64), &carry);
    }
    fe_reduce(out, t);
}

static inline bool
fe_is_zero(const struct fe *a)
{
    return (a->l[0] | a->l[1] | a->l[2] | a->l[3]) == 0;
}

static inline bool
fe_equal(const struct fe *a, const struct fe *b)
{
    return ((a->l[0] ^ b->l[0]) | (a->l[1] ^ b->l[1]) | (a->l[2] ^ b->l[2]) |
            (a->l[3] ^ b->l[3])) == 0;
}

#endif
