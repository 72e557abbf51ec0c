/* SPDX-License-Identifier: Apache-2.0
 *
 * An OpenSSL that accepts no signature: loaded in front of it (LD_PRELOAD), says no to
 * every verification while the file VERIFY_REFUSES is there. For a program that signs,
 * and asks OpenSSL about samples, its own signatures are wrong from then on. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

int EVP_PKEY_verify(void *context, const unsigned char *signature, size_t signature_len,
                    const unsigned char *digest, size_t digest_len);

typedef int verify(void *, const unsigned char *, size_t, const unsigned char *, size_t);

int
EVP_PKEY_verify(void *context, const unsigned char *signature, size_t signature_len,
                const unsigned char *digest, size_t digest_len)
{
    verify *real = (verify *)dlsym(RTLD_NEXT, "EVP_PKEY_verify");
    const char *path = getenv("VERIFY_REFUSES");

    if (path && access(path, F_OK) == 0)
        return 0;
    return real(context, signature, signature_len, digest, digest_len);
}
