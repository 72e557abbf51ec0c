/* SPDX-License-Identifier: Apache-2.0
 *
 * The table levels of ES256 beside OpenSSL: all Wycheproof vectors, and signatures made
 * for chosen scalars and keys, where windows, carries and exceptional sums are. A yes or
 * a no must be OpenSSL's; to ask is always right, and rare.
 *
 *   ES256_CASES=100000000   so many cases; `make torture-es256` sets it
 *   ES256_SECONDS=1800      but no longer than this */
#include "support.h"

#include "base/clock.h"
#include "base/random.h"
#include "crypto/es256_build.h"
#include "crypto/es256_table.h"
#include "crypto/modinv.h"
#include "crypto/p256_field.h"
#include "crypto/p256_order.h"
#include "crypto/sha256.h"

#include <jansson.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#ifdef __has_feature
#define IS_SANITIZED __has_feature(address_sanitizer)
#else
#define IS_SANITIZED 0
#endif

enum {
    /* with the sanitizers each costs a millisecond; tools/check runs both */
    CASES_USUAL = IS_SANITIZED ? 20000 : 200000,
    CASES_PER_KEY = 1000,
    FIELD_CASES = 20000
};

static const char P_HEX[] =
    "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff";

/* What is needed to make cases; and how the levels did. */
static struct {
    struct es256_arena *arena;
    EC_GROUP *group;
    BN_CTX *ctx;
    BIGNUM *n, *p;
    long cases, yes, asked;
} all;

static int
open_all(void **state)
{
    (void)state;
    all.arena = es256_arena_new();
    all.group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    all.ctx = BN_CTX_new();
    all.n = BN_dup(EC_GROUP_get0_order(all.group));
    return BN_hex2bn(&all.p, P_HEX) > 0 ? 0 : -1;
}

static int
close_all(void **state)
{
    (void)state;
    printf("%ld cases, %ld of them right, %ld asked of OpenSSL\n", all.cases, all.yes,
           all.asked);
    es256_arena_free(&all.arena);
    EC_GROUP_free(all.group);
    BN_CTX_free(all.ctx);
    BN_free(all.n);
    BN_free(all.p);
    return 0;
}

/* One key on all levels. */
struct judged {
    struct es256_key *openssl;
    struct es256_table *tables[ES256_LEVEL_LANES + 1];
};

static void
judged_open(struct judged *j, const uint8_t point[PUBLIC_KEY_BYTES])
{
    *j = (struct judged){0};
    assert_int_equal(es256_key_new(point, &j->openssl), STATUS_OK);
    for (int level = ES256_LEVEL_TABLE; level <= (int)es256_level_best(); level++)
        assert_int_equal(
            es256_table_new(all.arena, (enum es256_level)level, point, &j->tables[level]),
            STATUS_OK);
}

static void
judged_close(struct judged *j)
{
    es256_key_free(&j->openssl);
    for (int level = ES256_LEVEL_TABLE; level <= (int)es256_level_best(); level++)
        es256_table_free(&j->tables[level]);
}

/* All levels that this processor has must agree. Gives what OpenSSL says. */
static bool
judge(struct judged *j, const uint8_t digest[32], struct slice signature)
{
    bool wanted = true;

    assert_int_equal(es256_verify(j->openssl, digest, signature, &wanted), STATUS_OK);
    all.cases++;
    all.yes += wanted;
    for (int level = ES256_LEVEL_TABLE; level <= (int)es256_level_best(); level++) {
        enum es256_answer answer =
            es256_table_verify(j->tables[level], digest, signature);
        if (answer == ES256_ASK)
            all.asked++;
        else if (wanted != (answer == ES256_YES))
            fail_msg("level %d says %d, OpenSSL says %d", level, answer, wanted);
    }
    return wanted;
}

/* ---- published vectors ---- */

static void
judge_group(json_t *group)
{
    uint8_t point[1 + PUBLIC_KEY_BYTES], message[4096], signature[256], digest[32];
    struct judged j;
    json_t *test;
    size_t i;

    from_hex(json_string_value(
                 json_object_get(json_object_get(group, "publicKey"), "uncompressed")),
             point, sizeof(point));
    judged_open(&j, point + 1);
    json_array_foreach(json_object_get(group, "tests"), i, test)
    {
        const char *msg = json_string_value(json_object_get(test, "msg"));
        const char *sig = json_string_value(json_object_get(test, "sig"));
        const char *result = json_string_value(json_object_get(test, "result"));
        struct slice s = {signature, from_hex(sig, signature, sizeof(signature))};
        sha256((struct slice){message, from_hex(msg, message, sizeof(message))}, digest);
        if (judge(&j, digest, s) != (strcmp(result, "valid") == 0))
            fail_msg("tcId %d", (int)json_integer_value(json_object_get(test, "tcId")));
    }
    judged_close(&j);
}

static void
test_every_wycheproof_vector_is_judged_rightly_on_every_level(void **state)
{
    json_t *root =
        json_load_file(VECTORS "/ecdsa_secp256r1_sha256_p1363_test.json", 0, NULL);
    json_t *group;
    size_t i;
    long before = all.asked;

    (void)state;
    assert_non_null(root);
    json_array_foreach(json_object_get(root, "testGroups"), i, group) judge_group(group);
    assert_int_equal(all.cases, 262);
    assert_in_range(all.asked - before, 1, 12); /* the exceptional ones among them */
    json_decref(root);
}

/* ---- chosen scalars ---- */

/* Scalars at which something might go wrong: small, near n, with whole windows of ones or
 * zeros; and random ones. Never 0. */
static void
choose_scalar(BIGNUM *out, unsigned how)
{
    uint8_t bytes[2];

    random_fill(bytes, sizeof(bytes));
    switch (how % 6) {
    case 0: /* 1 … 16 */
        BN_set_word(out, 1 + bytes[0] % 16);
        return;
    case 1: /* n - 1 … n - 16 */
        BN_set_word(out, 1 + bytes[0] % 16);
        BN_sub(out, all.n, out);
        return;
    case 2: /* one bit, or one bit less one */
        BN_zero(out);
        BN_set_bit(out, bytes[0] % 255 + 1);
        if (bytes[1] & 1)
            BN_sub_word(out, 1);
        return;
    case 3: /* a run of ones */
        BN_zero(out);
        for (int i = bytes[0] % 250; i <= bytes[0] % 250 + bytes[1] % 64; i++)
            BN_set_bit(out, i < 255 ? i : 254);
        return;
    default:
        do
            BN_rand_range(out, all.n);
        while (BN_is_zero(out));
        return;
    }
}

/* Numbers for making one signature after the other. The key is d·G: so u1·G + u2·key is
 * one multiple of G, which OpenSSL has ten times sooner than a sum of two points. */
struct making {
    EC_POINT *sum;
    BIGNUM *d, *u1, *u2, *r, *s, *e;
};

static struct making
making_new(void)
{
    return (struct making){EC_POINT_new(all.group),
                           BN_new(),
                           BN_new(),
                           BN_new(),
                           BN_new(),
                           BN_new(),
                           BN_new()};
}

static void
making_done(struct making *m)
{
    EC_POINT_free(m->sum);
    BN_free(m->d);
    BN_free(m->u1);
    BN_free(m->u2);
    BN_free(m->r);
    BN_free(m->s);
    BN_free(m->e);
}

/* The key d·G. */
static void
key_of(struct making *m, uint8_t out[PUBLIC_KEY_BYTES])
{
    uint8_t text[1 + PUBLIC_KEY_BYTES];

    assert_int_equal(EC_POINT_mul(all.group, m->sum, m->d, NULL, NULL, all.ctx), 1);
    assert_int_equal(EC_POINT_point2oct(all.group, m->sum, POINT_CONVERSION_UNCOMPRESSED,
                                        text, sizeof(text), all.ctx),
                     sizeof(text));
    memcpy(out, text + 1, PUBLIC_KEY_BYTES);
}

/* r of u1·G + u2·key. When that is infinity, any r will do: it must be refused. */
static void
sum_of(struct making *m)
{
    BN_mod_mul(m->e, m->u2, m->d, all.n, all.ctx);
    BN_mod_add(m->e, m->e, m->u1, all.n, all.ctx);
    EC_POINT_mul(all.group, m->sum, m->e, NULL, NULL, all.ctx);
    if (EC_POINT_is_at_infinity(all.group, m->sum)) {
        BN_rand_range(m->r, all.n);
        return;
    }
    EC_POINT_get_affine_coordinates(all.group, m->sum, m->r, NULL, all.ctx);
    BN_nnmod(m->r, m->r, all.n, all.ctx);
}

/* The digest and the signature by r for which u1 and u2 are computed. */
static void
sign_for(struct making *m, uint8_t digest[32], uint8_t signature[64])
{
    BN_mod_inverse(m->s, m->u2, all.n, all.ctx);
    BN_mod_mul(m->s, m->s, m->r, all.n, all.ctx);
    BN_mod_mul(m->e, m->u1, m->s, all.n, all.ctx);
    BN_bn2binpad(m->e, digest, 32);
    BN_bn2binpad(m->r, signature, 32);
    BN_bn2binpad(m->s, signature + 32, 32);
}

static void
make_case(struct making *m, unsigned how, uint8_t digest[32], uint8_t signature[64])
{
    choose_scalar(m->u1, how);
    choose_scalar(m->u2, how / 6);
    if (how % 41 == 0) /* u1·G = ±u2·key for keys kG with a small k */
        BN_copy(m->u1, m->u2);
    sum_of(m);
    if (how % 53 == 0)
        BN_zero(m->u1); /* e = 0 */
    sign_for(m, digest, signature);
}

/* Leaves most as they are; spoils the others in one of the ways of forgers. */
static void
spoil(unsigned how, uint8_t digest[32], uint8_t signature[64])
{
    uint8_t bytes[2];

    random_fill(bytes, sizeof(bytes));
    switch (how % 16) {
    case 0:
        digest[bytes[0] % 32] ^= (uint8_t)(1 << bytes[1] % 8);
        return;
    case 1:
        signature[bytes[0] % 64] ^= (uint8_t)(1 << bytes[1] % 8);
        return;
    case 2: { /* n - s is as good as s */
        uint64_t s[4], other[4];
        order_read(signature + 32, s);
        order_sub(ORDER_N, s, other);
        for (int i = 0; i < 32; i++)
            signature[32 + i] = (uint8_t)(other[3 - i / 8] >> (56 - i % 8 * 8));
        return;
    }
    case 3:
        memset(signature + 32 * (bytes[0] & 1), bytes[1] & 1 ? 0 : 0xff, 32);
        return;
    default:
        return;
    }
}

static void
test_chosen_scalars_and_keys_are_judged_as_by_openssl(void **state)
{
    const char *wish = getenv("ES256_CASES");
    const char *limit = getenv("ES256_SECONDS");
    long cases = wish ? strtol(wish, NULL, 10) : CASES_USUAL;
    int64_t until_ms =
        limit ? clock_monotonic_ms() + 1000 * strtol(limit, NULL, 10) : INT64_MAX;
    struct making m = making_new();
    long before = all.cases;
    long asked = all.asked;

    (void)state;
    for (unsigned key = 0; all.cases - before < cases && clock_monotonic_ms() < until_ms;
         key++) {
        uint8_t point[PUBLIC_KEY_BYTES], digest[32], signature[64];
        struct judged j;
        choose_scalar(m.d, key);
        key_of(&m, point);
        judged_open(&j, point);
        for (unsigned i = 0; i < CASES_PER_KEY; i++) {
            make_case(&m, i, digest, signature);
            spoil(i / 7, digest, signature);
            judge(&j, digest, (struct slice){signature, sizeof(signature)});
        }
        judged_close(&j);
    }
    assert_true(all.asked > asked); /* exceptional sums were among them */
    making_done(&m);
}

/* ---- exceptional sums ---- */

enum { WINDOWS = SUM_BASE_WINDOWS + SUM_KEY_WINDOWS };

/* What each point of a sum is: so many times G, and so many times the key. */
struct shares {
    BIGNUM *of_g[WINDOWS], *of_key[WINDOWS];
};

/* The digits of u by their definition: bit i of (u + 2^256)/2 is the sign of 2^i. */
static void
cut(const BIGNUM *u, const struct windows *windows, BIGNUM **out)
{
    BIGNUM *odd = BN_dup(u), *signs = BN_new(), *power = BN_new();
    bool is_turned = !BN_is_odd(u);
    int at = 0;

    if (is_turned)
        BN_sub(odd, all.n, u);
    BN_set_bit(signs, 256);
    BN_add(signs, signs, odd);
    BN_rshift1(signs, signs);
    for (int i = 0; i < windows->count; i++) {
        for (int k = window_width(windows, i); k > 0; k--, at++) {
            BN_zero(power);
            BN_set_bit(power, at);
            if (BN_is_bit_set(signs, at) == is_turned)
                BN_sub(power, all.n, power);
            BN_mod_add(out[i], out[i], power, all.n, all.ctx);
        }
    }
    BN_free(odd);
    BN_free(signs);
    BN_free(power);
}

static void
shares_open(struct shares *shares, const BIGNUM *u1, const BIGNUM *u2)
{
    for (int i = 0; i < WINDOWS; i++) {
        shares->of_g[i] = BN_new();
        shares->of_key[i] = BN_new();
    }
    cut(u1, &BASE_WINDOWS, shares->of_g);
    cut(u2, &KEY_WINDOWS, shares->of_key + SUM_BASE_WINDOWS);
}

static void
shares_close(struct shares *shares)
{
    for (int i = 0; i < WINDOWS; i++) {
        BN_free(shares->of_g[i]);
        BN_free(shares->of_key[i]);
    }
}

/* An addition that comes up: the points of which `to` is the sum, and those of `added`,
 * bit i for point i. */
struct step {
    enum es256_level level;
    uint64_t to, added;
};

/* Gives d such that with the key d·G both parts of the step are equal, or opposite. False
 * if no key makes them so. */
static bool
find_key(const struct shares *shares, const struct step *step, bool is_opposite,
         BIGNUM *d)
{
    BIGNUM *g = BN_new(), *key = BN_new();

    for (int i = 0; i < WINDOWS; i++) {
        bool is_minus = (step->added >> i & 1) && !is_opposite;
        if (!((step->to | step->added) >> i & 1))
            continue;
        (is_minus ? BN_mod_sub : BN_mod_add)(g, g, shares->of_g[i], all.n, all.ctx);
        (is_minus ? BN_mod_sub : BN_mod_add)(key, key, shares->of_key[i], all.n, all.ctx);
    }
    bool is_found = !BN_is_zero(key) && !BN_is_zero(g); /* g + d·key = 0 */
    if (is_found) {
        BN_mod_inverse(d, key, all.n, all.ctx);
        BN_mod_mul(d, d, g, all.n, all.ctx);
        BN_sub(d, all.n, d);
    }
    BN_free(g);
    BN_free(key);
    return is_found;
}

/* With these u1, u2 and the key d·G the level asks, whatever r is. */
static void
check_asked(struct making *m, enum es256_level level)
{
    uint8_t point[PUBLIC_KEY_BYTES], digest[32], signature[64];
    struct judged j;

    key_of(m, point);
    judged_open(&j, point);
    for (int is_forged = 0; is_forged < 2; is_forged++) {
        if (is_forged)
            BN_rand_range(m->r, all.n);
        else
            sum_of(m);
        sign_for(m, digest, signature);
        judge(&j, digest, (struct slice){signature, sizeof(signature)});
        assert_int_equal(
            es256_table_verify(j.tables[level], digest, (struct slice){signature, 64}),
            ES256_ASK);
    }
    judged_close(&j);
}

/* Every addition of both levels, as the levels do them. */
static size_t
list_steps(struct step *out)
{
    size_t count = 0;

    for (int i = 1; i < WINDOWS; i++)
        out[count++] =
            (struct step){ES256_LEVEL_TABLE, (UINT64_C(1) << i) - 1, UINT64_C(1) << i};
    if (es256_level_best() != ES256_LEVEL_LANES)
        return count;
    uint64_t lane = 0x01010101010101; /* points 0, 8, … 48 */
    for (int i = 8; i < WINDOWS; i++)
        out[count++] =
            (struct step){ES256_LEVEL_LANES, lane << i % 8 & ((UINT64_C(1) << i) - 1),
                          UINT64_C(1) << i};
    for (int half = 4; half > 0; half /= 2) {
        for (int i = 0; i < half; i++) {
            struct step fold = {ES256_LEVEL_LANES, 0, 0};
            for (int l = i; l < 8; l += half)
                *((l - i) / half % 2 ? &fold.added : &fold.to) |= lane << l;
            out[count++] = fold;
        }
    }
    return count;
}

/* The owner of a key can arrange this for any step; level and OpenSSL must not differ,
 * and no r may be accepted because 0 = 0. */
static void
test_equal_and_opposite_points_in_any_step_are_asked_of_openssl(void **state)
{
    struct making m = making_new();
    struct step steps[3 * WINDOWS];
    size_t count = list_steps(steps);
    size_t found = 0;
    struct shares shares;

    (void)state;
    for (size_t i = 0; i < 2 * count; i++) {
        choose_scalar(m.u1, 5);
        choose_scalar(m.u2, 5);
        shares_open(&shares, m.u1, m.u2);
        if (find_key(&shares, &steps[i / 2], i % 2, m.d)) {
            check_asked(&m, steps[i / 2].level);
            found++;
        }
        shares_close(&shares);
    }
    /* all but those that only points of G take part in */
    assert_int_equal(found, es256_level_best() == ES256_LEVEL_LANES ? 2 * (36 + 36 + 7)
                                                                    : 2 * 36);
    making_done(&m);
}

/* ---- the field ---- */

static void
bn_to_64(const BIGNUM *x, uint64_t out[4])
{
    uint8_t bytes[32];

    BN_bn2binpad(x, bytes, sizeof(bytes));
    order_read(bytes, out);
}

static void
bn_of(const struct fe *a, BIGNUM *out)
{
    BN_zero(out);
    for (int i = FE_LIMBS - 1; i >= 0; i--) {
        BN_lshift(out, out, 64);
        BN_add_word(out, a->l[i]);
    }
}

/* Below p: random, or with limbs all ones or zero, or among the 256 highest. */
static void
choose_fe(struct fe *out)
{
    uint8_t bytes[6 + sizeof(*out)];
    BIGNUM *x = BN_new();

    random_fill(bytes, sizeof(bytes));
    memcpy(out, bytes + 6, sizeof(*out));
    for (int i = 0; i < FE_LIMBS; i++) {
        if (bytes[i] < 48)
            out->l[i] = 0;
        else if (bytes[i] < 96)
            out->l[i] = UINT64_MAX;
    }
    if (bytes[4] < 32) {
        *out = FE_P;
        out->l[0] -= 1 + bytes[5];
    }
    bn_of(out, x);
    BN_nnmod(x, x, all.p, all.ctx);
    bn_to_64(x, out->l);
    BN_free(x);
}

/* Is `got` below p, and `wanted` modulo p? */
static void
check_fe(const struct fe *got, const BIGNUM *wanted)
{
    BIGNUM *found = BN_new(), *rest = BN_new();

    bn_of(got, found);
    BN_nnmod(rest, wanted, all.p, all.ctx);
    assert_int_equal(BN_cmp(found, rest), 0);
    BN_free(found);
    BN_free(rest);
}

static void
test_the_field_is_that_of_big_numbers(void **state)
{
    BIGNUM *x = BN_new(), *y = BN_new(), *z = BN_new(), *one_over_r = BN_new();

    (void)state;
    BN_lshift(z, BN_value_one(), 256);
    BN_mod_inverse(one_over_r, z, all.p, all.ctx);
    for (unsigned i = 0; i < FIELD_CASES; i++) {
        struct fe a, b, out;
        choose_fe(&a);
        choose_fe(&b);
        bn_of(&a, x);
        bn_of(&b, y);
        BN_add(z, x, y);
        fe_add(&out, &a, &b);
        check_fe(&out, z);
        BN_sub(z, x, y);
        fe_sub(&out, &a, &b);
        check_fe(&out, z);
        assert_int_equal(fe_is_zero(&out), BN_is_zero(z));
        assert_int_equal(fe_equal(&a, &b), BN_is_zero(z));
        BN_mul(z, x, y, all.ctx);
        BN_mul(z, z, one_over_r, all.ctx);
        fe_mul(&out, &a, &b);
        check_fe(&out, z);
        BN_sqr(z, x, all.ctx);
        BN_mul(z, z, one_over_r, all.ctx);
        fe_square(&out, &a);
        check_fe(&out, z);
        fe_sub(&out, &a, &a);
        assert_true(fe_is_zero(&out)); /* zero is 0, never p */
    }
    BN_free(x);
    BN_free(y);
    BN_free(z);
    BN_free(one_over_r);
}

static void
test_inverses_are_those_of_big_numbers(void **state)
{
    BIGNUM *x = BN_new(), *y = BN_new();

    (void)state;
    for (unsigned i = 0; i < FIELD_CASES; i++) {
        const BIGNUM *modulus = i & 1 ? all.p : all.n;
        uint64_t in[4], out[4], wanted[4];
        choose_scalar(x, i / 2);
        BN_nnmod(x, x, modulus, all.ctx);
        BN_mod_inverse(y, x, modulus, all.ctx);
        bn_to_64(x, in);
        bn_to_64(y, wanted);
        if (i & 1)
            modinv_field(in, out);
        else
            modinv_order(in, out);
        assert_memory_equal(out, wanted, sizeof(wanted));
    }
    BN_free(x);
    BN_free(y);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_wycheproof_vector_is_judged_rightly_on_every_level),
        cmocka_unit_test(test_the_field_is_that_of_big_numbers),
        cmocka_unit_test(test_inverses_are_those_of_big_numbers),
        cmocka_unit_test(test_equal_and_opposite_points_in_any_step_are_asked_of_openssl),
        cmocka_unit_test(test_chosen_scalars_and_keys_are_judged_as_by_openssl),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
