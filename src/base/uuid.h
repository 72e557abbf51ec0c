/* SPDX-License-Identifier: Apache-2.0
 *
 * Random UUIDs (RFC 9562 §5.4) as lower-case text. */
#ifndef BASE_UUID_H
#define BASE_UUID_H

#include "base/slice.h"

#include <stdbool.h>

enum { UUID_CHARS = 36 };

/* Writes a new version 4 UUID and a closing zero. */
void uuid_make(char out[UUID_CHARS + 1]);
/* Is `text` a UUID of any version (any case)? */
bool uuid_is(struct slice text);

#endif
