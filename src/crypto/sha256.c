/* SPDX-License-Identifier: Apache-2.0
 *
 * SHA-256 by OpenSSL's plain context calls. They are deprecated since 3.0, and chosen
 * all the same: a context is 112 bytes on the stack, no fetch, no thread-local state and
 * nothing to free; 277 ns for 450 bytes, against 297 ns for a fetched EVP_MD with a kept
 * context and 482 ns for EVP_Digest(). Debian 12's OpenSSL 3.0 keeps them for its life.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "crypto/sha256.h"

#include <openssl/sha.h>

#include <assert.h>

_Static_assert((int)SHA256_BYTES == (int)SHA256_DIGEST_LENGTH, "one digest, one length");

void
sha256(struct slice bytes, uint8_t out[SHA256_BYTES])
{
    SHA256_CTX state;
    int done = SHA256_Init(&state);

    if (bytes.len > 0)
        done &= SHA256_Update(&state, bytes.at, bytes.len);
    done &= SHA256_Final(out, &state);
    assert(done == 1); /* they fail for a NULL argument only */
}
