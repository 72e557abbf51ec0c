/* SPDX-License-Identifier: Apache-2.0
 *
 * The compact form: cutting a message at its dots, and making one (RFC 7515 §7.1). */
#include "jose/jws.h"

#include "base/auto.h"
#include "base/base64url.h"
#include "json/write.h"

#include <assert.h>
#include <stdio.h>

enum status
jws_cut(struct slice message, struct jws *out)
{
    struct jws jws;

    if (message.len > JWS_MAX_BYTES)
        return STATUS_TOO_LARGE;
    message = slice_trim(message);
    struct slice rest = message;
    if (!slice_cut(&rest, '.', &jws.header) || !slice_cut(&rest, '.', &jws.payload))
        return STATUS_MALFORMED;
    jws.signature = rest;
    if (jws.header.len == 0 || jws.signature.len == 0 ||
        memchr(jws.signature.at, '.', jws.signature.len))
        return STATUS_MALFORMED;
    jws.signing_input = (struct slice){message.at, jws.header.len + 1 + jws.payload.len};
    *out = jws;
    return STATUS_OK;
}

static void
add_base64url(struct slice bytes, struct buffer *out)
{
    unsigned char *room = buffer_reserve(out, BASE64URL_MAX_CHARS(bytes.len));

    if (room)
        out->len += base64url_encode(bytes, (char *)room);
}

enum status
jws_sign_raw(struct slice header, struct slice payload, const struct es256_private *es256,
             const struct hmac_key *hs256, struct buffer *out)
{
    uint8_t signature[ES256_SIGNATURE_BYTES];
    size_t signature_len = es256 ? ES256_SIGNATURE_BYTES : HMAC_BYTES;
    size_t start = out->len;

    assert(!es256 != !hs256);
    add_base64url(header, out);
    buffer_add_byte(out, '.');
    add_base64url(payload, out);
    enum status status = buffer_check(out);
    if (status != STATUS_OK)
        return status;

    struct slice input = slice_from(buffer_slice(out), start);
    if (es256)
        status = es256_sign(es256, input, signature);
    else
        hmac_sign(hs256, input, signature);
    if (status != STATUS_OK)
        return status;
    buffer_add_byte(out, '.');
    add_base64url((struct slice){signature, signature_len}, out);
    return buffer_check(out);
}

enum status
jws_sign(const struct jws_request *request, struct slice payload,
         const struct es256_private *es256, const struct hmac_key *hs256,
         struct buffer *out)
{
    struct buffer header AUTO(buffer_done) = buffer_make(JWS_HEADER_MAX_BYTES);
    struct json_writer w = json_write_into(&header);

    json_write_object(&w);
    json_write_member_text(&w, "alg", alg_name(request->alg));
    json_write_member_string(&w, "kid", request->kid);
    json_write_member_string(&w, "method", request->method);
    json_write_member_string(&w, "content-type", request->content_type);
    json_write_member_string(&w, "uri", request->uri);
    json_write_member_string(&w, "query-string", request->query);
    json_write_member_int(&w, "issuedAt", request->issued_at_ms);
    json_write_end(&w);
    enum status status = json_write_done(&w);
    if (status != STATUS_OK)
        return status;
    return jws_sign_raw(buffer_slice(&header), payload,
                        request->alg == ALG_ES256 ? es256 : NULL,
                        request->alg == ALG_HS256 ? hs256 : NULL, out);
}

enum status
jws_sign_detached(struct slice payload, int64_t issued_at_ms,
                  const struct es256_private *key, struct buffer *out)
{
    struct buffer whole AUTO(buffer_done) = buffer_make(2 * payload.len + 1024);
    char header[64];
    struct slice rest;
    struct slice head = {0};
    struct slice body = {0};

    snprintf(header, sizeof(header), "{\"alg\":\"ES256\",\"issuedAt\":%lld}",
             (long long)issued_at_ms);
    enum status status = jws_sign_raw(slice_of(header), payload, key, NULL, &whole);
    if (status != STATUS_OK)
        return status;
    rest = buffer_slice(&whole);
    if (!slice_cut(&rest, '.', &head) || !slice_cut(&rest, '.', &body))
        return STATUS_BROKEN;
    buffer_print(out, "%.*s..%.*s", SLICE_ARG(head), SLICE_ARG(rest));
    return buffer_check(out);
}
