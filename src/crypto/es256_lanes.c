/* SPDX-License-Identifier: Apache-2.0
 *
 * Level 2: the same sum in eight lanes (AVX512-IFMA). Lane l sums the points l, l + 8,
 * l + 16, …: six vector additions; then the lanes are folded (p256_points8.h).
 *
 * Compiled for the processors that have it, run only where es256_lanes_are_there(). */
#include "crypto/es256_sum.h"

#include "crypto/p256_points8.h"

enum { COUNT = 8 };

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

/* The points i … i + 7 of a sum. */
LANES_INLINE void
load_points8(struct affine8 *out, const struct sum *sum, int i)
{
    load8(&out->x, &out->y, sum->points + i);
    out->negative = (__mmask8)(sum->negative >> i);
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
    struct point8 a;
    struct affine8 first, next;
    struct fe8 wanted;

    load_points8(&first, sum, 0);
    load_points8(&next, sum, COUNT);
    begin8(&a, &first, &next);
    for (int i = 2 * COUNT; i < SUM_POINTS; i += COUNT) {
        load_points8(&next, sum, i);
        add8(&a, &next);
    }
    load_wanted8(&wanted, sum);
    fold_all8(&a);
    return judge(&a, &wanted, sum->has_r_plus_n);
}
