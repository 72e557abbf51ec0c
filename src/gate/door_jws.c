/* SPDX-License-Identifier: Apache-2.0
 *
 * The door POST /jws/validate: one compact JWS within limits, in strict base64url, whose
 * header says what is asked for and whose payload holds what is given with it. */
#include "gate/inside.h"

#include "base/base64url.h"

static size_t
count_dots(struct slice text)
{
    size_t count = 0;

    for (size_t i = 0; i < text.len; i++)
        count += text.at[i] == '.';
    return count;
}

/* Says what is wrong with a body that jws_cut() did not take. */
static enum go
refuse_shape(struct exchange *x)
{
    struct slice body = slice_trim(x->message);
    size_t dot_count = count_dots(body);

    if (body.len == 0)
        return refuse(x, REFUSED_NOT_A_JWS, NULL,
                      "the body is empty; wanted is one compact JWS");
    if (dot_count != 2)
        return refuse(x, REFUSED_NOT_A_JWS, NULL,
                      "the body has %zu part%s; a compact JWS has three, with a dot "
                      "between each two",
                      dot_count + 1, dot_count == 0 ? "" : "s");
    return refuse(x, REFUSED_NOT_A_JWS, NULL,
                  "the body is not a compact JWS: its header or its signature is empty, "
                  "or it holds a character that is not base64url");
}

static enum go
refuse_part(struct exchange *x, const char *part)
{
    return refuse(x, REFUSED_NOT_A_JWS, part,
                  "the %s part is not strict base64url (RFC 7515 section 2): no padding, "
                  "no other characters, no spare bits",
                  part);
}

static enum go
decode_parts(struct exchange *x)
{
    struct gate_lane *lane = x->lane;
    size_t len = 0;

    if (x->jws.header.len > BASE64URL_MAX_CHARS(JWS_HEADER_MAX_BYTES))
        return refuse(
            x, REFUSED_BAD_HEADER, "header",
            "the header is longer than %d bytes, which is the most that we read",
            JWS_HEADER_MAX_BYTES);
    if (x->jws.signature.len > SIGNATURE_MAX_CHARS)
        return refuse(
            x, REFUSED_NOT_A_JWS, "signature",
            "the signature has %zu characters; one by HS256 has 43, one by ES256 "
            "has 86",
            x->jws.signature.len);
    if (base64url_decode(x->jws.header, lane->header, sizeof(lane->header), &len) !=
        STATUS_OK)
        return refuse_part(x, "header");
    x->header_json = lane->header;
    x->header_len = len;
    if (base64url_decode(x->jws.payload, lane->payload, JWS_MAX_BYTES, &len) != STATUS_OK)
        return refuse_part(x, "payload");
    x->payload = (struct slice){lane->payload, len};
    if (base64url_decode(x->jws.signature, lane->signature, sizeof(lane->signature),
                         &len) != STATUS_OK)
        return refuse_part(x, "signature");
    x->signature = (struct slice){lane->signature, len};
    return GO_ON;
}

static enum go
read_jws(struct exchange *x)
{
    enum status status = jws_cut(x->message, &x->jws);

    if (status == STATUS_TOO_LARGE)
        return refuse(x, REFUSED_TOO_LARGE, NULL,
                      "the body has %zu bytes; a JWS may have %d", x->message.len,
                      JWS_MAX_BYTES);
    if (status != STATUS_OK)
        return refuse_shape(x);
    x->signed_bytes = x->jws.signing_input;
    return decode_parts(x);
}

static enum go
read_header(struct exchange *x)
{
    struct jws_fault fault = {NULL};
    enum status status =
        jws_header_read(x->header_json, x->header_len, &x->header, &fault);

    if (status != STATUS_OK)
        return refuse(x, REFUSED_BAD_HEADER, "header", "the header cannot be taken: %s",
                      fault.text ? fault.text : status_text(status));
    if (!x->header.has_method)
        return refuse(x, REFUSED_BAD_HEADER, "method",
                      "the header has no \"method\"; wanted is for example \"GET\"");
    if (!x->header.has_uri)
        return refuse(x, REFUSED_BAD_HEADER, "uri",
                      "the header has no \"uri\"; wanted is a path, for example "
                      "\"/v3/whoami\"");
    if (!x->header.has_issued_at)
        return refuse(
            x, REFUSED_BAD_HEADER, "issuedAt",
            "the header has no \"issuedAt\"; wanted are milliseconds since 1970");
    return GO_ON;
}

static enum go
read_payload(struct exchange *x)
{
    struct json_value payload;

    if (x->payload.len == 0) /* as {}: nothing is given */
        return GO_ON;
    if (json_scan(x->payload, &payload) != STATUS_OK) {
        struct failure failure = {0};
        enum status status = json_explain(x->payload, &failure);
        (void)status;
        return refuse(x, REFUSED_BAD_REQUEST, "payload", "the payload is not JSON: %s",
                      failure.text);
    }
    if (payload.kind != JSON_KIND_OBJECT)
        return refuse(
            x, REFUSED_BAD_REQUEST, "payload",
            "the payload is not a JSON object; wanted is {} or {\"data\": ...}");
    if (json_find(&payload, SLICE("data"), &x->data) == STATUS_MALFORMED)
        return refuse(x, REFUSED_BAD_REQUEST, "data",
                      "the payload has more than one \"data\"");
    return GO_ON;
}

const struct door DOOR_JWS = {
    .name = "jws",
    .moment = "issuedAt",
    .read = read_jws,
    .header = read_header,
    .payload = read_payload,
};
