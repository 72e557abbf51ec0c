/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers modulo the order n of P-256's group. Four limbs of 64 bits, the least first.
 * What is marked so takes the same time for all numbers, and may be given secrets. */
#ifndef CRYPTO_P256_ORDER_H
#define CRYPTO_P256_ORDER_H

#include <stdbool.h>
#include <stdint.h>

extern const uint64_t ORDER_N[4];
extern const uint64_t FIELD_P[4]; /* the other prime: of the coordinates */

void order_read(const uint8_t bytes[32], uint64_t out[4]); /* big endian; constant time */
void order_write(const uint64_t a[4], uint8_t out[32]);    /* the same */
bool order_is_zero(const uint64_t a[4]);
bool order_less(const uint64_t a[4], const uint64_t b[4]); /* a < b */
/* a + b, which must be below 2^256; a - b, for b ≤ a. Constant time. */
void order_add(const uint64_t a[4], const uint64_t b[4], uint64_t out[4]);
void order_sub(const uint64_t a[4], const uint64_t b[4], uint64_t out[4]);

/* In constant time: a·b/2^256 modulo n, for a < 2^256 and b < n; a·2^256 modulo n, for
 * a < 2^256; a + b modulo n, for a, b < n; a modulo n, for a < 2^256; the numbers
 * themselves, where `first` is 1, or 0. All results are below n. */
void order_multiply(const uint64_t a[4], const uint64_t b[4], uint64_t out[4]);
void order_times_r(const uint64_t a[4], uint64_t out[4]);
void order_add_modulo(const uint64_t a[4], const uint64_t b[4], uint64_t out[4]);
void order_settle(const uint64_t a[4], uint64_t out[4]);
void order_choose(uint64_t first, const uint64_t a[4], const uint64_t b[4],
                  uint64_t out[4]);
/* 1 for 0 < a < below, else 0. Constant time. */
uint64_t order_is_within(const uint64_t a[4], const uint64_t below[4]);

/* Variable time: u1 = e/s and u2 = r/s modulo n; e is any number below 2^256, 0 < r, s <
 * n. Source: FIPS 186-5 §6.4.2. */
void order_scalars(const uint64_t e[4], const uint64_t r[4], const uint64_t s[4],
                   uint64_t out_u1[4], uint64_t out_u2[4]);

#endif
