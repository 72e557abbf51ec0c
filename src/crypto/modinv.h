/* SPDX-License-Identifier: Apache-2.0
 *
 * Inverses modulo the two primes of P-256, in variable time: only for what is public
 * (signatures, points of public keys). Source: Bernstein and Yang, "Fast constant-time
 * gcd computation and modular inversion", 2019; here without the constant time, with 62
 * division steps at a go, and numbers in signed limbs of 62 bits. */
#ifndef CRYPTO_MODINV_H
#define CRYPTO_MODINV_H

#include <stdint.h>

/* Numbers below 2^256 as four limbs, the least first. */

/* x^-1 modulo the group's order n; 0 < x < n. */
void modinv_order(const uint64_t x[4], uint64_t out[4]);
/* x^-1 modulo the field's p; 0 < x < p. */
void modinv_field(const uint64_t x[4], uint64_t out[4]);

#endif
