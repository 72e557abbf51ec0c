/* SPDX-License-Identifier: Apache-2.0
 *
 * base64url without padding, strict (RFC 4648 §5, RFC 7515 §2), and the padded standard
 * alphabet (RFC 4648 §4) for secret keys. A text is accepted only if encoding its bytes
 * gives the very same text back: no padding, no foreign characters, no spare bits. */
#ifndef BASE_BASE64URL_H
#define BASE_BASE64URL_H

#include "base/slice.h"
#include "base/status.h"

#define BASE64URL_MAX_CHARS(bytes) (((bytes)*4 + 2) / 3)
#define BASE64URL_MAX_BYTES(chars) ((chars)*3 / 4)
#define BASE64_MAX_CHARS(bytes)    (((bytes) + 2) / 3 * 4)

/* Decodes `text` into `out`, which has `room` bytes and may be text.at itself. *out_len
 * is untouched unless OK. STATUS_MALFORMED: not strict. STATUS_TOO_LARGE: more bytes than
 * there is room for; nothing is written. */
MUST_CHECK enum status base64url_decode(struct slice text, unsigned char *out,
                                        size_t room, size_t *out_len);
/* Encodes into `out` (room for BASE64URL_MAX_CHARS(bytes.len)); gives the length. No
 * closing zero. */
size_t base64url_encode(struct slice bytes, char *out);

/* Standard alphabet with padding; the same rules. */
MUST_CHECK enum status base64_decode(struct slice text, unsigned char *out, size_t room,
                                     size_t *out_len);
size_t base64_encode(struct slice bytes, char *out);

#endif
