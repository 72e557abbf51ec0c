/* SPDX-License-Identifier: Apache-2.0
 *
 * Base32 without padding (RFC 4648 §6): what people can type, and what authenticator apps
 * take. Only whole groups of five bytes. */
#ifndef BASE_BASE32_H
#define BASE_BASE32_H

#include "base/slice.h"

#define BASE32_CHARS(bytes) ((bytes) / 5 * 8)

/* Writes BASE32_CHARS(bytes.len) characters and a closing zero; bytes.len is a multiple
 * of 5. */
void base32_encode(struct slice bytes, char *out);

#endif
