/* SPDX-License-Identifier: Apache-2.0
 *
 * Level 2: the same sum in eight lanes (AVX512-IFMA). Lane l sums the points l, l + 8,
 * l + 16, …: seven vector additions; then the lanes are folded, 8 to 4 to 2 to 1. The
 * formulas, the numbers and their bounds k are those of es256_sum.c; the instruction
 * multiplies the low 52 bits of each limb, which is why limbs must be at rest (k ≤ 15)
 * before a product. docs/es256.md has the layout of the lanes.
 *
 * Compiled for the processors that have it, run only where es256_lanes_are_there(). */
#include "crypto/es256_sum.h"

#include <immintrin.h>

#define LANES \
    __attribute__((target("avx512f,avx512ifma,avx512dq,avx512vl,avx512bw,bmi2,adx")))
#define LANES_INLINE              \
    static inline __attribute__(( \
        always_inline,            \
        target("avx512f,avx512ifma,avx512dq,avx512vl,avx512bw,bmi2,adx")))

enum { COUNT = 8 };

typedef __m512i lane; /* one limb of eight numbers */

/* Eight numbers of the field. */
struct fe8 {
    lane l[FE_LIMBS];
};

/* Eight points. */
struct point8 {
    struct fe8 x, y, z;
};

bool
es256_lanes_are_there(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512ifma") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("bmi2");
}

LANES_INLINE lane
all(uint64_t number)
{
    return _mm512_set1_epi64((long long)number);
}

/* acc + the low, or the high, 52 bits of a·b. */
#define LOW(acc, a, b)  _mm512_madd52lo_epu64((acc), (a), (b))
#define HIGH(acc, a, b) _mm512_madd52hi_epu64((acc), (a), (b))
#define PLUS(a, b)      _mm512_add_epi64((a), (b))
#define MINUS(a, b)     _mm512_sub_epi64((a), (b))

/* Columns of a product: low halves in column i + j, high ones in the next. They are kept
 * apart to shorten the chains of dependent instructions. */
struct columns {
    lane low[2 * FE_LIMBS], high[2 * FE_LIMBS];
};

LANES_INLINE void
columns_clear(struct columns *c)
{
#pragma GCC unroll 10
    for (int i = 0; i < 2 * FE_LIMBS; i++)
        c->low[i] = c->high[i] = _mm512_setzero_si512();
}

LANES_INLINE void
columns_add(struct columns *c, const struct fe8 *a, const struct fe8 *b)
{
#pragma GCC unroll 5
    for (int i = 0; i < FE_LIMBS; i++) {
#pragma GCC unroll 5
        for (int j = 0; j < FE_LIMBS; j++) {
            c->low[i + j] = LOW(c->low[i + j], a->l[i], b->l[j]);
            c->high[i + j + 1] = HIGH(c->high[i + j + 1], a->l[i], b->l[j]);
        }
    }
}

/* As fe_reduce(). Columns are sums of at most 20 products' halves: below 2^57. */
LANES_INLINE void
reduce(struct fe8 *out, lane c[2 * FE_LIMBS])
{
    const lane mask = all(FE_MASK);
    const lane two44 = all(UINT64_C(1) << 44);
    const lane two36 = all(UINT64_C(1) << 36);
    const lane p4 = all(0x0ffffffff0000);

#pragma GCC unroll 5
    for (int i = 0; i < FE_LIMBS; i++) {
        lane q = _mm512_and_si512(c[i], mask);
        c[i + 1] = PLUS(c[i + 1], _mm512_srli_epi64(c[i], FE_LIMB_BITS));
        c[i + 1] = LOW(c[i + 1], q, two44);
        c[i + 2] = HIGH(c[i + 2], q, two44);
        c[i + 3] = LOW(c[i + 3], q, two36);
        c[i + 4] = HIGH(c[i + 4], q, two36);
        c[i + 4] = LOW(c[i + 4], q, p4);
        c[i + 5] = HIGH(c[i + 5], q, p4);
    }
    lane rest = c[5];
#pragma GCC unroll 4
    for (int i = 0; i < FE_LIMBS - 1; i++) {
        out->l[i] = _mm512_and_si512(rest, mask);
        rest = PLUS(c[i + 6], _mm512_srli_epi64(rest, FE_LIMB_BITS));
    }
    out->l[FE_LIMBS - 1] = rest;
}

LANES_INLINE void
columns_reduce(struct fe8 *out, struct columns *c)
{
#pragma GCC unroll 9
    for (int i = 1; i < 2 * FE_LIMBS; i++)
        c->low[i] = PLUS(c->low[i], c->high[i]);
    reduce(out, c->low);
}

LANES_INLINE void
mul8(struct fe8 *out, const struct fe8 *a, const struct fe8 *b)
{
    struct columns c;

    columns_clear(&c);
    columns_add(&c, a, b);
    columns_reduce(out, &c);
}

LANES_INLINE void
mul_add8(struct fe8 *out, const struct fe8 *a, const struct fe8 *b, const struct fe8 *d,
         const struct fe8 *e)
{
    struct columns c;

    columns_clear(&c);
    columns_add(&c, a, b);
    columns_add(&c, d, e);
    columns_reduce(out, &c);
}

/* The products of different limbs once, doubled; then the squares. */
LANES_INLINE void
square8(struct fe8 *out, const struct fe8 *a)
{
    struct columns c;

    columns_clear(&c);
#pragma GCC unroll 5
    for (int i = 0; i < FE_LIMBS; i++) {
#pragma GCC unroll 5
        for (int j = i + 1; j < FE_LIMBS; j++) {
            c.low[i + j] = LOW(c.low[i + j], a->l[i], a->l[j]);
            c.high[i + j + 1] = HIGH(c.high[i + j + 1], a->l[i], a->l[j]);
        }
    }
#pragma GCC unroll 9
    for (int i = 1; i < 2 * FE_LIMBS; i++) {
        c.low[i] = PLUS(c.low[i], c.high[i]);
        c.low[i] = PLUS(c.low[i], c.low[i]);
    }
#pragma GCC unroll 5
    for (int i = 0; i < FE_LIMBS; i++) {
        c.low[2 * i] = LOW(c.low[2 * i], a->l[i], a->l[i]);
        c.low[2 * i + 1] = HIGH(c.low[2 * i + 1], a->l[i], a->l[i]);
    }
    reduce(out, c.low);
}

LANES_INLINE void
carry8(struct fe8 *out, lane t[FE_LIMBS])
{
    const lane mask = all(FE_MASK);

#pragma GCC unroll 4
    for (int i = 0; i < FE_LIMBS - 1; i++) {
        t[i + 1] = PLUS(t[i + 1], _mm512_srai_epi64(t[i], FE_LIMB_BITS));
        out->l[i] = _mm512_and_si512(t[i], mask);
    }
    out->l[FE_LIMBS - 1] = t[FE_LIMBS - 1];
}

/* a - b + k·p, as fe_sub(). */
LANES_INLINE void
sub8(struct fe8 *out, const struct fe8 *a, const struct fe8 *b, uint64_t k)
{
    lane t[FE_LIMBS];

#pragma GCC unroll 5
    for (int i = 0; i < FE_LIMBS; i++)
        t[i] = MINUS(PLUS(a->l[i], all(k * FE_P.l[i])), b->l[i]);
    carry8(out, t);
}

/* k·p - b. */
LANES_INLINE void
negate8(struct fe8 *out, const struct fe8 *b, uint64_t k)
{
    lane t[FE_LIMBS];

#pragma GCC unroll 5
    for (int i = 0; i < FE_LIMBS; i++)
        t[i] = MINUS(all(k * FE_P.l[i]), b->l[i]);
    carry8(out, t);
}

/* rr - hhh - 2v + k·p, below 2p, as fe_weaken(). q is taken before the carries: they
 * raise the last limb by at most 8, for which 16 are left. */
LANES_INLINE void
x3_8(struct fe8 *out, const struct fe8 *rr, const struct fe8 *hhh, const struct fe8 *v,
     uint64_t k)
{
    lane t[FE_LIMBS];

#pragma GCC unroll 5
    for (int i = 0; i < FE_LIMBS; i++)
        t[i] = MINUS(MINUS(PLUS(rr->l[i], all(k * FE_P.l[i])), hhh->l[i]),
                     PLUS(v->l[i], v->l[i]));
    lane q = _mm512_srai_epi64(MINUS(t[4], all(16)), 48);
    t[0] = PLUS(t[0], q); /* q·p = q (2^256 - 2^224 + 2^192 + 2^96 - 1) */
    t[1] = MINUS(t[1], _mm512_slli_epi64(q, 44));
    t[3] = MINUS(t[3], _mm512_slli_epi64(q, 36));
    t[4] = PLUS(t[4], MINUS(_mm512_slli_epi64(q, 16), _mm512_slli_epi64(q, 48)));
    carry8(out, t);
}

LANES_INLINE void
unpack8(struct fe8 *out, lane a, lane b, lane c, lane d)
{
    const lane mask = all(FE_MASK);

    out->l[0] = _mm512_and_si512(a, mask);
    out->l[1] = _mm512_and_si512(
        _mm512_or_si512(_mm512_srli_epi64(a, 52), _mm512_slli_epi64(b, 12)), mask);
    out->l[2] = _mm512_and_si512(
        _mm512_or_si512(_mm512_srli_epi64(b, 40), _mm512_slli_epi64(c, 24)), mask);
    out->l[3] = _mm512_and_si512(
        _mm512_or_si512(_mm512_srli_epi64(c, 28), _mm512_slli_epi64(d, 36)), mask);
    out->l[4] = _mm512_srli_epi64(d, 16);
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

/* mask ? b : a, lane by lane. */
LANES_INLINE struct fe8
choose8(__mmask8 mask, const struct fe8 *a, const struct fe8 *b)
{
    struct fe8 out;

#pragma GCC unroll 5
    for (int i = 0; i < FE_LIMBS; i++)
        out.l[i] = _mm512_mask_blend_epi64(mask, a->l[i], b->l[i]);
    return out;
}

LANES_INLINE struct fe8
permute8(const struct fe8 *a, lane places)
{
    struct fe8 out;

#pragma GCC unroll 5
    for (int i = 0; i < FE_LIMBS; i++)
        out.l[i] = _mm512_permutexvar_epi64(places, a->l[i]);
    return out;
}

/* add_point() of es256_sum.c in eight lanes; where `negative`, the point is subtracted:
 * r = -s2 - Y + 4p. */
LANES_INLINE void
add8(struct point8 *a, const struct fe8 *x2, const struct fe8 *y2, __mmask8 negative)
{
    const lane zero = _mm512_setzero_si512();
    struct fe8 zz, zzz, u2, s2, h, r, hh, hhh, v, rr, t, minus_y;
    lane sum[FE_LIMBS];

    square8(&zz, &a->z);
    mul8(&u2, x2, &zz);
    mul8(&zzz, &zz, &a->z);
    mul8(&s2, y2, &zzz);
    sub8(&h, &u2, &a->x, 3);
#pragma GCC unroll 5
    for (int i = 0; i < FE_LIMBS; i++) {
        lane s = _mm512_mask_sub_epi64(s2.l[i], negative, zero, s2.l[i]);
        sum[i] = MINUS(PLUS(s, all(4 * FE_P.l[i])), a->y.l[i]);
    }
    carry8(&r, sum);
    square8(&hh, &h);
    mul8(&a->z, &h, &a->z);
    mul8(&hhh, &hh, &h);
    mul8(&v, &a->x, &hh);
    square8(&rr, &r);
    x3_8(&a->x, &rr, &hhh, &v, 5);
    sub8(&t, &v, &a->x, 3);
    negate8(&minus_y, &a->y, 3);
    mul_add8(&a->y, &r, &t, &minus_y, &hhh);
}

/* Where a lane's partner is, and which lanes are the upper ones, in the three folds. */
struct folding {
    lane partner;
    __mmask8 upper;
};

/* Lane i becomes the sum of the lanes i and i + half, for i < half. Both lanes of a pair
 * work: the lower on H, the upper on R. What the upper lanes come to is of no meaning. */
LANES_INLINE void
fold8(struct point8 *a, struct folding f)
{
    struct fe8 zz, zzz, other_z, other_zz, other_zzz, u, s, z12, other_u, other_s, h, r;
    struct fe8 other_r, hr, squares, rr, left, right, other_hh, cube, v, t, minus_s, x3;

    square8(&zz, &a->z);
    mul8(&zzz, &zz, &a->z);
    other_z = permute8(&a->z, f.partner);
    other_zz = permute8(&zz, f.partner);
    other_zzz = permute8(&zzz, f.partner);
    mul8(&u, &a->x, &other_zz);
    mul8(&s, &a->y, &other_zzz);
    mul8(&z12, &a->z, &other_z);
    other_u = permute8(&u, f.partner);
    other_s = permute8(&s, f.partner);
    sub8(&h, &other_u, &u, 2);
    sub8(&r, &other_s, &s, 2);
    other_r = permute8(&r, f.partner);
    hr = choose8(f.upper, &h, &other_r); /* lower: H; upper: R of the lower */
    square8(&squares, &hr);              /* lower: H²; upper: R² */
    rr = permute8(&squares, f.partner);
    other_hh = permute8(&squares, f.partner);
    left = choose8(f.upper, &h, &other_u);
    right = choose8(f.upper, &squares, &other_hh);
    mul8(&cube, &left, &right); /* lower: H³; upper: U1·H² */
    v = permute8(&cube, f.partner);
    mul8(&a->z, &z12, &h);
    x3_8(&x3, &rr, &cube, &v, 4);
    sub8(&t, &v, &x3, 3);
    negate8(&minus_s, &s, 2);
    mul_add8(&a->y, &r, &t, &minus_s, &cube);
    a->x = x3;
}

/* Bit i: is lane i zero modulo p? */
LANES_INLINE __mmask8
zeros8(const struct fe8 *a)
{
    const lane zero = _mm512_setzero_si512();
    struct fe8 out, one;

#pragma GCC unroll 5
    for (int i = 0; i < FE_LIMBS; i++)
        one.l[i] = all(i == 0);
    mul8(&out, a, &one); /* at most p */
    lane any = zero;
    lane differs = zero;
#pragma GCC unroll 5
    for (int i = 0; i < FE_LIMBS; i++) {
        any = _mm512_or_si512(any, out.l[i]);
        differs = _mm512_or_si512(differs, _mm512_xor_si512(out.l[i], all(FE_P.l[i])));
    }
    return _mm512_cmpeq_epi64_mask(any, zero) | _mm512_cmpeq_epi64_mask(differs, zero);
}

/* The sum is in lane 0. Asked at once: lane 0, X = r·Z²? lane 1, X = (r + n)·Z²? lane 2,
 * Z = 0? */
LANES_INLINE enum es256_answer
judge(const struct point8 *a, const struct sum *sum)
{
    const lane first = _mm512_setzero_si512();
    struct fe8 x = permute8(&a->x, first);
    struct fe8 z = permute8(&a->z, first);
    struct fe8 wanted, rr, zz, asked;
    lane w[4];

#pragma GCC unroll 4
    for (int i = 0; i < 4; i++)
        w[i] = _mm512_set_epi64(0, 0, 0, 0, 0, 0, (long long)sum->r_plus_n[i],
                                (long long)sum->r[i]);
#pragma GCC unroll 5
    for (int i = 0; i < FE_LIMBS; i++)
        rr.l[i] = all(FE_RR.l[i]);
    unpack8(&wanted, w[0], w[1], w[2], w[3]);
    square8(&zz, &z);
    mul8(&wanted, &wanted, &rr); /* into Montgomery form */
    mul8(&wanted, &wanted, &zz);
    sub8(&asked, &x, &wanted, 3);
    asked = choose8(0x04, &asked, &z);
    unsigned zeros = zeros8(&asked);
    if (zeros & 4)
        return ES256_ASK;
    if ((zeros & 1) || (sum->has_r_plus_n && (zeros & 2)))
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
    struct fe8 x, y, minus_y;

    load8(&a.x, &y, sum->points);
    negate8(&minus_y, &y, 1);
    a.y = choose8((__mmask8)sum->negative, &y, &minus_y);
#pragma GCC unroll 5
    for (int i = 0; i < FE_LIMBS; i++)
        a.z.l[i] = all(FE_ONE.l[i]);
    for (int i = COUNT; i < SUM_POINTS; i += COUNT) {
        load8(&x, &y, sum->points + i);
        add8(&a, &x, &y, (__mmask8)(sum->negative >> i));
    }
    fold8(&a, f4);
    fold8(&a, f2);
    fold8(&a, f1);
    return judge(&a, sum);
}
