/* SPDX-License-Identifier: Apache-2.0
 *
 * Up to 16 signatures at once, in eight lanes: against OpenSSL's k·G for chosen k,
 * against its verification, and what happens when one of them is exceptional or wrong. */
#include "quick_support.h"

#include "base/auto.h"
#include "crypto/sha256.h"

#include <stdio.h>

/* The one odd k whose last addition is of two equal points, when windows are summed in
 * their order: 126·2^250 - n. */
static const char STRANGE_HEX[] =
    "f8000000ffffffff00000000000000004319055258e8617b0c46353d039cdaaf";

static void
random_blind(uint64_t blind[4])
{
    random_fill(blind, 4 * sizeof(*blind));
    blind[3] >>= 1; /* below p */
}

static void
test_several_kg_are_what_openssl_has_for_chosen_k(void **state)
{
    (void)state;
    if (!es256_lanes_are_there())
        skip();
    for (int n = 0; n < 6 * 256; n += BASE_LANES) {
        uint64_t k[BASE_TOGETHER][4], x[BASE_TOGETHER][4], wanted[4], blind[4];
        size_t groups = 1 + n / BASE_LANES % BASE_GROUPS;
        for (size_t i = 0; i < groups * BASE_LANES; i++) /* of all kinds side by side */
            choose_k((n + (int)i * 197) % (6 * 256), k[i]);
        random_blind(blind);
        assert_true(es256_eight_x(es256_eight_table(), groups, k, blind, x));
        for (size_t i = 0; i < groups * BASE_LANES; i++) {
            x_by_openssl(k[i], wanted);
            assert_memory_equal(x[i], wanted, sizeof(wanted));
        }
    }
}

static void
test_the_same_k_in_all_lanes_is_no_exception(void **state)
{
    uint64_t k[BASE_TOGETHER][4], x[BASE_TOGETHER][4], wanted[4], blind[4];

    (void)state;
    if (!es256_lanes_are_there())
        skip();
    for (int i = 0; i < BASE_TOGETHER; i++)
        choose_k(300, k[i]);
    x_by_openssl(k[0], wanted);
    random_blind(blind);
    assert_true(es256_eight_x(es256_eight_table(), BASE_GROUPS, k, blind, x));
    for (int i = 0; i < BASE_TOGETHER; i++)
        assert_memory_equal(x[i], wanted, sizeof(wanted));
}

static void
test_the_one_exceptional_sum_is_noticed_in_every_lane(void **state)
{
    uint64_t k[BASE_TOGETHER][4], x[BASE_TOGETHER][4], wanted[4], blind[4];

    (void)state;
    if (!es256_lanes_are_there())
        skip();
    for (int lane = 0; lane < BASE_TOGETHER; lane++) {
        for (int i = 0; i < BASE_TOGETHER; i++)
            choose_k(5 * 256 + i, k[i]);
        random_blind(blind);
        read_number(STRANGE_HEX, k[lane]);
        assert_false(es256_eight_x(es256_eight_table(), BASE_GROUPS, k, blind, x));
        for (int step = 0; step < 2; step++) { /* and its neighbours are not */
            k[lane][0] += step == 0 ? 2 : (uint64_t)-4;
            assert_true(es256_eight_x(es256_eight_table(), BASE_GROUPS, k, blind, x));
            x_by_openssl(k[lane], wanted);
            assert_memory_equal(x[lane], wanted, sizeof(wanted));
        }
    }
}

static void
test_what_is_inverted_is_hidden_by_a_factor_from_1_to_p_less_1(void **state)
{
    static const char *const BLINDS[] = {
        "0000000000000000000000000000000000000000000000000000000000000001",
        "ffffffff00000001000000000000000000000000fffffffffffffffffffffffe", /* p - 1 */
    };
    uint64_t k[BASE_TOGETHER][4], x[BASE_TOGETHER][4], wanted[4], blind[4] = {0};

    (void)state;
    if (!es256_lanes_are_there())
        skip();
    for (int i = 0; i < BASE_TOGETHER; i++)
        choose_k(5 * 256 + i, k[i]);
    x_by_openssl(k[7], wanted);
    assert_false(es256_eight_x(es256_eight_table(), BASE_GROUPS, k, blind, x));
    for (size_t i = 0; i < COUNT_OF(BLINDS); i++) {
        read_number(BLINDS[i], blind);
        assert_true(es256_eight_x(es256_eight_table(), BASE_GROUPS, k, blind, x));
        assert_memory_equal(x[7], wanted, sizeof(wanted));
    }
}

static void
fill_digests(uint8_t digests[BASE_TOGETHER][ES256_DIGEST_BYTES], int n)
{
    for (int i = 0; i < BASE_TOGETHER; i++)
        memset(digests[i], i == 0 ? 0xff : i == 1 ? 0 : n + i, ES256_DIGEST_BYTES);
    for (int i = 2; i < BASE_TOGETHER; i++)
        digests[i][0] = (uint8_t)i; /* no two are alike */
}

static void
test_signatures_by_chosen_nonces_are_those_that_are_made_one_by_one(void **state)
{
    (void)state;
    if (!es256_lanes_are_there())
        skip();
    for (int n = 0; n < 6 * 256; n += 3 * BASE_TOGETHER) {
        uint8_t digests[BASE_TOGETHER][ES256_DIGEST_BYTES], signatures[BASE_TOGETHER][64];
        uint64_t k[BASE_TOGETHER][4];
        uint8_t alone[64];

        fill_digests(digests, n);
        for (int i = 0; i < BASE_TOGETHER; i++) {
            choose_k(n + i, k[i]);
            if (i % 2 == 0)
                order_sub(ORDER_N, k[i], k[i]); /* an even one */
        }
        assert_true(es256_quick_sign_all_by(all.quick, BASE_TOGETHER, digests, k,
                                            all.random, signatures));
        for (int i = 0; i < BASE_TOGETHER; i++) {
            assert_true(
                es256_quick_sign_by(all.quick, digests[i], k[i], all.random, alone));
            assert_memory_equal(signatures[i], alone, 64);
            assert_true(fits(digests[i], signatures[i]));
            assert_false(fits(digests[(i + 1) % BASE_TOGETHER], signatures[i]));
        }
    }
}

static void
test_any_number_up_to_16_is_signed_and_nothing_else_is_written(void **state)
{
    uint8_t digests[BASE_TOGETHER][ES256_DIGEST_BYTES], signatures[BASE_TOGETHER][64];
    uint8_t untouched[64];

    (void)state;
    if (!es256_lanes_are_there())
        skip();
    fill_digests(digests, 7);
    memset(untouched, 0x55, sizeof(untouched));
    for (size_t count = 1; count <= BASE_TOGETHER; count++) {
        memset(signatures, 0x55, sizeof(signatures));
        assert_true(es256_quick_sign_all(all.quick, count, digests, signatures));
        for (size_t i = 0; i < BASE_TOGETHER; i++) {
            if (i < count)
                assert_true(fits(digests[i], signatures[i]));
            else
                assert_memory_equal(signatures[i], untouched, 64);
        }
    }
}

static void
test_a_nonce_that_cannot_be_used_means_that_none_is_signed(void **state)
{
    uint8_t digests[BASE_TOGETHER][ES256_DIGEST_BYTES], signatures[BASE_TOGETHER][64];
    uint8_t random[ES256_QUICK_RANDOM_BYTES];
    uint64_t k[BASE_TOGETHER][4];

    (void)state;
    if (!es256_lanes_are_there())
        skip();
    fill_digests(digests, 7);
    for (int bad = 0; bad < BASE_TOGETHER; bad++) {
        for (int i = 0; i < BASE_TOGETHER; i++)
            choose_k(5 * 256 + i, k[i]);
        read_number(STRANGE_HEX, k[bad]);
        assert_false(es256_quick_sign_all_by(all.quick, BASE_TOGETHER, digests, k,
                                             all.random, signatures));
        memset(k[bad], 0, sizeof(k[bad])); /* has no inverse, and no point */
        assert_false(es256_quick_sign_all_by(all.quick, BASE_TOGETHER, digests, k,
                                             all.random, signatures));
        k[bad][0] = 2;
        assert_true(es256_quick_sign_all_by(all.quick, BASE_TOGETHER, digests, k,
                                            all.random, signatures));
    }
    for (size_t at = 32; at < sizeof(random); at += 32) { /* a factor that is none */
        memcpy(random, all.random, sizeof(random));
        memset(random + at, 0, 32);
        assert_false(es256_quick_sign_all_by(all.quick, BASE_TOGETHER, digests, k, random,
                                             signatures));
    }
}

enum { GROUPS = 400 };

static int
compare_r(const void *a, const void *b)
{
    return memcmp(a, b, 32);
}

/* As r is x(k·G), two that are alike would be two nonces that are alike. */
static void
test_no_nonce_comes_twice_also_for_the_same_digest(void **state)
{
    static uint8_t signatures[GROUPS][BASE_TOGETHER][64];
    uint8_t digests[BASE_TOGETHER][ES256_DIGEST_BYTES] = {{0}};
    uint8_t(*sorted)[64] = signatures[0];

    (void)state;
    if (!es256_lanes_are_there())
        skip();
    for (int i = 0; i < GROUPS; i++) {
        assert_true(
            es256_quick_sign_all(all.quick, BASE_TOGETHER, digests, signatures[i]));
        assert_true(fits(digests[0], signatures[i][i % BASE_TOGETHER]));
    }
    qsort(sorted, GROUPS * BASE_TOGETHER, 64, compare_r);
    for (int i = 1; i < GROUPS * BASE_TOGETHER; i++)
        assert_int_not_equal(compare_r(sorted[i - 1], sorted[i]), 0);
}

enum { MESSAGES = 45 };

/* By OpenSSL, then the quick way: any number, each over its own digest. */
static void
test_any_number_of_digests_is_signed(void **state)
{
    struct es256_private *private AUTO(es256_private_free) = NULL;
    uint8_t signatures[MESSAGES][64], digests[MESSAGES][SHA256_BYTES];
    uint8_t point[PUBLIC_KEY_BYTES];
    struct es256_key *key = NULL;
    bool is_right = false;

    (void)state;
    assert_int_equal(es256_private_make(&private), STATUS_OK);
    es256_private_point(private, point);
    assert_int_equal(es256_key_new(point, &key), STATUS_OK);
    for (size_t i = 0; i < MESSAGES; i++)
        sha256((struct slice){(const unsigned char *)&i, sizeof(i)}, digests[i]);
    for (int is_quick = 0; is_quick < 2; is_quick++) {
        for (size_t count = 0; count <= MESSAGES; count++) {
            memset(signatures, 0, sizeof(signatures));
            assert_int_equal(es256_sign_all(private, count, digests, signatures),
                             STATUS_OK);
            for (size_t i = 0; i < MESSAGES; i++) {
                assert_int_equal(es256_verify(key, digests[i],
                                              (struct slice){signatures[i], 64},
                                              &is_right),
                                 STATUS_OK);
                assert_int_equal(is_right, i < count);
            }
        }
        assert_int_equal(es256_private_quicken(private),
                         es256_lanes_are_there() ? STATUS_OK : STATUS_UNAVAILABLE);
    }
    es256_key_free(&key);
}

/* Exchanges neighbours in every window: sums are on the curve then, but wrong ones. */
static void
exchange_entries(struct eight_table *table)
{
    assert_int_equal(mprotect(table, sizeof(*table), PROT_READ | PROT_WRITE), 0);
    for (int window = 0; window < EIGHT_WINDOWS; window++) {
        for (int w = 0; w < BASE_WORDS; w++) {
            uint64_t *words = table->word[window][w];
            for (int i = 0; i < EIGHT_ENTRIES; i += 2) {
                uint64_t kept = words[i];
                words[i] = words[i + 1];
                words[i + 1] = kept;
            }
        }
    }
    assert_int_equal(mprotect(table, sizeof(*table), PROT_READ), 0);
}

static void
change_a_bit(struct eight_table *table, int word)
{
    assert_int_equal(mprotect(table, sizeof(*table), PROT_READ | PROT_WRITE), 0);
    for (int window = 0; window < EIGHT_WINDOWS; window++) {
        for (int i = 0; i < EIGHT_ENTRIES; i++)
            table->word[window][word][i] ^= 1 << 20;
    }
    assert_int_equal(mprotect(table, sizeof(*table), PROT_READ), 0);
}

static void
test_a_wrong_point_is_noticed_at_once_and_a_wrong_sum_by_samples(void **state)
{
    union { /* the tests' own way past the const */
        const struct eight_table *given;
        struct eight_table *mine;
    } table = {es256_eight_table()};
    uint8_t digests[BASE_TOGETHER][ES256_DIGEST_BYTES] = {{3}};
    uint8_t signatures[BASE_TOGETHER][64], nothing[BASE_TOGETHER][64] = {{0}};
    int given_out = 0;

    (void)state;
    if (!es256_lanes_are_there())
        skip();
    for (int word = 0; word < BASE_WORDS; word++) {
        change_a_bit(table.mine, word);
        memset(signatures, 1, sizeof(signatures));
        assert_false(es256_quick_sign_all(all.quick, BASE_TOGETHER, digests, signatures));
        assert_memory_equal(signatures, nothing, sizeof(signatures));
        change_a_bit(table.mine, word);
        assert_true(es256_quick_sign_all(all.quick, BASE_TOGETHER, digests, signatures));
        assert_true(fits(digests[0], signatures[0]));
    }
    exchange_entries(table.mine);
    while (es256_quick_sign_all(all.quick, BASE_TOGETHER, digests, signatures) &&
           given_out <= 1024)
        given_out += BASE_TOGETHER;
    assert_in_range(given_out, 0, 1024);
    assert_false(es256_quick_is_on(all.quick));
    exchange_entries(table.mine);
    /* it is off for good, although the arithmetic is right again */
    assert_false(es256_quick_sign_all(all.quick, BASE_TOGETHER, digests, signatures));
}

/* ---- what is left on the stack ---- */

enum { STACK_LOOKED_AT = 64 * 1024, DEEP = 8 * 1024, WIPING = 64, PAINT = 0xa5 };

struct left {
    int needles;
    int deep; /* bytes of anything that lie where only the lanes come to, and the wiping
               */
};

/* Limbs of d and of what is kept of it, of 64 bits and of 52; each turned, so that
 * whoever looks for them does not leave them where he looks. */
static uint64_t needles[12];

static void
fill_needles(void)
{
    uint64_t d[4], d_lanes[4]; /* times 2^260 */

    read_number(D_HEX, d);
    order_times_r(d, d_lanes);
    for (int i = 0; i < 4; i++)
        order_add_modulo(d_lanes, d_lanes, d_lanes);
    for (int i = 0; i < 4; i++) {
        needles[i] = ~d[i];
        needles[4 + i] = ~d_lanes[i];
    }
    needles[8] = ~(d[0] & (UINT64_MAX >> 12));
    needles[9] = ~((d[0] >> 52 | d[1] << 12) & (UINT64_MAX >> 12));
    needles[10] = ~(d_lanes[0] & (UINT64_MAX >> 12));
    needles[11] = ~((d_lanes[0] >> 52 | d_lanes[1] << 12) & (UINT64_MAX >> 12));
}

/* What does `act` leave below us? */
static __attribute__((noinline)) struct left
look_below(void (*act)(void))
{
    volatile unsigned char *end = __builtin_alloca(64);
    struct left left = {0};

    __asm__("" : "+r"(end)); /* the compiler is not to know what it points to */
    volatile unsigned char *from = end - STACK_LOOKED_AT;
    for (size_t i = 0; i < STACK_LOOKED_AT; i++)
        from[i] = PAINT;
    act();
    for (size_t at = 0; at + 8 <= STACK_LOOKED_AT; at++) {
        uint64_t word = 0;
        for (size_t i = 0; i < 8; i++)
            word |= (uint64_t)from[at + i] << 8 * i;
        for (size_t i = 0; i < COUNT_OF(needles); i++)
            left.needles += ~word == needles[i] || ~__builtin_bswap64(word) == needles[i];
        left.deep += at < STACK_LOOKED_AT - DEEP && from[at] != 0 && from[at] != PAINT;
    }
    return left;
}

static uint8_t left_digests[BASE_TOGETHER][ES256_DIGEST_BYTES];
static uint8_t left_signatures[BASE_TOGETHER][64];

static __attribute__((noinline)) void
sign_many(void)
{
    assert_true(
        es256_quick_sign_all(all.quick, BASE_TOGETHER, left_digests, left_signatures));
}

static __attribute__((noinline)) void
sign_one(void)
{
    assert_true(es256_quick_sign(all.quick, left_digests[0], left_signatures[0]));
}

static __attribute__((noinline)) void
leave_some(void)
{
    volatile uint64_t copy[2048];

    for (size_t i = 0; i < COUNT_OF(copy); i++)
        copy[i] = ~needles[i % COUNT_OF(needles)];
}

/* Sanitizers lay stacks out in their own way: `tools/check es256` runs this without. */
static void
test_nothing_of_the_key_is_left_on_the_stack(void **state)
{
    int clean = 0;

    (void)state;
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
    skip();
#endif
#endif
    if (!es256_lanes_are_there())
        skip();
    fill_needles();
    assert_in_range(look_below(leave_some).needles, 400, 3000);
    assert_int_not_equal(look_below(leave_some).deep, 0);
    for (int i = 0; i < 100; i++) {
        struct left many = look_below(sign_many);
        assert_int_equal(many.needles, 0);
        assert_int_equal(look_below(sign_one).needles, 0);
        clean += many.deep <= WIPING;
    }
    assert_in_range(clean, 95, 100); /* after the others OpenSSL has verified one */
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_several_kg_are_what_openssl_has_for_chosen_k),
        cmocka_unit_test(test_the_same_k_in_all_lanes_is_no_exception),
        cmocka_unit_test(test_the_one_exceptional_sum_is_noticed_in_every_lane),
        cmocka_unit_test(test_what_is_inverted_is_hidden_by_a_factor_from_1_to_p_less_1),
        cmocka_unit_test(
            test_signatures_by_chosen_nonces_are_those_that_are_made_one_by_one),
        cmocka_unit_test(test_any_number_up_to_16_is_signed_and_nothing_else_is_written),
        cmocka_unit_test(test_a_nonce_that_cannot_be_used_means_that_none_is_signed),
        cmocka_unit_test(test_no_nonce_comes_twice_also_for_the_same_digest),
        cmocka_unit_test(test_any_number_of_digests_is_signed),
        cmocka_unit_test(test_nothing_of_the_key_is_left_on_the_stack),
        cmocka_unit_test(
            test_a_wrong_point_is_noticed_at_once_and_a_wrong_sum_by_samples),
    };

    return cmocka_run_group_tests(tests, open_all, close_all);
}
