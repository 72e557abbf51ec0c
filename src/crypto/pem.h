/* SPDX-License-Identifier: Apache-2.0
 *
 * P-256 keys as text: reading what people paste, writing what they keep. */
#ifndef CRYPTO_PEM_H
#define CRYPTO_PEM_H

#include "base/buffer.h"
#include "crypto/es256.h"

/* Reads a P-256 public key that somebody pasted or uploaded (rule 3).
 * SubjectPublicKeyInfo in PEM, BEGIN/END lines optional, white space forgiven (CRLF,
 * blanks, tabs, one long line, byte order mark). All else is STATUS_MALFORMED, and
 * `failure` (field "public_key") says what was pasted and what is wanted: another curve
 * (named), a private key ("treat it as leaked"), a certificate, a certificate request,
 * RSA, Ed25519, an encrypted key, EC PARAMETERS, a JWK, an SSH key, a point off the
 * curve, DER as binary, nothing at all. The bytes of a private key are wiped from our
 * copies. A text that holds a private key beside anything else is refused as a private
 * key. */
MUST_CHECK enum status pem_read_public(struct slice text, uint8_t out[PUBLIC_KEY_BYTES],
                                       struct failure *failure);

/* Reads a P-256 private key: PKCS#8 or SEC1 PEM (with or without EC PARAMETERS before
 * it). For our own commands. */
MUST_CHECK enum status pem_read_private(struct slice text, struct es256_private **out,
                                        struct failure *failure);

/* Appends "-----BEGIN PUBLIC KEY-----…" */
void pem_write_public(const uint8_t point[PUBLIC_KEY_BYTES], struct buffer *out);
enum { PEM_FINGERPRINT_CHARS = 50 };
/* "SHA256:" and base64 without padding of the SHA-256 of its SubjectPublicKeyInfo: what
 * `openssl pkey -pubin -outform DER | sha256sum` hashes. */
void pem_fingerprint(const uint8_t point[PUBLIC_KEY_BYTES],
                     char out[PEM_FINGERPRINT_CHARS + 1]);
/* Appends PKCS#8 "-----BEGIN PRIVATE KEY-----…"; wipe the buffer. */
MUST_CHECK enum status pem_write_private(const struct es256_private *key,
                                         struct buffer *out);

#endif
