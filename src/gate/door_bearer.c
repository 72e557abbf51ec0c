/* SPDX-License-Identifier: Apache-2.0
 *
 * An ordinary request with a bearer token, for those who cannot sign: Authorization:
 * Bearer th_…, over TLS only. Weaker than a signature, and only where the account allows
 * it: whoever sees it may use it, nothing of the request is proved, and what comes twice
 * cannot be told from what was sent twice. */
#include "gate/inside.h"

/* The token's text; false when there is none of ours. Tokens of other houses (a JWT, say)
 * are none of our business. */
bool
bearer_of(const struct http_request *request, struct slice *out)
{
    static const struct slice SCHEME = {(const unsigned char *)"bearer ", 7};
    struct slice value = {0};

    if (!http_request_header(request, SLICE("Authorization"), &value) ||
        !slice_equal_nocase(slice_head(value, SCHEME.len), SCHEME))
        return false;
    value = slice_trim(slice_from(value, SCHEME.len));
    if (!slice_starts(value, SLICE(BEARER_PREFIX)))
        return false;
    *out = value;
    return true;
}

static enum go
read_bearer(struct exchange *x)
{
    struct http_request request = {.headers = x->given->headers,
                                   .header_count = x->given->header_count};
    char id[UUID_CHARS + 1];

    x->header.method = x->given->method;
    x->header.uri = x->given->path;
    x->header.query = x->given->query;
    if (!slice_equal(x->given->scheme, SLICE("https")))
        return refuse(x, REFUSED_PLAIN_TEXT, "Authorization",
                      "a bearer token is taken over TLS only; this one has been sent in "
                      "plain text: treat it as leaked, and replace it");
    if (!bearer_of(&request, &x->signature) || bearer_read(x->signature, id) != STATUS_OK)
        return refuse_unproved(x, REFUSED_BAD_SIGNATURE);
    memcpy(x->lane->keyid, id, UUID_CHARS);
    x->header.kid = (struct slice){x->lane->keyid, UUID_CHARS};
    x->header.alg = ALG_BEARER;
    return GO_ON;
}

static enum go
read_request(struct exchange *x)
{
    struct http_request request = {.headers = x->given->headers,
                                   .header_count = x->given->header_count};

    x->header.issued_at_ms = x->now_ms; /* it does not say */
    if (!http_request_header(&request, SLICE("Content-Type"), &x->header.content_type))
        x->header.content_type = (struct slice){0};
    return GO_ON;
}

const struct door DOOR_BEARER = {
    .name = "bearer",
    .moment = "",
    .is_request_itself = true,
    .is_unsigned = true,
    .read = read_bearer,
    .header = read_request,
    .payload = signed_payload,
};
