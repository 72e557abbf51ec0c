/* SPDX-License-Identifier: Apache-2.0
 *
 * Bytes that must not be seen: wiped when they go, compared in constant time, and
 * without any way to print them. */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include "base/slice.h"

#include <stdbool.h>

enum { SECRET_MAX_BYTES = 512 };

struct secret {
    size_t len; /* in bytes */
    unsigned char at[SECRET_MAX_BYTES];
};

static inline struct slice
secret_slice(const struct secret *secret)
{
    return (struct slice){secret->at, secret->len};
}

/* False, and `out` is empty, when `bytes` is longer than SECRET_MAX_BYTES. */
bool secret_set(struct secret *out, struct slice bytes);
/* Overwrites with zeros; for AUTO(secret_done) too. */
void secret_done(struct secret *secret);
/* Overwrites `len` bytes at `at` with zeros; the compiler may not leave it out. */
void secret_wipe(void *at, size_t len);
/* Are both the same bytes? The time taken depends on the lengths only. */
bool secret_equal(struct slice a, struct slice b);
/* From here on the process leaves no core dump, and no other process of its user may
 * look into its memory. False when the kernel did not agree; errno says why. */
bool secret_forbid_dumps(void);

#endif
