/* SPDX-License-Identifier: Apache-2.0
 *
 * The field of P-256 in eight lanes (AVX512-IFMA): each register has one limb of eight
 * numbers. Five limbs of 52 bits, Montgomery form with R = 2^260. Only for files that are
 * compiled for such processors and run on nothing else.
 *
 * A number is known by a bound k: it is below k·p, not necessarily below p. Its limbs are
 * 0 … 2^52 - 1, because the instruction multiplies the low 52 bits of each; the last one
 * is what is left: below 2^52 as long as k ≤ 15. docs/es256.md argues the bounds. Where
 * P256_CHECK_BOUNDS is defined (builds with sanitizers) they are asserted. */
#ifndef CRYPTO_P256_LANES_H
#define CRYPTO_P256_LANES_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

/* LANES_PLAIN, for a test on valgrind, which does not know these instructions: the same
 * source with what does the same in plain C. */
#ifdef LANES_PLAIN
#include LANES_PLAIN
#define LANES
#define LANES_INLINE static __attribute__((noinline, unused))
#else
#include <immintrin.h>
#define LANES_TARGET "avx512f,avx512ifma,avx512dq,avx512vl,avx512bw,bmi2"
#define LANES        __attribute__((target(LANES_TARGET)))
#ifdef P256_CHECK_BOUNDS /* else all that is asserted would take minutes to compile */
#define LANES_INLINE static inline __attribute__((target(LANES_TARGET)))
#else
#define LANES_INLINE static inline __attribute__((always_inline, target(LANES_TARGET)))
#endif
#endif

enum { LIMBS8 = 5, LIMB8_BITS = 52 };

#define LIMB8_MASK ((UINT64_C(1) << LIMB8_BITS) - 1)

typedef __m512i lane; /* one limb of eight numbers */

/* Eight numbers of the field. */
struct fe8 {
    lane l[LIMBS8];
};

/* p; R and R² modulo p. */
static const uint64_t P8[LIMBS8] = {0xfffffffffffff, 0x00fffffffffff, 0, 0x0001000000000,
                                    0x0ffffffff0000};
static const uint64_t ONE8[LIMBS8] = {0x0000000000010, 0xf000000000000, 0xfffffffffffff,
                                      0xffeffffffffff, 0x00000000fffff};
static const uint64_t RR8[LIMBS8] = {0x0000000000300, 0xffffffff00000, 0xffffefffffffb,
                                     0xfdfffffffffff, 0x0000004ffffff};

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

/* Asserts that a is at rest, and below k·p. */
#ifdef P256_CHECK_BOUNDS
LANES_INLINE void
below8(const struct fe8 *a, uint64_t k)
{
    assert(k <= 15);
    for (int i = 0; i < LIMBS8 - 1; i++)
        assert(_mm512_cmpgt_epu64_mask(a->l[i], all(LIMB8_MASK)) == 0);
    /* k·p less its lower limbs is k·2^256 at most */
    assert(_mm512_cmpge_epu64_mask(a->l[LIMBS8 - 1], all(k << 48)) == 0);
}
#else
LANES_INLINE void
below8(const struct fe8 *a, uint64_t k)
{
    (void)a;
    (void)k;
}
#endif

/* Columns of a product: low halves in column i + j, high ones in the next. They are kept
 * apart to shorten the chains of dependent instructions. */
struct columns {
    lane low[2 * LIMBS8], high[2 * LIMBS8];
};

LANES_INLINE void
columns_clear(struct columns *c)
{
#pragma GCC unroll 10
    for (int i = 0; i < 2 * LIMBS8; i++)
        c->low[i] = c->high[i] = _mm512_setzero_si512();
}

LANES_INLINE void
columns_add(struct columns *c, const struct fe8 *a, const struct fe8 *b)
{
    below8(a, 15);
    below8(b, 15);
#pragma GCC unroll 5
    for (int i = 0; i < LIMBS8; i++) {
#pragma GCC unroll 5
        for (int j = 0; j < LIMBS8; j++) {
            c->low[i + j] = LOW(c->low[i + j], a->l[i], b->l[j]);
            c->high[i + j + 1] = HIGH(c->high[i + j + 1], a->l[i], b->l[j]);
        }
    }
}

/* The upper half of the columns comes to rest: all of them over 2^260, when the lower
 * half is zero but for what it carries, which column 5 has taken. */
LANES_INLINE void
upper_half(struct fe8 *out, const lane c[2 * LIMBS8])
{
    const lane mask = all(LIMB8_MASK);
    lane rest = c[LIMBS8];

#pragma GCC unroll 4
    for (int i = 0; i < LIMBS8 - 1; i++) {
        out->l[i] = _mm512_and_si512(rest, mask);
        rest = PLUS(c[LIMBS8 + 1 + i], _mm512_srli_epi64(rest, LIMB8_BITS));
    }
    out->l[LIMBS8 - 1] = rest;
}

/* c / 2^260 modulo p. A step adds q·p, q being the lowest limb (-1/p = 1 modulo 2^52),
 * which makes that limb zero. Columns are sums of at most 20 halves of products, each
 * below 2^52, and of what six steps add: below 2^57. */
LANES_INLINE void
reduce(struct fe8 *out, lane c[2 * LIMBS8])
{
    const lane mask = all(LIMB8_MASK);
    const lane two44 = all(UINT64_C(1) << 44);
    const lane two36 = all(UINT64_C(1) << 36);
    const lane p4 = all(0x0ffffffff0000);

#pragma GCC unroll 5
    for (int i = 0; i < LIMBS8; i++) {
        lane q = _mm512_and_si512(c[i], mask);
        c[i + 1] = PLUS(c[i + 1], _mm512_srli_epi64(c[i], LIMB8_BITS));
        c[i + 1] = LOW(c[i + 1], q, two44);
        c[i + 2] = HIGH(c[i + 2], q, two44);
        c[i + 3] = LOW(c[i + 3], q, two36);
        c[i + 4] = HIGH(c[i + 4], q, two36);
        c[i + 4] = LOW(c[i + 4], q, p4);
        c[i + 5] = HIGH(c[i + 5], q, p4);
    }
    upper_half(out, c);
}

/* Low and high halves become one, in `low`. */
LANES_INLINE void
columns_join(struct columns *c)
{
#pragma GCC unroll 9
    for (int i = 1; i < 2 * LIMBS8; i++)
        c->low[i] = PLUS(c->low[i], c->high[i]);
}

LANES_INLINE void
columns_reduce(struct fe8 *out, struct columns *c)
{
    columns_join(c);
    reduce(out, c->low);
}

/* a·b/R; k = 1 + ka·kb/16, because p/2^260 is below 1/16. */
LANES_INLINE void
mul8(struct fe8 *out, const struct fe8 *a, const struct fe8 *b)
{
    struct columns c;

    columns_clear(&c);
    columns_add(&c, a, b);
    columns_reduce(out, &c);
}

/* (a·b + d·e)/R; k = 1 + (ka·kb + kd·ke)/16. */
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

/* a²/R: the products of different limbs once, doubled; then the squares. */
LANES_INLINE void
square8(struct fe8 *out, const struct fe8 *a)
{
    struct columns c;

    below8(a, 15);
    columns_clear(&c);
#pragma GCC unroll 5
    for (int i = 0; i < LIMBS8; i++) {
#pragma GCC unroll 5
        for (int j = i + 1; j < LIMBS8; j++) {
            c.low[i + j] = LOW(c.low[i + j], a->l[i], a->l[j]);
            c.high[i + j + 1] = HIGH(c.high[i + j + 1], a->l[i], a->l[j]);
        }
    }
#pragma GCC unroll 9
    for (int i = 1; i < 2 * LIMBS8; i++) {
        c.low[i] = PLUS(c.low[i], c.high[i]);
        c.low[i] = PLUS(c.low[i], c.low[i]);
    }
#pragma GCC unroll 5
    for (int i = 0; i < LIMBS8; i++) {
        c.low[2 * i] = LOW(c.low[2 * i], a->l[i], a->l[i]);
        c.low[2 * i + 1] = HIGH(c.low[2 * i + 1], a->l[i], a->l[i]);
    }
    reduce(out, c.low);
}

/* Limbs that may be negative come to rest; the whole must not be negative. */
LANES_INLINE void
carry8(struct fe8 *out, lane t[LIMBS8])
{
    const lane mask = all(LIMB8_MASK);

#pragma GCC unroll 4
    for (int i = 0; i < LIMBS8 - 1; i++) {
        t[i + 1] = PLUS(t[i + 1], _mm512_srai_epi64(t[i], LIMB8_BITS));
        out->l[i] = _mm512_and_si512(t[i], mask);
    }
    out->l[LIMBS8 - 1] = t[LIMBS8 - 1];
}

/* a - b + k·p, for kb ≤ k: below (ka + k)·p. */
LANES_INLINE void
sub8(struct fe8 *out, const struct fe8 *a, const struct fe8 *b, uint64_t k)
{
    lane t[LIMBS8];

#pragma GCC unroll 5
    for (int i = 0; i < LIMBS8; i++)
        t[i] = MINUS(PLUS(a->l[i], all(k * P8[i])), b->l[i]);
    carry8(out, t);
}

/* k·p - b. */
LANES_INLINE void
negate8(struct fe8 *out, const struct fe8 *b, uint64_t k)
{
    lane t[LIMBS8];

#pragma GCC unroll 5
    for (int i = 0; i < LIMBS8; i++)
        t[i] = MINUS(all(k * P8[i]), b->l[i]);
    carry8(out, t);
}

/* rr - hhh - 2v + k·p, made weaker: below 2p. q·p is taken away, q being at most the
 * number over 2^256 and at least that less 2. It is taken before the carries: they lower
 * the last limb by at most 4 and raise it by at most 8, for which 16 are left. */
LANES_INLINE void
x3_8(struct fe8 *out, const struct fe8 *rr, const struct fe8 *hhh, const struct fe8 *v,
     uint64_t k)
{
    lane t[LIMBS8];

#pragma GCC unroll 5
    for (int i = 0; i < LIMBS8; i++)
        t[i] = MINUS(MINUS(PLUS(rr->l[i], all(k * P8[i])), hhh->l[i]),
                     PLUS(v->l[i], v->l[i]));
    lane q = _mm512_srai_epi64(MINUS(t[4], all(16)), 48);
    t[0] = PLUS(t[0], q); /* q·p = q (2^256 - 2^224 + 2^192 + 2^96 - 1) */
    t[1] = MINUS(t[1], _mm512_slli_epi64(q, 44));
    t[3] = MINUS(t[3], _mm512_slli_epi64(q, 36));
    t[4] = PLUS(t[4], MINUS(_mm512_slli_epi64(q, 16), _mm512_slli_epi64(q, 48)));
    carry8(out, t);
}

/* From eight times four limbs of 64 bits. */
LANES_INLINE void
unpack8(struct fe8 *out, lane a, lane b, lane c, lane d)
{
    const lane mask = all(LIMB8_MASK);

    out->l[0] = _mm512_and_si512(a, mask);
    out->l[1] = _mm512_and_si512(
        _mm512_or_si512(_mm512_srli_epi64(a, 52), _mm512_slli_epi64(b, 12)), mask);
    out->l[2] = _mm512_and_si512(
        _mm512_or_si512(_mm512_srli_epi64(b, 40), _mm512_slli_epi64(c, 24)), mask);
    out->l[3] = _mm512_and_si512(
        _mm512_or_si512(_mm512_srli_epi64(c, 28), _mm512_slli_epi64(d, 36)), mask);
    out->l[4] = _mm512_srli_epi64(d, 16);
}

/* mask ? b : a, lane by lane. */
LANES_INLINE struct fe8
choose8(__mmask8 mask, const struct fe8 *a, const struct fe8 *b)
{
    struct fe8 out;

#pragma GCC unroll 5
    for (int i = 0; i < LIMBS8; i++)
        out.l[i] = _mm512_mask_blend_epi64(mask, a->l[i], b->l[i]);
    return out;
}

/* Lane i of the result is lane places[i]. */
LANES_INLINE struct fe8
permute8(const struct fe8 *a, lane places)
{
    struct fe8 out;

#pragma GCC unroll 5
    for (int i = 0; i < LIMBS8; i++)
        out.l[i] = _mm512_permutexvar_epi64(places, a->l[i]);
    return out;
}

/* Bit i: is lane i zero modulo p? For any k up to 15. */
LANES_INLINE __mmask8
zeros8(const struct fe8 *a)
{
    const lane zero = _mm512_setzero_si512();
    struct fe8 out, one;

#pragma GCC unroll 5
    for (int i = 0; i < LIMBS8; i++)
        one.l[i] = all(i == 0);
    mul8(&out, a, &one); /* at most p */
    lane any = zero;
    lane differs = zero;
#pragma GCC unroll 5
    for (int i = 0; i < LIMBS8; i++) {
        any = _mm512_or_si512(any, out.l[i]);
        differs = _mm512_or_si512(differs, _mm512_xor_si512(out.l[i], all(P8[i])));
    }
    return _mm512_cmpeq_epi64_mask(any, zero) | _mm512_cmpeq_epi64_mask(differs, zero);
}

#endif
