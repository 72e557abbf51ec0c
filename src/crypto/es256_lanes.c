/* SPDX-License-Identifier: Apache-2.0
 *
 * Level 2: the same sum in eight lanes (AVX512-IFMA). Lane l sums the points l, l + 8,
 * l + 16, …: six vector additions; then the lanes are folded, 8 to 4 to 2 to 1. The
 * coordinates and formulas are those of es256_sum.c; the numbers are those of
 * p256_lanes.h, and their bounds k are named at each step.
 *
 * Compiled for the processors that have it, run only where es256_lanes_are_there(). */
#include "crypto/es256_sum.h"

#include "crypto/p256_lanes.h"

enum { COUNT = 8 };

/* Eight points, (X/ZZ, Y/ZZZ). k: X 2, Y 3, ZZ and ZZZ 2. */
struct point8 {
    struct fe8 x, y, zz, zzz;
};

bool
es256_lanes_are_there(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512ifma") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("bmi2");
}

/* Eight points of eight words each become eight words of eight points: three rounds of
 * exchanging neighbours, pairs and halves. */
LANES_INLINE void
load8(struct fe8 *x, struct fe8 *y, const struct table_point *const *points)
{
    lane r[COUNT], s[COUNT], w[COUNT];

#pragma GCC unroll 8
    for (int i = 0; i < COUNT; i++)
        r[i] = _mm512_load_si512(points[i]);
#pragma GCC unroll 4
    for (int i = 0; i < COUNT / 2; i++) {
        s[i] = _mm512_unpacklo_epi64(r[2 * i], r[2 * i + 1]);     /* words 0 2 4 6 */
        s[i + 4] = _mm512_unpackhi_epi64(r[2 * i], r[2 * i + 1]); /* words 1 3 5 7 */
    }
#pragma GCC unroll 2
    for (int i = 0; i < 2; i++) {
        lane a = _mm512_shuffle_i64x2(s[4 * i], s[4 * i + 1], 0x88);
        lane b = _mm512_shuffle_i64x2(s[4 * i], s[4 * i + 1], 0xdd);
        lane c = _mm512_shuffle_i64x2(s[4 * i + 2], s[4 * i + 3], 0x88);
        lane d = _mm512_shuffle_i64x2(s[4 * i + 2], s[4 * i + 3], 0xdd);
        w[i] = _mm512_shuffle_i64x2(a, c, 0x88);
        w[i + 4] = _mm512_shuffle_i64x2(a, c, 0xdd);
        w[i + 2] = _mm512_shuffle_i64x2(b, d, 0x88);
        w[i + 6] = _mm512_shuffle_i64x2(b, d, 0xdd);
    }
    unpack8(x, w[0], w[1], w[2], w[3]);
    unpack8(y, w[4], w[5], w[6], w[7]);
}

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

/* The points 0 … 15 by pairs: both are affine, and seven products fewer are needed. */
LANES_INLINE void
begin8(struct point8 *a, const struct sum *sum)
{
    struct fe8 y, minus_y, x2, y2, h, r, rr, v;

    load8(&a->x, &y, sum->points);
    load8(&x2, &y2, sum->points + COUNT);
    negate8(&minus_y, &y, 1);
    a->y = choose8((__mmask8)sum->negative, &y, &minus_y);
    sub8(&h, &x2, &a->x, 1); /* 2 */
    signed_sub8(&r, &y2, (__mmask8)(sum->negative >> COUNT), &a->y);
    square8(&a->zz, &h);       /* 1 + 2·2/16 = 1.3 */
    mul8(&a->zzz, &h, &a->zz); /* 1.2 */
    mul8(&v, &a->x, &a->zz);   /* 1.1 */
    square8(&rr, &r);          /* 1 + 5·5/16 = 2.6 */
    finish8(a, &r, &rr, &a->zzz, &v);
}

/* add_point() of es256_sum.c in eight lanes; where `negative`, the point is subtracted.
 */
LANES_INLINE void
add8(struct point8 *a, const struct fe8 *x2, const struct fe8 *y2, __mmask8 negative)
{
    struct fe8 u2, s2, h, r, hh, hhh, v, rr;

    mul8(&u2, x2, &a->zz);                 /* 1 + 1·1.3/16 = 1.1 */
    mul8(&s2, y2, &a->zzz);                /* 1.1 */
    sub8(&h, &u2, &a->x, 2);               /* 3.1 */
    signed_sub8(&r, &s2, negative, &a->y); /* 5.1 */
    square8(&hh, &h);                      /* 1 + 3.1·3.1/16 = 1.6 */
    mul8(&hhh, &h, &hh);                   /* 1 + 3.1·1.6/16 = 1.4 */
    mul8(&v, &a->x, &hh);                  /* 1 + 2·1.6/16 = 1.2 */
    mul8(&a->zz, &a->zz, &hh);             /* 1 + 1.3·1.6/16 = 1.2 */
    mul8(&a->zzz, &a->zzz, &hhh);          /* 1.2 */
    square8(&rr, &r);                      /* 1 + 5.1·5.1/16 = 2.7 */
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

/* r and r + n in Montgomery form, in the lanes 0 and 1. */
LANES_INLINE void
load_wanted8(struct fe8 *out, const struct sum *sum)
{
    struct fe8 rr;
    lane w[4];

#pragma GCC unroll 4
    for (int i = 0; i < 4; i++)
        w[i] = _mm512_set_epi64(0, 0, 0, 0, 0, 0, (long long)sum->r_plus_n[i],
                                (long long)sum->r[i]);
#pragma GCC unroll 5
    for (int i = 0; i < LIMBS8; i++)
        rr.l[i] = all(RR8[i]);
    unpack8(out, w[0], w[1], w[2], w[3]);
    mul8(out, out, &rr); /* below 2^256, which is 1.1 p: 1.1 */
}

/* The sum is in lane 0. Asked at once: lane 0, X = r·ZZ? lane 1, X = (r + n)·ZZ? lane 2,
 * ZZ = 0? */
LANES_INLINE enum es256_answer
judge(const struct point8 *a, const struct fe8 *wanted, bool has_r_plus_n)
{
    const lane first = _mm512_setzero_si512();
    struct fe8 x = permute8(&a->x, first);
    struct fe8 zz = permute8(&a->zz, first);
    struct fe8 asked;

    mul8(&asked, wanted, &zz);
    sub8(&asked, &x, &asked, 2);
    asked = choose8(0x04, &asked, &zz);
    unsigned zeros = zeros8(&asked);
    if (zeros & 4)
        return ES256_ASK;
    if ((zeros & 1) || (has_r_plus_n && (zeros & 2)))
        return ES256_YES;
    return ES256_NO;
}

LANES enum es256_answer
es256_sum_lanes(const struct sum *sum)
{
    struct folding f4 = {_mm512_set_epi64(3, 2, 1, 0, 7, 6, 5, 4), 0xf0};
    struct folding f2 = {_mm512_set_epi64(7, 6, 5, 4, 1, 0, 3, 2), 0x0c};
    struct folding f1 = {_mm512_set_epi64(7, 6, 5, 4, 3, 2, 0, 1), 0x02};
    struct point8 a;
    struct fe8 x, y, wanted;

    begin8(&a, sum);
    for (int i = 2 * COUNT; i < SUM_POINTS; i += COUNT) {
        load8(&x, &y, sum->points + i);
        add8(&a, &x, &y, (__mmask8)(sum->negative >> i));
    }
    load_wanted8(&wanted, sum);
    fold8(&a, f4);
    fold8(&a, f2);
    fold8(&a, f1);
    return judge(&a, &wanted, sum->has_r_plus_n);
}
