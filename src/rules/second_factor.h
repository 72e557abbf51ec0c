/* SPDX-License-Identifier: Apache-2.0
 *
 * The second factor of a log-in: a TOTP secret in the person's app, and ten recovery
 * codes for the day on which the phone is gone. The secret is sealed under the master
 * key; of a recovery code a SHA-256 is kept. Each code works once. */
#ifndef RULES_SECOND_FACTOR_H
#define RULES_SECOND_FACTOR_H

#include "base/secret.h"
#include "model/session.h"
#include "rules/act.h"

/* Base32 without padding (RFC 4648 §6). */
enum { FACTOR_SECRET_CHARS = FACTOR_SECRET_BYTES * 8 / 5 };

struct recovery_codes {
    char texts[RECOVERY_CODE_COUNT][RECOVERY_CODE_CHARS + 1];
};
/* For AUTO(recovery_codes_done): wipes. */
void recovery_codes_done(struct recovery_codes *codes);

/* 16 characters of base32 (80 bits), four by four with dashes. */
void recovery_code_make(char out[RECOVERY_CODE_CHARS + 1]);
/* What is kept of one, however it was typed: case, blanks and dashes do not matter. */
void recovery_code_hash(struct slice typed, uint8_t out[SESSION_HASH_BYTES]);

/* Makes a secret for the actor, not yet in force, instead of one that was begun before.
 * `out_secret` gets its base32. STATUS_CONFLICT: a second factor is in force. */
MUST_CHECK enum status second_factor_begin(const struct act *act, const struct user *user,
                                           struct secret *out_secret);
/* Puts it in force if `code` is right, with fresh recovery codes; all other sessions of
 * the user end. STATUS_MALFORMED: it is
 * wrong. STATUS_CONFLICT: none was begun, or one is in force. */
MUST_CHECK enum status second_factor_prove(const struct act *act, const struct user *user,
                                           struct slice code, struct recovery_codes *out);
/* Fresh recovery codes; the old ones are void. STATUS_CONFLICT: no second factor. */
MUST_CHECK enum status second_factor_recovery(const struct act *act,
                                              const struct user *user,
                                              struct recovery_codes *out);
/* Switches one's own off. STATUS_CONFLICT: there is none. */
MUST_CHECK enum status second_factor_remove(const struct act *act,
                                            const struct user *user);
/* The same for somebody who has lost it: needs Users:Manage. STATUS_NOT_FOUND: there is
 * no such user, or none to remove. */
MUST_CHECK enum status second_factor_reset(const struct act *act, struct slice email);

/* Is `code` this user's, six digits or a recovery code? It is used up by that. */
MUST_CHECK enum status second_factor_check(const struct act *act, const struct user *user,
                                           struct slice code, bool *out_fits);
/* Does this user log in with one? */
MUST_CHECK enum status second_factor_is_in_force(struct store *store, int64_t user_id,
                                                 bool *out);

#endif
