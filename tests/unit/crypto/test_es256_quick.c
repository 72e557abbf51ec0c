/* SPDX-License-Identifier: Apache-2.0
 *
 * Signing in lanes: against the vectors of RFC 6979, against OpenSSL's k·G for chosen k,
 * and against its verification; and what happens when the arithmetic goes wrong. */
#include "quick_support.h"

#include "base/auto.h"
#include "crypto/sha256.h"
#include "crypto/sha512.h"

#include <pthread.h>

/* The one odd k whose last addition is of two equal points: its digits are those of n,
 * every other one turned. */
static const char STRANGE_HEX[] =
    "e1e1e1e11e1e1e1ee1e1e1e1e1e1e1e1a2f8e4b3b909809aeda7d4dce27d3b4f";

static bool
sign_by(const uint64_t k[4], const uint8_t digest[ES256_DIGEST_BYTES], uint8_t out[64])
{
    return es256_quick_sign_by(all.quick, digest, k, all.random, out);
}

static void
test_the_nonces_of_rfc_6979_make_its_signatures(void **state)
{
    static const struct {
        const char *message, *k, *signature;
        bool is_sha512; /* of which the first 32 bytes are signed */
    } KNOWN[] = {
        {"sample", "A6E3C57DD01ABE90086538398355DD4C3B17AA873382B0F24D6129493D8AAD60",
         "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716"
         "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8",
         false},
        {"test", "D16B6AE827F17175E040871A1C7EC3500192C4C92677336EC2537ACAEE0008E0",
         "F1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367"
         "019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083",
         false},
        {"sample", "5FA81C63109BADB88C1F367B47DA606DA28CAD69AA22C4FE6AD7DF73A7173AA5",
         "8496A60B5E9B47C825488827E0495B0E3FA109EC4568FD3F8D1097678EB97F00"
         "2362AB1ADBE2B8ADF9CB9EDAB740EA6049C028114F2460F96554F61FAE3302FE",
         true},
    };

    (void)state;
    if (!es256_lanes_are_there())
        skip();
    for (size_t i = 0; i < COUNT_OF(KNOWN); i++) {
        uint8_t digest[SHA512_BYTES], signature[64], wanted[64];
        uint64_t k[4];

        if (KNOWN[i].is_sha512)
            sha512(slice_of(KNOWN[i].message), digest);
        else
            sha256(slice_of(KNOWN[i].message), digest);
        read_number(KNOWN[i].k, k);
        from_hex(KNOWN[i].signature, wanted, sizeof(wanted));
        assert_true(sign_by(k, digest, signature));
        assert_memory_equal(signature, wanted, 64);
    }
}

static void
test_kg_is_what_openssl_has_for_chosen_k(void **state)
{
    const struct base_table *table = es256_base_table();
    uint64_t blind[4] = {0x4711, 0, 0, 0x0815};

    (void)state;
    if (!es256_lanes_are_there())
        skip();
    for (int n = 0; n < 6 * 256; n++) {
        uint64_t k[4], x[4], wanted[4];
        choose_k(n, k);
        x_by_openssl(k, wanted);
        random_fill(blind, sizeof(blind[0]));
        assert_true(es256_base_x(table, k, blind, x));
        assert_memory_equal(x, wanted, sizeof(x));
    }
}

static void
test_what_is_inverted_may_be_hidden_by_any_factor(void **state)
{
    static const char *const BLINDS[] = {
        "0000000000000000000000000000000000000000000000000000000000000001",
        "8000000000000000000000000000000000000000000000000000000000000000",
        "ffffffff00000001000000000000000000000000fffffffffffffffffffffffe", /* p - 1 */
        "00000000ffffffff00000000ffffffff00000000ffffffff00000000ffffffff",
    };
    static const char *const NONE[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff", /* p */
    };
    uint64_t k[4], wanted[4], blind[4], x[4];

    (void)state;
    if (!es256_lanes_are_there())
        skip();
    choose_k(6 * 256, k);
    x_by_openssl(k, wanted);
    for (size_t i = 0; i < COUNT_OF(BLINDS); i++) {
        read_number(BLINDS[i], blind);
        assert_true(es256_base_x(es256_base_table(), k, blind, x));
        assert_memory_equal(x, wanted, sizeof(x));
    }
    for (size_t i = 0; i < COUNT_OF(NONE); i++) {
        read_number(NONE[i], blind);
        assert_false(es256_base_x(es256_base_table(), k, blind, x));
    }
    /* random bytes that make no factor make no signature; OpenSSL signs then */
    uint8_t digest[ES256_DIGEST_BYTES] = {1}, random[ES256_QUICK_RANDOM_BYTES];
    uint8_t signature[64];
    for (size_t at = 32; at < sizeof(random); at += 32) {
        memcpy(random, all.random, sizeof(random));
        memset(random + at, 0, 32);
        assert_false(es256_quick_sign_by(all.quick, digest, k, random, signature));
        memset(random + at, 0xff, 32);
        assert_false(es256_quick_sign_by(all.quick, digest, k, random, signature));
    }
}

static void
test_the_one_exceptional_sum_is_noticed(void **state)
{
    uint8_t digest[ES256_DIGEST_BYTES] = {1}, signature[64];
    uint64_t k[4], x[4], other[4];
    uint64_t blind[4] = {5};

    (void)state;
    if (!es256_lanes_are_there())
        skip();
    read_number(STRANGE_HEX, k);
    assert_false(es256_base_x(es256_base_table(), k, blind, x));
    assert_false(sign_by(k, digest, signature));
    order_sub(ORDER_N, k, other);
    assert_false(sign_by(other, digest, signature));
    k[0] += 2;
    assert_true(es256_base_x(es256_base_table(), k, blind, x));
    assert_true(sign_by(k, digest, signature));
    assert_true(fits(digest, signature));
    k[0] -= 4;
    assert_true(sign_by(k, digest, signature));
    memset(k, 0, sizeof(k)); /* has no inverse, and no point */
    assert_false(sign_by(k, digest, signature));
}

static void
test_signatures_by_chosen_nonces_verify(void **state)
{
    (void)state;
    if (!es256_lanes_are_there())
        skip();
    for (int n = 0; n < 6 * 256; n += 7) {
        uint8_t digest[ES256_DIGEST_BYTES], signature[64];
        uint64_t k[4];

        choose_k(n, k);
        if (n % 2 == 0)
            order_sub(ORDER_N, k, k); /* an even one */
        memset(digest, n % 3 == 0 ? 0xff : n % 3 == 1 ? 0 : n, sizeof(digest));
        assert_true(sign_by(k, digest, signature));
        assert_true(fits(digest, signature));
        digest[31] ^= 1;
        assert_false(fits(digest, signature));
    }
}

static void
test_a_nonce_is_of_the_key_the_random_bytes_and_the_digest(void **state)
{
    uint8_t digest[ES256_DIGEST_BYTES] = {7}, seed[96], wide[SHA512_BYTES], bytes[32];
    uint8_t random[ES256_QUICK_RANDOM_BYTES];
    BIGNUM *number, *n = NULL;
    uint64_t k[4], other[4], wanted[4];
    BN_CTX *ctx = BN_CTX_new();

    (void)state;
    if (!es256_lanes_are_there())
        skip();
    memcpy(random, all.random, sizeof(random));
    es256_quick_nonce(all.quick, digest, random, k);

    from_hex(D_HEX, seed, 32);
    memcpy(seed + 32, random, 32);
    memcpy(seed + 64, digest, 32);
    sha512((struct slice){seed, sizeof(seed)}, wide);
    number = BN_bin2bn(wide, sizeof(wide), NULL);
    BN_hex2bn(&n, "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    BN_nnmod(number, number, n, ctx);
    BN_bn2binpad(number, bytes, 32);
    order_read(bytes, wanted);
    assert_memory_equal(k, wanted, sizeof(k));

    es256_quick_nonce(all.quick, digest, random, other);
    assert_memory_equal(k, other, sizeof(k)); /* and of nothing else */
    digest[0] ^= 1; /* the same random bytes again: not the same nonce */
    es256_quick_nonce(all.quick, digest, random, other);
    assert_memory_not_equal(k, other, sizeof(k));
    digest[0] ^= 1;
    random[31] ^= 1;
    es256_quick_nonce(all.quick, digest, random, other);
    assert_memory_not_equal(k, other, sizeof(k));
    BN_free(number);
    BN_free(n);
    BN_CTX_free(ctx);
}

enum { MANY = 2000, THREADS = 4 };

static int
compare_r(const void *a, const void *b)
{
    return memcmp(a, b, 32);
}

static void *
sign_many(void *at)
{
    uint8_t(*signatures)[64] = at;
    uint8_t digest[ES256_DIGEST_BYTES] = {9};

    for (int i = 0; i < MANY; i++) {
        if (!es256_quick_sign(all.quick, digest, signatures[i]))
            signatures[i][0] = signatures[i][1] = signatures[i][2] = 0;
    }
    return NULL;
}

/* By four threads at once; and as r is x(k·G), two that are alike would be two nonces
 * that are alike. */
static void
test_every_signature_verifies_and_no_nonce_comes_twice(void **state)
{
    static uint8_t signatures[THREADS * MANY][64];
    uint8_t digest[ES256_DIGEST_BYTES] = {9};
    pthread_t threads[THREADS];
    int ones[32] = {0};

    (void)state;
    if (!es256_lanes_are_there())
        skip();
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(
            pthread_create(&threads[i], NULL, sign_many, signatures[i * MANY]), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < THREADS * MANY; i++) {
        if (i % 4 == 0) /* verifying takes a while */
            assert_true(fits(digest, signatures[i]));
        for (int bit = 0; bit < 32; bit++) /* of s, which is uniform */
            ones[bit] += signatures[i][32 + bit] & 1;
    }
    qsort(signatures, THREADS * MANY, 64, compare_r);
    for (int i = 1; i < THREADS * MANY; i++)
        assert_int_not_equal(compare_r(signatures[i - 1], signatures[i]), 0);
    for (int bit = 0; bit < 32; bit++) { /* 8 standard deviations: 45 each */
        assert_in_range(ones[bit], THREADS * MANY / 2 - 360, THREADS * MANY / 2 + 360);
    }
}

static void
test_a_key_signs_by_openssl_until_it_is_quickened(void **state)
{
    struct es256_private *private AUTO(es256_private_free) = NULL;
    uint8_t signature[64], digest[SHA256_BYTES], point[PUBLIC_KEY_BYTES];
    struct es256_key *key = NULL;
    bool is_right = false;

    (void)state;
    assert_int_equal(es256_private_make(&private), STATUS_OK);
    es256_private_point(private, point);
    assert_int_equal(es256_key_new(point, &key), STATUS_OK);
    sha256(SLICE("message"), digest);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(es256_private_is_quick(private),
                         i == 1 && es256_lanes_are_there());
        assert_int_equal(es256_sign(private, SLICE("message"), signature), STATUS_OK);
        assert_int_equal(
            es256_verify(key, digest, (struct slice){signature, 64}, &is_right),
            STATUS_OK);
        assert_true(is_right);
        assert_int_equal(es256_private_quicken(private),
                         es256_lanes_are_there() ? STATUS_OK : STATUS_UNAVAILABLE);
    }
    es256_key_free(&key);
}

static void
test_a_first_signature_that_does_not_verify_means_no_quick_way(void **state)
{
    static const char STRANGER[] = /* G: the public key of d = 1 */
        "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
        "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";

    (void)state;
    if (!es256_lanes_are_there())
        skip();
    assert_null(make_quick(STRANGER, STATUS_BROKEN));
}

/* Exchanges two points of every window: sums are on the curve then, but wrong ones. */
static void
exchange_points(struct base_table *table)
{
    assert_int_equal(mprotect(table, sizeof(*table), PROT_READ | PROT_WRITE), 0);
    for (int row = 0; row < BASE_ROWS; row++) {
        uint64_t kept[BASE_WORDS][BASE_LANES];
        memcpy(kept, table->word[row][0], sizeof(kept));
        memcpy(table->word[row][0], table->word[row][3], sizeof(kept));
        memcpy(table->word[row][3], kept, sizeof(kept));
    }
    assert_int_equal(mprotect(table, sizeof(*table), PROT_READ), 0);
}

static void
change_a_bit_of_every_point(struct base_table *table, int word)
{
    assert_int_equal(mprotect(table, sizeof(*table), PROT_READ | PROT_WRITE), 0);
    for (int row = 0; row < BASE_ROWS; row++) {
        for (int entry = 0; entry < BASE_ENTRIES; entry++)
            for (int l = 0; l < BASE_LANES; l++)
                table->word[row][entry][word][l] ^= 1 << 20;
    }
    assert_int_equal(mprotect(table, sizeof(*table), PROT_READ), 0);
}

static void
test_a_wrong_point_is_noticed_at_once_and_a_wrong_sum_by_samples(void **state)
{
    union { /* the tests' own way past the const */
        const struct base_table *given;
        struct base_table *mine;
    } table = {es256_base_table()};
    uint8_t digest[ES256_DIGEST_BYTES] = {3}, signature[64], nothing[64] = {0};
    int given_out = 0;

    (void)state;
    if (!es256_lanes_are_there())
        skip();
    for (int word = 0; word < BASE_WORDS; word++) {
        change_a_bit_of_every_point(table.mine, word);
        memset(signature, 1, sizeof(signature));
        assert_false(es256_quick_sign(all.quick, digest, signature));
        assert_memory_equal(signature, nothing, sizeof(signature));
        change_a_bit_of_every_point(table.mine, word);
        assert_true(es256_quick_sign(all.quick, digest, signature));
        assert_true(fits(digest, signature));
    }
    exchange_points(table.mine);
    while (es256_quick_sign(all.quick, digest, signature) && given_out <= 1024)
        given_out++;
    assert_in_range(given_out, 0, 1024);
    assert_false(es256_quick_is_on(all.quick));
    exchange_points(table.mine);
    /* it is off for good, although the arithmetic is right again */
    assert_false(es256_quick_sign(all.quick, digest, signature));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_nonces_of_rfc_6979_make_its_signatures),
        cmocka_unit_test(test_kg_is_what_openssl_has_for_chosen_k),
        cmocka_unit_test(test_what_is_inverted_may_be_hidden_by_any_factor),
        cmocka_unit_test(test_the_one_exceptional_sum_is_noticed),
        cmocka_unit_test(test_signatures_by_chosen_nonces_verify),
        cmocka_unit_test(test_a_nonce_is_of_the_key_the_random_bytes_and_the_digest),
        cmocka_unit_test(test_every_signature_verifies_and_no_nonce_comes_twice),
        cmocka_unit_test(test_a_key_signs_by_openssl_until_it_is_quickened),
        cmocka_unit_test(test_a_first_signature_that_does_not_verify_means_no_quick_way),
        cmocka_unit_test(
            test_a_wrong_point_is_noticed_at_once_and_a_wrong_sum_by_samples),
    };

    return cmocka_run_group_tests(tests, open_all, close_all);
}
