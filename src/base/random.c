/* SPDX-License-Identifier: Apache-2.0
 *
 * getrandom(2), all of it or the end. */
#include "base/random.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/types.h>

void
random_fill(void *out, size_t len)
{
    unsigned char *at = out;

    while (len) {
        ssize_t got = getrandom(at, len, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            abort(); /* guessable keys are worse than none */
        at += got;
        len -= (size_t)got;
    }
}

uint64_t
random_u64(void)
{
    uint64_t number;

    random_fill(&number, sizeof(number));
    return number;
}
