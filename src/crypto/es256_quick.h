/* SPDX-License-Identifier: Apache-2.0
 *
 * Signing in eight lanes, in constant time. Every signature has a nonce of its own, made
 * of the private key, fresh random bytes and what is signed; nothing is made ahead or
 * kept. docs/es256.md has the mathematics. Not for other folders. */
#ifndef CRYPTO_ES256_QUICK_H
#define CRYPTO_ES256_QUICK_H

#include "crypto/es256_base.h"

/* A private key, prepared; secret. Any number of threads. */
struct es256_quick;

/* `d` is the private number, big endian, 0 < d < n; `point` its public key.
 * STATUS_UNAVAILABLE: this processor has no lanes, or there is no memory; STATUS_BROKEN:
 * a first signature did not verify by OpenSSL, so there is no quick way. */
MUST_CHECK enum status es256_quick_new(const uint8_t d[32],
                                       const uint8_t point[PUBLIC_KEY_BYTES],
                                       struct es256_quick **out);
void es256_quick_free(struct es256_quick **quick);

/* Signs a digest. False, and `out` is wiped: OpenSSL is to sign it. That is so for what
 * is exceptional, and for everything once a signature has turned out wrong. */
MUST_CHECK bool es256_quick_sign(struct es256_quick *quick,
                                 const uint8_t digest[ES256_DIGEST_BYTES],
                                 uint8_t out[ES256_SIGNATURE_BYTES]);
/* Signs 1 to 16 digests at once, which takes 17 µs for up to eight and 31 for more; one
 * by one they take 7 µs each. False, and all of `out` is wiped: they are to be signed one
 * by one. */
MUST_CHECK bool es256_quick_sign_all(struct es256_quick *quick, size_t count,
                                     const uint8_t digests[][ES256_DIGEST_BYTES],
                                     uint8_t out[][ES256_SIGNATURE_BYTES]);
/* Is it still in use, no signature having turned out wrong? */
bool es256_quick_is_on(const struct es256_quick *quick);

enum { ES256_QUICK_RANDOM_BYTES = 96 }; /* for the nonce and two blinding factors */

/* What es256_quick_sign() does with its random bytes, for tests: the nonce, 0 ≤ k < n,
 * and a signature by a given one; false as above. */
void es256_quick_nonce(const struct es256_quick *quick,
                       const uint8_t digest[ES256_DIGEST_BYTES],
                       const uint8_t random[ES256_QUICK_RANDOM_BYTES], uint64_t k[4]);
MUST_CHECK bool es256_quick_sign_by(const struct es256_quick *quick,
                                    const uint8_t digest[ES256_DIGEST_BYTES],
                                    const uint64_t k[4],
                                    const uint8_t random[ES256_QUICK_RANDOM_BYTES],
                                    uint8_t out[ES256_SIGNATURE_BYTES]);
/* The same of es256_quick_sign_all(), which signs by a nonce for each. */
MUST_CHECK bool es256_quick_sign_all_by(const struct es256_quick *quick, size_t count,
                                        const uint8_t digests[][ES256_DIGEST_BYTES],
                                        const uint64_t k[][4],
                                        const uint8_t random[ES256_QUICK_RANDOM_BYTES],
                                        uint8_t out[][ES256_SIGNATURE_BYTES]);

#endif
