/* SPDX-License-Identifier: Apache-2.0
 *
 * The master key lies in memory of libsodium's: between guard pages, locked where the
 * system lets us (containers may not), left out of core dumps (MADV_DONTDUMP), wiped at
 * the end. It encrypts nothing itself: each use has a key of its own, made by keyed
 * BLAKE2b with a personal string per kind of use. */
#include "crypto/seal.h"

#include "base/auto.h"
#include "base/file.h"
#include "base/random.h"

#include <assert.h>
#include <sodium.h>

enum {
    NONCE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    TAG_BYTES = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    SEAL_KEY_BYTES = crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
    DERIVED_BYTES = 32,
    FILE_MAX_BYTES = 4096, /* enough to say how long a wrong file is */
};

_Static_assert((int)SEAL_EXTRA_BYTES == (int)NONCE_BYTES + (int)TAG_BYTES,
               "what sealing adds is promised in the header");

struct master_key {
    uint8_t root[MASTER_KEY_BYTES];
    uint8_t seal[SEAL_KEY_BYTES]; /* derived once, at opening */
};

/* The kinds of use, as BLAKE2b's personal string: keys of two kinds never meet. */
static const char PERSONAL_SEAL[] = "tokenhouse.seal.";
static const char PERSONAL_CHECK[] = "tokenhouse.check";
static const char PERSONAL_USE[] = "tokenhouse.use..";

static void
derive(const uint8_t root[MASTER_KEY_BYTES], const char *personal, struct slice use,
       uint8_t *out, size_t out_len)
{
    static const uint8_t no_salt[crypto_generichash_blake2b_SALTBYTES];

    int failed = crypto_generichash_blake2b_salt_personal(
        out, out_len, use.at, use.len, root, MASTER_KEY_BYTES, no_salt,
        (const unsigned char *)personal);
    assert(failed == 0); /* it fails for impossible lengths only */
}

enum status
master_key_make(const char *path, struct failure *failure)
{
    uint8_t root[MASTER_KEY_BYTES];

    random_fill(root, sizeof(root));
    enum status status =
        file_write_new(path, (struct slice){root, sizeof(root)}, 0600, failure);
    secret_wipe(root, sizeof(root));
    return status;
}

enum status
master_key_open(const char *path, struct master_key **out, struct failure *failure)
{
    struct buffer file AUTO(buffer_wipe) = buffer_make(FILE_MAX_BYTES);

    enum status status = file_read_secret(path, &file, failure);
    if (status != STATUS_OK)
        return status;
    if (file.len != MASTER_KEY_BYTES)
        return failure_set(failure, STATUS_MALFORMED, "master_key_file",
                           "the master key file %s holds %zu bytes; it must hold exactly "
                           "%d, as 'tokenhouse init' made it",
                           path, file.len, MASTER_KEY_BYTES);
    int ready = sodium_init(); /* 0 the first time, 1 after that */
    assert(ready >= 0);
    struct master_key *key = sodium_malloc(sizeof(*key));
    if (!key)
        return failure_set(failure, STATUS_UNAVAILABLE, "master_key_file",
                           "there is no memory for the master key %s", path);
    for (size_t i = 0; i < MASTER_KEY_BYTES; i++)
        key->root[i] = file.at[i];
    derive(key->root, PERSONAL_SEAL, (struct slice){0}, key->seal, sizeof(key->seal));
    sodium_mprotect_readonly(key);
    *out = key;
    return STATUS_OK;
}

void
master_key_close(struct master_key **key)
{
    sodium_free(*key); /* wipes it; takes NULL too */
    *key = NULL;
}

void
master_key_check(const struct master_key *key, uint8_t out[SEAL_CHECK_BYTES])
{
    derive(key->root, PERSONAL_CHECK, (struct slice){0}, out, SEAL_CHECK_BYTES);
}

void
master_key_derive(const struct master_key *key, struct slice use, struct secret *out)
{
    uint8_t derived[DERIVED_BYTES];

    derive(key->root, PERSONAL_USE, use, derived, sizeof(derived));
    bool fits = secret_set(out, (struct slice){derived, sizeof(derived)});
    assert(fits);
    secret_wipe(derived, sizeof(derived));
}

void
seal_close(const struct master_key *key, struct slice label, struct slice plain,
           uint8_t *out)
{
    /* 24 random bytes: no count of seals makes a nonce come twice. */
    random_fill(out, NONCE_BYTES);
    int failed = crypto_aead_xchacha20poly1305_ietf_encrypt(
        out + NONCE_BYTES, NULL, plain.at, plain.len, label.at, label.len, NULL, out,
        key->seal);
    assert(failed == 0);
}

enum status
seal_open(const struct master_key *key, struct slice label, struct slice sealed,
          uint8_t *out)
{
    if (sealed.len < SEAL_EXTRA_BYTES)
        return STATUS_MALFORMED;

    struct slice closed = slice_from(sealed, NONCE_BYTES);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, closed.at, closed.len,
                                                   label.at, label.len, sealed.at,
                                                   key->seal) != 0)
        return STATUS_MALFORMED;
    return STATUS_OK;
}
