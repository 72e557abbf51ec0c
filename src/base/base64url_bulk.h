/* SPDX-License-Identifier: Apache-2.0
 *
 * The fast parts of base64url_decode() and base64url_encode() on machines that have them;
 * for base64url.c only. */
#ifndef BASE_BASE64URL_BULK_H
#define BASE_BASE64URL_BULK_H

#include "base/slice.h"

/* Decodes blocks of characters from the beginning of `text` as far as it likes, and
 * gives the number of characters done: a multiple of 4, possibly 0. It stops before a
 * block that holds a foreign character, and early enough that `out` (room for what
 * text.len characters decode to; may be text.at) is not left. */
size_t base64url_bulk(struct slice text, unsigned char *out);

/* Encodes blocks of bytes from the beginning of `bytes` as far as it likes, and gives the
 * number of bytes done: a multiple of 3, possibly 0. */
size_t base64url_bulk_encode(struct slice bytes, char *out);

#endif
