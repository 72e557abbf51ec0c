/* SPDX-License-Identifier: Apache-2.0
 *
 * Percent-encoding (RFC 3986 §2.1). '+' is a plus, never a blank. */
#ifndef BASE_PERCENT_H
#define BASE_PERCENT_H

#include "base/buffer.h"
#include "base/slice.h"
#include "base/status.h"

/* Decodes %xx once into `out` (room for text.len bytes; may be text.at). Lenient: a '%'
 * that is not followed by two hex digits stays as it is. Gives the length. */
size_t percent_decode(struct slice text, unsigned char *out);
/* Appends `text` with everything but unreserved characters encoded. */
void percent_encode(struct buffer *out, struct slice text);

#endif
