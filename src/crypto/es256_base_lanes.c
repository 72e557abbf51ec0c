/* SPDX-License-Identifier: Apache-2.0
 *
 * k·G in eight lanes. Lane l sums the windows l, l + 8, … l + 56, then the lanes are
 * folded. k is secret: every entry of every window is read, and the one that is wanted is
 * kept by a mask; the additions are the same for all (p256_points8.h); the one inversion
 * that takes variable time is of a number that a random factor hides.
 *
 * Compiled for the processors that have it, run only where es256_lanes_are_there(). */
#include "crypto/es256_base_inside.h"

#include "crypto/modinv.h"
#include "crypto/secret_mark.h"

/* The points that the digits of a row choose. `bits`: digit_bits(). */
LANES_INLINE void
choose_points8(struct affine8 *out, const struct base_table *table,
               const uint64_t bits[4], int row)
{
    const lane places = _mm512_set_epi64(28, 24, 20, 16, 12, 8, 4, 0);
    lane value = all(bits[row / 2] >> (row % 2 * 32));
    lane word[BASE_WORDS];

    value = _mm512_and_si512(_mm512_srlv_epi64(value, places), all(15));
    struct digit8 digit = read_digits8(value, BASE_ENTRIES);
#pragma GCC unroll 8
    for (int w = 0; w < BASE_WORDS; w++)
        word[w] = _mm512_setzero_si512();
#pragma GCC unroll 8
    for (int j = 0; j < BASE_ENTRIES; j++) {
        lane is_it =
            _mm512_movm_epi64(_mm512_cmpeq_epi64_mask(digit.index, all((uint64_t)j)));
#pragma GCC unroll 8
        for (int w = 0; w < BASE_WORDS; w++) { /* word | (is_it & the table's) */
            lane entry = _mm512_load_si512(table->word[row][j][w]);
            word[w] = _mm512_ternarylogic_epi64(word[w], is_it, entry, 0xf8);
        }
    }
    unpack8(&out->x, word[0], word[1], word[2], word[3]);
    unpack8(&out->y, word[4], word[5], word[6], word[7]);
    out->negative = digit.negative;
}

/* What is asked of the sum before its x is taken. */
struct proof {
    struct fe8 inverted; /* ZZ·blind, at most p; lane 0 */
    bool is_right;
};

/* Y² = X³ - 3·X·ZZ² + b·ZZ³ and ZZZ² = ZZ³? That holds for every point of the curve in
 * these coordinates, and a slip of the arithmetic breaks it. Lanes work side by side: 0
 * on X, 1 on ZZ, 2 on Y, 3 on ZZZ. k: a as in struct point8. */
LANES_INLINE void
prove(struct proof *out, const struct point8 *a, const struct fe8 *blind)
{
    const lane first = _mm512_setzero_si512();
    const lane second = all(1);
    struct fe8 x = permute8(&a->x, first), y = permute8(&a->y, first);
    struct fe8 zz = permute8(&a->zz, first), zzz = permute8(&a->zzz, first);
    struct fe8 left, right, squares, cubes, b, t, wanted;

    left = choose8(0x02, &x, &zz);
    left = choose8(0x04, &left, &y);
    left = choose8(0x08, &left, &zzz);
    square8(&squares, &left); /* X², ZZ², Y², ZZZ²; 1 + 3·3/16 = 1.6 */

    left = choose8(0x0a, &x, &zz);
    right = permute8(&squares, second);
    right = choose8(0x08, &right, blind);
    mul8(&cubes, &left, &right); /* -, ZZ³, X·ZZ², ZZ·blind; 1 + 2·1.6/16 = 1.2 */
    t = permute8(&cubes, all(3));
    settle8(&out->inverted, &t);

    /* lane 0: b·ZZ³ + X³ - 3·X·ZZ² - Y²; lane 1: ZZ³ - ZZZ² */
    load_same8(&b, B8);
    t = permute8(&cubes, second);
    mul_add8(&wanted, &b, &t, &x, &squares); /* 1 + (1·1.2 + 2·1.6)/16 = 1.3 */
    t = permute8(&cubes, all(2));
    sub8(&wanted, &wanted, &t, 2);
    sub8(&wanted, &wanted, &t, 2);
    sub8(&wanted, &wanted, &t, 2); /* 7.3 */
    wanted = choose8(0x02, &wanted, &cubes);
    t = permute8(&squares, _mm512_set_epi64(3, 3, 3, 3, 3, 3, 3, 2));
    sub8(&wanted, &wanted, &t, 2); /* 9.3 */
    unsigned zeros = zeros8(&wanted);
    PUBLIC(&zeros, sizeof(zeros)); /* both hold for every k */
    out->is_right = (zeros & 3) == 3;
}

LANES bool
es256_base_x(const struct base_table *table, const uint64_t k[4], const uint64_t blind[4],
             uint64_t x[4])
{
    uint64_t bits[4], quotient[4];
    struct affine8 first, next;
    struct proof proof;
    struct point8 sum;
    struct fe8 blind8, inverse, rr, t;

    digit_bits(k, bits);
    choose_points8(&first, table, bits, 0);
    choose_points8(&next, table, bits, 1);
    begin8(&sum, &first, &next);
    for (int row = 2; row < BASE_ROWS; row++) {
        choose_points8(&next, table, bits, row);
        add8(&sum, &next);
    }
    fold_all8(&sum);

    load_all8(&blind8, blind);
    prove(&proof, &sum, &blind8);
    /* zz·R·blind/R²: uniform among the numbers that are not zero, whatever zz is */
    store_first8(&proof.inverted, quotient);
    PUBLIC(quotient, sizeof(quotient));
    if (!proof.is_right || !is_in_field(quotient))
        return false;
    modinv_field(quotient, quotient); /* R/(zz·blind) */
    load_same8(&rr, RR8);
    load_all8(&inverse, quotient);
    mul8(&inverse, &inverse, &blind8); /* 1/zz */
    mul8(&inverse, &inverse, &rr);     /* R/zz */
    mul8(&t, &sum.x, &inverse);        /* x·R */
    settle8(&inverse, &t);             /* x */
    store_first8(&inverse, x);
    PUBLIC(x, 4 * sizeof(*x)); /* r of the signature is all but the same number */
    mul8(&t, &t, &sum.zz);
    sub8(&t, &t, &sum.x, 2);
    unsigned zeros = zeros8(&t);
    PUBLIC(&zeros, sizeof(zeros));
    return (zeros & 1) && is_in_field(x);
}
