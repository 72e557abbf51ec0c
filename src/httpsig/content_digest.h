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

struct hash_run;

enum { CONTENT_DIGEST_CHARS = 54 }; /* sha-256=:…: */

enum { CONTENT_DIGEST_MAX_COUNT = 2 }; /* that we know of */

/* What a body that comes in pieces is held against. */
struct content_digest {
    struct content_digest_one {
        struct hash_run *run;
        unsigned char wanted[64];
        const char *name;
    } ones[CONTENT_DIGEST_MAX_COUNT];
    size_t count;
};

/* Reads the field and begins. STATUS_MALFORMED: it cannot be read, or names none that we
 * know; nothing is to be closed. */
MUST_CHECK enum status content_digest_open(const struct http_header *headers,
                                           size_t header_count,
                                           struct content_digest *out,
                                           struct failure *failure);
void content_digest_add(struct content_digest *digest, struct slice bytes);
/* Had all of it every digest that the field names? STATUS_REFUSED: one is another.
 * Closes it. */
MUST_CHECK enum status content_digest_end(struct content_digest *digest,
                                          struct failure *failure);
/* Called off. Any number of times. */
void content_digest_close(struct content_digest *digest);

/* Has `body` every digest that the field names? STATUS_REFUSED: one is another;
 * STATUS_MALFORMED: the field cannot be read, or names none that we know. `failure` says
 * which. */
MUST_CHECK enum status content_digest_check(const struct http_header *headers,
                                            size_t header_count, struct slice body,
                                            struct failure *failure);

/* Writes sha-256=:…: for a body; no closing zero. */
void content_digest_write(struct slice body, char out[CONTENT_DIGEST_CHARS]);

#endif
