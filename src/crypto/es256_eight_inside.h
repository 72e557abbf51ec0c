/* SPDX-License-Identifier: Apache-2.0
 *
 * Eight numbers side by side, and the one inversion that serves them all: for what is
 * modulo p (es256_base_eight.c) and modulo n (es256_order_eight.c). Only for files that
 * are compiled for such processors and run on nothing else. */
#ifndef CRYPTO_ES256_EIGHT_INSIDE_H
#define CRYPTO_ES256_EIGHT_INSIDE_H

#include "crypto/es256_base_inside.h"

#include "crypto/secret_mark.h"

/* Limb i of all eight numbers. */
LANES_INLINE void
lines_of8(const uint64_t numbers[][4], lane out[4])
{
    uint64_t lines[4][BASE_LANES] __attribute__((aligned(64)));

    for (int i = 0; i < BASE_LANES; i++) {
        for (int j = 0; j < 4; j++)
            lines[j][i] = numbers[i][j];
    }
    for (int j = 0; j < 4; j++)
        out[j] = _mm512_load_si512(lines[j]);
}

LANES_INLINE struct fe8
load8(const uint64_t numbers[][4])
{
    struct fe8 out;
    lane lines[4];

    lines_of8(numbers, lines);
    unpack8(&out, lines[0], lines[1], lines[2], lines[3]);
    return out;
}

LANES_INLINE void
store8(const struct fe8 *a, uint64_t out[][4])
{
    uint64_t l[LIMBS8][BASE_LANES] __attribute__((aligned(64)));

    for (int i = 0; i < LIMBS8; i++)
        _mm512_store_si512(l[i], a->l[i]);
    for (int i = 0; i < BASE_LANES; i++) {
        out[i][0] = l[0][i] | l[1][i] << 52;
        out[i][1] = l[1][i] >> 12 | l[2][i] << 40;
        out[i][2] = l[2][i] >> 24 | l[3][i] << 28;
        out[i][3] = l[3][i] >> 36 | l[4][i] << 16;
    }
}

/* Arithmetic modulo a prime: a·b/R, and 1/x of one public number below it. */
struct modulo8 {
    void (*multiply)(struct fe8 *out, const struct fe8 *a, const struct fe8 *b);
    void (*invert)(const uint64_t x[4], uint64_t out[4]);
    const uint64_t *prime;
};

/* R/a of every lane, by one inversion: lanes are multiplied in pairs, then pairs of
 * pairs, until each has the product of all; its inverse times what the others are is the
 * lane's own. The inversion takes variable time, of what `blind` hides. False: one of
 * them is 0. */
LANES_INLINE bool
share8(struct fe8 *out, const struct fe8 *a, const uint64_t blind[4],
       const struct modulo8 *modulo)
{
    static const uint64_t ONE[LIMBS8] = {1};
    const lane by4 = _mm512_set_epi64(3, 2, 1, 0, 7, 6, 5, 4);
    const lane by2 = _mm512_set_epi64(5, 4, 7, 6, 1, 0, 3, 2);
    const lane by1 = _mm512_set_epi64(6, 7, 4, 5, 2, 3, 0, 1);
    struct fe8 other1, pairs, other2, fours, other4, product, blind8, one, t;
    uint64_t quotient[4];

    other1 = permute8(a, by4);
    modulo->multiply(&pairs, a, &other1);
    other2 = permute8(&pairs, by2);
    modulo->multiply(&fours, &pairs, &other2);
    other4 = permute8(&fours, by1);
    modulo->multiply(&product, &fours, &other4);

    load_all8(&blind8, blind);
    load_same8(&one, ONE);
    modulo->multiply(&t, &product, &blind8);
    modulo->multiply(&t, &t, &one);
    /* product·blind/R²: at most the prime, and uniform among the numbers that are not
     * zero */
    store_first8(&t, quotient);
    PUBLIC(quotient, sizeof(quotient));
    if (order_is_zero(quotient) || !order_less(quotient, modulo->prime))
        return false;
    modulo->invert(quotient, quotient); /* R²/(product·blind) */
    load_all8(&t, quotient);
    modulo->multiply(&t, &t, &blind8); /* R/product */
    modulo->multiply(&t, &t, &other4);
    modulo->multiply(&t, &t, &other2);
    modulo->multiply(out, &t, &other1);
    return true;
}

#endif
