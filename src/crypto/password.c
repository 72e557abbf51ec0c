/* SPDX-License-Identifier: Apache-2.0
 *
 * Argon2id with 19 MiB and two passes, OWASP's first choice for it. */
#include "crypto/password.h"

#include <assert.h>
#include <sodium.h>

enum { PASSES = 2, MEMORY_BYTES = 19 * 1024 * 1024 };

_Static_assert((int)PASSWORD_HASH_CHARS + 1 == (int)crypto_pwhash_STRBYTES,
               "a hash and its closing zero fill libsodium's text");

/* The hash of a password that nobody knows: what is checked where there is no hash. */
static const char NOBODY[] = "$argon2id$v=19$m=19456,t=2,p=1$FBwZed59v1NopVYja"
                             "8Qv7w$KiKrVJGQqwvLCV2C9TgeTzwjGZ7PSU0Nnwv6/ue0lC0";

static void
ready(void)
{
    int done = sodium_init(); /* 0 the first time, 1 after that */
    assert(done >= 0);
}

/* libsodium wants an address even for no bytes. */
static const char *
text_of(struct slice password)
{
    return password.len ? (const char *)password.at : "";
}

enum status
password_hash(struct slice password, char out[PASSWORD_HASH_CHARS + 1])
{
    char hash[PASSWORD_HASH_CHARS + 1];

    ready();
    if (crypto_pwhash_str(hash, text_of(password), password.len, PASSES, MEMORY_BYTES) !=
        0)
        return STATUS_UNAVAILABLE;
    memcpy(out, hash, sizeof(hash));
    return STATUS_OK;
}

bool
password_fits(struct slice password, const char *hash)
{
    ready();
    /* Negative: not a hash at all (or none), which would be refused at once. */
    bool is_hash = crypto_pwhash_str_needs_rehash(hash, PASSES, MEMORY_BYTES) >= 0;
    bool fits = crypto_pwhash_str_verify(is_hash ? hash : NOBODY, text_of(password),
                                         password.len) == 0;
    return fits && is_hash;
}
