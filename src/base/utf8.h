/* SPDX-License-Identifier: Apache-2.0
 *
 * Well-formed UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing past U+10FFFF.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/slice.h"

#include <stdbool.h>
#include <stdint.h>

bool utf8_is(struct slice text);
/* The length of the code point at the beginning of `text`, 1..4 bytes; 0 when it is empty
 * or does not begin with a well-formed one. */
size_t utf8_len(struct slice text);
/* How many code points `text` (well-formed) holds. */
size_t utf8_count(struct slice text);
/* Is there a control character (C0, DEL, C1) in it? */
bool utf8_has_control(struct slice text);
/* Writes one code point; gives the number of bytes, 1..4. */
size_t utf8_write(uint32_t code_point, unsigned char out[4]);

#endif
