/* SPDX-License-Identifier: Apache-2.0
 *
 * k·G for eight k at once, one in each lane, or for two times eight. Against
 * es256_base_lanes.c no lanes are folded, and one inversion serves all. The k are secret:
 * every entry of every window is read, in the same order, into registers, and from there
 * each lane takes the one that it wants: no address depends on which. The one inversion
 * takes variable time; it is of a product that a random factor hides.
 *
 * Compiled for the processors that have it, run only where es256_lanes_are_there(). */
#include "crypto/es256_eight_inside.h"

#include "crypto/modinv.h"

static const struct modulo8 FIELD = {mul8, modinv_field, FIELD_P};

enum { WIDE_WINDOWS = 34, WIDE = 7, NARROW = 6 }; /* bits of a window */

_Static_assert(WIDE_WINDOWS *WIDE + (EIGHT_WINDOWS - WIDE_WINDOWS) * NARROW == 256,
               "as es256_build() cuts a scalar into 37");

/* Limb i of all eight numbers; the last is zero. */
struct limbs8 {
    lane limb[5];
};

LANES_INLINE struct limbs8
bits_of8(const uint64_t k[][4])
{
    uint64_t bits[BASE_LANES][4];
    struct limbs8 out;

    for (int i = 0; i < BASE_LANES; i++)
        digit_bits(k[i], bits[i]);
    lines_of8(bits, out.limb);
    out.limb[4] = _mm512_setzero_si512();
    return out;
}

/* The bits of one window's digits. */
LANES_INLINE lane
window_bits8(const struct limbs8 *bits, int at, int width)
{
    lane low = _mm512_srlv_epi64(bits->limb[at / 64], all((uint64_t)at % 64));
    lane high = _mm512_sllv_epi64(bits->limb[at / 64 + 1], all(64 - (uint64_t)at % 64));

    return _mm512_and_si512(_mm512_or_si512(low, high), all((UINT64_C(1) << width) - 1));
}

/* Of 16 numbers the one that each lane's index, modulo 16, says. */
LANES_INLINE lane
take16(const uint64_t numbers[16], lane index)
{
    return _mm512_permutex2var_epi64(_mm512_load_si512(numbers), index,
                                     _mm512_load_si512(numbers + 8));
}

/* Of 64 numbers the one that each lane's index says. */
LANES_INLINE lane
take64(const uint64_t numbers[EIGHT_ENTRIES], lane index)
{
    __mmask8 odd = _mm512_test_epi64_mask(index, all(16));
    __mmask8 upper = _mm512_test_epi64_mask(index, all(32));
    lane low =
        _mm512_mask_blend_epi64(odd, take16(numbers, index), take16(numbers + 16, index));
    lane high = _mm512_mask_blend_epi64(odd, take16(numbers + 32, index),
                                        take16(numbers + 48, index));

    return _mm512_mask_blend_epi64(upper, low, high);
}

/* The points of one window that the lanes' digits choose. */
LANES_INLINE void
choose_points8(struct affine8 *out, const struct eight_table *table,
               const struct limbs8 *bits, int window)
{
    int narrow = window > WIDE_WINDOWS ? window - WIDE_WINDOWS : 0; /* ones before it */
    int width = window < WIDE_WINDOWS ? WIDE : NARROW;
    lane word[BASE_WORDS];

    lane value = window_bits8(bits, window * WIDE - narrow, width);
    struct digit8 digit = read_digits8(value, UINT64_C(1) << (width - 1));
#pragma GCC unroll 8
    for (int w = 0; w < BASE_WORDS; w++)
        word[w] = take64(table->word[window][w], digit.index);
    unpack8(&out->x, word[0], word[1], word[2], word[3]);
    unpack8(&out->y, word[4], word[5], word[6], word[7]);
    out->negative = digit.negative;
}

LANES_INLINE void
sum8(struct point8 *out, const struct eight_table *table, const struct limbs8 *bits)
{
    struct affine8 first, next;

    choose_points8(&first, table, bits, 0);
    choose_points8(&next, table, bits, 1);
    begin8(out, &first, &next);
    for (int window = 2; window < EIGHT_WINDOWS; window++) {
        choose_points8(&next, table, bits, window);
        add8(out, &next);
    }
}

/* Y² = X³ - 3·X·ZZ² + b·ZZ³ and ZZZ² = ZZ³, in every lane? As prove() of
 * es256_base_lanes.c. k: a as in struct point8. */
LANES_INLINE bool
are_on_curve(const struct point8 *a)
{
    struct fe8 b, t, zz_squared, zz_cubed, y_squared, zzz_squared, other;

    square8(&zz_squared, &a->zz);         /* 1.3 */
    square8(&zzz_squared, &a->zzz);       /* 1.3 */
    square8(&y_squared, &a->y);           /* 1.6 */
    square8(&t, &a->x);                   /* 1.3 */
    mul8(&zz_cubed, &zz_squared, &a->zz); /* 1.2 */
    sub8(&t, &t, &zz_squared, 2);
    sub8(&t, &t, &zz_squared, 2);
    sub8(&t, &t, &zz_squared, 2); /* 7.3 */
    load_same8(&b, B8);
    mul_add8(&t, &t, &a->x, &b, &zz_cubed); /* 1 + (7.3·2 + 1.2)/16 = 2 */
    sub8(&t, &t, &y_squared, 2);
    sub8(&other, &zz_cubed, &zzz_squared, 2);
    unsigned wrong = (zeros8(&t) & zeros8(&other)) ^ 0xff;
    PUBLIC(&wrong, sizeof(wrong)); /* both hold for every k */
    return wrong == 0;
}

/* x of eight sums, of 1/(ZZ·R); false when it is not. */
LANES_INLINE bool
quotients8(const struct point8 *sum, const struct fe8 *inverse, uint64_t x[][4])
{
    struct fe8 x8, t;

    mul8(&t, &sum->x, inverse); /* x·R */
    settle8(&x8, &t);           /* x */
    store8(&x8, x);
    PUBLIC(x,
           BASE_LANES * sizeof(x[0])); /* r of a signature is all but the same number */
    mul8(&t, &t, &sum->zz);
    sub8(&t, &t, &sum->x, 2);
    unsigned wrong = zeros8(&t) ^ 0xff;
    PUBLIC(&wrong, sizeof(wrong));
    for (int i = 0; wrong == 0 && i < BASE_LANES; i++)
        wrong |= !is_in_field(x[i]);
    return wrong == 0;
}

LANES bool
es256_eight_x(const struct eight_table *table, size_t groups, const uint64_t k[][4],
              const uint64_t blind[4], uint64_t x[][4])
{
    struct point8 sums[BASE_GROUPS];
    struct fe8 product, rest, inverse, rr;
    size_t done = 0;

    do {
        struct limbs8 bits = bits_of8(k + done * BASE_LANES);
        sum8(&sums[done], table, &bits);
        if (!are_on_curve(&sums[done]))
            return false;
    } while (++done < groups);
    product = sums[0].zz;
    if (groups == BASE_GROUPS)
        mul8(&product, &sums[0].zz, &sums[1].zz);
    if (!share8(&rest, &product, blind, &FIELD))
        return false;
    load_same8(&rr, RR8);
    mul8(&rest, &rest, &rr); /* in Montgomery's form, as ZZ is */
    for (size_t i = 0; i < groups; i++) {
        inverse = rest;
        if (groups == BASE_GROUPS)
            mul8(&inverse, &rest, &sums[1 - i].zz);
        if (!quotients8(&sums[i], &inverse, x + i * BASE_LANES))
            return false;
    }
    return true;
}
