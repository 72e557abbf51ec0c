/* SPDX-License-Identifier: Apache-2.0
 *
 * Additions and subtractions of limbs with a carry, which is 0 or 1 before and after. On
 * x86-64 they are the compilers' names for the plain instructions ADC and SBB, which
 * every such processor has: gcc does not find these in 128-bit sums, and takes half as
 * long again for a product. CARRY_PLAIN, for a test, asks for what other processors
 * get. */
#ifndef CRYPTO_CARRY_H
#define CRYPTO_CARRY_H

#include <stdint.h>

#if defined(__x86_64__) && !defined(CARRY_PLAIN)

#include <x86intrin.h>

typedef unsigned char carry_bit;

/* a + b + *carry */
static inline uint64_t
carry_add(uint64_t a, uint64_t b, carry_bit *carry)
{
    unsigned long long sum;

    *carry = _addcarry_u64(*carry, a, b, &sum);
    return sum;
}

/* a - b - *borrow */
static inline uint64_t
carry_sub(uint64_t a, uint64_t b, carry_bit *borrow)
{
    unsigned long long difference;

    *borrow = _subborrow_u64(*borrow, a, b, &difference);
    return difference;
}

#else

typedef uint64_t carry_bit;

static inline uint64_t
carry_add(uint64_t a, uint64_t b, carry_bit *carry)
{
    unsigned __int128 sum = (unsigned __int128)a + b + *carry;

    *carry = (uint64_t)(sum >> 64);
    return (uint64_t)sum;
}

static inline uint64_t
carry_sub(uint64_t a, uint64_t b, carry_bit *borrow)
{
    unsigned __int128 difference = (unsigned __int128)a - b - *borrow;

    *borrow = (uint64_t)(difference >> 64) & 1;
    return (uint64_t)difference;
}

#endif

/* acc + a·b + *high, whose upper half becomes *high: at most 2^128 - 1. */
static inline uint64_t
carry_mul_add(uint64_t acc, uint64_t a, uint64_t b, uint64_t *high)
{
    unsigned __int128 sum = (unsigned __int128)a * b + acc + *high;

    *high = (uint64_t)(sum >> 64);
    return (uint64_t)sum;
}

#endif
