/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys as JSON: RFC 7515's own, and each restriction that must be believed. */
#include "support.h"

#include "base/auto.h"
#include "jose/jwk.h"

#define X  "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\""
#define Y  "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\""
#define EC "\"kty\":\"EC\",\"crv\":\"P-256\"," X "," Y
#define OCT                                                                 \
    "\"kty\":\"oct\",\"k\":\"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-" \
    "1qS0gZH75aKtMN3Y"                                                      \
    "j0iPS4hcgUuTwjAzZr1Z9CAow\""

static struct jwk
accept(const char *text)
{
    struct jwk jwk = {0};
    struct failure failure = {0};

    if (jwk_read(slice_of(text), &jwk, &failure) != STATUS_OK)
        fail_msg("%s: %s", failure.text, text);
    return jwk;
}

static void
refuse(const char *text, const char *word)
{
    struct jwk jwk = {0};
    struct failure failure = {0};

    if (jwk_read(slice_of(text), &jwk, &failure) != STATUS_MALFORMED)
        fail_msg("accepted: %s", text);
    assert_int_equal(jwk.alg, 0);
    if (!strstr(failure.text, word))
        fail_msg("wanted '%s', heard '%s'", word, failure.text);
}

static void
test_both_kinds_of_key_are_read(void **state)
{
    struct jwk jwk = accept("{" EC "}");

    (void)state;
    assert_int_equal(jwk.alg, ALG_ES256);
    assert_int_equal(jwk.point[0], 0x7f);
    assert_int_equal(jwk.point[63], 0xad);
    assert_false(jwk.has_private);
    jwk = accept("{" OCT ",\"kid\":\"x\",\"alg\":\"HS256\"}");
    assert_int_equal(jwk.alg, ALG_HS256);
    assert_int_equal(jwk.secret.len, 64);
    assert_int_equal(jwk.secret.at[0], 3);
    jwk_done(&jwk);
    assert_int_equal(jwk.secret.at[0], 0);
}

static void
test_the_public_part_of_a_private_key_is_enough(void **state)
{
    (void)state;
    assert_true(accept("{" EC ",\"d\":\"whatever\"}").has_private);
}

static void
test_what_a_key_may_not_do_is_believed(void **state)
{
    (void)state;
    accept("{" EC
           ",\"use\":\"sig\",\"key_ops\":[\"sign\",\"verify\"],\"alg\":\"ES256\"}");
    refuse("{" EC ",\"use\":\"enc\"}", "\"use\"");
    refuse("{" EC ",\"use\":1}", "\"use\"");
    refuse("{" EC ",\"key_ops\":[\"sign\"]}", "\"key_ops\"");
    refuse("{" OCT ",\"key_ops\":[]}", "\"key_ops\"");
    refuse("{" OCT ",\"key_ops\":\"verify\"}", "\"key_ops\"");
    refuse("{" OCT ",\"key_ops\":[\"encrypt\",\"decrypt\"]}", "\"key_ops\"");
    refuse("{" EC ",\"alg\":\"HS256\"}", "\"alg\"");
    refuse("{" EC ",\"alg\":\"ES384\"}", "\"alg\"");
    refuse("{" OCT ",\"alg\":\"ES256\"}", "\"alg\"");
    refuse("{" OCT ",\"alg\":\"HS512\"}", "\"alg\"");
}

static void
test_other_keys_are_refused_with_words(void **state)
{
    (void)state;
    refuse("{\"kty\":\"EC\",\"crv\":\"P-384\"," X "," Y "}", "\"crv\"");
    refuse("{\"kty\":\"EC\"," X "," Y "}", "\"crv\"");
    refuse("{\"kty\":\"EC\",\"crv\":\"P-256\"," X "}", "\"x\" and \"y\"");
    refuse("{\"kty\":\"EC\",\"crv\":\"P-256\"," Y ",\"x\":\"AAAA\"}", "\"x\" and \"y\"");
    refuse("{\"kty\":\"EC\",\"crv\":\"P-256\"," X
           ",\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a1\"}", /* a spare bit */
           "\"x\" and \"y\"");
    refuse("{\"kty\":\"EC\",\"crv\":\"P-256\"," X
           ",\"y\":\"AMfxRM0bvZt-hyzf7bnufuSzaV1uqQskrYpGIyiFiOWt\"}", /* 33 bytes */
           "\"x\" and \"y\"");
    refuse("{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}", "\"kty\"");
    refuse("{\"kty\":\"oct\"}", "\"k\"");
    refuse("{\"kty\":\"oct\",\"k\":\"\"}", "\"k\"");
    refuse("{\"kty\":\"oct\",\"k\":\"YQ==\"}", "\"k\"");
    refuse("{" EC ",\"kty\":\"oct\",\"k\":\"AAAA\"}", "names are there once");
    refuse("{\"keys\":[{" EC "}]}", "a set of keys");
    refuse("[]", "JSON object");
    refuse("", "JSON object");
    refuse("-----BEGIN PUBLIC KEY-----", "JSON object");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_kinds_of_key_are_read),
        cmocka_unit_test(test_the_public_part_of_a_private_key_is_enough),
        cmocka_unit_test(test_what_a_key_may_not_do_is_believed),
        cmocka_unit_test(test_other_keys_are_refused_with_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
