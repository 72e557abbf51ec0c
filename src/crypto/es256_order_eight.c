/* SPDX-License-Identifier: Apache-2.0
 *
 * s = (z + r·d)/k modulo n for eight signatures at once, one in each lane, or for two
 * times eight. d and k are secret: no branch and no address depends on them. The one
 * inversion takes variable time; it is of a product that a random factor hides.
 *
 * Compiled for the processors that have it, run only where es256_lanes_are_there(). */
#include "crypto/es256_eight_inside.h"

#include "crypto/modinv.h"
#include "crypto/p256_order8.h"

static const struct modulo8 ORDER = {order_mul8, modinv_order, ORDER_N};

static const uint64_t ONE[LIMBS8] = {1};

/* Is it 1 modulo n, in every lane? k: a 1.2. */
LANES_INLINE bool
are_one(const struct fe8 *a)
{
    const lane zero = _mm512_setzero_si512();
    struct fe8 rr, one, t;
    lane differs = zero;

    load_same8(&rr, N_RR8);
    load_same8(&one, ONE);
    order_mul8(&t, a, &rr);
    order_mul8(&t, &t, &one); /* below n now */
#pragma GCC unroll 5
    for (int i = 0; i < LIMBS8; i++)
        differs = _mm512_or_si512(differs, _mm512_xor_si512(t.l[i], one.l[i]));
    unsigned wrong = _mm512_cmpeq_epi64_mask(differs, zero) ^ 0xff;
    PUBLIC(&wrong, sizeof(wrong)); /* it is the inverse for every k */
    return wrong == 0;
}

/* (z + r·d)·R/k, then without R: at most n, and n for no other than 0. k: inverse_r 1.2
 */
LANES_INLINE void
solve8(uint64_t s[][4], const struct fe8 *inverse_r, const uint64_t r[][4],
       const uint64_t z[][4], const struct fe8 *d_r)
{
    struct fe8 number, product, one, rr, sum;
    lane limbs[LIMBS8];

    load_same8(&one, ONE);
    load_same8(&rr, N_RR8);
    number = load8(r);
    order_mul8(&product, &number, d_r); /* r·d: 1.2 */
    number = load8(z);                  /* 1.1 */
#pragma GCC unroll 5
    for (int i = 0; i < LIMBS8; i++)
        limbs[i] = PLUS(product.l[i], number.l[i]);
    carry8(&sum, limbs);                  /* 2.3 */
    order_mul8(&product, inverse_r, &rr); /* R²/k */
    order_mul8(&product, &sum, &product);
    order_mul8(&product, &product, &one);
    store8(&product, s);
}

LANES bool
es256_eight_s(size_t groups, const struct eight_numbers *given, const uint64_t d_r[4],
              const uint64_t blind[4], uint64_t s[][4])
{
    struct fe8 k[BASE_GROUPS];
    struct fe8 product, rest, inverse_r, d8, t;
    size_t done = 0;

    do {
        k[done] = load8(given->k + done * BASE_LANES);
    } while (++done < groups);
    product = k[0];
    if (groups == BASE_GROUPS)
        order_mul8(&product, &k[0], &k[1]);
    if (!share8(&rest, &product, blind, &ORDER))
        return false;
    load_all8(&d8, d_r);
    for (size_t i = 0; i < groups; i++) {
        inverse_r = rest;
        if (groups == BASE_GROUPS)
            order_mul8(&inverse_r, &rest, &k[1 - i]);
        order_mul8(&t, &k[i], &inverse_r);
        if (!are_one(&t))
            return false;
        solve8(s + i * BASE_LANES, &inverse_r, given->r + i * BASE_LANES,
               given->z + i * BASE_LANES, &d8);
    }
    PUBLIC(s, groups * BASE_LANES * sizeof(s[0]));
    return true;
}
