/* SPDX-License-Identifier: Apache-2.0
 *
 * Tables of points, and the way from a signature to the points that are to be summed.
 *
 * A scalar u (odd; for an even one n - u is taken, and every sign turned) is written with
 * digits that are all odd, each in its window: entry j of the window that begins at bit s
 * is (2j + 1)·2^s times the point. No digit is zero, so no entry is infinity. */
#include "crypto/es256_table.h"

#include "base/auto.h"
#include "base/mem.h"
#include "base/random.h"
#include "crypto/es256_check.h"
#include "crypto/es256_sum.h"
#include "crypto/modinv.h"
#include "crypto/p256_order.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>

enum {
    KEY_POINTS = 1792,   /* 16 windows of 7 bits, 24 of 6 */
    BASE_POINTS = 20480, /* 16 windows of 11 bits, 8 of 10 */
    WINDOW_POINTS_MAX = 1024,
    SCALAR_BITS = 256,
};

_Static_assert(ES256_TABLE_BYTES == KEY_POINTS * sizeof(struct table_point),
               "the header tells the size");

/* How 256 bits are cut into windows. The first 256 - count·width ones are one wider. */
struct layout {
    int windows, width;
};

static const struct layout KEY = {SUM_KEY_WINDOWS, 6};
static const struct layout BASE = {SUM_BASE_WINDOWS, 10};

static int
width_of(const struct layout *layout, int window)
{
    return layout->width + (window < SCALAR_BITS - layout->windows * layout->width);
}

struct es256_table {
    struct table_point *points;
};

/* ---- points ---- */

/* k of all coordinates: at most 3; see es256_sum.c. */
struct point {
    struct fe x, y, z;
};

/* 2a, for a point that is not infinity (no point has order 2). dbl-2001-b for a = -3. */
static void
double_point(struct point *a)
{
    struct fe delta, gamma, beta, alpha, less, more, t, x4, y8;
    int64_t sum[FE_LIMBS];

    fe_square(&delta, &a->z);
    fe_square(&gamma, &a->y);
    fe_mul(&beta, &a->x, &gamma);
    fe_sub(&less, &a->x, &delta, 2);
    for (int i = 0; i < FE_LIMBS; i++)
        sum[i] = (int64_t)a->x.l[i] + (int64_t)delta.l[i];
    fe_carry(&more, sum);
    fe_mul(&t, &less, &more);
    for (int i = 0; i < FE_LIMBS; i++)
        sum[i] = 3 * (int64_t)t.l[i];
    fe_weaken(&alpha, sum);
    /* Z3 = (Y + Z)² - gamma - delta */
    for (int i = 0; i < FE_LIMBS; i++)
        sum[i] = (int64_t)a->y.l[i] + (int64_t)a->z.l[i];
    fe_carry(&t, sum);
    fe_square(&t, &t);
    for (int i = 0; i < FE_LIMBS; i++)
        sum[i] = (int64_t)t.l[i] - (int64_t)gamma.l[i] - (int64_t)delta.l[i] +
                 4 * (int64_t)FE_P.l[i];
    fe_weaken(&a->z, sum);
    /* X3 = alpha² - 8 beta */
    for (int i = 0; i < FE_LIMBS; i++)
        sum[i] = 4 * (int64_t)beta.l[i];
    fe_weaken(&x4, sum);
    fe_square(&t, &alpha);
    for (int i = 0; i < FE_LIMBS; i++)
        sum[i] = (int64_t)t.l[i] - 2 * (int64_t)x4.l[i] + 4 * (int64_t)FE_P.l[i];
    fe_weaken(&a->x, sum);
    /* Y3 = alpha (4 beta - X3) - 8 gamma² */
    fe_sub(&t, &x4, &a->x, 2);
    fe_mul(&t, &alpha, &t);
    fe_square(&y8, &gamma);
    for (int i = 0; i < FE_LIMBS; i++)
        sum[i] = (int64_t)t.l[i] - 8 * (int64_t)y8.l[i] + 13 * (int64_t)FE_P.l[i];
    fe_weaken(&a->y, sum);
}

/* a + b, for points of different x. add-1998-cmo-2. */
static void
add_points(const struct point *a, const struct point *b, struct point *out)
{
    struct fe aa, bb, u1, u2, s1, s2, h, r, hh, hhh, v, t, minus_s, zero = {{0}};
    struct point sum;
    int64_t x3[FE_LIMBS];

    fe_square(&aa, &a->z);
    fe_square(&bb, &b->z);
    fe_mul(&u1, &a->x, &bb);
    fe_mul(&u2, &b->x, &aa);
    fe_mul(&t, &bb, &b->z);
    fe_mul(&s1, &a->y, &t);
    fe_mul(&t, &aa, &a->z);
    fe_mul(&s2, &b->y, &t);
    fe_sub(&h, &u2, &u1, 2);
    fe_sub(&r, &s2, &s1, 2);
    fe_mul(&t, &a->z, &b->z);
    fe_mul(&sum.z, &t, &h);
    fe_square(&hh, &h);
    fe_mul(&hhh, &hh, &h);
    fe_mul(&v, &u1, &hh);
    fe_square(&t, &r);
    for (int i = 0; i < FE_LIMBS; i++)
        x3[i] = (int64_t)t.l[i] - (int64_t)hhh.l[i] - 2 * (int64_t)v.l[i] +
                6 * (int64_t)FE_P.l[i];
    fe_weaken(&sum.x, x3);
    fe_sub(&t, &v, &sum.x, 2);
    fe_sub(&minus_s, &zero, &s1, 2);
    fe_mul_add(&sum.y, &r, &t, &minus_s, &hhh);
    *out = sum;
}

/* 1/a in Montgomery form. */
static void
invert(const struct fe *a, struct fe *out)
{
    struct fe canon;
    uint64_t limbs[4];

    fe_canon(&canon, a);
    fe_to_64(&canon, limbs);
    modinv_field(limbs, limbs);
    fe_from_64(&canon, limbs); /* 1/(a R): two more R make it R/a */
    fe_mul(out, &canon, &FE_RRR);
}

/* Writes points as affine ones, all with one inversion: before each stands the product of
 * the Zs before it. */
static void
write_affine(const struct point *points, size_t count, struct table_point *out)
{
    struct fe before[WINDOW_POINTS_MAX], all = FE_ONE, inverse, one, square, t;

    assert(count <= WINDOW_POINTS_MAX);
    for (size_t i = 0; i < count; i++) {
        before[i] = all;
        fe_mul(&all, &all, &points[i].z);
    }
    invert(&all, &inverse);
    for (size_t i = count; i-- > 0;) {
        fe_mul(&one, &inverse, &before[i]); /* 1/Z */
        fe_mul(&inverse, &inverse, &points[i].z);
        fe_square(&square, &one);
        fe_mul(&t, &points[i].x, &square);
        fe_canon(&t, &t);
        fe_to_64(&t, out[i].x);
        fe_mul(&t, &square, &one);
        fe_mul(&t, &points[i].y, &t);
        fe_canon(&t, &t);
        fe_to_64(&t, out[i].y);
    }
}

/* ---- tables ---- */

static void
fill(const struct layout *layout, struct point point, struct table_point *out)
{
    struct point *row = mem_new_array(WINDOW_POINTS_MAX, sizeof(*row));

    for (int i = 0; i < layout->windows; i++) {
        size_t count = (size_t)1 << (width_of(layout, i) - 1);
        struct point twice = point;
        double_point(&twice);
        row[0] = point;
        for (size_t j = 1; j < count; j++)
            add_points(&row[j - 1], &twice, &row[j]);
        write_affine(row, count, out);
        out += count;
        for (int j = 0; j < width_of(layout, i); j++)
            double_point(&point);
    }
    mem_free(&row);
}

static struct point
read_point(const uint8_t bytes[PUBLIC_KEY_BYTES])
{
    struct point point = {.z = FE_ONE};
    uint64_t limbs[4];

    order_read(bytes, limbs);
    fe_from_64(&point.x, limbs);
    fe_mul(&point.x, &point.x, &FE_RR);
    order_read(bytes + 32, limbs);
    fe_from_64(&point.y, limbs);
    fe_mul(&point.y, &point.y, &FE_RR);
    return point;
}

/* Whole pages, of which nobody writes once they are filled. Large tables ask for large
 * pages: a verification touches 64 of them. */
static struct table_point *
take_pages(size_t bytes)
{
    void *pages =
        mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (pages == MAP_FAILED)
        return NULL;
    madvise(pages, bytes, MADV_HUGEPAGE); /* where there are none, small ones do */
    return pages;
}

static struct table_point *base_points; /* of G; written once */
static pthread_once_t base_once = PTHREAD_ONCE_INIT;

static void
make_base(void)
{
    static const uint8_t G[PUBLIC_KEY_BYTES] = {
        0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5, 0x63,
        0xa4, 0x40, 0xf2, 0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4, 0xa1,
        0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96, 0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a, 0x7f,
        0x9b, 0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16, 0x2b, 0xce, 0x33, 0x57,
        0x6b, 0x31, 0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5};
    size_t bytes = BASE_POINTS * sizeof(struct table_point);
    struct table_point *points = take_pages(bytes);

    if (!points)
        return;
    fill(&BASE, read_point(G), points);
    if (mprotect(points, bytes, PROT_READ) == 0)
        base_points = points;
}

void
es256_table_free(struct es256_table **table)
{
    if (*table && (*table)->points)
        munmap((*table)->points, ES256_TABLE_BYTES);
    mem_free(table);
}

enum status
es256_table_new(const uint8_t point[PUBLIC_KEY_BYTES], struct es256_table **out)
{
    struct es256_table *table AUTO(es256_table_free) = mem_new(sizeof(*table));

    pthread_once(&base_once, make_base);
    table->points = take_pages(ES256_TABLE_BYTES);
    if (!base_points || !table->points)
        return STATUS_UNAVAILABLE;
    fill(&KEY, read_point(point), table->points);
    if (mprotect(table->points, ES256_TABLE_BYTES, PROT_READ) != 0)
        return STATUS_UNAVAILABLE;
    if (!es256_check_table(table, point))
        return STATUS_BROKEN;
    *out = TAKE(table);
    return STATUS_OK;
}

/* ---- from a signature to points ---- */

/* The points of u, from `from` on in the sum. */
static void
choose(const struct layout *layout, const uint64_t u[4], const struct table_point *points,
       int from, struct sum *sum)
{
    bool is_turned = (u[0] & 1) == 0;
    uint64_t odd[4], bits[5];
    int at = 0;

    if (is_turned)
        order_sub(ORDER_N, u, odd);
    else
        for (int i = 0; i < 4; i++)
            odd[i] = u[i];
    /* (odd + 2^256) / 2: bit i of it is the sign of place i */
    for (int i = 0; i < 4; i++)
        bits[i] = odd[i] >> 1 | (i < 3 ? odd[i + 1] << 63 : UINT64_C(1) << 63);
    bits[4] = 0;
    for (int i = 0; i < layout->windows; i++) {
        int width = width_of(layout, i);
        uint64_t value = bits[at / 64] >> (at % 64);
        if (at % 64 != 0)
            value |= bits[at / 64 + 1] << (64 - at % 64);
        value &= (UINT64_C(1) << width) - 1;
        bool is_positive = value >> (width - 1);
        uint64_t entry =
            (is_positive ? value : ~value) & ((UINT64_C(1) << (width - 1)) - 1);
        const struct table_point *point = &points[entry];
        __builtin_prefetch(point);
        sum->points[from + i] = point;
        sum->negative |= (uint64_t)(is_positive == is_turned) << (from + i);
        points += UINT64_C(1) << (width - 1);
        at += width;
    }
}

/* False: it cannot be a signature. */
static bool
read_signature(struct slice signature, uint64_t r[4], uint64_t s[4])
{
    if (signature.len != ES256_SIGNATURE_BYTES)
        return false;
    order_read(signature.at, r);
    order_read(signature.at + 32, s);
    return !order_is_zero(r) && !order_is_zero(s) && order_less(r, ORDER_N) &&
           order_less(s, ORDER_N);
}

enum es256_answer
es256_table_verify(const struct es256_table *table, enum es256_level level,
                   const uint8_t digest[ES256_DIGEST_BYTES], struct slice signature)
{
    static const uint64_t P_LESS_N[4] = {0x0c46353d039cdaae, 0x4319055358e8617b, 0, 0};
    struct sum sum;
    uint64_t e[4], s[4], u1[4], u2[4];

    sum.negative = 0;
    if (!read_signature(signature, sum.r, s))
        return ES256_NO;
    order_read(digest, e);
    order_scalars(e, sum.r, s, u1, u2);
    if (order_is_zero(u1)) /* no odd digits for zero */
        return ES256_ASK;
    choose(&KEY, u2, table->points, 0, &sum);
    choose(&BASE, u1, base_points, SUM_KEY_WINDOWS, &sum);
    sum.has_r_plus_n = order_less(sum.r, P_LESS_N);
    order_add(sum.r, ORDER_N, sum.r_plus_n);
    return level == ES256_LEVEL_LANES ? es256_sum_lanes(&sum) : es256_sum_plain(&sum);
}

enum es256_level
es256_level_best(void)
{
    return es256_lanes_are_there() ? ES256_LEVEL_LANES : ES256_LEVEL_TABLE;
}

const char *
es256_level_name(enum es256_level level)
{
    switch (level) {
    case ES256_LEVEL_OPENSSL:
        return "openssl";
    case ES256_LEVEL_TABLE:
        return "table";
    case ES256_LEVEL_LANES:
        return "lanes";
    }
    return "?";
}
