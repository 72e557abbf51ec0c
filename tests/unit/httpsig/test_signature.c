/* SPDX-License-Identifier: Apache-2.0
 *
 * RFC 9421's own examples that use our algorithms (sections 2 and B), what may be covered
 * and what not, and which of several signatures counts. */
#include "support.h"

#include "base/base64url.h"
#include "crypto/pem.h"
#include "crypto/sha256.h"
#include "httpsig/signature.h"

/* Appendix B.1.3 and B.1.5. The key is the decoded secret there; with us its text. */
static const char PUBLIC_KEY[] =
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqIVYZVLCrPZHGHjP17CTW0/+D9Lf"
    "w0EkjqF7xB4FivAxzic30tMM4GF+hR6Dxh71Z50VGGdldkkDXZCnTNnoXQ==";
static const char SHARED_SECRET[] =
    "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtb"
    "mHhIDi6pcl8jsasjlTMtDQ==";

#define REQUEST_DIGEST                                                                  \
    "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVL" \
    "vRwEmTHWXvJwew==:"
#define ANSWER_DIGEST                                                                   \
    "sha-512=:mEWXIS7MaLRuGgxOBdODa3xqM1XdEvxoYhvlCFJ41QJgJc4GTsPp29l5oGX69wWdXymyU0rj" \
    "Juahq4l5aGgfLQ==:"
#define BUSY_DIGEST                                                                     \
    "sha-512=:0Y6iCBzGg5rZtoXS95Ijz03mslf6KAMCloESHObfwnHJDbkkWWQz6PhhU9kxsTbARtY2PTBO" \
    "zq24uJFpHsMuAg==:"
#define CLIENT_CERT                                                                   \
    ":MIIBqDCCAU6gAwIBAgIBBzAKBggqhkjOPQQDAjA6MRswGQYDVQQKDBJMZXQncyBBdXRoZW50aWNhdG" \
    "UxGzAZBgNVBAMMEkxBIEludGVybWVkaWF0ZSBDQTAeFw0yMDAxMTQyMjU1MzNaFw0yMTAxMjMyMjU1M" \
    "zNaMA0xCzAJBgNVBAMMAkJDMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE8YnXXfaUgmnMtOXU/Inc" \
    "WalRhebrXmckC8vdgJ1p5Be5F/3YC8OthxM4+k1M6aEAEFcGzkJiNy6J84y7uzo9M6NyMHAwCQYDVR0" \
    "TBAIwADAfBgNVHSMEGDAWgBRm3WjLa38lbEYCuiCPct0ZaSED2DAOBgNVHQ8BAf8EBAMCBsAwEwYDVR" \
    "0lBAwwCgYIKwYBBQUHAwIwHQYDVR0RAQH/BBMwEYEPYmRjQGV4YW1wbGUuY29tMAoGCCqGSM49BAMCA" \
    "0gAMEUCIBHda/r1vaL6G3VliL4/Di6YK0Q6bMjeSkC3dFCOOB8TAiEAx/kHSB4urmiZ0NX5r5XarmPk" \
    "0wmuydBVoU4hBVZ1yhk=:"

enum { HEADER_MAX_COUNT = 12 };

/* A message with room for more fields. */
struct sample {
    struct http_header headers[HEADER_MAX_COUNT];
    struct httpsig_message message;
};

static void
sample_add(struct sample *sample, const char *name, const char *value)
{
    sample->headers[sample->message.header_count++] =
        (struct http_header){slice_of(name), slice_of(value)};
    sample->message.headers = sample->headers;
}

/* The request of B.2. */
static void
sample_request(struct sample *sample)
{
    *sample = (struct sample){.message = {.method = SLICE("POST"),
                                          .scheme = SLICE("https"),
                                          .authority = SLICE("example.com"),
                                          .target = SLICE("/foo?param=Value&Pet=dog"),
                                          .path = SLICE("/foo"),
                                          .query = SLICE("param=Value&Pet=dog"),
                                          .has_query = true}};
    sample_add(sample, "Host", "example.com");
    sample_add(sample, "Date", "Tue, 20 Apr 2021 02:07:55 GMT");
    sample_add(sample, "Content-Type", "application/json");
    sample_add(sample, "Content-Digest", REQUEST_DIGEST);
    sample_add(sample, "Content-Length", "18");
}

static void
sample_answer(struct sample *sample, int status, const char *digest, const char *length)
{
    *sample = (struct sample){.message = {.status = status}};
    sample_add(sample, "Date", "Tue, 20 Apr 2021 02:07:56 GMT");
    sample_add(sample, "Content-Type", "application/json");
    sample_add(sample, "Content-Digest", digest);
    sample_add(sample, "Content-Length", length);
}

/* The base of the signature that counts; what is said when there is none. */
static const char *
base_of(const struct sample *sample, struct slice *out_signature)
{
    static char text[8192];
    static struct failure failure;
    struct buffer base AUTO(buffer_done) = buffer_make(sizeof(text) - 1);
    struct httpsig_input input;
    struct slice signature;

    failure = (struct failure){0};
    if (httpsig_find(&sample->message, &input, &signature, &failure) != STATUS_OK ||
        httpsig_base_write(&sample->message, &input, &base, &failure) != STATUS_OK) {
        assert_true(failure.text[0] != '\0');
        return failure.text;
    }
    if (out_signature)
        *out_signature = signature;
    memcpy(text, base.at, base.len);
    text[base.len] = '\0';
    return text;
}

static bool
fits_es256(const char *base, struct slice signature)
{
    struct es256_key *key AUTO(es256_key_free) = NULL;
    struct failure failure = {0};
    uint8_t point[PUBLIC_KEY_BYTES];
    uint8_t digest[SHA256_BYTES];
    unsigned char bytes[128];
    size_t len = 0;
    bool fits = false;

    OK(pem_read_public(slice_of(PUBLIC_KEY), point, &failure));
    OK(es256_key_new(point, &key));
    OK(base64_decode(signature, bytes, sizeof(bytes), &len));
    sha256(slice_of(base), digest);
    OK(es256_verify(key, digest, (struct slice){bytes, len}, &fits));
    return fits;
}

static void
test_rfc_b24_an_answer_by_ecdsa(void **state)
{
    struct sample answer;
    struct slice signature = {0};

    (void)state;
    sample_answer(&answer, 200, ANSWER_DIGEST, "23");
    sample_add(&answer, "Signature-Input",
               "sig-b24=(\"@status\" \"content-type\" \"content-digest\" "
               "\"content-length\");created=1618884473;keyid=\"test-key-ecc-p256\"");
    sample_add(
        &answer, "Signature",
        "sig-b24=:wNmSUAhwb5LxtOtOpNa6W5xj067m5hFrj0XQ4fvpaCLx0NKocgPquLgyahnzDnDAU"
        "y5eCdlYUEkLIj+32oiasw==:");
    const char *base = base_of(&answer, &signature);
    assert_string_equal(
        base, "\"@status\": 200\n"
              "\"content-type\": application/json\n"
              "\"content-digest\": " ANSWER_DIGEST "\n"
              "\"content-length\": 23\n"
              "\"@signature-params\": (\"@status\" \"content-type\" \"content-digest\" "
              "\"content-length\");created=1618884473;keyid=\"test-key-ecc-p256\"");
    assert_true(fits_es256(base, signature));
    answer.message.status = 201;
    assert_false(fits_es256(base_of(&answer, NULL), signature));
}

static void
test_rfc_b25_a_request_by_hmac(void **state)
{
    struct sample request;
    struct slice signature = {0};
    unsigned char secret[128];
    unsigned char mac[HMAC_BYTES];
    size_t len = 0;

    (void)state;
    sample_request(&request);
    sample_add(&request, "Signature-Input",
               "sig-b25=(\"date\" \"@authority\" \"content-type\");created=1618884473;"
               "keyid=\"test-shared-secret\"");
    sample_add(&request, "Signature",
               "sig-b25=:pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=:");
    const char *base = base_of(&request, &signature);
    assert_string_equal(
        base, "\"date\": Tue, 20 Apr 2021 02:07:55 GMT\n"
              "\"@authority\": example.com\n"
              "\"content-type\": application/json\n"
              "\"@signature-params\": (\"date\" \"@authority\" \"content-type\")"
              ";created=1618884473;keyid=\"test-shared-secret\"");
    OK(base64_decode(slice_of(SHARED_SECRET), secret, sizeof(secret), &len));
    struct hmac_key *key AUTO(hmac_key_free) = hmac_key_new((struct slice){secret, len});
    OK(base64_decode(signature, mac, sizeof(mac), &len));
    assert_true(hmac_fits(key, slice_of(base), (struct slice){mac, len}));
    request.message.authority = SLICE("example.org");
    assert_false(
        hmac_fits(key, slice_of(base_of(&request, NULL)), (struct slice){mac, len}));
}

static void
test_rfc_b3_a_request_by_a_proxy(void **state)
{
    struct sample request;
    struct slice signature = {0};

    (void)state;
    sample_request(&request);
    request.message.authority = SLICE("service.internal.example");
    sample_add(&request, "Client-Cert", CLIENT_CERT);
    sample_add(&request, "Signature-Input",
               "ttrp=(\"@path\" \"@query\" \"@method\" \"@authority\" \"client-cert\");"
               "created=1618884473;keyid=\"test-key-ecc-p256\"");
    sample_add(
        &request, "Signature",
        "ttrp=:xVMHVpawaAC/0SbHrKRs9i8I3eOs5RtTMGCWXm/9nvZzoHsIg6Mce9315T6xoklyy0yzh"
        "D9ah4JHRwMLOgmizw==:");
    assert_true(
        fits_es256(base_of(&request, NULL), (base_of(&request, &signature), signature)));
    request.message.query = SLICE("param=value&Pet=dog");
    assert_false(fits_es256(base_of(&request, NULL), signature));
}

static void
test_rfc_24_an_answer_bound_to_its_request(void **state)
{
    struct sample request;
    struct sample answer;
    struct slice signature = {0};

    (void)state;
    sample_request(&request);
    sample_answer(&answer, 503, BUSY_DIGEST, "62");
    answer.message.request = &request.message;
    sample_add(&answer, "Signature-Input",
               "reqres=(\"@status\" \"content-digest\" \"content-type\" "
               "\"@authority\";req \"@method\";req \"@path\";req \"content-digest\";req)"
               ";created=1618884479;keyid=\"test-key-ecc-p256\"");
    sample_add(
        &answer, "Signature",
        "reqres=:dMT/A/76ehrdBTD/2Xx8QuKV6FoyzEP/I9hdzKN8LQJLNgzU4W767HK05rx1i8meNQ"
        "QgQPgQp8wq2ive3tV5Ag==:");
    const char *base = base_of(&answer, &signature);
    assert_true(fits_es256(base, signature));
    request.message.method = SLICE("PUT");
    assert_false(fits_es256(base_of(&answer, NULL), signature));
    answer.message.request = NULL;
    assert_non_null(strstr(base_of(&answer, NULL), "there is no request"));
}

/* ---- values of components ---- */

/* What one component is worth in `sample`. */
static const char *
value_of(const struct sample *sample, const char *identifier)
{
    static char text[2048];
    struct sample signed_one = *sample;
    char input[512];

    signed_one.message.headers = signed_one.headers;
    snprintf(input, sizeof(input), "s=(%s)", identifier);
    sample_add(&signed_one, "Signature-Input", input);
    sample_add(&signed_one, "Signature", "s=:AAAA:");
    const char *base = base_of(&signed_one, NULL);
    if (strncmp(base, identifier, strlen(identifier)) != 0 ||
        base[strlen(identifier)] != ':') { /* a refusal may begin with it too */
        snprintf(text, sizeof(text), "%s", base);
        return text;
    }
    const char *start = base + strlen(identifier) + 2;
    const char *end = strstr(start, "\n\"@signature-params\"");
    snprintf(text, sizeof(text), "%.*s", (int)(end - start), start);
    return text;
}

#define VALUE(sample, identifier, wanted) \
    assert_string_equal(value_of(sample, identifier), wanted)
#define NO_VALUE(sample, identifier, words)               \
    do {                                                  \
        const char *said_ = value_of(sample, identifier); \
        if (!strstr(said_, (words)))                      \
            fail_msg("no \"%s\" in: %s", words, said_);   \
    } while (0)

static void
test_derived_components(void **state)
{
    struct sample request;

    (void)state;
    sample_request(&request);
    VALUE(&request, "\"@method\"", "POST");
    VALUE(&request, "\"@target-uri\"", "https://example.com/foo?param=Value&Pet=dog");
    VALUE(&request, "\"@authority\"", "example.com");
    VALUE(&request, "\"@scheme\"", "https");
    VALUE(&request, "\"@request-target\"", "/foo?param=Value&Pet=dog");
    VALUE(&request, "\"@path\"", "/foo");
    VALUE(&request, "\"@query\"", "?param=Value&Pet=dog");
    NO_VALUE(&request, "\"@status\"", "a request has no \"@status\"");
    NO_VALUE(&request, "\"@method\";req", "there is no request");
    NO_VALUE(&request, "\"@unknown\"", "no component \"@unknown\"");
    NO_VALUE(&request, "\"@signature-params\"", "no component");
    NO_VALUE(&request, "\"@method\";sf", "none that we take");
    NO_VALUE(&request, "\"@method\";tr", "none that we take");
    NO_VALUE(&request, "@method", "not a dictionary");
    NO_VALUE(&request, "token", "not a text in quotes");
}

static void
test_authority_is_written_in_one_way(void **state)
{
    struct sample request;

    (void)state;
    sample_request(&request);
    request.message.authority = SLICE("EXAMPLE.com:443");
    VALUE(&request, "\"@authority\"", "example.com");
    VALUE(&request, "\"@target-uri\"", "https://example.com/foo?param=Value&Pet=dog");
    request.message.authority = SLICE("example.com:80");
    VALUE(&request, "\"@authority\"", "example.com:80");
    request.message.scheme = SLICE("http");
    VALUE(&request, "\"@authority\"", "example.com");
    request.message.authority = SLICE("[2001:DB8::1]:8480");
    VALUE(&request, "\"@authority\"", "[2001:db8::1]:8480");
}

static void
test_a_query_that_is_not_there_is_not_an_empty_one(void **state)
{
    struct sample request;

    (void)state;
    sample_request(&request);
    request.message.query = (struct slice){0};
    request.message.target = SLICE("/foo?");
    VALUE(&request, "\"@query\"", "?");
    VALUE(&request, "\"@target-uri\"", "https://example.com/foo?");
    request.message.has_query = false;
    request.message.target = SLICE("/foo");
    VALUE(&request, "\"@query\"", "?"); /* RFC 9421 §2.2.7 */
    VALUE(&request, "\"@target-uri\"", "https://example.com/foo");
    request.message.path = (struct slice){0};
    VALUE(&request, "\"@path\"", "/");
}

/* RFC 9421 §2.2.8, its own examples. */
static void
test_one_parameter_of_the_query(void **state)
{
    struct sample request;

    (void)state;
    sample_request(&request);
    request.message.query = SLICE("param=value&foo=bar&baz=batman&qux=");
    VALUE(&request, "\"@query-param\";name=\"baz\"", "batman");
    VALUE(&request, "\"@query-param\";name=\"qux\"", "");
    VALUE(&request, "\"@query-param\";name=\"param\"", "value");
    request.message.query = SLICE("var=this%20is%20a%20big%0Amultiline%20value&bar="
                                  "with+plus+whitespace&fa%C3%A7ade%22%3A%20=something");
    VALUE(&request, "\"@query-param\";name=\"var\"",
          "this%20is%20a%20big%0Amultiline%20value");
    VALUE(&request, "\"@query-param\";name=\"bar\"", "with%20plus%20whitespace");
    VALUE(&request, "\"@query-param\";name=\"fa%C3%A7ade%22%3A%20\"", "something");
    request.message.query = SLICE("a=1&b=2&%61=3");
    NO_VALUE(&request, "\"@query-param\";name=\"a\"", "2 parameters \"a\"");
    NO_VALUE(&request, "\"@query-param\";name=\"c\"", "0 parameters \"c\"");
    NO_VALUE(&request, "\"@query-param\"", "does not say which");
    NO_VALUE(&request, "\"@query-param\";name=a", "not a plain text");
}

static void
test_fields(void **state)
{
    struct sample request;

    (void)state;
    sample_request(&request);
    sample_add(&request, "X-OWS", "  Leading and trailing.  ");
    sample_add(&request, "Cache-Control", "max-age=60");
    sample_add(&request, "cache-control", "   must-revalidate");
    sample_add(&request, "X-Empty", "");
    VALUE(&request, "\"content-type\"", "application/json");
    VALUE(&request, "\"x-ows\"", "Leading and trailing.");
    VALUE(&request, "\"cache-control\"", "max-age=60, must-revalidate");
    VALUE(&request, "\"x-empty\"", "");
    VALUE(&request, "\"host\"", "example.com");
    VALUE(&request, "\"cache-control\";bs", ":bWF4LWFnZT02MA==:, :bXVzdC1yZXZhbGlkYXRl:");
    NO_VALUE(&request, "\"x-missing\"", "covered and not there");
    NO_VALUE(&request, "\"Content-Type\"", "in lower case");
    NO_VALUE(&request, "\"content type\"", "in lower case");
    NO_VALUE(&request, "\"\"", "not the name of a field");
    NO_VALUE(&request, "\"date\";bs;sf", "excludes");
    NO_VALUE(&request, "\"date\";sf", "none whose structure we know");
    NO_VALUE(&request, "\"date\";tr", "none that we take");
    NO_VALUE(&request, "\"date\";sf=?0", "none that we take");
}

static void
test_structured_fields_are_written_anew(void **state)
{
    struct sample request;

    (void)state;
    sample_request(&request);
    sample_add(&request, "Priority", "u=01,   i;x=1.50 ,o=(\"a\"   b);p");
    VALUE(&request, "\"priority\"", "u=01,   i;x=1.50 ,o=(\"a\"   b);p");
    VALUE(&request, "\"priority\";sf", "u=1, i;x=1.5, o=(\"a\" b);p");
    VALUE(&request, "\"priority\";key=\"u\"", "1");
    VALUE(&request, "\"priority\";key=\"i\"", "?1;x=1.5");
    VALUE(&request, "\"priority\";key=\"o\"", "(\"a\" b);p");
    NO_VALUE(&request, "\"priority\";key=\"z\"", "no such member");
    NO_VALUE(&request, "\"date\";key=\"z\"", "none whose structure we know");
    sample_add(&request, "Priority", "u=2");
    NO_VALUE(&request, "\"priority\";key=\"u\"", "more than once");
    NO_VALUE(&request, "\"priority\";sf", "several lines");
    VALUE(&request, "\"priority\";key=\"i\"", "?1;x=1.5");
    sample_add(&request, "Proxy-Status", "a;b,c");
    VALUE(&request, "\"proxy-status\";sf", "a;b, c");
    NO_VALUE(&request, "\"proxy-status\";key=\"a\"", "none whose structure we know");
}

/* ---- which one counts, and what it says ---- */

/* What is said of a request with these two fields. */
static const char *
said_of(const char *input, const char *signature)
{
    struct sample request;

    sample_request(&request);
    if (input)
        sample_add(&request, "Signature-Input", input);
    if (signature)
        sample_add(&request, "Signature", signature);
    return base_of(&request, NULL);
}

#define SAYS(input, signature, words)                   \
    do {                                                \
        const char *said_ = said_of(input, signature);  \
        if (!strstr(said_, (words)))                    \
            fail_msg("no \"%s\" in: %s", words, said_); \
    } while (0)

static void
test_the_only_signature_counts_whatever_its_tag(void **state)
{
    (void)state;
    SAYS("a=(\"@method\");tag=\"x\"", "a=:AAAA:", "\"@method\": POST");
    SAYS("a=(\"@method\");tag=\"x\"", "b=:AAAA:", "no member \"a\"");
    SAYS("a=(\"@method\")", NULL, "no member \"a\"");
    SAYS(NULL, "a=:AAAA:", "without a Signature-Input");
    SAYS("a=(\"@method\")", "a=:AAAA:, b=:AAAA:", "\"@method\": POST");
}

static void
test_of_several_the_tagged_one_counts(void **state)
{
    (void)state;
    SAYS("a=(\"@path\"), b=(\"@method\");tag=\"tokenhouse\"",
         "a=:AAAA:, b=:AAAA:", "\"@method\": POST");
    SAYS("b=(\"@method\");tag=\"tokenhouse\", a=(\"@path\")",
         "a=:AAAA:, b=:AAAA:", "\"@method\": POST");
    SAYS("a=(\"@path\"), b=(\"@method\")", "a=:AAAA:, b=:AAAA:", "0 of them have");
    SAYS("a=(\"@path\");tag=\"tokenhouse\", b=(\"@method\");tag=\"tokenhouse\"",
         "a=:AAAA:, b=:AAAA:", "2 of them have");
    SAYS("a=(\"@path\");tag=\"Tokenhouse\", b=(\"@method\")",
         "a=:AAAA:, b=:AAAA:", "0 of them have");
    SAYS("a=(\"@path\");tag=tokenhouse, b=(\"@method\")",
         "a=:AAAA:, b=:AAAA:", "0 of them have");
    SAYS("a=(\"@path\"), b=(\"@method\");tag=\"tokenhouse\"",
         "a=:AAAA:", "no member \"b\"");
}

static void
test_labels_appear_once(void **state)
{
    struct sample request;

    (void)state;
    SAYS("a=(\"@path\"), a=(\"@method\");tag=\"tokenhouse\"", "a=:AAAA:", "\"a\" twice");
    SAYS("a=(\"@path\")", "a=:AAAA:, a=:AAAB:", "\"a\" twice");
    sample_request(&request);
    sample_add(&request, "Signature-Input", "a=(\"@path\")");
    sample_add(&request, "Signature-Input", "b=(\"@method\");tag=\"tokenhouse\"");
    sample_add(&request, "Signature", "b=:AAAA:");
    sample_add(&request, "Signature", "a=:AAAA:");
    assert_non_null(strstr(base_of(&request, NULL), "\"@method\": POST"));
    sample_add(&request, "Signature", "b=:AAAB:"); /* in a line of its own */
    assert_non_null(strstr(base_of(&request, NULL), "\"b\" twice"));
}

static void
test_shapes_that_are_none(void **state)
{
    (void)state;
    SAYS("a=(\"@method\"", "a=:AAAA:", "Signature-Input is not a dictionary");
    SAYS("", "", "without a Signature-Input");
    SAYS("a=(\"@method\")", "a=:AAA:", "Signature is not a dictionary");
    SAYS("a=(\"@method\")", "a=\"AAAA\"", "not a byte sequence");
    SAYS("a=(\"@method\")", "a=(:AAAA:)", "not a byte sequence");
    SAYS("a=(\"@method\")", "a", "not a byte sequence");
    SAYS("a=\"@method\"", "a=:AAAA:", "not a list");
    SAYS("a", "a=:AAAA:", "not a list");
    SAYS("a=(\"@method\" \"@method\")", "a=:AAAA:", "covered twice");
    SAYS("a=(\"content-digest\";key=\"sha-512\";req "
         "\"content-digest\";req;key=\"sha-512\")",
         "a=:AAAA:", "covered twice");
    SAYS("a=()", "a=:AAAA:", "\"@signature-params\": ()");
}

static void
test_parameters_have_their_types(void **state)
{
    (void)state;
    SAYS("a=();created=\"1\"", "a=:AAAA:", "\"created\" is not a whole number");
    SAYS("a=();created=1.5", "a=:AAAA:", "\"created\"");
    SAYS("a=();created=-1", "a=:AAAA:", "\"created\"");
    SAYS("a=();created=@1", "a=:AAAA:", "\"created\"");
    SAYS("a=();created", "a=:AAAA:", "\"created\"");
    SAYS("a=();expires=253402300800", "a=:AAAA:", "\"expires\"");
    SAYS("a=();keyid=abc", "a=:AAAA:", "\"keyid\" is not a text");
    SAYS("a=();nonce=:AAAA:", "a=:AAAA:", "\"nonce\"");
    SAYS("a=();tag", "a=:AAAA:", "\"tag\"");
    SAYS("a=();alg=hmac-sha256", "a=:AAAA:", "\"alg\"");
    SAYS("a=();created=1;created=2", "a=:AAAA:", "not a dictionary");
    SAYS("a=();x=1;created=00001; y", "a=:AAAA:", "();x=1;created=1;y");
}

static void
test_covering_is_whole_or_nothing(void **state)
{
    struct slice rest = SLICE("a=(\"@method\" \"date\";bs \"content-type\")");
    struct sf_member member;
    struct httpsig_input input;
    struct failure failure = {0};

    (void)state;
    assert_int_equal(sf_next_member(&rest, &member), SF_ONE);
    OK(httpsig_input_read(&member, &input, &failure));
    assert_true(httpsig_covers(&input, PART_METHOD, (struct slice){0}));
    assert_true(httpsig_covers(&input, PART_FIELD, SLICE("content-type")));
    assert_false(httpsig_covers(&input, PART_FIELD, SLICE("date")));
    assert_false(httpsig_covers(&input, PART_FIELD, SLICE("content")));
    assert_false(httpsig_covers(&input, PART_PATH, (struct slice){0}));
}

static void
test_a_base_has_an_end(void **state)
{
    struct buffer base AUTO(buffer_done) = buffer_make(64);
    struct sample request;
    struct httpsig_input input;
    struct failure failure = {0};
    struct slice signature;

    (void)state;
    sample_request(&request);
    sample_add(&request, "Signature-Input", "a=(\"content-digest\")");
    sample_add(&request, "Signature", "a=:AAAA:");
    OK(httpsig_find(&request.message, &input, &signature, &failure));
    assert_int_equal(httpsig_base_write(&request.message, &input, &base, &failure),
                     STATUS_TOO_LARGE);
}

static void
test_what_we_sign_we_read(void **state)
{
    struct hmac_key *key AUTO(hmac_key_free) = hmac_key_new(SLICE("secret"));
    struct buffer input AUTO(buffer_done) = buffer_make(1000);
    struct buffer signature AUTO(buffer_done) = buffer_make(1000);
    struct buffer base AUTO(buffer_done) = buffer_make(1000);
    struct httpsig_key keys = {.hs256 = key};
    struct failure failure = {0};
    struct sample request;

    (void)state;
    sample_request(&request);
    OK(httpsig_sign(&request.message, SLICE("sig1"),
                    SLICE("(\"@method\"  \"@path\");created=1;keyid=\"k\""), &keys,
                    &input, &signature, &base, &failure));
    buffer_add_byte(&input, '\0');
    buffer_add_byte(&signature, '\0');
    sample_add(&request, "Signature-Input", (char *)input.at);
    sample_add(&request, "Signature", (char *)signature.at);
    struct slice found = {0};
    assert_slice(buffer_slice(&base), base_of(&request, &found));
    unsigned char mac[HMAC_BYTES];
    size_t len = 0;
    OK(base64_decode(found, mac, sizeof(mac), &len));
    assert_true(hmac_fits(key, buffer_slice(&base), (struct slice){mac, len}));
    assert_int_not_equal(httpsig_sign(&request.message, SLICE("sig1"),
                                      SLICE("(\"x-no\")"), &keys, &input, &signature,
                                      NULL, &failure),
                         STATUS_OK);
    assert_int_not_equal(httpsig_sign(&request.message, SLICE("sig1"), SLICE("(\"date\""),
                                      &keys, &input, &signature, NULL, &failure),
                         STATUS_OK);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rfc_b24_an_answer_by_ecdsa),
        cmocka_unit_test(test_rfc_b25_a_request_by_hmac),
        cmocka_unit_test(test_rfc_b3_a_request_by_a_proxy),
        cmocka_unit_test(test_rfc_24_an_answer_bound_to_its_request),
        cmocka_unit_test(test_derived_components),
        cmocka_unit_test(test_authority_is_written_in_one_way),
        cmocka_unit_test(test_a_query_that_is_not_there_is_not_an_empty_one),
        cmocka_unit_test(test_one_parameter_of_the_query),
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_structured_fields_are_written_anew),
        cmocka_unit_test(test_the_only_signature_counts_whatever_its_tag),
        cmocka_unit_test(test_of_several_the_tagged_one_counts),
        cmocka_unit_test(test_labels_appear_once),
        cmocka_unit_test(test_shapes_that_are_none),
        cmocka_unit_test(test_parameters_have_their_types),
        cmocka_unit_test(test_covering_is_whole_or_nothing),
        cmocka_unit_test(test_a_base_has_an_end),
        cmocka_unit_test(test_what_we_sign_we_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
