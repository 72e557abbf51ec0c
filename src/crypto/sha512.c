/* SPDX-License-Identifier: Apache-2.0
 *
 * SHA-512 by OpenSSL's plain context calls, for the reasons that sha256.c gives. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "crypto/sha512.h"

#include <openssl/sha.h>

#include <assert.h>

_Static_assert((int)SHA512_BYTES == (int)SHA512_DIGEST_LENGTH, "one digest, one length");

void
sha512(struct slice bytes, uint8_t out[SHA512_BYTES])
{
    SHA512_CTX state;
    int done = SHA512_Init(&state);

    if (bytes.len > 0)
        done &= SHA512_Update(&state, bytes.at, bytes.len);
    done &= SHA512_Final(out, &state);
    assert(done == 1); /* they fail for a NULL argument only */
}
