/* SPDX-License-Identifier: Apache-2.0
 *
 * Is it one compact JWS within limits, in strict base64url? */
#include "gate/inside.h"

#include "base/base64url.h"

#include <string.h>

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
    if (base64url_decode(x->jws.header, lane->header, &len) != STATUS_OK)
        return refuse_part(x, "header");
    x->header_json = lane->header;
    x->header_len = len;
    if (base64url_decode(x->jws.payload, lane->payload, &len) != STATUS_OK)
        return refuse_part(x, "payload");
    x->payload = (struct slice){lane->payload, len};
    if (base64url_decode(x->jws.signature, lane->signature, &len) != STATUS_OK)
        return refuse_part(x, "signature");
    x->signature = (struct slice){lane->signature, len};
    return GO_ON;
}

enum go
step_read(struct exchange *x)
{
    enum status status = jws_cut(x->message, &x->jws);

    if (status == STATUS_TOO_LARGE)
        return refuse(x, REFUSED_TOO_LARGE, NULL,
                      "the body has %zu bytes; a JWS may have %d", x->message.len,
                      JWS_MAX_BYTES);
    if (status != STATUS_OK)
        return refuse_shape(x);
    return decode_parts(x);
}
