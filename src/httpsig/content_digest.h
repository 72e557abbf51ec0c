/* SPDX-License-Identifier: Apache-2.0
 *
 * Content-Digest (RFC 9530): what a body hashes to, so that a signature over the field
 * covers the body. We know sha-256 and sha-512; what else is named there is ignored. */
#ifndef HTTPSIG_CONTENT_DIGEST_H
#define HTTPSIG_CONTENT_DIGEST_H

#include "base/buffer.h"
#include "base/slice.h"
#include "base/status.h"
#include "http/call.h"

enum { CONTENT_DIGEST_CHARS = 54 }; /* sha-256=:…: */

/* Has `body` every digest that the field names? STATUS_REFUSED: one is another;
 * STATUS_MALFORMED: the field cannot be read, or names none that we know. `failure` says
 * which. */
MUST_CHECK enum status content_digest_check(const struct http_header *headers,
                                            size_t header_count, struct slice body,
                                            struct failure *failure);

/* Writes sha-256=:…: for a body; no closing zero. */
void content_digest_write(struct slice body, char out[CONTENT_DIGEST_CHARS]);

#endif
