/* SPDX-License-Identifier: Apache-2.0
 *
 * Files that the program carries; the tables are written by tools/embed.py. */
#ifndef BASE_EMBEDDED_H
#define BASE_EMBEDDED_H

#include "base/slice.h"

/* One file. A table of them ends with a row without a name. */
struct embedded {
    const char *name; /* path under its folder; closed text */
    struct slice bytes;
};

#endif
