/* SPDX-License-Identifier: Apache-2.0
 *
 * ECDSA on P-256 with SHA-256 (RFC 7518 §3.4). One function stands for every way of
 * verifying; here is level 0, OpenSSL with a prepared key. */
#ifndef CRYPTO_ES256_H
#define CRYPTO_ES256_H

#include "base/limits.h"
#include "base/slice.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ES256_SIGNATURE_BYTES = 64, ES256_DIGEST_BYTES = 32 };

/* A public key ready for use by ONE thread. */
struct es256_key;
/* A private key; secret. */
struct es256_private;

/* Checks the point (on the curve, not infinity) and prepares it.
 * STATUS_MALFORMED: not a point of P-256. */
MUST_CHECK enum status es256_key_new(const uint8_t point[PUBLIC_KEY_BYTES],
                                     struct es256_key **out);
void es256_key_free(struct es256_key **key);
size_t es256_key_bytes(void); /* about what one costs in memory */

/* Is `signature` (R ‖ S) one over `digest` by the holder of `key`?
 *   out   true only if it is; false in every other case, also when the call fails
 * Anything but 64 bytes, r or s = 0 or ≥ n is no. STATUS_BROKEN: OpenSSL failed, we
 * could not tell. Time varies; all its input is public. */
MUST_CHECK enum status es256_verify(struct es256_key *key,
                                    const uint8_t digest[ES256_DIGEST_BYTES],
                                    struct slice signature, bool *out);

/* A new key pair from OpenSSL's random numbers. */
MUST_CHECK enum status es256_private_make(struct es256_private **out);
void es256_private_free(struct es256_private **key);
void es256_private_point(const struct es256_private *key, uint8_t out[PUBLIC_KEY_BYTES]);
/* From here on es256_sign() takes a third of OpenSSL's time with this key, where the
 * processor can (level 2). Call it before other threads have the key.
 * STATUS_UNAVAILABLE: it cannot, and OpenSSL signs as before; STATUS_BROKEN: the quick
 * way does not do here what OpenSSL does, which signs as before. */
MUST_CHECK enum status es256_private_quicken(struct es256_private *key);
/* Is the quick way in use? No longer once one of its signatures has turned out wrong:
 * samples are verified by OpenSSL before they are given out. */
bool es256_private_is_quick(const struct es256_private *key);
/* Signs by ECDSA with SHA-256. STATUS_BROKEN: OpenSSL failed. */
MUST_CHECK enum status es256_sign(const struct es256_private *key, struct slice message,
                                  uint8_t out[ES256_SIGNATURE_BYTES]);
enum { ES256_SIGN_TOGETHER = 16 }; /* as many share what can be shared */
/* Signs any number of digests; eight together take the quick way a third of the time of
 * eight that are signed one by one, and 16 a little less each. STATUS_BROKEN: OpenSSL
 * failed, and none is of use. */
MUST_CHECK enum status es256_sign_all(const struct es256_private *key, size_t count,
                                      const uint8_t digests[][ES256_DIGEST_BYTES],
                                      uint8_t out[][ES256_SIGNATURE_BYTES]);

#endif
