/* SPDX-License-Identifier: Apache-2.0
 *
 * The instructions of AVX-512 that signing uses, in plain C, without a branch: for
 * valgrind, which does not know them. Names, arguments and results are those of
 * <immintrin.h>. */
#ifndef TEST_CRYPTO_LANES_PLAIN_H
#define TEST_CRYPTO_LANES_PLAIN_H

#include <stdint.h>

enum { PLAIN_LANES = 8 };

typedef uint64_t __m512i __attribute__((vector_size(64)));
typedef int64_t signed_lanes __attribute__((vector_size(64)));
typedef uint64_t __m128i __attribute__((vector_size(16)));
typedef uint8_t __mmask8;

#define EACH_LANE for (int i = 0; i < PLAIN_LANES; i++)
#define PLAIN     static __attribute__((noinline, unused))

PLAIN __m512i
_mm512_set1_epi64(long long a)
{
    return (__m512i){0} + (uint64_t)a;
}

PLAIN __m512i
_mm512_set_epi64(long long h, long long g, long long f, long long e, long long d,
                 long long c, long long b, long long a)
{
    return (__m512i){(uint64_t)a, (uint64_t)b, (uint64_t)c, (uint64_t)d,
                     (uint64_t)e, (uint64_t)f, (uint64_t)g, (uint64_t)h};
}

PLAIN __m512i
_mm512_setzero_si512(void)
{
    return (__m512i){0};
}

PLAIN __m512i
_mm512_load_si512(const void *at)
{
    return *(const __m512i *)at;
}

PLAIN void
_mm512_store_si512(void *at, __m512i a)
{
    *(__m512i *)at = a;
}

PLAIN unsigned __int128
product52(uint64_t a, uint64_t b)
{
    const uint64_t mask = (UINT64_C(1) << 52) - 1;

    return (unsigned __int128)(a & mask) * (b & mask);
}

PLAIN __m512i
_mm512_madd52lo_epu64(__m512i acc, __m512i a, __m512i b)
{
    EACH_LANE acc[i] += (uint64_t)product52(a[i], b[i]) & ((UINT64_C(1) << 52) - 1);
    return acc;
}

PLAIN __m512i
_mm512_madd52hi_epu64(__m512i acc, __m512i a, __m512i b)
{
    EACH_LANE acc[i] += (uint64_t)(product52(a[i], b[i]) >> 52);
    return acc;
}

#define _mm512_add_epi64(a, b)   ((__m512i)(a) + (__m512i)(b))
#define _mm512_sub_epi64(a, b)   ((__m512i)(a) - (__m512i)(b))
#define _mm512_and_si512(a, b)   ((__m512i)(a) & (__m512i)(b))
#define _mm512_or_si512(a, b)    ((__m512i)(a) | (__m512i)(b))
#define _mm512_xor_si512(a, b)   ((__m512i)(a) ^ (__m512i)(b))
#define _mm512_slli_epi64(a, by) ((__m512i)(a) << (by))
#define _mm512_srli_epi64(a, by) ((__m512i)(a) >> (by))
#define _mm512_srai_epi64(a, by) ((__m512i)((signed_lanes)(a) >> (by)))
#define _mm512_srlv_epi64(a, by) ((__m512i)(a) >> (__m512i)(by))

/* By 64 it gives zero, which in C is not defined. The counts are public. */
PLAIN __m512i
_mm512_sllv_epi64(__m512i a, __m512i by)
{
    EACH_LANE a[i] = by[i] < 64 ? a[i] << by[i] : 0;
    return a;
}

/* a | (b & c): the one that signing uses of these. */
#define _mm512_ternarylogic_epi64(a, b, c, which) \
    ((void)sizeof(char[(which) == 0xf8 ? 1 : -1]), (a) | ((b) & (c)))

PLAIN __m512i
_mm512_movm_epi64(__mmask8 mask)
{
    __m512i out;

    EACH_LANE out[i] = 0 - (uint64_t)(mask >> i & 1);
    return out;
}

PLAIN __m512i
_mm512_mask_blend_epi64(__mmask8 mask, __m512i a, __m512i b)
{
    __m512i all = _mm512_movm_epi64(mask);

    return (a & ~all) | (b & all);
}

PLAIN __m512i
_mm512_mask_sub_epi64(__m512i other, __mmask8 mask, __m512i a, __m512i b)
{
    return _mm512_mask_blend_epi64(mask, other, a - b);
}

/* 1 where all bits of `a` are zero, and 0, by arithmetic. */
PLAIN uint64_t
is_zero64(uint64_t a)
{
    return ((a | (0 - a)) >> 63) ^ 1;
}

PLAIN __mmask8
_mm512_cmpeq_epi64_mask(__m512i a, __m512i b)
{
    uint64_t out = 0;

    EACH_LANE out |= is_zero64(a[i] ^ b[i]) << i;
    return (__mmask8)out;
}

/* a < b, for numbers below 2^63: all that are compared so here. */
PLAIN __mmask8
_mm512_cmplt_epu64_mask(__m512i a, __m512i b)
{
    uint64_t out = 0;

    EACH_LANE out |= (a[i] - b[i]) >> 63 << i;
    return (__mmask8)out;
}

/* The places are public. */
PLAIN __m512i
_mm512_permutexvar_epi64(__m512i places, __m512i a)
{
    __m512i out;

    EACH_LANE out[i] = a[places[i] & 7];
    return out;
}

/* Of the 16 numbers in a and b those that the lower four bits of `index` say, which are
 * secret: so all are looked at. */
PLAIN __m512i
_mm512_permutex2var_epi64(__m512i a, __m512i index, __m512i b)
{
    __m512i out = {0};

    for (uint64_t j = 0; j < 2 * PLAIN_LANES; j++) {
        uint64_t number = j < PLAIN_LANES ? a[j] : b[j - PLAIN_LANES];
        EACH_LANE out[i] |= number & (0 - is_zero64((index[i] & 15) ^ j));
    }
    return out;
}

PLAIN __mmask8
_mm512_test_epi64_mask(__m512i a, __m512i b)
{
    return (__mmask8)~_mm512_cmpeq_epi64_mask(a & b, (__m512i){0});
}

PLAIN __m128i
_mm512_castsi512_si128(__m512i a)
{
    return (__m128i){a[0], a[1]};
}

PLAIN long long
_mm_cvtsi128_si64(__m128i a)
{
    return (long long)a[0];
}

#endif
