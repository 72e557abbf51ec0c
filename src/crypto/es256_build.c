/* SPDX-License-Identifier: Apache-2.0
 *
 * Making the points of a table, with few inversions. The point is doubled 255 times, and
 * all 2^k·Q become affine with one inversion. Then every window grows at the same time:
 * to its points 1, 3, … 2^m - 1 (times 2^s) 2^m is added, which gives the ones up to
 * 2^(m+1) - 1. These additions are affine ones, which divide; the quotients of up to
 * BATCH additions are made with one inversion and three products each (Montgomery 1987).
 * No two points that are added have the same x: they are different small multiples of a
 * point of large prime order. */
#include "crypto/es256_build.h"

#include "base/mem.h"
#include "crypto/modinv.h"
#include "crypto/p256_field.h"
#include "crypto/p256_order.h"

#include <assert.h>

enum { BATCH = 1024 };

const uint8_t ES256_G[PUBLIC_KEY_BYTES] = {
    0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5, 0x63,
    0xa4, 0x40, 0xf2, 0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4, 0xa1,
    0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96, 0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a, 0x7f,
    0x9b, 0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16, 0x2b, 0xce, 0x33, 0x57,
    0x6b, 0x31, 0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5};

/* Jacobian: X/Z², Y/Z³. */
struct jacobian {
    struct fe x, y, z;
};

struct affine {
    struct fe x, y;
};

/* Additions that wait for their quotients. */
struct batch {
    size_t count;
    const struct affine *a[BATCH], *b[BATCH];
    struct affine *out[BATCH];
    struct fe difference[BATCH]; /* of the xs */
    struct fe before[BATCH];     /* the product of the differences before this one */
};

/* b of y² = x³ - 3x + b, in Montgomery form (SP 800-186, section 3.2.1.3). */
static const struct fe CURVE_B = {
    {0xd89cdf6229c4bddf, 0xacf005cd78843090, 0xe5a220abf7212ed6, 0xdc30061d04874834}};

/* 2a, for a point that is not infinity (no point has order 2). dbl-2001-b for a = -3. */
static void
double_point(struct jacobian *a)
{
    struct fe delta, gamma, beta, alpha, t, u;

    fe_square(&delta, &a->z);
    fe_square(&gamma, &a->y);
    fe_mul(&beta, &a->x, &gamma);
    fe_sub(&t, &a->x, &delta);
    fe_add(&u, &a->x, &delta);
    fe_mul(&alpha, &t, &u);
    fe_add(&t, &alpha, &alpha);
    fe_add(&alpha, &alpha, &t); /* 3 (X - Z²)(X + Z²) */
    fe_add(&t, &a->y, &a->z);
    fe_square(&t, &t);
    fe_sub(&t, &t, &gamma);
    fe_sub(&a->z, &t, &delta); /* (Y + Z)² - Y² - Z² = 2YZ */
    fe_add(&beta, &beta, &beta);
    fe_add(&beta, &beta, &beta); /* 4 X Y² */
    fe_square(&t, &alpha);
    fe_sub(&t, &t, &beta);
    fe_sub(&a->x, &t, &beta);
    fe_square(&gamma, &gamma);
    fe_add(&gamma, &gamma, &gamma);
    fe_add(&gamma, &gamma, &gamma);
    fe_add(&gamma, &gamma, &gamma); /* 8 Y⁴ */
    fe_sub(&t, &beta, &a->x);
    fe_mul(&t, &alpha, &t);
    fe_sub(&a->y, &t, &gamma);
}

/* 1/a, in Montgomery form as a is. */
static void
invert(const struct fe *a, struct fe *out)
{
    modinv_field(a->l,
                 out->l); /* of aR: 1/(aR), which two products with R² bring to R/a */
    fe_mul(out, out, &FE_RR);
    fe_mul(out, out, &FE_RR);
}

/* Points as affine ones, all with one inversion: before each stands the product of the Zs
 * before it. */
static void
make_affine(const struct jacobian points[SCALAR_BITS], struct affine out[SCALAR_BITS])
{
    struct fe before[SCALAR_BITS], all = FE_ONE, inverse, one, t;

    for (int i = 0; i < SCALAR_BITS; i++) {
        before[i] = all;
        fe_mul(&all, &all, &points[i].z);
    }
    invert(&all, &inverse);
    for (int i = SCALAR_BITS - 1; i >= 0; i--) {
        fe_mul(&one, &inverse, &before[i]); /* 1/Z */
        fe_mul(&inverse, &inverse, &points[i].z);
        fe_square(&t, &one);
        fe_mul(&out[i].x, &points[i].x, &t);
        fe_mul(&t, &t, &one);
        fe_mul(&out[i].y, &points[i].y, &t);
    }
}

/* a + b, `quotient` being 1/(xb - xa). */
static void
add_affine(const struct affine *a, const struct affine *b, const struct fe *quotient,
           struct affine *out)
{
    struct fe slope, t;

    fe_sub(&t, &b->y, &a->y);
    fe_mul(&slope, &t, quotient);
    fe_square(&t, &slope);
    fe_sub(&t, &t, &a->x);
    fe_sub(&out->x, &t, &b->x);
    fe_sub(&t, &a->x, &out->x);
    fe_mul(&t, &slope, &t);
    fe_sub(&out->y, &t, &a->y);
}

static void
batch_finish(struct batch *batch)
{
    struct fe inverse, quotient;

    if (batch->count == 0)
        return;
    size_t last = batch->count - 1;
    fe_mul(&inverse, &batch->before[last], &batch->difference[last]);
    invert(&inverse, &inverse);
    for (size_t i = batch->count; i-- > 0;) {
        fe_mul(&quotient, &inverse, &batch->before[i]);
        fe_mul(&inverse, &inverse, &batch->difference[i]);
        add_affine(batch->a[i], batch->b[i], &quotient, batch->out[i]);
    }
    batch->count = 0;
}

static void
batch_add(struct batch *batch, const struct affine *a, const struct affine *b,
          struct affine *out)
{
    size_t i = batch->count++;

    batch->a[i] = a;
    batch->b[i] = b;
    batch->out[i] = out;
    fe_sub(&batch->difference[i], &b->x, &a->x);
    if (i == 0)
        batch->before[i] = FE_ONE;
    else
        fe_mul(&batch->before[i], &batch->before[i - 1], &batch->difference[i - 1]);
    if (batch->count == BATCH)
        batch_finish(batch);
}

/* All windows from 2^(m-1) points each to 2^m. */
static void
grow(const struct windows *windows, const struct affine powers[SCALAR_BITS], int m,
     struct affine *points, struct batch *batch)
{
    size_t have = (size_t)1 << (m - 1);
    int at = 0;

    for (int i = 0; i < windows->count; i++) {
        int width = window_width(windows, i);
        for (size_t j = 0; m < width && j < have; j++)
            batch_add(batch, &points[j], &powers[at + m], &points[have + j]);
        points += (size_t)1 << (width - 1);
        at += width;
    }
    batch_finish(batch); /* what follows needs them */
}

/* y² = x³ - 3x + b? A slip of the arithmetic leaves the curve, all but certainly. */
static bool
is_on_curve(const struct affine *a)
{
    struct fe left, right, t;

    fe_square(&left, &a->y);
    fe_square(&t, &a->x);
    fe_mul(&right, &t, &a->x);
    fe_add(&t, &a->x, &a->x);
    fe_add(&t, &t, &a->x);
    fe_sub(&right, &right, &t);
    fe_add(&right, &right, &CURVE_B);
    return fe_equal(&left, &right);
}

/* Level 2 has R = 2^260: sixteen times the number. */
static void
times_sixteen(struct fe *a)
{
    for (int i = 0; i < 4; i++)
        fe_add(a, a, a);
}

_Static_assert(sizeof(struct affine) == sizeof(struct table_point), "the same 64 bytes");

static bool
finish(struct affine *points, size_t count, enum es256_level level,
       struct table_point *out)
{
    bool is_right = true;

    for (size_t i = 0; i < count; i++) {
        is_right &= is_on_curve(&points[i]);
        if (level == ES256_LEVEL_LANES) {
            times_sixteen(&points[i].x);
            times_sixteen(&points[i].y);
        }
        __builtin_memcpy(&out[i], &points[i], sizeof(out[i]));
    }
    return is_right;
}

static struct jacobian
read_point(const uint8_t bytes[PUBLIC_KEY_BYTES])
{
    struct jacobian point = {.z = FE_ONE};

    order_read(bytes, point.x.l);
    order_read(bytes + 32, point.y.l);
    fe_mul(&point.x, &point.x, &FE_RR);
    fe_mul(&point.y, &point.y, &FE_RR);
    return point;
}

/* The 2^k·Q, for all k. */
static void
make_powers(const uint8_t point[PUBLIC_KEY_BYTES], struct affine out[SCALAR_BITS])
{
    struct jacobian powers[SCALAR_BITS];

    powers[0] = read_point(point);
    for (int k = 1; k < SCALAR_BITS; k++) {
        powers[k] = powers[k - 1];
        double_point(&powers[k]);
    }
    make_affine(powers, out);
}

bool
es256_build(const struct windows *windows, const uint8_t point[PUBLIC_KEY_BYTES],
            enum es256_level level, struct table_point *out)
{
    struct affine powers[SCALAR_BITS];
    size_t count = 0;
    int at = 0;

    make_powers(point, powers);
    for (int i = 0; i < windows->count; i++)
        count += (size_t)1 << (window_width(windows, i) - 1);
    struct affine *points = mem_new_array(count, sizeof(*points));
    struct batch *batch = mem_new(sizeof(*batch));
    count = 0;
    for (int i = 0; i < windows->count; i++) {
        points[count] = powers[at];
        at += window_width(windows, i);
        count += (size_t)1 << (window_width(windows, i) - 1);
    }
    assert(at == SCALAR_BITS);
    for (int m = 1; m <= windows->width; m++)
        grow(windows, powers, m, points, batch);
    bool is_right = finish(points, count, level, out);
    mem_free(&batch);
    mem_free(&points);
    return is_right;
}
