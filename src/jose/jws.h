/* SPDX-License-Identifier: Apache-2.0
 *
 * JWS in compact form (RFC 7515 §3.1): taking apart, reading our header, signing. */
#ifndef JOSE_JWS_H
#define JOSE_JWS_H

#include "base/buffer.h"
#include "base/limits.h"
#include "base/slice.h"
#include "base/status.h"
#include "crypto/es256.h"
#include "crypto/hmac.h"
#include "model/alg.h"

#include <stdbool.h>
#include <stdint.h>

/* The three parts, still encoded, and what was signed. All point into the message. */
struct jws {
    struct slice header, payload, signature; /* base64url */
    struct slice signing_input;              /* header "." payload, as it came */
};

/* Cuts a compact JWS at its two dots. Exactly three parts; header and signature not
 * empty; blanks, line breaks at both ends are forgiven (files end with one), nowhere
 * else. Does not decode. STATUS_MALFORMED, STATUS_TOO_LARGE (> JWS_MAX_BYTES). */
MUST_CHECK enum status jws_cut(struct slice message, struct jws *out);

/* Our protected header. Slices are values with escapes resolved; they point into the
 * decoded header, which is changed in place. */
struct jws_header {
    enum alg alg;
    struct slice alg_text;
    struct slice kid;          /* opaque text, 1..TOKEN_ID_MAX_CHARS bytes */
    struct slice method;       /* as it came */
    struct slice content_type; /* may be empty */
    struct slice uri;
    struct slice query; /* without a leading '?' or '&'; may be empty */
    int64_t issued_at_ms;
    bool has_issued_at, has_method, has_uri;
};

/* Why a header was refused, for `verify`, `explain` and the 400 of the gate; a constant
 * text, e.g. "\"kid\" appears twice". */
struct jws_fault {
    const char *text;
    bool is_kid_only; /* a JWS by RFC 7515 all the same, but none that a token signed */
};

/* Reads a decoded header (JSON object; changed in place). STATUS_MALFORMED: not JSON, not
 * an object, a name twice (after unescaping), "crit" present, alg not on our list, kid
 * missing or too long, a value of the wrong type, issuedAt neither an integer number nor
 * a text of digits. Missing method, uri, issuedAt are left to the caller (has_…).
 * Unknown members are ignored. Allocates nothing. Source: RFC 7515 §4, DESIGN 3. */
MUST_CHECK enum status jws_header_read(unsigned char *json, size_t len,
                                       struct jws_header *out, struct jws_fault *fault);

/* What goes into the header of a request. */
struct jws_request {
    enum alg alg;
    struct slice kid, method, content_type, uri, query;
    int64_t issued_at_ms;
};

/* Appends a compact JWS for the request. Exactly one of the two keys is used, by alg.
 * `payload` is JSON: "{}" or {"data": …}. */
MUST_CHECK enum status jws_sign(const struct jws_request *request, struct slice payload,
                                const struct es256_private *es256,
                                const struct hmac_key *hs256, struct buffer *out);

/* Appends a compact JWS over any header and payload texts (tools and tests). */
MUST_CHECK enum status jws_sign_raw(struct slice header, struct slice payload,
                                    const struct es256_private *es256,
                                    const struct hmac_key *hs256, struct buffer *out);

/* A JWS without its payload (RFC 7515, appendix F), ES256, with issuedAt in its header:
 * what webhooks carry in Tokenhouse-Signature. */
MUST_CHECK enum status jws_sign_detached(struct slice payload, int64_t issued_at_ms,
                                         const struct es256_private *key,
                                         struct buffer *out);

#endif
