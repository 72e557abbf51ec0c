/* SPDX-License-Identifier: Apache-2.0
 *
 * The second door: an ordinary request, signed by RFC 9421 (docs/protocol.md). What a
 * signature must cover and say is decided here; how it is read and written is known in
 * httpsig/. */
#include "gate/inside.h"

#include "base/auto.h"
#include "base/base64url.h"
#include "httpsig/content_digest.h"

static enum go
refuse_input(struct exchange *x, const char *field, const char *words)
{
    return refuse(x, REFUSED_SIGNATURE_INPUT, field, "%s", words);
}

/* ---- read: which signature counts, and its bytes ---- */

/* When the signature does not name its algorithm, its length does: so a caller learns
 * nothing about a token from how long an answer takes. */
static enum go
read_alg(struct exchange *x, const struct httpsig_input *input)
{
    if (input->has_alg) {
        if (httpsig_alg_read(input->alg, &x->header.alg) == STATUS_OK)
            return GO_ON;
        return refuse_input(x, "alg",
                            "alg is neither \"ecdsa-p256-sha256\" nor \"hmac-sha256\"");
    }
    x->header.alg = x->signature.len == HMAC_BYTES ? ALG_HS256 : ALG_ES256;
    if (x->signature.len == HMAC_BYTES || x->signature.len == ES256_SIGNATURE_BYTES)
        return GO_ON;
    return refuse(x, REFUSED_SIGNATURE_INPUT, "Signature",
                  "the signature has %zu bytes; one by hmac-sha256 has %d, one by "
                  "ecdsa-p256-sha256 has %d",
                  x->signature.len, HMAC_BYTES, ES256_SIGNATURE_BYTES);
}

static enum go
read_signature(struct exchange *x)
{
    struct gate_lane *lane = x->lane;
    struct failure failure = {0};
    struct slice text = {0};
    size_t len = 0;

    x->header.method = x->given->method; /* for the log, whatever comes */
    x->header.uri = x->given->path;
    x->header.query = x->given->query;
    if (httpsig_find(x->given, &lane->input, &text, &failure) != STATUS_OK)
        return refuse_input(x, "Signature-Input", failure.text);
    if (text.len > SIGNATURE_MAX_CHARS)
        return refuse(x, REFUSED_SIGNATURE_INPUT, "Signature",
                      "the signature has %zu characters, which no signature of ours has",
                      text.len);
    if (base64_decode(text, lane->signature, sizeof(lane->signature), &len) != STATUS_OK)
        return refuse_input(x, "Signature", "the signature is not strict base64");
    x->signature = (struct slice){lane->signature, len};
    return read_alg(x, &lane->input);
}

/* ---- header: who, what, when ---- */

/* Is all of the request line covered, in one of the two ways? */
static bool
covers_target(const struct httpsig_input *input)
{
    static const struct slice NONE = {0};

    return httpsig_covers(input, PART_TARGET_URI, NONE) ||
           (httpsig_covers(input, PART_AUTHORITY, NONE) &&
            httpsig_covers(input, PART_PATH, NONE) &&
            httpsig_covers(input, PART_QUERY, NONE));
}

static bool
covers_digest(const struct httpsig_input *input)
{
    return httpsig_covers(input, PART_FIELD, SLICE("content-digest"));
}

/* Where the body is not seen, a request of a method that has one must say what it is. */
static bool
needs_digest(const struct exchange *x)
{
    if (x->is_only_asked)
        return x->is_body_announced || (!is_safe_method(x->given->method) &&
                                        !slice_equal(x->given->method, SLICE("DELETE")));
    return x->is_body_streamed || x->message.len > 0;
}

static bool
needs_nonce(const struct exchange *x)
{
    return !is_safe_method(x->given->method) ||
           x->lane->gate->config->replay == REPLAY_MODE_ALL;
}

static enum go
check_covered(struct exchange *x, const struct httpsig_input *input)
{
    if (!httpsig_covers(input, PART_METHOD, (struct slice){0}))
        return refuse_input(x, "Signature-Input", "\"@method\" is not covered");
    if (!covers_target(input))
        return refuse_input(x, "Signature-Input",
                            "neither \"@target-uri\" is covered, nor all of "
                            "\"@authority\", \"@path\" and \"@query\"");
    if (needs_digest(x) && !covers_digest(input))
        return refuse_input(x, "Signature-Input",
                            "there is a body, and \"content-digest\" (RFC 9530) is not "
                            "covered");
    return GO_ON;
}

static enum go
check_parameters(struct exchange *x, const struct httpsig_input *input)
{
    if (!input->has_keyid || input->keyid.len == 0 ||
        input->keyid.len > TOKEN_ID_MAX_CHARS)
        return refuse(x, REFUSED_SIGNATURE_INPUT, "keyid",
                      "keyid is to be the token ID, of 1 to %d characters",
                      TOKEN_ID_MAX_CHARS);
    if (!input->has_created)
        return refuse_input(x, "created",
                            "created is missing; wanted are seconds since 1970");
    if (input->has_expires && input->expires_s <= input->created_s)
        return refuse_input(x, "expires", "expires is not after created");
    if (needs_nonce(x) && (!input->has_nonce || input->nonce.len == 0))
        return refuse_input(x, "nonce",
                            "nonce is missing; a request that may be taken only once "
                            "needs a random one");
    return GO_ON;
}

/* As if it had come in the header of a JWS. */
static void
fill_header(struct exchange *x, const struct httpsig_input *input)
{
    const struct httpsig_message *given = x->given;
    struct http_request request = {.headers = given->headers,
                                   .header_count = given->header_count};

    x->header.kid =
        (struct slice){x->lane->keyid, sf_string_read(input->keyid, x->lane->keyid)};
    x->header.issued_at_ms = input->created_s * 1000;
    x->expires_at_s = input->has_expires ? input->expires_s : 0;
    x->tag = input->has_tag ? input->tag : (struct slice){0};
    x->has_digest_covered = covers_digest(input);
    if (!http_request_header(&request, SLICE("Content-Type"), &x->header.content_type))
        x->header.content_type = (struct slice){0};
}

static enum go
read_input(struct exchange *x)
{
    struct gate_lane *lane = x->lane;
    struct failure failure = {0};

    if (check_covered(x, &lane->input) == ANSWERED ||
        check_parameters(x, &lane->input) == ANSWERED)
        return ANSWERED;
    fill_header(x, &lane->input);
    buffer_clear(&lane->base);
    if (httpsig_base_write(x->given, &lane->input, &lane->base, &failure) != STATUS_OK)
        return refuse_input(x, "Signature-Input", failure.text);
    x->signed_bytes = buffer_slice(&lane->base);
    return GO_ON;
}

/* ---- payload: the body ---- */

bool
looks_into_body(const struct operation *operation)
{
    for (size_t i = 0; i < operation->when_count; i++) {
        if (operation->whens[i].kind == WHEN_BODY)
            return true;
    }
    return false;
}

bool
is_json_type(struct slice type)
{
    struct slice essence = type;

    if (!slice_cut(&type, ';', &essence))
        essence = type;
    essence = slice_trim(essence);
    return slice_equal_nocase(essence, SLICE("application/json")) ||
           slice_ends(essence, SLICE("+json"));
}

static enum go
read_json(struct exchange *x)
{
    struct failure failure = {0};

    if (json_scan(x->message, &x->data) == STATUS_OK)
        return GO_ON;
    enum status status = json_explain(x->message, &failure);
    (void)status;
    return refuse(x, REFUSED_BAD_REQUEST, "body", "the body is not JSON: %s",
                  failure.text);
}

/* What the body will be held against, when it comes. */
static enum go
expect_body(struct exchange *x)
{
    struct failure failure = {0};

    if (!x->operation->upstream || looks_into_body(x->operation)) {
        x->retry_after_s = 1; /* the description was changed this very moment */
        return refuse(x, REFUSED_BUSY, NULL, "the API has just changed; try again");
    }
    if (!x->has_digest_covered ||
        content_digest_open(x->given->headers, x->given->header_count, &x->body_digest,
                            &failure) == STATUS_OK)
        return GO_ON;
    return refuse(x, REFUSED_DIGEST, "Content-Digest", "%s", failure.text);
}

enum go
signed_payload(struct exchange *x)
{
    struct failure failure = {0};

    if (x->is_body_streamed)
        return expect_body(x);
    if (x->is_only_asked)
        return looks_into_body(x->operation)
                   ? refuse(x, REFUSED_BAD_REQUEST, "body",
                            "what this operation needs depends on the body, which a "
                            "gateway that only asks does not send; it cannot be decided")
                   : GO_ON;
    if (x->has_digest_covered &&
        content_digest_check(x->given->headers, x->given->header_count, x->message,
                             &failure) != STATUS_OK)
        return refuse(x, REFUSED_DIGEST, "Content-Digest", "%s", failure.text);
    if (x->message.len > 0 &&
        (looks_into_body(x->operation) ||
         (is_json_type(x->header.content_type) && !x->operation->upstream)))
        return read_json(x);
    return GO_ON;
}

const struct door DOOR_SIGNED = {
    .name = "signed",
    .moment = "created",
    .is_request_itself = true,
    .read = read_signature,
    .header = read_input,
    .payload = signed_payload,
};
