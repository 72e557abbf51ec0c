/* SPDX-License-Identifier: Apache-2.0
 *
 * SHA-256 by OpenSSL's plain context calls. They are deprecated since 3.0, and chosen
 * all the same: a context is 112 bytes on the stack, no fetch, no thread-local state and
 * nothing to free; 277 ns for 450 bytes, against 297 ns for a fetched EVP_MD with a kept
 * context and 482 ns for EVP_Digest(). Debian 12's OpenSSL 3.0 keeps them for its life.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "crypto/sha256.h"

#include "base/secret.h"

#include <assert.h>
#include <openssl/sha.h>
#include <string.h>

_Static_assert((int)SHA256_BYTES == (int)SHA256_DIGEST_LENGTH, "one digest, one length");
_Static_assert(sizeof(struct sha256_begun) == sizeof(SHA256_CTX), "it holds one");

static void
begin(SHA256_CTX *state, struct slice bytes)
{
    int done = SHA256_Init(state);

    if (bytes.len > 0)
        done &= SHA256_Update(state, bytes.at, bytes.len);
    assert(done == 1); /* they fail for a NULL argument only */
}

void
sha256(struct slice bytes, uint8_t out[SHA256_BYTES])
{
    SHA256_CTX state;

    begin(&state, bytes);
    int done = SHA256_Final(out, &state); /* also wipes the state */
    assert(done == 1);
}

void
sha256_begin(struct slice beginning, struct sha256_begun *out)
{
    SHA256_CTX state;

    begin(&state, beginning);
    memcpy(out, &state, sizeof(*out));
    secret_wipe(&state, sizeof(state));
}

void
sha256_end(const struct sha256_begun *begun, struct slice rest, uint8_t out[SHA256_BYTES])
{
    SHA256_CTX state;
    int done = 1;

    memcpy(&state, begun, sizeof(state));
    if (rest.len > 0)
        done &= SHA256_Update(&state, rest.at, rest.len);
    done &= SHA256_Final(out, &state); /* also wipes the state */
    assert(done == 1);
}
