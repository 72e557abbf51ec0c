/* SPDX-License-Identifier: Apache-2.0
 *
 * Modulo n: Montgomery's product with R = 2^256. No function but order_is_zero(),
 * order_less() and order_scalars() branches on a number. */
#include "crypto/p256_order.h"

#include "crypto/carry.h"
#include "crypto/modinv.h"

#include <endian.h>

const uint64_t ORDER_N[4] = {0xf3b9cac2fc632551, 0xbce6faada7179e84, 0xffffffffffffffff,
                             0xffffffff00000000};
const uint64_t FIELD_P[4] = {UINT64_MAX, 0x00000000ffffffff, 0, 0xffffffff00000001};
static const uint64_t ORDER_RR[4] = {0x83244c95be79eea2, 0x4699799c49bd6fa6,
                                     0x2845b2392b6bec59, 0x66e12d94f3d95620};
static const uint64_t MINUS_INVERSE = 0xccd1c8aaee00bc4f; /* -1/n modulo 2^64 */

void
order_read(const uint8_t bytes[32], uint64_t out[4])
{
    for (int i = 0; i < 4; i++) {
        uint64_t limb;
        __builtin_memcpy(&limb, bytes + 8 * (3 - i), sizeof(limb));
        out[i] = be64toh(limb);
    }
}

bool
order_is_zero(const uint64_t a[4])
{
    return (a[0] | a[1] | a[2] | a[3]) == 0;
}

bool
order_less(const uint64_t a[4], const uint64_t b[4])
{
    for (int i = 3; i >= 0; i--) {
        if (a[i] != b[i])
            return a[i] < b[i];
    }
    return false;
}

void
order_write(const uint64_t a[4], uint8_t out[32])
{
    for (int i = 0; i < 4; i++) {
        uint64_t limb = htobe64(a[i]);
        __builtin_memcpy(out + 8 * (3 - i), &limb, sizeof(limb));
    }
}

/* out = a + b; gives what is carried out of it. */
static uint64_t
add(const uint64_t a[4], const uint64_t b[4], uint64_t out[4])
{
    carry_bit carry = 0;

#pragma GCC unroll 4
    for (int i = 0; i < 4; i++)
        out[i] = carry_add(a[i], b[i], &carry);
    return carry;
}

/* out = a - b; gives what is borrowed. */
static uint64_t
subtract(const uint64_t a[4], const uint64_t b[4], uint64_t out[4])
{
    carry_bit borrow = 0;

#pragma GCC unroll 4
    for (int i = 0; i < 4; i++)
        out[i] = carry_sub(a[i], b[i], &borrow);
    return borrow;
}

void
order_add(const uint64_t a[4], const uint64_t b[4], uint64_t out[4])
{
    add(a, b, out);
}

void
order_sub(const uint64_t a[4], const uint64_t b[4], uint64_t out[4])
{
    subtract(a, b, out);
}

void
order_choose(uint64_t first, const uint64_t a[4], const uint64_t b[4], uint64_t out[4])
{
    uint64_t mask = 0 - first;

    /* the compiler is not to know that it is 0 or all ones, and make a branch of it */
    __asm__("" : "+r"(mask));
    for (int i = 0; i < 4; i++)
        out[i] = (a[i] & mask) | (b[i] & ~mask);
}

uint64_t
order_is_within(const uint64_t a[4], const uint64_t below[4])
{
    static const uint64_t ONE[4] = {1};
    uint64_t ignored[4];

    return subtract(a, below, ignored) & (subtract(a, ONE, ignored) ^ 1);
}

/* a + high·2^256, which is below 2n, less n where it is not below n. */
static void
settle(const uint64_t a[4], uint64_t high, uint64_t out[4])
{
    uint64_t less[4];
    uint64_t borrow = subtract(a, ORDER_N, less);

    order_choose(borrow & (high ^ 1), a, less, out);
}

/* t, of five limbs, + a·b, then + q·n with the q that makes the lowest limb zero, which
 * is left out. a·b + t stays below 2^320 as t is below 2n. */
static inline __attribute__((always_inline)) void
multiply_limb(uint64_t t[5], uint64_t a, const uint64_t b[4])
{
    uint64_t high = 0;
    carry_bit carry = 0;

#pragma GCC unroll 4
    for (int j = 0; j < 4; j++)
        t[j] = carry_mul_add(t[j], a, b[j], &high);
    t[4] = carry_add(t[4], high, &carry);
    uint64_t top = carry;

    uint64_t q = t[0] * MINUS_INVERSE;
    high = 0;
    carry_mul_add(t[0], q, ORDER_N[0], &high); /* it becomes 0 */
#pragma GCC unroll 4
    for (int j = 1; j < 4; j++)
        t[j - 1] = carry_mul_add(t[j], q, ORDER_N[j], &high);
    carry = 0;
    t[3] = carry_add(t[4], high, &carry);
    t[4] = top + carry;
}

void
order_multiply(const uint64_t a[4], const uint64_t b[4], uint64_t out[4])
{
    uint64_t t[5] = {0};

#pragma GCC unroll 4
    for (int i = 0; i < 4; i++)
        multiply_limb(t, a[i], b);
    settle(t, t[4], out);
}

void
order_times_r(const uint64_t a[4], uint64_t out[4])
{
    order_multiply(a, ORDER_RR, out);
}

void
order_add_modulo(const uint64_t a[4], const uint64_t b[4], uint64_t out[4])
{
    uint64_t carry = add(a, b, out);

    settle(out, carry, out);
}

void
order_settle(const uint64_t a[4], uint64_t out[4])
{
    settle(a, 0, out);
}

void
order_scalars(const uint64_t e[4], const uint64_t r[4], const uint64_t s[4],
              uint64_t out_u1[4], uint64_t out_u2[4])
{
    uint64_t w[4];

    modinv_order(s, w);
    order_times_r(w, w); /* w·R: one product more, and both results are plain */
    order_multiply(e, w, out_u1);
    order_multiply(r, w, out_u2);
}
