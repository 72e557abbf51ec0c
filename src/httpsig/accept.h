/* SPDX-License-Identifier: Apache-2.0
 *
 * Accept-Signature (RFC 9421 §5): a caller asks for an answer that is signed, and says
 * what the signature is to cover. */
#ifndef HTTPSIG_ACCEPT_H
#define HTTPSIG_ACCEPT_H

#include "httpsig/signature.h"

/* Who signs, and when. */
struct httpsig_answerer {
    const struct es256_private *key;
    struct slice keyid;
    int64_t now_s;
};

/* Signs `answer` (with its request) as its request asks: by the first member of
 * Accept-Signature that can be had, under its label, with its nonce and tag. Appends the
 * values of Signature-Input and Signature.
 * STATUS_NOT_FOUND: nobody asks, or nothing that is asked for can be had: another key or
 * algorithm, a component that the answer has not; the field is no dictionary. */
MUST_CHECK enum status httpsig_answer_sign(const struct httpsig_message *answer,
                                           const struct httpsig_answerer *answerer,
                                           struct buffer *out_input,
                                           struct buffer *out_signature);

#endif
