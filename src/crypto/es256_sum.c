/* SPDX-License-Identifier: Apache-2.0
 *
 * Level 1: 55 additions in plain C. A point is (X/ZZ, Y/ZZZ) with ZZ³ = ZZZ²: these
 * coordinates need a squaring less for each addition than Jacobian ones, and what is
 * asked in the end is X = r·ZZ.
 *
 * An addition whose two points have the same x (they are equal, or opposite) multiplies
 * ZZ by H² = 0, and from then on ZZ stays 0 through every later formula: one look at the
 * end tells that something exceptional happened. Without that look ZZ = 0 would be
 * accepted for every signature (0 = 0). */
#include "crypto/es256_sum.h"

#include "crypto/p256_field.h"

struct xyzz {
    struct fe x, y, zz, zzz;
};

/* Reads a point, turned where it is to be subtracted. */
static void
read_point(const struct table_point *point, bool is_negative, struct fe *x, struct fe *y)
{
    const struct fe zero = {{0}};

    *x = (struct fe){{point->x[0], point->x[1], point->x[2], point->x[3]}};
    *y = (struct fe){{point->y[0], point->y[1], point->y[2], point->y[3]}};
    if (is_negative)
        fe_sub(y, &zero, y);
}

/* a + (x2, y2). madd-2008-s, with H and R for P and R of the database. */
static void
add_point(struct xyzz *a, const struct fe *x2, const struct fe *y2)
{
    struct fe u2, s2, h, r, hh, hhh, v, t;

    fe_mul(&u2, x2, &a->zz);
    fe_mul(&s2, y2, &a->zzz);
    fe_sub(&h, &u2, &a->x);
    fe_sub(&r, &s2, &a->y);
    fe_square(&hh, &h);
    fe_mul(&hhh, &h, &hh);
    fe_mul(&v, &a->x, &hh);
    fe_mul(&a->zz, &a->zz, &hh);
    fe_mul(&a->zzz, &a->zzz, &hhh);
    fe_square(&t, &r);
    fe_sub(&t, &t, &hhh);
    fe_sub(&t, &t, &v);
    fe_sub(&a->x, &t, &v); /* X3 = R² - H³ - 2V */
    fe_sub(&t, &v, &a->x);
    fe_mul(&t, &r, &t);
    fe_mul(&hhh, &a->y, &hhh);
    fe_sub(&a->y, &t, &hhh); /* Y3 = R·(V - X3) - Y·H³ */
}

/* Is x = value, that is X = value·ZZ? */
static bool
x_is(const struct xyzz *a, const uint64_t value[4])
{
    struct fe wanted = {{value[0], value[1], value[2], value[3]}};

    fe_mul(&wanted, &wanted, &FE_RR); /* into Montgomery form */
    fe_mul(&wanted, &wanted, &a->zz);
    return fe_equal(&a->x, &wanted);
}

enum es256_answer
es256_sum_plain(const struct sum *sum)
{
    struct xyzz a = {.zz = FE_ONE, .zzz = FE_ONE};

    read_point(sum->points[0], sum->negative & 1, &a.x, &a.y);
    for (int i = 1; i < SUM_POINTS; i++) {
        struct fe x, y;
        read_point(sum->points[i], sum->negative >> i & 1, &x, &y);
        add_point(&a, &x, &y);
    }
    if (fe_is_zero(&a.zz))
        return ES256_ASK;
    if (x_is(&a, sum->r))
        return ES256_YES;
    return sum->has_r_plus_n && x_is(&a, sum->r_plus_n) ? ES256_YES : ES256_NO;
}
