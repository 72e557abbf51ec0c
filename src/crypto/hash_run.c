/* SPDX-License-Identifier: Apache-2.0
 *
 * Hashes in pieces, by the same plain context calls as in sha256.c. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "crypto/hash_run.h"

#include "base/mem.h"

#include <openssl/sha.h>

#include <assert.h>

struct hash_run {
    enum hash_kind kind;
    union {
        SHA256_CTX sha256;
        SHA512_CTX sha512;
    };
};

struct hash_run *
hash_run_new(enum hash_kind kind)
{
    struct hash_run *run = mem_new(sizeof(*run));
    int done = 0;

    run->kind = kind;
    switch (kind) {
    case HASH_SHA256:
        done = SHA256_Init(&run->sha256);
        break;
    case HASH_SHA512:
        done = SHA512_Init(&run->sha512);
        break;
    }
    assert(done == 1); /* they fail for a NULL argument only */
    return run;
}

void
hash_run_free(struct hash_run **run)
{
    mem_free(run);
}

void
hash_run_add(struct hash_run *run, struct slice bytes)
{
    int done = 0;

    if (bytes.len == 0)
        return;
    switch (run->kind) {
    case HASH_SHA256:
        done = SHA256_Update(&run->sha256, bytes.at, bytes.len);
        break;
    case HASH_SHA512:
        done = SHA512_Update(&run->sha512, bytes.at, bytes.len);
        break;
    }
    assert(done == 1);
}

size_t
hash_run_end(struct hash_run *run, uint8_t out[HASH_MAX_BYTES])
{
    int done = 0;
    size_t len = 0;

    switch (run->kind) {
    case HASH_SHA256:
        done = SHA256_Final(out, &run->sha256);
        len = SHA256_DIGEST_LENGTH;
        break;
    case HASH_SHA512:
        done = SHA512_Final(out, &run->sha512);
        len = SHA512_DIGEST_LENGTH;
        break;
    }
    assert(done == 1);
    return len;
}
