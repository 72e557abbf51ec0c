/* SPDX-License-Identifier: Apache-2.0
 *
 * HTTP Message Signatures (RFC 9421): which signature of a message counts, what it covers
 * and what exactly was signed; and making one. Knows no tokens: whose key it is and what
 * must be covered is decided elsewhere. Reading allocates nothing. */
#ifndef HTTPSIG_SIGNATURE_H
#define HTTPSIG_SIGNATURE_H

#include "crypto/es256.h"
#include "crypto/hmac.h"
#include "httpsig/message.h"
#include "httpsig/sf.h"
#include "model/alg.h"

#include <stdint.h>

enum {
    HTTPSIG_BASE_MAX_BYTES = 64 * 1024, /* a head, and each part of it more than once */
    HTTPSIG_COMPONENT_MAX_COUNT = 32,
};

/* The tag that says which of several signatures is meant for us. */
#define HTTPSIG_TAG "tokenhouse"

/* One member of Signature-Input: what is covered, and the parameters. */
struct httpsig_input {
    struct slice label;
    struct sf_value list; /* as it came */
    struct httpsig_component components[HTTPSIG_COMPONENT_MAX_COUNT];
    size_t component_count;
    bool has_created, has_expires, has_nonce, has_alg, has_keyid, has_tag;
    int64_t created_s, expires_s;
    struct slice nonce, alg, keyid, tag; /* strings, still escaped */
};

/* Reads a member of Signature-Input. STATUS_MALFORMED, `failure` says why: not an inner
 * list, a component that we do not take or that is there twice, a parameter of the wrong
 * type. Parameters that we do not know are signed like all others, and ignored. */
MUST_CHECK enum status httpsig_input_read(const struct sf_member *member,
                                          struct httpsig_input *out,
                                          struct failure *failure);

/* Has the request a Signature or a Signature-Input? */
bool httpsig_is_signed(const struct http_request *request);

/* Finds the signature that counts: the only one; or, of several, the only one whose tag
 * is "tokenhouse". `out_signature` gets its bytes, still in base64.
 * STATUS_MALFORMED, `failure` says why: there is none, its other half is missing, a field
 * is not a dictionary or has a label twice, several might be meant. */
MUST_CHECK enum status httpsig_find(const struct httpsig_message *message,
                                    struct httpsig_input *out,
                                    struct slice *out_signature, struct failure *failure);

/* Appends the signature base (RFC 9421 §2.5): what is signed. */
MUST_CHECK enum status httpsig_base_write(const struct httpsig_message *message,
                                          const struct httpsig_input *input,
                                          struct buffer *out, struct failure *failure);

/* Does it cover this part, whole and without parameters? For PART_FIELD by its name. */
bool httpsig_covers(const struct httpsig_input *input, enum httpsig_part part,
                    struct slice name);

/* "hmac-sha256", "ecdsa-p256-sha256" (RFC 9421 §3.3). */
MUST_CHECK enum status httpsig_alg_read(struct slice name, enum alg *out);
const char *httpsig_alg_name(enum alg alg);

/* Who signs: exactly one of the two keys. */
struct httpsig_key {
    const struct es256_private *es256;
    const struct hmac_key *hs256;
};

/* Signs `message`: `input` is the member's value, for example
 * ("@method");created=1;keyid="x". Appends label=input and label=:signature: to the two
 * fields, and the base to `base`, when that is not NULL. */
MUST_CHECK enum status httpsig_sign(const struct httpsig_message *message,
                                    struct slice label, struct slice input,
                                    const struct httpsig_key *key,
                                    struct buffer *out_input,
                                    struct buffer *out_signature, struct buffer *base,
                                    struct failure *failure);

#endif
