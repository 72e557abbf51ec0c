/* SPDX-License-Identifier: Apache-2.0
 *
 * All Wycheproof vectors for P-256 with SHA-256 in P1363 form, our DER against OpenSSL's
 * own, and the neighbours of right signatures. */
#include "support.h"

#include "base/random.h"
#include "crypto/es256.h"
#include "crypto/es256_inside.h"
#include "crypto/sha256.h"

#include <jansson.h>
#include <openssl/bn.h>
#include <openssl/ec.h>

static const char ORDER_HEX[] =
    "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

static bool
fits(struct es256_key *key, struct slice message, struct slice signature)
{
    uint8_t digest[SHA256_BYTES];
    bool is_right = true; /* must be overwritten */

    sha256(message, digest);
    assert_int_equal(es256_verify(key, digest, signature, &is_right), STATUS_OK);
    return is_right;
}

static void
check_group(json_t *group, size_t *count)
{
    const char *point_hex = json_string_value(
        json_object_get(json_object_get(group, "publicKey"), "uncompressed"));
    uint8_t point[1 + PUBLIC_KEY_BYTES];
    uint8_t message[4096];
    uint8_t signature[256];
    struct es256_key *key = NULL;
    json_t *test;
    size_t i;

    assert_int_equal(from_hex(point_hex, point, sizeof(point)), sizeof(point));
    assert_int_equal(es256_key_new(point + 1, &key), STATUS_OK);
    json_array_foreach(json_object_get(group, "tests"), i, test)
    {
        const char *msg = json_string_value(json_object_get(test, "msg"));
        const char *sig = json_string_value(json_object_get(test, "sig"));
        const char *result = json_string_value(json_object_get(test, "result"));
        struct slice m = {message, from_hex(msg, message, sizeof(message))};
        struct slice s = {signature, from_hex(sig, signature, sizeof(signature))};
        bool is_right = fits(key, m, s);

        if (is_right != (strcmp(result, "valid") == 0))
            fail_msg("tcId %d: wanted %s",
                     (int)json_integer_value(json_object_get(test, "tcId")), result);
        (*count)++;
    }
    es256_key_free(&key);
}

static void
test_every_wycheproof_vector_is_judged_rightly(void **state)
{
    json_error_t error;
    json_t *root =
        json_load_file(VECTORS "/ecdsa_secp256r1_sha256_p1363_test.json", 0, &error);
    json_t *group;
    size_t count = 0;
    size_t i;

    (void)state;
    assert_non_null(root);
    json_array_foreach(json_object_get(root, "testGroups"), i, group)
        check_group(group, &count);
    assert_int_equal(count, json_integer_value(json_object_get(root, "numberOfTests")));
    assert_int_equal(count, 262);
    json_decref(root);
}

/* What OpenSSL makes of r and s. */
static size_t
der_by_openssl(const uint8_t raw[ES256_SIGNATURE_BYTES], uint8_t out[ES256_DER_MAX_BYTES])
{
    ECDSA_SIG *signature = ECDSA_SIG_new();
    unsigned char *at = out;

    ECDSA_SIG_set0(signature, BN_bin2bn(raw, 32, NULL), BN_bin2bn(raw + 32, 32, NULL));
    int len = i2d_ECDSA_SIG(signature, &at);
    assert_in_range(len, 8, ES256_DER_MAX_BYTES);
    ECDSA_SIG_free(signature);
    return (size_t)len;
}

static void
check_der(const uint8_t raw[ES256_SIGNATURE_BYTES])
{
    uint8_t ours[ES256_DER_MAX_BYTES];
    uint8_t theirs[ES256_DER_MAX_BYTES];
    size_t len = 0;

    assert_true(es256_der_from_raw(raw, ours, &len));
    assert_int_equal(len, der_by_openssl(raw, theirs));
    assert_memory_equal(ours, theirs, len);
}

/* Every number of leading zero bytes, with and without the top bit, in both halves. */
static void
test_der_is_what_openssl_writes(void **state)
{
    (void)state;
    for (size_t r_zeros = 0; r_zeros < 32; r_zeros++) {
        for (size_t s_zeros = 0; s_zeros < 32; s_zeros++) {
            for (int tops = 0; tops < 4; tops++) {
                uint8_t raw[ES256_SIGNATURE_BYTES];
                random_fill(raw, sizeof(raw));
                memset(raw, 0, r_zeros);
                memset(raw + 32, 0, s_zeros);
                raw[r_zeros] = tops & 1 ? 0x80 : 0x01;
                raw[32 + s_zeros] = tops & 2 ? 0x80 : 0x01;
                check_der(raw);
            }
        }
    }
}

static void
test_der_is_written_for_numbers_below_the_order_only(void **state)
{
    uint8_t raw[ES256_SIGNATURE_BYTES] = {0};
    uint8_t der[ES256_DER_MAX_BYTES];
    size_t len = 4711;

    (void)state;
    raw[63] = 1;
    assert_false(es256_der_from_raw(raw, der, &len)); /* r = 0 */
    raw[31] = 1;
    check_der(raw); /* r = s = 1 */
    raw[63] = 0;
    assert_false(es256_der_from_raw(raw, der, &len)); /* s = 0 */

    for (size_t half = 0; half < 64; half += 32) {
        memset(raw, 0, sizeof(raw));
        raw[31] = raw[63] = 1;
        from_hex(ORDER_HEX, raw + half, 32);
        assert_false(es256_der_from_raw(raw, der, &len)); /* n */
        raw[half + 31]++;
        assert_false(es256_der_from_raw(raw, der, &len)); /* n + 1 */
        raw[half + 31] -= 2;
        check_der(raw); /* n - 1 */
        memset(raw + half, 0xff, 32);
        assert_false(es256_der_from_raw(raw, der, &len)); /* 2^256 - 1 */
    }
    assert_int_equal(len, 4711); /* untouched by every no */
}

static void
test_a_signature_fits_its_message_and_key_only(void **state)
{
    struct es256_private *private = NULL;
    struct es256_private *stranger = NULL;
    struct es256_key *key = NULL;
    struct es256_key *other = NULL;
    uint8_t point[PUBLIC_KEY_BYTES];
    uint8_t signature[ES256_SIGNATURE_BYTES + 1] = {0};
    struct slice whole = {signature, ES256_SIGNATURE_BYTES};

    (void)state;
    assert_int_equal(es256_private_make(&private), STATUS_OK);
    assert_int_equal(es256_private_make(&stranger), STATUS_OK);
    es256_private_point(private, point);
    assert_int_equal(es256_key_new(point, &key), STATUS_OK);
    es256_private_point(stranger, point);
    assert_int_equal(es256_key_new(point, &other), STATUS_OK);

    assert_int_equal(es256_sign(private, SLICE("message"), signature), STATUS_OK);
    assert_true(fits(key, SLICE("message"), whole));
    assert_true(fits(key, SLICE("message"), whole)); /* the key is not used up */
    assert_false(fits(key, SLICE("messagf"), whole));
    assert_false(fits(other, SLICE("message"), whole));
    for (size_t len = 0; len <= 65; len++)
        assert_int_equal(fits(key, SLICE("message"), (struct slice){signature, len}),
                         len == 64);
    for (size_t byte = 0; byte < 64; byte++) {
        signature[byte] ^= 1;
        assert_false(fits(key, SLICE("message"), whole));
        signature[byte] ^= 1;
    }
    /* after so many wrong ones, a right one is still right */
    assert_true(fits(key, SLICE("message"), whole));

    /* DER, as `openssl dgst -sign` writes it, is not what a JWS carries */
    uint8_t der[ES256_DER_MAX_BYTES];
    size_t der_len = der_by_openssl(signature, der);
    assert_false(fits(key, SLICE("message"), (struct slice){der, der_len}));

    es256_key_free(&key);
    es256_key_free(&other);
    es256_private_free(&private);
    es256_private_free(&stranger);
    es256_private_free(&stranger); /* NULL is accepted */
}

static void
test_only_points_of_the_curve_become_keys(void **state)
{
    struct es256_private *private = NULL;
    struct es256_key *key = NULL;
    uint8_t point[PUBLIC_KEY_BYTES];

    (void)state;
    assert_int_equal(es256_private_make(&private), STATUS_OK);
    es256_private_point(private, point);
    point[63] ^= 1;
    assert_int_equal(es256_key_new(point, &key), STATUS_MALFORMED);
    memset(point, 0, sizeof(point));
    assert_int_equal(es256_key_new(point, &key), STATUS_MALFORMED);
    memset(point, 0xff, sizeof(point)); /* coordinates above p */
    assert_int_equal(es256_key_new(point, &key), STATUS_MALFORMED);
    /* x + p for a small x that has a point: the same number mod p, another spelling.
     * x = 5 has y = 459243b9…; p + 5 fits into 256 bits. */
    from_hex("ffffffff00000001000000000000000000000001000000000000000000000004"
             "459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc",
             point, sizeof(point));
    assert_int_equal(es256_key_new(point, &key), STATUS_MALFORMED);
    from_hex("0000000000000000000000000000000000000000000000000000000000000005"
             "459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc",
             point, sizeof(point));
    assert_null(key);
    assert_int_equal(es256_key_new(point, &key), STATUS_OK);
    es256_key_free(&key);
    es256_private_free(&private);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_wycheproof_vector_is_judged_rightly),
        cmocka_unit_test(test_der_is_what_openssl_writes),
        cmocka_unit_test(test_der_is_written_for_numbers_below_the_order_only),
        cmocka_unit_test(test_a_signature_fits_its_message_and_key_only),
        cmocka_unit_test(test_only_points_of_the_curve_become_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
