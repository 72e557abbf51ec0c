/* SPDX-License-Identifier: Apache-2.0
 *
 * Sums of points in eight lanes. The coordinates and formulas are those of es256_sum.c;
 * the numbers are those of p256_lanes.h, and their bounds k are named at each step. No
 * function here branches on a number or uses one as an address, so all take the same time
 * for whatever they are given: verifying does not need that, signing does. */
#ifndef CRYPTO_P256_POINTS8_H
#define CRYPTO_P256_POINTS8_H

#include "crypto/p256_lanes.h"

/* Eight points, (X/ZZ, Y/ZZZ). k: X 2, Y 3, ZZ and ZZZ 2. */
struct point8 {
    struct fe8 x, y, zz, zzz;
};

/* Eight points of a table, whose coordinates are below p; `negative` ones are to be
 * subtracted. */
struct affine8 {
    struct fe8 x, y;
    __mmask8 negative;
};

/* ±s2 - s1 + 4p. k: s2 1.1, s1 3. */
LANES_INLINE void
signed_sub8(struct fe8 *out, const struct fe8 *s2, __mmask8 negative,
            const struct fe8 *s1)
{
    const lane zero = _mm512_setzero_si512();
    lane sum[LIMBS8];

#pragma GCC unroll 5
    for (int i = 0; i < LIMBS8; i++) {
        lane s = _mm512_mask_sub_epi64(s2->l[i], negative, zero, s2->l[i]);
        sum[i] = MINUS(PLUS(s, all(4 * P8[i])), s1->l[i]);
    }
    carry8(out, sum);
}

/* What the three additions have in common: X3 and Y3 from R, H² and H³, x1 and y1, with
 * V = x1·H². k: R 5.1, H² and H³ 1.6, v 1.2, y1 3. */
LANES_INLINE void
finish8(struct point8 *a, const struct fe8 *r, const struct fe8 *rr,
        const struct fe8 *hhh, const struct fe8 *v)
{
    struct fe8 t, minus_y;

    negate8(&minus_y, &a->y, 3);
    x3_8(&a->x, rr, hhh, v, 4); /* R² - H³ - 2V + 4p; H³ + 2V < 4p */
    sub8(&t, v, &a->x, 2);
    mul_add8(&a->y, r, &t, &minus_y, hhh); /* R·(V - X3) + (3p - Y)·H³ */
    below8(&a->x, 2);
    below8(&a->y, 3); /* 1 + (5.1·3.2 + 3·1.4)/16 = 2.3 */
}

/* a + b, both affine: seven products fewer are needed. */
LANES_INLINE void
begin8(struct point8 *out, const struct affine8 *a, const struct affine8 *b)
{
    struct fe8 minus_y, h, r, rr, v;

    negate8(&minus_y, &a->y, 1);
    out->x = a->x;
    out->y = choose8(a->negative, &a->y, &minus_y);
    sub8(&h, &b->x, &a->x, 1); /* 2 */
    signed_sub8(&r, &b->y, b->negative, &out->y);
    square8(&out->zz, &h);         /* 1 + 2·2/16 = 1.3 */
    mul8(&out->zzz, &h, &out->zz); /* 1.2 */
    mul8(&v, &out->x, &out->zz);   /* 1.1 */
    square8(&rr, &r);              /* 1 + 5·5/16 = 2.6 */
    finish8(out, &r, &rr, &out->zzz, &v);
}

/* a + b: add_point() of es256_sum.c in eight lanes. */
LANES_INLINE void
add8(struct point8 *a, const struct affine8 *b)
{
    struct fe8 u2, s2, h, r, hh, hhh, v, rr;

    mul8(&u2, &b->x, &a->zz);                 /* 1 + 1·1.3/16 = 1.1 */
    mul8(&s2, &b->y, &a->zzz);                /* 1.1 */
    sub8(&h, &u2, &a->x, 2);                  /* 3.1 */
    signed_sub8(&r, &s2, b->negative, &a->y); /* 5.1 */
    square8(&hh, &h);                         /* 1 + 3.1·3.1/16 = 1.6 */
    mul8(&hhh, &h, &hh);                      /* 1 + 3.1·1.6/16 = 1.4 */
    mul8(&v, &a->x, &hh);                     /* 1 + 2·1.6/16 = 1.2 */
    mul8(&a->zz, &a->zz, &hh);                /* 1 + 1.3·1.6/16 = 1.2 */
    mul8(&a->zzz, &a->zzz, &hhh);             /* 1.2 */
    square8(&rr, &r);                         /* 1 + 5.1·5.1/16 = 2.7 */
    finish8(a, &r, &rr, &hhh, &v);
}

/* Where a lane's partner is, and which lanes are the upper ones, in the three folds. */
struct folding {
    lane partner;
    __mmask8 upper;
};

/* Lane i becomes the sum of the lanes i and i + half, for i < half. Both lanes of a pair
 * work: the lower on H, H², H³ and ZZ, the upper on R² and V and ZZZ. What the upper
 * lanes come to is of no meaning, but it is below the same bounds. */
LANES_INLINE void
fold8(struct point8 *a, struct folding f)
{
    struct fe8 zz = permute8(&a->zz, f.partner);
    struct fe8 zzz = permute8(&a->zzz, f.partner);
    struct fe8 u, s, other_u, other, h, r, hr, squares, rr, left, right, cubes, v, zs;

    mul8(&u, &a->x, &zz);  /* x·zz of the partner: 1 + 2·1.3/16 = 1.2 */
    mul8(&s, &a->y, &zzz); /* 1 + 3·1.2/16 = 1.3 */
    left = choose8(f.upper, &a->zz, &a->zzz);
    right = choose8(f.upper, &zz, &zzz);
    mul8(&zs, &left, &right); /* lower: ZZ1·ZZ2; upper: ZZZ1·ZZZ2; 1.2 */
    other_u = permute8(&u, f.partner);
    other = permute8(&s, f.partner);
    sub8(&h, &other_u, &u, 2); /* 3.2 */
    sub8(&r, &other, &s, 2);   /* 3.3 */
    other = permute8(&r, f.partner);
    hr = choose8(f.upper, &h, &other);
    square8(&squares, &hr); /* lower: H²; upper: R² of the lower; 1.7 */
    rr = permute8(&squares, f.partner);
    left = choose8(f.upper, &h, &other_u);
    right = choose8(f.upper, &squares, &rr);
    mul8(&cubes, &left, &right); /* lower: H³; upper: V = U1·H²; 1.4 */
    v = permute8(&cubes, f.partner);
    right = choose8(f.upper, &squares, &v);
    mul8(&zs, &zs, &right); /* lower: ZZ3; upper: ZZZ3; 1.2 */
    a->zz = zs;
    a->zzz = permute8(&zs, f.partner);
    a->x = u;
    a->y = s;
    finish8(a, &r, &rr, &cubes, &v);
}

/* All eight lanes into lane 0: 8 to 4 to 2 to 1. */
LANES_INLINE void
fold_all8(struct point8 *a)
{
    static const uint64_t PARTNERS[3][8] __attribute__((aligned(64))) = {
        {4, 5, 6, 7, 0, 1, 2, 3}, {2, 3, 0, 1, 4, 5, 6, 7}, {1, 0, 2, 3, 4, 5, 6, 7}};
    static const __mmask8 UPPER[3] = {0xf0, 0x0c, 0x02};

    for (int i = 0; i < 3; i++) {
        struct folding f = {_mm512_load_si512(PARTNERS[i]), UPPER[i]};
        fold8(a, f);
    }
}

#endif
