/* SPDX-License-Identifier: Apache-2.0
 *
 * SubjectPublicKeyInfo in DER (RFC 5280 §4.1.2.7, RFC 5480): one kind is read, the
 * others are named. For pem.c only. */
#ifndef CRYPTO_DER_H
#define CRYPTO_DER_H

#include "base/limits.h"
#include "base/slice.h"
#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    DER_PUBLIC_BYTES = 91,    /* a P-256 key, point uncompressed */
    DER_WHAT_MAX_CHARS = 120, /* what something is, as words after "this is" */
};

/* Reads a P-256 public key; the point is on the curve. A compressed point is taken, a
 * curve given by its numbers is not. STATUS_MALFORMED: `out_what` says what it is
 * instead, e.g. "a key on the curve secp384r1". */
MUST_CHECK enum status der_read_public(struct slice der, uint8_t out[PUBLIC_KEY_BYTES],
                                       char out_what[DER_WHAT_MAX_CHARS + 1]);
void der_write_public(const uint8_t point[PUBLIC_KEY_BYTES],
                      uint8_t out[DER_PUBLIC_BYTES]);

/* Does `der` (its first 12 bytes are enough) begin like a private key of any format?
 * PKCS #8, SEC 1, PKCS #1 and PKCS #12 begin with a small version number, which no
 * format of public things does. */
bool der_is_private(struct slice der);
/* Is it a PKCS #8 key under a passphrase (RFC 5958 §3)? */
bool der_is_encrypted_private(struct slice der);

#endif
