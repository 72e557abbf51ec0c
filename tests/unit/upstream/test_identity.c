/* SPDX-License-Identifier: Apache-2.0
 *
 * What an upstream is told of who calls: signed by our key, with nothing that a text of
 * a stranger could add. */
#include "upstream/identity.h"

#include "base/auto.h"
#include "base/base64url.h"
#include "crypto/sha256.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct es256_private *key;
static struct identity_signer *signer;

static int
open_signer(void **state)
{
    (void)state;
    if (es256_private_make(&key) != STATUS_OK)
        return -1;
    signer = identity_signer_new(key);
    return 0;
}

static int
close_signer(void **state)
{
    (void)state;
    identity_signer_free(&signer);
    es256_private_free(&key);
    return 0;
}

static struct identity
usual_identity(void)
{
    return (struct identity){.audience = SLICE("Orders"),
                             .token_id = SLICE("id"),
                             .title = SLICE("a \"title\",\"sub\":\"other\""),
                             .owner = SLICE("ada@example.com"),
                             .is_all_devices = true,
                             .address = SLICE("203.0.113.9")};
}

/* The part before the next '.', decoded as JSON. */
static json_t *
read_part(struct slice *rest)
{
    unsigned char plain[4096];
    struct slice part;
    size_t len = 0;

    assert_true(slice_cut(rest, '.', &part));
    assert_true(part.len < sizeof(plain));
    assert_int_equal(base64url_decode(part, plain, sizeof(plain), &len), STATUS_OK);
    json_t *json = json_loadb((const char *)plain, len, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(json);
    return json;
}

static const char *
text_of(const json_t *json, const char *name)
{
    const char *text = json_string_value(json_object_get(json, name));

    return text ? text : "";
}

static struct identity_text
empty_text(void)
{
    return (struct identity_text){.text = buffer_make(IDENTITY_MAX_BYTES)};
}

static void
begin(const struct identity *identity, struct identity_stem *out)
{
    out->text = buffer_make(IDENTITY_MAX_BYTES);
    assert_int_equal(identity_begin(signer, identity, out), STATUS_OK);
}

static void
make_jws(const struct identity *identity, struct slice request_id,
         struct identity_text *out)
{
    struct identity_stem stem;

    begin(identity, &stem);
    assert_int_equal(identity_write(&stem, request_id, 1000, out), STATUS_OK);
    assert_int_equal(identity_sign(signer, 1, &out), STATUS_OK);
    buffer_done(&stem.text);
}

static void
test_the_claims_say_who_calls_whom_and_for_how_long(void **state)
{
    struct identity_text jws = empty_text();
    struct identity identity = usual_identity();

    (void)state;
    make_jws(&identity, SLICE("request"), &jws);
    struct slice rest = buffer_slice(&jws.text);
    json_t *head = read_part(&rest);
    json_t *claims = read_part(&rest);
    assert_string_equal(text_of(head, "alg"), "ES256");
    json_t *keys = json_loadb((const char *)identity_signer_keys(signer).at,
                              identity_signer_keys(signer).len, 0, NULL);
    const json_t *jwk = json_array_get(json_object_get(keys, "keys"), 0);
    assert_string_equal(text_of(head, "kid"), text_of(jwk, "kid"));
    assert_null(json_object_get(jwk, "d"));
    assert_string_equal(text_of(claims, "aud"), "Orders");
    assert_string_equal(text_of(claims, "sub"), "id");
    assert_string_equal(text_of(claims, "title"), "a \"title\",\"sub\":\"other\"");
    assert_string_equal(text_of(claims, "jti"), "request");
    assert_int_equal(json_integer_value(json_object_get(claims, "iat")), 1000);
    assert_int_equal(json_integer_value(json_object_get(claims, "exp")), 1060);
    assert_true(json_is_true(json_object_get(claims, "allDevices")));
    json_decref(head);
    json_decref(claims);
    json_decref(keys);
    buffer_done(&jws.text);
}

/* Is the last part of the JWS a signature over what stands before it, and not also over a
 * byte less? */
static void
check_signature(struct slice jws, struct es256_key *public)
{
    const unsigned char *dot = memrchr(jws.at, '.', jws.len);
    uint8_t signature[128];
    uint8_t digest[SHA256_BYTES];
    size_t len = 0;
    bool is_good = false;

    struct slice signed_part = slice_head(jws, (size_t)(dot - jws.at));
    assert_int_equal(base64url_decode(slice_from(jws, signed_part.len + 1), signature,
                                      sizeof(signature), &len),
                     STATUS_OK);
    assert_int_equal(len, ES256_SIGNATURE_BYTES);
    for (size_t skipped = 0; skipped < 2; skipped++) {
        sha256(slice_from(signed_part, skipped), digest);
        assert_int_equal(
            es256_verify(public, digest, (struct slice){signature, len}, &is_good),
            STATUS_OK);
        assert_int_equal(is_good, skipped == 0);
    }
}

enum { TOGETHER_COUNT = 11 };

static void
test_each_signature_is_over_the_bytes_of_its_own_identity_alone(void **state)
{
    struct identity_text jws[TOGETHER_COUNT];
    struct identity_text *texts[TOGETHER_COUNT];
    struct identity identity = usual_identity();
    struct identity_stem stem;
    uint8_t point[PUBLIC_KEY_BYTES];
    struct es256_key *public = NULL;

    (void)state;
    es256_private_point(key, point);
    assert_int_equal(es256_key_new(point, &public), STATUS_OK);
    begin(&identity, &stem);
    for (size_t i = 0; i < TOGETHER_COUNT; i++) {
        jws[i] = empty_text();
        texts[i] = &jws[i];
        assert_int_equal(identity_write(&stem, SLICE("request"), (int64_t)i, texts[i]),
                         STATUS_OK);
    }
    assert_int_equal(identity_sign(signer, 0, texts), STATUS_OK);
    assert_int_equal(identity_sign(signer, TOGETHER_COUNT, texts), STATUS_OK);
    for (size_t i = 0; i < TOGETHER_COUNT; i++) {
        check_signature(buffer_slice(&texts[i]->text), public);
        struct slice rest = buffer_slice(&texts[i]->text);
        json_decref(read_part(&rest));
        json_t *claims = read_part(&rest);
        assert_int_equal(json_integer_value(json_object_get(claims, "iat")), i);
        json_decref(claims);
        buffer_done(&texts[i]->text);
    }
    buffer_done(&stem.text);
    es256_key_free(&public);
}

/* What is common ends on a whole group of base64url, whatever its length is. */
static void
test_an_identity_of_any_length_is_one_text_of_json(void **state)
{
    static const char LONG[] = "0123456789";
    struct identity_text jws = empty_text();
    struct identity identity = usual_identity();

    (void)state;
    for (size_t len = 0; len < sizeof(LONG); len++) {
        identity.address = (struct slice){(const unsigned char *)LONG, len};
        make_jws(&identity, slice_head(slice_of(LONG), sizeof(LONG) - 1 - len), &jws);
        struct slice rest = buffer_slice(&jws.text);
        json_decref(read_part(&rest));
        json_t *claims = read_part(&rest);
        assert_int_equal(strlen(text_of(claims, "address")), len);
        assert_int_equal(strlen(text_of(claims, "jti")), sizeof(LONG) - 1 - len);
        json_decref(claims);
    }
    buffer_done(&jws.text);
}

static void
test_what_is_kept_for_a_while_names_no_request(void **state)
{
    struct identity_text jws = empty_text();
    struct identity_group groups[] = {{"g-1", "Berlin"}, {"g-2", "a\\b"}};
    struct identity identity = usual_identity();

    (void)state;
    identity.is_all_devices = false;
    identity.groups = groups;
    identity.group_count = 2;
    make_jws(&identity, (struct slice){0}, &jws);
    struct slice rest = buffer_slice(&jws.text);
    json_decref(read_part(&rest));
    json_t *claims = read_part(&rest);
    assert_null(json_object_get(claims, "jti"));
    assert_true(json_is_false(json_object_get(claims, "allDevices")));
    const json_t *list = json_object_get(claims, "deviceGroups");
    assert_int_equal(json_array_size(list), 2);
    assert_string_equal(text_of(json_array_get(list, 1), "displayName"), "a\\b");
    json_decref(claims);
    buffer_done(&jws.text);
}

/* Half an identity is none. */
static void
test_without_room_there_is_none(void **state)
{
    struct identity_text jws = empty_text();
    struct identity_text *text = &jws;
    struct identity identity = usual_identity();
    struct identity_stem stem = {.text = buffer_make(100)};
    char long_id[600];

    (void)state;
    assert_int_equal(identity_begin(signer, &identity, &stem), STATUS_TOO_LARGE);
    stem.text.max_bytes = IDENTITY_MAX_BYTES;
    assert_int_equal(identity_begin(signer, &identity, &stem), STATUS_OK);
    jws.text.max_bytes = stem.text.len + 20;
    assert_int_equal(identity_write(&stem, SLICE("request"), 1000, &jws),
                     STATUS_TOO_LARGE);
    jws.text.max_bytes = stem.text.len - 20;
    assert_int_equal(identity_write(&stem, SLICE("request"), 1000, &jws),
                     STATUS_TOO_LARGE);
    jws.text.max_bytes = IDENTITY_MAX_BYTES;
    memset(long_id, 'x', sizeof(long_id));
    assert_int_equal(
        identity_write(&stem, (struct slice){(unsigned char *)long_id, sizeof(long_id)},
                       1000, &jws),
        STATUS_TOO_LARGE);
    assert_int_equal(identity_write(&stem, SLICE("request"), 1000, &jws), STATUS_OK);
    jws.text.max_bytes = jws.text.room = jws.text.len + 20; /* none for the signature */
    assert_int_equal(identity_sign(signer, 1, &text), STATUS_TOO_LARGE);
    buffer_done(&jws.text);
    buffer_done(&stem.text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_claims_say_who_calls_whom_and_for_how_long),
        cmocka_unit_test(test_each_signature_is_over_the_bytes_of_its_own_identity_alone),
        cmocka_unit_test(test_an_identity_of_any_length_is_one_text_of_json),
        cmocka_unit_test(test_what_is_kept_for_a_while_names_no_request),
        cmocka_unit_test(test_without_room_there_is_none),
    };

    return cmocka_run_group_tests(tests, open_signer, close_signer);
}
