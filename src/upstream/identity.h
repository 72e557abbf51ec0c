/* SPDX-License-Identifier: Apache-2.0
 *
 * How an upstream learns who calls: Tokenhouse-Identity, a compact JWS (RFC 7515, 7519)
 * by the server's own key, whose public half stands in a JWK Set (RFC 7517). */
#ifndef UPSTREAM_IDENTITY_H
#define UPSTREAM_IDENTITY_H

#include "base/buffer.h"
#include "crypto/es256.h"
#include "crypto/sha256.h"
#include "model/permission.h"

#include <stdint.h>

enum {
    IDENTITY_LIFE_S = 60,
    IDENTITY_MAX_BYTES = 48 * 1024, /* 256 groups of long names */
};

struct identity_group {
    const char *uid, *name; /* closed */
};

/* Who calls whom, and with what right: the same for many requests. Borrowed. */
struct identity {
    struct slice audience; /* the upstream's name */
    struct slice token_id, title, owner;
    struct permission_set permissions; /* those that the request needs */
    const struct identity_group *groups;
    size_t group_count;
    bool is_all_devices; /* the token is limited to no groups */
    struct slice address;
};

/* An identity but for what is of one request: encoded, and hashed as far as it goes. */
struct identity_stem {
    struct buffer text;
    struct sha256_begun hash;
};

/* One JWS, but for its signature until it is signed. */
struct identity_text {
    struct buffer text;
    uint8_t digest[SHA256_BYTES]; /* of what is signed */
};

/* Our key, ready to sign. Used by many threads at once. */
struct identity_signer;

/* `key` is borrowed for the signer's life. */
struct identity_signer *identity_signer_new(const struct es256_private *key);
void identity_signer_free(struct identity_signer **signer);
/* The JWK Set with its public key, as JSON. */
struct slice identity_signer_keys(const struct identity_signer *signer);

/* Writes into `out`, whose text may be full of an older one. STATUS_TOO_LARGE: it has no
 * room; then it is of no use. */
MUST_CHECK enum status identity_begin(const struct identity_signer *signer,
                                      const struct identity *identity,
                                      struct identity_stem *out);
/* Writes what the JWS of one request signs into `out`, in the same way. An empty
 * `request_id`: it is not for one request alone. */
MUST_CHECK enum status identity_write(const struct identity_stem *stem,
                                      struct slice request_id, int64_t now_s,
                                      struct identity_text *out);
/* Makes each of the texts, up to ES256_SIGN_TOGETHER that hold what identity_write()
 * wrote and nothing else, a whole JWS. Eight together take a third of the time of eight
 * that come one by one. STATUS_TOO_LARGE: one of them has no room; STATUS_BROKEN: OpenSSL
 * failed. Then none is of use. */
MUST_CHECK enum status identity_sign(const struct identity_signer *signer, size_t count,
                                     struct identity_text *const texts[]);

#endif
