/* SPDX-License-Identifier: Apache-2.0
 *
 * The field in eight lanes against big numbers, with limbs at their bounds. */
#include "support.h"

#include "base/auto.h"
#include "base/random.h"
#include "crypto/es256_sum.h"
#include "crypto/p256_lanes.h"

#include <openssl/bn.h>

enum { CASES = 4000, COUNT = 8 };

static const char P_HEX[] =
    "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff";

static struct {
    BN_CTX *ctx;
    BIGNUM *p, *one_over_r; /* R = 2^260 */
} all_numbers;

static int
open_all(void **state)
{
    (void)state;
    if (!es256_lanes_are_there())
        return 0;
    all_numbers.ctx = BN_CTX_new();
    all_numbers.one_over_r = BN_new();
    BN_hex2bn(&all_numbers.p, P_HEX);
    BN_lshift(all_numbers.one_over_r, BN_value_one(), 260);
    BN_mod_inverse(all_numbers.one_over_r, all_numbers.one_over_r, all_numbers.p,
                   all_numbers.ctx);
    return 0;
}

static int
close_all(void **state)
{
    (void)state;
    BN_CTX_free(all_numbers.ctx);
    BN_free(all_numbers.p);
    BN_free(all_numbers.one_over_r);
    return 0;
}

/* Eight numbers, lane by lane. */
struct numbers {
    uint64_t limb[LIMBS8][COUNT] __attribute__((aligned(64)));
};

static void
lane_to_bn(const struct numbers *a, int i, BIGNUM *out)
{
    BN_zero(out);
    for (int k = LIMBS8 - 1; k >= 0; k--) {
        BN_lshift(out, out, LIMB8_BITS);
        BN_add_word(out, a->limb[k][i]);
    }
}

/* Each below k·p with limbs at rest: random, or with limbs all ones or zero. */
static void
choose(struct numbers *out, unsigned k)
{
    uint8_t how[LIMBS8];

    random_fill((uint8_t *)out, sizeof(*out));
    for (int i = 0; i < COUNT; i++) {
        random_fill(how, sizeof(how));
        for (int l = 0; l < LIMBS8; l++) {
            out->limb[l][i] &= LIMB8_MASK;
            if (how[l] < 48)
                out->limb[l][i] = 0;
            else if (how[l] < 128)
                out->limb[l][i] = LIMB8_MASK;
        }
        /* less in the last limb than k·p has there; often the most of that */
        if (out->limb[4][i] >= k * P8[4])
            out->limb[4][i] = how[4] & 1 ? k * P8[4] - 1 : out->limb[4][i] % (k * P8[4]);
    }
}

LANES static struct fe8
load(const struct numbers *a)
{
    struct fe8 out;

    for (int l = 0; l < LIMBS8; l++)
        out.l[l] = _mm512_load_si512(a->limb[l]);
    return out;
}

LANES static void
store(const struct fe8 *a, struct numbers *out)
{
    for (int l = 0; l < LIMBS8; l++)
        _mm512_store_si512(out->limb[l], a->l[l]);
}

LANES static void
do_mul(const struct numbers *in, struct numbers *out)
{
    struct fe8 a = load(&in[0]), b = load(&in[1]), c;

    mul8(&c, &a, &b);
    store(&c, out);
}

LANES static void
do_square(const struct numbers *in, struct numbers *out)
{
    struct fe8 a = load(&in[0]), c;

    square8(&c, &a);
    store(&c, out);
}

LANES static void
do_mul_add(const struct numbers *in, struct numbers *out)
{
    struct fe8 a = load(&in[0]), b = load(&in[1]), c = load(&in[2]), d = load(&in[3]), e;

    mul_add8(&e, &a, &b, &c, &d);
    store(&e, out);
}

LANES static void
do_sub(const struct numbers *in, struct numbers *out)
{
    struct fe8 a = load(&in[0]), b = load(&in[1]), c;

    sub8(&c, &a, &b, 3);
    store(&c, out);
}

LANES static void
do_negate(const struct numbers *in, struct numbers *out)
{
    struct fe8 a = load(&in[0]), c;

    negate8(&c, &a, 3);
    store(&c, out);
}

LANES static void
do_x3(const struct numbers *in, struct numbers *out)
{
    struct fe8 rr = load(&in[0]), hhh = load(&in[1]), v = load(&in[2]), c;

    x3_8(&c, &rr, &hhh, &v, 4);
    store(&c, out);
}

LANES static unsigned
do_zeros(const struct numbers *in)
{
    struct fe8 a = load(in);

    return zeros8(&a);
}

/* What each does with one lane: the number that it must be, modulo p. */
static void
want_mul(BIGNUM *const x[4], BIGNUM *out)
{
    BN_mul(out, x[0], x[1], all_numbers.ctx);
    BN_mul(out, out, all_numbers.one_over_r, all_numbers.ctx);
}

static void
want_square(BIGNUM *const x[4], BIGNUM *out)
{
    BN_sqr(out, x[0], all_numbers.ctx);
    BN_mul(out, out, all_numbers.one_over_r, all_numbers.ctx);
}

static void
want_mul_add(BIGNUM *const x[4], BIGNUM *out)
{
    BIGNUM *t = BN_new();

    BN_mul(out, x[0], x[1], all_numbers.ctx);
    BN_mul(t, x[2], x[3], all_numbers.ctx);
    BN_add(out, out, t);
    BN_mul(out, out, all_numbers.one_over_r, all_numbers.ctx);
    BN_free(t);
}

static void
want_sub(BIGNUM *const x[4], BIGNUM *out)
{
    BN_sub(out, x[0], x[1]);
}

static void
want_negate(BIGNUM *const x[4], BIGNUM *out)
{
    BN_copy(out, x[0]);
    BN_set_negative(out, 1);
}

static void
want_x3(BIGNUM *const x[4], BIGNUM *out)
{
    BN_sub(out, x[0], x[1]);
    BN_sub(out, out, x[2]);
    BN_sub(out, out, x[2]);
}

/* One operation: the ks of its operands, and its own in sixteenths, by what is argued. */
static const struct operation {
    const char *name;
    void (*run)(const struct numbers *in, struct numbers *out);
    void (*want)(BIGNUM *const x[4], BIGNUM *out);
    unsigned k[4], sixteenths;
} OPERATIONS[] = {
    {"mul", do_mul, want_mul, {15, 15}, 16 + 15 * 15},
    {"mul, small", do_mul, want_mul, {2, 1}, 16 + 2},
    {"square", do_square, want_square, {15}, 16 + 15 * 15},
    {"mul_add", do_mul_add, want_mul_add, {6, 4, 3, 2}, 16 + 24 + 6},
    {"mul_add, most", do_mul_add, want_mul_add, {15, 7, 15, 7}, 16 + 210},
    {"sub", do_sub, want_sub, {9, 3}, 16 * 12},
    {"negate", do_negate, want_negate, {3}, 16 * 3},
    {"x3", do_x3, want_x3, {3, 2, 1}, 16 * 2},
};

/* Lane i of `got` is the number wanted modulo p, at rest, and not above its bound. */
static void
check_lane(const struct operation *operation, const struct numbers *in,
           const struct numbers *got, int i)
{
    BIGNUM *x[4] = {BN_new(), BN_new(), BN_new(), BN_new()};
    BIGNUM *found = BN_new(), *wanted = BN_new(), *bound = BN_dup(all_numbers.p);

    for (int k = 0; k < 4; k++)
        lane_to_bn(&in[k], i, x[k]);
    operation->want(x, wanted);
    lane_to_bn(got, i, found);
    for (int l = 0; l < LIMBS8; l++)
        assert_true(got->limb[l][i] <= LIMB8_MASK);
    BN_mul_word(bound, operation->sixteenths);
    BN_lshift(x[0], found, 4);
    if (BN_cmp(x[0], bound) > 0)
        fail_msg("%s: above its bound", operation->name);
    BN_nnmod(found, found, all_numbers.p, all_numbers.ctx);
    BN_nnmod(wanted, wanted, all_numbers.p, all_numbers.ctx);
    if (BN_cmp(found, wanted) != 0)
        fail_msg("%s: another number", operation->name);
    for (int k = 0; k < 4; k++)
        BN_free(x[k]);
    BN_free(found);
    BN_free(wanted);
    BN_free(bound);
}

static void
test_lanes_are_big_numbers_up_to_their_bounds(void **state)
{
    struct numbers in[4], out;

    (void)state;
    if (!es256_lanes_are_there())
        skip();
    for (size_t o = 0; o < COUNT_OF(OPERATIONS); o++) {
        const struct operation *operation = &OPERATIONS[o];
        for (int i = 0; i < CASES / COUNT; i++) {
            for (int k = 0; k < 4; k++)
                choose(&in[k], operation->k[k] ? operation->k[k] : 1);
            operation->run(in, &out);
            for (int lane_at = 0; lane_at < COUNT; lane_at++)
                check_lane(operation, in, &out, lane_at);
        }
    }
}

/* The line that must never go looks at Z by this. */
static void
test_every_multiple_of_p_is_zero_and_its_neighbours_are_not(void **state)
{
    struct numbers a;

    (void)state;
    if (!es256_lanes_are_there())
        skip();
    for (int off = -1; off <= 1; off++) {
        for (uint64_t first = 0; first <= 7; first += 7) { /* 0 … 7 p, then 7 … 14 p */
            for (int i = 0; i < COUNT; i++) {
                BIGNUM *x = BN_dup(all_numbers.p);
                BN_mul_word(x, first + (uint64_t)i);
                if (off < 0 && first + (uint64_t)i > 0)
                    BN_sub_word(x, 1);
                else if (off != 0)
                    BN_add_word(x, 1);
                for (int l = 0; l < LIMBS8; l++) {
                    uint8_t bytes[40];
                    BN_bn2lebinpad(x, bytes, sizeof(bytes));
                    memcpy(&a.limb[l][i], bytes, 8);
                    a.limb[l][i] &= LIMB8_MASK;
                    BN_rshift(x, x, LIMB8_BITS);
                }
                BN_free(x);
            }
            assert_int_equal(do_zeros(&a), off == 0 ? 0xff : 0);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lanes_are_big_numbers_up_to_their_bounds),
        cmocka_unit_test(test_every_multiple_of_p_is_zero_and_its_neighbours_are_not),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
