/* SPDX-License-Identifier: Apache-2.0
 *
 * A key as JSON (RFC 7517), for verifying what others signed: P-256 and octets. */
#ifndef JOSE_JWK_H
#define JOSE_JWK_H

#include "base/limits.h"
#include "base/secret.h"
#include "base/slice.h"
#include "base/status.h"
#include "model/alg.h"

#include <stdbool.h>
#include <stdint.h>

/* A key and the one algorithm that it is for. Wipe it with jwk_done(). */
struct jwk {
    enum alg alg;
    uint8_t point[PUBLIC_KEY_BYTES]; /* ES256; not yet checked to be on the curve */
    struct secret secret;            /* HS256; the decoded bytes of "k" */
    bool has_private;                /* an EC key with "d", which was not read */
};

/* Reads one key for verifying. STATUS_MALFORMED, `failure` (field "jwk") says why:
 * another "kty" or "crv", a "use" that is not "sig", "key_ops" without "verify", an "alg"
 * of another key, numbers that are not strict base64url of the right length, a set of
 * keys. Source: RFC 7517 §4, RFC 7518 §6. */
MUST_CHECK enum status jwk_read(struct slice text, struct jwk *out,
                                struct failure *failure);
void jwk_done(struct jwk *jwk);

enum { JWK_THUMBPRINT_CHARS = 43 };
/* The id of a public key: its thumbprint (RFC 7638), base64url of SHA-256. */
void jwk_thumbprint(const uint8_t point[PUBLIC_KEY_BYTES],
                    char out[JWK_THUMBPRINT_CHARS + 1]);

#endif
