/* SPDX-License-Identifier: Apache-2.0
 *
 * Cleaning up without goto: locals that close themselves, and handing over. */
#ifndef BASE_AUTO_H
#define BASE_AUTO_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* A local that closes itself when its scope ends, whichever return is taken. */
#define AUTO(done) __attribute__((cleanup(done)))

static inline void
fd_done(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static inline void
file_done(FILE **file)
{
    if (*file)
        fclose(*file);
    *file = NULL;
}

/* Hands a pointer over: the caller's copy becomes NULL, so it is not freed twice. */
#define TAKE(pointer)                           \
    __extension__({                             \
        __typeof__(pointer) taken_ = (pointer); \
        (pointer) = NULL;                       \
        taken_;                                 \
    })

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#endif
