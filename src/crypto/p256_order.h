/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers modulo the order n of P-256's group: just what a verification needs. Variable
 * time: all of it is public. Four limbs of 64 bits, the least first. */
#ifndef CRYPTO_P256_ORDER_H
#define CRYPTO_P256_ORDER_H

#include <stdbool.h>
#include <stdint.h>

extern const uint64_t ORDER_N[4];

void order_read(const uint8_t bytes[32], uint64_t out[4]); /* big endian */
bool order_is_zero(const uint64_t a[4]);
bool order_less(const uint64_t a[4], const uint64_t b[4]); /* a < b */
/* a + b, which must be below 2^256; a - b, for b ≤ a. */
void order_add(const uint64_t a[4], const uint64_t b[4], uint64_t out[4]);
void order_sub(const uint64_t a[4], const uint64_t b[4], uint64_t out[4]);

/* u1 = e/s and u2 = r/s modulo n; e is any number below 2^256, 0 < r, s < n.
 * Source: FIPS 186-5 §6.4.2. */
void order_scalars(const uint64_t e[4], const uint64_t r[4], const uint64_t s[4],
                   uint64_t out_u1[4], uint64_t out_u2[4]);

#endif
