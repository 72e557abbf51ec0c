/* SPDX-License-Identifier: Apache-2.0
 *
 * Equal bytes are kept once: the device groups and approved addresses of tokens, which
 * thousands of tokens have in common. Written by one thread; what it gave out may be read
 * by all until it is given back. */
#ifndef KEYRING_INTERN_H
#define KEYRING_INTERN_H

#include "base/slice.h"

#include <stddef.h>
#include <stdint.h>

struct interned;

/* Zeroed = empty. */
struct intern {
    struct interned **heads;
    size_t room, count;
};

void intern_done(struct intern *intern);
/* A copy of `bytes` (aligned for any number) that lives until it was given back as often
 * as it was asked for. */
const void *intern_take(struct intern *intern, struct slice bytes);
/* NULL is nothing. */
void intern_give_back(struct intern *intern, const void *bytes);

#endif
