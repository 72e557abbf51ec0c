/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a message, as a header, as a .token file and as a pasted key. What is
 * accepted must keep its promises, and a header must mean the same to jansson. */
#include "fuzz.h"

#include "base/auto.h"
#include "base/base64url.h"
#include "base/mem.h"
#include "crypto/pem.h"
#include "jose/jws.h"
#include "jose/token_file.h"

#include <assert.h>
#include <jansson.h>

static void
check_same_text(json_t *root, const char *name, struct slice ours)
{
    json_t *theirs = json_object_get(root, name);

    assert(json_is_string(theirs));
    assert(
        slice_equal(ours, (struct slice){(const unsigned char *)json_string_value(theirs),
                                         json_string_length(theirs)}));
}

static void
try_header(struct slice text)
{
    unsigned char *json AUTO(mem_done) = mem_new(text.len + 1);
    struct jws_header header;
    struct jws_fault fault = {0};

    if (text.len)
        memcpy(json, text.at, text.len);
    if (jws_header_read(json, text.len, &header, &fault) != STATUS_OK) {
        assert(fault.text);
        return;
    }
    assert(header.alg == ALG_ES256 || header.alg == ALG_HS256);
    assert(header.kid.len >= 1 && header.kid.len <= TOKEN_ID_MAX_CHARS);
    assert(header.issued_at_ms >= 0);

    json_t *root =
        json_loadb((const char *)text.at, text.len, JSON_REJECT_DUPLICATES, NULL);
    assert(json_is_object(root));
    assert(!json_object_get(root, "crit"));
    check_same_text(root, "alg", slice_of(alg_name(header.alg)));
    check_same_text(root, "kid", header.kid);
    assert(header.has_uri == !!json_object_get(root, "uri"));
    if (header.has_uri)
        check_same_text(root, "uri", header.uri);
    if (header.has_method)
        check_same_text(root, "method", header.method);
    json_t *issued_at = json_object_get(root, "issuedAt");
    assert(header.has_issued_at == !!issued_at);
    if (json_is_integer(issued_at))
        assert(json_integer_value(issued_at) == header.issued_at_ms);
    json_decref(root);
}

static void
try_message(struct slice text)
{
    struct jws jws;
    size_t len = 0;

    if (jws_cut(text, &jws) != STATUS_OK)
        return;
    assert(jws.header.len > 0 && jws.signature.len > 0);
    assert(jws.signing_input.at == jws.header.at);
    assert(jws.payload.at + jws.payload.len ==
           jws.signing_input.at + jws.signing_input.len);
    assert(jws.signature.at == jws.payload.at + jws.payload.len + 1);
    assert(jws.signature.at + jws.signature.len <= text.at + text.len);
    size_t room = BASE64URL_MAX_BYTES(jws.header.len);
    unsigned char *json AUTO(mem_done) = mem_new(room + 1);
    if (base64url_decode(jws.header, json, room, &len) == STATUS_OK)
        try_header((struct slice){json, len});
}

static void
try_files(struct slice text)
{
    char id[TOKEN_ID_MAX_CHARS + 1];
    struct secret secret = {0};
    struct failure failure = {0};
    uint8_t point[PUBLIC_KEY_BYTES];

    if (token_file_read(text, id, &secret, &failure) != STATUS_OK)
        assert(failure.text[0]);
    failure = (struct failure){0};
    if (pem_read_public(text, point, &failure) != STATUS_OK) {
        assert(failure.text[0]);
        return;
    }
    struct es256_key *key = NULL;
    enum status status = es256_key_new(point, &key);
    assert(status == STATUS_OK);
    es256_key_free(&key);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = {data, size};

    try_message(text);
    try_header(text);
    try_files(text);
    return 0;
}
