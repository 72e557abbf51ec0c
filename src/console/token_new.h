/* SPDX-License-Identifier: Apache-2.0
 *
 * What making a token and rolling one have in common at the admin API. */
#ifndef CONSOLE_TOKEN_NEW_H
#define CONSOLE_TOKEN_NEW_H

#include "console/visit.h"
#include "rules/token_make.h"

/* The member "key": {"kind": "generate"}, {"kind": "bearer"} or {"kind": "public",
 * "publicKey", "proof"}; with the proof's message, the session's challenge. */
MUST_CHECK enum status token_new_read_key(struct visit *v, const json_t *key,
                                          struct token_wish *wish);
/* The first, the last and the usual expiry date. */
void token_new_write_expiry(struct visit *v, struct json_writer *writer,
                            struct date usual);
/* {"token", "secretKey", "file"} and, of one that was rolled, "old"; NULL = none. */
MUST_CHECK enum status token_new_answer(struct visit *v, const struct token *token,
                                        const struct secret *secret,
                                        const struct token *old);
/* Rules name fields as commands know them; and a permission that cannot be had is a field
 * that is wrong. Gives `status`. */
enum status token_new_translate(struct visit *v, enum status status);

#endif
