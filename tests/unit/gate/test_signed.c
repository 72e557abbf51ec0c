/* SPDX-License-Identifier: Apache-2.0
 *
 * The second door: beside each request that is let in, the nearest that is not. */
#include "signed.h"

#include "base/log.h"

static void
test_both_algorithms_are_let_in(void **state)
{
    (void)state;
    LET_IN(SIGNED(0));
    LET_IN(SIGNED(.is_es256 = true));
    LET_IN(SIGNED(.alg = "hmac-sha256"));
    LET_IN(SIGNED(.is_es256 = true, .alg = "ecdsa-p256-sha256"));
    LET_IN(SIGNED(.path = "/v3/reporting/devices", .query = "pageSize=1"));
    LET_IN(SIGNED(.covered = "\"@method\" \"@authority\" \"@path\" \"@query\""));
    LET_IN(SIGNED(.covered = "\"@method\" \"@target-uri\" \"host\" \"@scheme\""));
}

/* The algorithm belongs to the token: a message can state it, it cannot choose it. */
static void
test_the_algorithm_is_the_tokens_own(void **state)
{
    (void)state;
    REFUSED(SIGNED(.alg = "ecdsa-p256-sha256"), REFUSED_WRONG_ALG, "");
    REFUSED(SIGNED(.is_es256 = true, .alg = "hmac-sha256"), REFUSED_WRONG_ALG, "");
    REFUSED(SIGNED(.keyid = "es"), REFUSED_WRONG_ALG, "");
    REFUSED(SIGNED(.is_es256 = true, .keyid = "hs"), REFUSED_WRONG_ALG, "");
    REFUSED(SIGNED(.alg = "rsa-pss-sha512"), REFUSED_SIGNATURE_INPUT, "alg is neither");
    REFUSED(SIGNED(.alg = "HS256"), REFUSED_SIGNATURE_INPUT, "alg is neither");
    REFUSED(SIGNED(.alg = "none"), REFUSED_SIGNATURE_INPUT, "alg is neither");
    REFUSED(SIGNED(.sent_signature = "sig1=:AAAA:"), REFUSED_SIGNATURE_INPUT, "3 bytes");
    REFUSED(SIGNED(.sent_signature = "sig1=::"), REFUSED_SIGNATURE_INPUT, "0 bytes");
}

/* What a stranger hears is the same to the last byte, whatever was wrong. */
static void
test_strangers_hear_one_answer(void **state)
{
    struct hmac_key *other AUTO(hmac_key_free) = hmac_key_new(SLICE("another secret"));
    char said[200];

    (void)state;
    snprintf(said, sizeof(said), "%.199s", SIGNED(.keyid = "nobody")->body);
    REFUSED(SIGNED(.keyid = "nobody"), REFUSED_UNKNOWN_TOKEN, "not authenticated");
    assert_string_equal(SIGNED(.hs256 = other)->body, said);
    assert_string_equal(SIGNED(.keyid = "es")->body, said);
    assert_string_equal(SIGNED(.keyid = "nobody", .is_es256 = true)->body, said);
    assert_string_equal(ASK(.token = "nobody")->body, said);
    assert_non_null(strstr(said, "\"details\":[]"));
}

#define TAMPERED(...) REFUSED(SIGNED(__VA_ARGS__), REFUSED_BAD_SIGNATURE, "")

static void
test_what_is_covered_cannot_be_changed(void **state)
{
    (void)state;
    TAMPERED(.sent_method = "HEAD");
    TAMPERED(.sent_path = "/v3/manage");
    TAMPERED(.path = "/v3/reporting/devices", .query = "a=1",
             .sent_path = "/v3/reporting/devices", .sent_query = "a=2");
    TAMPERED(.sent_path = "/v3/whoami", .sent_query = "");
    TAMPERED(.sent_authority = "api.example.org");
    TAMPERED(.covered = "\"@method\" \"@authority\" \"@path\" \"@query\"",
             .sent_authority = "api.example.org");
    TAMPERED(.covered = "\"@method\" \"@authority\" \"@path\" \"@query\"",
             .sent_path = "/v3/manage");
    TAMPERED(.method = "PUT", .path = "/v3/fields/x", .body = "{}",
             .covered = "\"@method\" \"@target-uri\" \"content-digest\" \"content-type\"",
             .type = "application/json",
             .sent_headers = {{SLICE("Content-Type"), SLICE("text/plain")}},
             .sent_header_count = 1);
}

/* The signature over one input does not hold for another one. */
static void
test_the_input_itself_is_signed(void **state)
{
    (void)state;
    TAMPERED(.sent_input = "sig1=(\"@method\" \"@target-uri\");created=1800000000;"
                           "keyid=\"hs\"");
    TAMPERED(.has_no_nonce = true,
             .sent_input = "sig1=(\"@method\" \"@target-uri\");created=1800000001;"
                           "keyid=\"hs\"");
    TAMPERED(.has_no_nonce = true,
             .sent_input = "sig1=(\"@target-uri\" \"@method\");created=1800000000;"
                           "keyid=\"hs\"");
    LET_IN(SIGNED(.has_no_nonce = true,
                  .sent_input =
                      "sig1=( \"@method\"   \"@target-uri\" );created=1800000000;"
                      " keyid=\"hs\""));
}

#define INPUT(words, ...) REFUSED(SIGNED(__VA_ARGS__), REFUSED_SIGNATURE_INPUT, words)

static void
test_what_must_be_covered(void **state)
{
    (void)state;
    INPUT("\\\"@method\\\" is not covered", .covered = "\"@target-uri\"");
    INPUT("neither \\\"@target-uri\\\"", .covered = "\"@method\"");
    INPUT("neither", .covered = "\"@method\" \"@authority\" \"@path\"");
    INPUT("neither", .covered = "\"@method\" \"@authority\" \"@query\"");
    INPUT("neither", .covered = "\"@method\" \"@path\" \"@query\"");
    INPUT("neither", .covered = "\"@method\" \"@request-target\"");
    INPUT("content-digest", .method = "PUT", .path = "/v3/fields/x", .body = "{}",
          .covered = "\"@method\" \"@target-uri\"");
    INPUT("content-digest", .method = "PUT", .path = "/v3/fields/x", .body = "{}",
          .covered = "\"@method\" \"@target-uri\" \"content-digest\";bs");
    INPUT("covered and not there", .sent_input = "sig1=(\"@method\" \"@target-uri\" "
                                                 "\"x-no\");created=1;keyid=\"hs\"");
    INPUT("no component", .sent_input = "sig1=(\"@method\" \"@target-uri\" \"@new\");"
                                        "created=1;keyid=\"hs\"");
    INPUT("covered twice", .sent_input = "sig1=(\"@method\" \"@method\" "
                                         "\"@target-uri\");created=1;keyid=\"hs\"");
}

static void
test_what_must_be_said(void **state)
{
    (void)state;
    INPUT("created is missing", .has_no_created = true);
    INPUT("keyid is to be", .keyid = "");
    INPUT("keyid is to be",
          .keyid = "12345678901234567890123456789012345678901234567890123456789012345");
    INPUT("not after created", .more = ";expires=1800000000");
    INPUT("nonce is missing", .method = "PUT", .path = "/v3/fields/x",
          .has_no_nonce = true);
    LET_IN(SIGNED(.method = "PUT", .path = "/v3/fields/x"));
    INPUT("nonce is missing", .method = "PUT", .path = "/v3/fields/x",
          .has_no_nonce = true, .more = ";nonce=\"\"");
    LET_IN(SIGNED(.has_no_nonce = true));
    house.config.replay = REPLAY_MODE_ALL;
    INPUT("nonce is missing", .has_no_nonce = true);
    LET_IN(SIGNED(0));
}

static void
test_a_keyid_with_escapes_is_the_id_without(void **state)
{
    struct token token = house_token("a\\\"b", false);

    (void)state;
    house_add(&token);
    LET_IN(SIGNED(.keyid = "a\\\\\\\"b"));
    REFUSED(SIGNED(.keyid = "a\\\"b"), REFUSED_UNKNOWN_TOKEN, "");
}

static void
test_half_a_signature_is_refused_in_words(void **state)
{
    (void)state;
    INPUT("no member \\\"sig1\\\"", .sent_signature = "sig2=:AAAA:");
    INPUT("not a dictionary", .sent_input = "sig1=(");
    INPUT("twice", .sent_headers = {{SLICE("Signature"), SLICE("sig1=:AAAA:")}},
          .sent_header_count = 1);
    INPUT("there are 2 signatures, and 0",
          .sent_headers = {{SLICE("Signature-Input"), SLICE("sig2=(\"@method\")")}},
          .sent_header_count = 1);
}

/* A proxy may add its own; ours is the tagged one, wherever it stands. */
static void
test_of_several_signatures_the_tagged_one_is_verified(void **state)
{
    struct signed_ask ask = {
        .more = ";tag=\"tokenhouse\"",
        .sent_headers = {{SLICE("Signature-Input"), SLICE("p=(\"@path\");keyid=\"es\"")},
                         {SLICE("Signature"), SLICE("p=:AAAA:")}},
        .sent_header_count = 2};

    (void)state;
    LET_IN(signed_ask(ask));
    ask.sent_headers[0].value = SLICE("p=(\"@path\");keyid=\"es\";tag=\"tokenhouse\"");
    REFUSED(signed_ask(ask), REFUSED_SIGNATURE_INPUT, "2 of them");
}

static void
test_created_is_held_against_the_same_window(void **state)
{
    (void)state;
    LET_IN(SIGNED(.created_s = NOW_MS / 1000 - 300));
    LET_IN(SIGNED(.created_s = NOW_MS / 1000 + 300));
    REFUSED(SIGNED(.created_s = NOW_MS / 1000 - 301), REFUSED_NOT_FRESH,
            "created is 301 s in the past");
    REFUSED(SIGNED(.created_s = NOW_MS / 1000 + 301), REFUSED_NOT_FRESH,
            "created is 301 s in the future");
    LET_IN(SIGNED(.created_s = NOW_MS / 1000 - 10, .more = ";expires=1800000001"));
    REFUSED(SIGNED(.created_s = NOW_MS / 1000 - 10, .more = ";expires=1800000000"),
            REFUSED_NOT_FRESH, "expired 0 s ago");
    REFUSED(SIGNED(.created_s = NOW_MS / 1000 - 10, .more = ";expires=1799999995"),
            REFUSED_NOT_FRESH, "expired 5 s ago");
}

static void
test_a_request_that_changes_something_is_taken_once(void **state)
{
    struct signed_ask put = {.method = "PUT", .path = "/v3/fields/x", .is_es256 = true};
    struct signed_wire wire;

    (void)state;
    wire_make(&put, &wire);
    LET_IN(wire_send(&put, &wire));
    REFUSED(wire_send(&put, &wire), REFUSED_REPLAYED, "already");
    wire_add(&wire, "X-Other", "field that is not covered");
    REFUSED(wire_send(&put, &wire), REFUSED_REPLAYED, "already");
    wire_sign(&put, &wire); /* with another nonce */
    LET_IN(wire_send(&put, &wire));
    LET_IN(SIGNED(.method = "PUT", .path = "/v3/fields/x", .has_no_nonce = true,
                  .more = ";nonce=\"same\""));
    REFUSED(SIGNED(.method = "PUT", .path = "/v3/fields/x", .has_no_nonce = true,
                   .more = ";nonce=\"same\""),
            REFUSED_REPLAYED, "already");
}

#define PUT .method = "PUT", .path = "/v3/fields/x", .type = "application/json"

static void
test_the_body_is_what_was_signed(void **state)
{
    (void)state;
    LET_IN(SIGNED(PUT, .body = "{\"a\":1}"));
    assert_true(slice_equal(house.taken->body, SLICE("{\"a\":1}")));
    REFUSED(SIGNED(PUT, .body = "{\"a\":1}", .sent_body = "{\"a\":2}"), REFUSED_DIGEST,
            "another sha-256");
    REFUSED(SIGNED(PUT, .body = "{\"a\":1}", .sent_body = ""), REFUSED_DIGEST,
            "another sha-256");
    REFUSED(SIGNED(PUT, .body = "{}", .digest = "md5=:AAAA:"), REFUSED_DIGEST,
            "neither sha-256 nor sha-512");
    REFUSED(SIGNED(PUT, .body = "{}",
                   .sent_headers = {{SLICE("Content-Digest"), SLICE("sha-256=::")}},
                   .sent_header_count = 1),
            REFUSED_BAD_SIGNATURE, ""); /* two lines are another value */
    /* a body that nobody signed */
    INPUT("there is a body", PUT, .sent_body = "{}");
    INPUT("there is a body", .sent_body = "{}");
}

/* The digest of a body is not computed for strangers. */
static void
test_a_wrong_signature_is_heard_before_a_wrong_body(void **state)
{
    struct hmac_key *other AUTO(hmac_key_free) = hmac_key_new(SLICE("another secret"));

    (void)state;
    REFUSED(SIGNED(PUT, .body = "{}", .sent_body = "[]", .hs256 = other),
            REFUSED_BAD_SIGNATURE, "not authenticated");
}

static void
test_the_body_decides_what_is_needed(void **state)
{
    (void)state;
    LET_IN(SIGNED(PUT, .body = "{\"unenroll\":false}"));
    REFUSED(SIGNED(PUT, .body = "{\"unenroll\":true}"), REFUSED_PERMISSION, "unenroll");
    /* whatever its type says: the API behind may read it as JSON all the same */
    REFUSED(SIGNED(.method = "PUT", .path = "/v3/fields/x", .type = "text/plain",
                   .body = "{\"unenroll\":true}"),
            REFUSED_PERMISSION, "unenroll");
    REFUSED(SIGNED(.method = "PUT", .path = "/v3/fields/x", .type = "text/plain",
                   .body = "unenroll=true"),
            REFUSED_BAD_REQUEST, "not JSON");
    REFUSED(SIGNED(PUT, .body = "{"), REFUSED_BAD_REQUEST, "not JSON");
    REFUSED(SIGNED(PUT, .query = "unenroll=true", .body = "{}"), REFUSED_PERMISSION,
            "unenroll");
}

static void
test_the_steps_behind_are_the_same(void **state)
{
    struct token away = house_token("away", false);
    struct token late = house_token("late", false);
    struct hmac_key *key = house.hs256;

    (void)state;
    OK(ip_range_read(SLICE("203.0.113.9"), &away.addresses[0], NULL));
    away.address_count = 1;
    house_add(&away);
    late.expires_at_s = NOW_MS / 1000;
    house_add(&late);
    REFUSED(SIGNED(.token = "away", .hs256 = key), REFUSED_ADDRESS, "127.0.0.1");
    LET_IN(SIGNED(.token = "away", .hs256 = key, .from = "203.0.113.9"));
    REFUSED(SIGNED(.token = "late"), REFUSED_EXPIRED, "last day");
    REFUSED(SIGNED(.path = "/v3/nothing"), REFUSED_NO_ROUTE, "no operation");
    REFUSED(SIGNED(.path = "/v3//whoami"), REFUSED_BAD_REQUEST, "plain path");
    REFUSED(SIGNED(.path = "/v3/manage"), REFUSED_PERMISSION, "Device Fields:Manage");
    REFUSED(SIGNED(.path = "/v3/licensed"), REFUSED_LICENCE, "");
    REFUSED(SIGNED(.path = "/v3/closed"), REFUSED_PERMISSION, "open to no token");
    REFUSED(SIGNED(.path = "/v3/reporting/devices", .query = "select=geoData"),
            REFUSED_PERMISSION, "geoData");
}

/* HEAD is GET without its body (RFC 9110 §9.3.2); other methods must be there. */
static void
test_head_is_as_get(void **state)
{
    (void)state;
    LET_IN(SIGNED(.method = "HEAD"));
    REFUSED(SIGNED(.method = "HEAD", .path = "/v3/manage"), REFUSED_PERMISSION, "Manage");
    REFUSED(SIGNED(.method = "HEAD", .path = "/v3/fields/x"), REFUSED_NO_ROUTE, "");
    REFUSED(ASK(.method = "HEAD"), REFUSED_NO_ROUTE, "");
    REFUSED(SIGNED(.method = "OPTIONS"), REFUSED_BAD_HEADER, "OPTIONS");
    REFUSED(SIGNED(.method = "get"), REFUSED_BAD_HEADER, "in capitals");
}

/* Who only asks for a decision does not show the body. */
static void
test_an_unseen_body_must_be_named(void **state)
{
    (void)state;
    INPUT("content-digest", PUT, .is_only_asked = true);
    REFUSED(SIGNED(PUT, .is_only_asked = true, .body = "{}"), REFUSED_BAD_REQUEST,
            "depends on the body");
    LET_IN(SIGNED(.is_only_asked = true));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        IN_HOUSE(test_both_algorithms_are_let_in),
        IN_HOUSE(test_the_algorithm_is_the_tokens_own),
        IN_HOUSE(test_strangers_hear_one_answer),
        IN_HOUSE(test_what_is_covered_cannot_be_changed),
        IN_HOUSE(test_the_input_itself_is_signed),
        IN_HOUSE(test_what_must_be_covered),
        IN_HOUSE(test_what_must_be_said),
        IN_HOUSE(test_a_keyid_with_escapes_is_the_id_without),
        IN_HOUSE(test_half_a_signature_is_refused_in_words),
        IN_HOUSE(test_of_several_signatures_the_tagged_one_is_verified),
        IN_HOUSE(test_created_is_held_against_the_same_window),
        IN_HOUSE(test_a_request_that_changes_something_is_taken_once),
        IN_HOUSE(test_the_body_is_what_was_signed),
        IN_HOUSE(test_a_wrong_signature_is_heard_before_a_wrong_body),
        IN_HOUSE(test_the_body_decides_what_is_needed),
        IN_HOUSE(test_the_steps_behind_are_the_same),
        IN_HOUSE(test_head_is_as_get),
        IN_HOUSE(test_an_unseen_body_must_be_named),
    };

    log_set_level(LOG_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
