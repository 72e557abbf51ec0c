/* SPDX-License-Identifier: Apache-2.0
 *
 * The protected header: what clients in the field send is read, every attack on it is
 * refused with its own words. */
#include "support.h"

#include "base/auto.h"
#include "base/mem.h"
#include "jose/jws.h"

static unsigned char json[16384]; /* the header that was read last: slices point here */

static enum status
read_header(struct slice text, struct jws_header *out, struct jws_fault *fault)
{
    assert_true(text.len <= sizeof(json));
    if (text.len)
        memcpy(json, text.at, text.len);
    return jws_header_read(json, text.len, out, fault);
}

static struct jws_header
accept(const char *text)
{
    struct jws_header header;
    struct jws_fault fault = {0};

    if (read_header(slice_of(text), &header, &fault) != STATUS_OK)
        fail_msg("refused: %s: %s", fault.text, text);
    return header;
}

static void
refuse(const char *text, const char *word)
{
    struct jws_header header = {.issued_at_ms = 4711};
    struct jws_fault fault = {0};

    assert_int_equal(read_header(slice_of(text), &header, &fault), STATUS_MALFORMED);
    assert_int_equal(header.issued_at_ms, 4711);
    assert_non_null(fault.text);
    if (!strstr(fault.text, word))
        fail_msg("wanted '%s', heard '%s' for %s", word, fault.text, text);
}

/* A good header with `more` at its end. */
static const char *
with(const char *more)
{
    static char text[9000];

    snprintf(text, sizeof(text), "{\"alg\":\"ES256\",\"kid\":\"k1\"%s%s}",
             *more ? "," : "", more);
    return text;
}

static void
test_a_whole_header_is_read(void **state)
{
    struct jws_header h =
        accept("{\"alg\":\"HS256\",\"kid\":\"ce97\",\"method\":\"GET\",\"content-type\":"
               "\"application/json\",\"uri\":\"/v3/x\",\"query-string\":\"a=b%2C\","
               "\"issuedAt\":1638572152000}");

    (void)state;
    assert_int_equal(h.alg, ALG_HS256);
    assert_slice(h.alg_text, "HS256");
    assert_slice(h.kid, "ce97");
    assert_slice(h.method, "GET");
    assert_slice(h.content_type, "application/json");
    assert_slice(h.uri, "/v3/x");
    assert_slice(h.query, "a=b%2C");
    assert_int_equal(h.issued_at_ms, 1638572152000);
    assert_true(h.has_issued_at && h.has_method && h.has_uri);
}

static void
test_missing_request_members_are_told(void **state)
{
    struct jws_header h = accept(with(""));

    (void)state;
    assert_false(h.has_issued_at || h.has_method || h.has_uri);
    assert_int_equal(h.query.len + h.uri.len + h.method.len + h.content_type.len, 0);
    assert_true(accept(with("\"method\":\"\"")).has_method);
    refuse("{\"alg\":\"ES256\"}", "\"kid\" is missing");
    refuse("{\"kid\":\"k1\"}", "\"alg\" is missing");
    refuse("{}", "\"alg\" is missing");
}

static void
test_what_clients_add_is_ignored(void **state)
{
    (void)state;
    accept(with("\"typ\":\"JWT\",\"User-Agent\":\"x\",\"Accept-Encoding\":null,"
                "\"Connection\":[1,{\"a\":true}]"));
    accept(" \r\n\t{ \"alg\" : \"ES256\" , \"kid\" : \"k\" } \n");
}

/* A key that rides in the message is not a key: nothing of it is read. */
static void
test_embedded_keys_are_ignored(void **state)
{
    struct jws_header h =
        accept(with("\"jwk\":{\"kty\":\"oct\",\"k\":\"AA\",\"kid\":\"evil\",\"alg\":"
                    "\"none\"},\"jku\":\"https://evil\",\"x5u\":\"https://evil\","
                    "\"x5c\":[\"MII\"],\"b64\":false"));

    (void)state;
    assert_slice(h.kid, "k1");
    assert_int_equal(h.alg, ALG_ES256);
}

static void
test_only_the_two_algorithms_are_known(void **state)
{
    static const char *const BAD[] = {
        "none",  "None",  "NONE",  "nOnE",  "",       "HS512",  "HS384",
        "RS256", "PS256", "ES384", "es256", "ES256K", "ES256 ", " HS256",
    };
    char text[100];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(BAD); i++) {
        snprintf(text, sizeof(text), "{\"alg\":\"%s\",\"kid\":\"k\"}", BAD[i]);
        refuse(text, "neither \"ES256\" nor \"HS256\"");
    }
    refuse("{\"alg\":null,\"kid\":\"k\"}", "\"alg\" is not a text");
    refuse("{\"alg\":[\"ES256\"],\"kid\":\"k\"}", "\"alg\" is not a text");
    refuse("{\"alg\":256,\"kid\":\"k\"}", "\"alg\" is not a text");
    assert_int_equal(accept("{\"alg\":\"\\u0045S256\",\"kid\":\"k\"}").alg, ALG_ES256);
}

static void
test_no_name_may_appear_twice(void **state)
{
    (void)state;
    refuse(with("\"kid\":\"k1\""), "\"kid\" appears twice");
    refuse(with("\"alg\":\"HS256\""), "\"alg\" appears twice");
    refuse(with("\"\\u006bid\":\"k2\""), "\"kid\" appears twice");
    refuse(with("\"\\u0061\\u006c\\u0067\":\"none\""), "\"alg\" appears twice");
    refuse(with("\"typ\":\"a\",\"typ\":\"b\""), "appears twice");
    refuse(with("\"a/b\":1,\"a\\/b\":2"), "appears twice");
    accept(with("\"Kid\":\"k2\",\"ALG\":\"none\"")); /* other names */
    accept(with("\"x\":{\"kid\":1,\"kid\":2}"));     /* not a member of the header */
}

static void
test_crit_is_refused_in_any_spelling(void **state)
{
    (void)state;
    refuse(with("\"crit\":[\"exp\"]"), "\"crit\"");
    refuse(with("\"crit\":[]"), "\"crit\"");
    refuse(with("\"crit\":null"), "\"crit\"");
    refuse(with("\"cr\\u0069t\":[\"b64\"]"), "\"crit\"");
}

static void
test_a_kid_is_short_opaque_text(void **state)
{
    char text[200];
    char kid[67];

    (void)state;
    memset(kid, 'k', sizeof(kid));
    for (size_t len = 63; len <= 65; len++) {
        snprintf(text, sizeof(text), "{\"alg\":\"ES256\",\"kid\":\"%.*s\"}", (int)len,
                 kid);
        if (len <= TOKEN_ID_MAX_CHARS)
            assert_int_equal(accept(text).kid.len, len);
        else
            refuse(text, "longer than 64");
    }
    refuse("{\"alg\":\"ES256\",\"kid\":\"\"}", "\"kid\" is empty");
    refuse("{\"alg\":\"ES256\",\"kid\":1}", "\"kid\" is not a text");
    refuse("{\"alg\":\"ES256\",\"kid\":{\"a\":1}}", "\"kid\" is not a text");
    refuse("{\"alg\":\"ES256\",\"kid\":\"a\\u0000b\"}", "not JSON");
    assert_slice(accept("{\"alg\":\"ES256\",\"kid\":\"../x' OR 1=1\"}").kid,
                 "../x' OR 1=1");
    assert_slice(accept("{\"alg\":\"ES256\",\"kid\":\"\\u00e4\\\"\\n\"}").kid,
                 "\xc3\xa4\"\n");
}

/* `verify` judges messages that are not requests too. */
static void
test_a_fault_of_the_kid_alone_is_told_from_others(void **state)
{
    static const struct {
        const char *text;
        bool is_kid_only;
    } FAULTS[] = {
        {"{\"alg\":\"ES256\"}", true},
        {"{\"kid\":\"\",\"alg\":\"ES256\"}", true},
        {"{\"kid\":1,\"alg\":\"ES256\"}", false},
        {"{\"kid\":\"\",\"alg\":\"none\"}", false},
        {"{\"kid\":\"\",\"alg\":\"ES256\",\"crit\":[\"b64\"]}", false},
        {"{\"alg\":\"ES256\",\"issuedAt\":1.5}", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(FAULTS); i++) {
        struct jws_header header;
        struct jws_fault fault = {0};
        assert_int_equal(read_header(slice_of(FAULTS[i].text), &header, &fault),
                         STATUS_MALFORMED);
        assert_int_equal(fault.is_kid_only, FAULTS[i].is_kid_only);
    }
}

static void
test_issued_at_is_a_whole_number_or_its_digits(void **state)
{
    static const char *const BAD[] = {
        "1638572152.5", "1638572152000.0",
        "1.6e12",       "16385721520E2",
        "-1",           "99999999999999999999",
        "\"\"",         "\"1638572152000.0\"",
        "\" 1\"",       "\"+1\"",
        "\"-1\"",       "\"1e3\"",
        "\"0x10\"",     "\"99999999999999999999999\"",
        "null",         "true",
        "[1]",          "{\"a\":1}",
        "\"soon\"",
    };
    char text[200];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(BAD); i++) {
        snprintf(text, sizeof(text), "\"issuedAt\":%s", BAD[i]);
        struct jws_header header;
        struct jws_fault fault = {0};
        if (read_header(slice_of(with(text)), &header, &fault) == STATUS_OK)
            fail_msg("accepted: %s", BAD[i]);
    }
    refuse(with("\"issuedAt\":1.5"), "whole number");
    assert_int_equal(accept(with("\"issuedAt\":0")).issued_at_ms, 0);
    assert_int_equal(accept(with("\"issuedAt\":\"1795461688000\"")).issued_at_ms,
                     1795461688000);
    assert_int_equal(accept(with("\"issuedAt\":253402300799999")).issued_at_ms,
                     253402300799999);
    refuse(with("\"issuedAt\":253402300800000"), "year 9999");
    refuse(with("\"issuedAt\":9223372036854775807"), "year 9999");
}

static void
test_request_members_are_texts(void **state)
{
    static const char *const NAMES[] = {"method", "content-type", "uri", "query-string"};
    static const char *const BAD[] = {"1", "null", "[]", "{}", "false"};
    char text[100];
    char word[50];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(NAMES); i++) {
        for (size_t k = 0; k < COUNT_OF(BAD); k++) {
            snprintf(text, sizeof(text), "\"%s\":%s", NAMES[i], BAD[k]);
            snprintf(word, sizeof(word), "\"%s\" is not a text", NAMES[i]);
            refuse(with(text), word);
        }
    }
}

static void
test_a_leading_mark_of_the_query_is_stripped(void **state)
{
    (void)state;
    assert_slice(accept(with("\"query-string\":\"&pageSize=1\"")).query, "pageSize=1");
    assert_slice(accept(with("\"query-string\":\"?pageSize=1\"")).query, "pageSize=1");
    assert_slice(accept(with("\"query-string\":\"?&pageSize=1\"")).query, "pageSize=1");
    assert_slice(accept(with("\"query-string\":\"a=?&\"")).query, "a=?&");
    assert_slice(accept(with("\"query-string\":\"?\"")).query, "");
    assert_slice(accept(with("\"query-string\":\"\"")).query, "");
    assert_slice(accept(with("\"query-string\":\"\\u0026a=\\\"b\\\"\"")).query,
                 "a=\"b\"");
}

static void
test_escapes_are_resolved_in_every_member(void **state)
{
    struct jws_header h = accept(
        "{\"kid\":\"\\u006b1\",\"\\u0061lg\":\"HS\\u003256\",\"uri\":\"\\/v3\\/x\","
        "\"method\":\"\\u0047ET\",\"query-string\":\"a=\\ud83d\\ude00\"}");

    (void)state;
    assert_slice(h.kid, "k1");
    assert_int_equal(h.alg, ALG_HS256);
    assert_slice(h.uri, "/v3/x");
    assert_slice(h.method, "GET");
    assert_slice(h.query, "a=\xf0\x9f\x98\x80");
}

static void
test_what_is_not_strict_json_is_refused(void **state)
{
    static const char *const BAD[] = {
        "",
        "{",
        "{\"alg\":\"ES256\",\"kid\":\"k\"",
        "{\"alg\":\"ES256\",\"kid\":\"k\"}}",
        "{\"alg\":\"ES256\",\"kid\":\"k\",}",
        "{'alg':'ES256','kid':'k'}",
        "{alg:\"ES256\",\"kid\":\"k\"}",
        "{\"alg\":\"ES256\" \"kid\":\"k\"}",
        "{\"alg\":\"ES256\",\"kid\":\"k\"} x",
        "{\"alg\":\"ES256\",\"kid\":\"a\nb\"}",
        "{\"alg\":\"ES256\",\"kid\":\"\xff\"}",
        "{\"alg\":\"ES256\",\"kid\":\"\xc0\x80\"}",
        "{\"alg\":\"ES256\",\"kid\":\"\\ud800\"}",
        "\xef\xbb\xbf{\"alg\":\"ES256\",\"kid\":\"k\"}",
        "{\"alg\":\"ES256\",\"kid\":\"k\"/**/}",
        "{\"alg\":\"ES256\",\"kid\":\"k\",\"x\":01}",
        "{\"alg\":\"ES256\",\"kid\":\"k\",\"x\":NaN}",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(BAD); i++)
        refuse(BAD[i], "not JSON");
    refuse("[]", "not a JSON object");
    refuse("\"x\"", "not a JSON object");
    refuse("null", "not a JSON object");
}

static void
test_a_zero_byte_ends_nothing(void **state)
{
    static const char TEXT[] = "{\"alg\":\"ES256\",\"kid\":\"k\"}\0,\"crit\":1}";
    struct jws_header header;
    struct jws_fault fault = {0};

    (void)state;
    assert_int_equal(read_header(SLICE(TEXT), &header, &fault), STATUS_MALFORMED);
    assert_int_equal(
        read_header((struct slice){(const unsigned char *)TEXT, 25}, &header, &fault),
        STATUS_OK);
}

static void
test_deep_wide_and_long_headers_are_refused(void **state)
{
    char deep[2100] = "\"x\":";
    char *at = deep + 4;
    struct buffer wide AUTO(buffer_done) = buffer_make(4096);
    struct jws_header header;
    struct jws_fault fault = {0};

    (void)state;
    memset(at, '[', 1000);
    memset(at + 1000, ']', 1000);
    refuse(with(deep), "too deep");
    memset(at, 0, 2000);
    memset(at, '[', 20);
    memset(at + 20, ']', 20);
    accept(with(deep));

    buffer_add_text(&wide, "{\"alg\":\"ES256\",\"kid\":\"k\"");
    for (int i = 3; i <= 64; i++)
        buffer_print(&wide, ",\"m%d\":0", i);
    size_t len = wide.len;
    buffer_add_byte(&wide, '}');
    assert_int_equal(read_header(buffer_slice(&wide), &header, &fault), STATUS_OK);
    wide.len = len;
    buffer_add_text(&wide, ",\"m65\":0}");
    assert_int_equal(read_header(buffer_slice(&wide), &header, &fault), STATUS_MALFORMED);

    char *spaces AUTO(mem_done) = mem_new(JWS_HEADER_MAX_BYTES + 1);
    memset(spaces, ' ', JWS_HEADER_MAX_BYTES + 1);
    memcpy(spaces, "{\"alg\":\"ES256\",\"kid\":\"k\"}", 25);
    struct slice text = {(unsigned char *)spaces, JWS_HEADER_MAX_BYTES};
    assert_int_equal(read_header(text, &header, &fault), STATUS_OK);
    text.len++;
    assert_int_equal(read_header(text, &header, &fault), STATUS_MALFORMED);
    assert_non_null(strstr(fault.text, "8 KiB"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_whole_header_is_read),
        cmocka_unit_test(test_missing_request_members_are_told),
        cmocka_unit_test(test_what_clients_add_is_ignored),
        cmocka_unit_test(test_embedded_keys_are_ignored),
        cmocka_unit_test(test_only_the_two_algorithms_are_known),
        cmocka_unit_test(test_no_name_may_appear_twice),
        cmocka_unit_test(test_crit_is_refused_in_any_spelling),
        cmocka_unit_test(test_a_kid_is_short_opaque_text),
        cmocka_unit_test(test_a_fault_of_the_kid_alone_is_told_from_others),
        cmocka_unit_test(test_issued_at_is_a_whole_number_or_its_digits),
        cmocka_unit_test(test_request_members_are_texts),
        cmocka_unit_test(test_a_leading_mark_of_the_query_is_stripped),
        cmocka_unit_test(test_escapes_are_resolved_in_every_member),
        cmocka_unit_test(test_what_is_not_strict_json_is_refused),
        cmocka_unit_test(test_a_zero_byte_ends_nothing),
        cmocka_unit_test(test_deep_wide_and_long_headers_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
