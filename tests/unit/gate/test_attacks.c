/* SPDX-License-Identifier: Apache-2.0
 *
 * What must fail, each beside the honest request that it was made from; and the one
 * answer that all hear who have proved nothing. */
#include "support.h"

#include "base/log.h"

static const char UNPROVED[] =
    "{\"code\":\"NOT_AUTHENTICATED\",\"message\":\"not authenticated\",\"details\":[]}";

/* Sends header and payload with a signature of the attacker's. */
static const struct outcome *
forge(const char *header, const void *signature, size_t signature_len)
{
    struct buffer jws AUTO(buffer_done) = buffer_make(JWS_MAX_BYTES);
    char text[4096];

    buffer_add(&jws, (struct slice){(unsigned char *)text,
                                    base64url_encode(slice_of(header), text)});
    buffer_add_text(&jws, ".e30.");
    buffer_add(&jws, (struct slice){(unsigned char *)text,
                                    base64url_encode(
                                        (struct slice){signature, signature_len}, text)});
    return house_send(buffer_slice(&jws), NULL);
}

static void
write_header(char out[512], const char *alg, const char *kid)
{
    snprintf(out, 512,
             "{\"alg\":\"%s\",\"kid\":\"%s\",\"method\":\"GET\",\"uri\":\"/v3/whoami\","
             "\"issuedAt\":1800000000000}",
             alg, kid);
}

/* What is signed: header "." "e30". */
static void
write_input(const char *header, struct buffer *out)
{
    char text[1024];

    buffer_add(out, (struct slice){(unsigned char *)text,
                                   base64url_encode(slice_of(header), text)});
    buffer_add_text(out, ".e30");
}

static void
test_the_forger_with_the_right_key_is_let_in(void **state)
{
    char header[512];
    uint8_t signature[ES256_SIGNATURE_BYTES];
    struct buffer input AUTO(buffer_done) = buffer_make(4096);

    (void)state;
    write_header(header, "HS256", "hs");
    write_input(header, &input);
    hmac_sign(house.hs256, buffer_slice(&input), signature);
    LET_IN(forge(header, signature, HMAC_BYTES));
    /* one byte short, one long, one bit off */
    REFUSED(forge(header, signature, HMAC_BYTES - 1), REFUSED_BAD_SIGNATURE, UNPROVED);
    REFUSED(forge(header, signature, HMAC_BYTES + 1), REFUSED_BAD_SIGNATURE, UNPROVED);
    signature[31] ^= 1;
    REFUSED(forge(header, signature, HMAC_BYTES), REFUSED_BAD_SIGNATURE, UNPROVED);
}

static void
test_alg_none_in_any_spelling(void **state)
{
    static const char *const NAMES[] = {"none",  "None",  "NONE",  "",
                                        "HS384", "RS256", "hs256", "HS256 "};
    char header[512];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(NAMES); i++) {
        write_header(header, NAMES[i], "hs");
        assert_int_equal(forge(header, "x", 1)->status, 400);
        assert_int_equal(forge(header, "", 0)->status, 400);
    }
}

/* A public key is public: taken for an HMAC secret, anybody could sign. */
static void
test_hs256_with_the_public_key(void **state)
{
    char header[512];
    uint8_t point[PUBLIC_KEY_BYTES];
    uint8_t mac[HMAC_BYTES];
    struct buffer input AUTO(buffer_done) = buffer_make(4096);

    (void)state;
    es256_private_point(house.es256, point);
    write_header(header, "HS256", "es");
    write_input(header, &input);
    struct hmac_key *key = hmac_key_new((struct slice){point, sizeof(point)});
    hmac_sign(key, buffer_slice(&input), mac);
    hmac_key_free(&key);
    REFUSED(forge(header, mac, sizeof(mac)), REFUSED_WRONG_ALG, UNPROVED);
}

static void
test_es256_signatures_that_are_none(void **state)
{
    char header[512];
    uint8_t good[ES256_SIGNATURE_BYTES];
    uint8_t bad[ES256_SIGNATURE_BYTES + 8];
    struct buffer input AUTO(buffer_done) = buffer_make(4096);

    (void)state;
    write_header(header, "ES256", "es");
    write_input(header, &input);
    OK(es256_sign(house.es256, buffer_slice(&input), good));
    LET_IN(forge(header, good, sizeof(good)));

#define NO(len) REFUSED(forge(header, bad, (len)), REFUSED_BAD_SIGNATURE, UNPROVED)
    memcpy(bad, good, sizeof(good));
    NO(sizeof(good) - 1);
    bad[sizeof(good)] = 0;
    NO(sizeof(good) + 1);
    memset(bad, 0, 32); /* r = 0 */
    NO(sizeof(good));
    memcpy(bad, good, 32);
    memset(bad + 32, 0, 32); /* s = 0 */
    NO(sizeof(good));
    memset(bad + 32, 0xff, 32); /* s > n */
    NO(sizeof(good));
    /* DER: SEQUENCE of two INTEGERs */
    static const uint8_t DER[] = {0x30, 70, 2, 33, 0};
    memcpy(bad, DER, sizeof(DER));
    memcpy(bad + 5, good, 32);
    bad[37] = 2;
    bad[38] = 32;
    memcpy(bad + 39, good + 32, 32);
    NO(71);
}

/* Keys that a message brings along are never looked at. */
static void
test_a_key_in_the_header_is_ignored(void **state)
{
    struct es256_private *own = NULL;
    uint8_t signature[ES256_SIGNATURE_BYTES];
    struct buffer input AUTO(buffer_done) = buffer_make(4096);
    static const char HEADER[] =
        "{\"alg\":\"ES256\",\"kid\":\"es\",\"method\":\"GET\",\"uri\":\"/v3/whoami\","
        "\"issuedAt\":1800000000000,\"jku\":\"https://example.com/k\",\"jwk\":{\"kty\":"
        "\"EC\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\"},\"x5c\":[\"AA\"]}";

    (void)state;
    OK(es256_private_make(&own));
    write_input(HEADER, &input);
    OK(es256_sign(own, buffer_slice(&input), signature));
    REFUSED(forge(HEADER, signature, sizeof(signature)), REFUSED_BAD_SIGNATURE, UNPROVED);
    OK(es256_sign(house.es256, buffer_slice(&input), signature));
    LET_IN(forge(HEADER, signature, sizeof(signature)));
    es256_private_free(&own);
}

/* The row of the uniform refusal: whatever else is wrong, it is not told. */
static void
test_before_the_signature_all_hear_the_same(void **state)
{
    struct token suspended = house_token("suspended", false);
    struct token expired = house_token("expired", true);
    struct token bound = house_token("bound", false);
    struct hmac_key *other = hmac_key_new(SLICE("wrong"));
    struct es256_private *stranger = NULL;

    (void)state;
    OK(es256_private_make(&stranger));
    suspended.is_suspended = true;
    expired.expires_at_s = 1000;
    bound.address_count = 1;
    OK(ip_range_read(SLICE("203.0.113.9"), &bound.addresses[0], NULL));
    house_add(&suspended);
    house_add(&expired);
    house_add(&bound);
    const struct {
        enum verdict why;
        struct ask ask;
    } ROWS[] = {
        {REFUSED_UNKNOWN_TOKEN, {.token = "nobody"}},
        {REFUSED_UNKNOWN_TOKEN, {.token = "nobody", .is_es256 = true}},
        {REFUSED_UNKNOWN_TOKEN, {.token = "x' OR 1=1 --"}},
        {REFUSED_WRONG_ALG, {.token = "es"}},
        {REFUSED_WRONG_ALG, {.token = "hs", .is_es256 = true}},
        {REFUSED_BAD_SIGNATURE, {.hs256 = other}},
        {REFUSED_BAD_SIGNATURE, {.is_es256 = true, .es256 = stranger}},
        {REFUSED_BAD_SIGNATURE, {.token = "suspended", .hs256 = other}},
        {REFUSED_BAD_SIGNATURE, {.token = "bound", .hs256 = other}},
        {REFUSED_BAD_SIGNATURE,
         {.token = "expired", .is_es256 = true, .es256 = stranger}},
        {REFUSED_BAD_SIGNATURE, {.uri = "/v3/nothing", .hs256 = other}},
        {REFUSED_BAD_SIGNATURE, {.uri = "/v3/../x", .hs256 = other}},
        {REFUSED_BAD_SIGNATURE, {.payload = "{", .hs256 = other}},
        {REFUSED_BAD_SIGNATURE, {.issued_at_ms = 1, .hs256 = other}},
    };
    for (size_t i = 0; i < COUNT_OF(ROWS); i++) {
        const struct outcome *outcome = house_ask(ROWS[i].ask);
        assert_int_equal(outcome->verdict, ROWS[i].why);
        assert_int_equal(outcome->status, 401);
        assert_int_equal(outcome->retry_after_s, 0);
        assert_string_equal(outcome->body, UNPROVED);
    }
    /* with the right key each hears what is wrong */
    REFUSED(ASK(.token = "suspended"), REFUSED_SUSPENDED, "TOKEN_SUSPENDED");
    REFUSED(ASK(.token = "expired", .is_es256 = true), REFUSED_EXPIRED, "1970-01-01");
    REFUSED(ASK(.token = "bound"), REFUSED_ADDRESS, "ADDRESS_NOT_APPROVED");
    hmac_key_free(&other);
    es256_private_free(&stranger);
}

/* The wrong key under a token whose stored secret is damaged: not told either. */
static void
test_a_damaged_secret_looks_like_no_token(void **state)
{
    struct token token = house_token("damaged", false);

    (void)state;
    token.sealed[30] ^= 1;
    house_add(&token);
    const struct outcome *outcome = ASK(.token = "damaged");
    assert_int_equal(outcome->status, 401);
    assert_string_equal(outcome->body, UNPROVED);
    assert_int_equal(outcome->verdict, REFUSED_BROKEN);
}

static void
test_deep_and_huge_json(void **state)
{
    struct buffer payload AUTO(buffer_done) = buffer_make(JWS_MAX_BYTES);
    struct ask ask = {.method = "PUT", .uri = "/v3/fields/x"};

    (void)state;
    buffer_add_text(&payload, "{\"data\":");
    for (int i = 0; i < 100000; i++)
        buffer_add_byte(&payload, '[');
    buffer_add_byte(&payload, 0);
    ask.payload = (const char *)payload.at;
    REFUSED(house_ask(ask), REFUSED_BAD_REQUEST, "payload");

    buffer_clear(&payload);
    buffer_add_text(&payload, "{\"data\":[1");
    for (int i = 0; i < 300000; i++)
        buffer_add_text(&payload, ",1");
    buffer_add_text(&payload, "]}");
    buffer_add_byte(&payload, 0);
    ask.payload = (const char *)payload.at;
    LET_IN(house_ask(ask)); /* large is no crime */
    assert_int_equal(house.taken->body.len, 2 * 300000 + 3);
}

static void
test_words_from_outside_stay_words(void **state)
{
    (void)state;
    /* every answer is parsed as JSON by house_send() */
    REFUSED(ASK(.uri = "/v3/\\\"},{\\u0001"), REFUSED_BAD_REQUEST, "uri");
    REFUSED(ASK(.uri = "/v3/<b>%25s%25n"), REFUSED_NO_ROUTE, "%25s%25n");
    REFUSED(ASK(.method = "\\\"}]}"), REFUSED_BAD_HEADER, "method");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        IN_HOUSE(test_the_forger_with_the_right_key_is_let_in),
        IN_HOUSE(test_alg_none_in_any_spelling),
        IN_HOUSE(test_hs256_with_the_public_key),
        IN_HOUSE(test_es256_signatures_that_are_none),
        IN_HOUSE(test_a_key_in_the_header_is_ignored),
        IN_HOUSE(test_before_the_signature_all_hear_the_same),
        IN_HOUSE(test_a_damaged_secret_looks_like_no_token),
        IN_HOUSE(test_deep_and_huge_json),
        IN_HOUSE(test_words_from_outside_stay_words),
    };

    log_set_level(LOG_ERROR + 1); /* what is refused here is meant to be */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
