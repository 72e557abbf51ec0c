/* SPDX-License-Identifier: Apache-2.0
 *
 * Modulo n, the order of P-256, in eight lanes: as p256_lanes.h, whose limbs, R = 2^260
 * and bounds k hold here as well, of n in place of p. n is no sum of a few powers of two,
 * so its product costs a third more than the field's. */
#ifndef CRYPTO_P256_ORDER8_H
#define CRYPTO_P256_ORDER8_H

#include "crypto/p256_lanes.h"

/* n; R² modulo n; -1/n modulo 2^52. */
static const uint64_t N8[LIMBS8] = {0x9cac2fc632551, 0xada7179e84f3b, 0xfffffffbce6fa,
                                    0x0000fffffffff, 0x0ffffffff0000};
static const uint64_t N_RR8[LIMBS8] = {0x5cc0dea6dc3ba, 0x192a067d8a084, 0xbec59615571bb,
                                       0x1fc245b2392b6, 0x0e12d9559d956};
static const uint64_t N_INVERSE8 = 0x1c8aaee00bc4f;

/* c / 2^260 modulo n. A step adds q·n, which makes the lowest 52 bits zero. Columns are
 * sums of at most 20 halves of products, each below 2^52, and of what is carried. */
LANES_INLINE void
order_reduce8(struct fe8 *out, lane c[2 * LIMBS8])
{
#pragma GCC unroll 5
    for (int i = 0; i < LIMBS8; i++) {
        lane q = LOW(_mm512_setzero_si512(), c[i], all(N_INVERSE8));
#pragma GCC unroll 5
        for (int j = 0; j < LIMBS8; j++) {
            c[i + j] = LOW(c[i + j], q, all(N8[j]));
            c[i + j + 1] = HIGH(c[i + j + 1], q, all(N8[j]));
        }
        c[i + 1] = PLUS(c[i + 1], _mm512_srli_epi64(c[i], LIMB8_BITS));
    }
    upper_half(out, c);
}

/* a·b/R; k = 1 + ka·kb/16. */
LANES_INLINE void
order_mul8(struct fe8 *out, const struct fe8 *a, const struct fe8 *b)
{
    struct columns c;

    columns_clear(&c);
    columns_add(&c, a, b);
    columns_join(&c);
    order_reduce8(out, c.low);
}

#endif
