/* SPDX-License-Identifier: Apache-2.0
 *
 * HMAC-SHA-256 from two kept SHA-256 states (RFC 2104 §4): 0.33 µs for 450 bytes, where
 * HMAC() takes 1.2 µs. Uses the deprecated context calls because only they give a state
 * that is copied like a struct; see sha256.c. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "crypto/hmac.h"

#include "base/mem.h"
#include "base/secret.h"

#include <assert.h>
#include <openssl/sha.h>

struct hmac_key {
    SHA256_CTX inner; /* after the block key ^ 0x36… */
    SHA256_CTX outer; /* after the block key ^ 0x5c… */
};

static void
start(SHA256_CTX *state, const uint8_t block[SHA256_CBLOCK], uint8_t pad)
{
    uint8_t padded[SHA256_CBLOCK];

    for (size_t i = 0; i < sizeof(padded); i++)
        padded[i] = block[i] ^ pad;
    int done = SHA256_Init(state);
    done &= SHA256_Update(state, padded, sizeof(padded));
    assert(done == 1);
    secret_wipe(padded, sizeof(padded));
}

struct hmac_key *
hmac_key_new(struct slice secret)
{
    struct hmac_key *key = mem_new(sizeof(*key));
    uint8_t block[SHA256_CBLOCK] = {0};

    if (secret.len <= sizeof(block)) {
        for (size_t i = 0; i < secret.len; i++)
            block[i] = secret.at[i];
    } else { /* a longer key is hashed first; the 88 characters of ours are */
        SHA256_CTX state;
        int done = SHA256_Init(&state);
        done &= SHA256_Update(&state, secret.at, secret.len);
        done &= SHA256_Final(block, &state);
        assert(done == 1);
        secret_wipe(&state, sizeof(state));
    }
    start(&key->inner, block, 0x36);
    start(&key->outer, block, 0x5c);
    secret_wipe(block, sizeof(block));
    return key;
}

void
hmac_key_free(struct hmac_key **key)
{
    if (*key)
        secret_wipe(*key, sizeof(**key));
    mem_free(key);
}

size_t
hmac_key_bytes(void)
{
    return sizeof(struct hmac_key);
}

void
hmac_sign(const struct hmac_key *key, struct slice message, uint8_t out[HMAC_BYTES])
{
    SHA256_CTX state = key->inner;
    uint8_t inner[HMAC_BYTES];
    int done = 1;

    if (message.len > 0)
        done &= SHA256_Update(&state, message.at, message.len);
    done &= SHA256_Final(inner, &state);
    state = key->outer;
    done &= SHA256_Update(&state, inner, sizeof(inner));
    done &= SHA256_Final(out, &state); /* also wipes the state */
    assert(done == 1);
}

bool
hmac_fits(const struct hmac_key *key, struct slice message, struct slice mac)
{
    uint8_t wanted[HMAC_BYTES];

    if (mac.len != HMAC_BYTES)
        return false;
    hmac_sign(key, message, wanted);
    return secret_equal((struct slice){wanted, sizeof(wanted)}, mac);
}
