/* SPDX-License-Identifier: Apache-2.0
 *
 * Level 1: 63 mixed additions in Jacobian coordinates, plain C. X/Z² and Y/Z³ are the
 * point's coordinates; Z = 0 is no point. An addition whose two points have the same x
 * (H = 0: equal, or opposite) gives Z = 0, and from then on Z stays 0 through every later
 * formula: one look at the end tells that something exceptional happened. Without that
 * look Z = 0 would be accepted for every signature (0 = 0). */
#include "crypto/es256_sum.h"

/* k: X 2, Y 2.7, Z 2 (argued in docs/es256.md). */
struct jacobian {
    struct fe x, y, z;
};

static void
negate_if(struct fe *y, bool is_negative)
{
    struct fe zero = {{0}};

    if (is_negative)
        fe_sub(y, &zero, y, 1);
}

static void
add_point(struct jacobian *a, const struct fe *x2, const struct fe *y2)
{
    struct fe zz, zzz, u2, s2, h, r, hh, hhh, v, rr, t, minus_y, zero = {{0}};
    int64_t x3[FE_LIMBS];

    fe_square(&zz, &a->z);
    fe_mul(&u2, x2, &zz);
    fe_mul(&zzz, &zz, &a->z);
    fe_mul(&s2, y2, &zzz);
    fe_sub(&h, &u2, &a->x, 3);
    fe_sub(&r, &s2, &a->y, 3);
    fe_square(&hh, &h);
    fe_mul(&a->z, &a->z, &h);
    fe_mul(&hhh, &hh, &h);
    fe_mul(&v, &a->x, &hh);
    fe_square(&rr, &r);
    for (int i = 0; i < FE_LIMBS; i++)
        x3[i] = (int64_t)rr.l[i] - (int64_t)hhh.l[i] - 2 * (int64_t)v.l[i] +
                5 * (int64_t)FE_P.l[i];
    fe_weaken(&a->x, x3);
    fe_sub(&t, &v, &a->x, 3);
    fe_sub(&minus_y, &zero, &a->y, 3);
    fe_mul_add(&a->y, &r, &t, &minus_y, &hhh);
}

/* Is x = value, that is X = value·Z²? */
static bool
x_is(const struct jacobian *a, const struct fe *zz, const uint64_t value[4])
{
    struct fe wanted, difference;

    fe_from_64(&wanted, value);
    fe_mul(&wanted, &wanted, &FE_RR); /* into Montgomery form */
    fe_mul(&wanted, &wanted, zz);
    fe_sub(&difference, &a->x, &wanted, 3);
    return fe_is_zero(&difference);
}

enum es256_answer
es256_sum_plain(const struct sum *sum)
{
    struct jacobian a = {.z = FE_ONE};
    struct fe zz;

    fe_from_64(&a.x, sum->points[0]->x);
    fe_from_64(&a.y, sum->points[0]->y);
    negate_if(&a.y, sum->negative & 1);
    for (int i = 1; i < SUM_POINTS; i++) {
        struct fe x, y;
        fe_from_64(&x, sum->points[i]->x);
        fe_from_64(&y, sum->points[i]->y);
        negate_if(&y, sum->negative >> i & 1);
        add_point(&a, &x, &y);
    }
    if (fe_is_zero(&a.z))
        return ES256_ASK;
    fe_square(&zz, &a.z);
    if (x_is(&a, &zz, sum->r))
        return ES256_YES;
    return sum->has_r_plus_n && x_is(&a, &zz, sum->r_plus_n) ? ES256_YES : ES256_NO;
}
