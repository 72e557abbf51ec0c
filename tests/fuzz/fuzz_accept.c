/* SPDX-License-Identifier: Apache-2.0
 *
 * Any fields as those of a request that asks for a signed answer. What is signed is one
 * signature by our key alone, which verifies over exactly what it names; when nothing is
 * signed nothing is written. The first line is a field of the answer. */
#include "fuzz.h"
#include "headers.h"

#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/base64url.h"
#include "crypto/sha256.h"
#include "httpsig/accept.h"

enum { FIELD_MAX_BYTES = 64 * 1024, HEADER_MAX_COUNT = 16 };

#define KEY_ID "our-key"
#define NOW_S  1795435200

static struct es256_private *key;
static struct es256_key *verifier;

static void
set_up(void)
{
    uint8_t point[PUBLIC_KEY_BYTES];

    NEED(es256_private_make(&key) == STATUS_OK);
    es256_private_point(key, point);
    NEED(es256_key_new(point, &verifier) == STATUS_OK);
}

/* As its receiver would: finds the signature in the fields of the answer, and checks. */
static void
check_signed(const struct httpsig_message *answer, struct slice input_field,
             struct slice signature_field)
{
    static struct httpsig_input input;
    struct sf_member member;
    struct slice rest = input_field;
    struct slice value = signature_field;
    struct failure failure = {0};
    struct buffer base AUTO(buffer_done) = buffer_make(HTTPSIG_BASE_MAX_BYTES);
    uint8_t signature[ES256_SIGNATURE_BYTES];
    size_t signature_len = 0;
    uint8_t digest[SHA256_BYTES];
    bool is_right = false;

    NEED(sf_dictionary_is_valid(input_field) && sf_dictionary_is_valid(signature_field));
    NEED(sf_next_member(&rest, &member) == SF_ONE);
    NEED(httpsig_input_read(&member, &input, &failure) == STATUS_OK);
    NEED(sf_next_member(&rest, &member) == SF_NO_MORE);
    NEED(input.has_keyid && slice_equal(input.keyid, SLICE(KEY_ID)));
    NEED(input.has_alg && slice_equal(input.alg, SLICE("ecdsa-p256-sha256")));
    NEED(input.has_created && input.created_s == NOW_S);
    NEED(!input.has_expires || input.expires_s > NOW_S);
    NEED(httpsig_base_write(answer, &input, &base, &failure) == STATUS_OK);
    NEED(sf_next_member(&value, &member) == SF_ONE &&
         slice_equal(member.key, input.label));
    NEED(member.value.kind == SF_BYTES);
    NEED(base64_decode(member.value.raw, signature, sizeof(signature), &signature_len) ==
         STATUS_OK);
    NEED(signature_len == sizeof(signature));
    sha256(buffer_slice(&base), digest);
    NEED(es256_verify(verifier, digest, (struct slice){signature, signature_len},
                      &is_right) == STATUS_OK);
    NEED(is_right);
}

int
LLVMFuzzerTestOneInput(const unsigned char *at, size_t len)
{
    struct slice text = {at, len};
    struct slice first = {0};
    struct http_header asked[HEADER_MAX_COUNT];
    struct http_header told[2] = {{SLICE("Content-Type"), SLICE("application/json")}};
    struct buffer input AUTO(buffer_done) = buffer_make(FIELD_MAX_BYTES);
    struct buffer signature AUTO(buffer_done) = buffer_make(FIELD_MAX_BYTES);
    struct httpsig_message request = {.method = SLICE("GET"),
                                      .scheme = SLICE("https"),
                                      .authority = SLICE("example.com"),
                                      .target = SLICE("/a?b=1"),
                                      .path = SLICE("/a"),
                                      .query = SLICE("b=1"),
                                      .has_query = true,
                                      .headers = asked};
    struct httpsig_message answer = {
        .status = 200, .headers = told, .header_count = 1, .request = &request};

    if (!key)
        set_up();
    if (slice_cut(&text, '\n', &first)) {
        struct slice value = first;
        if (slice_cut(&value, ':', &told[1].name)) {
            told[1].value = value;
            answer.header_count = 2;
        }
    }
    request.header_count = cut_headers(text, asked, COUNT_OF(asked));
    struct httpsig_answerer answerer = {key, SLICE(KEY_ID), NOW_S};
    if (httpsig_answer_sign(&answer, &answerer, &input, &signature) == STATUS_OK)
        check_signed(&answer, buffer_slice(&input), buffer_slice(&signature));
    else
        NEED(input.len == 0 && signature.len == 0);
    return 0;
}
