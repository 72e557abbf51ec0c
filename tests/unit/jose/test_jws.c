/* SPDX-License-Identifier: Apache-2.0
 *
 * The compact form: RFC 7515's examples, the vendor's documented vector, and each way of
 * writing three parts that is not the form. */
#include "support.h"

#include "base/auto.h"
#include "base/base64url.h"
#include "base/mem.h"
#include "crypto/sha256.h"
#include "jose/jws.h"

/* RFC 7515 A.1.1; the payload has line breaks of its own. */
static const char RFC_A1[] =
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290"
    "Ijp0cnVlfQ."
    "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
static const char RFC_A1_KEY[] = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75"
                                 "aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
/* RFC 7515 A.3.1 */
static const char RFC_A3[] =
    "eyJhbGciOiJFUzI1NiJ9."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290"
    "Ijp0cnVlfQ."
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU"
    "1Q";
static const char RFC_A3_X[] = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
static const char RFC_A3_Y[] = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";

/* The documented example of the API whose protocol we speak. */
static const char VENDOR_SECRET[] = "a1bdcd23e45fHn6JNxU/CulSiR7feComPEMcQp8k9bKFDfLE6v+/"
                                    "/ROJcbVLaZ1qsaZpygsecretKeyExampl"
                                    "e==";
static const char VENDOR_JWS[] =
    "eyJhbGciOiJIUzI1NiIsImtpZCI6ImNlOTc3OGJmLWV4YW0tcDFlYy1hZmUzLTkxZTkzNTU2MDNhMyIsIm1l"
    "dGhvZCI6IkdFVCIsImNvbnRlbnQtdHlwZSI6ImFwcGxpY2F0aW9uL2pzb24iLCJ1cmkiOiIvdjMvcmVwb3J0"
    "aW5nL2FwcGxpY2F0aW9ucyIsInF1ZXJ5LXN0cmluZyI6Im9yZGVyQnk9ZXNuJTJDZGV2aWNlTmFtZSUzQWRl"
    "c2MlMkNkZXZpY2VVaWQlM0Fhc2MiLCJpc3N1ZWRBdCI6MTYzODU3MjE1MjAwMH0."
    "e30."
    "szxYnuRrK1GlCUWu7rKp2VXobmmZXG3US92gnuYKrrA";
static const struct jws_request VENDOR_REQUEST = {
    .alg = ALG_HS256,
    .kid = {(const unsigned char *)"ce9778bf-exam-p1ec-afe3-91e9355603a3", 36},
    .method = {(const unsigned char *)"GET", 3},
    .content_type = {(const unsigned char *)"application/json", 16},
    .uri = {(const unsigned char *)"/v3/reporting/applications", 26},
    .query = {(const unsigned char *)"orderBy=esn%2CdeviceName%3Adesc%2CdeviceUid%3Aasc",
              49},
    .issued_at_ms = 1638572152000,
};

static struct slice
decode(struct slice text, unsigned char *out)
{
    size_t len = 0;

    assert_int_equal(base64url_decode(text, out, text.len, &len), STATUS_OK);
    return (struct slice){out, len};
}

static void
test_the_hs256_example_of_rfc_7515_holds(void **state)
{
    unsigned char key_bytes[64];
    unsigned char signature[64];
    struct jws jws;

    (void)state;
    assert_int_equal(jws_cut(slice_of(RFC_A1), &jws), STATUS_OK);
    struct hmac_key *key = hmac_key_new(decode(slice_of(RFC_A1_KEY), key_bytes));
    assert_true(hmac_fits(key, jws.signing_input, decode(jws.signature, signature)));
    jws.signing_input.len--;
    assert_false(hmac_fits(key, jws.signing_input, decode(jws.signature, signature)));
    hmac_key_free(&key);
}

static void
test_the_es256_example_of_rfc_7515_holds(void **state)
{
    uint8_t point[PUBLIC_KEY_BYTES];
    uint8_t digest[SHA256_BYTES];
    unsigned char signature[64];
    struct es256_key *key = NULL;
    struct jws jws;
    bool fits = false;

    (void)state;
    assert_int_equal(jws_cut(slice_of(RFC_A3), &jws), STATUS_OK);
    assert_int_equal(decode(slice_of(RFC_A3_X), point).len, 32);
    assert_int_equal(decode(slice_of(RFC_A3_Y), point + 32).len, 32);
    assert_int_equal(es256_key_new(point, &key), STATUS_OK);
    sha256(jws.signing_input, digest);
    struct slice s = decode(jws.signature, signature);
    assert_int_equal(es256_verify(key, digest, s, &fits), STATUS_OK);
    assert_true(fits);
    digest[0] ^= 1;
    assert_int_equal(es256_verify(key, digest, s, &fits), STATUS_OK);
    assert_false(fits);
    es256_key_free(&key);
}

/* The key is the text of the secret: its decoding gives another signature. */
static void
test_the_vendors_message_is_made_byte_for_byte(void **state)
{
    struct buffer out AUTO(buffer_done) = buffer_make(4096);
    unsigned char bytes[64];
    size_t len = 0;

    (void)state;
    struct hmac_key *key = hmac_key_new(slice_of(VENDOR_SECRET));
    assert_int_equal(jws_sign(&VENDOR_REQUEST, SLICE("{}"), NULL, key, &out), STATUS_OK);
    assert_slice(buffer_slice(&out), VENDOR_JWS);
    hmac_key_free(&key);

    buffer_clear(&out);
    /* without its last four characters, whose spare bits are not zero */
    assert_int_equal(base64_decode(slice_head(slice_of(VENDOR_SECRET), 84), bytes,
                                   sizeof(bytes), &len),
                     STATUS_OK);
    key = hmac_key_new((struct slice){bytes, len});
    assert_int_equal(jws_sign(&VENDOR_REQUEST, SLICE("{}"), NULL, key, &out), STATUS_OK);
    assert_true(
        slice_starts(buffer_slice(&out), (struct slice){(const unsigned char *)VENDOR_JWS,
                                                        sizeof(VENDOR_JWS) - 44}));
    assert_false(slice_equal(buffer_slice(&out), slice_of(VENDOR_JWS)));
    hmac_key_free(&key);
}

static void
test_what_we_sign_by_es256_reads_and_verifies(void **state)
{
    struct buffer out AUTO(buffer_done) = buffer_make(4096);
    struct es256_private *private = NULL;
    struct es256_key *key = NULL;
    struct jws_request request = VENDOR_REQUEST;
    struct jws_header header;
    struct jws_fault fault = {0};
    uint8_t point[PUBLIC_KEY_BYTES];
    uint8_t digest[SHA256_BYTES];
    unsigned char json[1024];
    unsigned char signature[64];
    struct jws jws;
    bool fits = false;

    (void)state;
    request.alg = ALG_ES256;
    request.query = SLICE("name=\"a\\b\"\n\x01&x=\xc3\xa4");
    assert_int_equal(es256_private_make(&private), STATUS_OK);
    es256_private_point(private, point);
    assert_int_equal(es256_key_new(point, &key), STATUS_OK);
    buffer_add_text(&out, "before ");
    assert_int_equal(jws_sign(&request, SLICE("{\"data\":1}"), private, NULL, &out),
                     STATUS_OK);
    assert_int_equal(jws_cut(slice_from(buffer_slice(&out), 7), &jws), STATUS_OK);
    sha256(jws.signing_input, digest);
    struct slice s = decode(jws.signature, signature);
    assert_int_equal(es256_verify(key, digest, s, &fits), STATUS_OK);
    assert_true(fits);

    struct slice text = decode(jws.header, json);
    assert_int_equal(jws_header_read(json, text.len, &header, &fault), STATUS_OK);
    assert_int_equal(header.alg, ALG_ES256);
    assert_true(slice_equal(header.kid, request.kid));
    assert_true(slice_equal(header.query, request.query));
    assert_int_equal(header.issued_at_ms, request.issued_at_ms);
    text = decode(jws.payload, json);
    assert_slice(text, "{\"data\":1}");
    es256_key_free(&key);
    es256_private_free(&private);
}

static void
test_a_message_that_does_not_fit_is_not_signed_in_part(void **state)
{
    struct buffer out AUTO(buffer_done) = buffer_make(100);
    struct hmac_key *key = hmac_key_new(SLICE("k"));

    (void)state;
    assert_int_equal(jws_sign(&VENDOR_REQUEST, SLICE("{}"), NULL, key, &out),
                     STATUS_TOO_LARGE);
    hmac_key_free(&key);
}

static void
test_only_three_parts_are_a_compact_jws(void **state)
{
    static const char *const BAD[] = {
        "",
        ".",
        "..",
        "a",
        "a.b",
        "a..",
        "..c",
        ".b.c",
        "a.b.",
        "a.b.c.d",
        "a.b.c.",
        ".a.b.c",
        "a.b..c",
        "a.b.c..",
        "a.b.c.d.e", /* JWE has five parts */
        "{\"payload\":\"\"}",
        " . . ",
        "\n..\n",
    };
    struct jws jws = {.payload = SLICE("untouched")};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(BAD); i++)
        assert_int_equal(jws_cut(slice_of(BAD[i]), &jws), STATUS_MALFORMED);
    assert_int_equal(jws_cut((struct slice){0}, &jws), STATUS_MALFORMED);
    assert_slice(jws.payload, "untouched");
    assert_int_equal(jws_cut(SLICE("a.b.c"), &jws), STATUS_OK);
    assert_slice(jws.header, "a");
    assert_slice(jws.payload, "b");
    assert_slice(jws.signature, "c");
    assert_slice(jws.signing_input, "a.b");
    assert_int_equal(jws_cut(SLICE("a..c"), &jws), STATUS_OK); /* no payload */
    assert_int_equal(jws.payload.len, 0);
    assert_slice(jws.signing_input, "a.");
}

/* Blanks at the ends are forgiven; inside they stay, for the strict decoder to refuse. */
static void
test_line_breaks_at_the_ends_only_are_forgiven(void **state)
{
    unsigned char out[8];
    size_t len = 0;
    struct jws jws;

    (void)state;
    assert_int_equal(jws_cut(SLICE(" \r\nYQ.Yg.Yw\r\n"), &jws), STATUS_OK);
    assert_slice(jws.signing_input, "YQ.Yg");
    assert_slice(jws.signature, "Yw");
    assert_int_equal(jws_cut(SLICE("YQ. Yg.Yw"), &jws), STATUS_OK);
    assert_int_equal(base64url_decode(jws.payload, out, sizeof(out), &len),
                     STATUS_MALFORMED);
    assert_int_equal(jws_cut(SLICE("YQ\n.Yg.Yw"), &jws), STATUS_OK);
    assert_int_equal(base64url_decode(jws.header, out, sizeof(out), &len),
                     STATUS_MALFORMED);
}

/* One signature, one spelling: all others would be other messages with the same right. */
static void
test_padding_foreign_characters_and_spare_bits_are_refused(void **state)
{
    static const char *const BAD[] = {"YQ==", "YQ=", "Y?",    "Y+",    "Y/",
                                      "YR",   "Y",   "YWJjZ", "YWJjZB"};
    unsigned char out[8];
    size_t len = 4711;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(BAD); i++)
        assert_int_equal(base64url_decode(slice_of(BAD[i]), out, sizeof(out), &len),
                         STATUS_MALFORMED);
    assert_int_equal(len, 4711);
    assert_int_equal(base64url_decode(SLICE("YQ"), out, sizeof(out), &len), STATUS_OK);
}

static void
test_a_message_past_the_limit_is_too_large(void **state)
{
    char *text AUTO(mem_done) = mem_new(JWS_MAX_BYTES + 1);
    struct jws jws;

    (void)state;
    memset(text, 'A', JWS_MAX_BYTES + 1);
    text[10] = text[20] = '.';
    struct slice message = {(unsigned char *)text, JWS_MAX_BYTES + 1};
    assert_int_equal(jws_cut(message, &jws), STATUS_TOO_LARGE);
    message.len--;
    assert_int_equal(jws_cut(message, &jws), STATUS_OK);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_hs256_example_of_rfc_7515_holds),
        cmocka_unit_test(test_the_es256_example_of_rfc_7515_holds),
        cmocka_unit_test(test_the_vendors_message_is_made_byte_for_byte),
        cmocka_unit_test(test_what_we_sign_by_es256_reads_and_verifies),
        cmocka_unit_test(test_a_message_that_does_not_fit_is_not_signed_in_part),
        cmocka_unit_test(test_only_three_parts_are_a_compact_jws),
        cmocka_unit_test(test_line_breaks_at_the_ends_only_are_forgiven),
        cmocka_unit_test(test_padding_foreign_characters_and_spare_bits_are_refused),
        cmocka_unit_test(test_a_message_past_the_limit_is_too_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
