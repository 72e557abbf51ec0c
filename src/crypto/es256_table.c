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
#include "crypto/es256_arena.h"
#include "crypto/es256_build.h"
#include "crypto/es256_check.h"
#include "crypto/p256_order.h"

#include <pthread.h>
#include <sys/mman.h>

struct es256_table {
    enum es256_level level; /* TABLE or LANES: what the points are written for */
    struct es256_arena *arena;
    const struct table_point *points;
    const struct table_point *base; /* of G, for the same level */
};

/* ---- tables ---- */

static const struct table_point *
make_base(enum es256_level level)
{
    size_t bytes = BASE_POINTS * sizeof(struct table_point);
    struct table_point *points = es256_pages_take(bytes);

    if (!points)
        return NULL;
    if (!es256_build(&BASE_WINDOWS, ES256_G, level, points) ||
        mprotect(points, bytes, PROT_READ) != 0) {
        munmap(points, bytes);
        return NULL;
    }
    return points;
}

/* The table of G for a level, made when it is first asked for. NULL: it cannot be made.
 */
static const struct table_point *
base_of(enum es256_level level)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static const struct table_point *bases[ES256_LEVEL_LANES + 1];

    pthread_mutex_lock(&lock);
    if (!bases[level])
        bases[level] = make_base(level);
    const struct table_point *base = bases[level];
    pthread_mutex_unlock(&lock);
    return base;
}

void
es256_table_free(struct es256_table **table)
{
    if (*table && (*table)->points)
        es256_arena_remove((*table)->arena, (*table)->points);
    mem_free(table);
}

enum status
es256_table_new(struct es256_arena *arena, enum es256_level level,
                const uint8_t point[PUBLIC_KEY_BYTES], struct es256_table **out)
{
    struct es256_table *table AUTO(es256_table_free) = mem_new(sizeof(*table));
    struct table_point *points AUTO(mem_done) =
        mem_new_array(KEY_POINTS, sizeof(*points));

    table->level = level;
    table->base = base_of(level);
    if (!table->base)
        return STATUS_UNAVAILABLE;
    if (!es256_build(&KEY_WINDOWS, point, level, points))
        return STATUS_BROKEN;
    table->arena = arena;
    table->points = es256_arena_put(arena, points);
    if (!table->points)
        return STATUS_UNAVAILABLE;
    if (!es256_check_table(table, point))
        return STATUS_BROKEN;
    *out = TAKE(table);
    return STATUS_OK;
}

/* ---- from a signature to points ---- */

/* The points of u, from `from` on in the sum. Inlined for each kind of table, so that all
 * places of windows are constants: that halves its time. */
static inline __attribute__((always_inline)) void
choose(const struct windows *windows, const uint64_t u[4],
       const struct table_point *points, int from, struct sum *sum)
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
#pragma GCC unroll 36
    for (int i = 0; i < windows->count; i++) {
        int width = window_width(windows, i);
        uint64_t half = UINT64_C(1) << (width - 1);
        uint64_t value = bits[at / 64] >> (at % 64);
        if (at % 64 + width > 64)
            value |= bits[at / 64 + 1] << (64 - at % 64);
        uint64_t is_positive = value >> (width - 1) & 1;
        /* the lower bits, inverted where the sign is minus */
        const struct table_point *point =
            &points[(value ^ (is_positive - 1)) & (half - 1)];
        __builtin_prefetch(point, 0, 2); /* the first cache cannot wait for 56 at once */
        sum->points[from + i] = point;
        sum->negative |= (is_positive ^ 1 ^ is_turned) << (from + i);
        points += half;
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
es256_table_verify(const struct es256_table *table,
                   const uint8_t digest[ES256_DIGEST_BYTES], struct slice signature)
{
    static const uint64_t P_LESS_N[4] = {0x0c46353d039cdaae, 0x4319055358e8617b, 0, 0};
    struct sum sum;
    uint64_t e[4], s[4], u1[4], u2[4];

    sum.negative = 0;
    __builtin_prefetch(
        table); /* it may have been long ago; the inversion takes a while */
    if (!read_signature(signature, sum.r, s))
        return ES256_NO;
    order_read(digest, e);
    order_scalars(e, sum.r, s, u1, u2);
    if (order_is_zero(u1)) /* no odd digits for zero */
        return ES256_ASK;
    /* the key's points first: they are the farthest away, and the last to be summed */
    choose(&KEY_WINDOWS, u2, table->points, SUM_BASE_WINDOWS, &sum);
    choose(&BASE_WINDOWS, u1, table->base, 0, &sum);
    sum.has_r_plus_n = order_less(sum.r, P_LESS_N);
    order_add(sum.r, ORDER_N, sum.r_plus_n);
    return table->level == ES256_LEVEL_LANES ? es256_sum_lanes(&sum)
                                             : es256_sum_plain(&sum);
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
