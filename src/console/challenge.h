/* SPDX-License-Identifier: Apache-2.0
 *
 * Challenges for proofs of possession: what the holder of a private key signs to show
 * that they hold it. Bound to a session, good for an hour (and at most ten minutes more);
 * nothing is kept of them. */
#ifndef CONSOLE_CHALLENGE_H
#define CONSOLE_CHALLENGE_H

#include "console/visit.h"
#include "rules/token_make.h"

enum { CHALLENGE_CHARS = 43 };

/* The session's challenge of this moment. */
void challenge_write(const struct visit *v, char out[CHALLENGE_CHARS + 1]);
/* Reads the wish's key and proof. When a proof is there, wish->proof_message becomes the
 * challenge that it fits, in the visit's memory. MALFORMED: field "public_key" or
 * "proof". */
MUST_CHECK enum status challenge_check(struct visit *v, struct token_wish *wish,
                                       uint8_t out_key[PUBLIC_KEY_BYTES],
                                       bool *out_is_proved);

#endif
