/* SPDX-License-Identifier: Apache-2.0
 *
 * The division steps. f and g begin as modulus and x; d and e keep x·d = f and x·e = g
 * modulo the modulus. When g is 0, f is 1 or -1 and d is the inverse or its negative. */
#include "crypto/modinv.h"

#include <assert.h>
#include <stdbool.h>

enum { LIMBS = 5, LIMB_BITS = 62 };

static const uint64_t LIMB_MASK = UINT64_MAX >> 2;

/* The sum of limb[i] × 2^(62 i); limbs but the last are 0 … 2^62 - 1 when at rest. */
struct wide {
    int64_t limb[LIMBS];
};

struct modulus {
    struct wide value;
    uint64_t inverse; /* of it, modulo 2^62 */
};

static const struct modulus ORDER = {
    {{0x33b9cac2fc632551, 0x339beab69c5e7a13, 0x3ffffffffffffffb, 0x3fffffc00000003f,
      0x00000000000000ff}},
    0x332e375511ff43b1};
static const struct modulus FIELD = {
    {{0x3fffffffffffffff, 0x00000003ffffffff, 0x0000000000000000, 0x3fffffc000000040,
      0x00000000000000ff}},
    0x3fffffffffffffff};

/* What 62 steps do: f' = (u f + v g) / 2^62, g' = (q f + r g) / 2^62. */
struct steps {
    int64_t u, v, q, r;
};

/* 62 steps on the lowest bits. `eta` is -delta of the paper. All products wrap: only the
 * low bits are looked at. */
static int64_t
divide(int64_t eta, uint64_t f, uint64_t g, struct steps *out)
{
    uint64_t u = 1, v = 0, q = 0, r = 1;
    int left = LIMB_BITS;

    for (;;) {
        int zeros = __builtin_ctzll(g | (UINT64_MAX << left));
        uint64_t mask, w;
        int limit;

        g >>= zeros;
        u <<= zeros;
        v <<= zeros;
        eta -= zeros;
        left -= zeros;
        if (left == 0)
            break;
        if (eta < 0) {
            uint64_t kept_f = f, kept_u = u, kept_v = v;
            eta = -eta;
            f = g;
            u = q;
            v = r;
            g = 0 - kept_f;
            q = 0 - kept_u;
            r = 0 - kept_v;
            /* as many zeros at the end of g as we may make: up to six bits at once */
            limit = eta + 1 > left ? left : (int)eta + 1;
            mask = (UINT64_MAX >> (64 - limit)) & 63;
            w = (f * g * (f * f - 2)) & mask;
        } else {
            limit = eta + 1 > left ? left : (int)eta + 1;
            mask = (UINT64_MAX >> (64 - limit)) & 15;
            w = f + (((f + 1) & 4) << 1); /* -1/f modulo 16, negated */
            w = ((0 - w) * g) & mask;
        }
        g += f * w;
        q += u * w;
        r += v * w;
    }
    *out = (struct steps){(int64_t)u, (int64_t)v, (int64_t)q, (int64_t)r};
    return eta;
}

/* (a x + b y + m z) of one limb each. */
static inline __int128
sum3(int64_t a, int64_t x, int64_t b, int64_t y, int64_t m, int64_t z)
{
    return (__int128)a * x + (__int128)b * y + (__int128)m * z;
}

/* d and e after the steps: a multiple of the modulus is added that makes them divisible
 * by 2^62. Both stay in (-2 modulus, modulus). */
static void
move_de(struct wide *d, struct wide *e, const struct steps *t, const struct modulus *m)
{
    int64_t d_sign = d->limb[LIMBS - 1] >> 63;
    int64_t e_sign = e->limb[LIMBS - 1] >> 63;
    int64_t md = (t->u & d_sign) + (t->v & e_sign);
    int64_t me = (t->q & d_sign) + (t->r & e_sign);
    __int128 cd = sum3(t->u, d->limb[0], t->v, e->limb[0], 0, 0);
    __int128 ce = sum3(t->q, d->limb[0], t->r, e->limb[0], 0, 0);

    md -= (int64_t)((m->inverse * (uint64_t)cd + (uint64_t)md) & LIMB_MASK);
    me -= (int64_t)((m->inverse * (uint64_t)ce + (uint64_t)me) & LIMB_MASK);
    cd += (__int128)m->value.limb[0] * md;
    ce += (__int128)m->value.limb[0] * me;
    assert(((uint64_t)cd & LIMB_MASK) == 0 && ((uint64_t)ce & LIMB_MASK) == 0);
    cd >>= LIMB_BITS;
    ce >>= LIMB_BITS;
    for (int i = 1; i < LIMBS; i++) {
        int64_t di = d->limb[i];
        int64_t ei = e->limb[i];
        cd += sum3(t->u, di, t->v, ei, m->value.limb[i], md);
        ce += sum3(t->q, di, t->r, ei, m->value.limb[i], me);
        d->limb[i - 1] = (int64_t)((uint64_t)cd & LIMB_MASK);
        e->limb[i - 1] = (int64_t)((uint64_t)ce & LIMB_MASK);
        cd >>= LIMB_BITS;
        ce >>= LIMB_BITS;
    }
    d->limb[LIMBS - 1] = (int64_t)cd;
    e->limb[LIMBS - 1] = (int64_t)ce;
}

static void
move_fg(struct wide *f, struct wide *g, const struct steps *t, int len)
{
    __int128 cf = sum3(t->u, f->limb[0], t->v, g->limb[0], 0, 0);
    __int128 cg = sum3(t->q, f->limb[0], t->r, g->limb[0], 0, 0);

    assert(((uint64_t)cf & LIMB_MASK) == 0 && ((uint64_t)cg & LIMB_MASK) == 0);
    cf >>= LIMB_BITS;
    cg >>= LIMB_BITS;
    for (int i = 1; i < len; i++) {
        int64_t fi = f->limb[i];
        int64_t gi = g->limb[i];
        cf += sum3(t->u, fi, t->v, gi, 0, 0);
        cg += sum3(t->q, fi, t->r, gi, 0, 0);
        f->limb[i - 1] = (int64_t)((uint64_t)cf & LIMB_MASK);
        g->limb[i - 1] = (int64_t)((uint64_t)cg & LIMB_MASK);
        cf >>= LIMB_BITS;
        cg >>= LIMB_BITS;
    }
    f->limb[len - 1] = (int64_t)cf;
    g->limb[len - 1] = (int64_t)cg;
}

static bool
is_zero(const struct wide *x, int len)
{
    int64_t all = 0;

    for (int i = 0; i < len; i++)
        all |= x->limb[i];
    return all == 0;
}

/* Is the highest limb only a sign? Then the one below takes it over. */
static int
shorten(struct wide *f, struct wide *g, int len)
{
    int64_t fn = f->limb[len - 1];
    int64_t gn = g->limb[len - 1];

    if (len < 2 || (fn ^ (fn >> 63)) != 0 || (gn ^ (gn >> 63)) != 0)
        return len;
    f->limb[len - 2] |= (int64_t)((uint64_t)fn << LIMB_BITS);
    g->limb[len - 2] |= (int64_t)((uint64_t)gn << LIMB_BITS);
    return len - 1;
}

static void
carry(struct wide *x)
{
    for (int i = 0; i < LIMBS - 1; i++) {
        x->limb[i + 1] += x->limb[i] >> LIMB_BITS;
        x->limb[i] = (int64_t)((uint64_t)x->limb[i] & LIMB_MASK);
    }
}

/* From (-2 modulus, modulus), and with its sign turned where asked, into [0, modulus). */
static void
normalize(struct wide *x, int64_t sign, const struct modulus *m)
{
    int64_t turn = sign >> 63;

    for (int round = 0; round < 2; round++) {
        int64_t is_negative = x->limb[LIMBS - 1] >> 63;
        for (int i = 0; i < LIMBS; i++) {
            x->limb[i] += m->value.limb[i] & is_negative;
            if (round == 0)
                x->limb[i] = (x->limb[i] ^ turn) - turn;
        }
        carry(x);
    }
}

static void
invert(const uint64_t x[4], const struct modulus *m, uint64_t out[4])
{
    struct wide d = {{0}};
    struct wide e = {{1}};
    struct wide f = m->value;
    struct wide g = {
        {(int64_t)(x[0] & LIMB_MASK), (int64_t)((x[0] >> 62 | x[1] << 2) & LIMB_MASK),
         (int64_t)((x[1] >> 60 | x[2] << 4) & LIMB_MASK),
         (int64_t)((x[2] >> 58 | x[3] << 6) & LIMB_MASK), (int64_t)(x[3] >> 56)}};
    int len = LIMBS;
    int64_t eta = -1;

    for (;;) {
        struct steps steps;
        eta = divide(eta, (uint64_t)f.limb[0], (uint64_t)g.limb[0], &steps);
        move_de(&d, &e, &steps, m);
        move_fg(&f, &g, &steps, len);
        if (is_zero(&g, len))
            break;
        len = shorten(&f, &g, len);
    }
    normalize(&d, f.limb[len - 1], m);
    const uint64_t l[LIMBS] = {(uint64_t)d.limb[0], (uint64_t)d.limb[1],
                               (uint64_t)d.limb[2], (uint64_t)d.limb[3],
                               (uint64_t)d.limb[4]};
    out[0] = l[0] | l[1] << 62;
    out[1] = l[1] >> 2 | l[2] << 60;
    out[2] = l[2] >> 4 | l[3] << 58;
    out[3] = l[3] >> 6 | l[4] << 56;
}

void
modinv_order(const uint64_t x[4], uint64_t out[4])
{
    invert(x, &ORDER, out);
}

void
modinv_field(const uint64_t x[4], uint64_t out[4])
{
    invert(x, &FIELD, out);
}
