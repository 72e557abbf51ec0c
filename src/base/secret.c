/* SPDX-License-Identifier: Apache-2.0
 *
 * Wiping and comparing secrets. */
#include "base/secret.h"

#include <sys/prctl.h>
#include <sys/resource.h>

void
secret_wipe(void *at, size_t len)
{
    explicit_bzero(at, len);
}

void
secret_done(struct secret *secret)
{
    secret_wipe(secret, sizeof(*secret));
}

bool
secret_set(struct secret *out, struct slice bytes)
{
    secret_done(out);
    if (bytes.len > SECRET_MAX_BYTES)
        return false;
    if (bytes.len)
        memcpy(out->at, bytes.at, bytes.len);
    out->len = bytes.len;
    return true;
}

bool
secret_equal(struct slice a, struct slice b)
{
    unsigned char differs = 0;

    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++) {
        differs |= (unsigned char)(a.at[i] ^ b.at[i]);
        /* keeps the compiler from leaving the loop early */
        __asm__ volatile("" : "+r"(differs));
    }
    return differs == 0;
}

bool
secret_forbid_dumps(void)
{
    struct rlimit none = {0, 0};

    return setrlimit(RLIMIT_CORE, &none) == 0 && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0;
}
